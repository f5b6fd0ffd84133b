// Values along a row or column of the frame, with the lowest and highest around it.

import type { Frame } from '../api/types';

export type Axis = 'row' | 'column';

export interface Profile {
  values: Float64Array; // one for each pixel along the line
  low: Float64Array | null; // of a band of rows (or columns) around the line
  high: Float64Array | null;
}

// The value of one pixel; colour -1: mean over its colours.
export function valueAt(frame: Frame, x: number, y: number, colour = -1): number {
  const column = x >> frame.level;
  const row = y >> frame.level;
  if (column < 0 || row < 0 || column >= frame.width || row >= frame.height) return NaN;
  const at = (row * frame.width + column) * frame.n_colours;
  if (colour >= 0) return frame.values[at + colour] as number;
  let sum = 0;
  for (let c = 0; c < frame.n_colours; c++) sum += frame.values[at + c] as number;
  return sum / frame.n_colours;
}

export function profileOf(frame: Frame, axis: Axis, line: number, length: number, band: number, colour = -1): Profile {
  const at = axis === 'row' ? (i: number, k: number) => valueAt(frame, i, k, colour) : (i: number, k: number) => valueAt(frame, k, i, colour);
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
