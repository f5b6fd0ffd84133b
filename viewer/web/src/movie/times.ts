// When each frame was taken.

import { signal, type Signal } from '@preact/signals';
import { api } from '../api/client';
import type { Recording } from '../api/types';
import { tell } from '../state/app';

const mostTimes = 2e6;
const known = new Map<string, Signal<Float64Array | null>>();

function timesOf(r: Recording): Signal<Float64Array | null> {
  let times = known.get(r.id);
  if (!times) {
    times = signal<Float64Array | null>(null);
    known.set(r.id, times);
    const wanted = times;
    if (r.n_times <= mostTimes) tell(api.times(r.id).then((found) => void (wanted.value = found)));
  }
  return times;
}

// In seconds; null: not known.
export function timeOf(r: Recording, frame: number): number | null {
  const time = timesOf(r).value?.[frame] ?? (r.rate_hz ? frame / r.rate_hz : NaN);
  return Number.isNaN(time) ? null : time;
}
