// Paints the traces of what is on the screen, and says what has to be loaded for it.

import type { Recording } from '../api/types';
import { css } from '../plot/theme_colours';
import { shownChannels, signalView, type SignalView } from '../state/signals';
import { columnsOf, makeColumns, middleOf, spreadOf, type Columns, type Rows, type Window } from './columns';
import { groupOf, laneBox, ownRange, scaleFrom } from './lanes';
import { canSubtract, differenceOf, overlayOf, type Overlay } from './overlay';
import { drawDot, drawTrace, packed, rowOf, type Raster, type Stroke } from './raster';
import { coarser, feedOf, finer, placesOf, stepFor, type Place } from './tiles';

export interface Painted {
  isReady: boolean; // all there is to draw has been drawn
  step: number;
  scales: Record<string, number>; // found for groups that had none
}

const roleColours: Record<string, string> = { eeg: '--ink', eog: '--cursor', ecg: '--range', emg: '--range', misc: '--ink-2', stim: '--ink-2', slow: '--ink-2' };

function colourOf(r: Recording, view: SignalView, channel: number): { colour: number; strength: number } {
  const c = r.channels[channel];
  if (c && view.bad.value.includes(c.name)) return { colour: packed(css('--error')), strength: 0.55 };
  if (channel === view.chosen.value) return { colour: packed(css('--accent')), strength: 1 };
  return { colour: packed(css(roleColours[c?.role ?? 'eeg'] ?? '--ink')), strength: 0.82 };
}

// What is likely to be looked at next: zoomed out, zoomed in on the middle, half a screen to either side.
function ahead(first: number, count: number, step: number, nTimes: number, visible: Place[]): Place[] {
  const shown = new Set(visible.map((p) => p.index));
  const sides = placesOf(Math.max(0, first - count / 2), 2 * count, step, nTimes).filter((p) => !shown.has(p.index));
  const out = placesOf(Math.max(0, first - count / 2), 2 * count, coarser(step), nTimes);
  const inside = step === 1 ? [] : placesOf(first + 0.2 * count, 0.6 * count, finer(step), nTimes);
  return [...out, ...inside, ...sides];
}

interface Layer {
  rows: Rows;
  channelOf(channel: number): number | undefined;
  first: number;
  nTimes: number;
  step: number;
  colour: number | null; // null: by role
}

function want(r: Recording, w: Window, step: number, channels: number[], overlay: Overlay | null): boolean {
  const span = w.width * w.perPixel;
  const own = feedOf(r);
  const visible = placesOf(w.first, span, step, r.n_times);
  own.want(visible, channels, ahead(w.first, span, step, r.n_times, visible));
  let isReady = own.has(visible, channels);
  if (overlay) {
    const { recording, feed, shift, channelOf } = overlay;
    const theirs = channels.flatMap((c) => channelOf.get(c) ?? []);
    const places = placesOf(w.first - shift, span, step, recording.n_times);
    feed.want(theirs.length > 0 ? places : [], theirs);
    isReady &&= theirs.length === 0 || feed.has(places, theirs);
  }
  return isReady;
}

function layersOf(r: Recording, view: SignalView, w: Window, step: number, overlay: Overlay | null): Layer[] {
  const own: Layer = { rows: feedOf(r), channelOf: (c) => c, first: w.first, nTimes: r.n_times, step, colour: null };
  if (!overlay) return [own];
  const mode = view.overlayMode.value;
  const colour = packed(css('--mark'));
  if (mode === 'difference') return step === 1 ? [{ ...own, rows: differenceOf(r, overlay), colour }] : [];
  const second: Layer = { rows: overlay.feed, channelOf: (c) => overlay.channelOf.get(c), first: w.first - overlay.shift, nTimes: overlay.recording.n_times, step, colour };
  return mode === 'instead' ? [second] : [own, second];
}

// Samples as they are where they can be told apart, or where two recordings are to be subtracted.
function stepOf(view: SignalView, perPixel: number, lanes: number, overlay: Overlay | null): number {
  if (overlay && view.overlayMode.value === 'difference' && canSubtract(view.count.value, lanes)) return 1;
  return stepFor(perPixel);
}

class Spreads {
  private found = new Map<string, number[]>();
  add(group: string, spread: number) {
    this.found.set(group, [...(this.found.get(group) ?? []), spread]);
  }
  scales(): Record<string, number> {
    const all = [...this.found].map(([group, spreads]) => [group, scaleFrom(spreads)] as const);
    return Object.fromEntries(all.filter((e): e is readonly [string, number] => e[1] !== null));
  }
}

function drawDots(raster: Raster, layer: Layer, channel: number, w: Window, stroke: Stroke, ratio: number) {
  const from = Math.max(0, Math.ceil(layer.first));
  const to = Math.min(layer.nTimes - 1, Math.floor(layer.first + w.width * w.perPixel));
  for (let s = from; s <= to; s++) {
    const value = layer.rows.sample(channel, s);
    if (!Number.isNaN(value)) drawDot(raster, (s - layer.first) / w.perPixel, rowOf(stroke, value), 3 * ratio, stroke);
  }
}

interface Job {
  r: Recording;
  view: SignalView;
  raster: Raster;
  window: Window;
  ratio: number;
  columns: Columns;
  spreads: Spreads;
}

function paintLane(job: Job, layer: Layer, channel: number, lane: number, lanes: number) {
  const { r, view, raster, columns, window } = job;
  const there = layer.channelOf(channel);
  if (there === undefined) return;
  columnsOf(layer.rows, there, layer.step, layer.nTimes, { ...window, first: layer.first }, columns);
  const group = groupOf(r, channel);
  const box = laneBox(lane, lanes, raster.height);
  const isCentred = view.isCentred.value && group !== null;
  const own = group === null ? ownRange(r, channel, columns.low, columns.high) : null;
  let scale = own?.scale ?? (group === null ? undefined : view.scales.value[group]);
  if (scale === undefined && group !== null) {
    job.spreads.add(group, spreadOf(columns));
    scale = job.spreads.scales()[group];
  }
  if (scale === undefined) return;
  const offset = own?.offset ?? (isCentred ? middleOf(columns) : 0);
  const look = layer.colour === null ? colourOf(r, view, channel) : { colour: layer.colour, strength: 0.9 };
  const isClipped = view.isClipped.value;
  const stroke: Stroke = {
    ...look,
    half: 0.55 * job.ratio,
    scale: box.height / scale,
    zero: box.top + box.height / 2,
    offset,
    top: isClipped ? Math.round(box.top) : 0,
    bottom: isClipped ? Math.round(box.top + box.height) : raster.height,
  };
  drawTrace(raster, columns, stroke);
  if (window.perPixel * job.ratio < 1 / 7) drawDots(raster, layer, there, window, stroke, job.ratio);
}

// Reads signals: called where a change of them paints again.
export function paint(r: Recording, raster: Raster, ratio: number): Painted {
  const view = signalView(r);
  const overlay = overlayOf(r);
  void feedOf(r).version.value;
  void overlay?.feed.version.value;
  const channels = shownChannels(view);
  const window: Window = { first: view.first.value, perPixel: view.count.value / raster.width, width: raster.width };
  const step = stepOf(view, window.perPixel, channels.length, overlay);
  const isReady = want(r, window, step, channels, overlay);
  raster.pixels.fill(0);
  const job: Job = { r, view, raster, window, ratio, columns: makeColumns(raster.width), spreads: new Spreads() };
  for (const layer of layersOf(r, view, window, step, overlay)) channels.forEach((c, i) => paintLane(job, layer, c, i, channels.length));
  return { isReady, step, scales: isReady ? job.spreads.scales() : {} };
}
