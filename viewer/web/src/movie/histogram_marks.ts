// Values that a feature marks in the histogram, to be dragged.

import { signal } from '@preact/signals';

export interface HistogramMarks {
  recording: string;
  values: number[];
  colours: string[];
  move(index: number, value: number): void;
}

export const histogramMarks = signal<HistogramMarks | null>(null);
