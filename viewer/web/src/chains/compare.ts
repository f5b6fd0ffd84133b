// A result beside or over what it was made from.

import type { Recording } from '../api/types';
import { currentId, otherId, recordings } from '../state/app';
import { movieView } from '../state/movie';
import { signalView } from '../state/signals';

export function compareWith(sourceId: string, result: Recording) {
  const source = recordings.value.find((r) => r.id === sourceId);
  if (!source) return;
  currentId.value = source.id;
  otherId.value = result.id;
  if (source.kind === 'signals') signalView(source).overlay.value = true;
  else if (movieView(source).compare.value === 'off') movieView(source).compare.value = 'side';
}
