// Isolines over the image, in its coordinates, each level with its value.

import type { Point, Viewport } from '../image/tool';
import { toScreen } from '../image/tool';
import { numberText } from '../shell/texts';
import { current } from '../state/app';
import { movieView } from '../state/movie';
import { live } from './results';
import { levelColour, type Level } from './isolines';

const room = 14; // CSS pixels that a label keeps from the edges, and from other labels

// The middle of the longest line that is seen and leaves room for the label.
function labelPlace({ lines }: Level, v: Viewport, taken: Point[]): Point | null {
  const isFree = (p: Point) =>
    p.x > room && p.y > room && p.x < v.width - 3 * room && p.y < v.height - room && taken.every((t) => Math.abs(t.x - p.x) > 4 * room || Math.abs(t.y - p.y) > room);
  const longest = [...lines].sort((a, b) => b.xy.length - a.xy.length).slice(0, 12);
  for (const { xy } of longest)
    for (const share of [0.5, 0.25, 0.75, 0.1, 0.9]) {
      const i = 2 * Math.floor((share * xy.length) / 2);
      const p = toScreen(v, { x: xy[i] ?? NaN, y: xy[i + 1] ?? NaN });
      if (isFree(p)) return p;
    }
  return null;
}

export function IsolinesOverlay({ viewport: v }: { viewport: Viewport }) {
  const shown = live.isolines.shown.value;
  const r = current.value;
  if (!shown || !r || r.kind !== 'movie') return null;
  const isLate = shown.frame !== movieView(r).shownFrame.value;
  const levels = shown.value;
  const taken: Point[] = [];
  return (
    <g class={`isolines ${isLate ? 'is-late' : ''}`} data-frame={shown.frame}>
      <g transform={`scale(${v.scale}) translate(${-v.x} ${-v.y})`}>
        {levels.map(({ value, path }, i) => (
          <g key={value} data-level={value}>
            <path class="isoline-back" d={path} />
            <path class="isoline" d={path} style={{ stroke: levelColour(i, levels.length) }} />
          </g>
        ))}
      </g>
      {levels.map((level, i) => {
        const at = labelPlace(level, v, taken);
        if (!at) return null;
        taken.push(at);
        return (
          <text key={level.value} class="isoline-value" x={at.x + 3} y={at.y + 4} style={{ fill: levelColour(i, levels.length) }}>
            {numberText(level.value, 4)}
          </text>
        );
      })}
    </g>
  );
}
