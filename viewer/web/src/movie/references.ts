// The images S and D that live arithmetic works with, fetched when what they depend on changes.

import { effect, signal, type Signal } from '@preact/signals';
import type { ChainStep, Frame, Recording } from '../api/types';
import { chain } from '../state/chain';
import { notify } from '../state/app';
import type { LiveImage } from '../image/scene';
import { clampFrame, isReferenceOn, movieView, type MovieView, type Reference } from '../state/movie';
import { partOf, previewFrames } from './preview';
import { detailOf, fetchWindow, isEasy, wholeLevelOf, type Detail, type FrameWindow } from './tiles';

export type Operand = 'subtract' | 'divide';

export interface References {
  subtract: Signal<LiveImage | null>;
  divide: Signal<LiveImage | null>;
  nBusy: Signal<number>; // being computed
}

export const makeReferences = (): References => ({ subtract: signal<LiveImage | null>(null), divide: signal<LiveImage | null>(null), nBusy: signal(0) });

const pause = 200; // ms that settings must rest before a range is reduced,
const restMs = 150; // and what is seen before the whole image is fetched
const longWindow = 100; // frames from which on it is told that something is computed

const settings = (r: Reference) => (r.from === 'none' || r.amount === 0 ? 'none' : `${r.from} ${r.stat} ${r.window} ${r.lag}`);

// One request at a time; the latest that was asked for follows.
function latestOnly<T>(work: (value: T, signal: AbortSignal) => Promise<void>, fail: (e: unknown) => void) {
  let end: AbortController | null = null;
  let next: { value: T } | null = null;
  async function run(value: T) {
    end = new AbortController();
    try {
      await work(value, end.signal);
    } catch (e) {
      if (!(e instanceof DOMException && e.name === 'AbortError')) fail(e);
    }
    end = null;
    const follow = next;
    next = null;
    if (follow) void run(follow.value);
  }
  return {
    ask(value: T) {
      if (end) next = { value };
      else void run(value);
    },
    stop() {
      next = null;
      end?.abort();
    },
  };
}

interface Wish {
  window: FrameWindow;
  detail: Detail;
}

// Images that the server computes from some frames: what is seen first, at the screen's detail; at rest the whole image.
function makeWindowFeed(r: Recording, image: Signal<LiveImage | null>, nBusy: Signal<number>, fail: (e: unknown) => void) {
  let wanted: Wish | null = null;
  let asked = '';
  let wholeOf = ''; // the window that the whole image belongs to
  let timer = 0;
  let far: AbortController | null = null;
  const whole: Detail = { level: wholeLevelOf(r), part: null };
  const keep = (window: FrameWindow, { part }: Detail, found: Frame) => {
    if (!part) wholeOf = JSON.stringify(window);
    image.value = part ? { whole: image.peek()?.whole ?? null, part: found } : { whole: found, part: null };
  };
  async function completeWhole({ window }: Wish) {
    far = new AbortController();
    try {
      const found = await fetchWindow(r, window, whole, far.signal);
      wholeOf = JSON.stringify(window);
      image.value = { whole: found, part: image.peek()?.part ?? null };
    } catch (e) {
      if (!(e instanceof DOMException && e.name === 'AbortError')) fail(e);
    }
  }
  async function fetchCounted({ window, detail }: Wish, signal: AbortSignal) {
    const isLong = window.count > longWindow;
    if (isLong) nBusy.value++;
    try {
      return await fetchWindow(r, window, detail, signal);
    } finally {
      if (isLong) nBusy.value--;
    }
  }
  const near = latestOnly<Wish>(async (wish, signal) => {
    const found = await fetchCounted(wish, signal);
    if (!wanted) return;
    keep(wish.window, wish.detail, found);
    clearTimeout(timer);
    const isWhole = wish.detail.part === null && wish.detail.level <= whole.level;
    if (wanted === wish && !isWhole) timer = setTimeout(() => void completeWhole(wish), restMs);
  }, fail);
  // What is there already, for the same frames, and as sharp.
  const isThere = ({ window, detail }: Wish) => wholeOf === JSON.stringify(window) && (image.peek()?.whole?.level ?? Infinity) <= detail.level;
  return {
    want(wish: Wish) {
      const key = JSON.stringify(wish);
      if (key === asked) return;
      if (JSON.stringify(wish.window) !== JSON.stringify(wanted?.window)) far?.abort();
      clearTimeout(timer);
      asked = key;
      wanted = wish;
      if (!isThere(wish)) near.ask(wish);
    },
    stop() {
      clearTimeout(timer);
      far?.abort();
      near.stop();
      wanted = null;
      asked = '';
      wholeOf = '';
    },
  };
}

// The frames that the server computes from; null: a job must.
function windowOf(r: Recording, view: MovieView, reference: Reference): FrameWindow | null {
  const { stat } = reference;
  if (reference.from === 'sliding') return { frame: clampFrame(r, view.frame.value), stat, count: reference.window, lag: reference.lag };
  const [first, last] = view.range.value;
  return isEasy(r) ? null : { frame: first, stat, count: last - first + 1, lag: 0 };
}

function followOperand(r: Recording, view: MovieView, references: References, operand: Operand): () => void {
  const image = references[operand];
  const fail = (e: unknown) => {
    image.value = null;
    notify(e instanceof Error ? e.message : String(e), 'error');
  };
  const feed = makeWindowFeed(r, image, references.nBusy, fail);
  const range = latestOnly<[number, number]>(async (part, signal) => {
    references.nBusy.value++;
    try {
      const [found] = await previewFrames(r, [{ step: 'reduce', params: { stat: view.live.peek()[operand].stat } }], partOf(part), signal, operand);
      if (found && view.live.peek()[operand].from === 'range') image.value = { whole: found, part: null };
    } finally {
      references.nBusy.value--;
    }
  }, fail);
  let timer = 0;
  let was = '';
  const stop = effect(() => {
    const reference = view.live.value[operand];
    const isOn = settings(reference) !== 'none';
    const window = isOn ? windowOf(r, view, reference) : null;
    const detail = window ? detailOf(view.viewport.value, r, 0) : null;
    const part = isOn && !window ? view.range.value : null;
    const now = `${settings(reference)} ${reference.from === 'range' ? view.range.value.join(' ') : ''}`;
    const isChanged = now !== was;
    was = now;
    if (isChanged) {
      clearTimeout(timer);
      range.stop();
      feed.stop();
    }
    if (!isOn) image.value = null;
    else if (part && isChanged) timer = setTimeout(() => range.ask(part), pause);
    else if (window && detail && isChanged && reference.from === 'range') timer = setTimeout(() => feed.want({ window, detail }), pause);
    else if (window && detail) feed.want({ window, detail });
  });
  return () => {
    stop();
    clearTimeout(timer);
    range.stop();
    feed.stop();
  };
}

export function followReferences(r: Recording, view: MovieView, references: References): () => void {
  const stops = (['subtract', 'divide'] as const).map((operand) => followOperand(r, view, references, operand));
  return () => stops.forEach((stop) => stop());
}

function stepOf(operand: Operand, reference: Reference, range: [number, number]): ChainStep {
  const params: Record<string, string> = { from: reference.from, stat: reference.stat };
  if (reference.from === 'range') params['range'] = `${range[0]}:${range[1] + 1}`;
  else Object.assign(params, { window: String(reference.window), lag: String(reference.lag), edges: 'shrink' });
  if (reference.amount !== 1) params['amount'] = String(reference.amount);
  return { step: operand, params };
}

// The steps that do for the whole recording what is shown live.
export function liveSteps(r: Recording): ChainStep[] {
  const view = movieView(r);
  return (['subtract', 'divide'] as const)
    .filter((operand) => isReferenceOn(view.live.value[operand]))
    .map((operand) => stepOf(operand, view.live.value[operand], view.range.value));
}

export function addLiveToChain(r: Recording) {
  const made = liveSteps(r);
  chain.value = [...chain.value, ...made];
  notify(made.length === 1 ? 'The step was added to the chain.' : `${made.length} steps were added to the chain.`);
}
