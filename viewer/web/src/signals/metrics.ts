// What the numbers of a channel say about it.

import type { ChannelMetrics } from '../api/client';
import type { Recording } from '../api/types';

export interface Judged extends ChannelMetrics {
  channel: number;
  z: number; // robust: how far log(std) lies from the median of its role, in standard deviations
  why: string; // sentence; "" if nothing is wrong
}

const median = (values: number[]) => {
  const s = [...values].sort((a, b) => a - b);
  const m = s.length >> 1;
  return s.length === 0 ? NaN : s.length % 2 === 1 ? (s[m] as number) : ((s[m - 1] as number) + (s[m] as number)) / 2;
};

const percent = (share: number) => `${Number((100 * share).toPrecision(2))} %`;

function sentence(m: ChannelMetrics, z: number, n: number): string {
  if (m.min === null) return 'It holds no valid sample.';
  if (m.min === m.max) return 'It is flat: all samples are equal.';
  if (m.flat_share > 0.5) return `It is flat for ${percent(m.flat_share)} of the time.`;
  if (m.clipped_share > 1e-3) return `It is clipped: ${percent(m.clipped_share)} of the samples are at the lowest or highest value.`;
  if (m.n_nan > 0.01 * n) return `${percent(m.n_nan / n)} of its samples are missing.`;
  if (z > 4) return `It is much larger than its neighbours (robust z ${z.toFixed(1)}): a loose electrode?`;
  if (z < -4) return `It is much smaller than its neighbours (robust z ${z.toFixed(1)}): a bridge or the reference?`;
  return '';
}

// Channels are compared with those of the same role and unit.
export function judge(r: Recording, metrics: ChannelMetrics[]): Judged[] {
  const spread = (m: ChannelMetrics | undefined) => (m?.std !== null && m?.std !== undefined && m.std > 0 ? Math.log(m.std) : NaN);
  const groupOf = (i: number) => `${r.channels[i]?.role} ${r.channels[i]?.unit}`;
  const groups = new Map<string, number[]>();
  metrics.forEach((m, i) => {
    if (!Number.isNaN(spread(m))) groups.set(groupOf(i), [...(groups.get(groupOf(i)) ?? []), spread(m)]);
  });
  return metrics.map((m, channel) => {
    const all = groups.get(groupOf(channel)) ?? [];
    const middle = median(all);
    const width = 1.4826 * median(all.map((v) => Math.abs(v - middle)));
    const role = r.channels[channel]?.role;
    const z = all.length >= 5 ? (spread(m) - middle) / Math.max(width, 0.1) : NaN;
    const isJudged = role !== 'stim' && role !== 'slow';
    return { ...m, channel, z, why: isJudged ? sentence(m, z, r.n_times) : '' };
  });
}
