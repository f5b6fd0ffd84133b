// The exact pixels of zones: the server says which belong.

import { effect, signal, untracked } from '@preact/signals';
import { api } from '../api/client';
import type { Recording, Zone } from '../api/types';
import { current } from '../state/app';
import { isMembersShown, shownZones, zones } from '../state/zones';
import { forFile, pixelBox, shapeKey } from './geometry';
import { explainZones } from './problem';

export const memberPaths = signal<ReadonlyMap<string, string>>(new Map<string, string>());
// Pixels of each zone inside the image.
export const memberCounts = signal<ReadonlyMap<string, number>>(new Map<string, number>());
// The server could not say which pixels belong; why is said in the panel.
export const areMembersRefused = signal(false);

type Span = [number, number, number]; // row, first and last column

// Sides that two pixels share cancel each other; the rest is the outline. Coordinates are corners of pixels: pixel
// (x, y) covers x to x + 1 and y to y + 1.
function outlineOf(spans: Span[]): string {
  const vertical: string[] = [];
  const rows = new Map<number, Span[]>();
  for (const span of spans) {
    const [y, x0, x1] = span;
    vertical.push(`M${x0} ${y}v1M${x1 + 1} ${y}v1`);
    const row = rows.get(y);
    if (row) row.push(span);
    else rows.set(y, [span]);
  }
  const horizontal: string[] = [];
  for (const [y, row] of rows) {
    horizontal.push(...sidesBelow(row, rows.get(y + 1) ?? [], y + 1));
    if (!rows.has(y - 1)) horizontal.push(...sidesBelow([], row, y));
  }
  return vertical.join('') + horizontal.join('');
}

// Where exactly one of two neighbouring rows is covered.
function sidesBelow(upper: Span[], lower: Span[], y: number): string[] {
  const turns = new Map<number, number>();
  const flip = (x: number) => turns.set(x, (turns.get(x) ?? 0) + 1);
  for (const [, x0, x1] of [...upper, ...lower]) {
    flip(x0);
    flip(x1 + 1);
  }
  const at = [...turns.entries()].filter(([, n]) => n % 2 === 1).map(([x]) => x).sort((a, b) => a - b);
  const lines: string[] = [];
  for (let i = 0; i + 1 < at.length; i += 2) lines.push(`M${at[i] ?? 0} ${y}H${at[i + 1] ?? 0}`);
  return lines;
}

interface Known {
  path: string;
  count: number;
  spans: Int32Array; // three numbers for each
}
const cache = new Map<string, Known>(); // by recording and shape
const mostCached = 500; // beside those of zones that are there
const version = signal(0); // counts what came into the cache
let request: AbortController | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

const keyOf = (r: Recording, z: Zone) => r.id + shapeKey(z);

function show(r: Recording) {
  const paths = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const z of zones.value) {
    const known = cache.get(keyOf(r, z));
    if (!pixelBox(z, r.width, r.height)) counts.set(z.name, 0);
    if (!known) continue;
    counts.set(z.name, known.count);
    if (isMembersShown.value && shownZones.value.includes(z)) paths.set(z.name, known.path);
  }
  memberPaths.value = paths;
  memberCounts.value = counts;
}

// null: not known yet.
export function spansOf(r: Recording, list: Zone[]): Int32Array[] | null {
  void version.value;
  const spans = list.filter((z) => pixelBox(z, r.width, r.height)).map((z) => cache.get(keyOf(r, z))?.spans);
  return spans.every((s) => s !== undefined) ? spans : null;
}

function tidy(r: Recording) {
  if (cache.size <= mostCached) return;
  const needed = new Set(zones.value.map((z) => keyOf(r, z)));
  for (const key of cache.keys()) if (!needed.has(key)) cache.delete(key);
}

async function fetchMembers(r: Recording) {
  const missing = zones.value.filter((z) => !cache.has(keyOf(r, z)) && pixelBox(z, r.width, r.height));
  if (missing.length > 0) {
    const mine = (request = new AbortController());
    const answer = await api.members(r.id, missing.map(forFile), mine.signal).catch((e: unknown) => {
      areMembersRefused.value = !mine.signal.aborted;
      throw e;
    });
    tidy(r);
    missing.forEach((z, i) => {
      const zone = answer.zones[i];
      if (zone) cache.set(keyOf(r, z), { path: outlineOf(zone.spans), count: zone.n_pixels, spans: Int32Array.from(zone.spans.flat()) });
    });
    version.value++;
    show(r);
  }
  areMembersRefused.value = false;
}

effect(() => {
  const recording = current.value;
  void isMembersShown.value;
  void shownZones.value; // and so all zones
  if (recording?.kind !== 'movie') return;
  request?.abort();
  clearTimeout(timer);
  untracked(() => show(recording));
  timer = setTimeout(() => explainZones(fetchMembers(recording)), 60);
});
