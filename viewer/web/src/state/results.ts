// Results of previews are files in the server's scratch folder: those that nobody looks at and nobody has pinned are
// closed again, the ones that were looked at longest ago first.

import { effect, signal } from '@preact/signals';
import { closeRecording, current, other, recordings, tell } from './app';
import { onClosed } from './kept';
import { isOwn } from './own';

const most = 8;

export const pinned = signal<ReadonlySet<string>>(new Set<string>());

export function togglePin(id: string) {
  const next = new Set(pinned.value);
  if (!next.delete(id)) next.add(id);
  pinned.value = next;
}

const seen = new Map<string, number>(); // when it was looked at last, by counting
let now = 0;
onClosed(
  () => [...seen.keys(), ...pinned.peek()],
  (id) => {
    seen.delete(id);
    if (pinned.peek().has(id)) togglePin(id);
  },
);

const closing = new Set<string>();

function closeOne(id: string) {
  closing.add(id);
  tell(closeRecording(id).finally(() => closing.delete(id)));
}

// Runs as long as the page; gives how to end it.
export function keepResultsFew(): () => void {
  return effect(() => {
    for (const r of [current.value, other.value]) if (r) seen.set(r.id, ++now);
    const inUse = new Set([current.value?.id, other.value?.id, ...pinned.value]);
    const spare = recordings.value.filter((r) => isOwn(r) && !inUse.has(r.id) && !closing.has(r.id));
    for (const r of spare) if (!seen.has(r.id)) seen.set(r.id, ++now);
    const oldest = spare.sort((a, b) => (seen.get(a.id) ?? 0) - (seen.get(b.id) ?? 0));
    for (const r of oldest.slice(0, Math.max(0, oldest.length - most))) closeOne(r.id);
  });
}
