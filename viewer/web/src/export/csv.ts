// What is plotted, as tables: every number to its last bit.

import { api } from '../api/client';
import type { Recording } from '../api/types';
import { scanOf } from '../movie/scan';
import { timelineCurves } from '../movie/timeline_curves';
import { signalView } from '../state/signals';
import { clockOf } from '../movie/times';

const quoted = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const cell = (v: number | undefined) => (v === undefined || Number.isNaN(v) ? '' : String(v));

function tableText(head: string[], columns: ArrayLike<number>[], rows: number): string {
  const lines = [head.map(quoted).join(',')];
  for (let i = 0; i < rows; i++) lines.push(columns.map((c) => cell(c[i])).join(','));
  return `${lines.join('\n')}\n`;
}

// Of each frame, as far as the scan has come.
function scanColumns(recording: Recording): { head: string[]; columns: Float64Array[] } {
  const values = scanOf(recording).value?.values;
  if (!values || values.length !== 4 * recording.n_times) return { head: [], columns: [] };
  const pick = (k: number) => Float64Array.from({ length: recording.n_times }, (_, i) => values[4 * i + k] ?? NaN);
  return { head: ['min', 'max', 'mean', 'std'], columns: [0, 1, 2, 3].map(pick) };
}

// Extremes and means of frames, zone courses, shifts and all else that is on the timeline of a movie.
export function timelineCsv(recording: Recording): string {
  const n = recording.n_times;
  const frames = Float64Array.from({ length: n }, (_, i) => i);
  const curves = timelineCurves.value;
  const clock = clockOf(recording);
  const scan = scanColumns(recording);
  const head = ['frame', ...(clock ? ['time_s'] : []), ...scan.head, ...curves.map((c) => (c.unit ? `${c.label} (${c.unit})` : c.label))];
  return tableText(head, [frames, ...(clock ? [frames.map((f) => clock.at(f))] : []), ...scan.columns, ...curves.map((c) => c.values)], n);
}

const mostSamples = 20e6;

export function samplesOnScreen(recording: Recording): { first: number; count: number; channels: number[] } {
  const view = signalView(recording);
  const first = Math.max(0, Math.floor(view.first.value));
  const count = Math.max(0, Math.min(recording.n_times, Math.ceil(view.first.value + view.count.value)) - first);
  return { first, count, channels: view.channels.value };
}

// The samples of the channels on the screen.
export async function samplesCsv(recording: Recording): Promise<string> {
  const { first, count, channels } = samplesOnScreen(recording);
  if (count * channels.length > mostSamples) throw new Error('There are too many samples on the screen for a CSV file: zoom in, or run a chain with crop and write it.');
  const columns: Float64Array[] = [];
  for (const c of channels) columns.push(await api.samples(recording.id, c, first, count));
  const rate = recording.rate_hz ?? 1;
  const times = Float64Array.from({ length: count }, (_, i) => (first + i) / rate);
  const name = (c: number) => {
    const channel = recording.channels[c];
    return channel ? `${channel.name}${channel.unit ? ` (${channel.unit})` : ''}` : String(c);
  };
  return tableText(['time_s', ...channels.map(name)], [times, ...columns], count);
}
