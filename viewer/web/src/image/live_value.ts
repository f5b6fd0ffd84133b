// (x - a S) / (b D + 1 - b), for numbers on screen and for the drawing without WebGL2: in float32, as the shader does.

import type { Frame } from '../api/types';
import { drawable, imageFor, type Picture } from './scene';

const round = Math.fround;

type Operands = Pick<Picture, 'frame' | 'subtract' | 'divide' | 'subtractAmount' | 'divideAmount'>;

// The frames that reach over this one.
export interface Live {
  frame: Frame;
  subtract: Frame | null;
  divide: Frame | null;
  subtractAmount: number;
  divideAmount: number;
}

export function liveParts({ frame, subtract, divide, subtractAmount, divideAmount }: Operands): Live {
  return { frame, subtract: imageFor(subtract, frame), divide: imageFor(divide, frame), subtractAmount, divideAmount };
}

// Row and column count values of the frame, at its level.
function referenceAt(reference: Frame, { level, corner }: Frame, row: number, column: number, colour: number): number {
  const at = (own: number, first: number, k: number, length: number) => Math.max(0, Math.min(length - 1, (first + (k << level) - own) >> reference.level));
  const y = at(reference.corner?.y ?? 0, corner?.y ?? 0, row, reference.height);
  const x = at(reference.corner?.x ?? 0, corner?.x ?? 0, column, reference.width);
  return drawable(reference)[(y * reference.width + x) * reference.n_colours + Math.min(colour, reference.n_colours - 1)] ?? NaN;
}

export function liveOf(p: Live, x: number, row: number, column: number, colour: number): number {
  let y = round(x);
  if (p.subtract) y = round(y - round(round(p.subtractAmount) * referenceAt(p.subtract, p.frame, row, column, colour)));
  if (!p.divide) return y;
  const b = round(p.divideAmount);
  const denominator = round(round(b * referenceAt(p.divide, p.frame, row, column, colour)) + round(1 - b));
  return denominator === 0 ? NaN : round(y / denominator);
}

export function liveAt(p: Operands, row: number, column: number, colour: number): number {
  const x = p.frame.values[(row * p.frame.width + column) * p.frame.n_colours + colour] ?? NaN;
  return p.subtract || p.divide ? liveOf(liveParts(p), x, row, column, colour) : x;
}

// All values of a frame.
export function liveFrame(operands: Operands): Frame {
  const p = liveParts(operands);
  if (!p.subtract && !p.divide) return p.frame;
  const { frame } = p;
  const values = new Float32Array(frame.values.length);
  if (frame.level === 0 && !frame.corner && !p.divide && p.subtract && p.subtract.values.length === values.length) {
    const s = drawable(p.subtract);
    const a = round(p.subtractAmount);
    for (let i = 0; i < values.length; i++) values[i] = round(frame.values[i] ?? NaN) - round(a * (s[i] ?? NaN));
  } else {
    let at = 0;
    for (let row = 0; row < frame.height; row++)
      for (let column = 0; column < frame.width; column++)
        for (let c = 0; c < frame.n_colours; c++, at++) values[at] = liveOf(p, frame.values[at] ?? NaN, row, column, c);
  }
  return { ...frame, type: 'float32', values };
}
