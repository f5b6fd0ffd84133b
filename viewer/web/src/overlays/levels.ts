// The levels that isolines are drawn at, to be dragged in the histogram.

import { effect } from '@preact/signals';
import type { Recording } from '../api/types';
import { histogramMarks } from '../movie/histogram_marks';
import { movieView } from '../state/movie';
import { live } from './results';
import { levelColour } from './isolines';
import { change } from './settings';

// Those that were given, in their order, else those that were found.
export function levelsNow(r: Recording): number[] {
  const given = movieView(r).overlays.value.isolines.levels.split(',').filter((t) => t.trim() !== '').map(Number);
  return given.length > 0 ? given.filter(Number.isFinite) : (live.isolines.shown.value?.value ?? []).map((l) => l.value);
}

// By the place among all, so that lines, list and marks agree.
export function colourOfLevel(levels: number[], value: number): string {
  const sorted = [...new Set(levels)].sort((a, b) => a - b);
  return levelColour(sorted.indexOf(value), sorted.length);
}

const digits = 5;

export function setLevel(r: Recording, index: number, value: number) {
  const levels = levelsNow(r).map((level, i) => (i === index ? value : level));
  change(r, 'isolines', { levels: levels.map((v) => Number(v.toPrecision(digits))).join(',') });
}

export function followLevels(r: Recording): () => void {
  const stop = effect(() => {
    const values = movieView(r).overlays.value.isolines.isOn ? levelsNow(r) : [];
    const colours = values.map((v) => colourOfLevel(values, v));
    histogramMarks.value = values.length === 0 ? null : { recording: r.id, values, colours, move: (i, value) => setLevel(r, i, value) };
  });
  return () => {
    stop();
    histogramMarks.value = null;
  };
}
