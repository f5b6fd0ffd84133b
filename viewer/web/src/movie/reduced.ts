// Shows one image of the whole range instead of a frame, until a frame is chosen.

import { signal } from '@preact/signals';
import type { Recording } from '../api/types';
import { currentId, refreshRecordings } from '../state/app';
import { movieView } from '../state/movie';
import { partOf, previewFrames, previewResult } from './preview';

export const reductions: [string, string][] = [
  ['mean', 'Mean'],
  ['max', 'Maximum'],
  ['min', 'Minimum'],
  ['std', 'Standard deviation'],
  ['median', 'Median'],
  ['sum', 'Sum'],
  ['p5', '5th percentile'],
  ['p95', '95th percentile'],
  ['argmax', 'Frame of the maximum'],
];

export const isReducing = signal(false);
let end = new AbortController();

export async function showReduced(r: Recording, stat: string) {
  const view = movieView(r);
  end.abort();
  end = new AbortController();
  const mine = end;
  const range = view.range.peek();
  isReducing.value = true;
  try {
    const [image] = await previewFrames(r, [{ step: 'reduce', params: { stat } }], partOf(range), mine.signal, 'reduced');
    if (!image || mine.signal.aborted) return;
    view.isPlaying.value = false;
    view.reducedFrame.value = image;
    view.reduced.value = `${stat} of frames ${range[0]} to ${range[1]}`;
  } finally {
    if (mine === end) isReducing.value = false;
  }
}

// The same as a recording of its own, in its own tab.
export async function openReduced(r: Recording, stat: string) {
  const range = movieView(r).range.peek();
  const made = await previewResult({ recording: r.id, chain: [{ step: 'reduce', params: { stat } }], part: partOf(range), format: 'npy' });
  await refreshRecordings();
  currentId.value = made.id;
}
