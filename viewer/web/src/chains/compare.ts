// A result beside or over what it was made from.

import { effect } from '@preact/signals';
import type { Recording } from '../api/types';
import { currentId, otherId, recordings } from '../state/app';
import { movieView } from '../state/movie';
import { signalView } from '../state/signals';

// What is closed is not compared any more. A new result may be named before it is in the list.
let before = new Set<string>();
effect(() => {
  const now = new Set(recordings.value.map((r) => r.id));
  if (before.has(otherId.peek()) && !now.has(otherId.peek())) otherId.value = '';
  before = now;
});

export function compareWith(sourceId: string, result: Recording) {
  const source = recordings.value.find((r) => r.id === sourceId);
  if (!source) return;
  currentId.value = source.id;
  otherId.value = result.id;
  if (source.kind === 'signals') signalView(source).overlay.value = true;
  else if (movieView(source).compare.value === 'off') movieView(source).compare.value = 'side';
}
