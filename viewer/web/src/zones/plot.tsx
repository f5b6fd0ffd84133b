// The courses of all shown zones in one plot, and as CSV.

import { signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { Recording } from '../api/types';
import { movieView } from '../state/movie';
import { LinePlot } from '../plot/line_plot';
import { colourOf, shownZones } from '../state/zones';
import { colourNames, courses, courseStat } from './courses';

export const isRelative = signal(false); // dF/F
export const isInSeconds = signal(true);

function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(Array.from(values).filter((v) => !Number.isNaN(v))).sort();
  const half = sorted.length >> 1;
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 === 1 ? (sorted[half] ?? NaN) : ((sorted[half - 1] ?? NaN) + (sorted[half] ?? NaN)) / 2;
}

// (F - F0) / F0, F0 being the median of the range.
function relative(values: Float64Array, [first, last]: [number, number]): Float64Array {
  const base = median(values.subarray(first, last + 1));
  return values.map((v) => (v - base) / base);
}

export interface PlottedCourse {
  label: string;
  colour: string;
  values: Float64Array;
  isExact: boolean;
}

export function plottedCourses(r: Recording): PlottedCourse[] {
  const range = movieView(r).range.value;
  return shownZones.value.flatMap((z) =>
    colourNames(r).flatMap((c) => {
      const course = courses.value.get(z.name + c);
      if (!course) return [];
      const values = isRelative.value ? relative(course.values, range) : course.values;
      return [{ label: z.name + c.replace('/', '.'), colour: colourOf(z), values, isExact: course.isExact }];
    }),
  );
}

const inSeconds = (r: Recording) => isInSeconds.value && r.rate_hz !== null && r.rate_hz > 0;

function axis(r: Recording, by: number): Float64Array {
  return Float64Array.from({ length: r.n_times }, (_, i) => i / by);
}

export function CoursesPlot({ recording }: { recording: Recording }) {
  const view = movieView(recording);
  const list = plottedCourses(recording);
  const by = inSeconds(recording) ? (recording.rate_hz ?? 1) : 1;
  const x = useMemo(() => axis(recording, by), [recording.id, by]);
  if (list.length === 0) return null;
  return (
    <LinePlot
      x={x}
      curves={list.map(({ label, colour, values }) => ({ label, colour, values }))}
      xLabel={inSeconds(recording) ? 'time (s)' : 'frame'}
      yLabel={isRelative.value ? 'dF/F' : `${courseStat.value} (grey levels)`}
      height={210}
      mark={view.frame.value / by}
      onPick={(x) => (view.frame.value = Math.max(0, Math.min(recording.n_times - 1, Math.round(x * by))))}
    />
  );
}

const quoted = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

// A row for each frame: its number, its time, a column for each course. Numbers with all their digits.
export function coursesCsv(r: Recording): string {
  const list = plottedCourses(r);
  const unit = isRelative.value ? 'dF/F' : courseStat.value;
  const head = ['frame', 'time_s', ...list.map((c) => quoted(`${c.label} ${unit}`))];
  const rows = Array.from({ length: r.n_times }, (_, i) => {
    const time = r.rate_hz ? String(i / r.rate_hz) : '';
    return [i, time, ...list.map((c) => (Number.isNaN(c.values[i]) ? '' : c.values[i]))].join(',');
  });
  return `${[head.join(','), ...rows].join('\n')}\n`;
}
