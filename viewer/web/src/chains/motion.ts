// Motion of a movie, from the table of shifts that the step motion leaves: on the timeline, with flagged frames marked.

import { effect, signal } from '@preact/signals';
import type { Job } from '../api/types';
import { timelineCurves, timelineMarks } from '../movie/timeline_curves';
import { current, jobs, tell } from '../state/app';
import { column, hasColumn, parseCsv, type Table } from './csv';
import { tableText } from './jobs';

export const shiftsName = 'shifts.csv';

export interface Shifts {
  job: string;
  first: number; // frame of the movie that the table begins at
  dy: Float64Array;
  dx: Float64Array;
  peak: Float64Array;
  flags: Float64Array;
  table: Table;
  text: string;
}

// By the recording in which motion was found.
export const shiftsOf = signal<Record<string, Shifts>>({});

const meanings: [number, string][] = [
  [1, 'the best match lies at max-shift'],
  [2, 'blank'],
  [4, 'weak match'],
  [8, 'saturated'],
  [16, 'corrupt'],
  [32, 'the same pixels as the frame before'],
];

export const flagText = (flag: number) => meanings.filter(([bit]) => (flag & bit) !== 0).map(([, text]) => text).join(', ');

function readShifts(job: Job, text: string): Shifts {
  const table = parseCsv(text);
  const frame = column(table, 'frame');
  const part = /^\s*frames (?:range=)?'?(\d+):/.exec(job.chain);
  const first = (frame[0] ?? 0) > 0 ? (frame[0] ?? 0) : Number(part?.[1] ?? 0);
  const flags = hasColumn(table, 'flag') ? column(table, 'flag') : new Float64Array(table.rows.length);
  return { job: job.id, first, dy: column(table, 'dy_px'), dx: column(table, 'dx_px'), peak: column(table, 'peak'), flags, table, text };
}

const seen = new Set<string>();

effect(() => {
  for (const job of jobs.value) {
    if (job.state !== 'done' || seen.has(job.id) || !job.tables.some((t) => t.name === shiftsName)) continue;
    seen.add(job.id);
    if (!/\bmotion\b/.test(job.chain)) continue;
    tell(tableText(job, shiftsName).then((text) => (shiftsOf.value = { ...shiftsOf.value, [job.recording]: readShifts(job, text) })));
  }
});

function spread(values: Float64Array, first: number, n: number): Float64Array {
  const all = new Float64Array(n).fill(NaN);
  all.set(values.subarray(0, Math.max(0, n - first)), first);
  return all;
}

effect(() => {
  const recording = current.value;
  if (recording?.kind !== 'movie') return;
  const source = recording.is_result ? recording.source_id : recording.id;
  const shifts = shiftsOf.value[recording.id] ?? shiftsOf.value[source];
  const keptCurves = timelineCurves.peek().filter((c) => !c.id.startsWith('motion:'));
  const keptMarks = timelineMarks.peek().filter((m) => !m.title.startsWith('Motion: '));
  if (!shifts) {
    if (keptCurves.length !== timelineCurves.peek().length) timelineCurves.value = keptCurves;
    if (keptMarks.length !== timelineMarks.peek().length) timelineMarks.value = keptMarks;
    return;
  }
  // A result of a part begins where the part does.
  const first = recording.id === source || recording.n_times > shifts.dy.length ? shifts.first : 0;
  const curve = (id: string, label: string, colour: string, values: Float64Array, unit: string) => ({ id: `motion:${id}`, label, colour, unit, values: spread(values, first, recording.n_times) });
  timelineCurves.value = [
    ...keptCurves,
    curve('dy', 'shift down', '#e11d48', shifts.dy, 'px'),
    curve('dx', 'shift right', '#7c3aed', shifts.dx, 'px'),
    curve('peak', 'match', '#a16207', shifts.peak, 'r'),
  ];
  const marks = Array.from(shifts.flags, (flag, i) => ({ flag, frame: first + i })).filter(({ flag, frame }) => flag !== 0 && frame < recording.n_times);
  timelineMarks.value = [...keptMarks, ...marks.map(({ flag, frame }) => ({ frame, colour: '#dc2626', title: `Motion: ${flagText(flag)}` }))];
});
