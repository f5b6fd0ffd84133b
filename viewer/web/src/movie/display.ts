// From the frame that is wanted to what is on the screen: fetched, computed with references, given a contrast.

import { batch, computed, effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Frame, Recording } from '../api/types';
import { colourMap, twoSidedMap } from '../image/colour_maps';
import { liveFrame } from '../image/live_value';
import type { Picture } from '../image/scene';
import { through } from '../image/viewport';
import type { ImageSheet } from '../image/sheets';
import { previewStart } from '../chains/jobs';
import { other, otherId, tell } from '../state/app';
import { perRecording } from '../state/kept';
import { ontoOf } from '../state/places';
import { clampFrame, isReferenceOn, movieView, type MovieView } from '../state/movie';
import { contrastOf, isTwoSided } from './contrast';
import { FrameFeed } from './frame_feed';
import { followReferences, makeReferences, type References } from './references';
import { followScan, scanOf } from './scan';
import { extremes } from './statistics';
import { detailOf } from './tiles';

type Drawn = Omit<Picture, 'viewport'>;

export interface Display {
  references: References;
  full: Signal<Frame | null>; // of the frame on the screen: whole, at the most detail there is, before live arithmetic
  map: ReadonlySignal<string>; // name of the colour map in use
  pictures: ReadonlySignal<Drawn[]>;
  arrangement: ReadonlySignal<MovieView['compare']['value']>; // of the pictures
  sheets: Signal<ImageSheet[]>; // blended over the first picture
  otherRaw: Signal<{ recording: Recording; frame: Frame; whole: Frame | null } | null>;
}

export const displayOf = perRecording(make);

function make(r: Recording): Display {
  const view = movieView(r);
  const references = makeReferences();
  const full = signal<Frame | null>(null);
  const otherRaw = signal<Display['otherRaw']['value']>(null);
  const map = computed(() => (view.colourMap.value !== 'auto' ? view.colourMap.value : isTwoSided(view, view.contrast.value) ? twoSidedMap : 'grey'));
  const own = computed<Drawn | null>(() => {
    const frame = view.raw.value;
    if (!frame) return null;
    const { low, high } = view.contrast.value;
    return { frame, under: frame.corner ? full.value : null, width: r.width, height: r.height, ...operands(view, references), low, high, colours: colourMap(map.value), mask: view.mask.value };
  });
  const pictures = computed<Drawn[]>(() => {
    if (!own.value) return [];
    const second = otherRaw.value;
    if (view.compare.value === 'off' || !second) return [own.value];
    const { recording, frame, whole } = second;
    const limits = view.sameContrast.value ? {} : ownLimits(frame);
    const its = { frame, under: whole, width: recording.width, height: recording.height, mask: null, onto: ontoOf(r, recording) };
    return [own.value, { ...own.value, ...nothing, ...limits, ...its }];
  });
  const arrangement = computed(() => (otherId.value === '' ? 'off' : view.compare.value));
  return { references, full, map, pictures, arrangement, sheets: signal<ImageSheet[]>([]), otherRaw };
}

function ownLimits(frame: Frame) {
  const { min, max } = extremes(frame);
  return Number.isNaN(min) ? {} : { low: min, high: max };
}

const nothing = { subtract: null, divide: null, subtractAmount: 0, divideAmount: 0 };

// What the frame is computed with; a reduced image is shown as it is.
function operands(view: MovieView, references: References) {
  if (view.reduced.value !== '') return nothing;
  const { subtract, divide } = view.live.value;
  return {
    subtract: isReferenceOn(subtract) ? references.subtract.value : null,
    divide: isReferenceOn(divide) ? references.divide.value : null,
    subtractAmount: subtract.amount,
    divideAmount: divide.amount,
  };
}

// Of a large frame, what is seen is computed first.
const isWholeAwaited = (view: MovieView, references: References) =>
  (['subtract', 'divide'] as const).some((operand) => isReferenceOn(view.live.value[operand]) && references[operand].value?.part && !references[operand].value?.whole);

function followFrames(r: Recording, view: MovieView, display: Display): () => void {
  const feed = new FrameFeed(r, {
    show: (frame, data, whole) =>
      batch(() => {
        if (view.reduced.peek() !== '') return;
        view.shownFrame.value = frame;
        view.raw.value = data;
        display.full.value = whole ?? data;
      }),
    detail(frame, data) {
      if (frame === view.shownFrame.peek() && view.reduced.peek() === '') display.full.value = data;
    },
    fail: (e) => tell(Promise.reject(e)),
  });
  const stop = effect(() => {
    const frame = clampFrame(r, view.frame.value);
    const reduced = view.reducedFrame.value;
    if (view.viewport.value.width === 0) return;
    if (view.reduced.value !== '' && reduced)
      batch(() => {
        view.raw.value = reduced;
        display.full.value = reduced;
      });
    else feed.want(frame, detailOf(view.viewport.value, r, feed.msPerFrame));
  });
  return () => {
    stop();
    feed.end();
  };
}

// A preview of a part begins later than its source.
const firstFrame = (r: Recording) => previewStart.value[r.id] ?? 0;

// `other` at the same frame.
function followOther(r: Recording, view: MovieView, display: Display): () => void {
  let feed: FrameFeed | null = null;
  let fed = '';
  const stop = effect(() => {
    const second = view.compare.value === 'off' ? null : other.value;
    const frame = view.frame.value;
    if (!second || second.kind !== 'movie') {
      feed?.end();
      feed = null;
      fed = '';
      display.otherRaw.value = null;
      return;
    }
    if (!feed || fed !== second.id) {
      feed?.end();
      fed = second.id;
      feed = new FrameFeed(second, {
        show: (_, frame, whole) => (display.otherRaw.value = { recording: second, frame, whole }),
        detail(_, whole) {
          const now = display.otherRaw.peek();
          if (now && now.whole !== whole) display.otherRaw.value = { ...now, whole };
        },
        fail: (e) => tell(Promise.reject(e)),
      });
    }
    feed.want(clampFrame(second, frame + firstFrame(r) - firstFrame(second)), detailOf(through(view.viewport.value, ontoOf(r, second)), second, feed.msPerFrame));
  });
  return () => {
    stop();
    feed?.end();
  };
}

// Whoever chooses a frame leaves the reduced image.
function leaveReduced(view: MovieView): () => void {
  let was = view.frame.peek();
  return effect(() => {
    const frame = view.frame.value;
    if (frame !== was) view.reduced.value = '';
    was = frame;
  });
}

// Runs while the view is on the screen. Returns how to end this.
export function runDisplay(r: Recording): () => void {
  const view = movieView(r);
  const display = displayOf(r);
  const stops = [
    followScan(r),
    followReferences(r, view, display.references),
    effect(() => {
      const frame = display.full.value;
      view.shown.value = frame && liveFrame({ frame, ...operands(view, display.references) });
    }),
    effect(() => {
      const frame = view.raw.value;
      view.sharp.value = frame?.corner && frame !== display.full.value ? liveFrame({ frame, ...operands(view, display.references) }) : null;
    }),
    effect(() => {
      const frame = isWholeAwaited(view, display.references) ? view.sharp.value : view.shown.value;
      const found = frame && contrastOf(view, frame, scanOf(r).value);
      const now = view.contrast.peek();
      if (found && (found.low !== now.low || found.high !== now.high)) view.contrast.value = { ...now, ...found };
    }),
    leaveReduced(view),
    followFrames(r, view, display),
    followOther(r, view, display),
  ];
  return () => stops.forEach((stop) => stop());
}
