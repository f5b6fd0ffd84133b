// From event to event.

import type { Recording } from '../api/types';
import { signalView } from '../state/signals';
import { eventsOf, lowerBound } from './events';
import { goToTime, rateOf } from './view_actions';

// Of the chosen label, or of all: the next after where one is, or the one before.
export function stepEvent(r: Recording, ways: 1 | -1) {
  const view = signalView(r);
  const list = eventsOf(r);
  const label = list.byName.get(view.pattern.value);
  const onsets = label?.onsets ?? list.onsets;
  const offset = label ? view.offset_s.value : 0;
  const half = 0.5 / rateOf(r);
  const now = (view.cursor_s.value ?? (view.first.value + view.count.value / 2) / rateOf(r)) - offset;
  const at = ways > 0 ? lowerBound(onsets, now + half) : lowerBound(onsets, now - half) - 1;
  const onset = onsets[at];
  if (onset !== undefined) goToTime(r, onset + offset);
}
