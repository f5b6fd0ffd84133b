// What of a frame an overlay is computed from: all of it, or, of a large frame, what is seen, reduced for the screen.

import type { ChainStep, Recording } from '../api/types';
import { grey } from '../chains/lines';
import type { Viewport } from '../image/tool';

export interface Region {
  x: number;
  y: number;
  width: number; // pixels of the frame
  height: number;
  bin: number; // pixels that become one, in each direction
}

const mostPixels = 2 ** 20; // of a frame that is taken as it is, wherever one looks
const gridStep = 256; // values: small moves ask for nothing new

// The whole frame in so few values that it is quick.
export function wholeRegion(r: Recording): Region {
  let bin = 1;
  while ((r.width * r.height) / bin ** 2 > mostPixels) bin *= 2;
  return { x: 0, y: 0, width: r.width, height: r.height, bin };
}

export const isWhole = (r: Recording, { width, height }: Region) => width === r.width && height === r.height;

export function regionOf(r: Recording, v: Viewport): Region {
  const whole = wholeRegion(r);
  const bin = 2 ** Math.max(0, Math.floor(Math.log2(1 / (v.scale * devicePixelRatio)) + 1e-9));
  if (bin >= whole.bin || v.width === 0) return whole;
  const step = gridStep * bin;
  const along = (from: number, shown: number, length: number) => {
    const first = Math.max(0, Math.min(Math.ceil(length / step) - 1, Math.floor((from - bin) / step)));
    const last = Math.min(length, step * Math.max(first + 1, Math.ceil((from + shown + bin) / step)));
    return [step * first, last - step * first] as const;
  };
  const [x, width] = along(v.x, v.width / v.scale, r.width);
  const [y, height] = along(v.y, v.height / v.scale, r.height);
  return { x, y, width, height, bin };
}

// The steps that come before that of the overlay.
export function leadingTo(r: Recording, region: Region): ChainStep[] {
  const { x, y, width, height, bin } = region;
  const steps = grey(r);
  if (!isWhole(r, region)) steps.push({ step: 'crop', params: { x: String(x), y: String(y), width: String(width), height: String(height) } });
  if (bin > 1) steps.push(...exact(r), { step: 'bin', params: { factor: String(bin) } });
  return steps;
}

// Means of integers would be rounded to integers, and slopes become stairs.
const exact = (r: Recording): ChainStep[] => (r.type.startsWith('float') ? [] : [{ step: 'convert', params: { type: 'float32' } }]);

// sigma in pixels of the frame.
export function smoothing(r: Recording, sigma: number, bin = 1): ChainStep[] {
  if (sigma === 0) return [];
  return [...(bin > 1 ? [] : exact(r)), { step: 'smooth', params: { sigma: String(Math.max(0.01, sigma / bin)) } }];
}

export const regionKey = ({ x, y, width, height, bin }: Region) => `${x} ${y} ${width} ${height} ${bin}`;

export const regionText = (r: Recording, region: Region) =>
  `${isWhole(r, region) ? 'the whole frame' : 'what is on the screen'}${region.bin > 1 ? `, means of ${region.bin} × ${region.bin} px` : ''}`;
