// Brings frames to the screen. Requests are never queued: one is under way, and of those wanted meanwhile only the latest
// counts. What is not wanted any more may still arrive; it is shown only if it lies on the way to what is wanted.

import { api } from '../api/client';
import type { Frame } from '../api/types';

const mostBytes = 256e6;
const ahead = 6; // frames fetched in the direction of play

const sizeOf = (frame: Frame) => frame.values.byteLength;

// Decoded frames of all recordings, the least recently used forgotten first.
class FrameCache {
  private kept = new Map<string, Frame>();
  private bytes = 0;

  get(key: string): Frame | undefined {
    const frame = this.kept.get(key);
    if (frame) {
      this.kept.delete(key);
      this.kept.set(key, frame);
    }
    return frame;
  }

  has = (key: string) => this.kept.has(key);

  put(key: string, frame: Frame) {
    this.drop(key);
    this.kept.set(key, frame);
    this.bytes += sizeOf(frame);
    for (const oldest of this.kept.keys()) {
      if (this.bytes <= mostBytes || oldest === key) break;
      this.drop(oldest);
    }
  }

  private drop(key: string) {
    const frame = this.kept.get(key);
    if (!frame) return;
    this.bytes -= sizeOf(frame);
    this.kept.delete(key);
  }
}

const cache = new FrameCache();

interface Want {
  frame: number;
  level: number;
}

type Show = (frame: number, data: Frame) => void;

export class FrameFeed {
  private wanted: Want | null = null;
  private underway: { want: Want; end: AbortController; isAhead: boolean } | null = null;
  private stride = 1; // of the latest steps
  private shown = -1;
  private detailTimer = 0;
  private isDetailDue = false;
  private isEnded = false;
  msPerFrame = 0; // of full detail, as measured

  // show: of the frame to be drawn; detail: the same frame whole at level 0, a moment later if it was drawn coarser.
  constructor(
    private id: string,
    private nTimes: number,
    private frameBytes: number,
    private hasDetail: boolean, // frames at level 0 can be drawn
    private show: Show,
    private detail: Show,
    private fail: (e: unknown) => void,
  ) {}

  private key = (w: Want) => `${this.id} ${w.frame} ${w.level}`;

  want(frame: number, level: number) {
    if (this.wanted && frame !== this.wanted.frame) {
      const stride = frame - this.wanted.frame;
      this.stride = Math.abs(stride) <= 16 ? stride : Math.sign(stride);
    }
    this.wanted = { frame, level };
    clearTimeout(this.detailTimer);
    this.isDetailDue = false;
    const found = cache.get(this.key({ frame, level: 0 })) ?? cache.get(this.key(this.wanted));
    if (found) this.present(frame, found);
    if (this.underway?.isAhead && !found && this.key(this.underway.want) !== this.key(this.wanted)) this.underway.end.abort();
    this.next();
  }

  end() {
    this.isEnded = true;
    this.underway?.end.abort();
    clearTimeout(this.detailTimer);
  }

  private present(frame: number, data: Frame) {
    this.shown = frame;
    this.show(frame, data);
    if (data.level === 0) this.detail(frame, data);
    else if (this.hasDetail && this.frameBytes <= mostBytes / 2) this.detailTimer = setTimeout(() => this.refine(), 150);
  }

  private refine() {
    this.isDetailDue = true;
    this.next();
  }

  // What to fetch now: what is wanted, else its full detail, else what comes next.
  private choose(): { want: Want; isAhead: boolean } | null {
    const w = this.wanted;
    if (!w) return null;
    const has = (want: Want) => cache.has(this.key(want)) || cache.has(this.key({ ...want, level: 0 }));
    if (!has(w)) return { want: w, isAhead: false };
    if (this.isDetailDue && !cache.has(this.key({ ...w, level: 0 }))) return { want: { ...w, level: 0 }, isAhead: true };
    for (let i = 1; i <= ahead; i++) {
      const want = { frame: w.frame + i * this.stride, level: w.level };
      if (want.frame < 0 || want.frame >= this.nTimes || (i * this.frameBytes) / 4 ** w.level > mostBytes / 4) break;
      if (!has(want)) return { want, isAhead: true };
    }
    return null;
  }

  private next() {
    if (this.underway || this.isEnded) return;
    const choice = this.choose();
    if (choice) void this.fetch(choice.want, choice.isAhead);
  }

  private async fetch(want: Want, isAhead: boolean) {
    const end = new AbortController();
    this.underway = { want, end, isAhead };
    const begin = performance.now();
    try {
      const data = await api.frame(this.id, want.frame, want.level, undefined, end.signal);
      if (want.level === 0) this.msPerFrame += (performance.now() - begin - this.msPerFrame) * (this.msPerFrame === 0 ? 1 : 0.2);
      cache.put(this.key(want), data);
      this.underway = null;
      if (!this.isEnded) this.arrived(want, data);
    } catch (e) {
      this.underway = null;
      if (this.isEnded || end.signal.aborted) return this.next();
      if (!isAhead) this.wanted = null; // asked again when the user asks again
      this.fail(e);
    }
    this.next();
  }

  private arrived(want: Want, data: Frame) {
    const w = this.wanted;
    if (!w) return;
    const isNew = want.frame === w.frame && (want.level === w.level || want.level === 0);
    const isOnTheWay = this.shown >= 0 && (want.frame - this.shown) * (w.frame - want.frame) > 0;
    const isAlreadyThere = this.shown === w.frame && want.level === w.level;
    if ((isNew && !isAlreadyThere) || isOnTheWay) this.present(want.frame, data);
  }
}
