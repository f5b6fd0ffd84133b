// Time courses of zones. While a zone is dragged, about 200 frames come first, then all; what is no longer wanted is
// given up. One request is under way, and the latest wish waits.

import { effect, signal, untracked } from '@preact/signals';
import { api } from '../api/client';
import type { Recording, Zone } from '../api/types';
import { timelineCurves } from '../movie/timeline_curves';
import { current } from '../state/app';
import { colourOf, shownZones } from '../state/zones';
import { forFile, pixelBox, shapeKey } from './geometry';
import { explainZones } from './problem';

export const stats = ['mean', 'median', 'min', 'max', 'std', 'sum'] as const;
export type Stat = (typeof stats)[number];
export const courseStat = signal<Stat>('mean');

export interface Course {
  values: Float64Array; // a value for each frame; between frames that were asked for: on a straight line
  isExact: boolean; // every frame was asked for
}
// Of each zone, and colour behind "/": the latest that is known of it, even if the zone has moved on.
export const courses = signal<ReadonlyMap<string, Course>>(new Map<string, Course>());

const coarseFrames = 200;
const calmMs = 80; // without a change before all frames are asked for: what is given up on still costs the server time
const mostCachedBytes = 64e6;
const cache = new Map<string, Float64Array[]>(); // exact ones, by recording, statistic and shape; one for each colour

const keyOf = (r: Recording, stat: Stat, z: Zone) => `${r.id} ${stat} ${shapeKey(z)}`;

function keep(key: string, values: Float64Array[]) {
  cache.set(key, values);
  const oldest = cache.keys().next().value;
  const bytes = (values[0]?.byteLength ?? 0) * values.length;
  if (cache.size * bytes > mostCachedBytes && cache.size > 20 && oldest !== undefined) cache.delete(oldest);
}

// Values at every step-th frame, stretched to all of them.
export function stretch(values: Float64Array, step: number, n: number): Float64Array {
  if (step === 1) return values;
  const all = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const k = Math.min(Math.floor(i / step), values.length - 1);
    const a = values[k] ?? NaN;
    const b = values[Math.min(k + 1, values.length - 1)] ?? NaN;
    all[i] = a + (b - a) * Math.min(1, (i - k * step) / step);
  }
  return all;
}

export const colourNames = (r: Recording) => (r.n_colours === 1 ? [''] : ['/r', '/g', '/b'].slice(0, r.n_colours));

function put(r: Recording, made: Map<string, Course>, zone: Zone, rows: Float64Array[], isExact: boolean) {
  colourNames(r).forEach((c, i) => {
    const values = rows[i];
    if (values) made.set(zone.name + c, { values, isExact });
  });
}

async function ask(r: Recording, stat: Stat, wanted: Zone[], step: number, abort: AbortSignal): Promise<Float64Array[][]> {
  const count = Math.ceil(r.n_times / step);
  const values = await api.courses(r.id, wanted.map(forFile), stat, 0, count, step, abort);
  return wanted.map((_, i) =>
    colourNames(r).map((_c, k) => {
      const row = i * r.n_colours + k;
      return values.slice(row * count, (row + 1) * count);
    }),
  );
}

function showKnown(r: Recording, stat: Stat, list: Zone[]) {
  const next = new Map<string, Course>();
  for (const z of list) {
    const exact = cache.get(keyOf(r, stat, z));
    if (exact) put(r, next, z, exact, true);
    else
      for (const c of colourNames(r)) {
        const last = courses.value.get(z.name + c);
        if (last && last.values.length === r.n_times) next.set(z.name + c, { ...last, isExact: false });
      }
  }
  courses.value = next;
}

async function refine(r: Recording, stat: Stat, list: Zone[], step: number, abort: AbortSignal) {
  const missing = list.filter((z) => !cache.has(keyOf(r, stat, z)));
  if (missing.length === 0) return;
  const rows = await ask(r, stat, missing, step, abort);
  const next = new Map(courses.value);
  missing.forEach((z, i) => {
    const own = rows[i] ?? [];
    if (step === 1) keep(keyOf(r, stat, z), own);
    put(r, next, z, own.map((v) => stretch(v, step, r.n_times)), step === 1);
  });
  courses.value = next;
}

interface Wish {
  recording: Recording;
  stat: Stat;
  list: Zone[];
}
let latest: Wish | null = null;
let isCoarseUnderWay = false;
let exact: AbortController | null = null;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function serve() {
  let isCoarse = true;
  try {
    while (latest) {
      const { recording, stat, list } = latest;
      latest = null;
      const step = Math.max(1, Math.ceil(recording.n_times / coarseFrames));
      if (step > 1) await refine(recording, stat, list, step, new AbortController().signal);
      if (!latest) await pause(calmMs);
      if (latest) continue;
      exact = new AbortController();
      isCoarse = isCoarseUnderWay = false; // from here on a new wish gives this one up
      await refine(recording, stat, list, 1, exact.signal);
      return;
    }
  } finally {
    if (isCoarse) isCoarseUnderWay = false;
  }
}

function wish(next: Wish) {
  latest = next;
  if (isCoarseUnderWay) return;
  exact?.abort();
  isCoarseUnderWay = true;
  explainZones(serve());
}

effect(() => {
  const recording = current.value;
  const stat = courseStat.value;
  const list = shownZones.value;
  if (recording?.kind !== 'movie') return;
  const inside = list.filter((z) => pixelBox(z, recording.width, recording.height));
  untracked(() => {
    showKnown(recording, stat, inside);
    wish({ recording, stat, list: inside });
  });
});

// ---- On the timeline

const isOwn = (id: string) => id.startsWith('zone:');

effect(() => {
  const list = shownZones.value;
  const known = courses.value;
  const stat = courseStat.value;
  const own = list.flatMap((z) =>
    ['', '/r', '/g', '/b'].flatMap((c) => {
      const course = known.get(z.name + c);
      return course ? [{ id: `zone:${z.name}${c}`, label: `${z.name}${c} ${stat}`, colour: colourOf(z), values: course.values, unit: '' }] : [];
    }),
  );
  const others = timelineCurves.peek().filter((c) => !isOwn(c.id));
  if (own.length > 0 || others.length !== timelineCurves.peek().length) timelineCurves.value = [...others, ...own];
});
