// Ctrl+Z for zones. A state is kept once they have been left alone for a moment, so that a drag is one step back; one
// more or less is kept at once.

import { effect } from '@preact/signals';
import { allZones, chosenZone, zones } from '../state/zones';

const calmMs = 300;
const most = 100;

type All = (typeof allZones)['value'];
const count = (all: All) => Object.values(all).reduce((n, list) => n + list.length, 0);

let past: All[] = [];
let kept = allZones.peek();
let timer: ReturnType<typeof setTimeout> | undefined;

let seen = kept;

function keep(now: All) {
  clearTimeout(timer);
  if (kept === now) return;
  past = [...past.slice(1 - most), kept];
  kept = now;
}

effect(() => {
  const now = allZones.value;
  if (now === kept) return;
  clearTimeout(timer);
  if (count(now) !== count(seen)) {
    keep(seen);
    keep(now);
  } else timer = setTimeout(() => keep(now), calmMs);
  seen = now;
});

export function undoZones() {
  keep(allZones.peek());
  const before = past.pop();
  if (!before) return;
  kept = seen = before;
  allZones.value = before;
  if (!zones.peek().some((z) => z.name === chosenZone.value)) chosenZone.value = '';
}
