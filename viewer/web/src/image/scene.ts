// What is to be drawn, in terms both drawing layers share, so that they give the same colours.

import type { Frame } from '../api/types';
import type { Mask } from '../state/movie';
import type { Viewport } from './tool';

export interface Picture {
  frame: Frame; // perhaps a part
  under?: Frame | null; // the whole frame, coarser: seen where the part does not reach
  width: number; // of the movie in pixels, whatever the level of the frame
  height: number;
  subtract: Frame | null; // S
  divide: Frame | null; // D
  subtractAmount: number; // a
  divideAmount: number; // b
  low: number;
  high: number;
  colours: Uint8Array; // 256 x 3
  mask: Mask | null;
  viewport: Viewport;
}

// A rectangle of the canvas (device pixels) and the picture in it. The viewport belongs to (originX, 0): panes that
// share one image, as when swiping, begin elsewhere.
export interface Pane {
  left: number;
  width: number;
  originX: number;
  picture: Picture;
}

export interface Scene {
  width: number; // device pixels
  height: number;
  ratio: number; // device pixels for a CSS pixel
  panes: Pane[];
}

export interface ImageLayer {
  kind: 'webgl2' | 'canvas2d';
  draw(scene: Scene): void;
  dispose(): void;
}

export const backColour: [number, number, number] = [11, 13, 15]; // --image-back
export const nanColour: [number, number, number] = [94, 60, 108];

const round = Math.fround;

// The pixels that a frame covers: x0 to x1 - 1, y0 to y1 - 1.
export function extentOf({ frame, width, height }: Pick<Picture, 'frame' | 'width' | 'height'>) {
  const { x: x0, y: y0 } = frame.corner ?? { x: 0, y: 0 };
  return { x0, y0, x1: Math.min(width, x0 + frame.width * 2 ** frame.level), y1: Math.min(height, y0 + frame.height * 2 ** frame.level) };
}

// What is drawn first, and what over it.
export function sheetsOf(pane: Pane): Pane[] {
  const { picture } = pane;
  return picture.under && picture.frame.corner ? [{ ...pane, picture: { ...picture, frame: picture.under } }, pane] : [pane];
}

// Values are turned to places in the colour table as (v - low) * gain, cut to 0 ... 255.
export function gainOf(picture: Picture): number {
  const width = picture.high - picture.low;
  return round(width > 0 ? 256 / width : 1e30);
}

// A screen pixel that covers several values shows the mean of up to 4 x 4 of them.
export function samplesOf(picture: Picture, ratio: number): number {
  const covered = 1 / (picture.viewport.scale * ratio * 2 ** picture.frame.level);
  return covered <= 1 ? 1 : Math.min(4, Math.ceil(covered));
}

const exact32 = new Set(['int8', 'uint8', 'int16', 'uint16', 'float32']);

// The numbers as the graphics card takes them: 8 and 16 bits as they are, others as float32.
const converted = new WeakMap<Frame, Float32Array>();
export function drawable(frame: Frame): Frame['values'] {
  if (exact32.has(frame.type)) return frame.values;
  let values = converted.get(frame);
  if (!values) {
    values = Float32Array.from(frame.values);
    converted.set(frame, values);
  }
  return values;
}
