// At high zoom: lines between the pixels, and their values.

import type { ReadonlySignal, Signal } from '@preact/signals';
import { DrawnCanvas } from '../plot/drawn';
import { numberText } from '../shell/texts';
import type { Arrangement } from './image_view';
import { maskOf } from './mask';
import { extentOf, gainOf, type Picture } from './scene';
import { toScreen, type Viewport } from './tool';
import { liveAt } from './live_value';
import { through } from './viewport';

const leastGrid = 14; // CSS pixels of a pixel from which on lines are drawn,
const leastLabel = 40; // and values

interface Props {
  viewport: Signal<Viewport>;
  pictures: ReadonlySignal<Omit<Picture, 'viewport'>[]>;
  arrangement: ReadonlySignal<Arrangement>;
}

function drawGrid(context: CanvasRenderingContext2D, v: Viewport, left: number, size: { width: number; height: number }) {
  const x0 = Math.max(0, Math.floor(v.x + 0.5));
  const y0 = Math.max(0, Math.floor(v.y + 0.5));
  const x1 = Math.min(size.width, Math.ceil(v.x + v.width / v.scale + 0.5));
  const y1 = Math.min(size.height, Math.ceil(v.y + v.height / v.scale + 0.5));
  context.strokeStyle = 'rgba(128,128,128,0.35)';
  context.lineWidth = 1;
  context.beginPath();
  for (let x = x0; x <= x1; x++) line(context, v, left, x, y0, x, y1);
  for (let y = y0; y <= y1; y++) line(context, v, left, x0, y, x1, y);
  context.stroke();
}

// Between edges of pixels: (0, 0) is the left top edge of the first.
function line(context: CanvasRenderingContext2D, v: Viewport, left: number, x0: number, y0: number, x1: number, y1: number) {
  const a = toScreen(v, { x: x0 - 0.5, y: y0 - 0.5 });
  const b = toScreen(v, { x: x1 - 0.5, y: y1 - 0.5 });
  context.moveTo(left + a.x, a.y);
  context.lineTo(left + b.x, b.y);
}

function brightness(p: Omit<Picture, 'viewport'>, values: number[]): number {
  const place = values.map((v) => Math.max(0, Math.min(255, Math.floor((v - p.low) * gainOf(p as Picture)))));
  const [r, g, b] = values.length >= 3 ? place : [0, 1, 2].map((c) => p.colours[3 * (place[0] ?? 0) + c]);
  return 0.299 * (r ?? 0) + 0.587 * (g ?? 0) + 0.114 * (b ?? 0);
}

function drawValues(context: CanvasRenderingContext2D, v: Viewport, left: number, p: Omit<Picture, 'viewport'>) {
  const colours = p.frame.n_colours;
  if (p.frame.level > 0) return;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const size = Math.min(13, v.scale / 4.2);
  context.font = `${size}px system-ui, "DejaVu Sans", sans-serif`;
  const { x0, y0, x1, y1 } = extentOf(p);
  const mask = p.mask && maskOf(p.mask, p.frame);
  for (let y = Math.max(y0, Math.round(v.y)); y < Math.min(y1, v.y + v.height / v.scale + 0.5); y++)
    for (let x = Math.max(x0, Math.round(v.x)); x < Math.min(x1, v.x + v.width / v.scale + 0.5); x++) {
      if (mask?.[(y - y0) * p.frame.width + x - x0] === 0) continue;
      const values = Array.from({ length: colours }, (_, c) => liveAt(p, y - y0, x - x0, c));
      const at = toScreen(v, { x, y });
      const isNumber = !values.some(Number.isNaN);
      context.fillStyle = isNumber && brightness(p, values) > 128 ? 'rgba(0,0,0,0.8)' : 'rgba(255,255,255,0.85)';
      values.forEach((value, c) => context.fillText(Number.isNaN(value) ? 'NaN' : numberText(value, 4), left + at.x, at.y + (c - (colours - 1) / 2) * size * 1.1));
    }
}

export function PixelLabels({ viewport, pictures, arrangement }: Props) {
  const draw = (context: CanvasRenderingContext2D) => {
    if (arrangement.value === 'swipe') return;
    pictures.value.forEach((p, i) => {
      const v = through(viewport.value, p.onto);
      if (v.scale < leastGrid) return;
      const left = i * (v.width + 2);
      context.save();
      context.beginPath();
      context.rect(left, 0, v.width, v.height);
      context.clip();
      drawGrid(context, v, left, p);
      if (v.scale >= leastLabel) drawValues(context, v, left, p);
      context.restore();
    });
  };
  return <DrawnCanvas class="image-labels" draw={draw} />;
}
