// Small results that the view needs itself: a chain is run on a part of the recording, its first frames are taken, and
// the result is closed again. slot: what it is for; a new one ends the one before.

import { api, type RunRequest } from '../api/client';
import type { ChainStep, Frame, Recording } from '../api/types';
import { runPreview } from '../chains/jobs';
import { passing } from '../state/own';
import { wholeLevelOf } from './tiles';

export async function previewResult(request: Omit<RunRequest, 'what'>, signal?: AbortSignal): Promise<Recording> {
  const { result } = await runPreview(request, signal);
  if (!result) throw new Error('The job ended without a result.');
  return result;
}

let nAlone = 0;

export async function previewFrames(recording: Recording, chain: ChainStep[], part: { first: number; count: number }, signal: AbortSignal, slot?: string): Promise<Frame[]> {
  const result = await previewResult({ recording: recording.id, chain, part, format: 'npy', slot: passing(slot ?? `${++nAlone}`) }, signal);
  try {
    return await Promise.all(Array.from({ length: result.n_times }, (_, i) => api.frame(result.id, i, wholeLevelOf(result), undefined, signal)));
  } finally {
    void api.close(result.id).catch(() => {}); // it is in no list
  }
}

export const partOf = (range: [number, number]) => ({ first: range[0], count: range[1] - range[0] + 1 });
