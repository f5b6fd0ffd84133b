// Pointer and wheel on the image: the active tool, panning, zooming about the pointer.

import type { Signal } from '@preact/signals';
import { activeTool, toImage, tools, type Point, type Viewport } from './tool';
import { fit, pan, zoomAbout, type Size } from './viewport';

interface Target {
  image: Size;
  viewport: Signal<Viewport>;
  onProbe(p: Point | null): void;
}

export function makePointer(element: HTMLElement, target: Target): () => void {
  const { image, viewport } = target;
  let panned: Point | null = null;
  const tool = () => tools.value.find((t) => t.id === activeTool.value);
  const isOwn = (event: Event) => !(event.target instanceof Element && event.target.closest('.image-tools'));

  // CSS pixels within the pane.
  function screen(event: MouseEvent): Point {
    const rect = element.getBoundingClientRect();
    const v = viewport.peek();
    const x = event.clientX - rect.left;
    return { x: x > v.width + 1 ? x - v.width - 2 : x, y: event.clientY - rect.top };
  }
  const place = (event: MouseEvent) => toImage(viewport.peek(), screen(event));

  function down(event: PointerEvent) {
    if (!isOwn(event)) return;
    element.focus({ preventScroll: true });
    element.setPointerCapture(event.pointerId);
    if (event.button === 1 || (event.button === 0 && activeTool.value === 'pan')) {
      event.preventDefault();
      panned = { x: event.clientX, y: event.clientY };
      element.classList.add('is-panned');
    } else if (event.button === 0) tool()?.down?.(place(event), event, viewport.peek());
  }

  function move(event: PointerEvent) {
    if (!isOwn(event) && !panned) return target.onProbe(null);
    if (panned) {
      viewport.value = pan(viewport.peek(), image, event.clientX - panned.x, event.clientY - panned.y);
      panned = { x: event.clientX, y: event.clientY };
    } else tool()?.move?.(place(event), event, viewport.peek());
    probe(place(event));
  }

  function probe(p: Point) {
    const x = Math.round(p.x);
    const y = Math.round(p.y);
    target.onProbe(x >= 0 && y >= 0 && x < image.width && y < image.height ? { x, y } : null);
  }

  function up(event: PointerEvent) {
    if (!panned) tool()?.up?.(place(event), event, viewport.peek());
    panned = null;
    element.classList.remove('is-panned');
  }

  function wheel(event: WheelEvent) {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? event.deltaY * 30 : event.deltaY;
    const factor = Math.exp(-Math.max(-240, Math.min(240, lines)) / 500);
    viewport.value = zoomAbout(viewport.peek(), image, screen(event), factor);
    probe(place(event));
  }

  function double(event: MouseEvent) {
    if (!isOwn(event)) return;
    const active = tool();
    if (active?.double) active.double(place(event), event, viewport.peek());
    else viewport.value = fit(image, viewport.peek());
  }

  const ends = new AbortController();
  const options = { signal: ends.signal };
  element.addEventListener('pointerdown', down, options);
  element.addEventListener('pointermove', move, options);
  element.addEventListener('pointerup', up, options);
  element.addEventListener('pointercancel', up, options);
  element.addEventListener('pointerleave', () => target.onProbe(null), options);
  element.addEventListener('dblclick', double, options);
  element.addEventListener('wheel', wheel, { ...options, passive: false });
  return () => ends.abort();
}
