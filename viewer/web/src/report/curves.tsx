// Curves of a report in the page's own plot: zoom by dragging, double click for all, values under the cursor.

import { useMemo } from 'preact/hooks';
import type uPlot from 'uplot';
import { LinePlot, type Curve } from '../plot/line_plot';
import { css } from '../plot/theme_colours';
import type { Curves, Marks, Series } from './data';
import { Key, roleColour } from './roles';

type Value = number | null | undefined;

interface Columns {
  x: number[];
  values: Value[][]; // of each series
}

// Edges and counts as the outline of bars.
function outline(series: Series): Series {
  const x = series.x.flatMap((edge) => [edge, edge]);
  const values = [0, ...series.values.flatMap((v) => [v, v]), 0];
  return { ...series, x, values };
}

const isSame = (a: number[], b: number[]) => a === b || (a.length === b.length && a.every((v, i) => v === b[i]));

// Series over one x axis; where a series has no point there is neither a value nor a gap.
function aligned(all: Series[]): Columns {
  const first = all[0]?.x ?? [];
  if (all.every((s) => isSame(first, s.x))) return { x: first, values: all.map((s) => s.values) };
  const x = [...new Set(all.flatMap((s) => s.x))].sort((a, b) => a - b);
  const places = new Map(x.map((v, i) => [v, i]));
  return {
    x,
    values: all.map((s) => {
      const values: Value[] = new Array<Value>(x.length).fill(undefined);
      s.x.forEach((v, i) => (values[places.get(v) ?? 0] = s.values[i]));
      return values;
    }),
  };
}

function drawMarks(u: uPlot, marks: Marks) {
  const { left, top, width, height } = u.bbox;
  u.ctx.strokeStyle = roleColour(marks.role);
  u.ctx.lineWidth = devicePixelRatio;
  u.ctx.globalAlpha = marks.short ? 1 : 0.55;
  u.ctx.beginPath();
  for (const value of marks.x) {
    const x = Math.round(u.valToPos(value, 'x', true)) + 0.5;
    if (x < left || x > left + width) continue;
    u.ctx.moveTo(x, top);
    u.ctx.lineTo(x, top + (marks.short ? 7 * devicePixelRatio : height));
  }
  u.ctx.stroke();
  u.ctx.globalAlpha = 1;
}

function drawGuide(u: uPlot, [x1, y1, x2, y2]: [number, number, number, number]) {
  u.ctx.save();
  u.ctx.beginPath();
  u.ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
  u.ctx.clip();
  u.ctx.strokeStyle = css('--ink');
  u.ctx.lineWidth = devicePixelRatio;
  u.ctx.beginPath();
  u.ctx.moveTo(u.valToPos(x1, 'x', true), u.valToPos(y1, 'y', true));
  u.ctx.lineTo(u.valToPos(x2, 'x', true), u.valToPos(y2, 'y', true));
  u.ctx.stroke();
  u.ctx.restore();
}

export function CurvesFigure({ part }: { part: Curves }) {
  const hasBars = part.series.some((s) => s.style === 'bars');
  const columns = useMemo(() => aligned(part.series.map((s) => (s.style === 'bars' ? outline(s) : s))), [part]);
  const curves: Curve[] = part.series.map((s, i) => ({
    label: s.label || part.y_label,
    values: columns.values[i] ?? [],
    colour: roleColour(s.role),
    width: s.role === 'truth' ? 4 : 1.25,
    points: s.style === 'dots',
    ...(hasBars ? { bandTo: 'zero' } : {}),
  }));
  if (hasBars) curves.push({ label: 'zero', values: columns.x.map(() => 0), width: 0, colour: 'transparent' });
  const decorate = (u: uPlot) => {
    part.marks?.forEach((m) => drawMarks(u, m));
    if (part.guide) drawGuide(u, part.guide);
  };
  return (
    <figure class="curves" aria-label={part.title}>
      <LinePlot
        x={columns.x}
        curves={curves}
        xLabel={part.x_label}
        yLabel={part.y_label}
        height={part.height + 64}
        logX={part.log_x ?? false}
        logY={part.log_y ?? false}
        yDown={part.y_down ?? false}
        xRange={part.x_range ?? null}
        yRange={part.y_range ?? null}
        legend={!hasBars}
        decorate={decorate}
      />
      <Key entries={part.marks ?? []} />
    </figure>
  );
}
