// Requests that follow the view: asked for when it rests, given up when it moves on.

import { effect, signal, type Signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { tell } from '../state/app';

export interface Followed<T> {
  value: Signal<T | null>; // the last answer, kept while the next is on its way
  isBusy: Signal<boolean>;
}

// `key` reads signals and says what is wanted (null: nothing); `fetchOne` gets it.
export function useFollowed<K, T>(owner: string, key: () => K | null, fetchOne: (key: K, signal: AbortSignal) => Promise<T>, restMs = 200): Followed<T> {
  const followed = useMemo<Followed<T>>(() => ({ value: signal<T | null>(null), isBusy: signal(false) }), [owner]);
  useEffect(() => {
    let request = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = '';
    const run = async (wanted: K) => {
      const mine = (request = new AbortController());
      followed.isBusy.value = true;
      try {
        const answer = await fetchOne(wanted, mine.signal);
        if (!mine.signal.aborted) followed.value.value = answer;
      } finally {
        if (request === mine) followed.isBusy.value = false;
      }
    };
    const stop = effect(() => {
      const wanted = key();
      const text = JSON.stringify(wanted);
      if (text === last) return;
      const isFirst = last === '';
      last = text;
      clearTimeout(timer);
      request.abort();
      if (wanted === null) queueMicrotask(() => (followed.value.value = null));
      else timer = setTimeout(() => tell(run(wanted)), isFirst ? 0 : restMs);
    });
    return () => {
      stop();
      clearTimeout(timer);
      request.abort();
    };
  }, [owner]);
  return followed;
}
