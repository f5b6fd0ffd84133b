// Small results that the view needs itself: a chain is run on a part of the recording, its first frames are taken, and
// the result is closed again.

import { api, type RunRequest } from '../api/client';
import type { ChainStep, Frame, Recording } from '../api/types';
import { start, waitFor } from '../chains/jobs';
import { closeRecording, jobs } from '../state/app';
import { wholeLevelOf } from './tiles';

// News are lost while the page is not connected to them, as in its first moments.
async function askAgain(id: string) {
  const now = await api.job(id).catch(() => null);
  if (now) jobs.value = jobs.value.map((j) => (j.id === id ? now : j));
}

// Giving up cancels the job.
export async function runPreview(request: Omit<RunRequest, 'what'>, signal: AbortSignal): Promise<Recording> {
  const job = await start({ ...request, what: 'preview' });
  const cancel = () => void api.cancel(job.id).catch(() => {}); // it may have ended by itself
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel);
  const asking = setInterval(() => void askAgain(job.id), 1000);
  const { result } = await waitFor(job.id).finally(() => {
    clearInterval(asking);
    signal.removeEventListener('abort', cancel);
  });
  if (!result) throw new Error('The job ended without a result.');
  return result;
}

export async function previewFrames(recording: Recording, chain: ChainStep[], part: { first: number; count: number }, signal: AbortSignal): Promise<Frame[]> {
  const result = await runPreview({ recording: recording.id, chain, part, format: 'npy' }, signal);
  try {
    return await Promise.all(Array.from({ length: result.n_times }, (_, i) => api.frame(result.id, i, wholeLevelOf(result), undefined, signal)));
  } finally {
    void closeRecording(result.id).catch(() => {}); // the user may have closed it
  }
}

export const partOf = (range: [number, number]) => ({ first: range[0], count: range[1] - range[0] + 1 });
