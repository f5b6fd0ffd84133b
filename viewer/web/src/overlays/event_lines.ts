// What stands out along a line, in each frame of the range: found once by the step `events`, then looked up by frame.

import { column, parseCsv, type Table } from '../chains/csv';
import { lineParams, validLine, zoneOfLine } from '../chains/lines';
import type { ChainStep, Recording } from '../api/types';
import type { Point } from '../image/tool';
import { movieView } from '../state/movie';
import type { EventSettings } from '../state/overlays';
import { zones } from '../state/zones';
import { zonesFile } from '../zones/file';
import { pointsOf } from '../zones/geometry';
import type { Wish } from './live';
import { textOf } from './run';

export const eventPoints = ['start', 'eye', 'end'] as const;
export const eventColours: Record<(typeof eventPoints)[number], string> = { start: '#4ade80', eye: '#fbbf24', end: '#60a5fa' };

export interface EventLines {
  path: Point[]; // of the line
  width: number;
  text: string; // the table as the step wrote it
  table: Table;
  rows: Map<number, number>; // row of the table by frame
}

const name = 'events.csv';

// ---- The line

export function pathOf(r: Recording, line: string): Point[] {
  const { x, y } = movieView(r).cross.value;
  if (line === 'horizontal') return [{ x: 0, y }, { x: r.width - 1, y }];
  if (line === 'vertical') return [{ x, y: 0 }, { x, y: r.height - 1 }];
  const zone = zones.value.find((z) => z.name === zoneOfLine(line));
  return zone ? pointsOf(zone) : [];
}

export interface Place extends Point {
  dx: number; // direction of the line there, of length 1
  dy: number;
}

// Where a sample of the profile lies: segments are sampled at equal steps of at most a pixel, as the step `profile` does.
export function placeAt(path: Point[], sample: number): Place | null {
  let left = sample;
  for (let i = 0; i + 1 < path.length; i++) {
    const [a, b] = path.slice(i, i + 2);
    if (!a || !b) break;
    const length = Math.hypot(b.x - a.x, b.y - a.y);
    const n = Math.ceil(length);
    const isLast = i + 2 === path.length;
    if (n > 0 && (left < n || (isLast && left === n))) {
      const t = left / n;
      return { x: a.x + t * (b.x - a.x), y: a.y + t * (b.y - a.y), dx: (b.x - a.x) / length, dy: (b.y - a.y) / length };
    }
    left -= n;
  }
  return null;
}

// ---- The events

export function eventSteps(r: Recording, s: EventSettings): ChainStep[] {
  return [
    { step: 'profile', params: { ...lineParams(r, validLine(s.line)), width: String(s.width) } },
    { step: 'events', params: { extent: s.extent, smooth: String(s.smooth), table: `@${name}` } },
  ];
}

export function eventsWish(r: Recording, s: EventSettings, [first, last]: [number, number]): Wish<EventLines> {
  const line = validLine(s.line);
  const path = pathOf(r, line);
  const chain = eventSteps(r, s);
  const files = zoneOfLine(line) === '' ? {} : { files: { 'zones.json': zonesFile(zones.value) } };
  return {
    key: `${r.id} ${first} ${last} ${JSON.stringify([path, chain])}`,
    frame: first,
    async compute(signal) {
      const text = await textOf({ recording: r, chain, part: { first, count: last - first + 1 }, slot: 'overlay-events', ...files }, name, signal);
      const table = parseCsv(text);
      return { path, width: s.width, text, table, rows: new Map([...column(table, 'frame')].map((frame, i) => [frame, i])) };
    },
  };
}

// Places of start, eye and end in a frame; those that are not there are left out.
export function eventsAt(found: EventLines, frame: number): { name: (typeof eventPoints)[number]; sample: number; place: Place }[] {
  const row = found.rows.get(frame);
  if (row === undefined) return [];
  return eventPoints.flatMap((point) => {
    const sample = column(found.table, point)[row] ?? NaN;
    const place = Number.isNaN(sample) ? null : placeAt(found.path, sample);
    return place ? [{ name: point, sample, place }] : [];
  });
}
