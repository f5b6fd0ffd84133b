// Small results that the view needs itself: a chain is run on a part of the recording, its first frames are taken, and
// the result is closed again.

import { api, type RunRequest } from '../api/client';
import type { ChainStep, Frame, Recording } from '../api/types';
import { runPreview } from '../chains/jobs';
import { closeRecording } from '../state/app';
import { wholeLevelOf } from './tiles';

export async function previewResult(request: Omit<RunRequest, 'what'>, signal?: AbortSignal): Promise<Recording> {
  const { result } = await runPreview(request, signal);
  if (!result) throw new Error('The job ended without a result.');
  return result;
}

export async function previewFrames(recording: Recording, chain: ChainStep[], part: { first: number; count: number }, signal: AbortSignal): Promise<Frame[]> {
  const result = await previewResult({ recording: recording.id, chain, part, format: 'npy' }, signal);
  try {
    return await Promise.all(Array.from({ length: result.n_times }, (_, i) => api.frame(result.id, i, wholeLevelOf(result), undefined, signal)));
  } finally {
    void closeRecording(result.id).catch(() => {}); // the user may have closed it
  }
}

export const partOf = (range: [number, number]) => ({ first: range[0], count: range[1] - range[0] + 1 });
