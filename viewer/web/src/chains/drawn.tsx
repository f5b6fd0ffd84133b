// What analyses draw over the image: isolines, and the lines of events in the frame shown.

import { signal } from '@preact/signals';
import { toScreen, type Viewport } from '../image/tool';
import { current } from '../state/app';
import { movieView } from '../state/movie';
import { column, type Table } from './csv';

export interface Isoline {
  level: number;
  points: { x: number; y: number }[];
}

export const isolines = signal<{ recording: string; frame: number; lines: Isoline[] } | null>(null);

export const eventLines = signal<{ recording: string; table: Table; axis: 'horizontal' | 'vertical'; at: number } | null>(null);

export function readIsolines(table: Table): Isoline[] {
  const [level, line, x, y] = ['level', 'line', 'x', 'y'].map((n) => column(table, n));
  const lines: Isoline[] = [];
  let last = NaN;
  for (let i = 0; i < table.rows.length; i++) {
    if (line?.[i] !== last) {
      last = line?.[i] ?? NaN;
      lines.push({ level: level?.[i] ?? NaN, points: [] });
    }
    lines.at(-1)?.points.push({ x: x?.[i] ?? NaN, y: y?.[i] ?? NaN });
  }
  return lines;
}

const round = (v: number) => v.toFixed(1);

export function IsolinesOverlay({ viewport }: { viewport: Viewport }) {
  const shown = isolines.value;
  const recording = current.value;
  if (!shown || !recording || shown.recording !== recording.id || shown.frame !== movieView(recording).frame.value) return null;
  const levels = [...new Set(shown.lines.map((l) => l.level))].sort((a, b) => a - b);
  const hue = (level: number) => 220 - (220 * levels.indexOf(level)) / Math.max(1, levels.length - 1);
  const paths = levels.map((level) => {
    const own = shown.lines.filter((l) => l.level === level);
    const d = own.map((l) => l.points.map((p, i) => `${i === 0 ? 'M' : 'L'}${round(toScreen(viewport, p).x)} ${round(toScreen(viewport, p).y)}`).join('')).join('');
    return { level, d };
  });
  return (
    <g class="isolines">
      {paths.map(({ level, d }) => (
        <path key={level} class="isoline" d={d} style={{ stroke: `hsl(${hue(level)} 85% 58%)` }}>
          <title>{level}</title>
        </path>
      ))}
    </g>
  );
}

const eventColours: Record<string, string> = { start: '#4ade80', eye: '#fbbf24', end: '#60a5fa' };

export function EventLinesOverlay({ viewport }: { viewport: Viewport }) {
  const shown = eventLines.value;
  const recording = current.value;
  if (!shown || !recording || shown.recording !== recording.id) return null;
  const frame = movieView(recording).frame.value;
  const row = shown.table.rows.find((r) => Number(r[0]) === frame);
  if (!row) return null;
  const isAcross = shown.axis === 'horizontal';
  return (
    <g class="event-lines">
      {['start', 'eye', 'end'].map((name) => {
        const value = Number(row[shown.table.head.indexOf(name)]);
        if (!Number.isFinite(value)) return null;
        const p = toScreen(viewport, isAcross ? { x: value, y: shown.at } : { x: shown.at, y: value });
        const d = isAcross ? `M${p.x} ${p.y - 40}V${p.y + 40}` : `M${p.x - 40} ${p.y}H${p.x + 40}`;
        return (
          <path key={name} class="isoline" d={d} style={{ stroke: eventColours[name] }}>
            <title>{name}</title>
          </path>
        );
      })}
    </g>
  );
}
