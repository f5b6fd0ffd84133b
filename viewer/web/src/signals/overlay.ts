// A second recording over the first: the same channels by name, the same rate, perhaps beginning later.

import { effect } from '@preact/signals';
import { previewStart } from '../chains/jobs';
import type { Recording } from '../api/types';
import { other, recordings } from '../state/app';
import { signalView } from '../state/signals';
import type { Rows } from './columns';
import { feedOf, type Tile, type TileFeed } from './tiles';

export interface Overlay {
  recording: Recording;
  feed: TileFeed;
  channelOf: Map<number, number>; // channel of the first -> of the second
  shift: number; // sample of the first at which the second begins
}

// A preview is shown as soon as it is there.
let previewed = '';
effect(() => {
  const result = other.value;
  const source = recordings.value.find((r) => r.id === result?.source_id);
  if (!result || source?.kind !== 'signals' || result.id === previewed || previewStart.value[result.id] === undefined) return;
  previewed = result.id;
  signalView(source).overlay.value = true;
});

const startOf = (r: Recording) => previewStart.value[r.id] ?? 0;

// What could be laid over it.
export const overlayChoices = (r: Recording) => recordings.value.filter((o) => o.id !== r.id && o.kind === 'signals' && whyNot(r, o) === '');

function channelsByName(r: Recording, o: Recording): Map<number, number> {
  const numbers = new Map(o.channels.map((c, i) => [c.name, i]));
  return new Map(r.channels.flatMap((c, i) => (numbers.has(c.name) ? [[i, numbers.get(c.name) as number] as const] : [])));
}

// A sentence; "" if they go together.
export function whyNot(r: Recording, o: Recording): string {
  if (o.kind !== 'signals') return `${o.label} is a movie.`;
  if (o.rate_hz !== r.rate_hz) return `${o.label} has ${o.rate_hz ?? 'an unknown number of'} samples per second, this recording ${r.rate_hz ?? 'an unknown number'}.`;
  return channelsByName(r, o).size === 0 ? `${o.label} has no channel of the same name.` : '';
}

export function overlayOf(r: Recording): Overlay | null {
  const o = other.value;
  if (!signalView(r).overlay.value || !o || o.id === r.id || whyNot(r, o) !== '') return null;
  return { recording: o, feed: feedOf(o), channelOf: channelsByName(r, o), shift: startOf(o) - startOf(r) };
}

const mostDifferent = 3e6; // values on the screen

export const canSubtract = (samples: number, lanes: number) => samples * lanes <= mostDifferent;

// The second minus the first, sample by sample.
export class Difference implements Rows {
  private made = new WeakMap<Float32Array, Float32Array>();

  constructor(
    readonly a: TileFeed,
    readonly b: Overlay,
  ) {}

  sample(channel: number, s: number): number {
    const there = this.b.channelOf.get(channel);
    return there === undefined ? NaN : this.b.feed.sample(there, s - this.b.shift) - this.a.sample(channel, s);
  }

  tile(step: number, index: number): Tile | undefined {
    return step === 1 ? this.a.tile(1, index) : undefined;
  }

  row(tile: Tile, channel: number): Float32Array | undefined {
    const own = tile.rows.get(channel);
    if (!own) return undefined;
    const known = this.made.get(own);
    if (known) return known;
    const row = Float32Array.from(own, (_, i) => this.sample(channel, tile.first + i));
    if (!row.some(Number.isNaN)) this.made.set(own, row);
    return row;
  }
}

let last: Difference | null = null;

export function differenceOf(r: Recording, overlay: Overlay): Difference {
  const own = feedOf(r);
  const isSame = last?.a === own && last.b.feed === overlay.feed && last.b.shift === overlay.shift;
  last = isSame && last ? last : new Difference(own, overlay);
  return last;
}
