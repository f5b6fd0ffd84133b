// Events of a recording: fetched once, by label, with colours.

import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { api } from '../api/client';
import type { Event, Recording } from '../api/types';
import { tell } from '../state/app';

export interface Label {
  name: string;
  colour: string; // name of a colour of the feature's style sheet
  onsets: Float64Array; // seconds, ascending
}

export interface EventList {
  all: Event[]; // by onset
  onsets: Float64Array; // of all
  labels: Label[]; // the most frequent first
  byName: Map<string, Label>;
}

const colours = Array.from({ length: 8 }, (_, i) => `--event-${i + 1}`);

function listOf(events: Event[]): EventList {
  const all = [...events].sort((a, b) => a.onset_s - b.onset_s);
  const onsets = new Map<string, number[]>();
  for (const e of all) {
    const list = onsets.get(e.label);
    if (list) list.push(e.onset_s);
    else onsets.set(e.label, [e.onset_s]);
  }
  const labels = [...onsets]
    .sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1))
    .map(([name, list], i) => ({ name, colour: colours[i % colours.length] ?? '--ink-2', onsets: Float64Array.from(list) }));
  return { all, onsets: Float64Array.from(all, (e) => e.onset_s), labels, byName: new Map(labels.map((l) => [l.name, l])) };
}

const none: EventList = listOf([]);
const lists = new Map<string, ReadonlySignal<EventList>>();

// Empty until they are there.
export function eventsOf(r: Recording): EventList {
  let list = lists.get(r.id);
  if (!list) {
    const fetched = signal<Event[]>([]);
    list = computed(() => (fetched.value.length === 0 ? none : listOf(fetched.value)));
    lists.set(r.id, list);
    if (r.n_events > 0) tell(api.events(r.id).then((events) => (fetched.value = events)));
  }
  return list.value;
}

// Index of the first onset that is not before `seconds`.
export function lowerBound(onsets: ArrayLike<number>, seconds: number): number {
  let low = 0;
  let high = onsets.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((onsets[middle] as number) < seconds) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const labelText = (name: string) => (name.trim() === '' ? '(no label)' : name);
