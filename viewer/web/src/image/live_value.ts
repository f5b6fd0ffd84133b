// (x - a S) / (b D + 1 - b), for numbers on screen and for the drawing without WebGL2: in float32, as the shader does.

import type { Frame } from '../api/types';
import { drawable, type Picture } from './scene';

const round = Math.fround;

type Operands = Pick<Picture, 'frame' | 'subtract' | 'divide' | 'subtractAmount' | 'divideAmount'>;

// Row and column count values of the frame, at its level; the reference is whole.
function referenceAt(reference: Frame, { level, corner }: Frame, row: number, column: number, colour: number): number {
  const y = Math.min(reference.height - 1, ((corner?.y ?? 0) + (row << level)) >> reference.level);
  const x = Math.min(reference.width - 1, ((corner?.x ?? 0) + (column << level)) >> reference.level);
  return drawable(reference)[(y * reference.width + x) * reference.n_colours + Math.min(colour, reference.n_colours - 1)] ?? NaN;
}

export function liveOf(p: Operands, x: number, row: number, column: number, colour: number): number {
  let y = round(x);
  if (p.subtract) y = round(y - round(round(p.subtractAmount) * referenceAt(p.subtract, p.frame, row, column, colour)));
  if (!p.divide) return y;
  const b = round(p.divideAmount);
  const denominator = round(round(b * referenceAt(p.divide, p.frame, row, column, colour)) + round(1 - b));
  return denominator === 0 ? NaN : round(y / denominator);
}

export function liveAt(p: Operands, row: number, column: number, colour: number): number {
  const x = p.frame.values[(row * p.frame.width + column) * p.frame.n_colours + colour] ?? NaN;
  return p.subtract || p.divide ? liveOf(p, x, row, column, colour) : x;
}

// All values of a frame.
export function liveFrame(p: Operands): Frame {
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
