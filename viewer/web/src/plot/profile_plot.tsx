// A profile that faces the image: above it for a row, at its left for a column, with the image's own scale along it.

import { css, cssFaint } from './theme_colours';
import { DrawnCanvas } from './drawn';
import { niceStep, ticks, tickText } from './ticks';

export interface ProfileCurve {
  values: ArrayLike<number>;
  low: ArrayLike<number> | null;
  high: ArrayLike<number> | null;
  colour: string; // "--accent": of the theme; or a CSS colour
}

export interface ProfileScene {
  curves: ProfileCurve[];
  first: number; // image coordinate at the beginning of the plot
  scale: number; // CSS pixels of an image pixel
  length: number; // CSS pixels that the image takes
  size: number; // pixels of the image along it
  mark: number; // image coordinate of the crossing line
  unit: number; // what a pixel measures, in unitName
  unitName: string; // "px" or "µm"
}

export interface ProfilePlotProps {
  side: 'above' | 'left';
  scene(): ProfileScene | null; // may read signals
  onPick(place: number): void; // image coordinate
  onHover(place: number | null): void;
  label: string;
}

const room = { above: 17, left: 34 }; // of the axis, CSS pixels
const margin = 5;
const textRoom = { above: 36, left: 14 }; // of the values' numbers

interface Layout {
  side: 'above' | 'left';
  depth: number; // CSS pixels for the values
  low: number;
  high: number;
  scene: ProfileScene;
}

// Both plots are drawn as (along, up), up growing away from the image.
function point(f: Layout, along: number, up: number): [number, number] {
  return f.side === 'above' ? [along, f.depth - up] : [f.depth - up, along];
}

const alongOf = (f: Layout, place: number) => (place - f.scene.first) * f.scene.scale;
const upOf = (f: Layout, value: number) => margin + ((value - f.low) / (f.high - f.low)) * (f.depth - 2 * margin);

function visible(scene: ProfileScene, length: number): [number, number] {
  return [Math.max(0, Math.floor(scene.first + 0.5)), Math.min(length - 1, Math.ceil(scene.first + scene.length / scene.scale))];
}

// Rounded outwards, so that the axis rests while values flicker.
function limits(scene: ProfileScene): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const curve of scene.curves)
    for (const values of [curve.values, curve.low, curve.high]) {
      if (!values) continue;
      const [first, last] = visible(scene, values.length);
      for (let i = first; i <= last; i++) {
        const v = values[i] as number;
        if (v < low) low = v;
        if (v > high) high = v;
      }
    }
  if (!(low <= high) || !Number.isFinite(high - low)) return [0, 1];
  if (low === high) return [low - 1, high + 1];
  const step = niceStep(low, high, 8);
  return [Math.floor(low / step) * step, Math.ceil(high / step) * step];
}

// Steps: each pixel as wide as it is. Where pixels are narrower than the screen's, a line through their middles.
function trace(context: CanvasRenderingContext2D, f: Layout, values: ArrayLike<number>, isBackwards = false) {
  const [first, last] = visible(f.scene, values.length);
  const isStepped = f.scene.scale >= 3;
  let isOpen = isBackwards;
  for (let k = first; k <= last; k++) {
    const i = isBackwards ? last + first - k : k;
    const v = values[i] as number;
    if (Number.isNaN(v)) {
      if (!isBackwards) isOpen = false;
      continue;
    }
    const half = isStepped ? (isBackwards ? -0.5 : 0.5) : 0;
    for (const side of half === 0 ? [0] : [-half, half]) {
      const [x, y] = point(f, alongOf(f, i + side), upOf(f, v));
      if (isOpen) context.lineTo(x, y);
      else context.moveTo(x, y);
      isOpen = true;
    }
  }
}

function drawCurve(context: CanvasRenderingContext2D, f: Layout, curve: ProfileCurve) {
  if (curve.low && curve.high) {
    context.beginPath();
    trace(context, f, curve.high);
    trace(context, f, curve.low, true);
    context.fillStyle = cssFaint(curve.colour, 0.22);
    context.fill();
  }
  context.beginPath();
  trace(context, f, curve.values);
  context.strokeStyle = curve.colour.startsWith('--') ? css(curve.colour) : curve.colour;
  context.lineWidth = 1.25;
  context.stroke();
}

const valueTicks = (f: Layout) => ticks(f.low, f.high, f.side === 'above' ? 4 : 2);

function drawValueLines(context: CanvasRenderingContext2D, f: Layout) {
  context.strokeStyle = css('--line');
  for (const value of valueTicks(f)) stroke(context, point(f, textRoom[f.side], upOf(f, value)), point(f, f.scene.length, upOf(f, value)));
}

// Over the curves, with a border of paper.
function drawValueTexts(context: CanvasRenderingContext2D, f: Layout) {
  const found = valueTicks(f);
  const step = (found[1] ?? 1) - (found[0] ?? 0);
  context.textBaseline = 'middle';
  context.textAlign = f.side === 'above' ? 'left' : 'center';
  context.fillStyle = css('--ink-2');
  context.strokeStyle = css('--paper');
  context.lineWidth = 4;
  context.lineJoin = 'round';
  for (const value of found) {
    const text = tickText(value, Math.abs(step) || 1);
    const [x, y] = point(f, 0, upOf(f, value));
    const half = context.measureText(text).width / 2;
    const at: [number, number] = f.side === 'above' ? [3, Math.max(6, Math.min(f.depth - 6, y))] : [Math.max(half + 1, Math.min(f.depth - half - 1, x)), 7];
    context.strokeText(text, ...at);
    context.fillText(text, ...at);
  }
}

function stroke(context: CanvasRenderingContext2D, a: [number, number], b: [number, number]) {
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(Math.round(a[0]) + 0.5, Math.round(a[1]) + 0.5);
  context.lineTo(Math.round(b[0]) + 0.5, Math.round(b[1]) + 0.5);
  context.stroke();
}

// Places along the image, between the plot and the image.
function drawPlaceAxis(context: CanvasRenderingContext2D, f: Layout) {
  const { scene } = f;
  const low = Math.max(0, scene.first) * scene.unit;
  const high = Math.min(scene.size - 1, scene.first + scene.length / scene.scale) * scene.unit;
  const found = ticks(low, high, ((high - low) / scene.unit * scene.scale) / (f.side === 'above' ? 64 : 40), scene.unitName === 'px' ? 1 : 0);
  const step = (found[1] ?? 1) - (found[0] ?? 0);
  context.fillStyle = css('--ink-2');
  context.strokeStyle = css('--ink-2');
  for (const value of found) {
    const along = alongOf(f, value / scene.unit);
    if (along < 0 || along > scene.length) continue;
    stroke(context, point(f, along, -room[f.side]), point(f, along, 5 - room[f.side]));
    const [x, y] = point(f, along, 11 - room[f.side]);
    const text = tickText(value, Math.abs(step) || 1);
    context.textBaseline = 'middle';
    context.textAlign = f.side === 'above' ? 'center' : 'right';
    const half = context.measureText(text).width / 2;
    if (f.side === 'above') {
      const right = scene.length - 18 - half;
      if (x < right) context.fillText(text, Math.max(half + 1, x), y - 1);
    } else if (along < scene.length - 20) context.fillText(text, x + 4, Math.max(7, y));
  }
  context.textAlign = 'right';
  const [x, y] = point(f, scene.length - 3, 11 - room[f.side]);
  context.fillText(scene.unitName, f.side === 'above' ? x : x + 4, f.side === 'above' ? y - 1 : y - 4);
}

function drawAll(context: CanvasRenderingContext2D, f: Layout) {
  drawValueLines(context, f);
  context.save();
  context.beginPath();
  const [x, y] = point(f, 0, f.depth);
  if (f.side === 'above') context.rect(0, y, f.scene.length, f.depth);
  else context.rect(x, 0, f.depth, f.scene.length);
  context.clip();
  const along = alongOf(f, f.scene.mark);
  context.strokeStyle = css('--cursor');
  stroke(context, point(f, along, 0), point(f, along, f.depth));
  for (const curve of f.scene.curves) drawCurve(context, f, curve);
  context.restore();
  drawValueTexts(context, f);
  drawPlaceAxis(context, f);
}

export function ProfilePlot({ side, scene, onPick, onHover, label }: ProfilePlotProps) {
  const draw = (context: CanvasRenderingContext2D, width: number, height: number) => {
    const found = scene();
    if (!found) return;
    const [low, high] = limits(found);
    drawAll(context, { side, depth: (side === 'above' ? height : width) - room[side], low, high, scene: found });
  };
  const move = (event: PointerEvent) => {
    const found = scene();
    if (!found) return;
    const rect = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const place = found.first + (side === 'above' ? event.clientX - rect.left : event.clientY - rect.top) / found.scale;
    onHover(place);
    if (event.buttons & 1) onPick(place);
  };
  return <DrawnCanvas class={`profile is-${side}`} draw={draw} label={label} onPointerDown={move} onPointerMove={move} onPointerLeave={() => onHover(null)} />;
}
