// Times as text.

import type { Recording } from '../api/types';
import { tickText } from '../plot/ticks';

// "12.5" below two minutes, else "1:02:03.5". `step` says how many digits are needed.
export function timeText(seconds: number, step: number, isLong: boolean): string {
  if (!isLong) return tickText(seconds, step);
  const digits = Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9)));
  const rounded = Number(seconds.toFixed(digits));
  const h = Math.floor(rounded / 3600);
  const m = Math.floor((rounded % 3600) / 60);
  const s = (rounded % 60).toFixed(digits).padStart(digits > 0 ? digits + 3 : 2, '0');
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${s}` : `${m}:${s}`;
}

// Steps that clocks like: 1, 2, 5, 10, 15, 30 seconds and minutes.
export function timeStep(span: number, count: number): number {
  const rough = span / Math.max(1, count);
  const long = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
  if (rough >= 1) return long.find((s) => s >= rough) ?? 86400;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = rough / power;
  return power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
}

// Time of day by the recorder's clock; "" if that is not known.
export function clockText(r: Recording, seconds: number, digits = 0): string {
  if (r.start_unix_s === null) return '';
  const at = new Date(Math.round((r.start_unix_s + seconds) * 1000));
  const text = at.toISOString();
  return digits > 0 ? text.slice(11, 23) : text.slice(11, 19);
}

export const secondsText = (seconds: number, digits = 3) => `${Number(seconds.toFixed(digits))} s`;
