// The exact pixels of zones, as outlines: the server says which belong.

import { effect, signal, untracked } from '@preact/signals';
import { api } from '../api/client';
import type { Recording } from '../api/types';
import { current } from '../state/app';
import { isMembersShown, shownZones, zones } from '../state/zones';
import { forFile, pixelBox, shapeKey } from './geometry';
import { explainZones } from './problem';

export const memberPaths = signal<ReadonlyMap<string, string>>(new Map<string, string>());
// Pixels of each zone inside the image.
export const memberCounts = signal<ReadonlyMap<string, number>>(new Map<string, number>());

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
}
const cache = new Map<string, Known>(); // by recording and shape
let request: AbortController | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

function show(id: string) {
  const paths = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const z of zones.value) {
    const known = cache.get(id + shapeKey(z));
    if (!known) continue;
    counts.set(z.name, known.count);
    if (isMembersShown.value && shownZones.value.includes(z)) paths.set(z.name, known.path);
  }
  memberPaths.value = paths;
  memberCounts.value = counts;
}

async function fetchMembers({ id, width, height }: Recording) {
  const missing = zones.value.filter((z) => !cache.has(id + shapeKey(z)) && pixelBox(z, width, height));
  if (missing.length === 0) return;
  request = new AbortController();
  const answer = await api.members(id, missing.map(forFile), request.signal);
  if (cache.size > 500) cache.clear();
  missing.forEach((z, i) => {
    const zone = answer.zones[i];
    if (zone) cache.set(id + shapeKey(z), { path: outlineOf(zone.spans), count: zone.n_pixels });
  });
  show(id);
}

effect(() => {
  const recording = current.value;
  void isMembersShown.value;
  void shownZones.value; // and so all zones
  if (recording?.kind !== 'movie') return;
  request?.abort();
  clearTimeout(timer);
  untracked(() => show(recording.id));
  timer = setTimeout(() => explainZones(fetchMembers(recording)), 60);
});
