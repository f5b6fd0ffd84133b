// The image with what lies over it, and what pointer and wheel do on it.

import type { ReadonlySignal, Signal } from '@preact/signals';
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { redrawOnChange } from '../plot/drawn';
import { LayerFailed, makeLayer } from './layers';
import { PixelLabels } from './pixel_labels';
import { makePointer } from './pointer';
import { ScaleBar } from './scale_bar';
import { SheetsCanvas, type ImageSheet } from './sheets';
import type { ImageLayer, Pane, Picture, Scene } from './scene';
import { ToolBar } from './tool_bar';
import { activeTool, overlays, SecondPane, tools, type Point, type Viewport } from './tool';
import { fit, isFitted, resized, through, type Size } from './viewport';

export type Arrangement = 'off' | 'side' | 'swipe';

export interface ImageViewProps {
  image: Size;
  viewport: Signal<Viewport>;
  pictures: ReadonlySignal<Omit<Picture, 'viewport'>[]>; // the image, and the one it is compared with
  over?: { sheets: ReadonlySignal<ImageSheet[]>; frame: ReadonlySignal<number> }; // blended over the first picture, whose frame it is
  arrangement: ReadonlySignal<Arrangement>;
  swipe: Signal<number>;
  pixelUm: number | null;
  onProbe(p: Point | null): void;
  onDrawn(layer: ImageLayer): void; // the newest pictures are on the canvas
}

// CSS pixels of a pane when the element is `width` wide.
const paneWidth = (width: number, arrangement: Arrangement) => (arrangement === 'side' ? Math.floor((width - 2) / 2) : width);

export function panesOf(p: Pick<ImageViewProps, 'viewport' | 'pictures' | 'arrangement' | 'swipe'>, width: number, ratio: number): Pane[] {
  const viewport = p.viewport.value;
  const [first, second] = p.pictures.value.map((picture) => ({ ...picture, viewport: through(viewport, picture.onto) }));
  if (!first) return [];
  const arrangement = p.arrangement.value;
  if (!second || arrangement === 'off') return [{ left: 0, width: arrangement === 'side' ? Math.round(viewport.width * ratio) : width, originX: 0, picture: first }];
  if (arrangement === 'side') {
    const own = Math.round(viewport.width * ratio);
    return [
      { left: 0, width: own, originX: 0, picture: first },
      { left: width - own, width: own, originX: width - own, picture: second },
    ];
  }
  const cut = Math.round(width * p.swipe.value);
  return [
    { left: 0, width: cut, originX: 0, picture: first },
    { left: cut, width: width - cut, originX: 0, picture: second },
  ].filter((pane) => pane.width > 0);
}

function useLayer(p: ImageViewProps, mustBeCanvas: Signal<boolean>) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const isPlain = mustBeCanvas.value;
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    let layer: ImageLayer;
    try {
      layer = makeLayer(element, isPlain);
    } catch (e) {
      if (!(e instanceof LayerFailed)) throw e;
      mustBeCanvas.value = true;
      return;
    }
    element.dataset['layer'] = layer.kind;
    const lost = (event: Event) => {
      event.preventDefault();
      mustBeCanvas.value = true;
    };
    element.addEventListener('webglcontextlost', lost);
    const stop = redrawOnChange(() => {
      const { width, height } = p.viewport.value;
      const ratio = devicePixelRatio;
      const whole = element.parentElement?.clientWidth ?? width;
      const scene: Scene = { width: Math.round(whole * ratio), height: Math.round(height * ratio), ratio, panes: [] };
      if (scene.width === 0 || scene.height === 0) return;
      if (element.width !== scene.width) element.width = scene.width;
      if (element.height !== scene.height) element.height = scene.height;
      scene.panes = panesOf(p, scene.width, ratio);
      layer.draw(scene);
      if (scene.panes.length > 0) p.onDrawn(layer);
    });
    return () => {
      stop();
      element.removeEventListener('webglcontextlost', lost);
      layer.dispose();
    };
  }, [isPlain]);
  return canvas;
}

// Keeps the size of the viewport that of the element; the first time the image is fitted.
function useSize(host: { current: HTMLDivElement | null }, p: ImageViewProps) {
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const measure = () => {
      const screen = { width: paneWidth(element.clientWidth, p.arrangement.value), height: element.clientHeight };
      const v = p.viewport.peek();
      if (screen.width <= 0 || screen.height <= 0 || (v.width === screen.width && v.height === screen.height)) return;
      p.viewport.value = v.width === 0 || isFitted(v, p.image) ? fit(p.image, screen) : resized(v, screen);
    };
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    const stop = p.arrangement.subscribe(measure);
    return () => {
      watch.disconnect();
      stop();
    };
  }, []);
}

function Overlays({ viewport, left }: { viewport: Viewport; left: number }) {
  return (
    <svg class="image-overlay" width={viewport.width} height={viewport.height} style={{ left: `${left}px` }}>
      {overlays.value.map(({ id, Component }) => (
        <Component key={id} viewport={viewport} />
      ))}
    </svg>
  );
}

function SwipeHandle({ swipe, width }: { swipe: Signal<number>; width: number }) {
  const move = (event: PointerEvent) => {
    const handle = event.currentTarget as HTMLElement;
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const rect = handle.parentElement?.getBoundingClientRect();
    if (rect) swipe.value = Math.max(0, Math.min(1, (event.clientX - rect.left) / rect.width));
  };
  const press = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -0.02, ArrowRight: 0.02 }[event.key];
    if (by === undefined) return;
    event.stopPropagation();
    event.preventDefault();
    swipe.value = Math.max(0, Math.min(1, swipe.value + by));
  };
  return (
    <div
      class="swipe-handle"
      role="slider"
      tabIndex={0}
      aria-label="Where the other image begins"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(100 * swipe.value)}
      title="Drag to see more of one or the other (←, → when focused)"
      style={{ left: `${swipe.value * width}px` }}
      onKeyDown={press}
      onPointerDown={(e) => {
        e.stopPropagation();
        e.currentTarget.setPointerCapture(e.pointerId);
      }}
      onPointerMove={move}
    />
  );
}

export function ImageView(p: ImageViewProps) {
  const host = useRef<HTMLDivElement>(null);
  const mustBeCanvas = useSignal(false);
  const canvas = useLayer(p, mustBeCanvas);
  useSize(host, p);
  useEffect(() => (host.current ? makePointer(host.current, p) : undefined), []);
  const viewport = p.viewport.value;
  const tool = tools.value.find((t) => t.id === activeTool.value);
  const arrangement = p.arrangement.value;
  const second = viewport.width + 2;
  return (
    <div class="image" ref={host} tabIndex={0} aria-label="Image" style={{ cursor: tool?.cursor ?? 'default' }}>
      <canvas key={mustBeCanvas.value ? 'plain' : 'gl'} ref={canvas} class="image-canvas" />
      {p.over && <SheetsCanvas viewport={p.viewport} {...p.over} arrangement={p.arrangement} swipe={p.swipe} />}
      <PixelLabels viewport={p.viewport} pictures={p.pictures} arrangement={p.arrangement} />
      <Overlays viewport={viewport} left={0} />
      {arrangement === 'side' && (
        <SecondPane.Provider value={true}>
          <Overlays viewport={viewport} left={second} />
        </SecondPane.Provider>
      )}
      {arrangement === 'swipe' && <SwipeHandle swipe={p.swipe} width={viewport.width} />}
      <ScaleBar viewport={viewport} pixelUm={p.pixelUm} />
      <ToolBar />
    </div>
  );
}
