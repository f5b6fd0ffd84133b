// Shows of the image what the step mask would leave with the zones that are shown.

import { effect } from '@preact/signals';
import { unite } from '../image/mask';
import { current } from '../state/app';
import { movieView } from '../state/movie';
import { isMasked, maskKeep, shownZones } from '../state/zones';
import { areMembersRefused, spansOf } from './members';

// While zones change, the last mask stays until their pixels are known.
effect(() => {
  const r = current.value;
  if (r?.kind !== 'movie') return;
  const { mask } = movieView(r);
  const list = shownZones.value;
  if (!isMasked.value || list.length === 0 || areMembersRefused.value) {
    mask.value = null;
    return;
  }
  const spans = spansOf(r, list);
  if (spans) mask.value = { keep: maskKeep.value, width: r.width, height: r.height, spans: unite(spans) };
});
