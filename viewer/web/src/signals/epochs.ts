// Epochs of a channel around events.

import { signal } from '@preact/signals';
import { api } from '../api/client';
import type { Recording } from '../api/types';
import { appendSteps, type ChainEntry } from '../state/chain';
import { signalView } from '../state/signals';
import { eventsOf } from './events';
import { showPanel } from './marked';
import { analyse, patternFor, type Triggers } from './triggers';
import { rateOf } from './view_actions';

export const windows = { before_s: signal<number | null>(null), after_s: signal<number | null>(null) }; // null: as the events suggest
export const mostEpochs = signal(100);

export interface Epochs {
  n_used: number;
  samples: number;
  mean: Float32Array;
  std: Float32Array;
  rows: Float32Array;
  n_rows: number;
  before_s: number;
  after_s: number;
  limit: number; // of colours
}

export interface WantedEpochs {
  id: string;
  label: string;
  channel: number;
  before_s: number;
  after_s: number;
  offset_s: number;
  most: number;
}

export function triggersOf(r: Recording): Triggers | null {
  const label = eventsOf(r).byName.get(signalView(r).pattern.value);
  return label ? analyse(label.onsets, rateOf(r)) : null;
}

// A little more than a period of triggers; of anything else from 0.2 s before to 1 s after.
export function windowOf(r: Recording): { before_s: number; after_s: number } {
  const found = triggersOf(r);
  const period = found?.isRegular && found.median_s < 5 ? found.median_s : null;
  const digits = (v: number) => Number(v.toPrecision(3));
  return {
    before_s: windows.before_s.value ?? (period === null ? 0.2 : digits(0.1 * period)),
    after_s: windows.after_s.value ?? (period === null ? 1 : digits(1.1 * period)),
  };
}

export function wantedEpochs(r: Recording): WantedEpochs | null {
  const view = signalView(r);
  const label = view.pattern.value;
  if (!eventsOf(r).byName.has(label) || label === '') return null;
  const { before_s, after_s } = windowOf(r);
  if (!(before_s + after_s > 0)) return null;
  return { id: r.id, label, channel: view.chosen.value, before_s, after_s, offset_s: view.offset_s.value, most: mostEpochs.value };
}

// What 98 % of the values stay within, on both sides of zero.
function limitOf(rows: Float32Array): number {
  const stride = Math.max(1, Math.floor(rows.length / 20000));
  const all: number[] = [];
  for (let i = 0; i < rows.length; i += stride) if (!Number.isNaN(rows[i])) all.push(Math.abs(rows[i] as number));
  all.sort((a, b) => a - b);
  return all[Math.floor(0.98 * (all.length - 1))] || 1;
}

export async function fetchEpochs({ id, ...query }: WantedEpochs, signal: AbortSignal): Promise<Epochs> {
  const { n_used, samples, values } = await api.epochs(id, query, signal);
  const rows = values.subarray(2 * samples);
  return {
    n_used,
    samples,
    mean: values.subarray(0, samples),
    std: values.subarray(samples, 2 * samples),
    rows,
    n_rows: samples > 0 ? rows.length / samples : 0,
    before_s: query.before_s,
    after_s: query.after_s,
    limit: limitOf(rows.length > 0 ? rows : values.subarray(0, samples)),
  };
}

// ---- Steps

const offsetOf = (seconds: number): Record<string, string> => (seconds === 0 ? {} : { 'offset-s': String(Number(seconds.toFixed(9))) });

export function triggerSteps(r: Recording): ChainEntry[] {
  const view = signalView(r);
  return [
    { step: 'triggers', params: { pattern: patternFor(view.pattern.value), ...offsetOf(view.offset_s.value) } },
    { step: 'complete-triggers', params: {} },
    { step: 'align', params: {} },
  ];
}

const cleaning: ChainEntry[] = [
  { step: 'highpass', params: { hz: '1' } },
  { step: 'gradient', params: {} },
  { step: 'lowpass', params: { hz: '70' } },
];

export function appendTriggers(r: Recording, isCleaned: boolean) {
  appendSteps(...triggerSteps(r), ...(isCleaned ? cleaning : []));
  showPanel('chain');
}
