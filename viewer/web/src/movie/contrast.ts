// Which values are drawn darkest and brightest.

import type { Frame } from '../api/types';
import { isReferenceOn, type MovieView } from '../state/movie';
import { scanExtremes, scanMax, scanMin, type Scan } from './scan';
import { extremes, percentiles, type Extremes } from './statistics';

export interface Limits {
  low: number;
  high: number;
}

const isLive = (view: MovieView) => isReferenceOn(view.live.value.subtract) || isReferenceOn(view.live.value.divide);

// Two colours are for values on both sides of 0: always after a subtraction, else if neither side is a trifle.
export function isTwoSided(view: MovieView, { low, high }: Limits): boolean {
  if (!(low < 0 && high > 0)) return false;
  return isReferenceOn(view.live.value.subtract) || Math.min(-low, high) > 0.1 * Math.max(-low, high);
}

// Both sides of 0 get the same room if the map has chosen itself: its middle is 0.
function evened(limits: Limits, view: MovieView): Limits {
  if (view.colourMap.value !== 'auto' || !isTwoSided(view, limits)) return limits;
  const most = Math.max(-limits.low, limits.high);
  return { low: -most, high: most };
}

function ofFrame(view: MovieView, frame: Frame, scan: Scan | null): Limits {
  const shown = view.shownFrame.value;
  // A coarser level, or a part, does not have all extremes; the scan knows them.
  if ((frame.level > 0 || frame.corner) && scan && view.reduced.value === '' && !isLive(view) && !Number.isNaN(scanMin(scan, shown)))
    return { low: scanMin(scan, shown), high: scanMax(scan, shown) };
  const { min, max } = extremes(frame);
  return { low: min, high: max };
}

function ofMovie(view: MovieView, frame: Frame, scan: Scan | null): Limits {
  const own = extremes(frame);
  const all = scan && view.reduced.value === '' && !isLive(view) ? scanExtremes(scan) : null;
  if (all) return { low: Math.min(all.min, own.min), high: Math.max(all.max, own.max) };
  return widened(view, own);
}

// Without a scan of what is shown: limits that only widen, until something else is shown.
const widest = new WeakMap<MovieView, Extremes & { what: string }>();
function widened(view: MovieView, own: Extremes): Limits {
  const what = JSON.stringify([view.live.value, view.reduced.value]);
  const before = widest.get(view);
  const now = before?.what === what ? { min: Math.min(before.min, own.min), max: Math.max(before.max, own.max) } : own;
  widest.set(view, { ...now, what });
  return { low: now.min, high: now.max };
}

// null: they stay as they are.
export function contrastOf(view: MovieView, frame: Frame, scan: Scan | null): Limits | null {
  const { mode, trim } = view.contrast.value;
  if (mode === 'manual' || (mode === 'trim' && frame.corner)) return null;
  let found: Limits;
  if (mode === 'trim') {
    const [low = NaN, high = NaN] = percentiles(frame, [trim, 100 - trim]);
    found = { low, high };
  } else found = mode === 'movie' ? ofMovie(view, frame, scan) : ofFrame(view, frame, scan);
  return Number.isNaN(found.low) ? null : evened(found, view);
}

export function setLimits(view: MovieView, low: number, high: number) {
  if (Number.isFinite(low) && Number.isFinite(high)) view.contrast.value = { ...view.contrast.peek(), mode: 'manual', low: Math.min(low, high), high: Math.max(low, high) };
}
