// Events, marked ranges and the grid of time behind the traces.

import type { Recording } from '../api/types';
import { css, cssFaint } from '../plot/theme_colours';
import { shownChannels, signalView } from '../state/signals';
import { eventsOf, labelText, lowerBound, type EventList, type Label } from './events';
import { laneBox } from './lanes';
import { timeStep } from './times';
import { rateOf } from './view_actions';

export interface Span {
  first_s: number;
  last_s: number;
  width: number; // CSS pixels
}

export function spanOf(r: Recording, width: number): Span {
  const view = signalView(r);
  const rate = rateOf(r);
  return { first_s: view.first.value / rate, last_s: (view.first.value + view.count.value) / rate, width };
}

export interface Band {
  first_s: number;
  last_s: number;
  label: string;
}

export const placeOf = (s: Span, seconds: number) => ((seconds - s.first_s) / (s.last_s - s.first_s)) * s.width;
export const timeTicks = (s: Span) => {
  const step = timeStep(s.last_s - s.first_s, s.width / 90);
  const from = Math.ceil(s.first_s / step - 1e-9);
  const count = Math.max(0, Math.floor(s.last_s / step + 1e-9) - from + 1);
  return { step, at: Array.from({ length: count }, (_, i) => (from + i) * step) };
};

function vertical(c: CanvasRenderingContext2D, x: number, top: number, bottom: number) {
  const at = Math.round(x) + 0.5;
  c.moveTo(at, top);
  c.lineTo(at, bottom);
}

export function drawGrid(c: CanvasRenderingContext2D, r: Recording, width: number, height: number) {
  const lanes = shownChannels(signalView(r)).length;
  c.fillStyle = cssFaint('--ink', 0.025);
  for (let i = 1; i < lanes; i += 2) {
    const box = laneBox(i, lanes, height);
    c.fillRect(0, box.top, width, box.height);
  }
  const span = spanOf(r, width);
  c.strokeStyle = css('--line');
  c.lineWidth = 1;
  c.beginPath();
  for (const t of timeTicks(span).at) vertical(c, placeOf(span, t), 0, height);
  c.stroke();
}

// The events of a label on the screen, as indices of its onsets.
function visible(span: Span, label: Label, offset_s: number): [number, number] {
  return [lowerBound(label.onsets, span.first_s - offset_s), lowerBound(label.onsets, span.last_s - offset_s)];
}

// At most one line for each pixel.
function drawLabel(c: CanvasRenderingContext2D, span: Span, label: Label, offset_s: number, height: number) {
  const [from, to] = visible(span, label, offset_s);
  let last = -1;
  c.beginPath();
  for (let i = from; i < to; i++) {
    const x = Math.round(placeOf(span, (label.onsets[i] as number) + offset_s));
    if (x !== last) vertical(c, x, 0, height);
    last = x;
  }
  c.stroke();
}

const tickHeight = 7;

// Where lines would cover the traces they become ticks at the upper edge.
function drawAll(c: CanvasRenderingContext2D, span: Span, label: Label, isChosen: boolean, height: number) {
  const [from, to] = visible(span, label, 0);
  const density = (to - from) / span.width;
  c.strokeStyle = css(label.colour);
  c.globalAlpha = Math.min(isChosen ? 0.9 : 0.55, Math.max(0.12, (isChosen ? 0.02 : 0.012) / density));
  if (density < 0.2) drawLabel(c, span, label, 0, height);
  c.globalAlpha = 0.9;
  if (density > 0.03) drawLabel(c, span, label, 0, tickHeight);
}

function drawNames(c: CanvasRenderingContext2D, r: Recording, span: Span) {
  const { all, onsets, byName } = eventsOf(r);
  c.textBaseline = 'top';
  const ends = [-1, -1]; // of two rows of names
  const first = lowerBound(onsets, span.first_s);
  for (let i = first; i < all.length; i++) {
    const e = all[i];
    if (!e || e.onset_s > span.last_s) break;
    if (i - first > 400) return;
    const x = placeOf(span, e.onset_s);
    const row = ends.findIndex((end) => x > end + 4);
    if (row < 0) continue;
    const text = labelText(e.label);
    ends[row] = x + 3 + c.measureText(text).width;
    c.fillStyle = css(byName.get(e.label)?.colour ?? '--ink-2');
    c.fillText(text, x + 3, 2 + 12 * row);
  }
}

export function drawEvents(c: CanvasRenderingContext2D, r: Recording, width: number, height: number) {
  const view = signalView(r);
  if (!view.areEventsShown.value) return;
  const span = spanOf(r, width);
  c.lineWidth = 1;
  for (const label of eventsOf(r).labels) drawAll(c, span, label, label.name === view.pattern.value, height);
  const pattern = eventsOf(r).byName.get(view.pattern.value);
  if (pattern && view.offset_s.value !== 0) {
    c.globalAlpha = 1;
    c.strokeStyle = css('--mark');
    c.setLineDash([4, 3]);
    drawLabel(c, span, pattern, view.offset_s.value, height);
    c.setLineDash([]);
  }
  c.globalAlpha = 1;
  const { onsets } = eventsOf(r);
  if (lowerBound(onsets, span.last_s) - lowerBound(onsets, span.first_s) < width / 45) drawNames(c, r, span);
}

export const markColour = (label: string) => (label === 'erase' ? '--cursor' : '--error');

// Stretches that the recording's own events mark as bad, named as marks are.
const ownBad = new WeakMap<EventList, Band[]>();
function badEvents(list: EventList): Band[] {
  const made =
    ownBad.get(list) ??
    list.all
      .filter((e) => e.duration_s > 0 && /(^|\/)bad/i.test(e.label))
      .map((e) => ({ first_s: e.onset_s, last_s: e.onset_s + e.duration_s, label: /(^|\/)bad_erase/i.test(e.label) ? 'erase' : 'bad' }));
  ownBad.set(list, made);
  return made;
}

// All that is not to count: marks, and stretches of bad events.
export const badBands = (r: Recording): Band[] => [...badEvents(eventsOf(r)), ...signalView(r).marked.value];

export function drawMarked(c: CanvasRenderingContext2D, r: Recording, span: Span, height: number, draft: Band | null) {
  const view = signalView(r);
  const own = view.areEventsShown.value ? badEvents(eventsOf(r)) : [];
  for (const m of [...own, ...view.marked.value, ...(draft ? [draft] : [])]) {
    const a = placeOf(span, Math.min(m.first_s, m.last_s));
    const b = placeOf(span, Math.max(m.first_s, m.last_s));
    if (b < 0 || a > span.width) continue;
    c.fillStyle = cssFaint(markColour(m.label), 0.16);
    c.fillRect(a, 0, Math.max(1, b - a), height);
    c.fillStyle = cssFaint(markColour(m.label), 0.8);
    c.fillRect(a, 0, 1, height);
    c.fillRect(b - 1, 0, 1, height);
  }
}
