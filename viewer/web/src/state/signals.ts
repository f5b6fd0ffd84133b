// The view of signals: which channels, which stretch, how tall.

import { signal, type Signal } from '@preact/signals';
import type { Recording } from '../api/types';

export interface Stretch {
  first_s: number;
  last_s: number;
  label: string; // "bad", "erase"
}

export interface SignalView {
  first: Signal<number>; // sample at the left edge
  count: Signal<number>; // samples on the screen
  channels: Signal<number[]>; // shown, in this order
  gain: Signal<number>; // uV (or unit) for the height of a channel's lane
  cursor_s: Signal<number | null>; // under the pointer
  marked: Signal<Stretch[]>; // bad segments and ranges to erase
  chosen: Signal<number>; // channel for spectrum and epochs
  pattern: Signal<string>; // label of the events that epochs are cut at
  offset_s: Signal<number>; // of triggers
  overlay: Signal<boolean>; // `other` is drawn over it
}

function make(r: Recording): SignalView {
  const rate = r.rate_hz ?? 1;
  const shown = r.channels.map((c, i) => ({ c, i })).filter(({ c }) => c.role !== 'stim');
  return {
    first: signal(0),
    count: signal(Math.min(r.n_times, Math.round(10 * rate))),
    channels: signal(shown.slice(0, 32).map(({ i }) => i)),
    gain: signal(0), // 0: from the data when first drawn
    cursor_s: signal<number | null>(null),
    marked: signal<Stretch[]>([]),
    chosen: signal(shown[0]?.i ?? 0),
    pattern: signal(''),
    offset_s: signal(0),
    overlay: signal(false),
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
