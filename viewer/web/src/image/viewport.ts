// Where the image lies on the screen: fit, zoom about a point, pan.

import type { Point, Viewport } from './tool';

export interface Size {
  width: number;
  height: number;
}

const leastVisible = 24; // CSS pixels of the image that always stay on the screen
const mostScale = 256;

export function fit(image: Size, screen: Size): Viewport {
  const scale = Math.min(mostScale, screen.width / image.width, screen.height / image.height) || 1;
  return {
    x: image.width / 2 - 0.5 - screen.width / scale / 2,
    y: image.height / 2 - 0.5 - screen.height / scale / 2,
    scale,
    width: screen.width,
    height: screen.height,
  };
}

function keepVisible(v: Viewport, image: Size): Viewport {
  const margin = leastVisible / v.scale;
  const bound = (at: number, length: number, shown: number) => Math.max(-shown + margin - 0.5, Math.min(length - margin - 0.5, at));
  return { ...v, x: bound(v.x, image.width, v.width / v.scale), y: bound(v.y, image.height, v.height / v.scale) };
}

// What is at `screen` (CSS pixels) stays there.
export function zoomAbout(v: Viewport, image: Size, screen: Point, factor: number): Viewport {
  const least = Math.min(1, 0.25 * fit(image, v).scale);
  const scale = Math.max(least, Math.min(mostScale, v.scale * factor));
  const keep = 1 / v.scale - 1 / scale;
  return keepVisible({ ...v, scale, x: v.x + screen.x * keep, y: v.y + screen.y * keep }, image);
}

export function pan(v: Viewport, image: Size, dx: number, dy: number): Viewport {
  return keepVisible({ ...v, x: v.x - dx / v.scale, y: v.y - dy / v.scale }, image);
}

// The middle stays in the middle when the element changes its size.
export function resized(v: Viewport, screen: Size): Viewport {
  return {
    scale: v.scale,
    width: screen.width,
    height: screen.height,
    x: v.x + (v.width - screen.width) / v.scale / 2,
    y: v.y + (v.height - screen.height) / v.scale / 2,
  };
}

export const isFitted = (v: Viewport, image: Size) => Math.abs(fit(image, v).scale / v.scale - 1) < 1e-6;

// Pixels of another image that show the same: x' = scale x + ..., likewise y.
export interface Onto {
  scale: number;
  x: number;
  y: number;
}

// The view of such an image that shows what `v` shows of the first.
export const through = (v: Viewport, onto: Onto | null | undefined): Viewport =>
  onto ? { ...v, x: onto.scale * v.x + onto.x, y: onto.scale * v.y + onto.y, scale: v.scale / onto.scale } : v;
