// Spectra of what is shown.

import { signal } from '@preact/signals';
import { api } from '../api/client';
import type { Recording } from '../api/types';
import { other } from '../state/app';
import { shownChannels, signalView } from '../state/signals';
import { channelText } from './channel_text';
import { badBands } from './event_marks';
import { overlayOf } from './overlay';
import { rateOf } from './view_actions';

export type Stretch = 'screen' | 'whole';
export type Which = 'chosen' | 'mean';

export const options = {
  stretch: signal<Stretch>('screen'),
  which: signal<Which>('chosen'),
  segment_s: signal(2),
  most_hz: signal(100), // 0: all
  isLogX: signal(false),
  isLogY: signal(true),
  isSkipping: signal(true), // of what is marked
};

interface Part {
  first: number; // samples
  count: number;
}

export interface Wanted {
  id: string;
  channels: number[];
  parts: Part[]; // without what is marked
  segment: number;
  second: { id: string; channels: number[]; parts: Part[] } | null;
}

export interface Spectrum {
  hz: Float64Array;
  own: Float64Array;
  theirs: Float64Array | null;
  channels: number[];
  parts: number;
  segment_s: number;
}

const longestSegment = 1 << 20;

function part(r: Recording, first: number, count: number): Part {
  const from = Math.max(0, Math.min(r.n_times, Math.round(first)));
  return { first: from, count: Math.max(0, Math.min(r.n_times - from, Math.round(first + count) - from)) };
}

// What is left between marked ranges, where a segment has room.
function goodParts(r: Recording, { first, count }: Part, segment: number): Part[] {
  const rate = rateOf(r);
  const bands = options.isSkipping.value ? badBands(r).sort((a, b) => a.first_s - b.first_s) : [];
  const made: Part[] = [];
  let from = first;
  for (const band of [...bands, { first_s: (first + count) / rate, last_s: Infinity }]) {
    const to = Math.min(first + count, Math.round(band.first_s * rate));
    if (to - from >= segment) made.push({ first: from, count: to - from });
    from = Math.max(from, Math.round(band.last_s * rate));
  }
  return made;
}

export function wantedSpectrum(r: Recording): Wanted | null {
  const view = signalView(r);
  const { stretch, which, segment_s } = options;
  const isWhole = stretch.value === 'whole';
  const own = isWhole ? { first: 0, count: r.n_times } : part(r, view.first.value, view.count.value);
  const bad = new Set(view.bad.value);
  const good = shownChannels(view).filter((c) => r.channels[c]?.unit === r.channels[view.chosen.value]?.unit && !bad.has(r.channels[c]?.name ?? ''));
  const channels = which.value === 'mean' && good.length > 0 ? good : [view.chosen.value];
  const segment = Math.min(longestSegment, own.count, Math.max(2, Math.round(segment_s.value * rateOf(r))));
  if (r.rate_hz === null || segment < 2) return null;
  const parts = goodParts(r, own, segment);
  if (parts.length === 0) return null;
  const overlay = overlayOf(r);
  const theirs = overlay ? channels.flatMap((c) => overlay.channelOf.get(c) ?? []) : [];
  const there = overlay ? parts.map((p) => part(overlay.recording, p.first - overlay.shift, p.count)).filter((p) => p.count >= segment) : [];
  const hasSecond = overlay && there.length > 0 && theirs.length > 0;
  return { id: r.id, channels, parts, segment, second: hasSecond ? { id: overlay.recording.id, channels: theirs, parts: there } : null };
}

// Mean over channels: of densities, not of signals.
function meanRows(values: Float64Array, bins: number): Float64Array {
  const rows = values.length / bins;
  const mean = new Float64Array(bins);
  for (let row = 0; row < rows; row++) for (let i = 0; i < bins; i++) mean[i] = (mean[i] as number) + (values[row * bins + i] as number) / rows;
  return mean;
}

// Mean over parts, each as often as it holds segments; a part in which all samples are missing takes none.
function meanParts(powers: Float64Array[], weights: number[]): Float64Array {
  const there = powers.map((p, i) => ({ p, weight: weights[i] ?? 0 })).filter(({ p }) => !Number.isNaN(p[0]));
  const total = there.reduce((sum, { weight }) => sum + weight, 0);
  return Float64Array.from(powers[0] ?? [], (_, i) => (total > 0 ? there.reduce((sum, { p, weight }) => sum + weight * (p[i] as number), 0) / total : NaN));
}

async function one(id: string, channels: number[], parts: Part[], segment: number, signal: AbortSignal) {
  const answers = await Promise.all(parts.map((p) => api.spectrum(id, channelText(channels), p.first, p.count, segment, signal)));
  const powers = answers.map((a) => meanRows(a.values, a.bins));
  const weights = parts.map((p) => Math.floor((p.count - segment) / Math.max(1, Math.floor(segment / 2))) + 1);
  return { bin: answers[0]?.bin_hz ?? NaN, power: powers.length === 1 && powers[0] ? powers[0] : meanParts(powers, weights) };
}

export async function fetchSpectrum(w: Wanted, signal: AbortSignal): Promise<Spectrum> {
  const [own, theirs] = await Promise.all([
    one(w.id, w.channels, w.parts, w.segment, signal),
    w.second ? one(w.second.id, w.second.channels, w.second.parts, w.segment, signal) : null,
  ]);
  const hz = Float64Array.from(own.power, (_, i) => i * own.bin);
  return { hz, own: own.power, theirs: theirs?.power ?? null, channels: w.channels, parts: w.parts.length, segment_s: w.segment > 0 ? 1 / own.bin : 0 };
}

export const overlayName = () => other.value?.label ?? 'the second recording';

// The highest value near a frequency: [Hz, density].
export function peakNear(s: Spectrum, hz: number, within: number): [number, number] | null {
  let best = -1;
  for (let i = 0; i < s.hz.length; i++) {
    if (Math.abs((s.hz[i] as number) - hz) > within) continue;
    if (best < 0 || (s.own[i] as number) > (s.own[best] as number)) best = i;
  }
  return best < 0 ? null : [s.hz[best] as number, s.own[best] as number];
}

// Density at each multiple of a frequency, NaN elsewhere.
export function harmonics(s: Spectrum, fundamental: number): Float64Array {
  const marks = new Float64Array(s.hz.length).fill(NaN);
  const bin = s.hz[1] ?? 0;
  if (!(bin > 0) || !(fundamental > 2 * bin)) return marks;
  for (let k = 1; k * fundamental < (s.hz.at(-1) ?? 0); k++) {
    const at = Math.round((k * fundamental) / bin);
    marks[at] = s.own[at] ?? NaN;
  }
  return marks;
}
