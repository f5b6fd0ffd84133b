// Images in colours of their own, blended over the picture.

import type { ReadonlySignal, Signal } from '@preact/signals';
import { DrawnCanvas } from '../plot/drawn';
import type { Viewport } from './tool';

export interface ImageSheet {
  frame: number; // which it belongs to
  canvas: HTMLCanvasElement;
  x: number; // its left top pixel
  y: number;
  step: number; // pixels of the picture for one of its own, in each direction
  opacity: number; // 0 to 1
}

// ratio: what one unit of the viewport is on the canvas, beside the transformation of the context.
export function drawSheets(context: CanvasRenderingContext2D, v: Viewport, sheets: ImageSheet[], width: number, ratio: number) {
  context.save();
  context.beginPath();
  context.rect(0, 0, width, v.height);
  context.clip();
  for (const { canvas, x, y, step, opacity } of sheets) {
    const size = step * v.scale;
    context.globalAlpha = opacity;
    context.imageSmoothingEnabled = size * ratio < 1;
    context.imageSmoothingQuality = 'high';
    context.drawImage(canvas, (x - 0.5 - v.x) * v.scale, (y - 0.5 - v.y) * v.scale, canvas.width * size, canvas.height * size);
  }
  context.restore();
}

interface Props {
  viewport: Signal<Viewport>;
  sheets: ReadonlySignal<ImageSheet[]>;
  frame: ReadonlySignal<number>;
  arrangement: ReadonlySignal<'off' | 'side' | 'swipe'>;
  swipe: Signal<number>;
}

// What belongs to the first picture ends where the second begins.
export const ownWidth = (v: Viewport, { arrangement, swipe }: Pick<Props, 'arrangement' | 'swipe'>) => (arrangement.value === 'swipe' ? v.width * swipe.value : v.width);

export function SheetsCanvas({ viewport, sheets, frame, arrangement, swipe }: Props) {
  if (sheets.value.length === 0) return null;
  const isLate = sheets.value.some((s) => s.frame !== frame.value);
  const draw = (context: CanvasRenderingContext2D) =>
    drawSheets(context, viewport.value, sheets.value, ownWidth(viewport.value, { arrangement, swipe }), devicePixelRatio);
  return <DrawnCanvas class={`image-sheets ${isLate ? 'is-late' : ''}`} draw={draw} />;
}
