// A small picture of the numbers of a result, with what they span.

import { useEffect, useRef } from 'preact/hooks';
import type { Frame } from '../api/types';
import { numberText } from '../shell/texts';

function extremes(values: ArrayLike<number>): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const v = values[i] ?? NaN;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return low <= high ? [low, high] : [NaN, NaN];
}

type Rgb = [number, number, number];

// Values of both signs get blue below and red above zero, others shades of grey.
function shade(value: number, low: number, high: number): Rgb {
  if (Number.isNaN(value)) return [64, 32, 64];
  if (low < 0 && high > 0) {
    const t = value / Math.max(-low, high);
    const pale = Math.round(255 * (1 - Math.abs(t)));
    return t < 0 ? [pale, pale, 255] : [255, pale, pale];
  }
  const grey = high > low ? Math.round((255 * (value - low)) / (high - low)) : 128;
  return [grey, grey, grey];
}

function paint(canvas: HTMLCanvasElement, frame: Frame, low: number, high: number) {
  canvas.width = frame.width;
  canvas.height = frame.height;
  const context = canvas.getContext('2d');
  if (!context) return;
  const image = context.createImageData(frame.width, frame.height);
  for (let i = 0; i < frame.width * frame.height; i++) {
    const rgb: Rgb =
      frame.n_colours === 3
        ? [0, 1, 2].map((c) => shade(frame.values[3 * i + c] ?? NaN, low, high)[0]) as Rgb
        : shade(frame.values[i * frame.n_colours] ?? NaN, low, high);
    image.data.set([...rgb, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}

export function ResultImage({ frame, title }: { frame: Frame; title: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [low, high] = extremes(frame.values);
  useEffect(() => {
    if (canvas.current) paint(canvas.current, frame, low, high);
  }, [frame]);
  return (
    <figure>
      <canvas ref={canvas} class="result-image" aria-label={title} />
      <figcaption class="number">
        {title}: {numberText(low, 4)} to {numberText(high, 4)}
      </figcaption>
    </figure>
  );
}
