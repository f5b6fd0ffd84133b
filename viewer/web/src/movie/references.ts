// The images S and D that live arithmetic works with, fetched when what they depend on changes.

import { effect, signal, type Signal } from '@preact/signals';
import { api } from '../api/client';
import type { ChainStep, Frame, Recording } from '../api/types';
import { chain } from '../state/chain';
import { notify } from '../state/app';
import { isReferenceOn, movieView, type MovieView, type Reference } from '../state/movie';
import { partOf, previewFrames } from './preview';

export type Operand = 'subtract' | 'divide';

export interface References {
  subtract: Signal<Frame | null>;
  divide: Signal<Frame | null>;
  nBusy: Signal<number>; // being computed
}

export const makeReferences = (): References => ({ subtract: signal<Frame | null>(null), divide: signal<Frame | null>(null), nBusy: signal(0) });

const pause = 200; // ms that settings must rest before a range is reduced

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

function followOperand(r: Recording, view: MovieView, references: References, operand: Operand): () => void {
  const image = references[operand];
  const fail = (e: unknown) => {
    image.value = null;
    notify(e instanceof Error ? e.message : String(e), 'error');
  };
  const sliding = latestOnly<number>(async (frame, signal) => {
    const { stat, window, lag } = view.live.peek()[operand];
    const found = await api.windowFrame(r.id, frame, stat, window, lag, signal);
    if (view.live.peek()[operand].from === 'sliding') image.value = found;
  }, fail);
  const range = latestOnly<[number, number]>(async (part, signal) => {
    references.nBusy.value++;
    try {
      const [found] = await previewFrames(r, [{ step: 'reduce', params: { stat: view.live.peek()[operand].stat } }], partOf(part), signal);
      if (found && view.live.peek()[operand].from === 'range') image.value = found;
    } finally {
      references.nBusy.value--;
    }
  }, fail);
  let timer = 0;
  let was = '';
  const stop = effect(() => {
    const reference = view.live.value[operand];
    const key = settings(reference);
    const part = reference.from === 'range' ? view.range.value : null;
    const frame = reference.from === 'sliding' ? view.frame.value : 0;
    const now = `${key} ${part?.join(' ') ?? frame}`;
    if (now === was) return;
    was = now;
    clearTimeout(timer);
    range.stop();
    if (key === 'none') image.value = null;
    else if (part) timer = setTimeout(() => range.ask(part), pause);
    else sliding.ask(frame);
  });
  return () => {
    stop();
    clearTimeout(timer);
    range.stop();
    sliding.stop();
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
