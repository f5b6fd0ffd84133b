// Lanes: where each channel is drawn, and how tall.

import type { Channel, Recording } from '../api/types';
import { niceStep } from '../plot/ticks';
import type { SignalView } from '../state/signals';
import { unitText } from './channel_text';

export interface Lane {
  channel: number;
  top: number; // pixels of the canvas
  height: number;
  scale: number; // units per lane height
  offset: number; // value in the middle
}

const asTheyAre = new Set<Channel['role']>(['stim', 'slow']);

// Channels of one role and unit share a scale. null: drawn as it is, between its own extremes.
export function groupOf(r: Recording, channel: number): string | null {
  const c = r.channels[channel];
  if (!c || asTheyAre.has(c.role)) return null;
  return `${c.role} ${unitText(c.unit)}`.trim();
}

// Lowest and highest value seen so far, of channels that are drawn as they are.
const seen = new Map<string, { low: number; high: number }>();

export function ownRange(r: Recording, channel: number, low: Float32Array, high: Float32Array): { scale: number; offset: number } {
  const key = `${r.id} ${channel}`;
  const range = seen.get(key) ?? { low: Infinity, high: -Infinity };
  for (let x = 0; x < low.length; x++) {
    if ((low[x] as number) < range.low) range.low = low[x] as number;
    if ((high[x] as number) > range.high) range.high = high[x] as number;
  }
  seen.set(key, range);
  if (!(range.high > range.low)) return { scale: 2, offset: Number.isFinite(range.low) ? range.low : 0 };
  return { scale: 1.25 * (range.high - range.low), offset: (range.low + range.high) / 2 };
}

// A round number a lane of this group is high, from how far its channels spread.
export function scaleFrom(spreads: number[]): number | null {
  const valid = spreads.filter((s) => s > 0 && Number.isFinite(s)).sort((a, b) => a - b);
  const middle = valid[Math.floor(valid.length / 2)];
  return middle === undefined ? null : niceStep(0, middle, 1);
}

export interface LaneBox {
  top: number;
  height: number;
}

// Of `total` pixels; boxes are not rounded, so that lanes are all alike.
export const laneBox = (i: number, lanes: number, total: number): LaneBox => ({ top: (i * total) / lanes, height: total / lanes });

export function laneAt(view: SignalView, share: number): number | undefined {
  const shown = view.channels.value.slice(view.top.value, view.top.value + view.lanes.value);
  return shown[Math.floor(share * shown.length)];
}
