// The image as it is seen, drawn once more with its overlays at any size: the canvas on the screen cannot be read back.

import { render } from 'preact';
import { api } from '../api/client';
import type { Recording } from '../api/types';
import { makeCanvasLayer } from '../image/canvas_layer';
import { panesOf } from '../image/image_view';
import type { Picture } from '../image/scene';
import { drawSheets, ownWidth } from '../image/sheets';
import { overlays, type Viewport } from '../image/tool';
import { displayOf, type Display } from '../movie/display';
import { movieView } from '../state/movie';
import { signal } from '@preact/signals';

const styles = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-opacity', 'stroke-dasharray', 'stroke-linejoin', 'paint-order', 'opacity', 'font', 'color', 'display', 'visibility', 'text-anchor', 'dominant-baseline', 'vector-effect'];

// An SVG file knows nothing of the page's sheets.
function withStyles(svg: SVGSVGElement): SVGSVGElement {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const from = [svg, ...svg.querySelectorAll<SVGElement>('*')];
  const to = [copy, ...copy.querySelectorAll<SVGElement>('*')];
  from.forEach((element, i) => {
    const computed = getComputedStyle(element);
    for (const name of styles) to[i]?.style.setProperty(name, computed.getPropertyValue(name));
  });
  return copy;
}

function loaded(address: string): Promise<HTMLImageElement> {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => reject(new Error('The overlays could not be drawn.'));
    image.src = address;
  });
}

export async function svgImage(svg: SVGSVGElement, width: number, height: number, ratio: number): Promise<HTMLImageElement> {
  const copy = withStyles(svg);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('viewBox', `0 0 ${width} ${height}`);
  copy.setAttribute('width', String(width * ratio));
  copy.setAttribute('height', String(height * ratio));
  copy.querySelectorAll('.zone-handle, .zone-stem, .zone-body').forEach((e) => e.remove());
  return loaded(`data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`);
}

function drawOverlays(viewport: Viewport): Promise<HTMLImageElement | null> {
  const host = document.createElement('div');
  host.style.cssText = 'position:absolute;left:-100000px;top:0';
  document.body.append(host);
  render(
    <svg width={viewport.width} height={viewport.height}>
      {overlays.value.map(({ id, Component }) => (
        <Component key={id} viewport={viewport} />
      ))}
    </svg>,
    host,
  );
  const svg = host.querySelector('svg');
  const image = svg ? svgImage(svg, viewport.width, viewport.height, 1) : Promise.resolve(null);
  return image.finally(() => {
    render(null, host);
    host.remove();
  });
}

async function drawOver(canvas: HTMLCanvasElement, recording: Recording, viewport: Viewport, ratio: number, arrangement: Display['arrangement']) {
  const context = canvas.getContext('2d');
  const { swipe } = movieView(recording);
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  if (context) drawSheets(context, viewport, displayOf(recording).sheets.value, ownWidth(viewport, { arrangement, swipe }), ratio);
  const image = await drawOverlays(viewport);
  if (image) context?.drawImage(image, 0, 0, viewport.width, viewport.height);
}

export interface PictureOptions {
  size: 'screen' | 'native';
  scale: number; // of native: image pixels become this many
  hasOverlays: boolean;
}

function viewportFor(recording: Recording, options: PictureOptions): { viewport: Viewport; ratio: number } {
  const own = movieView(recording).viewport.value;
  if (options.size === 'screen') return { viewport: own, ratio: devicePixelRatio };
  const { scale } = options;
  return { viewport: { x: -0.5, y: -0.5, scale, width: recording.width * scale, height: recording.height * scale }, ratio: 1 };
}

// The frame on the screen at full detail, however much of it is shown.
async function wholePictures(recording: Recording): Promise<Omit<Picture, 'viewport'>[]> {
  const view = movieView(recording);
  const [own] = displayOf(recording).pictures.value;
  if (!own || view.reduced.value !== '' || (own.frame.level === 0 && !own.frame.corner)) return own ? [own] : [];
  return [{ ...own, under: null, frame: await api.frame(recording.id, view.shownFrame.value) }];
}

export async function pictureOf(recording: Recording, options: PictureOptions): Promise<HTMLCanvasElement> {
  const view = movieView(recording);
  const { viewport, ratio } = viewportFor(recording, options);
  const arrangement = options.size === 'screen' ? displayOf(recording).arrangement : signal<'off' | 'side' | 'swipe'>('off');
  const whole = arrangement.value === 'side' ? 2 * viewport.width + 2 : viewport.width;
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(whole * ratio);
  canvas.height = Math.round(viewport.height * ratio);
  const pictures = options.size === 'screen' ? displayOf(recording).pictures : signal(await wholePictures(recording));
  const panes = panesOf({ viewport: signal(viewport), pictures, arrangement, swipe: view.swipe }, canvas.width, ratio);
  if (panes.length === 0) throw new Error('No frame is on the screen yet.');
  const layer = makeCanvasLayer(canvas);
  layer.draw({ width: canvas.width, height: canvas.height, ratio, panes });
  layer.dispose();
  if (options.hasOverlays) await drawOver(canvas, recording, viewport, ratio, arrangement);
  return canvas;
}

export function canvasBlob(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => canvas.toBlob((b) => (b ? resolve(b) : reject(new Error('The picture is too large for this browser.'))), 'image/png'));
}
