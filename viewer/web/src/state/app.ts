// What all parts of the page share: recordings, jobs, news, notices, theme.

import { computed, effect, signal } from '@preact/signals';
import { api } from '../api/client';
import type { About, Job, Recording, Step } from '../api/types';
import { isOwn, isPassing } from './own';

export const about = signal<About | null>(null);
export const recordings = signal<Recording[]>([]);
export const currentId = signal('');
export const current = computed<Recording | null>(
  () => recordings.value.find((r) => r.id === currentId.value) ?? recordings.value[0] ?? null,
);
// What is shown beside or over the current recording (a result, or the source of one); "" if nothing.
export const otherId = signal('');
export const other = computed<Recording | null>(() => recordings.value.find((r) => r.id === otherId.value) ?? null);

export const steps = signal<Step[]>([]);
export const jobs = signal<Job[]>([]);

// ---- Notices: one sentence each, until dismissed

export interface Notice {
  id: number;
  kind: 'error' | 'info';
  text: string;
}
export const notices = signal<Notice[]>([]);
let nextNotice = 1;

export function notify(text: string, kind: Notice['kind'] = 'info') {
  if (notices.value.some((n) => n.text === text)) return;
  const notice = { id: nextNotice++, kind, text };
  notices.value = [...notices.value.slice(-4), notice];
  if (kind === 'info') setTimeout(() => dismiss(notice.id), 6000);
}

export function dismiss(id: number) {
  notices.value = notices.value.filter((n) => n.id !== id);
}

// For promises nobody waits for: an error becomes a notice, a request that was given up on is none.
export function tell(promise: Promise<unknown>) {
  promise.catch((e: unknown) => {
    if (e instanceof DOMException && e.name === 'AbortError') return;
    notify(e instanceof Error ? e.message : String(e), 'error');
  });
}

// ---- News from the server. Features subscribe to a topic.

type Listener = (value: never) => void;
const listeners = new Map<string, Set<Listener>>();

export function onNews<T>(topic: string, listener: (value: T) => void): () => void {
  const set = listeners.get(topic) ?? new Set<Listener>();
  listeners.set(topic, set);
  set.add(listener as Listener);
  return () => set.delete(listener as Listener);
}

export const isConnected = signal(true);

function listen() {
  const news = api.news();
  news.onopen = () => (isConnected.value = true);
  news.onerror = () => (isConnected.value = false); // the browser tries again by itself
  news.onmessage = (message) => {
    const value = JSON.parse(message.data as string) as { topic: string };
    for (const listener of listeners.get(value.topic) ?? []) (listener as (v: unknown) => void)(value);
  };
}

const mostJobs = 100;
const hasEnded = (j: Job) => j.state !== 'waiting' && j.state !== 'running';

// The server forgets a preview when the next of its slot comes, with the tables it left.
const isReplaced = (j: Job, by: Job) => by.slot !== '' && j.slot === by.slot && j.recording === by.recording && hasEnded(j);

export function keepJob(job: Job) {
  const known = jobs.value.some((j) => j.id === job.id);
  if (known) jobs.value = jobs.value.map((j) => (j.id === job.id ? job : j));
  else jobs.value = [...jobs.value.filter((j, i) => !isReplaced(j, job) && (i > jobs.value.length - mostJobs || !hasEnded(j))), job];
}

const listed = (all: Recording[]) => all.filter((r) => !isPassing(r));

export async function refreshRecordings() {
  recordings.value = listed(await api.recordings());
}

// What this page had been taking frames of when it was loaded again.
function closePassing(all: Recording[]) {
  for (const r of all) if (isOwn(r) && isPassing(r)) void api.close(r.id).catch(() => {});
}

// News come in pairs where a result is taken and closed again: the list is fetched once they rest.
let refreshTimer = 0;
function refreshSoon() {
  clearTimeout(refreshTimer);
  refreshTimer = setTimeout(() => tell(refreshRecordings()), 150);
}

export async function openRecording(path: string) {
  const made = await api.open(path);
  await refreshRecordings();
  currentId.value = made.id;
}

export async function closeRecording(id: string) {
  await api.close(id);
  await refreshRecordings();
}

// ---- Theme

export type Theme = 'system' | 'light' | 'dark';
export const theme = signal<Theme>((localStorage.getItem('limpid-theme') as Theme | null) ?? 'system');
effect(() => {
  document.documentElement.dataset['theme'] = theme.value;
  localStorage.setItem('limpid-theme', theme.value);
});

// ---- Start

export async function start() {
  about.value = await api.about();
  const [allSteps, all, allJobs] = await Promise.all([api.steps(), api.recordings(), api.jobs()]);
  [steps.value, recordings.value, jobs.value] = [allSteps, listed(all), allJobs];
  closePassing(all);
  const first = recordings.value[about.value.session?.current ?? 0] ?? recordings.value[0];
  if (first) currentId.value = first.id;
  onNews<Job & { topic: string }>('job', keepJob);
  onNews('recordings', refreshSoon);
  listen();
}
