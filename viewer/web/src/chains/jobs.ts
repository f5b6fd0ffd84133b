// Jobs: started, and waited for by the news about them.

import { effect, signal } from '@preact/signals';
import { api, type RunRequest } from '../api/client';
import type { Job } from '../api/types';
import { jobs, refreshRecordings } from '../state/app';

export const isOver = (job: Job) => job.state === 'done' || job.state === 'failed' || job.state === 'cancelled';

// Frame or sample of the source at which a preview begins, by the id of its result.
export const previewStart = signal<Record<string, number>>({});

export class JobError extends Error {}

export function waitFor(id: string): Promise<Job> {
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

// Waits for it; its result is in the list of recordings then.
export async function finished(id: string): Promise<Job> {
  const job = await waitFor(id);
  if (job.result) await refreshRecordings();
  return job;
}

export async function finish(request: RunRequest): Promise<Job> {
  const job = await finished((await start(request)).id);
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
