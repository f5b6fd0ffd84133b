// Frames along the timeline.

import type { MovieView } from '../state/movie';

export const room = { left: 56, right: 54 }; // CSS pixels beside the curves

export interface TimeAxis {
  first: number; // frame at the left edge, both included
  last: number;
  left: number;
  width: number;
}

export function timeAxis(view: MovieView, width: number): TimeAxis {
  const [first, last] = view.timeWindow.value;
  return { first, last, left: room.left, width: Math.max(1, width - room.left - room.right) };
}

const perFrame = (a: TimeAxis) => a.width / (a.last - a.first + 1);

// The middle of the frame.
export const toX = (a: TimeAxis, frame: number) => a.left + (frame - a.first + 0.5) * perFrame(a);
export const toFrame = (a: TimeAxis, x: number) => Math.floor((x - a.left) / perFrame(a) + a.first);
export const frameWidth = perFrame;

// Zooms about a frame; a factor above 1 shows less.
export function zoomTime(view: MovieView, nTimes: number, about: number, factor: number) {
  const [first, last] = view.timeWindow.peek();
  const length = last - first + 1;
  const wanted = Math.max(Math.min(10, nTimes), Math.min(nTimes, Math.round(length / factor)));
  const share = (about - first + 0.5) / length;
  moveTime(view, nTimes, Math.round(about + 0.5 - share * wanted), wanted);
}

function moveTime(view: MovieView, nTimes: number, first: number, length: number) {
  const begin = Math.max(0, Math.min(nTimes - length, first));
  view.timeWindow.value = [begin, begin + length - 1];
}

// Keeps a frame in sight when the timeline shows a part.
export function followTime(view: MovieView, nTimes: number, frame: number) {
  const [first, last] = view.timeWindow.peek();
  const length = last - first + 1;
  if (frame < first) moveTime(view, nTimes, frame, length);
  else if (frame > last) moveTime(view, nTimes, frame - length + 1, length);
}
