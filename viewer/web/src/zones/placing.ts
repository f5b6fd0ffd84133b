// Zones in the pixels of another recording of the same space.

import type { Zone } from '../api/types';
import { isIdentity, type Affine } from '../state/places';
import { boxOf, hasBox, outline } from './geometry';

const clean = (v: number) => Math.round(v * 1e6) / 1e6;
const at = ([a, b, c, d, e, f]: Affine, x: number, y: number): [number, number] => [clean(a * x + b * y + c), clean(d * x + e * y + f)];

// Upright where a quarter turn makes it so.
function upright(angle: number, width: number, height: number) {
  const turns = clean(angle / 90);
  if (!Number.isInteger(turns)) return { angle, width, height };
  return turns % 2 === 0 ? { angle: 0, width, height } : { angle: 0, width: height, height: width };
}

// null: it is no box any more.
function mapBox(m: Affine, z: Zone): Zone | null {
  const { x, y, width, height } = boxOf(z);
  const a = ((z.angle ?? 0) * Math.PI) / 180;
  const along = (dx: number, dy: number): [number, number] => [m[0] * dx + m[1] * dy, m[3] * dx + m[4] * dy];
  const u = along(Math.cos(a), Math.sin(a));
  const v = along(-Math.sin(a), Math.cos(a));
  if (Math.abs(u[0] * v[0] + u[1] * v[1]) > 1e-9 * Math.hypot(...u) * Math.hypot(...v)) return null;
  const size = upright((Math.atan2(u[1], u[0]) * 180) / Math.PI, width * Math.hypot(...u), height * Math.hypot(...v));
  const [cx, cy] = at(m, x + width / 2, y + height / 2);
  const { angle: _angle, ...rest } = z;
  const box = { x: clean(cx - size.width / 2), y: clean(cy - size.height / 2), width: clean(size.width), height: clean(size.height) };
  return { ...rest, ...box, ...(size.angle !== 0 && { angle: clean(size.angle) }) };
}

export function mapZone(m: Affine, z: Zone): Zone {
  if (isIdentity(m)) return z;
  if (z.shape === 'pixel') {
    const [first] = z.points ?? [];
    const [x, y] = at(m, first?.[0] ?? z.x ?? 0, first?.[1] ?? z.y ?? 0).map(Math.round) as [number, number];
    return first ? { ...z, points: [[x, y]] } : { ...z, x, y };
  }
  if (!hasBox(z)) return { ...z, points: (z.points ?? []).map(([x, y]) => at(m, x, y)) };
  const box = mapBox(m, z);
  if (box) return box;
  const { x: _x, y: _y, width: _w, height: _h, angle: _a, ...rest } = z;
  return { ...rest, shape: 'polygon', points: outline(z).map((p) => at(m, p.x, p.y)) };
}
