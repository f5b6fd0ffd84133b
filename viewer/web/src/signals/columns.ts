// From tiles to the screen: of each column of pixels, between which values a trace runs. Nothing that lies in a column is left out.

import { coarser, finer, placesOf, widthOf, type Tile } from './tiles';

export interface Columns {
  low: Float32Array; // by pixel; NaN: nothing there
  high: Float32Array;
}

export interface Window {
  first: number; // sample at the left edge
  perPixel: number; // samples
  width: number; // pixels
}

// Where samples come from: a recording, or the difference of two.
export interface Rows {
  tile(step: number, index: number): Tile | undefined;
  row(tile: Tile, channel: number): Float32Array | undefined;
  sample(channel: number, s: number): number;
}

interface Piece {
  tile: Tile;
  row: Float32Array;
  from: number; // samples to draw
  to: number;
}

export const makeColumns = (width: number): Columns => ({ low: new Float32Array(width), high: new Float32Array(width) });

function piece(rows: Rows, channel: number, step: number, index: number, from: number, to: number): Piece | null {
  const tile = rows.tile(step, index);
  const row = tile && rows.row(tile, channel);
  return tile && row ? { tile, row, from: Math.max(from, tile.first), to: Math.min(to, tile.first + tile.count) } : null;
}

// The tile itself, or what there is of other steps: a coarser one, else finer ones with holes between.
function cover(rows: Rows, channel: number, step: number, index: number): Piece[] {
  const from = index * widthOf(step);
  const to = from + widthOf(step);
  for (let s = step, i = 0; i < 9; s = coarser(s), i++) {
    const found = piece(rows, channel, s, Math.floor(from / widthOf(s)), from, to);
    if (found) return [found];
  }
  for (let s = finer(step), i = 0; i < 4; s = finer(s), i++) {
    const found = placesOf(from, to - from - 1, s, Infinity).flatMap((p) => piece(rows, channel, s, p.index, from, to) ?? []);
    if (found.length > 0) return found;
    if (s === 1) break;
  }
  return [];
}

// Lowest and highest values of columns of samples. A column that lies on two pixels counts in both.
function addPairs(p: Piece, w: Window, out: Columns) {
  const { tile, row } = p;
  const each = tile.count / tile.columns;
  const last = w.first + w.width * w.perPixel;
  const from = Math.max(0, Math.floor((Math.max(p.from, w.first) - tile.first) / each));
  const to = Math.min(tile.columns, Math.ceil((Math.min(p.to, last) - tile.first) / each));
  const scale = each / w.perPixel;
  const start = (tile.first - w.first) / w.perPixel;
  for (let k = from; k < to; k++) {
    const low = row[2 * k] as number;
    const high = row[2 * k + 1] as number;
    if (Number.isNaN(low)) continue;
    const begin = Math.max(0, Math.floor(start + k * scale + 1e-6));
    const end = Math.min(w.width - 1, Math.ceil(start + (k + 1) * scale - 1e-6) - 1);
    for (let x = begin; x <= end; x++) {
      if (!((out.low[x] as number) <= low)) out.low[x] = low;
      if (!((out.high[x] as number) >= high)) out.high[x] = high;
    }
  }
}

function widen(out: Columns, x: number, a: number, b: number) {
  if (x < 0 || x >= out.low.length) return;
  const low = Math.min(a, b);
  const high = Math.max(a, b);
  if (!((out.low[x] as number) <= low)) out.low[x] = low;
  if (!((out.high[x] as number) >= high)) out.high[x] = high;
}

// The straight line from one sample to the next.
function addLine(out: Columns, xa: number, a: number, xb: number, b: number) {
  const last = Math.min(out.low.length - 1, Math.floor(xb));
  for (let x = Math.max(0, Math.floor(xa)); x <= last; x++) {
    const left = Math.max(xa, x);
    const right = Math.min(xb, x + 1);
    if (right < left) continue;
    const slope = xb > xa ? (b - a) / (xb - xa) : 0;
    widen(out, x, a + slope * (left - xa), a + slope * (right - xa));
  }
}

function addSamples(p: Piece, channel: number, rows: Rows, w: Window, out: Columns) {
  const { tile, row } = p;
  const end = Math.min(p.to, Math.ceil(w.first + w.width * w.perPixel) + 1);
  const from = Math.max(p.from, Math.floor(w.first) - 1);
  for (let s = from; s < end; s++) {
    const a = row[s - tile.first] as number;
    if (Number.isNaN(a)) continue;
    const b = s + 1 < tile.first + tile.count ? (row[s + 1 - tile.first] as number) : rows.sample(channel, s + 1);
    const x = (s - w.first) / w.perPixel;
    if (Number.isNaN(b)) widen(out, Math.floor(x), a, a);
    else if (x < 0) addLine(out, x, a, x + 1 / w.perPixel, b);
    else if (w.perPixel >= 1 && Math.floor(x) === Math.floor(x + 1 / w.perPixel)) widen(out, Math.floor(x), a, b);
    else addLine(out, x, a, x + 1 / w.perPixel, b);
  }
}

// Only as good as what has been loaded.
export function columnsOf(rows: Rows, channel: number, step: number, nTimes: number, w: Window, out: Columns) {
  out.low.fill(NaN);
  out.high.fill(NaN);
  for (const place of placesOf(w.first, w.width * w.perPixel, step, nTimes))
    for (const p of cover(rows, channel, place.step, place.index))
      if (p.tile.isSamples) addSamples(p, channel, rows, w, out);
      else addPairs(p, w, out);
}

// ---- What a lane needs to know of its columns

const scratch = new Float64Array(512);

// At most so many values spread over the screen, in ascending order; a view that is valid until the next call.
function sorted(columns: Columns, pick: (low: number, high: number) => number): Float64Array {
  const stride = Math.max(1, Math.floor(columns.low.length / 256));
  let n = 0;
  for (let x = 0; x < columns.low.length && n < scratch.length; x += stride) {
    const v = pick(columns.low[x] as number, columns.high[x] as number);
    if (!Number.isNaN(v)) scratch[n++] = v;
  }
  return scratch.subarray(0, n).sort();
}

export function middleOf(columns: Columns): number {
  const all = sorted(columns, (low, high) => (low + high) / 2);
  return all.length === 0 ? 0 : (all[Math.floor(all.length / 2)] as number);
}

// What 95 % of the columns stay within.
export function spreadOf(columns: Columns): number {
  const low = sorted(columns, (l) => l);
  if (low.length === 0) return NaN;
  const bottom = low[Math.floor(0.05 * (low.length - 1))] as number;
  const high = sorted(columns, (_, h) => h);
  return (high[Math.ceil(0.95 * (high.length - 1))] as number) - bottom;
}
