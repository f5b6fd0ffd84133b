// Frames that are too large to be moved whole: the overview they have in one piece, and the part that is seen, as tiles of
// a grid, so that addresses repeat and the browser keeps the answers.

import { api, type Part } from '../api/client';
import type { Frame, Recording } from '../api/types';
import { mostTextureSide } from '../image/layers';
import type { Viewport } from '../image/tool';

const mostWhole = 32e6; // bytes of a frame that is fetched whole when nothing else is to be done
const overviewSide = 2048; // values
const tileSide = 1024; // values

export const bytesOf = (r: Recording) => r.bytes / Math.max(1, r.n_times);

// The most detailed level of which whole frames are held.
export function wholeLevelOf(r: Recording): number {
  const side = Math.max(r.width, r.height);
  return side <= mostTextureSide() && bytesOf(r) <= mostWhole ? 0 : Math.min(8, Math.max(1, Math.ceil(Math.log2(side / overviewSide))));
}

// The tiles that are seen, together; null: all of the frame.
export function seenPart(v: Viewport, r: Recording, level: number): Part | null {
  const step = tileSide * 2 ** level;
  const along = (from: number, shown: number, length: number) => {
    const first = Math.max(0, Math.min(Math.ceil(length / step) - 1, Math.floor((from + 0.5) / step)));
    const last = Math.min(length, step * Math.max(first + 1, Math.ceil((from + 0.5 + shown) / step)));
    return [step * first, last - step * first] as const;
  };
  const [x, width] = along(v.x, v.width / v.scale, r.width);
  const [y, height] = along(v.y, v.height / v.scale, r.height);
  return width === r.width && height === r.height ? null : { x, y, width, height };
}

export interface Detail {
  level: number;
  part: Part | null; // null: the whole frame
}

const easyBytes = 8e6;
const easyMs = 30;

// Frames that are fetched whole, at full detail, wherever one looks.
export const isEasy = (r: Recording) => wholeLevelOf(r) === 0 && bytesOf(r) <= easyBytes;

// Full detail where that is quick anyway; else what is seen, at a level whose values are no larger than the screen's pixels.
export function detailOf(v: Viewport, r: Recording, msPerFrame: number): Detail {
  const whole = wholeLevelOf(r);
  if (isEasy(r) && msPerFrame < easyMs) return { level: 0, part: null };
  const level = Math.max(0, Math.min(whole || 8, Math.floor(Math.log2(1 / (v.scale * devicePixelRatio)) + 1e-9)));
  const isSmall = bytesOf(r) / 4 ** level <= easyBytes && (whole === 0 || level === whole);
  return { level, part: isSmall ? null : seenPart(v, r, level) };
}

function tilesOf(part: Part, level: number): Part[] {
  const step = tileSide * 2 ** level;
  const tiles: Part[] = [];
  for (let y = part.y; y < part.y + part.height; y += step)
    for (let x = part.x; x < part.x + part.width; x += step)
      tiles.push({ x, y, width: Math.min(step, part.x + part.width - x), height: Math.min(step, part.y + part.height - y) });
  return tiles;
}

// One frame of tiles that lie beside each other.
function joined(tiles: Frame[], first: Frame, part: Part): Frame {
  const { level, n_colours } = first;
  const width = Math.ceil(part.width / 2 ** level);
  const height = Math.ceil(part.height / 2 ** level);
  const Values = first.values.constructor as new (length: number) => Frame['values'];
  const values = new Values(width * height * n_colours);
  for (const tile of tiles) {
    const left = ((tile.corner?.x ?? 0) - part.x) >> level;
    const top = ((tile.corner?.y ?? 0) - part.y) >> level;
    const row = tile.width * n_colours;
    for (let y = 0; y < tile.height; y++) values.set(tile.values.subarray(y * row, (y + 1) * row) as never, ((top + y) * width + left) * n_colours);
  }
  return { ...first, width, height, values, corner: { x: part.x, y: part.y } };
}

type FetchPart = (part: Part) => Promise<Frame>;

async function fetchTiles(part: Part, level: number, fetch: FetchPart): Promise<Frame> {
  const tiles = await Promise.all(tilesOf(part, level).map(fetch));
  const [first] = tiles;
  if (!first) throw new Error('Nothing of the frame is on the screen.');
  return tiles.length === 1 ? first : joined(tiles, first, part);
}

export async function fetchFrame(id: string, frame: number, level: number, part: Part | null, signal: AbortSignal): Promise<Frame> {
  return part ? fetchTiles(part, level, (tile) => api.frame(id, frame, level, tile, signal)) : api.frame(id, frame, level, undefined, signal);
}

// A statistic of each pixel over `count` frames from frame + lag on.
export interface FrameWindow {
  frame: number;
  stat: string;
  count: number;
  lag: number;
}

// Also all of a large image comes in tiles: the server computes them side by side.
export async function fetchWindow(r: Recording, { frame, ...window }: FrameWindow, { level, part }: Detail, signal: AbortSignal): Promise<Frame> {
  if (isEasy(r)) return api.windowFrame(r.id, frame, window, level, undefined, signal);
  const all = part ?? { x: 0, y: 0, width: r.width, height: r.height };
  const { corner, ...found } = await fetchTiles(all, level, (tile) => api.windowFrame(r.id, frame, window, level, tile, signal));
  return part && corner ? { ...found, corner } : found;
}
