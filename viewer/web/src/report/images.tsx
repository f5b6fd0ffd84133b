// Images of a report in the page's own view: side by side or one over the other, with contrast and colours.

import { computed, signal, useSignal, type Signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Frame, Recording } from '../api/types';
import { colourMap, colourMapNames } from '../image/colour_maps';
import { ImageView, type Arrangement } from '../image/image_view';
import type { Picture } from '../image/scene';
import { toScreen, type Point, type Viewport } from '../image/tool';
import { HistogramPlot } from '../movie/histogram_plot';
import { setLimits } from '../movie/contrast';
import { numberText } from '../shell/texts';
import { movieView, type MovieView } from '../state/movie';
import type { Images, StoredImage } from './data';

function decode(image: StoredImage): Frame {
  const bytes = Uint8Array.from(atob(image.base64), (c) => c.charCodeAt(0));
  return { width: image.width, height: image.height, n_colours: 1, type: 'float32', values: new Float32Array(bytes.buffer), level: 0 };
}

// What the parts of the movie's page want to know of what they show.
function asRecording(part: Images, first: StoredImage): Recording {
  return {
    id: part.title, label: part.title, path: '', open: {}, is_result: false, source_id: '', chain: '', slot: '', format: '', kind: 'movie', type: 'float32',
    n_times: 1, rate_hz: null, duration_s: null, start_unix_s: null, warnings: [], bytes: 0, height: first.height, width: first.width,
    n_colours: 1, pixel_width_um: null, pixel_height_um: null, channels: [], n_events: 0,
  };
}

interface Model {
  recording: Recording;
  view: MovieView;
  frames: Frame[];
  pictures: Signal<Omit<Picture, 'viewport'>[]>;
  arrangement: Signal<Arrangement>;
}

// All images under one another: what the histogram counts.
function together(frames: Frame[]): Frame {
  const values = new Float32Array(frames.reduce((n, f) => n + f.values.length, 0));
  let at = 0;
  for (const f of frames) {
    values.set(f.values, at);
    at += f.values.length;
  }
  return { width: values.length, height: 1, n_colours: 1, type: 'float32', values, level: 0 };
}

function makeModel(part: Images, first: StoredImage): Model {
  const frames = part.images.map(decode);
  const recording = asRecording(part, first);
  const view = movieView(recording);
  view.contrast.value = { mode: 'manual', low: part.low, high: part.high, trim: 0 };
  view.shown.value = together(frames);
  const pictures = computed(() => {
    const { low, high } = view.contrast.value;
    const name = view.colourMap.value;
    const colours = colourMap(name === 'auto' ? 'grey' : name);
    return frames.map((frame) => ({ frame, width: frame.width, height: frame.height, subtract: null, divide: null, subtractAmount: 0, divideAmount: 0, low, high, colours, mask: null }));
  });
  return { recording, view, frames, pictures, arrangement: signal<Arrangement>(frames.length > 1 ? 'side' : 'off') };
}

function RegionLine({ image, viewport, left }: { image: StoredImage; viewport: Viewport; left: number }) {
  const r = image.region;
  if (!r) return null;
  const step = image.pixels_per_value;
  const a = toScreen(viewport, { x: r.left / step - 0.5, y: r.top / step - 0.5 });
  return (
    <svg class="image-overlay" width={viewport.width} height={viewport.height} style={{ left: `${left}px` }}>
      <rect class="region" x={a.x} y={a.y} width={(r.width / step) * viewport.scale} height={(r.height / step) * viewport.scale} />
    </svg>
  );
}

// What the images are, and the value under the pointer in each.
function Captions({ part, model, probe }: { part: Images; model: Model; probe: Point | null }) {
  const step = part.images[0]?.pixels_per_value ?? 1;
  const at = (frame: Frame) => (probe && probe.x < frame.width && probe.y < frame.height ? frame.values[probe.y * frame.width + probe.x] : undefined);
  return (
    <div class={`captions is-${model.arrangement.value}`}>
      {part.images.map((image, i) => {
        const frame = model.frames[i];
        return (
          <span key={image.title}>
            {image.title}
            {probe && frame && <b class="number"> {`x ${probe.x * step}, y ${probe.y * step} px: ${numberText(at(frame), 5)}`}</b>}
          </span>
        );
      })}
    </div>
  );
}

function Controls({ part, model }: { part: Images; model: Model }) {
  const { view, recording, arrangement } = model;
  const { low, high } = view.contrast.value;
  const limit = (label: string, value: number, set: (v: number) => void) => (
    <label class="panel-field">
      <span class="dim">{label}</span>
      <input inputMode="decimal" value={numberText(value, 5)} aria-label={`${part.title}: ${label}`} onChange={(e) => set(Number(e.currentTarget.value))} />
    </label>
  );
  return (
    <div class="image-controls">
      <HistogramPlot recording={recording} isLog={true} />
      <div class="row">
        {limit('low', low, (v) => setLimits(view, v, high))}
        {limit('high', high, (v) => setLimits(view, low, v))}
        <span class="dim">{part.unit}</span>
        <select aria-label={`${part.title}: colours`} value={view.colourMap.value === 'auto' ? 'grey' : view.colourMap.value} onChange={(e) => (view.colourMap.value = e.currentTarget.value)}>
          {colourMapNames.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        {part.images.length > 1 && (
          <button type="button" onClick={() => (arrangement.value = arrangement.value === 'side' ? 'swipe' : 'side')}>
            {arrangement.value === 'side' ? 'One over the other' : 'Side by side'}
          </button>
        )}
        <button type="button" title="The contrast of the report, and the whole image" onClick={() => reset(part, view)}>
          Reset
        </button>
      </div>
    </div>
  );
}

function reset(part: Images, view: MovieView) {
  setLimits(view, part.low, part.high);
  view.colourMap.value = 'auto';
  view.viewport.value = { ...view.viewport.value, width: 0, height: 0 };
}

// The wheel scrolls the report; with Ctrl it zooms into the image.
function useWheel() {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = host.current;
    const pass = (event: WheelEvent) => {
      if (!event.ctrlKey) event.stopPropagation();
    };
    element?.addEventListener('wheel', pass, { capture: true });
    return () => element?.removeEventListener('wheel', pass, { capture: true });
  }, []);
  return host;
}

export function ImagesFigure({ part }: { part: Images }) {
  const first = part.images[0];
  return first ? <ShownImages part={part} first={first} /> : null;
}

function ShownImages({ part, first }: { part: Images; first: StoredImage }) {
  const model = useMemo(() => makeModel(part, first), [part]);
  const probe = useSignal<Point | null>(null);
  const host = useWheel();
  const { view, arrangement } = model;
  const viewport = view.viewport.value;
  const isSide = arrangement.value === 'side';
  return (
    <figure class="images" aria-label={part.title}>
      <Captions part={part} model={model} probe={probe.value} />
      <div ref={host} class="image-place" style={{ aspectRatio: `${(isSide ? part.images.length : 1) * first.width} / ${first.height}` }}>
        <ImageView image={first} viewport={view.viewport} pictures={model.pictures} arrangement={arrangement} swipe={view.swipe} pixelUm={null} onProbe={(p) => (probe.value = p)} onDrawn={() => {}} />
        {arrangement.value !== 'swipe' && part.images.map((image, i) => <RegionLine key={image.title} image={image} viewport={viewport} left={i * (viewport.width + 2)} />)}
      </div>
      <Controls part={part} model={model} />
      <p class="soft no-print">Drag to move, Ctrl and wheel to zoom, double click for the whole image; drag the limits of the histogram for contrast.</p>
    </figure>
  );
}
