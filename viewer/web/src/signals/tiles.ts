// Traces in pieces: tiles on a grid of times, at steps (samples per column) that are powers of two. Tiles stay in memory while there
// is room, row by row, so that scrolling, reordering and hiding channels need no new request.

import { effect, signal } from '@preact/signals';
import { api } from '../api/client';
import type { Recording } from '../api/types';
import { onNews, recordings, tell } from '../state/app';
import { channelText } from './channel_text';

export interface Tile {
  step: number; // samples per column; 1: samples
  index: number;
  first: number; // sample
  count: number;
  columns: number;
  isSamples: boolean;
  rows: Map<number, Float32Array>; // by channel: samples, or pairs of lowest and highest value
  isPartial: boolean; // the server has not read all of it yet
  isStale: boolean; // it has read more since
  used: number;
}

export interface Place {
  step: number;
  index: number;
}

const columnsPerTile = 1024;
const samplesPerTile = 2048;
const mostValues = 24e6; // kept, 4 bytes each
const mostAtOnce = 4; // requests
const mostAhead = 2; // of these for what may be looked at next
const restMs = 40; // without a change before the next request, while tiles pass by
const mostWaitMs = 160;
const aheadMs = 80; // of rest before anything is fetched ahead

export const widthOf = (step: number) => (step === 1 ? samplesPerTile : step * columnsPerTile);

// The step for a picture with so many samples per pixel: at least a column per pixel, at most two.
export const stepFor = (samplesPerPixel: number) => (samplesPerPixel < 4 ? 1 : 2 ** Math.floor(Math.log2(samplesPerPixel)));

export const finer = (step: number) => (step <= 4 ? 1 : step / 2);
export const coarser = (step: number) => (step === 1 ? 4 : step * 2);

export function placesOf(first: number, count: number, step: number, nTimes: number): Place[] {
  const width = widthOf(step);
  const from = Math.max(0, Math.floor(first / width));
  const to = Math.min(Math.ceil(nTimes / width), Math.floor((first + count) / width) + 1);
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => ({ step, index: from + i }));
}

const keyOf = (p: Place) => `${p.step}:${p.index}`;

interface Running {
  abort: AbortController;
  channels: ReadonlySet<number>;
}

export class TileFeed {
  readonly version = signal(0); // grows when there is more to draw
  readonly built = signal<number | null>(null); // share of the overview that the server has built; null: not known

  private tiles = new Map<string, Tile>();
  private running = new Map<string, Running>();
  private wanted: Place[] = [];
  private ahead: Place[] = []; // wanted next
  private wantedText = '';
  private channels: number[] = [];
  private clock = 0;
  private changedAt = -Infinity;
  private pumpedAt = -Infinity;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private aheadTimer: ReturnType<typeof setTimeout> | undefined;
  private refresh: ReturnType<typeof setTimeout> | undefined;
  private failures = new Set<string>();

  private readonly stopNews: () => void;

  constructor(readonly recording: Recording) {
    this.stopNews = onNews<{ id: string; done: number }>('pyramid', (news) => {
      if (news.id === recording.id) this.hear(news.done);
    });
  }

  tile(step: number, index: number): Tile | undefined {
    return this.tiles.get(`${step}:${index}`);
  }

  row(tile: Tile, channel: number): Float32Array | undefined {
    return tile.rows.get(channel);
  }

  // NaN: not there (yet).
  sample(channel: number, s: number): number {
    const tile = this.tile(1, Math.floor(s / samplesPerTile));
    return tile?.rows.get(channel)?.[s - tile.first] ?? NaN;
  }

  has(places: Place[], channels: number[]): boolean {
    return places.every((p) => {
      const tile = this.tile(p.step, p.index);
      return tile !== undefined && channels.every((c) => tile.rows.has(c));
    });
  }

  // What is to be drawn now, and what may be next, the most likely first. What runs for anything else is given up.
  want(places: Place[], channels: number[], ahead: Place[] = []) {
    const text = `${places.map(keyOf).join()} ${channels.join()}`;
    if (text === this.wantedText) return;
    this.wantedText = text;
    this.wanted = places;
    this.ahead = ahead;
    this.channels = channels;
    const keys = new Set([...places, ...ahead].map(keyOf));
    for (const [key, running] of this.running) if (!keys.has(key)) running.abort.abort();
    const now = performance.now();
    const isCalm = now - this.changedAt > restMs || now - this.pumpedAt > mostWaitMs;
    this.changedAt = now;
    clearTimeout(this.timer);
    clearTimeout(this.aheadTimer);
    this.aheadTimer = setTimeout(() => this.pump(), aheadMs);
    if (isCalm) this.pump();
    else this.timer = setTimeout(() => this.pump(), restMs);
  }

  forget() {
    clearTimeout(this.timer);
    clearTimeout(this.aheadTimer);
    clearTimeout(this.refresh);
    this.refresh = undefined;
    for (const running of this.running.values()) running.abort.abort();
    this.wantedText = '';
    this.wanted = [];
    this.ahead = [];
  }

  end() {
    this.forget();
    this.stopNews();
    this.tiles.clear();
  }

  private hear(done: number) {
    this.built.value = done;
    this.refresh ??= setTimeout(
      () => {
        this.refresh = undefined;
        for (const tile of this.tiles.values()) if (tile.isPartial) tile.isStale = true;
        this.pump();
      },
      done >= 1 ? 0 : 500,
    );
  }

  private missing(place: Place): number[] {
    const tile = this.tiles.get(keyOf(place));
    return tile && !tile.isStale ? this.channels.filter((c) => !tile.rows.has(c)) : this.channels;
  }

  private pump() {
    const now = performance.now();
    this.pumpedAt = now;
    const isDone = this.start(this.wanted, mostAtOnce);
    // Nothing is read ahead while the server still reads the recording for the first time.
    if (isDone && now - this.changedAt >= aheadMs && (this.built.peek() ?? 1) >= 1) this.start(this.ahead, mostAhead);
  }

  // True if nothing of it is missing.
  private start(places: Place[], most: number): boolean {
    let isDone = true;
    for (const place of places) {
      const key = keyOf(place);
      const tile = this.tiles.get(key);
      if (tile) tile.used = ++this.clock;
      const missing = this.missing(place);
      if (missing.length === 0 || this.failures.has(key)) continue;
      isDone = false;
      const running = this.running.get(key);
      if (running && missing.every((c) => running.channels.has(c))) continue;
      if (this.running.size >= most) continue;
      running?.abort.abort();
      tell(this.fetch(place, missing));
    }
    return isDone;
  }

  private async fetch(place: Place, channels: number[]) {
    const key = keyOf(place);
    const first = place.index * widthOf(place.step);
    const count = Math.min(widthOf(place.step), this.recording.n_times - first);
    const columns = place.step === 1 ? count : Math.ceil(count / place.step);
    const mine: Running = { abort: new AbortController(), channels: new Set(channels) };
    this.running.set(key, mine);
    try {
      const answer = await api.traces(this.recording.id, channelText(channels), first, count, columns, mine.abort.signal);
      this.keep({ ...place, first, count }, channels, answer);
    } catch (problem) {
      if (!mine.abort.signal.aborted) this.rest(key);
      throw problem;
    } finally {
      if (this.running.get(key) === mine) this.running.delete(key);
      this.pump();
    }
  }

  // What failed is not asked for again at once.
  private rest(key: string) {
    this.failures.add(key);
    setTimeout(() => {
      this.failures.delete(key);
      this.pump();
    }, 5000);
  }

  private keep(at: Place & { first: number; count: number }, channels: number[], answer: Awaited<ReturnType<typeof api.traces>>) {
    const key = keyOf(at);
    const isSamples = answer.layout === 'samples';
    const old = this.tiles.get(key);
    const rows = old && !old.isStale ? old.rows : new Map<number, Float32Array>();
    const length = isSamples ? answer.columns : 2 * answer.columns;
    channels.forEach((c, i) => rows.set(c, answer.values.subarray(i * length, (i + 1) * length)));
    const isPartial = answer.done < 1;
    this.tiles.set(key, { ...at, columns: answer.columns, isSamples, rows, isPartial, isStale: false, used: ++this.clock });
    if (!isPartial && this.built.peek() === null) this.built.value = 1;
    if (isPartial) this.built.value = Math.min(this.built.peek() ?? 1, answer.done);
    this.evict();
    this.version.value++;
  }

  private evict() {
    const size = (t: Tile) => [...t.rows.values()].reduce((sum, row) => sum + row.length, 0);
    let total = 0;
    for (const tile of this.tiles.values()) total += size(tile);
    if (total <= mostValues) return;
    const keys = new Set(this.wanted.map(keyOf));
    for (const tile of [...this.tiles.values()].sort((a, b) => a.used - b.used)) {
      if (total <= mostValues) return;
      if (keys.has(keyOf(tile))) continue;
      total -= size(tile);
      this.tiles.delete(keyOf(tile));
    }
  }
}

const feeds = new Map<string, TileFeed>();

// Tiles of recordings that were closed are given back.
effect(() => {
  const open = new Set(recordings.value.map((r) => r.id));
  for (const [id, feed] of feeds) {
    if (open.has(id)) continue;
    feed.end();
    feeds.delete(id);
  }
});

export function feedOf(r: Recording): TileFeed {
  let feed = feeds.get(r.id);
  if (!feed) {
    feed = new TileFeed(r);
    feeds.set(r.id, feed);
  }
  return feed;
}
