// Draws without WebGL2: the same arithmetic, in float32, as in gl_layer.ts.

import { liveOf, liveParts } from './live_value';
import { maskOf } from './mask';
import { backColour, drawn, extentOf, gainOf, nanColour, samplesOf, sheetsOf, type ImageLayer, type Pane, type Scene } from './scene';

const round = Math.fround;
const rgba = (red: number, green: number, blue: number) => (255 << 24) | (blue << 16) | (green << 8) | red;
const back = rgba(...backColour);
const missing = rgba(...nanColour);

// Value numbers along one axis that the samples of each screen pixel fall on; -1 outside of pixels first to last - 1.
function places(count: number, begin: number, origin: number, step: number, [first, last]: [number, number], level: number, samples: number): Int32Array {
  const found = new Int32Array(count * samples);
  for (let i = 0; i < count; i++)
    for (let s = 0; s < samples; s++) {
      const at = Math.floor(round(round(round(i + begin + (s + 0.5) / samples) * step) + origin));
      found[i * samples + s] = at < first || at >= last ? -1 : (at - first) >> level;
    }
  return found;
}

// Rows of the canvas that are drawn at once.
interface Band {
  top: number;
  height: number;
}

function drawPane(scene: Scene, pane: Pane, band: Band, out: Uint32Array) {
  const p = pane.picture;
  const { frame, viewport: v } = p;
  const { values, low } = drawn(p);
  const live = liveParts(p);
  const mask = p.mask && maskOf(p.mask, frame);
  const n = samplesOf(p, scene.ratio);
  const step = round(1 / (v.scale * scene.ratio));
  const { x0, y0, x1, y1 } = extentOf(p);
  const columns = places(pane.width, pane.left - pane.originX, round(v.x + 0.5), step, [x0, x1], frame.level, n);
  const rows = places(band.height, band.top, round(v.y + 0.5), step, [y0, y1], frame.level, n);
  const isLive = live.subtract !== null || live.divide !== null;
  const gain = gainOf(p);
  const place = (value: number) => Math.max(0, Math.min(255, Math.floor(round(round(value - low) * gain))));
  const table = Uint32Array.from({ length: 256 }, (_, i) => rgba(p.colours[3 * i] ?? 0, p.colours[3 * i + 1] ?? 0, p.colours[3 * i + 2] ?? 0));
  const found = new Float64Array(3);

  // Mean of the samples under a screen pixel: 0 outside of the frame, 1 missing, 2 found, 3 masked.
  function sample(i: number, j: number): 0 | 1 | 2 | 3 {
    let isReached = false;
    let inside = 0;
    let counted = 0;
    found.fill(0);
    for (let sy = 0; sy < n; sy++)
      for (let sx = 0; sx < n; sx++) {
        const row = rows[j * n + sy] ?? -1;
        const column = columns[i * n + sx] ?? -1;
        if (row < 0 || column < 0) continue;
        isReached = true;
        if (mask?.[row * frame.width + column] === 0) continue;
        inside++;
        const at = (row * frame.width + column) * frame.n_colours;
        let isNumber = true;
        for (let c = 0; c < frame.n_colours; c++) {
          const raw = values[at + c] ?? NaN;
          const value = isLive ? liveOf(live, raw, row, column, c) : round(raw);
          if (Number.isNaN(value)) isNumber = false;
          else found[c] = round((found[c] ?? 0) + value);
        }
        if (isNumber) counted++;
      }
    if (n > 1 && counted > 0) for (let c = 0; c < 3; c++) found[c] = round((found[c] ?? 0) / counted);
    if (counted > 0) return 2;
    return inside > 0 ? 1 : isReached ? 3 : 0;
  }

  for (let j = 0; j < band.height; j++) {
    const line = j * scene.width + pane.left;
    for (let i = 0; i < pane.width; i++) {
      const what = sample(i, j);
      if (what === 0 && frame.corner) continue;
      if (what === 0 || what === 3) out[line + i] = back;
      else if (what === 1) out[line + i] = missing;
      else if (frame.n_colours >= 3) out[line + i] = rgba(place(found[0] ?? 0), place(found[1] ?? 0), place(found[2] ?? 0));
      else out[line + i] = table[place(found[0] ?? 0)] ?? back;
    }
  }
}

// A canvas that is too large for the browser takes what is drawn, and stays empty.
function assertHolds(context: CanvasRenderingContext2D, { width, height }: Scene) {
  context.fillStyle = '#fff';
  context.fillRect(width - 1, height - 1, 1, 1);
  if (context.getImageData(width - 1, height - 1, 1, 1).data[0] === 255) return;
  throw new Error(`A picture of ${width} × ${height} pixels is larger than this browser can draw: choose a smaller one.`);
}

const bandValues = 2 ** 22; // pixels that are drawn at once

export function makeCanvasLayer(canvas: HTMLCanvasElement): ImageLayer {
  const context = canvas.getContext('2d', { alpha: false });
  let image: ImageData | null = null;
  let held = ''; // size that the canvas was seen to have
  return {
    kind: 'canvas2d',
    draw(scene) {
      if (!context) return;
      const size = `${scene.width} ${scene.height}`;
      if (held !== size) assertHolds(context, scene);
      held = size;
      const rows = Math.max(1, Math.min(scene.height, Math.floor(bandValues / scene.width)));
      for (let top = 0; top < scene.height; top += rows) {
        const band = { top, height: Math.min(rows, scene.height - top) };
        if (!image || image.width !== scene.width || image.height !== band.height) image = context.createImageData(scene.width, band.height);
        const out = new Uint32Array(image.data.buffer).fill(back);
        for (const pane of scene.panes.flatMap(sheetsOf)) drawPane(scene, pane, band, out);
        context.putImageData(image, 0, top);
      }
    },
    dispose() {
      image = null;
    },
  };
}
