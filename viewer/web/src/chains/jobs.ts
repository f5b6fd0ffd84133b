// Jobs: started, and waited for by the news about them.

import { effect, signal } from '@preact/signals';
import { api, ApiError, type RunRequest } from '../api/client';
import type { Job } from '../api/types';
import { jobs, refreshRecordings } from '../state/app';

export const isOver = (job: Job) => job.state === 'done' || job.state === 'failed' || job.state === 'cancelled';

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

function keep(job: Job) {
  // News may have been faster than the answer.
  if (!jobs.value.some((j) => j.id === job.id)) jobs.value = [...jobs.value, job];
}

export async function start(request: RunRequest): Promise<Job> {
  const job = await api.run(request);
  keep(job);
  return job;
}

// ---- Previews take turns
// The server lets a new preview of a recording replace the one before. On this page they belong to different things, so
// that one begins when the one before has ended; what replaces itself gives up the one before.

// Previews that wait, by recording.
export const nWaiting = signal<Record<string, number>>({});

const turns = new Map<string, Promise<unknown>>();
const countWaiting = (id: string, change: number) => (nWaiting.value = { ...nWaiting.peek(), [id]: (nWaiting.peek()[id] ?? 0) + change });

function inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
  countWaiting(id, 1);
  const begin = () => {
    countWaiting(id, -1);
    return work();
  };
  const mine = (turns.get(id) ?? Promise.resolve()).then(begin, begin);
  turns.set(id, mine);
  const leave = () => {
    if (turns.get(id) === mine) turns.delete(id);
  };
  void mine.then(leave, leave);
  return mine;
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

// Giving up cancels the job, or it never begins.
export const runPreview = (request: Omit<RunRequest, 'what'>, signal?: AbortSignal) => inTurn(request.recording, () => toEnd({ ...request, what: 'preview' }, signal));

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
