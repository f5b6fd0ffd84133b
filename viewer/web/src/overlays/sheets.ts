// Hillshade and drainage of the frame shown, as the steps give them, in 8 bits for the screen.

import type { ChainStep, Frame, Recording } from '../api/types';
import type { DrainageSettings, HillshadeSettings } from '../state/overlays';
import type { Wish } from './live';
import { leadingTo, regionKey, smoothing, type Region } from './region';
import { imageOf } from './run';

export interface Sheet {
  region: Region;
  width: number; // values
  height: number;
  places: Uint8Array; // in the colour table; 0: nothing there
  low: number; // value of place 1,
  high: number; // and of place 255
}

// Finite values between low and high get the places 1 to 255.
function sheetOf(frame: Frame, region: Region, low: number, high: number): Sheet {
  const { width, height, values } = frame;
  const places = new Uint8Array(width * height);
  const gain = high > low ? 254 / (high - low) : 0;
  for (let i = 0; i < places.length; i++) {
    const value = values[i] ?? NaN;
    if (!Number.isNaN(value)) places[i] = 1 + Math.max(0, Math.min(254, Math.round((value - low) * gain)));
  }
  return { region, width, height, places, low, high };
}

function most(frame: Frame): number {
  let found = 0;
  for (let i = 0; i < frame.values.length; i++) if ((frame.values[i] ?? NaN) > found) found = frame.values[i] ?? 0;
  return found;
}

function wish(r: Recording, frame: number, region: Region, steps: ChainStep[], make: (image: Frame) => Sheet): Wish<Sheet> {
  const slot = `overlay-${steps.at(-1)?.step ?? ''}`;
  const asked = { recording: r, chain: [...leadingTo(r, region), ...steps], part: { first: frame, count: 1 }, slot };
  return { key: `${r.id} ${frame} ${regionKey(region)} ${JSON.stringify(steps)}`, frame, compute: async (signal) => make(await imageOf(asked, signal)) };
}

// Slopes stay as they are when pixels become larger.
export const hillshadeSteps = (r: Recording, s: HillshadeSettings, bin = 1): ChainStep[] => [
  ...smoothing(r, s.smooth, bin),
  { step: 'hillshade', params: { azimuth: String(s.azimuth), elevation: String(s.elevation), z: String(s.z / bin) } },
];

export const hillshadeWish = (r: Recording, s: HillshadeSettings, frame: number, region: Region): Wish<Sheet> =>
  wish(r, frame, region, hillshadeSteps(r, s, region.bin), (image) => sheetOf(image, region, 0, 1));

export const drainageSteps = (r: Recording, s: DrainageSettings, bin = 1): ChainStep[] => [
  ...smoothing(r, s.smooth, bin),
  { step: 'drainage', params: { log: s.isLog ? 'yes' : 'no' } },
];

export const drainageWish = (r: Recording, s: DrainageSettings, frame: number, region: Region): Wish<Sheet> =>
  wish(r, frame, region, drainageSteps(r, s, region.bin), (image) => sheetOf(image, region, s.isLog ? 0 : 1, most(image)));

// ---- Colours: red, green, blue and opacity of the 256 places

export const greys = Uint8Array.from({ length: 1024 }, (_, i) => {
  const place = i >> 2;
  return place === 0 ? 0 : i % 4 === 3 ? 255 : Math.round(((place - 1) * 255) / 254);
});

// Clear where nothing comes together, then from blue to white.
export const waters = Uint8Array.from({ length: 1024 }, (_, i) => {
  const t = Math.max(0, ((i >> 2) - 1) / 254);
  if (i < 4) return 0;
  return Math.round([255 * t ** 2, 90 + 165 * t, 255, 255 * Math.min(1, 1.5 * t)][i % 4] ?? 0);
});

const drawn = new WeakMap<Sheet, HTMLCanvasElement>();

export function canvasOf(sheet: Sheet, colours: Uint8Array): HTMLCanvasElement {
  let canvas = drawn.get(sheet);
  if (canvas) return canvas;
  canvas = document.createElement('canvas');
  canvas.width = sheet.width;
  canvas.height = sheet.height;
  const context = canvas.getContext('2d');
  const image = context?.createImageData(sheet.width, sheet.height);
  if (context && image) {
    const table = new Uint32Array(colours.buffer, colours.byteOffset, 256);
    const out = new Uint32Array(image.data.buffer);
    sheet.places.forEach((place, i) => (out[i] = table[place] ?? 0));
    context.putImageData(image, 0, 0);
  }
  drawn.set(sheet, canvas);
  return canvas;
}
