// The tools that draw zones.

import { computed, signal } from '@preact/signals';
import type { Zone } from '../api/types';
import { activeTool, addTool, type Point, type Viewport } from '../image/tool';
import { addZone } from '../state/zones';
import { boxBetween, pathPoint } from './geometry';

// What is being drawn, before it is a zone.
export const draft = signal<Zone | null>(null);

const drawing = new Set(['rectangle', 'ellipse', 'polygon', 'pixel', 'line']);
export const isDrawing = computed(() => drawing.has(activeTool.value));

const forget = () => (draft.value = null);

// ---- Boxes: drag from one pixel to another

let start: Point | null = null;

function boxTool(shape: 'rectangle' | 'ellipse', key: string, title: string, icon: string) {
  addTool({
    id: shape,
    title,
    key,
    icon,
    cursor: 'crosshair',
    down: (p) => (start = p),
    move: (p) => {
      if (start) draft.value = { name: '', shape, ...boxBetween(start, p) };
    },
    up: (p) => {
      const box = start && boxBetween(start, p);
      start = null;
      forget();
      if (!box || (box.width === 0 && box.height === 0)) return;
      if (shape === 'ellipse' && (box.width === 0 || box.height === 0)) return;
      addZone({ shape, ...box });
    },
    cancel: () => {
      start = null;
      forget();
    },
  });
}

boxTool('rectangle', 'r', 'Rectangle zone (r): drag', 'M4 6h16v12H4z');
boxTool('ellipse', 'e', 'Ellipse zone (e): drag', 'M21 12a9 6.5 0 1 1-18 0a9 6.5 0 1 1 18 0z');

// ---- A pixel: click

addTool({
  id: 'pixel',
  title: 'Pixel zone (x): click',
  key: 'x',
  icon: 'M9 9h6v6H9zM12 3v3M12 18v3M3 12h3M18 12h3',
  cursor: 'crosshair',
  up: (p) => addZone({ shape: 'pixel', x: Math.round(p.x), y: Math.round(p.y) }),
});

// ---- Paths: click each corner, double click or Enter ends; a line may also be dragged

interface PathRules {
  shape: 'polygon' | 'polyline';
  least: number;
}

let corners: [number, number][] = [];
let pressed: Point | null = null;
let rules: PathRules = { shape: 'polygon', least: 3 };

const showPath = (hover: Point | null) => {
  const points = hover ? [...corners, pathPoint(hover)] : corners;
  draft.value = points.length === 0 ? null : { name: '', shape: 'polyline', points };
};

function dropPath() {
  corners = [];
  pressed = null;
  forget();
}

export function finishPath() {
  const points = corners.filter((p, i) => i === 0 || p[0] !== corners[i - 1]?.[0] || p[1] !== corners[i - 1]?.[1]);
  const { shape, least } = rules;
  dropPath();
  if (points.length < least) return;
  addZone({ shape: shape === 'polyline' && points.length === 2 ? 'line' : shape, points });
}

export function undoCorner() {
  corners = corners.slice(0, -1);
  showPath(null);
}

const near = (a: Point, b: Point, v: Viewport) => Math.hypot(a.x - b.x, a.y - b.y) * v.scale < 8;

function closesPolygon(p: Point, v: Viewport): boolean {
  const first = corners[0];
  return rules.shape === 'polygon' && corners.length >= 3 && first !== undefined && near({ x: first[0], y: first[1] }, p, v);
}

function endCorner(p: Point, v: Viewport) {
  const from = pressed;
  pressed = null;
  if (!from) return;
  if (closesPolygon(p, v)) return finishPath();
  const last = corners[corners.length - 1];
  // The second click of a double click adds no corner.
  if (!last || !near({ x: last[0], y: last[1] }, p, v)) corners = [...corners, pathPoint(p)];
  showPath(null);
}

function pathTool(id: 'polygon' | 'line', own: PathRules, key: string, title: string, icon: string) {
  addTool({
    id,
    title,
    key,
    icon,
    cursor: 'crosshair',
    down: (p) => {
      rules = own;
      pressed = p;
      if (id === 'line' && corners.length === 0) corners = [pathPoint(p)];
    },
    move: (p) => {
      if (corners.length > 0) showPath(p);
    },
    up: (p, _, v) => {
      const wasDragged = id === 'line' && pressed !== null && corners.length === 1 && !near(pressed, p, v);
      endCorner(p, v);
      if (wasDragged) finishPath();
    },
    double: finishPath,
    cancel: dropPath,
  });
}

pathTool('polygon', { shape: 'polygon', least: 3 }, 'g', 'Polygon zone (g): click corners, double click ends', 'M5 9l8-5 7 7-4 8-9 1z');
pathTool('line', { shape: 'polyline', least: 2 }, 'l', 'Line zone (l): drag; or click corners, double click ends', 'M4 19l7-9 4 4 5-9');
