// The view of a movie: what is shown of it. One for each recording, kept while the page is open and in sessions.

import { computed, signal, type Signal } from '@preact/signals';
import type { Frame, Recording } from '../api/types';
import type { Point, Viewport } from '../image/tool';

export interface Contrast {
  mode: 'frame' | 'movie' | 'trim' | 'manual'; // of this frame, of all frames scanned, percentiles of the frame, or as set
  low: number;
  high: number;
  trim: number; // percent left out at each end
}

// y = (x - a S) / (b D + 1 - b) on the fly; S and D are reduced images of a range, see `subtract` and `divide`.
export interface Live {
  what: 'none' | 'subtract' | 'divide' | 'sliding';
  stat: string; // mean, median, min, max ...
  amount: number; // a or b, 0 to 1
  window: number; // frames, of sliding
}

export interface MovieView {
  frame: Signal<number>;
  range: Signal<[number, number]>; // first and last frame, both included
  speed: Signal<number>; // frames per second while playing, negative: backwards
  isPlaying: Signal<boolean>;
  contrast: Signal<Contrast>;
  colourMap: Signal<string>;
  viewport: Signal<Viewport>;
  cross: Signal<Point>; // where the profiles are taken
  probe: Signal<Point | null>; // under the pointer
  pins: Signal<Point[]>;
  reduced: Signal<string>; // id of a one-image result that is shown instead of the frame; ""
  live: Signal<Live>;
  compare: Signal<'off' | 'side' | 'swipe'>; // with `other`
  shown: Signal<Frame | null>; // the numbers that are on the screen, whole frame
  mask: Signal<{ height: number; width: number; values: Uint8Array } | null>; // nothing is shown where 0
}

function make(r: Recording): MovieView {
  return {
    frame: signal(0),
    range: signal<[number, number]>([0, Math.max(0, r.n_times - 1)]),
    speed: signal(r.rate_hz && r.rate_hz > 0 ? Math.min(r.rate_hz, 30) : 20),
    isPlaying: signal(false),
    contrast: signal<Contrast>({ mode: 'frame', low: 0, high: 255, trim: 0.1 }),
    colourMap: signal('grey'),
    viewport: signal<Viewport>({ x: -0.5, y: -0.5, scale: 1, width: 0, height: 0 }),
    cross: signal<Point>({ x: Math.floor(r.width / 2), y: Math.floor(r.height / 2) }),
    probe: signal<Point | null>(null),
    pins: signal<Point[]>([]),
    reduced: signal(''),
    live: signal<Live>({ what: 'none', stat: 'mean', amount: 1, window: 20 }),
    compare: signal<'off' | 'side' | 'swipe'>('off'),
    shown: signal<Frame | null>(null),
    mask: signal<MovieView['mask']['value']>(null),
  };
}

const views = new Map<string, MovieView>();

export function movieView(r: Recording): MovieView {
  let view = views.get(r.id);
  if (!view) {
    view = make(r);
    views.set(r.id, view);
  }
  return view;
}

export const clampFrame = (r: Recording, frame: number) => Math.max(0, Math.min(r.n_times - 1, Math.round(frame)));

export const rangeLength = (view: MovieView) => computed(() => view.range.value[1] - view.range.value[0] + 1);
