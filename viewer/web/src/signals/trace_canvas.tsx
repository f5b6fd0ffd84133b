// The canvas of the traces: painted again, once a screen refresh at most, when what it shows has changed.

import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Recording } from '../api/types';
import { redrawOnChange } from '../plot/drawn';
import { themeVersion } from '../plot/theme_colours';
import { signalView } from '../state/signals';
import { paint, type Painted } from './paint';
import { feedOf } from './tiles';

interface Sheet {
  image: ImageData;
  pixels: Uint32Array;
}

function sheetOf(old: Sheet | null, width: number, height: number): Sheet {
  if (old && old.image.width === width && old.image.height === height) return old;
  const image = new ImageData(width, height);
  return { image, pixels: new Uint32Array(image.data.buffer) };
}

// What was painted last: values under the pointer are told from it.
export const painted = signal<Painted | null>(null);

function note(r: Recording, canvas: HTMLCanvasElement, found: Painted) {
  const view = signalView(r);
  canvas.dataset['state'] = found.isReady ? 'ready' : 'loading';
  canvas.dataset['step'] = String(found.step);
  canvas.dataset['first'] = String(view.first.peek());
  canvas.dataset['count'] = String(view.count.peek());
  queueMicrotask(() => {
    painted.value = found;
    const fresh = Object.entries(found.scales).filter(([group]) => view.scales.peek()[group] === undefined);
    if (fresh.length > 0) view.scales.value = { ...view.scales.peek(), ...Object.fromEntries(fresh) };
  });
}

export function TraceCanvas({ recording: r }: { recording: Recording }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context) return;
    const size = signal({ width: element.clientWidth, height: element.clientHeight, ratio: devicePixelRatio });
    const watch = new ResizeObserver(() => (size.value = { width: element.clientWidth, height: element.clientHeight, ratio: devicePixelRatio }));
    watch.observe(element);
    let sheet: Sheet | null = null;
    const stop = redrawOnChange(() => {
      void themeVersion.value;
      const { width, height, ratio } = size.value;
      const w = Math.round(width * ratio);
      const h = Math.round(height * ratio);
      if (w === 0 || h === 0) return;
      if (element.width !== w) element.width = w;
      if (element.height !== h) element.height = h;
      sheet = sheetOf(sheet, w, h);
      const found = paint(r, { width: w, height: h, pixels: sheet.pixels }, ratio);
      context.putImageData(sheet.image, 0, 0);
      note(r, element, found);
    });
    return () => {
      watch.disconnect();
      stop();
      feedOf(r).forget();
    };
  }, []);
  return <canvas ref={canvas} class="signal-traces" aria-label="Traces" role="img" />;
}
