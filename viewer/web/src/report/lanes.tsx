// What happened when, in lanes over one time axis.

import { useSignal } from '@preact/signals';
import { DrawnCanvas } from '../plot/drawn';
import { css } from '../plot/theme_colours';
import { niceStep, ticks, tickText } from '../plot/ticks';
import type { Lane, Lanes } from './data';
import { Key, roleColour } from './roles';

const left = 64;
const right = 12;
const lane = 26;
const axis = 34;

const toX = (part: Lanes, width: number, value: number) => left + ((value - part.x_range[0]) / (part.x_range[1] - part.x_range[0])) * (width - left - right);

function drawLane(c: CanvasRenderingContext2D, part: Lanes, width: number, l: Lane, top: number) {
  c.fillStyle = css('--ink-2');
  c.textAlign = 'right';
  c.textBaseline = 'middle';
  c.fillText(l.label, left - 8, top + 9);
  for (const span of l.spans) {
    const x = toX(part, width, span.from);
    c.fillStyle = roleColour(span.role);
    c.fillRect(x, top, Math.max(0.75, toX(part, width, span.to) - x), 18);
  }
  for (const marks of l.ticks) {
    c.fillStyle = roleColour(marks.role);
    for (const value of marks.x) c.fillRect(toX(part, width, value) - 0.75, top, 1.5, 18);
  }
}

function drawAxis(c: CanvasRenderingContext2D, part: Lanes, width: number, height: number) {
  const [low, high] = part.x_range;
  const count = (width - left - right) / 80;
  const step = niceStep(low, high, count);
  c.textAlign = 'center';
  for (const value of ticks(low, high, count)) {
    const x = Math.round(toX(part, width, value)) + 0.5;
    c.fillStyle = css('--line');
    c.fillRect(x - 0.5, 4, 1, height - axis);
    c.fillStyle = css('--ink-2');
    c.fillText(tickText(value, step), x, height - axis + 14);
  }
  c.textAlign = 'right';
  c.fillText(part.x_label, width - right, height - 6);
}

// What is at a place, in words.
function found(part: Lanes, width: number, x: number, y: number): string {
  const l = part.lanes[Math.floor((y - 4) / lane)];
  const value = part.x_range[0] + ((x - left) / (width - left - right)) * (part.x_range[1] - part.x_range[0]);
  if (!l || x < left) return '';
  const span = l.spans.find((s) => s.from <= value && value <= s.to);
  const near = l.ticks.find((m) => m.x.some((v) => Math.abs(toX(part, width, v) - x) < 3));
  const what = near?.label ?? span?.text ?? (span ? l.label : '');
  return what === '' ? '' : `${Number(value.toPrecision(6))} s: ${what}`;
}

export function LanesFigure({ part }: { part: Lanes }) {
  const told = useSignal('');
  const height = part.lanes.length * lane + axis;
  const draw = (c: CanvasRenderingContext2D, width: number) => {
    drawAxis(c, part, width, height);
    part.lanes.forEach((l, i) => drawLane(c, part, width, l, 6 + i * lane));
  };
  const move = (event: PointerEvent) => {
    const rect = (event.currentTarget as HTMLElement).getBoundingClientRect();
    told.value = found(part, rect.width, event.clientX - rect.left, event.clientY - rect.top);
  };
  return (
    <figure class="lanes" aria-label={part.title}>
      <div title={told.value} style={{ height: `${height}px` }}>
        <DrawnCanvas class="fill" draw={draw} label={part.title} onPointerMove={move} onPointerLeave={() => (told.value = '')} />
      </div>
      <Key entries={[...part.key, ...part.lanes.flatMap((l) => l.ticks)]} />
    </figure>
  );
}
