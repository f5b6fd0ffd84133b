// A preview: the chain over what is seen, as a recording beside the source.

import type { Recording } from '../api/types';
import { closeRecording, otherId, recordings } from '../state/app';
import { activeChain, chainFiles } from '../state/chain';
import { onClosed } from '../state/kept';
import { movieView } from '../state/movie';
import { signalView } from '../state/signals';
import { finishPreview } from './jobs';
import { chainInPart } from './ranges';

// The range band of a movie, the stretch on the screen of signals.
export function visiblePart(recording: Recording): { first: number; count: number } {
  if (recording.kind === 'movie') {
    const [first, last] = movieView(recording).range.value;
    return { first, count: last - first + 1 };
  }
  const view = signalView(recording);
  const first = Math.max(0, Math.floor(view.first.value));
  return { first, count: Math.max(1, Math.min(recording.n_times - first, Math.ceil(view.count.value))) };
}

// The chain with the times of the part that it is computed on.
function chainOf(recording: Recording, part: { first: number; count: number }) {
  if (recording.kind === 'movie' || !recording.rate_hz) return activeChain.value;
  const chain = chainInPart(activeChain.value, part.first / recording.rate_hz, part.count / recording.rate_hz);
  if (chain.length === 0 && activeChain.value.length > 0) throw new Error('None of the ranges of the chain lies on the screen: scroll to one, or run the chain over the whole recording.');
  return chain;
}

const last = new Map<string, string>(); // preview by source
const running = new Map<string, AbortController>(); // by source
onClosed(
  () => [...last.keys(), ...running.keys()],
  (id) => {
    last.delete(id);
    running.delete(id);
  },
);

export async function preview(recording: Recording) {
  running.get(recording.id)?.abort();
  const mine = new AbortController();
  running.set(recording.id, mine);
  const part = visiblePart(recording);
  const job = await finishPreview({ recording: recording.id, chain: chainOf(recording, part), part, files: chainFiles.value, slot: 'chain' }, mine.signal);
  if (!job.result) return;
  const before = last.get(recording.id);
  last.set(recording.id, job.result.id);
  otherId.value = job.result.id;
  if (before !== undefined && recordings.value.some((r) => r.id === before)) await closeRecording(before);
}
