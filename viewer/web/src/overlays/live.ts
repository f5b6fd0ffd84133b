// What is computed for the frame that is wanted, while one moves through the frames. One computation is under way; of the
// wishes meanwhile only the latest counts. The last result stays until there is a newer one, and results are kept.

import { signal, untracked, type ReadonlySignal } from '@preact/signals';

const mostKept = 50;
const patience = 250; // ms that a computation nobody wants any more may take to its end

export interface Wish<T> {
  key: string; // what the result depends on, beginning with the recording's id
  frame: number;
  compute(signal: AbortSignal): Promise<T>;
}

export interface Shown<T> {
  key: string;
  frame: number;
  value: T;
}

export class Live<T> {
  private kept = new Map<string, T>();
  private wanted: Wish<T> | null = null;
  private underway: { wish: Wish<T>; end: AbortController; since: number } | null = null;
  private failed = ''; // key of what could not be computed
  private state = signal<Shown<T> | null>(null);
  private isBusyNow = signal(false);
  private problemNow = signal('');

  readonly shown: ReadonlySignal<Shown<T> | null> = this.state;
  readonly isBusy: ReadonlySignal<boolean> = this.isBusyNow;
  readonly problem: ReadonlySignal<string> = this.problemNow;

  // null: nothing is wanted, and nothing is shown.
  want(wish: Wish<T> | null) {
    if (wish?.key !== this.failed) {
      this.failed = '';
      this.problemNow.value = '';
    }
    this.wanted = wish;
    if (!wish) {
      this.underway?.end.abort();
      this.state.value = null;
      return;
    }
    if (this.present(wish)) return;
    const { underway } = this;
    if (underway && underway.wish.key !== wish.key && performance.now() - underway.since > patience) underway.end.abort();
    this.next();
  }

  forget(id: string) {
    for (const key of [...this.kept.keys()]) if (key.startsWith(`${id} `)) this.kept.delete(key);
  }

  ids = () => new Set([...this.kept.keys()].map((key) => key.slice(0, key.indexOf(' '))));

  private present({ key, frame }: Wish<T>): boolean {
    const value = this.kept.get(key);
    if (value === undefined) return false;
    this.kept.delete(key);
    this.kept.set(key, value);
    if (this.state.peek()?.key !== key) this.state.value = { key, frame, value };
    return true;
  }

  private keep(key: string, value: T) {
    this.kept.set(key, value);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= mostKept) break;
      this.kept.delete(oldest);
    }
  }

  private next() {
    const wish = this.wanted;
    if (this.underway || !wish || wish.key === this.failed || this.kept.has(wish.key)) return;
    untracked(() => void this.run(wish)); // what it reads does not make it run again
  }

  private async run(wish: Wish<T>) {
    const end = new AbortController();
    this.underway = { wish, end, since: performance.now() };
    this.isBusyNow.value = true;
    try {
      const value = await wish.compute(end.signal);
      this.keep(wish.key, value);
      // Newer than what is shown, even if something else is wanted by now.
      if (this.wanted && !this.kept.has(this.wanted.key)) this.state.value = { key: wish.key, frame: wish.frame, value };
      else if (this.wanted) this.present(this.wanted);
    } catch (e) {
      if (!end.signal.aborted && this.wanted?.key === wish.key) {
        this.failed = wish.key;
        this.state.value = null;
        this.problemNow.value = e instanceof Error ? e.message : String(e);
      }
    }
    this.underway = null;
    this.isBusyNow.value = false;
    this.next();
  }
}
