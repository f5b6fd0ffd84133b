// Lowest and highest value of each pixel over the range band.

import { effect, signal } from '@preact/signals';
import type { Frame, Recording } from '../api/types';
import { tell } from '../state/app';
import { perRecording } from '../state/kept';
import { movieView } from '../state/movie';
import { partOf, previewFrames } from './preview';

export interface Envelope {
  min: Frame;
  max: Frame;
}

export const envelopeOf = perRecording(() => signal<Envelope | null>(null));

export function followEnvelope(r: Recording): () => void {
  const view = movieView(r);
  const envelope = envelopeOf(r);
  let timer = 0;
  let end = new AbortController();
  let was = '';
  async function fetch(range: [number, number]) {
    const [min, max] = await previewFrames(r, [{ step: 'reduce', params: { stat: 'min,max' } }], partOf(range), end.signal, 'envelope');
    if (min && max) envelope.value = { min, max };
  }
  const stop = effect(() => {
    if (!view.profiles.value.envelope) return;
    const range = view.range.value;
    if (was === range.join()) return;
    was = range.join();
    clearTimeout(timer);
    end.abort();
    end = new AbortController();
    timer = setTimeout(() => tell(fetch(range)), 250);
  });
  return () => {
    stop();
    clearTimeout(timer);
    end.abort();
  };
}
