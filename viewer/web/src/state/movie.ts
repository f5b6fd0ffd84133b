// The view of a movie: what is shown of it. One for each recording, kept while the page is open and in sessions.

import { signal, type Signal } from '@preact/signals';
import type { Frame, Recording } from '../api/types';
import type { Point, Viewport } from '../image/tool';
import { perRecording } from './kept';
import { defaultOverlays, type OverlaySettings } from './overlays';

export interface Contrast {
  mode: 'frame' | 'movie' | 'trim' | 'manual'; // of this frame, of all frames scanned, percentiles of the frame, or as set
  low: number;
  high: number;
  trim: number; // percent left out at each end
}

// A reference image for live arithmetic: a statistic of the range band, or of a window that slides with the frame.
export interface Reference {
  from: 'none' | 'range' | 'sliding';
  stat: string; // mean, median, min, max, std
  amount: number; // 0 to 1
  window: number; // frames, of sliding
  lag: number; // frames after its own at which the window begins
}

// y = (x - a S) / (b D + 1 - b) on the fly.
export interface Live {
  subtract: Reference;
  divide: Reference;
}

// Which pixels of the image are shown.
export interface Mask {
  keep: 'inside' | 'outside';
  width: number; // of the image
  height: number;
  spans: Int32Array; // inside: row, first and last column of each stretch, none overlapping another
}

export interface ProfileOptions {
  band: number; // rows (or columns) around the line whose lowest and highest values are drawn
  envelope: boolean; // lowest and highest values of the range band
}

export interface MovieView {
  frame: Signal<number>; // as wanted
  shownFrame: Signal<number>; // on the screen; -1: none yet
  range: Signal<[number, number]>; // first and last frame, both included
  timeWindow: Signal<[number, number]>; // frames the timeline shows, both included
  speed: Signal<number>; // frames per second while playing, negative: backwards
  isPlaying: Signal<boolean>;
  contrast: Signal<Contrast>;
  colourMap: Signal<string>; // "auto": grey, or two-sided where values lie on both sides of 0
  viewport: Signal<Viewport>;
  unit: Signal<'px' | 'um'>; // of axes along the image
  cross: Signal<Point>; // where the profiles are taken
  profiles: Signal<ProfileOptions>;
  probe: Signal<Point | null>; // under the pointer
  pins: Signal<Point[]>;
  reduced: Signal<string>; // what is shown instead of a frame: "mean of frames 10 to 99"; "": a frame
  reducedFrame: Signal<Frame | null>;
  live: Signal<Live>;
  compare: Signal<'off' | 'side' | 'swipe'>; // with `other`
  sameContrast: Signal<boolean>; // of both; else each its own extremes
  swipe: Signal<number>; // where `other` begins, as a share of the width
  raw: Signal<Frame | null>; // drawn: as the server gave it, perhaps at a coarser level
  shown: Signal<Frame | null>; // the whole frame at the most detail there is, after live arithmetic: for probe, profiles, contrast
  sharp: Signal<Frame | null>; // of a large movie: the part on the screen, more detailed than `shown`; after live arithmetic
  mask: Signal<Mask | null>; // null: all pixels are shown
  overlays: Signal<OverlaySettings>;
}

const reference = (): Reference => ({ from: 'none', stat: 'mean', amount: 1, window: 20, lag: 0 });

function make(r: Recording): MovieView {
  const all: [number, number] = [0, Math.max(0, r.n_times - 1)];
  return {
    frame: signal(0),
    shownFrame: signal(-1),
    range: signal<[number, number]>(all),
    timeWindow: signal<[number, number]>(all),
    speed: signal(r.rate_hz && r.rate_hz > 0 ? Math.min(r.rate_hz, 30) : 20),
    isPlaying: signal(false),
    contrast: signal<Contrast>({ mode: 'frame', low: 0, high: 255, trim: 0.1 }),
    colourMap: signal('auto'),
    viewport: signal<Viewport>({ x: -0.5, y: -0.5, scale: 1, width: 0, height: 0 }),
    unit: signal<'px' | 'um'>('px'),
    cross: signal<Point>({ x: Math.floor(r.width / 2), y: Math.floor(r.height / 2) }),
    profiles: signal<ProfileOptions>({ band: 1, envelope: false }),
    probe: signal<Point | null>(null),
    pins: signal<Point[]>([]),
    reduced: signal(''),
    reducedFrame: signal<Frame | null>(null),
    live: signal<Live>({ subtract: reference(), divide: reference() }),
    compare: signal<'off' | 'side' | 'swipe'>('off'),
    sameContrast: signal(true),
    swipe: signal(0.5),
    raw: signal<Frame | null>(null),
    shown: signal<Frame | null>(null),
    sharp: signal<Frame | null>(null),
    mask: signal<Mask | null>(null),
    overlays: signal(defaultOverlays()),
  };
}

export const movieView = perRecording(make);

export const clampFrame = (r: Recording, frame: number) => Math.max(0, Math.min(r.n_times - 1, Math.round(frame)));

// Shows a frame; leaves a reduced image.
export function goTo(r: Recording, frame: number) {
  const view = movieView(r);
  view.reduced.value = '';
  view.frame.value = clampFrame(r, frame);
}

export const isReferenceOn = (reference: Reference) => reference.from !== 'none' && reference.amount > 0;
