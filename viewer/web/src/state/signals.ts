// The view of signals: which channels, which stretch, how tall. One for each recording, kept while the page is open and in sessions.

import { effect, signal, type Signal } from '@preact/signals';
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
    const made = make(r);
    views.set(r.id, made);
    effect(() => heal(r, made));
    view = made;
  }
  return view;
}

// The channels on the screen, from above.
export const shownChannels = (view: SignalView) => view.channels.value.slice(view.top.value, view.top.value + view.lanes.value);

// ---- Views from files

const isStretch = (v: unknown): v is Stretch => {
  const s = v as Partial<Stretch> | null;
  return typeof s === 'object' && s !== null && Number.isFinite(s.first_s) && Number.isFinite(s.last_s) && typeof s.label === 'string';
};

function setIfOther<T>(s: Signal<T>, value: T, isOther: boolean) {
  if (isOther) s.value = value;
}

function limit(s: Signal<number>, low: number, high: number, otherwise: number) {
  const v = s.value;
  const inside = Number.isFinite(v) ? Math.max(low, Math.min(high, v)) : otherwise;
  setIfOther(s, inside, inside !== v);
}

function keep<T>(s: Signal<T[]>, isGood: (v: T, i: number) => boolean) {
  const good = s.value.filter(isGood);
  setIfOther(s, good, good.length !== s.value.length);
}

// A view restored from a session may say what does not fit this recording: it is brought to what does.
function heal(r: Recording, view: SignalView) {
  keep(view.channels, (c, i) => r.channels[c] !== undefined && view.channels.value.indexOf(c) === i);
  keep(view.marked, isStretch);
  keep(view.bad, (name) => typeof name === 'string');
  const n = Math.max(1, view.channels.value.length);
  limit(view.lanes, 1, n, n);
  limit(view.top, 0, n - view.lanes.value, 0);
  limit(view.chosen, 0, Math.max(0, r.channels.length - 1), 0);
  limit(view.count, Math.min(1, r.n_times), Math.max(1, r.n_times), r.n_times);
  limit(view.first, 0, Math.max(0, r.n_times - view.count.value), 0);
  limit(view.offset_s, -1e4, 1e4, 0);
  const scales = Object.entries(view.scales.value).filter(([, v]) => typeof v === 'number' && v > 0 && Number.isFinite(v));
  setIfOther(view.scales, Object.fromEntries(scales), scales.length !== Object.keys(view.scales.value).length);
}
