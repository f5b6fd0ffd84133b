// One value for each recording: made when it is first asked for, forgotten when the recording is closed.

import { effect } from '@preact/signals';
import type { Recording } from '../api/types';
import { recordings } from './app';

// Calls `forget` with what no recording has any more.
export function onClosed(kept: () => Iterable<string>, forget: (id: string) => void) {
  effect(() => {
    const open = new Set(recordings.value.map((r) => r.id));
    for (const id of [...kept()]) if (!open.has(id)) forget(id);
  });
}

export function perRecording<T>(make: (r: Recording) => T): (r: Recording) => T {
  const kept = new Map<string, T>();
  onClosed(
    () => kept.keys(),
    (id) => kept.delete(id),
  );
  return (r) => {
    let value = kept.get(r.id);
    if (value === undefined) {
      value = make(r);
      kept.set(r.id, value);
    }
    return value;
  };
}
