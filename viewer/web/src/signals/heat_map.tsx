// Epochs below each other as an image: blue below zero, red above.

import { useMemo } from 'preact/hooks';
import { colourMap, twoSidedMap } from '../image/colour_maps';
import { DrawnCanvas } from '../plot/drawn';
import { css } from '../plot/theme_colours';

interface Props {
  rows: Float32Array; // one epoch behind the other
  samples: number; // of each
  limit: number; // value of the strongest colours
  zero: number; // share of the width where the event is
  label: string;
}

// Of each column of pixels the value farthest from zero, so that no spike is lost.
function imageOf(p: Props, width: number): ImageData | null {
  const n = Math.floor(p.rows.length / Math.max(1, p.samples));
  if (n === 0 || width === 0) return null;
  const columns = Math.min(width, p.samples);
  const image = new ImageData(columns, n);
  const colours = colourMap(twoSidedMap);
  for (let row = 0; row < n; row++)
    for (let x = 0; x < columns; x++) {
      const from = Math.floor((x * p.samples) / columns);
      const to = Math.max(from + 1, Math.floor(((x + 1) * p.samples) / columns));
      let v = NaN;
      for (let i = from; i < to; i++) {
        const value = p.rows[row * p.samples + i] as number;
        if (!(Math.abs(value) <= Math.abs(v))) v = Number.isNaN(value) ? v : value;
      }
      const at = 4 * (row * columns + x);
      if (Number.isNaN(v)) continue;
      const c = Math.max(0, Math.min(255, Math.round(127.5 + (127.5 * v) / p.limit)));
      image.data.set([colours[3 * c] ?? 0, colours[3 * c + 1] ?? 0, colours[3 * c + 2] ?? 0, 255], at);
    }
  return image;
}

export function HeatMap(p: Props) {
  const image = useMemo(() => imageOf(p, 600), [p.rows, p.samples, p.limit]);
  const sheet = useMemo(() => {
    if (!image) return null;
    const canvas = document.createElement('canvas');
    canvas.width = image.width;
    canvas.height = image.height;
    canvas.getContext('2d')?.putImageData(image, 0, 0);
    return canvas;
  }, [image]);
  const draw = (c: CanvasRenderingContext2D, width: number, height: number) => {
    if (!sheet) return;
    c.imageSmoothingEnabled = false;
    c.drawImage(sheet, 0, 0, width, height);
    c.strokeStyle = css('--mark');
    c.beginPath();
    c.moveTo(Math.round(p.zero * width) + 0.5, 0);
    c.lineTo(Math.round(p.zero * width) + 0.5, height);
    c.stroke();
  };
  return <DrawnCanvas class="signal-heat" draw={draw} label={p.label} />;
}
