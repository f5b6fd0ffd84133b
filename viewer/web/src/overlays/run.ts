// One preview of one frame (or of the range): what the steps say is taken, and the result is closed again.

import { api } from '../api/client';
import type { ChainStep, Frame, Job, Recording } from '../api/types';
import { forgetLive, runPreview, tableText } from '../chains/jobs';

interface Asked {
  recording: Recording;
  chain: ChainStep[];
  part: { first: number; count: number };
  slot: string; // a new preview of an overlay ends its own before
  files?: Record<string, unknown>;
}

async function taken<T>(asked: Asked, signal: AbortSignal, take: (job: Job) => Promise<T>): Promise<T> {
  const { recording, chain, part, slot, files } = asked;
  let job: Job | null = null;
  try {
    job = await runPreview({ recording: recording.id, chain, part, slot, ...(files ? { files } : {}) }, signal);
    return await take(job);
  } finally {
    forgetLive();
    if (job?.result) void api.close(job.result.id).catch(() => {}); // the news tell of it
  }
}

export const textOf = (asked: Asked, table: string, signal: AbortSignal): Promise<string> => taken(asked, signal, (job) => tableText(job, table));

export const imageOf = (asked: Asked, signal: AbortSignal): Promise<Frame> =>
  taken(asked, signal, (job) => {
    if (!job.result) throw new Error('The preview left no image.');
    return api.frame(job.result.id, 0, 0, undefined, signal);
  });
