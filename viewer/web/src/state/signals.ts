// The view of signals: which channels, which stretch, how tall. One for each recording, kept while the page is open and in sessions.

import { signal, type Signal } from '@preact/signals';
import type { Recording } from '../api/types';

export interface Stretch {
  first_s: number;
  last_s: number;
  label: string; // "bad", "erase"
}

export type OverlayMode = 'over' | 'instead' | 'difference';

export interface SignalView {
  first: Signal<number>; // sample at the left edge
  count: Signal<number>; // samples on the screen
  channels: Signal<number[]>; // chosen, in this order
  top: Signal<number>; // which of these is the uppermost on the screen
  lanes: Signal<number>; // how many of them are on the screen
  scales: Signal<Record<string, number>>; // by group of channels, what a lane is high; missing: from the data
  isCentred: Signal<boolean>; // each channel without its median
  isClipped: Signal<boolean>; // nothing is drawn outside of a channel's lane
  areEventsShown: Signal<boolean>;
  cursor_s: Signal<number | null>; // under the pointer
  marked: Signal<Stretch[]>; // bad segments and ranges to erase
  bad: Signal<string[]>; // names of bad channels
  chosen: Signal<number>; // channel for spectrum and epochs
  pattern: Signal<string>; // label of the events that epochs are cut at
  offset_s: Signal<number>; // of triggers
  overlay: Signal<boolean>; // `other` is drawn over it
  overlayMode: Signal<OverlayMode>;
}

function make(r: Recording): SignalView {
  const rate = r.rate_hz ?? 1;
  const shown = r.channels.map((c, i) => ({ c, i })).filter(({ c }) => c.role !== 'stim');
  return {
    first: signal(0),
    count: signal(Math.max(1, Math.min(r.n_times, Math.round(10 * rate)))),
    channels: signal(shown.map(({ i }) => i)),
    top: signal(0),
    lanes: signal(Math.min(32, Math.max(1, shown.length))),
    scales: signal<Record<string, number>>({}),
    isCentred: signal(true),
    isClipped: signal(false),
    areEventsShown: signal(true),
    cursor_s: signal<number | null>(null),
    marked: signal<Stretch[]>([]),
    bad: signal<string[]>([]),
    chosen: signal(shown[0]?.i ?? 0),
    pattern: signal(''),
    offset_s: signal(0),
    overlay: signal(false),
    overlayMode: signal<OverlayMode>('over'),
  };
}

const views = new Map<string, SignalView>();

export function signalView(r: Recording): SignalView {
  let view = views.get(r.id);
  if (!view) {
    view = make(r);
    views.set(r.id, view);
  }
  return view;
}

// The channels on the screen, from above.
export const shownChannels = (view: SignalView) => view.channels.value.slice(view.top.value, view.top.value + view.lanes.value);

// ---- Sessions

const kept = ['first', 'count', 'channels', 'top', 'lanes', 'scales', 'isCentred', 'isClipped', 'areEventsShown', 'marked', 'bad', 'chosen', 'pattern', 'offset_s'] as const;

export const signalState = (r: Recording): Record<string, unknown> => Object.fromEntries(kept.map((key) => [key, signalView(r)[key].value]));

const isStretch = (v: unknown): v is Stretch => {
  const s = v as Partial<Stretch> | null;
  return typeof s === 'object' && s !== null && Number.isFinite(s.first_s) && Number.isFinite(s.last_s) && typeof s.label === 'string';
};

// What a session says about a view is taken as far as it fits the recording.
export function restoreSignals(r: Recording, state: Record<string, unknown>) {
  const view = signalView(r);
  const number = (key: 'first' | 'count' | 'top' | 'lanes' | 'chosen' | 'offset_s', low: number, high: number) => {
    const v = state[key];
    if (typeof v === 'number' && v >= low && v <= high) view[key].value = v;
  };
  const flag = (key: 'isCentred' | 'isClipped' | 'areEventsShown') => {
    const v = state[key];
    if (typeof v === 'boolean') view[key].value = v;
  };
  const list = (key: string): unknown[] => (Array.isArray(state[key]) ? (state[key] as unknown[]) : []);
  const isChannel = (v: unknown): v is number => Number.isInteger(v) && r.channels[v as number] !== undefined;
  const chosen = [...new Set(list('channels').filter(isChannel))];
  if (chosen.length > 0) view.channels.value = chosen;
  number('count', 1, r.n_times);
  number('first', 0, r.n_times - view.count.value);
  number('top', 0, view.channels.value.length - 1);
  number('lanes', 1, r.channels.length);
  number('chosen', 0, r.channels.length - 1);
  number('offset_s', -1e4, 1e4);
  (['isCentred', 'isClipped', 'areEventsShown'] as const).forEach(flag);
  view.marked.value = list('marked').filter(isStretch);
  view.bad.value = list('bad').filter((v): v is string => typeof v === 'string');
  if (typeof state['pattern'] === 'string') view.pattern.value = state['pattern'];
  const scales = state['scales'];
  if (typeof scales === 'object' && scales !== null)
    view.scales.value = Object.fromEntries(Object.entries(scales).filter((e): e is [string, number] => typeof e[1] === 'number' && e[1] > 0));
}
