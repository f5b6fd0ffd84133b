// Draws the upper storey of the timeline: what rests (curves, marks, axes), and over it what follows the frame.

import { css, cssFaint } from '../plot/theme_colours';
import { niceStep, ticks, tickText } from '../plot/ticks';
import { numberText } from '../shell/texts';
import { frameWidth, toX, type TimeAxis } from './time_axis';
import type { TimelineCurve, TimelineMark } from './timeline_curves';
import type { Clock } from './times';

export interface TimelineScene {
  axis: TimeAxis;
  curves: TimelineCurve[];
  band: { low: Float64Array; high: Float64Array } | null; // lowest and highest value of each frame
  marks: TimelineMark[];
  range: [number, number];
  clock: Clock | null;
  scanned: number; // share of the frames, 0 to 1
}

type Context = CanvasRenderingContext2D;
const top = 16;
const below = 30; // axis

interface Scale {
  low: number;
  high: number;
  bottom: number;
}

const toY = (s: Scale, v: number) => s.bottom - ((v - s.low) / (s.high - s.low)) * (s.bottom - top);

function scaleOf(rows: Float64Array[], axis: TimeAxis, bottom: number): Scale {
  let low = Infinity;
  let high = -Infinity;
  for (const values of rows)
    for (let i = axis.first; i <= Math.min(axis.last, values.length - 1); i++) {
      const v = values[i] as number;
      if (v < low) low = v;
      if (v > high) high = v;
    }
  if (!(low <= high)) return { low: 0, high: 1, bottom };
  if (low === high) return { low: low - 1, high: high + 1, bottom };
  const margin = 0.04 * (high - low);
  return { low: low - margin, high: high + margin, bottom };
}

// Lowest and highest value of the frames under each screen pixel, so that nothing is hidden.
function columns(values: Float64Array, axis: TimeAxis): { x: number; low: number; high: number; last: number }[] {
  const found: { x: number; low: number; high: number; last: number }[] = [];
  for (let i = axis.first; i <= Math.min(axis.last, values.length - 1); i++) {
    const v = values[i] as number;
    const x = Math.round(toX(axis, i));
    const column = found[found.length - 1];
    if (column && column.x === x) {
      if (Number.isNaN(v)) continue;
      column.low = Number.isNaN(column.low) ? v : Math.min(column.low, v);
      column.high = Number.isNaN(column.high) ? v : Math.max(column.high, v);
      column.last = v;
    } else found.push({ x, low: v, high: v, last: v });
  }
  return found;
}

function drawLine(c: Context, values: Float64Array, axis: TimeAxis, scale: Scale, colour: string) {
  c.strokeStyle = colour;
  c.lineWidth = 1.25;
  c.lineJoin = 'round';
  c.beginPath();
  let isOpen = false;
  for (const column of columns(values, axis)) {
    if (Number.isNaN(column.low)) {
      isOpen = false;
      continue;
    }
    if (isOpen) c.lineTo(column.x, toY(scale, column.high));
    else c.moveTo(column.x, toY(scale, column.high));
    if (column.low !== column.high) {
      c.lineTo(column.x, toY(scale, column.low));
      c.lineTo(column.x, toY(scale, column.last));
    } else if (!isOpen) c.lineTo(column.x + 0.5, toY(scale, column.low));
    isOpen = true;
  }
  c.stroke();
}

function drawBand(c: Context, band: { low: Float64Array; high: Float64Array }, axis: TimeAxis, scale: Scale) {
  const low = columns(band.low, axis);
  const high = columns(band.high, axis);
  const half = frameWidth(axis) / 2;
  c.fillStyle = cssFaint('--ink-2', 0.16);
  high.forEach((column, i) => {
    if (Number.isNaN(column.high)) return;
    const begin = Math.round(column.x - half);
    const next = high[i + 1];
    const end = next && !Number.isNaN(next.high) ? Math.round(next.x - half) : Math.max(begin + 1, Math.round(column.x + half));
    c.fillRect(begin, toY(scale, column.high), end - begin, Math.max(1, toY(scale, low[i]?.low ?? NaN) - toY(scale, column.high)));
  });
}

function drawValueAxis(c: Context, axis: TimeAxis, scale: Scale) {
  const step = niceStep(scale.low, scale.high, 4);
  c.textAlign = 'right';
  c.textBaseline = 'middle';
  for (const value of ticks(scale.low, scale.high, 4)) {
    const y = Math.round(toY(scale, value)) + 0.5;
    c.strokeStyle = css('--line');
    c.lineWidth = 1;
    segment(c, axis.left, y, axis.left + axis.width, y);
    c.fillStyle = css('--ink-2');
    c.fillText(tickText(value, step), axis.left - 5, y);
  }
}

// The band of lowest and highest values has its own axis, at the right: single pixels vary much more than means.
function drawBandAxis(c: Context, axis: TimeAxis, scale: Scale) {
  const step = niceStep(scale.low, scale.high, 4);
  const x = axis.left + axis.width;
  c.textAlign = 'left';
  c.textBaseline = 'middle';
  c.fillStyle = cssFaint('--ink-2', 0.75);
  c.strokeStyle = css('--line');
  for (const value of ticks(scale.low, scale.high, 4)) {
    const y = Math.round(toY(scale, value)) + 0.5;
    segment(c, x, y, x + 4, y);
    c.fillText(tickText(value, step), x + 6, y);
  }
}

function segment(c: Context, x0: number, y0: number, x1: number, y1: number) {
  c.beginPath();
  c.moveTo(x0, y0);
  c.lineTo(x1, y1);
  c.stroke();
}

// Frames above, seconds below.
function drawTimeAxis(c: Context, s: TimelineScene, bottom: number) {
  const { axis } = s;
  const count = axis.width / 90;
  c.textAlign = 'center';
  c.textBaseline = 'middle';
  c.strokeStyle = css('--ink-2');
  c.fillStyle = css('--ink-2');
  c.lineWidth = 1;
  segment(c, axis.left, bottom + 0.5, axis.left + axis.width, bottom + 0.5);
  const least = Math.max(1, niceStep(axis.first, axis.last, count));
  for (const frame of ticks(axis.first, axis.last, count, 1)) {
    const x = Math.round(toX(axis, frame)) + 0.5;
    segment(c, x, bottom, x, bottom + 4);
    c.fillText(tickText(frame, least), x, bottom + 10);
  }
  c.textAlign = 'right';
  c.fillText('frame', axis.left - 5, bottom + 10);
  if (s.clock === null) return;
  c.fillText('time (s)', axis.left - 5, bottom + 22);
  c.textAlign = 'center';
  const [first, last] = [s.clock.at(axis.first), s.clock.at(axis.last)];
  const step = niceStep(first, last, count);
  for (const seconds of ticks(first, last, count)) c.fillText(tickText(seconds, step), toX(axis, s.clock.frame(seconds)), bottom + 22);
}

function drawMarks(c: Context, s: TimelineScene, bottom: number) {
  for (const mark of s.marks) {
    if (mark.frame < s.axis.first || mark.frame > s.axis.last) continue;
    const x = Math.round(toX(s.axis, mark.frame)) + 0.5;
    c.strokeStyle = mark.colour;
    c.fillStyle = mark.colour;
    c.globalAlpha = 0.45;
    segment(c, x, top, x, bottom);
    c.globalAlpha = 1;
    c.beginPath();
    c.moveTo(x - 3.5, top - 4);
    c.lineTo(x + 3.5, top - 4);
    c.lineTo(x, top + 2);
    c.fill();
  }
}

function drawCursor(c: Context, axis: TimeAxis, frame: number, bottom: number) {
  const x = toX(axis, frame);
  if (frame < axis.first || frame > axis.last) return;
  const width = Math.max(2, frameWidth(axis));
  c.fillStyle = cssFaint('--cursor', width > 3 ? 0.35 : 1);
  c.fillRect(x - width / 2, top - 4, width, bottom - top + 8);
}

// Names and values at the frame, from the right.
function drawLegend(c: Context, axis: TimeAxis, curves: TimelineCurve[], frame: number) {
  let x = axis.left + axis.width;
  c.textBaseline = 'middle';
  c.textAlign = 'right';
  for (const curve of [...curves].reverse()) {
    const text = `${curve.label} ${numberText(curve.values[frame], 5)}${curve.unit === '' ? '' : ` ${curve.unit}`}`;
    const width = c.measureText(text).width;
    if (x - width - 14 < axis.left) break;
    c.fillStyle = css('--ink-2');
    c.fillText(text, x, 7);
    c.fillStyle = curve.colour;
    c.fillRect(x - width - 13, 6, 9, 2.5);
    x -= width + 24;
  }
}

export function drawFollowing(c: Context, axis: TimeAxis, curves: TimelineCurve[], frame: number, height: number) {
  drawCursor(c, axis, frame, height - below);
  drawLegend(c, axis, curves, frame);
}

// Outside of the range, paler.
function drawOutside(c: Context, s: TimelineScene, bottom: number) {
  const half = frameWidth(s.axis) / 2;
  const left = Math.max(s.axis.left, Math.min(s.axis.left + s.axis.width, toX(s.axis, s.range[0]) - half));
  const right = Math.max(s.axis.left, Math.min(s.axis.left + s.axis.width, toX(s.axis, s.range[1]) + half));
  c.fillStyle = cssFaint('--paper-2', 0.62);
  c.fillRect(s.axis.left, top, left - s.axis.left, bottom - top);
  c.fillRect(right, top, s.axis.left + s.axis.width - right, bottom - top);
}

function drawProgress(c: Context, s: TimelineScene) {
  if (s.scanned >= 1) return;
  c.textAlign = 'left';
  c.textBaseline = 'middle';
  c.fillStyle = css('--ink-2');
  c.fillText(`reading all frames: ${Math.floor(100 * s.scanned)} %`, s.axis.left + 4, 7);
}

export function drawResting(c: Context, s: TimelineScene, height: number) {
  const bottom = height - below;
  const units = [...new Set(s.curves.map((curve) => curve.unit))];
  const scales = new Map(
    units.map((unit) => {
      const rows = s.curves.filter((curve) => curve.unit === unit).map((curve) => curve.values);
      return [unit, scaleOf(rows, s.axis, bottom)] as const;
    }),
  );
  const first = scales.get(units[0] ?? '') ?? { low: 0, high: 1, bottom };
  drawValueAxis(c, s.axis, first);
  c.save();
  c.beginPath();
  c.rect(s.axis.left, 0, s.axis.width, bottom + 1);
  c.clip();
  const around = s.band && scaleOf([s.band.low, s.band.high], s.axis, bottom);
  if (s.band && around) drawBand(c, s.band, s.axis, around);
  for (const curve of s.curves) drawLine(c, curve.values, s.axis, scales.get(curve.unit) ?? first, curve.colour);
  drawOutside(c, s, bottom);
  drawMarks(c, s, bottom);
  c.restore();
  if (around) drawBandAxis(c, s.axis, around);
  drawTimeAxis(c, s, bottom);
  drawProgress(c, s);
}
