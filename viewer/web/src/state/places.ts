// Where the pixels of a recording lie in what it was made from: the chain of a result says how its frames were cut,
// turned and scaled. Zones drawn on one are shown on the others.

import { computed, signal, effect } from '@preact/signals';
import type { ChainStep, Recording, Step } from '../api/types';
import type { Onto } from '../image/viewport';
import { current, recordings, steps } from './app';

// x' = a x + b y + c, y' = d x + e y + f, of pixel centres.
export type Affine = [number, number, number, number, number, number];

export interface Place {
  space: string; // recordings of one space can be mapped to each other; "": files and what was made of them
  from: Affine; // from the space to the recording's pixels
}

export const identity: Affine = [1, 0, 0, 0, 1, 0];
export const isIdentity = (m: Affine) => m.every((v, i) => v === identity[i]);

// First m, then n.
const then = ([a, b, c, d, e, f]: Affine, [p, q, r, s, t, u]: Affine): Affine =>
  [p * a + q * d, p * b + q * e, p * c + q * f + r, s * a + t * d, s * b + t * e, s * c + t * f + u];

export function inverse([a, b, c, d, e, f]: Affine): Affine {
  const det = a * e - b * d;
  return [e / det, -b / det, (b * f - c * e) / det, -d / det, a / det, (c * d - a * f) / det];
}

// ---- Steps

interface Size {
  width: number;
  height: number;
}

interface Move extends Size {
  by: Affine;
}

type Value = (name: string) => number | null; // null: not given, or no number

const scaled = (from: Size, width: number, height: number): Move => {
  const [sx, sy] = [width / from.width, height / from.height];
  return { width, height, by: [sx, 0, (sx - 1) / 2, 0, sy, (sy - 1) / 2] };
};

function crop({ width, height }: Size, value: Value): Move {
  const [x, y] = [value('x') ?? 0, value('y') ?? 0];
  return { width: value('width') ?? width - x, height: value('height') ?? height - y, by: [1, 0, -x, 0, 1, -y] };
}

function flip({ width, height }: Size, axis: string): Move {
  if (axis === 'diagonal') return { width: height, height: width, by: [0, 1, 0, 1, 0, 0] };
  const [x, y] = [axis !== 'y', axis !== 'x'];
  return { width, height, by: [x ? -1 : 1, 0, x ? width - 1 : 0, 0, y ? -1 : 1, y ? height - 1 : 0] };
}

// Clockwise; quarter turns exactly, others about the middle.
function rotate({ width: w, height: h }: Size, angle: number): Move {
  const turns = (((angle % 360) + 360) % 360) / 90;
  if (turns === 0) return { width: w, height: h, by: identity };
  if (turns === 1) return { width: h, height: w, by: [0, -1, h - 1, 1, 0, 0] };
  if (turns === 2) return { width: w, height: h, by: [-1, 0, w - 1, 0, -1, h - 1] };
  if (turns === 3) return { width: h, height: w, by: [0, 1, 0, -1, 0, w - 1] };
  const [cos, sin] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
  const [mx, my] = [(w - 1) / 2, (h - 1) / 2];
  return { width: w, height: h, by: [cos, -sin, mx - cos * mx + sin * my, sin, cos, my - sin * mx - cos * my] };
}

function bin({ width, height }: Size, value: Value): Move {
  const x = value('x') ?? value('factor') ?? 2;
  const y = value('y') ?? value('factor') ?? 2;
  const by: Affine = [1 / x, 0, -(x - 1) / (2 * x), 0, 1 / y, -(y - 1) / (2 * y)];
  return { width: Math.floor(width / x), height: Math.floor(height / y), by };
}

function resize(from: Size, value: Value): Move {
  const ratio = value('ratio');
  if (ratio !== null) return scaled(from, Math.max(1, Math.round(from.width * ratio)), Math.max(1, Math.round(from.height * ratio)));
  const [w, h] = [value('width'), value('height')];
  const width = w ?? (h === null ? from.width : Math.max(1, Math.round((from.width * h) / from.height)));
  const height = h ?? (w === null ? from.height : Math.max(1, Math.round((from.height * w) / from.width)));
  return scaled(from, width, height);
}

// Images of something else.
const otherwise = new Set(['kymograph', 'profile', 'histogram', 'traces', 'measure']);

// What is not known here is taken to leave pixels where they are; the size of the result tells if it did.
function moveOf({ step, params }: ChainStep, from: Size, registry: Step[]): Move | null {
  if (otherwise.has(step)) return null;
  const text = (name: string) => params[name] ?? registry.find((s) => s.name === step)?.params.find((p) => p.name === name)?.default ?? '';
  const value: Value = (name) => (text(name) === '' || Number.isNaN(Number(text(name))) ? null : Number(text(name)));
  if (step === 'crop') return crop(from, value);
  if (step === 'flip') return flip(from, text('axis'));
  if (step === 'rotate') return rotate(from, value('angle') ?? 90);
  if (step === 'bin') return bin(from, value);
  if (step === 'resize') return resize(from, value);
  return { ...from, by: identity };
}

// "crop x=3 y=4 ! flip": numbers and words are all that matters here.
function parseChain(text: string): ChainStep[] {
  return text.split(' ! ').map((part) => {
    const [step = '', ...words] = part.trim().split(/\s+/);
    return { step, params: Object.fromEntries(words.map((w) => [w.slice(0, w.indexOf('=')), w.slice(w.indexOf('=') + 1)])) };
  });
}

// null: the chain does not say.
export function geometryOf(chain: string, source: Size, result: Size, registry: Step[]): Affine | null {
  let size: Size = source;
  let all = identity;
  for (const step of parseChain(chain)) {
    const move = moveOf(step, size, registry);
    if (!move) return null;
    all = then(all, move.by);
    size = move;
  }
  return size.width === result.width && size.height === result.height && all.every(Number.isFinite) ? all : null;
}

// ---- Recordings

const known = signal<ReadonlyMap<string, Place>>(new Map<string, Place>());

function placeIn(all: ReadonlyMap<string, Place>, r: Recording, list: Recording[]): Place {
  if (r.source_id === '') return { space: '', from: identity };
  const source = list.find((s) => s.id === r.source_id);
  const its = all.get(r.source_id);
  const by = source && its ? geometryOf(r.chain, source, r, steps.value) : null;
  return by && its ? { space: its.space, from: then(its.from, by) } : { space: r.id, from: identity };
}

// Found once, while the source is there; it may be closed then.
effect(() => {
  const list = recordings.value;
  const next = new Map<string, Place>();
  for (const r of list) next.set(r.id, known.peek().get(r.id) ?? placeIn(next, r, list));
  known.value = next;
});

export const placeOf = (r: Recording | null): Place => (r && known.value.get(r.id)) ?? { space: '', from: identity };
export const currentPlace = computed(() => placeOf(current.value));

// From the pixels of one to those of another; null: not known.
export function relation(one: Recording, another: Recording): Affine | null {
  const [from, to] = [placeOf(one), placeOf(another)];
  return from.space === to.space ? then(inverse(from.from), to.from) : null;
}

// Where the second image must lie to be over the first one, if it is neither turned nor mirrored.
export function ontoOf(first: Recording, second: Recording): Onto | null {
  const m = relation(first, second);
  const isStraight = m !== null && m[1] === 0 && m[3] === 0 && m[0] > 0 && Math.abs(m[0] - m[4]) < 1e-9;
  return isStraight ? { scale: m[0], x: m[2], y: m[5] } : null;
}
