// Ranges that were marked: what can be done with them.

import { signal } from '@preact/signals';
import type { Recording } from '../api/types';
import { saveText, stem } from '../export/save';
import { activePanel } from '../shell/panels';
import { appendSteps } from '../state/chain';
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
