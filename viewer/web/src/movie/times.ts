// When each frame was taken.

import { signal } from '@preact/signals';
import { api } from '../api/client';
import type { Recording } from '../api/types';
import { tell } from '../state/app';
import { perRecording } from '../state/kept';

const mostTimes = 2e6;

const timesOf = perRecording((r) => {
  const times = signal<Float64Array | null>(null);
  if (r.n_times <= mostTimes) tell(api.times(r.id).then((found) => void (times.value = found)));
  return times;
});

// In seconds; null: not known.
export function timeOf(r: Recording, frame: number): number | null {
  const time = timesOf(r).value?.[frame] ?? (r.rate_hz ? frame / r.rate_hz : NaN);
  return Number.isNaN(time) ? null : time;
}
