// Ctrl+Z for zones. A state is kept once they have been left alone for a moment, so that a drag is one step back; one
// more or less is kept at once.

import { effect } from '@preact/signals';
import type { Zone } from '../api/types';
import { chosenZone, zones } from '../state/zones';

const calmMs = 300;
const most = 100;

let past: Zone[][] = [];
let kept: Zone[] = zones.peek();
let timer: ReturnType<typeof setTimeout> | undefined;

let seen: Zone[] = kept;

function keep(now: Zone[]) {
  clearTimeout(timer);
  if (kept === now) return;
  past = [...past.slice(1 - most), kept];
  kept = now;
}

effect(() => {
  const now = zones.value;
  if (now === kept) return;
  clearTimeout(timer);
  if (now.length !== seen.length) {
    keep(seen);
    keep(now);
  } else timer = setTimeout(() => keep(now), calmMs);
  seen = now;
});

export function undoZones() {
  keep(zones.peek());
  const before = past.pop();
  if (!before) return;
  kept = seen = before;
  zones.value = before;
  if (!before.some((z) => z.name === chosenZone.value)) chosenZone.value = '';
}
