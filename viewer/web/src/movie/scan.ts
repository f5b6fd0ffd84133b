// Lowest, highest and mean value of every frame, as the server finds them in the background.

import { signal } from '@preact/signals';
import { api } from '../api/client';
import type { Recording } from '../api/types';
import { onNews, tell } from '../state/app';
import { perRecording } from '../state/kept';

export interface Scan {
  done: number; // frames
  values: Float64Array; // of each frame: min, max, mean, std
}

export const scanOf = perRecording(() => signal<Scan | null>(null));

const pause = 300; // ms between two requests while the scan goes on

// Asks for the scan and keeps it up to date. Returns how to end this.
export function followScan(r: Recording): () => void {
  const scan = scanOf(r);
  let end: AbortController | null = null;
  let timer = 0;
  let isEnded = false;
  let isDue = false; // there was news while a request was under way
  const isWhole = () => (scan.peek()?.done ?? 0) >= r.n_times;
  async function fetch() {
    timer = 0;
    isDue = false;
    end = new AbortController();
    try {
      const found = await api.scan(r.id, end.signal);
      if (!isEnded) scan.value = found;
    } finally {
      end = null;
      if (isDue) soon();
    }
  }
  function soon() {
    isDue = true;
    if (!isEnded && !isWhole() && !end && timer === 0) timer = setTimeout(() => tell(fetch()), pause);
  }
  const stop = onNews<{ id: string }>('scan', ({ id }) => {
    if (id !== r.id) return;
    soon();
  });
  // News may be lost when the connection is: ask now and then.
  const watch = setInterval(soon, 2000);
  if (!isWhole()) tell(fetch());
  return () => {
    isEnded = true;
    stop();
    clearInterval(watch);
    clearTimeout(timer);
    end?.abort();
  };
}

export const scanMin = (scan: Scan, frame: number) => scan.values[4 * frame] ?? NaN;
export const scanMax = (scan: Scan, frame: number) => scan.values[4 * frame + 1] ?? NaN;

// Over all frames that are known.
export function scanExtremes(scan: Scan): { min: number; max: number } | null {
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < scan.values.length; i += 4) {
    const low = scan.values[i] as number;
    const high = scan.values[i + 1] as number;
    if (low < min) min = low;
    if (high > max) max = high;
  }
  return min <= max ? { min, max } : null;
}
