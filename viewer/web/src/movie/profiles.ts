// Values along a row or column of the frame, with the lowest and highest around it.

import type { Frame } from '../api/types';

export type Axis = 'row' | 'column';

export interface Profile {
  values: Float64Array; // one for each pixel along the line
  low: Float64Array | null; // of a band of rows (or columns) around the line
  high: Float64Array | null;
}

// Where the values of a pixel begin; -1: it is not in the frame.
export function placeIn(frame: Frame, x: number, y: number): number {
  const column = (x - (frame.corner?.x ?? 0)) >> frame.level;
  const row = (y - (frame.corner?.y ?? 0)) >> frame.level;
  return column < 0 || row < 0 || column >= frame.width || row >= frame.height ? -1 : (row * frame.width + column) * frame.n_colours;
}

// The value of one pixel; colour -1: mean over its colours.
function valueAt(frame: Frame, x: number, y: number, colour: number): number {
  const at = placeIn(frame, x, y);
  if (at < 0) return NaN;
  if (colour >= 0) return frame.values[at + colour] as number;
  let sum = 0;
  for (let c = 0; c < frame.n_colours; c++) sum += frame.values[at + c] as number;
  return sum / frame.n_colours;
}

// sharp: a part in more detail, which counts where it reaches.
export function profileOf(frame: Frame, sharp: Frame | null, axis: Axis, line: number, length: number, band: number, colour = -1): Profile {
  const value = (x: number, y: number) => valueAt(sharp && placeIn(sharp, x, y) >= 0 ? sharp : frame, x, y, colour);
  const at = axis === 'row' ? value : (i: number, k: number) => value(k, i);
  const values = Float64Array.from({ length }, (_, i) => at(i, line));
  if (band <= 1) return { values, low: null, high: null };
  const first = line - Math.floor((band - 1) / 2);
  const low = new Float64Array(length).fill(Infinity);
  const high = new Float64Array(length).fill(-Infinity);
  for (let k = first; k < first + band; k++)
    for (let i = 0; i < length; i++) {
      const v = at(i, k);
      if (v < (low[i] as number)) low[i] = v;
      if (v > (high[i] as number)) high[i] = v;
    }
  return { values, low: low.map(orNothing), high: high.map(orNothing) };
}

const orNothing = (v: number) => (Number.isFinite(v) ? v : NaN);
