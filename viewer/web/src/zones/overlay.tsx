// Zones over the image: outlines with names, exact pixels, and the handles of the chosen one. Bodies and handles take
// the pointer themselves, whichever tool is active.

import { signal } from '@preact/signals';
import { useContext } from 'preact/hooks';
import type { Recording, Zone } from '../api/types';
import { activeTool, SecondPane, toImage, toScreen, type Point, type Viewport } from '../image/tool';
import { activePanel } from '../shell/panels';
import { current, other } from '../state/app';
import { ontoOf } from '../state/places';
import { chosenZone, colourOf, hiddenZones, replaceZone, shownZones, zones, zonesOf } from '../state/zones';
import { distanceTo, dragHandle, handles, hasBox, insertPoint, isClosed, move, nearestEdge, outline, pointsOf, withoutPoint, type Handle } from './geometry';
import { memberPaths } from './members';
import { draft, isDrawing } from './tools';

const path = (v: Viewport, points: Point[], isShut: boolean) =>
  points.map((p, i) => `${i === 0 ? 'M' : 'L'}${toScreen(v, p).x.toFixed(2)} ${toScreen(v, p).y.toFixed(2)}`).join('') + (isShut ? 'Z' : '');

// A pixel is drawn as the square it covers.
function shapePath(v: Viewport, z: Zone): string {
  if (z.shape !== 'pixel') return path(v, outline(z), isClosed(z));
  const [p = { x: 0, y: 0 }] = pointsOf(z);
  const square = [[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]].map(([dx = 0, dy = 0]) => ({ x: p.x + dx, y: p.y + dy }));
  return path(v, square, true);
}

// ---- Dragging

const chosenVertex = signal<{ zone: string; index: number } | null>(null);

interface Drag {
  zone: Zone; // as it was when the pointer went down
  handle: string | null; // null: the body
  from: Point;
  isMoving: boolean;
}
let drag: Drag | null = null;

function imagePoint(event: MouseEvent, v: Viewport): Point {
  const svg = (event.currentTarget as SVGElement).ownerSVGElement;
  const rect = svg?.getBoundingClientRect() ?? { left: 0, top: 0 };
  return toImage(v, { x: event.clientX - rect.left, y: event.clientY - rect.top });
}

function begin(event: PointerEvent, v: Viewport, zone: Zone, handle: string | null) {
  if (event.button !== 0) return;
  event.stopPropagation();
  event.preventDefault();
  (event.currentTarget as SVGElement).setPointerCapture(event.pointerId);
  chosenZone.value = zone.name;
  chosenVertex.value = handle !== null && !hasBox(zone) ? { zone: zone.name, index: Number(handle) } : null;
  drag = { zone, handle, from: imagePoint(event, v), isMoving: false };
}

function go(event: PointerEvent, v: Viewport) {
  if (!drag) return;
  event.stopPropagation();
  const p = imagePoint(event, v);
  const { zone, handle, from } = drag;
  if (!drag.isMoving && Math.hypot(p.x - from.x, p.y - from.y) * v.scale < 3) return;
  drag.isMoving = true;
  const by = (d: number) => (event.altKey ? Math.round(d * 10) / 10 : Math.round(d));
  replaceZone(zone.name, handle === null ? move(zone, by(p.x - from.x), by(p.y - from.y)) : dragHandle(zone, handle, p, event.shiftKey));
}

function end(event: PointerEvent, v: Viewport) {
  if (!drag) return;
  event.stopPropagation();
  const { zone, handle, isMoving } = drag;
  drag = null;
  if (isMoving || handle !== null) return;
  clickBody(event, v, zone);
}

// A click on the edge of a drawn path that is chosen already adds a corner.
function clickBody(event: PointerEvent, v: Viewport, zone: Zone) {
  activePanel.value = { ...activePanel.value, movie: 'zones' };
  if (!zone.points || zone.points.length < 2 || zone.name !== wasChosen) return;
  const p = imagePoint(event, v);
  const edge = nearestEdge(zone, p);
  const points = pointsOf(zone);
  const a = points[edge];
  const b = points[(edge + 1) % points.length];
  if (a && b && distanceTo(p, a, b) * v.scale < 6) replaceZone(zone.name, insertPoint(zone, edge, p));
}
let wasChosen = '';

// The Delete key takes the chosen corner first. True if there was one.
export function removeChosenVertex(): boolean {
  const vertex = chosenVertex.value;
  const zone = zones.value.find((z) => z.name === vertex?.zone);
  chosenVertex.value = null;
  const rest = vertex && zone && zone.name === chosenZone.value ? withoutPoint(zone, vertex.index) : null;
  if (!rest) return false;
  replaceZone(rest.name, rest);
  return true;
}

// ---- Drawing

function HandleMark({ zone, handle, v }: { zone: Zone; handle: Handle; v: Viewport }) {
  const { x, y } = toScreen(v, handle.at);
  const isChosen = chosenVertex.value?.zone === zone.name && String(chosenVertex.value.index) === handle.id && handle.kind === 'vertex';
  const common = {
    class: `zone-handle is-${handle.kind} ${isChosen ? 'is-chosen' : ''}`,
    'data-handle': handle.id,
    onPointerDown: (e: PointerEvent) => begin(e, v, zone, handle.id),
    onPointerMove: (e: PointerEvent) => go(e, v),
    onPointerUp: (e: PointerEvent) => end(e, v),
    onPointerCancel: () => (drag = null),
  };
  if (handle.kind === 'turn') return <circle {...common} cx={x} cy={y} r={5} />;
  return <rect {...common} x={x - 4} y={y - 4} width={8} height={8} />;
}

function Handles({ zone, v }: { zone: Zone; v: Viewport }) {
  const list = handles(zone, 22 / v.scale);
  const turnAt = list.find((h) => h.kind === 'turn')?.at;
  const top = list.find((h) => h.id === '0.5,0')?.at;
  return (
    <g>
      {turnAt && top && <path class="zone-stem" d={path(v, [top, turnAt], false)} />}
      {list.map((h) => (
        <HandleMark key={h.id} zone={zone} handle={h} v={v} />
      ))}
    </g>
  );
}

// A zone that fills the view would leave no place to pan by.
function fillsView(z: Zone, v: Viewport): boolean {
  if (!isClosed(z)) return false;
  const points = outline(z).map((p) => toScreen(v, p));
  const xs = points.map((p) => p.x);
  const ys = points.map((p) => p.y);
  return Math.min(...xs) <= 0 && Math.min(...ys) <= 0 && Math.max(...xs) >= v.width && Math.max(...ys) >= v.height;
}

function ZoneMark({ zone, v }: { zone: Zone; v: Viewport }) {
  const isChosen = zone.name === chosenZone.value;
  const d = shapePath(v, zone);
  const members = memberPaths.value.get(zone.name);
  const takesBody = isClosed(zone) && !fillsView(zone, v) && (isChosen || (!isDrawing.value && activeTool.value === 'pan'));
  const [first = { x: 0, y: 0 }] = outline(zone);
  const highest = outline(zone).reduce((a, b) => (b.y < a.y ? b : a), first);
  const name = toScreen(v, highest);
  return (
    <g class={`zone ${isChosen ? 'is-chosen' : ''}`} data-zone={zone.name} style={{ color: colourOf(zone) }}>
      {members && <path class="zone-members" d={members} transform={`translate(${(-0.5 - v.x) * v.scale} ${(-0.5 - v.y) * v.scale}) scale(${v.scale})`} />}
      <path class="zone-back" d={d} />
      <path class="zone-line" d={d} />
      <path
        class={`zone-body ${takesBody ? 'is-filled' : ''} ${isDrawing.value && !isChosen ? 'is-through' : ''}`}
        d={d}
        onPointerDown={(e) => {
          wasChosen = chosenZone.value;
          begin(e, v, zone, null);
        }}
        onPointerMove={(e) => go(e, v)}
        onPointerUp={(e) => end(e, v)}
        onPointerCancel={() => (drag = null)}
        onDblClick={(e) => e.stopPropagation()}
      />
      <text class="zone-name" x={name.x + 4} y={name.y - 5}>
        {zone.name}
      </text>
      {isChosen && <Handles zone={zone} v={v} />}
    </g>
  );
}

// Over an image whose pixels lie otherwise: where they are there, to be seen only.
function ZonesElsewhere({ recording, viewport: v }: { recording: Recording; viewport: Viewport }) {
  return (
    <g class="zones-elsewhere">
      {zonesOf(recording)
        .filter((z) => !hiddenZones.value.has(z.name))
        .map((z) => (
          <g key={z.name} class="zone" style={{ color: colourOf(z) }}>
            <path class="zone-back" d={shapePath(v, z)} />
            <path class="zone-line" d={shapePath(v, z)} />
          </g>
        ))}
    </g>
  );
}

export function ZonesOverlay({ viewport }: { viewport: Viewport }) {
  const isSecond = useContext(SecondPane);
  const [own, second] = [current.value, other.value];
  if (isSecond && own && second && !ontoOf(own, second)) return <ZonesElsewhere recording={second} viewport={viewport} />;
  const order = [...shownZones.value].sort((a, b) => Number(a.name === chosenZone.value) - Number(b.name === chosenZone.value));
  return (
    <g class="zones" data-view={`${viewport.x} ${viewport.y} ${viewport.scale}`}>
      {order.map((z) => (
        <ZoneMark key={z.name} zone={z} v={viewport} />
      ))}
      {draft.value && (
        <g class="zone is-draft">
          <path class="zone-back" d={path(viewport, outline(draft.value), isClosed(draft.value))} />
          <path class="zone-line" d={path(viewport, outline(draft.value), isClosed(draft.value))} />
        </g>
      )}
    </g>
  );
}
