// Which values of a frame a mask leaves. Pixels inside are stretches of rows, so that a mask of a large image is small.

import type { Frame } from '../api/types';
import type { Mask } from '../state/movie';

type Span = [number, number, number]; // row, first and last column

// Stretches of several zones as one list, row by row, none overlapping or touching another.
export function unite(lists: Int32Array[]): Int32Array {
  const all: Span[] = [];
  for (const list of lists) for (let i = 0; i < list.length; i += 3) all.push([list[i] ?? 0, list[i + 1] ?? 0, list[i + 2] ?? 0]);
  all.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const united: Span[] = [];
  for (const span of all) {
    const last = united.at(-1);
    if (last && last[0] === span[0] && span[1] <= last[2] + 1) last[2] = Math.max(last[2], span[2]);
    else united.push(span);
  }
  return Int32Array.from(united.flat());
}

// Pixels inside that each value of the frame is the mean of.
function countInside({ spans }: Mask, { corner, width, height, level }: Frame): Uint32Array {
  const counts = new Uint32Array(width * height);
  const { x, y } = corner ?? { x: 0, y: 0 };
  const end = width * 2 ** level;
  for (let i = 0; i < spans.length; i += 3) {
    const row = ((spans[i] ?? 0) - y) >> level;
    if (row < 0 || row >= height) continue;
    const from = Math.max(0, (spans[i + 1] ?? 0) - x);
    const to = Math.min(end - 1, (spans[i + 2] ?? 0) - x);
    for (let k = from >> level; k <= to >> level; k++) {
      const at = row * width + k;
      counts[at] = (counts[at] ?? 0) + Math.min(to, ((k + 1) << level) - 1) - Math.max(from, k << level) + 1;
    }
  }
  return counts;
}

// A value stays if any of its pixels does, as the mean of the others is what the step mask leaves of it.
function leftOf(mask: Mask, frame: Frame): Uint8Array {
  const { corner, width, level } = frame;
  const counts = countInside(mask, frame);
  if (mask.keep === 'inside') return Uint8Array.from(counts, (n) => (n > 0 ? 1 : 0));
  const { x, y } = corner ?? { x: 0, y: 0 };
  const length = (begin: number, k: number, all: number) => Math.min(all, begin + ((k + 1) << level)) - begin - (k << level);
  return Uint8Array.from(counts, (n, i) => (n < length(x, i % width, mask.width) * length(y, Math.floor(i / width), mask.height) ? 1 : 0));
}

const grids = new WeakMap<Mask, Map<string, Uint8Array>>();
const mostGrids = 4; // of one mask: of the part, what lies under it, and what is compared

// 0 where a value of the frame is not shown.
export function maskOf(mask: Mask, frame: Frame): Uint8Array {
  const { corner, width, height, level } = frame;
  const known = grids.get(mask) ?? new Map<string, Uint8Array>();
  const key = `${corner?.x ?? 0} ${corner?.y ?? 0} ${width} ${height} ${level}`;
  let values = known.get(key);
  if (!values) {
    values = leftOf(mask, frame);
    if (known.size >= mostGrids) known.clear();
    grids.set(mask, known.set(key, values));
  }
  return values;
}
