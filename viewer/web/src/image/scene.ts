// What is to be drawn, in terms both drawing layers share, so that they give the same colours.

import type { Frame } from '../api/types';
import type { Mask } from '../state/movie';
import type { Viewport } from './tool';
import type { Onto } from './viewport';

// S or D of live arithmetic: of the whole frame, perhaps coarse, and of a part in more detail.
export interface LiveImage {
  whole: Frame | null;
  part: Frame | null;
}

export interface Picture {
  frame: Frame; // perhaps a part
  under?: Frame | null; // the whole frame, coarser: seen where the part does not reach
  width: number; // of the movie in pixels, whatever the level of the frame
  height: number;
  subtract: LiveImage | null; // S
  divide: LiveImage | null; // D
  subtractAmount: number; // a
  divideAmount: number; // b
  low: number;
  high: number;
  colours: Uint8Array; // 256 x 3
  mask: Mask | null;
  onto?: Onto | null; // of a second image: where it lies over the first; missing: at the same pixels
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

// Of a live image, what reaches over all of a frame, in the most detail.
export function imageFor(live: LiveImage | null, { corner, width, height, level }: Frame): Frame | null {
  if (!live) return null;
  const { whole, part } = live;
  if (!part?.corner || !corner) return whole;
  const reaches = (own: number, length: number, other: number, otherLength: number) => own <= other && own + length * 2 ** part.level >= other + otherLength * 2 ** level;
  return reaches(part.corner.x, part.width, corner.x, width) && reaches(part.corner.y, part.height, corner.y, height) ? part : whole;
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

interface Converted {
  base: number; // was subtracted in double precision
  values: Float32Array;
}
const converted = new WeakMap<Frame, Converted>();

function convert(frame: Frame, base: number): Converted {
  let made = converted.get(frame);
  if (!made || made.base !== base) {
    made = { base, values: Float32Array.from(frame.values, (v) => v - base) };
    converted.set(frame, made);
  }
  return made;
}

// The numbers as the graphics card takes them: 8 and 16 bits as they are, others as float32.
export const drawable = (frame: Frame): Frame['values'] => (exact32.has(frame.type) ? frame.values : convert(frame, 0).values);

// Far from 0, float32 does not tell neighbours apart: values and limits are then taken relative to a base near the limits.
const isNear = (base: number, { low, high }: Picture) => Math.abs(low - base) <= 16 * (high - low);

function baseOf(p: Picture): number {
  const before = converted.get(p.frame)?.base ?? 0;
  if (p.subtract || p.divide || !Number.isFinite(p.low) || isNear(0, p)) return 0;
  return isNear(before, p) ? before : p.low;
}

// What is drawn of a picture's frame, and its lower limit in the same terms.
export function drawn(p: Picture): { values: Frame['values']; low: number } {
  if (exact32.has(p.frame.type)) return { values: p.frame.values, low: round(p.low) };
  const { base, values } = convert(p.frame, baseOf(p));
  return { values, low: round(p.low - base) };
}
