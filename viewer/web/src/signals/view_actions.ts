// What keys, wheel and buttons do to the view.

import { batch } from '@preact/signals';
import type { Recording } from '../api/types';
import { signalView } from '../state/signals';
import { groupOf } from './lanes';

export const rateOf = (r: Recording) => (r.rate_hz !== null && r.rate_hz > 0 ? r.rate_hz : 1);

const shortest_s = 0.02;
export const leastCount = (r: Recording) => Math.min(r.n_times, Math.max(8, shortest_s * rateOf(r)));

export function showStretch(r: Recording, first: number, count: number) {
  const view = signalView(r);
  const width = Math.max(leastCount(r), Math.min(r.n_times, count));
  batch(() => {
    view.count.value = width;
    view.first.value = Math.max(0, Math.min(r.n_times - width, first));
  });
}

// By a share of the screen, positive: to later.
export function scrollBy(r: Recording, share: number) {
  const view = signalView(r);
  showStretch(r, view.first.value + share * view.count.value, view.count.value);
}

// Above 1: more time on the screen. `at`, a share of the width, stays where it is.
export function zoomBy(r: Recording, factor: number, at = 0.5) {
  const view = signalView(r);
  const count = Math.max(leastCount(r), Math.min(r.n_times, view.count.value * factor));
  showStretch(r, view.first.value + at * (view.count.value - count), count);
}

// In the middle of the screen, unless it can be seen well already.
export function goToTime(r: Recording, seconds: number) {
  const view = signalView(r);
  const place = (seconds * rateOf(r) - view.first.value) / view.count.value;
  if (place < 0.05 || place > 0.95) showStretch(r, seconds * rateOf(r) - 0.5 * view.count.value, view.count.value);
  view.cursor_s.value = seconds;
}

export function goToEnd(r: Recording, isLast: boolean) {
  const view = signalView(r);
  showStretch(r, isLast ? r.n_times : 0, view.count.value);
}

// 1, 2, 5, 10, 20 ...
export function nextStep(value: number, ways: number): number {
  const steps = [1, 2, 5];
  const power = Math.floor(Math.log10(value) + 1e-9);
  const digit = value / 10 ** power;
  const at = digit < 1.5 ? 0 : digit < 3.5 ? 1 : digit < 7.5 ? 2 : 3;
  const place = 3 * power + at + ways;
  return Number(((steps[((place % 3) + 3) % 3] ?? 1) * 10 ** Math.floor(place / 3)).toPrecision(3));
}

// Taller or flatter traces: the scale of all groups on the screen by one step.
export function changeGain(r: Recording, isUp: boolean) {
  const view = signalView(r);
  const changed = Object.entries(view.scales.value).map(([group, value]) => [group, nextStep(value, isUp ? -1 : 1)] as const);
  view.scales.value = Object.fromEntries(changed);
}

export function setScale(r: Recording, group: string, value: number) {
  const view = signalView(r);
  if (value > 0 && Number.isFinite(value)) view.scales.value = { ...view.scales.value, [group]: value };
}

// From what is on the screen.
export function fitScales(r: Recording) {
  signalView(r).scales.value = {};
}

export function turnPage(r: Recording, pages: number) {
  const view = signalView(r);
  const most = Math.max(0, view.channels.value.length - view.lanes.value);
  view.top.value = Math.max(0, Math.min(most, view.top.value + pages * view.lanes.value));
}

export function setLanes(r: Recording, lanes: number) {
  const view = signalView(r);
  const n = view.channels.value.length;
  batch(() => {
    view.lanes.value = Math.max(1, Math.min(n, Math.round(lanes)));
    view.top.value = Math.max(0, Math.min(n - view.lanes.value, view.top.value));
  });
}

export function setChannels(r: Recording, channels: number[]) {
  const view = signalView(r);
  const wasAll = view.lanes.value >= view.channels.value.length;
  batch(() => {
    view.channels.value = channels;
    setLanes(r, wasAll ? Math.min(64, channels.length) : Math.max(1, view.lanes.value));
  });
}

export function toggleBad(r: Recording, channel: number) {
  const view = signalView(r);
  const name = r.channels[channel]?.name;
  if (name === undefined) return;
  view.bad.value = view.bad.value.includes(name) ? view.bad.value.filter((n) => n !== name) : [...view.bad.value, name];
}

// The groups of channels on the screen that have a scale.
export function shownGroups(r: Recording): string[] {
  const view = signalView(r);
  const groups = view.channels.value.flatMap((c) => groupOf(r, c) ?? []);
  return [...new Set(groups)].filter((g) => view.scales.value[g] !== undefined);
}
