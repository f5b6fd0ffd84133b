// Jobs: started, and waited for by the news about them.

import { effect, signal } from '@preact/signals';
import { api, ApiError, type RunRequest } from '../api/client';
import type { Job } from '../api/types';
import { jobs, keepJob, refreshRecordings } from '../state/app';
import { isPassing, slotOf } from '../state/own';

export const isOver = (job: Job) => job.state === 'done' || job.state === 'failed' || job.state === 'cancelled';

// Computed all the time while one moves through the frames: no news for anybody.
const liveSlot = 'overlay-';
export const isLive = (job: Job) => job.slot.includes(` ${liveSlot}`);
// What the view needs for itself is listed while it takes long.
export const isListed = (job: Job) => !isLive(job) && (!isPassing(job) || (!isOver(job) && job.seconds > 0.5));
export const forgetLive = () => (jobs.value = jobs.value.filter((j) => !isLive(j) || !isOver(j)));

// Frame or sample of the source at which a preview begins, by the id of its result.
export const previewStart = signal<Record<string, number>>({});

class JobError extends Error {}

function waitFor(id: string): Promise<Job> {
  return new Promise((resolve, reject) => {
    let stop: (() => void) | undefined;
    let isSettled = false;
    const settle = (job: Job) => {
      isSettled = true;
      stop?.();
      if (job.state === 'done') resolve(job);
      else if (job.state === 'cancelled') reject(new DOMException('The job was cancelled.', 'AbortError'));
      else reject(new JobError(job.error ?? 'The job failed.'));
    };
    stop = effect(() => {
      const job = jobs.value.find((j) => j.id === id);
      if (!isSettled && job && isOver(job)) settle(job);
    });
    if (isSettled) stop();
  });
}

export async function start(request: RunRequest): Promise<Job> {
  const job = await api.run(request);
  if (!jobs.value.some((j) => j.id === job.id)) keepJob(job); // else news were faster than the answer
  return job;
}

// News are lost while the page is not connected to them, as in its first moments.
async function askAgain(job: Job) {
  const now = await api.job(job.id).catch((e: unknown) => (e instanceof ApiError && e.status === 404 ? { ...job, state: 'cancelled' as const } : null));
  if (now) jobs.value = jobs.value.map((j) => (j.id === job.id ? now : j));
}

async function toEnd(request: RunRequest, signal?: AbortSignal): Promise<Job> {
  signal?.throwIfAborted();
  const job = await start(request);
  const cancel = () => void api.cancel(job.id).catch(() => {}); // it may have ended by itself
  if (signal?.aborted) cancel();
  else signal?.addEventListener('abort', cancel);
  const asking = setInterval(() => void askAgain(job), 1000);
  return waitFor(job.id).finally(() => {
    clearInterval(asking);
    signal?.removeEventListener('abort', cancel);
  });
}

let nAlone = 0;

// Giving up cancels the job. slot: what the preview is for; a new one ends the one before of the same recording and page.
// Without a slot it ends none.
export function runPreview(request: Omit<RunRequest, 'what'>, signal?: AbortSignal): Promise<Job> {
  const slot = slotOf(request.slot ?? `result ${Date.now() % 1e9} ${++nAlone}`);
  return toEnd({ ...request, slot, what: 'preview' }, signal);
}

// Waits for it; its result is in the list of recordings then.
export async function finished(id: string): Promise<Job> {
  const job = await waitFor(id);
  if (job.result) await refreshRecordings();
  return job;
}

// A preview whose result is in the list of recordings then.
export async function finishPreview(request: Omit<RunRequest, 'what'>, signal?: AbortSignal): Promise<Job> {
  const job = await runPreview(request, signal);
  if (job.result) await refreshRecordings();
  if (job.result && request.part) previewStart.value = { ...previewStart.value, [job.result.id]: request.part.first };
  return job;
}

// The text of a file that a job left, by the name it was given.
export async function tableText(job: Job, name: string): Promise<string> {
  const table = job.tables.find((t) => t.name === name);
  if (!table) throw new JobError(`The job left no file "${name}".`);
  const answer = await fetch(tableAddress(table.url), { credentials: 'omit' });
  if (!answer.ok) throw new JobError(`The file "${name}" of the job is gone.`);
  return answer.text();
}

// Addresses of files are given from the root of the server, or from its API.
export const tableAddress = (url: string) => new URL(url.replace(/^\/?(api\/v1\/)?/, 'api/v1/'), document.baseURI).toString();
