// Isolines of the frame shown, as the step `isolines` finds them, in coordinates of the frame.

import type { ChainStep, Recording } from '../api/types';
import type { IsolinesSettings } from '../state/overlays';
import type { Wish } from './live';
import { isWhole, leadingTo, regionKey, wholeRegion, type Region } from './region';
import { textOf } from './run';

const mostPoints = 100000; // more are slow to draw, and tell nobody anything

export interface Isoline {
  level: number;
  xy: Float64Array; // x and y of its points
}

export interface Level {
  value: number;
  lines: Isoline[];
  nPoints: number;
  path: string; // of all its lines
}

export type Isolines = Level[]; // lowest first

const table = '@isolines.csv';

function stepOf({ count, smooth }: IsolinesSettings, levels: string, bin: number): ChainStep {
  const params: Record<string, string> = { smooth: String(smooth / bin), frames: ':', table };
  return { step: 'isolines', params: levels === '' ? { ...params, count: String(count) } : { ...params, levels } };
}

// The step with the parameters of the panel, for a chain.
export const isolinesStep = (s: IsolinesSettings): ChainStep => stepOf(s, s.levels.trim(), 1);

// Rows of frame, level, line, point, x, y.
function readLines(text: string, region: Region): Isoline[] {
  const lines: { level: number; xy: number[] }[] = [];
  let last = '';
  let from = text.indexOf('\n') + 1;
  while (from > 0 && from < text.length) {
    const end = text.indexOf('\n', from);
    const [, level, line = '', , x, y] = text.slice(from, end < 0 ? undefined : end).split(',');
    if (line !== last) {
      last = line;
      lines.push({ level: Number(level), xy: [] });
    }
    lines.at(-1)?.xy.push(region.x + (Number(x) + 0.5) * region.bin - 0.5, region.y + (Number(y) + 0.5) * region.bin - 0.5);
    from = end < 0 ? 0 : end + 1;
  }
  return lines.map(({ level, xy }) => ({ level, xy: Float64Array.from(xy) }));
}

const coordinate = (v: number | undefined) => String(Math.round((v ?? 0) * 1e4) / 1e4);

function pathOf({ xy }: Isoline): string {
  let d = '';
  for (let i = 0; i < xy.length; i += 2) d += `${i === 0 ? 'M' : 'L'}${coordinate(xy[i])} ${coordinate(xy[i + 1])}`;
  return d;
}

function byLevel(lines: Isoline[]): Isolines {
  const values = [...new Set(lines.map((l) => l.level))].sort((a, b) => a - b);
  return values.map((value) => {
    const own = lines.filter((l) => l.level === value);
    return { value, lines: own, nPoints: own.reduce((n, l) => n + l.xy.length / 2, 0), path: own.map(pathOf).join('') };
  });
}

async function find(r: Recording, s: IsolinesSettings, frame: number, region: Region, levels: string, signal: AbortSignal): Promise<Isolines> {
  const step = stepOf(s, levels, region.bin);
  step.params['points'] = String(mostPoints);
  const text = await textOf({ recording: r, chain: [...leadingTo(r, region), step], part: { first: frame, count: 1 }, slot: 'overlay-isolines' }, table.slice(1), signal);
  return byLevel(readLines(text, region));
}

// Of a part, levels are those of the whole frame: moving the image does not change them.
async function levelsOf(r: Recording, s: IsolinesSettings, frame: number, region: Region, signal: AbortSignal): Promise<string> {
  const given = s.levels.trim();
  if (given !== '' || isWhole(r, region)) return given;
  return (await find(r, s, frame, wholeRegion(r), '', signal)).map((l) => l.value).join(',');
}

const withoutLines: Isolines = [];

export function isolinesWish(r: Recording, s: IsolinesSettings, frame: number, region: Region): Wish<Isolines> {
  return {
    key: `${r.id} ${frame} ${regionKey(region)} ${s.count} ${s.levels} ${s.smooth}`,
    frame,
    async compute(signal) {
      const levels = await levelsOf(r, s, frame, region, signal);
      if (levels === '' && s.levels.trim() === '' && !isWhole(r, region)) return withoutLines; // a flat frame
      return find(r, s, frame, region, levels, signal);
    },
  };
}

// As the step writes it.
export function isolinesCsv(frame: number, levels: Isolines): string {
  const rows = ['frame,level,line,point,x,y'];
  let line = 0;
  for (const { value, lines } of levels)
    for (const { xy } of lines) {
      for (let i = 0; i < xy.length; i += 2) rows.push([frame, value, line, i / 2, xy[i], xy[i + 1]].join(','));
      line++;
    }
  return `${rows.join('\n')}\n`;
}

// From blue for the lowest to red for the highest.
export const levelColour = (i: number, n: number) => `hsl(${220 - (220 * i) / Math.max(1, n - 1)} 85% 58%)`;
