// Brings frames to the screen. Requests are never queued: one is under way, and of those wanted meanwhile only the latest
// counts. What is not wanted any more may still arrive; it is shown only if it lies on the way to what is wanted.

import type { Frame, Recording } from '../api/types';
import { onClosed } from '../state/kept';
import { bytesOf, fetchFrame, wholeLevelOf, type Detail } from './tiles';

const mostBytes = 256e6;
const ahead = 6; // frames fetched in the direction of play

const idOf = (key: string) => key.slice(0, key.indexOf(' ')); // keys begin with the recording's
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

  ids = () => new Set([...this.kept.keys()].map(idOf));

  forget(id: string) {
    for (const key of [...this.kept.keys()]) if (idOf(key) === id) this.drop(key);
  }

  private drop(key: string) {
    const frame = this.kept.get(key);
    if (!frame) return;
    this.bytes -= sizeOf(frame);
    this.kept.delete(key);
  }
}

const cache = new FrameCache();
onClosed(
  () => cache.ids(),
  (id) => cache.forget(id),
);

interface Want extends Detail {
  frame: number;
}

const isSame = (a: Want, b: Want) => a.frame === b.frame && a.level === b.level && JSON.stringify(a.part) === JSON.stringify(b.part);

interface Feeding {
  show(frame: number, data: Frame, whole: Frame | null): void; // to be drawn; with the whole frame at the most detail, if it is there
  detail(frame: number, data: Frame): void; // the whole frame on the screen at the most detail, a moment later
  fail(e: unknown): void;
}

export class FrameFeed {
  private wanted: Want | null = null;
  private underway: { want: Want; end: AbortController; isAhead: boolean } | null = null;
  private stride = 1; // of the latest steps
  private shown: Want | null = null;
  private detailTimer = 0;
  private isDetailDue = false;
  private isEnded = false;
  private wholeLevel: number;
  msPerFrame = 0; // of full detail, as measured

  constructor(
    private recording: Recording,
    private to: Feeding,
  ) {
    this.wholeLevel = wholeLevelOf(recording);
  }

  private key = ({ frame, level, part }: Want) => `${this.recording.id} ${frame} ${level} ${part ? Object.values(part).join(' ') : ''}`;

  private whole = (frame: number): Want => ({ frame, level: this.wholeLevel, part: null });

  private isWhole = (w: Want) => w.part === null && w.level === this.wholeLevel;

  // What does for a wish: itself, or the whole frame if that has as much detail.
  private answers = (w: Want) => (this.wholeLevel <= w.level ? [this.whole(w.frame), w] : [w]);

  private has = (w: Want) => this.answers(w).some((a) => cache.has(this.key(a)));

  want(frame: number, detail: Detail) {
    if (this.wanted && frame !== this.wanted.frame) {
      const stride = frame - this.wanted.frame;
      this.stride = Math.abs(stride) <= 16 ? stride : Math.sign(stride);
    }
    this.wanted = { frame, ...detail };
    clearTimeout(this.detailTimer);
    this.isDetailDue = false;
    // Until a part is there, the overview of its frame does.
    const found = [...this.answers(this.wanted), ...(this.shown?.frame === frame ? [] : [this.whole(frame)])].find((w) => cache.has(this.key(w)));
    if (found) this.present(found, cache.get(this.key(found)));
    if (this.underway?.isAhead && !this.has(this.wanted) && !isSame(this.underway.want, this.wanted)) this.underway.end.abort();
    this.next();
  }

  end() {
    this.isEnded = true;
    this.underway?.end.abort();
    clearTimeout(this.detailTimer);
  }

  private present(want: Want, data: Frame | undefined) {
    if (!data) return;
    this.shown = want;
    const whole = cache.get(this.key(this.whole(want.frame)));
    this.to.show(want.frame, data, whole ?? null);
    if (whole) this.to.detail(want.frame, whole);
    else this.detailTimer = setTimeout(() => this.refine(), 150);
  }

  private refine() {
    this.isDetailDue = true;
    this.next();
  }

  // What to fetch now: what is wanted, else its full detail, else what comes next.
  private choose(): { want: Want; isAhead: boolean } | null {
    const w = this.wanted;
    if (!w) return null;
    if (!this.has(w)) return { want: w, isAhead: false };
    if (this.isDetailDue && !cache.has(this.key(this.whole(w.frame)))) return { want: this.whole(w.frame), isAhead: true };
    for (let i = 1; i <= ahead; i++) {
      const want = { ...w, frame: w.frame + i * this.stride };
      if (want.frame < 0 || want.frame >= this.recording.n_times || i * this.bytesOf(w) > mostBytes / 4) break;
      if (!this.has(want)) return { want, isAhead: true };
    }
    return null;
  }

  private bytesOf({ level, part }: Want): number {
    const { width, height } = this.recording;
    return (bytesOf(this.recording) * (part ? (part.width * part.height) / (width * height) : 1)) / 4 ** level;
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
      const data = await fetchFrame(this.recording.id, want.frame, want.level, want.part, end.signal);
      if (want.level === 0 && !want.part) this.msPerFrame += (performance.now() - begin - this.msPerFrame) * (this.msPerFrame === 0 ? 1 : 0.2);
      cache.put(this.key(want), data);
      this.underway = null;
      if (!this.isEnded) this.arrived(want, data);
    } catch (e) {
      this.underway = null;
      if (this.isEnded || end.signal.aborted) return this.next();
      this.wanted = null; // asked again when the user asks again; what comes next, too, or it would be tried without end
      this.to.fail(e);
    }
    this.next();
  }

  private arrived(want: Want, data: Frame) {
    const w = this.wanted;
    if (!w || (this.shown && isSame(this.shown, want))) return;
    const isOnTheWay = this.shown !== null && (want.frame - this.shown.frame) * (w.frame - want.frame) > 0;
    if (isOnTheWay || this.answers(w).some((a) => isSame(a, want))) this.present(want, data);
    else if (want.frame === w.frame && this.isWhole(want)) this.to.detail(want.frame, data);
  }
}
