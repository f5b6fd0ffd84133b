// What the distances between events say: how regular they are, what is missing, what is too much.

export interface Oddity {
  at_s: number; // of the event behind the distance
  interval_s: number;
  what: 'missing' | 'extra' | 'jitter' | 'pause';
  text: string;
}

export interface Triggers {
  n: number;
  median_s: number;
  period_s: number; // mean of the distances that are one period: finer than the samples
  shortest_s: number;
  longest_s: number;
  spread_s: number; // robust standard deviation of the distances that are about one period
  isRegular: boolean; // four of five distances are one period
  intervals: Float64Array; // interval i is from event i to event i + 1
  oddities: Oddity[];
  missing: number; // events that are missing, as far as distances tell
}

const longestGap = 64; // periods; beyond it a pause between two scans

function medianOf(values: Float64Array): number {
  const s = Float64Array.from(values).sort();
  const m = s.length >> 1;
  return s.length % 2 === 1 ? (s[m] as number) : ((s[m - 1] as number) + (s[m] as number)) / 2;
}

const text = (seconds: number) => `${Number((1000 * seconds).toPrecision(6))} ms`;

// What is wrong with one distance; null: nothing.
function classify(interval: number, median: number, tolerance: number, at_s: number): Oddity | null {
  const ratio = interval / median;
  const whole = Math.round(ratio);
  if (Math.abs(interval - median) <= tolerance) return null;
  if (ratio > longestGap) return { at_s, interval_s: interval, what: 'pause', text: `a pause of ${Number(interval.toPrecision(5))} s` };
  if (whole > 1 && Math.abs(interval - whole * median) <= 2 * tolerance + 1e-3 * interval) return { at_s, interval_s: interval, what: 'missing', text: `${whole - 1} missing before it` };
  if (ratio < 0.75) return { at_s, interval_s: interval, what: 'extra', text: `only ${text(interval)} after the one before` };
  if (ratio < 1.25) return { at_s, interval_s: interval, what: 'jitter', text: `${interval > median ? 'late' : 'early'} by ${text(Math.abs(interval - median))}` };
  return { at_s, interval_s: interval, what: 'missing', text: `${Number(ratio.toPrecision(3))} periods after the one before: no whole number` };
}

// An event too many makes two short distances that add up to a period, or to several.
function findOddities(onsets: Float64Array, intervals: Float64Array, median: number, tolerance: number): Oddity[] {
  const found: Oddity[] = [];
  for (let i = 0; i < intervals.length; i++) {
    const own = intervals[i] as number;
    const at_s = onsets[i + 1] as number;
    const both = own + (intervals[i + 1] ?? NaN);
    const isBetween = Math.min(own, intervals[i + 1] ?? NaN) < 0.75 * median && Math.abs(both - median) <= 2 * tolerance;
    const odd = isBetween ? { at_s, interval_s: own, what: 'extra' as const, text: `one too many, ${text(own)} after the one before` } : classify(own, median, tolerance, at_s);
    if (odd) found.push(odd);
    if (isBetween) i++;
  }
  return found;
}

function analyseFresh(onsets: Float64Array, rate_hz: number): Triggers | null {
  const n = onsets.length;
  if (n < 2) return null;
  const intervals = Float64Array.from({ length: n - 1 }, (_, i) => (onsets[i + 1] as number) - (onsets[i] as number));
  const median = medianOf(intervals);
  const near = intervals.filter((d) => Math.abs(d - median) < 0.25 * median + 1.5 / rate_hz);
  const middle = near.length > 0 ? medianOf(near) : median;
  const spread = near.length > 0 ? 1.4826 * medianOf(near.map((d) => Math.abs(d - middle))) : 0;
  // Rounding two events to samples moves their distance by up to a sample.
  const tolerance = Math.max(1.5 / rate_hz, 5 * spread);
  const periods = near.filter((d) => Math.abs(d - median) <= tolerance);
  const period = periods.length > 0 ? periods.reduce((sum, d) => sum + d, 0) / periods.length : median;
  const isRegular = median > 0 && intervals.filter((d) => Math.abs(d - median) < 0.02 * median + 2 / rate_hz).length >= 0.8 * intervals.length;
  const oddities = isRegular ? findOddities(onsets, intervals, median, tolerance) : [];
  const missing = oddities.filter((o) => o.what === 'missing').reduce((sum, o) => sum + Math.max(0, Math.round(o.interval_s / median) - 1), 0);
  let shortest = Infinity;
  let longest = 0;
  for (const d of intervals) {
    shortest = Math.min(shortest, d);
    longest = Math.max(longest, d);
  }
  return { n, median_s: median, period_s: period, shortest_s: shortest, longest_s: longest, spread_s: spread, isRegular, intervals, oddities, missing };
}

const known = new WeakMap<Float64Array, Triggers | null>();

// null: fewer than two events.
export function analyse(onsets: Float64Array, rate_hz: number): Triggers | null {
  let found = known.get(onsets);
  if (found === undefined) {
    found = analyseFresh(onsets, rate_hz);
    known.set(onsets, found);
  }
  return found;
}

// The label as the step triggers takes it: letters that mean something there go into a regular expression.
export function patternFor(label: string): string {
  const isPlain = !/[*?]/.test(label) && !/^\/.*\/$/.test(label) && label !== 'auto';
  return isPlain ? label : `/^${label.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}$/`;
}
