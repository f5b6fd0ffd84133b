// Crossing lines and pins over the image, and the tools that belong to them.

import { activeTool, addOverlay, addTool, toImage, toScreen, type Point, type Viewport } from '../image/tool';
import { current } from '../state/app';
import { movieView } from '../state/movie';
import { pixelValues, valueText } from './probe';

function pixelAt(p: Point): Point | null {
  const r = current.value;
  const x = Math.round(p.x);
  const y = Math.round(p.y);
  return r && x >= 0 && y >= 0 && x < r.width && y < r.height ? { x, y } : null;
}

// Moves one line, or both by their crossing.
function dragCross(event: PointerEvent, viewport: Viewport, axes: 'x' | 'y' | 'xy') {
  const r = current.value;
  const element = event.currentTarget as Element;
  const svg = element.closest('svg');
  if (!r || !svg) return;
  event.stopPropagation();
  if (event.type === 'pointerdown') element.setPointerCapture(event.pointerId);
  if (!element.hasPointerCapture(event.pointerId)) return;
  const rect = svg.getBoundingClientRect();
  const p = toImage(viewport, { x: event.clientX - rect.left, y: event.clientY - rect.top });
  const bound = (v: number, length: number) => Math.max(0, Math.min(length - 1, Math.round(v)));
  const view = movieView(r);
  const was = view.cross.value;
  view.cross.value = { x: axes.includes('x') ? bound(p.x, r.width) : was.x, y: axes.includes('y') ? bound(p.y, r.height) : was.y };
}

function Cross({ viewport }: { viewport: Viewport }) {
  const r = current.value;
  if (!r || r.kind !== 'movie') return null;
  const { x, y } = toScreen(viewport, movieView(r).cross.value);
  const can = activeTool.value === 'pan' || activeTool.value === 'cross';
  const on = (axes: 'x' | 'y' | 'xy') => ({
    onPointerDown: (e: PointerEvent) => e.button === 0 && dragCross(e, viewport, axes),
    onPointerMove: (e: PointerEvent) => (e.currentTarget as Element).hasPointerCapture(e.pointerId) && dragCross(e, viewport, axes),
  });
  return (
    <g class={`cross ${can ? 'is-free' : ''}`}>
      <line class="cross-line" x1={x} x2={x} y1={0} y2={viewport.height} />
      <line class="cross-line" x1={0} x2={viewport.width} y1={y} y2={y} />
      <line class="cross-grip is-x" x1={x} x2={x} y1={0} y2={viewport.height} {...on('x')} />
      <line class="cross-grip is-y" x1={0} x2={viewport.width} y1={y} y2={y} {...on('y')} />
      <circle class="cross-grip is-xy" cx={x} cy={y} r={9} {...on('xy')} />
    </g>
  );
}

function Pins({ viewport }: { viewport: Viewport }) {
  const r = current.value;
  if (!r || r.kind !== 'movie') return null;
  const view = movieView(r);
  return (
    <g class="pins">
      {view.pins.value.map((p) => {
        const at = toScreen(viewport, p);
        const isLeft = at.x > viewport.width - 90;
        return (
          <g key={`${p.x} ${p.y}`} transform={`translate(${at.x} ${at.y})`}>
            <circle r={4} />
            <text x={isLeft ? -8 : 8} y={-6} text-anchor={isLeft ? 'end' : 'start'}>
              {valueText(pixelValues(view, p))}
            </text>
          </g>
        );
      })}
    </g>
  );
}

function togglePin(p: Point) {
  const at = pixelAt(p);
  const r = current.value;
  if (!at || !r) return;
  const view = movieView(r);
  const others = view.pins.value.filter((pin) => pin.x !== at.x || pin.y !== at.y);
  view.pins.value = others.length < view.pins.value.length ? others : [...others, at];
}

export function addImageTools() {
  addTool({
    id: 'pan',
    title: 'Move the image (h)',
    key: 'h',
    icon: 'M12 3v18M3 12h18M12 3l-3 3M12 3l3 3M12 21l-3-3M12 21l3-3M3 12l3-3M3 12l3 3M21 12l-3-3M21 12l-3 3',
    cursor: 'grab',
  });
  addTool({
    id: 'cross',
    title: 'Profiles through a point (c)',
    key: 'c',
    icon: 'M12 2v20M2 12h20M12 8a4 4 0 1 0 0 8a4 4 0 1 0 0-8',
    cursor: 'crosshair',
    down: (p) => moveCross(p),
    move: (p, event) => {
      if (event.buttons & 1) moveCross(p);
    },
  });
  addTool({
    id: 'pin',
    title: 'Pin a value (i); Escape clears',
    key: 'i',
    icon: 'M12 21c4-5 6-8 6-11a6 6 0 1 0-12 0c0 3 2 6 6 11M12 8a2 2 0 1 0 0 4a2 2 0 1 0 0-4',
    cursor: 'crosshair',
    down: togglePin,
  });
  addOverlay({ id: 'cross', Component: Cross });
  addOverlay({ id: 'pins', Component: Pins });
}

function moveCross(p: Point) {
  const at = pixelAt(p);
  if (at && current.value) movieView(current.value).cross.value = at;
}
