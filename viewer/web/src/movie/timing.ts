// How long a step takes, from the wish to the picture: "limpid-frame" among the page's performance entries.

import { effect } from '@preact/signals';
import type { ImageLayer } from '../image/scene';
import type { MovieView } from '../state/movie';

const mostEntries = 2000;

export function watchTimes(view: MovieView) {
  let wished = -1;
  let begin = 0;
  let count = 0;
  const stop = effect(() => {
    wished = view.frame.value;
    begin = performance.now();
  });
  return {
    stop,
    drawn(_: ImageLayer) {
      if (wished < 0 || view.shownFrame.peek() !== wished) return;
      if (++count % mostEntries === 0) performance.clearMeasures('limpid-frame');
      performance.measure('limpid-frame', { start: begin, end: performance.now(), detail: wished });
      wished = -1;
    },
  };
}
