// Draws without WebGL2: the same arithmetic, in float32, as in gl_layer.ts.

import { liveOf } from './live_value';
import { backColour, drawable, extentOf, gainOf, nanColour, samplesOf, sheetsOf, type ImageLayer, type Pane, type Picture, type Scene } from './scene';

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

function drawPane(scene: Scene, pane: Pane, out: Uint32Array) {
  const p = pane.picture;
  const { frame, viewport: v } = p;
  const values = drawable(frame);
  const n = samplesOf(p, scene.ratio);
  const step = round(1 / (v.scale * scene.ratio));
  const { x0, y0, x1, y1 } = extentOf(p);
  const columns = places(pane.width, pane.left - pane.originX, round(v.x + 0.5), step, [x0, x1], frame.level, n);
  const rows = places(scene.height, 0, round(v.y + 0.5), step, [y0, y1], frame.level, n);
  const isLive = p.subtract !== null || p.divide !== null;
  const low = round(p.low);
  const gain = gainOf(p);
  const place = (value: number) => Math.max(0, Math.min(255, Math.floor(round(round(value - low) * gain))));
  const table = Uint32Array.from({ length: 256 }, (_, i) => rgba(p.colours[3 * i] ?? 0, p.colours[3 * i + 1] ?? 0, p.colours[3 * i + 2] ?? 0));
  const found = new Float64Array(3);

  // Mean of the samples under a screen pixel: 0 outside, 1 missing, 2 found.
  function sample(i: number, j: number): 0 | 1 | 2 {
    let inside = 0;
    let counted = 0;
    found.fill(0);
    for (let sy = 0; sy < n; sy++)
      for (let sx = 0; sx < n; sx++) {
        const row = rows[j * n + sy] ?? -1;
        const column = columns[i * n + sx] ?? -1;
        if (row < 0 || column < 0 || isMasked(p, row, column)) continue;
        inside++;
        const at = (row * frame.width + column) * frame.n_colours;
        let isNumber = true;
        for (let c = 0; c < frame.n_colours; c++) {
          const raw = values[at + c] ?? NaN;
          const value = isLive ? liveOf(p, raw, row, column, c) : round(raw);
          if (Number.isNaN(value)) isNumber = false;
          else found[c] = round((found[c] ?? 0) + value);
        }
        if (isNumber) counted++;
      }
    if (n > 1 && counted > 0) for (let c = 0; c < 3; c++) found[c] = round((found[c] ?? 0) / counted);
    return inside === 0 ? 0 : counted === 0 ? 1 : 2;
  }

  for (let j = 0; j < scene.height; j++) {
    const line = j * scene.width + pane.left;
    for (let i = 0; i < pane.width; i++) {
      const what = sample(i, j);
      if (what === 0 && frame.corner) continue;
      if (what === 0) out[line + i] = back;
      else if (what === 1) out[line + i] = missing;
      else if (frame.n_colours >= 3) out[line + i] = rgba(place(found[0] ?? 0), place(found[1] ?? 0), place(found[2] ?? 0));
      else out[line + i] = table[place(found[0] ?? 0)] ?? back;
    }
  }
}

function isMasked(p: Picture, row: number, column: number): boolean {
  const { mask, frame } = p;
  if (!mask) return false;
  const corner = frame.corner ?? { x: 0, y: 0 };
  const y = Math.min(mask.height - 1, corner.y + (row << frame.level));
  const x = Math.min(mask.width - 1, corner.x + (column << frame.level));
  return mask.values[y * mask.width + x] === 0;
}

export function makeCanvasLayer(canvas: HTMLCanvasElement): ImageLayer {
  const context = canvas.getContext('2d', { alpha: false });
  let image: ImageData | null = null;
  return {
    kind: 'canvas2d',
    draw(scene) {
      if (!context) return;
      if (!image || image.width !== scene.width || image.height !== scene.height) image = context.createImageData(scene.width, scene.height);
      const out = new Uint32Array(image.data.buffer).fill(back);
      for (const pane of scene.panes.flatMap(sheetsOf)) drawPane(scene, pane, out);
      context.putImageData(image, 0, 0);
    },
    dispose() {
      image = null;
    },
  };
}
