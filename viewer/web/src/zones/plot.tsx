// The courses of all shown zones in one plot, and as CSV.

import { signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { Recording } from '../api/types';
import { clockOf, type Clock } from '../movie/times';
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

const frames: Clock = { at: (frame) => frame, frame: (place) => place };

const axis = (r: Recording, clock: Clock) => Float64Array.from({ length: r.n_times }, (_, i) => clock.at(i));

export function CoursesPlot({ recording }: { recording: Recording }) {
  const view = movieView(recording);
  const list = plottedCourses(recording);
  const times = clockOf(recording);
  const clock = (isInSeconds.value && times) || frames;
  const x = useMemo(() => axis(recording, clock), [recording.id, isInSeconds.value, times?.at(0), times?.at(recording.n_times - 1)]);
  if (list.length === 0) return null;
  return (
    <LinePlot
      x={x}
      curves={list.map(({ label, colour, values }) => ({ label, colour, values }))}
      xLabel={clock === frames ? 'frame' : 'time (s)'}
      yLabel={isRelative.value ? 'dF/F' : `${courseStat.value} (grey levels)`}
      height={210}
      mark={clock.at(view.frame.value)}
      onPick={(x) => (view.frame.value = Math.max(0, Math.min(recording.n_times - 1, Math.round(clock.frame(x)))))}
    />
  );
}

const quoted = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

// A row for each frame: its number, its time, a column for each course. Numbers with all their digits.
export function coursesCsv(r: Recording): string {
  const list = plottedCourses(r);
  const unit = isRelative.value ? 'dF/F' : courseStat.value;
  const clock = clockOf(r);
  const head = ['frame', 'time_s', ...list.map((c) => quoted(`${c.label} ${unit}`))];
  const rows = Array.from({ length: r.n_times }, (_, i) => {
    const time = clock ? String(clock.at(i)) : '';
    return [i, time, ...list.map((c) => (Number.isNaN(c.values[i]) ? '' : c.values[i]))].join(',');
  });
  return `${[head.join(','), ...rows].join('\n')}\n`;
}
