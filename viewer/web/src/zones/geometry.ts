// Shapes of zones: where their corners and handles lie, how they move, scale and turn. Coordinates are those of the
// zones file: pixel centres at whole numbers, x to the right, y down, angles clockwise as seen.

import type { Zone } from '../api/types';
import type { Point } from '../image/tool';

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const hasBox = (z: Zone) => z.shape === 'rectangle' || z.shape === 'ellipse';
export const isClosed = (z: Zone) => z.shape !== 'line' && z.shape !== 'polyline';
export const boxOf = (z: Zone): Box => ({ x: z.x ?? 0, y: z.y ?? 0, width: z.width ?? 0, height: z.height ?? 0 });

export const pointsOf = (z: Zone): Point[] =>
  z.points ? z.points.map(([x, y]) => ({ x, y })) : z.shape === 'pixel' ? [{ x: z.x ?? 0, y: z.y ?? 0 }] : corners(z);

const centreOf = (b: Box): Point => ({ x: b.x + b.width / 2, y: b.y + b.height / 2 });

export function turn(p: Point, about: Point, degrees: number): Point {
  const a = (degrees * Math.PI) / 180;
  const dx = p.x - about.x;
  const dy = p.y - about.y;
  return { x: about.x + dx * Math.cos(a) - dy * Math.sin(a), y: about.y + dx * Math.sin(a) + dy * Math.cos(a) };
}

// A place of the box by shares of its width and height, turned with it.
function place(z: Zone, u: number, v: number): Point {
  const b = boxOf(z);
  return turn({ x: b.x + u * b.width, y: b.y + v * b.height }, centreOf(b), z.angle ?? 0);
}

function corners(z: Zone): Point[] {
  return [place(z, 0, 0), place(z, 1, 0), place(z, 1, 1), place(z, 0, 1)];
}

// The outline as a path that any shape can be drawn by.
export function outline(z: Zone): Point[] {
  if (z.shape !== 'ellipse') return pointsOf(z);
  const n = 72;
  return Array.from({ length: n }, (_, i) => {
    const a = (2 * Math.PI * i) / n;
    return place(z, 0.5 + Math.cos(a) / 2, 0.5 + Math.sin(a) / 2);
  });
}

function bounds(z: Zone): Box {
  const points = outline(z);
  const xs = points.map((p) => p.x);
  const ys = points.map((p) => p.y);
  const x = Math.min(...xs);
  const y = Math.min(...ys);
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

// The pixels whose centres lie in the bounds, cut at the edge of the image; null if there are none.
export function pixelBox(z: Zone, width: number, height: number): Box | null {
  const b = bounds(z);
  const x0 = Math.max(0, Math.ceil(b.x - 1e-9));
  const y0 = Math.max(0, Math.ceil(b.y - 1e-9));
  const x1 = Math.min(width - 1, Math.floor(b.x + b.width + 1e-9));
  const y1 = Math.min(height - 1, Math.floor(b.y + b.height + 1e-9));
  return x1 < x0 || y1 < y0 ? null : { x: x0, y: y0, width: x1 - x0 + 1, height: y1 - y0 + 1 };
}

// Enough digits for a tenth of a thousandth of a pixel, and texts that stay short.
export const rounded = (v: number) => Math.round(v * 1e4) / 1e4;

const roundedBox = (b: Box): Box => ({ x: rounded(b.x), y: rounded(b.y), width: rounded(b.width), height: rounded(b.height) });

export function move(z: Zone, dx: number, dy: number): Zone {
  if (z.points) return { ...z, points: z.points.map(([x, y]) => [rounded(x + dx), rounded(y + dy)] as [number, number]) };
  return { ...z, x: rounded((z.x ?? 0) + dx), y: rounded((z.y ?? 0) + dy) };
}

// The box from the pixel where the pointer went down to the one where it is.
export function boxBetween(a: Point, b: Point): Box {
  const [ax, ay, bx, by] = [a.x, a.y, b.x, b.y].map(Math.round) as [number, number, number, number];
  return { x: Math.min(ax, bx), y: Math.min(ay, by), width: Math.abs(ax - bx), height: Math.abs(ay - by) };
}

// ---- Handles

export interface Handle {
  id: string; // "0,0.5": shares of the box; "turn"; "3": a point
  at: Point;
  kind: 'corner' | 'edge' | 'turn' | 'vertex';
}

const shares: [number, number][] = [[0, 0], [0.5, 0], [1, 0], [1, 0.5], [1, 1], [0.5, 1], [0, 1], [0, 0.5]];

// gap: image pixels between the upper edge and the handle that turns.
export function handles(z: Zone, gap: number): Handle[] {
  if (z.shape === 'pixel') return [];
  if (!hasBox(z)) return pointsOf(z).map((at, i) => ({ id: String(i), at, kind: 'vertex' as const }));
  const top = place(z, 0.5, 0);
  const up = turn({ x: 0, y: -gap }, { x: 0, y: 0 }, z.angle ?? 0);
  return [
    ...shares.map(([u, v]) => ({ id: `${u},${v}`, at: place(z, u, v), kind: u === 0.5 || v === 0.5 ? ('edge' as const) : ('corner' as const) })),
    { id: 'turn', at: { x: top.x + up.x, y: top.y + up.y }, kind: 'turn' as const },
  ];
}

// One side along an axis of the box: from `low` of length `size`, the end at share u dragged to `to`.
function dragSide(low: number, size: number, u: number, to: number): [number, number] {
  if (u === 0.5) return [low, size];
  const fixed = u === 0 ? low + size : low;
  return [Math.min(fixed, to), Math.abs(fixed - to)];
}

function scale(z: Zone, u: number, v: number, to: Point): Zone {
  const b = boxOf(z);
  const angle = z.angle ?? 0;
  const centre = centreOf(b);
  const flat = turn(to, centre, -angle);
  const snap = angle === 0 ? Math.round : rounded;
  const [x, width] = dragSide(b.x, b.width, u, snap(flat.x));
  const [y, height] = dragSide(b.y, b.height, v, snap(flat.y));
  if (z.shape === 'ellipse' && (width === 0 || height === 0)) return z;
  // The box turns about its centre, which has moved: put it so that the opposite corner stays.
  const c = turn({ x: x + width / 2, y: y + height / 2 }, centre, angle);
  return { ...z, ...roundedBox({ x: c.x - width / 2, y: c.y - height / 2, width, height }) };
}

function turnTo(z: Zone, to: Point, isCoarse: boolean): Zone {
  const c = centreOf(boxOf(z));
  const step = isCoarse ? 15 : 1;
  const degrees = (Math.atan2(to.x - c.x, c.y - to.y) * 180) / Math.PI;
  const angle = Math.round(degrees / step) * step;
  return { ...z, angle: angle === -180 ? 180 : angle === 0 ? 0 : angle };
}

export function dragHandle(z: Zone, id: string, to: Point, isCoarse: boolean): Zone {
  if (id === 'turn') return turnTo(z, to, isCoarse);
  if (id.includes(',')) {
    const [u = 0, v = 0] = id.split(',').map(Number);
    return scale(z, u, v, to);
  }
  return movePoint(z, Number(id), to);
}

// ---- Points

// Corners of drawn paths lie on tenths of a pixel.
export const pathPoint = (p: Point): [number, number] => [Math.round(p.x * 10) / 10, Math.round(p.y * 10) / 10];

function movePoint(z: Zone, i: number, to: Point): Zone {
  return { ...z, points: (z.points ?? []).map((p, k) => (k === i ? pathPoint(to) : p)) };
}

export function insertPoint(z: Zone, after: number, at: Point): Zone {
  const points = z.points ?? [];
  const shape = z.shape === 'line' ? 'polyline' : z.shape;
  return { ...z, shape, points: [...points.slice(0, after + 1), pathPoint(at), ...points.slice(after + 1)] };
}

// Without that point; null if too few are left.
export function withoutPoint(z: Zone, i: number): Zone | null {
  const points = (z.points ?? []).filter((_, k) => k !== i);
  const least = z.shape === 'polygon' ? 3 : 2;
  if (points.length < least) return null;
  return { ...z, points, shape: z.shape === 'polyline' && points.length === 2 ? 'line' : z.shape };
}

export function distanceTo(p: Point, a: Point, b: Point): number {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.max(0, Math.min(1, ((p.x - a.x) * dx + (p.y - a.y) * dy) / length));
  return Math.hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

// The edge of a drawn path that is nearest: the number of its first point.
export function nearestEdge(z: Zone, p: Point): number {
  const points = pointsOf(z);
  let best = 0;
  let least = Infinity;
  const n = isClosed(z) ? points.length : points.length - 1;
  for (let i = 0; i < n; i++) {
    const a = points[i];
    const b = points[(i + 1) % points.length];
    if (!a || !b) continue;
    const d = distanceTo(p, a, b);
    if (d < least) [least, best] = [d, i];
  }
  return best;
}

// What a zone covers, for a cache: everything but its name and colour.
export const shapeKey = (z: Zone) => JSON.stringify([z.shape, z.points ?? null, z.x ?? null, z.y ?? null, z.width ?? null, z.height ?? null, z.angle ?? 0]);

// As the zones file has it: nothing of the page's own but the colour.
export function forFile(z: Zone): Zone {
  const { name, shape, points, x, y, width, height, angle, colour } = z;
  const kept: Zone = { name, shape };
  if (points) kept.points = points;
  else Object.assign(kept, z.shape === 'pixel' ? { x, y } : { x, y, width, height });
  if (angle) kept.angle = angle;
  if (colour !== undefined) kept.colour = colour;
  return kept;
}
