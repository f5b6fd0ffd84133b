// Plays by the clock: frames that come too late are skipped.

import { effect } from '@preact/signals';
import type { Recording } from '../api/types';
import { movieView, type MovieView } from '../state/movie';
import { followTime } from './time_axis';

// Within the range band; from its other end again when it is over.
function wrapped(view: MovieView, frame: number): number {
  const [first, last] = view.range.peek();
  const length = last - first + 1;
  return first + ((((frame - first) % length) + length) % length);
}

export function runPlayer(r: Recording): () => void {
  const view = movieView(r);
  let request = 0;
  const stop = effect(() => {
    cancelAnimationFrame(request);
    if (!view.isPlaying.value) return;
    const speed = view.speed.value;
    const [first, last] = view.range.value;
    const now = view.frame.peek();
    let begin = performance.now();
    let origin = now < first || now > last ? (speed < 0 ? last : first) : now;
    let told = origin;
    view.reduced.value = '';
    view.frame.value = origin;
    const tick = (time: number) => {
      request = requestAnimationFrame(tick);
      if (view.frame.peek() !== told) {
        // The user went somewhere else: on from there.
        origin = view.frame.peek();
        begin = time;
      }
      told = wrapped(view, Math.floor(origin + ((time - begin) / 1000) * speed + (speed < 0 ? 1 - 1e-9 : 0)));
      view.frame.value = told;
    };
    request = requestAnimationFrame(tick);
  });
  const follow = effect(() => followTime(view, r.n_times, view.frame.value));
  return () => {
    stop();
    follow();
    cancelAnimationFrame(request);
    view.isPlaying.value = false;
  };
}

export function togglePlay(view: MovieView, direction?: 1 | -1) {
  if (direction !== undefined) {
    const speed = direction * Math.abs(view.speed.peek());
    const isSame = view.isPlaying.peek() && speed === view.speed.peek();
    view.speed.value = speed;
    view.isPlaying.value = !isSame;
  } else view.isPlaying.value = !view.isPlaying.peek();
}
