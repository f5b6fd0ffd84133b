// When each frame was taken.

import { signal } from '@preact/signals';
import { api } from '../api/client';
import type { Recording } from '../api/types';
import { tell } from '../state/app';
import { perRecording } from '../state/kept';

const mostTimes = 2e6;

const timesOf = perRecording((r) => {
  const known = signal<{ times: Float64Array; clock: Clock | null } | null>(null);
  const keep = (times: Float64Array) => {
    known.value = { times, clock: times.some(Number.isNaN) ? null : times.length > 1 ? along(times) : evenly(r.rate_hz ?? 1) };
  };
  if (r.n_times <= mostTimes) tell(api.times(r.id).then(keep));
  return known;
});

// In seconds; null: not known.
export function timeOf(r: Recording, frame: number): number | null {
  const time = timesOf(r).value?.times[frame] ?? (r.rate_hz ? frame / r.rate_hz : NaN);
  return Number.isNaN(time) ? null : time;
}

export interface Clock {
  at(frame: number): number; // seconds; between frames on a straight line
  frame(seconds: number): number; // the other way round
}

const evenly = (rate: number): Clock => ({ at: (frame) => frame / rate, frame: (seconds) => seconds * rate });

// The last frame but one at most, whose time is not after `seconds`.
function before(times: Float64Array, seconds: number): number {
  let [low, high] = [0, times.length - 2];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((times[middle] ?? NaN) <= seconds) low = middle;
    else high = middle - 1;
  }
  return low;
}

function along(times: Float64Array): Clock {
  const pair = (i: number) => [times[i] ?? NaN, times[i + 1] ?? NaN] as const;
  return {
    at(frame) {
      const i = Math.max(0, Math.min(times.length - 2, Math.floor(frame)));
      const [a, b] = pair(i);
      return frame === i + 1 ? b : a + (b - a) * (frame - i);
    },
    frame(seconds) {
      const i = before(times, seconds);
      const [a, b] = pair(i);
      return b > a ? i + (seconds - a) / (b - a) : i;
    },
  };
}

// null: times are not known.
export function clockOf(r: Recording): Clock | null {
  const known = timesOf(r).value;
  if (known) return known.clock;
  return r.rate_hz ? evenly(r.rate_hz) : null;
}
