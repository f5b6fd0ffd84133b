// What other features draw on the timeline: curves over the frames, and marks on single frames.

import { signal } from '@preact/signals';

export interface TimelineCurve {
  id: string;
  label: string;
  colour: string; // CSS colour
  values: Float64Array; // one for each frame; NaN: unknown
  unit: string;
}

export interface TimelineMark {
  frame: number;
  colour: string;
  title: string; // one sentence: what is to be known about this frame
}

export const timelineCurves = signal<TimelineCurve[]>([]);
export const timelineMarks = signal<TimelineMark[]>([]);
