// Exact statistics of the numbers of a frame.

import type { Frame } from '../api/types';

export interface Extremes {
  min: number; // NaN: no number at all
  max: number;
}

type Values = Frame['values'];

const known = new WeakMap<Frame, Extremes>();

export function extremes(frame: Frame): Extremes {
  let found = known.get(frame);
  if (!found) {
    found = frame.type.startsWith('float') ? floatExtremes(frame.values) : integerExtremes(frame.values);
    known.set(frame, found);
  }
  return found;
}

function integerExtremes(values: Values): Extremes {
  let min = values[0] ?? NaN;
  let max = min;
  for (let i = 1; i < values.length; i++) {
    const v = values[i] as number;
    if (v < min) min = v;
    if (v > max) max = v;
  }
  return { min, max };
}

// Neither NaN nor infinite values count.
function floatExtremes(values: Values): Extremes {
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const v = values[i] as number;
    if (v < min && v !== -Infinity) min = v;
    if (v > max && v !== Infinity) max = v;
  }
  return min <= max ? { min, max } : { min: NaN, max: NaN };
}

export interface Counts {
  first: number; // lower edge of the first bin
  width: number; // of a bin
  counts: Float64Array;
}

export function histogram(frame: Frame, mostBins: number): Counts | null {
  const { min, max } = extremes(frame);
  if (Number.isNaN(min)) return null;
  const isInteger = !frame.type.startsWith('float');
  const span = isInteger ? max - min + 1 : max - min || 1;
  const width = isInteger ? Math.max(1, Math.ceil(span / mostBins)) : span / mostBins;
  const bins = isInteger ? Math.ceil(span / width) : mostBins;
  const counts = new Float64Array(bins);
  const { values } = frame;
  const gain = 1 / width;
  for (let i = 0; i < values.length; i++) {
    const place = Math.floor(((values[i] as number) - min) * gain);
    if (place >= 0 && place < bins) count(counts, place);
    else if (values[i] === max) count(counts, bins - 1);
  }
  return { first: isInteger ? min - 0.5 : min, width, counts };
}

// The value of rank k (0: the smallest) among the numbers of the frame: bins are refined until few values are left.
function ranked(values: Values, low: number, high: number, k: number): number {
  const bins = 4096;
  for (;;) {
    const gain = bins / (high - low);
    if (!(high > low) || !Number.isFinite(gain)) return low;
    const counts = new Uint32Array(bins);
    for (let i = 0; i < values.length; i++) {
      const v = values[i] as number;
      if (v >= low && v <= high) count(counts, binOf(v, low, gain, bins));
    }
    let bin = 0;
    while (bin < bins - 1 && k >= (counts[bin] ?? 0)) k -= counts[bin++] ?? 0;
    const inside: number[] = [];
    let least = Infinity;
    let most = -Infinity;
    for (let i = 0; i < values.length; i++) {
      const v = values[i] as number;
      if (!(v >= low && v <= high) || binOf(v, low, gain, bins) !== bin) continue;
      if (v < least) least = v;
      if (v > most) most = v;
      if (inside.length <= 10000) inside.push(v);
    }
    if (least === most) return least;
    if (inside.length <= 10000) return inside.sort((a, b) => a - b)[k] ?? NaN;
    low = least;
    high = most;
  }
}

const count = (counts: Uint32Array | Float64Array, place: number) => (counts[place] = (counts[place] as number) + 1);
const binOf = (v: number, low: number, gain: number, bins: number) => Math.min(bins - 1, Math.floor((v - low) * gain));

// Percentiles, linear between neighbours of rank p / 100 (n - 1).
export function percentiles(frame: Frame, wanted: number[]): number[] {
  const { min, max } = extremes(frame);
  if (Number.isNaN(min)) return wanted.map(() => NaN);
  const at = frame.type.startsWith('float') || max - min > 70000 ? floatRanks(frame.values, min, max) : integerRanks(frame.values, min, max);
  return wanted.map((p) => {
    const place = (p / 100) * (at.n - 1);
    const k = Math.floor(place);
    const low = at.rank(k);
    return place === k ? low : low + (place - k) * (at.rank(k + 1) - low);
  });
}

interface Ranks {
  n: number;
  rank(k: number): number;
}

function integerRanks(values: Values, min: number, max: number): Ranks {
  const counts = new Uint32Array(max - min + 1);
  for (let i = 0; i < values.length; i++) count(counts, (values[i] as number) - min);
  return {
    n: values.length,
    rank(k) {
      let i = 0;
      while (i < counts.length - 1 && k >= (counts[i] ?? 0)) k -= counts[i++] ?? 0;
      return min + i;
    },
  };
}

function floatRanks(values: Values, min: number, max: number): Ranks {
  let n = 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i] as number;
    if (v >= min && v <= max) n++;
  }
  return { n, rank: (k) => ranked(values, min, max, Math.min(k, n - 1)) };
}
