// Ranges that were marked: what can be done with them.

import { signal } from '@preact/signals';
import type { Recording } from '../api/types';
import { saveText, stem } from '../export/save';
import { activePanel } from '../shell/panels';
import { rangesText } from '../chains/ranges';
import { appendSteps, chain } from '../state/chain';
import { signalView, type Stretch } from '../state/signals';

export type MarkKind = 'bad' | 'erase';
export const markKind = signal<MarkKind>('bad');

export const showPanel = (id: string) => (activePanel.value = { ...activePanel.value, signals: id });

export function removeMark(r: Recording, mark: Stretch) {
  const view = signalView(r);
  view.marked.value = view.marked.value.filter((m) => m !== mark);
}

const trialTypes: Record<string, string> = { bad: 'BAD_segment', erase: 'BAD_erase' };

// As BIDS keeps events: seconds, tabs between. MNE leaves out what begins with "BAD".
export function eventsTsv(marks: Stretch[]): string {
  const lines = marks.map((m) => [m.first_s.toFixed(6), (m.last_s - m.first_s).toFixed(6), trialTypes[m.label] ?? m.label].join('\t'));
  return ['onset\tduration\ttrial_type', ...lines, ''].join('\n');
}

export const saveMarks = (r: Recording) => saveText(eventsTsv(signalView(r).marked.value), `${stem(r.label)}_events.tsv`, 'text/tab-separated-values');

// ---- Marks in the chain: one step for each kind, which holds all of them

const isOf = (kind: MarkKind) => (s: { step: string; params: Record<string, string> }) =>
  'ranges' in s.params && (kind === 'erase' ? s.step === 'erase' : s.step === 'annotate' && (s.params['label'] ?? trialTypes['bad']) === trialTypes['bad']);

// In whole samples, so that a step rounds them to the same ones wherever they count from.
function textOf(r: Recording, kind: MarkKind): string {
  const rate = r.rate_hz ?? 1;
  const snap = (seconds: number) => Math.min(r.n_times, Math.max(0, Math.round(seconds * rate))) / rate;
  const ranges = signalView(r).marked.value.filter((m) => m.label === kind).map((m) => ({ first_s: snap(m.first_s), last_s: snap(m.last_s) }));
  return rangesText(ranges.filter((m) => m.last_s > m.first_s));
}

export const isInChain = (r: Recording, kind: MarkKind) => chain.value.some((s) => isOf(kind)(s) && s.params['ranges'] === textOf(r, kind));
export const hasMarks = (r: Recording, kind: MarkKind) => textOf(r, kind) !== '';

// Times count from the recording's beginning: what is erased stands before a crop, what is annotated before all else.
export function putInChain(r: Recording, kind: MarkKind) {
  const ranges = textOf(r, kind);
  const all = chain.value;
  const crop = all.findIndex((s) => s.step === 'crop');
  const end = crop < 0 ? all.length : crop;
  if (all.some(isOf(kind))) chain.value = all.map((s) => (isOf(kind)(s) ? { ...s, params: { ...s.params, ranges } } : s));
  else if (kind === 'erase') chain.value = [...all.slice(0, end), { step: 'erase', params: { ranges } }, ...all.slice(end)];
  else chain.value = [{ step: 'annotate', params: { ranges } }, ...all];
  showPanel('chain');
}

// The first and the last sample of a step's range are rounded to samples there.
export function cropTo(first_s: number, last_s: number) {
  appendSteps({ step: 'crop', params: { range: `${first_s.toFixed(6)}-${last_s.toFixed(6)}` } });
  showPanel('chain');
}

export function dropBad(r: Recording) {
  const { bad } = signalView(r);
  if (bad.value.length === 0) return;
  appendSteps({ step: 'drop', params: { channels: bad.value.join(',') } });
  showPanel('chain');
}
