// What the pointer does on the image. One tool is active; panning with the middle button and zooming
// with the wheel always work.

import { signal } from '@preact/signals';
import { createContext, type ComponentType } from 'preact';
import { addKey } from '../shell/keys';

// Image coordinates: x to the right, y down, in pixels; the centre of the top left pixel is (0, 0).
export interface Point {
  x: number;
  y: number;
}

// Screen = (image - origin) * scale, in CSS pixels of the image's element.
export interface Viewport {
  x: number;
  y: number;
  scale: number;
  width: number;
  height: number;
}

export const toScreen = (v: Viewport, p: Point): Point => ({ x: (p.x - v.x) * v.scale, y: (p.y - v.y) * v.scale });
export const toImage = (v: Viewport, p: Point): Point => ({ x: p.x / v.scale + v.x, y: p.y / v.scale + v.y });

export interface Tool {
  id: string;
  title: string; // tooltip, with its key: "Rectangle zone (r)"
  key: string; // one letter
  icon: string; // SVG path data in a 24 x 24 box, stroked
  cursor: string;
  down?(p: Point, event: PointerEvent, v: Viewport): void;
  move?(p: Point, event: PointerEvent, v: Viewport): void; // also without a button
  up?(p: Point, event: PointerEvent, v: Viewport): void;
  double?(p: Point, event: MouseEvent, v: Viewport): void;
  cancel?(): void; // Escape
}

// Drawn over the image as SVG, in screen coordinates; one for each feature (zones, pins, scale bar, isolines). The SVG
// lets the pointer through; an element that wants it has pointer-events of its own and stops what it has used.
export interface Overlay {
  id: string;
  Component: ComponentType<{ viewport: Viewport }>;
}

// What is drawn over the image that the first one is compared with knows it by this.
export const SecondPane = createContext(false);

export const tools = signal<Tool[]>([]);
export const activeTool = signal('pan');
export const overlays = signal<Overlay[]>([]);

// Its key makes it the active tool.
export function addTool(tool: Tool) {
  if (!tools.value.some((t) => t.id === tool.id))
    addKey({ keys: [tool.key], kinds: ['movie'], help: tool.title, run: () => (activeTool.value = tool.id) });
  tools.value = [...tools.value.filter((t) => t.id !== tool.id), tool];
}

export function addOverlay(overlay: Overlay) {
  overlays.value = [...overlays.value.filter((o) => o.id !== overlay.id), overlay];
}
