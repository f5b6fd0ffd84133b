// Draws traces straight into pixels: of each column a vertical stroke with soft ends. Two hundred thousand of them take some milliseconds.

import type { Columns } from './columns';

export interface Raster {
  width: number;
  height: number;
  pixels: Uint32Array; // as ImageData has them
}

export interface Stroke {
  colour: number; // 0x00bbggrr
  strength: number; // 0 to 1
  half: number; // half the thickness, pixels
  scale: number; // pixels per unit
  zero: number; // row of value `offset`
  offset: number;
  top: number; // rows outside of [top, bottom) are left alone
  bottom: number;
}

// "rgb(1, 2, 3)" as 0x00bbggrr.
export function packed(css: string): number {
  const [r = 0, g = 0, b = 0] = (css.match(/[\d.]+/g) ?? []).map(Number);
  return (Math.round(b) << 16) | (Math.round(g) << 8) | Math.round(r);
}

// One colour over another that is there already; the stronger of two strokes of one colour.
function put(r: Raster, at: number, colour: number, cover: number) {
  const there = r.pixels[at] as number;
  const alpha = Math.round(255 * cover);
  const old = there >>> 24;
  if (old === 0 || (there & 0xffffff) === colour) {
    if (alpha >= old) r.pixels[at] = ((alpha << 24) | colour) >>> 0;
    return;
  }
  const rest = old * (1 - cover);
  const sum = alpha + rest;
  const mix = (shift: number) => Math.round((((colour >> shift) & 255) * alpha + ((there >> shift) & 255) * rest) / sum) << shift;
  r.pixels[at] = ((Math.round(sum) << 24) | mix(16) | mix(8) | mix(0)) >>> 0;
}

function drawColumn(r: Raster, x: number, from: number, to: number, s: Stroke) {
  const a = Math.max(from, s.top);
  const b = Math.min(to, s.bottom);
  if (!(b > a)) return;
  const firstRow = Math.floor(a);
  const lastRow = Math.ceil(b) - 1;
  const full = ((Math.round(255 * s.strength) << 24) | s.colour) >>> 0;
  for (let y = firstRow; y <= lastRow; y++) {
    const cover = Math.min(b, y + 1) - Math.max(a, y);
    if (cover >= 1 && s.strength === 1) r.pixels[y * r.width + x] = full;
    else put(r, y * r.width + x, s.colour, Math.min(1, cover) * s.strength);
  }
}

// Strokes of neighbours are joined, so that steep slopes have no holes.
export function drawTrace(r: Raster, columns: Columns, s: Stroke) {
  let lastLow = NaN;
  let lastHigh = NaN;
  for (let x = 0; x < r.width; x++) {
    const low = columns.low[x] as number;
    const high = columns.high[x] as number;
    if (Number.isNaN(low)) {
      lastLow = lastHigh = NaN;
      continue;
    }
    const bottom = lastHigh < low ? (lastHigh + low) / 2 : low;
    const top = lastLow > high ? (lastLow + high) / 2 : high;
    if (lastHigh < low) drawColumn(r, x - 1, rowOf(s, (lastHigh + low) / 2), rowOf(s, lastHigh), s);
    if (lastLow > high) drawColumn(r, x - 1, rowOf(s, lastLow), rowOf(s, (lastLow + high) / 2), s);
    drawColumn(r, x, rowOf(s, top) - s.half, rowOf(s, bottom) + s.half, s);
    lastLow = low;
    lastHigh = high;
  }
}

export const rowOf = (s: Stroke, value: number) => s.zero - (value - s.offset) * s.scale;

export function drawDot(r: Raster, x: number, y: number, size: number, s: Stroke) {
  for (let i = Math.round(x - size / 2); i < Math.round(x + size / 2); i++) if (i >= 0 && i < r.width) drawColumn(r, i, y - size / 2, y + size / 2, s);
}
