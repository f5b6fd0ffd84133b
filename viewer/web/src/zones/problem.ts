// What is wrong with the zones, said in their panel: a notice for every step of a drag would be too much.

import { signal } from '@preact/signals';

export const zoneProblem = signal('');

export function explainZones(promise: Promise<unknown>) {
  promise.then(
    () => (zoneProblem.value = ''),
    (e: unknown) => {
      if (e instanceof DOMException && e.name === 'AbortError') return;
      zoneProblem.value = e instanceof Error ? e.message : String(e);
    },
  );
}
