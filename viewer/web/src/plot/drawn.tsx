// Canvases that draw themselves again, once a screen refresh at most, when a signal they read has changed.

import { effect, signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import { themeVersion } from './theme_colours';

// Calls `draw` now and at the next refresh after a change of what it has read. Returns how to end this.
export function redrawOnChange(draw: () => void): () => void {
  let request = 0;
  let stop = () => {};
  const run = () => {
    request = 0;
    stop();
    let isFirst = true;
    stop = effect(() => {
      if (isFirst) draw();
      else if (request === 0) request = requestAnimationFrame(run);
      isFirst = false;
    });
  };
  run();
  return () => {
    cancelAnimationFrame(request);
    stop();
  };
}

export type Draw = (context: CanvasRenderingContext2D, width: number, height: number) => void;

type Props = Omit<JSX.HTMLAttributes<HTMLCanvasElement>, 'ref'> & { draw: Draw; label?: string };

// Fills its place; `draw` works in CSS pixels on an empty canvas.
export function DrawnCanvas({ draw, label, ...rest }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef(draw);
  const version = useRef(signal(0));
  latest.current = draw;
  useEffect(() => {
    version.current.value++;
  }, [draw]);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context) return;
    const size = signal({ width: element.clientWidth, height: element.clientHeight, ratio: devicePixelRatio });
    const watch = new ResizeObserver(() => (size.value = { width: element.clientWidth, height: element.clientHeight, ratio: devicePixelRatio }));
    watch.observe(element);
    const stop = redrawOnChange(() => {
      void version.current.value;
      void themeVersion.value;
      const { width, height, ratio } = size.value;
      if (width === 0 || height === 0) return;
      resize(element, Math.round(width * ratio), Math.round(height * ratio));
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, width, height);
      context.font = '11px system-ui, "DejaVu Sans", sans-serif';
      latest.current(context, width, height);
    });
    return () => {
      watch.disconnect();
      stop();
    };
  }, []);
  return <canvas ref={canvas} aria-label={label} role={label ? 'img' : undefined} {...rest} />;
}

function resize(canvas: HTMLCanvasElement, width: number, height: number) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}
