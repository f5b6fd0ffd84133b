// Keeps the overlays of the movie on the screen to its frame, its view and the settings.

import { computed, effect } from '@preact/signals';
import type { Recording } from '../api/types';
import { current } from '../state/app';
import { clampFrame, movieView } from '../state/movie';
import { displayOf } from '../movie/display';
import { eventsWish } from './event_lines';
import { isolinesWish } from './isolines';
import { followLevels } from './levels';
import { regionOf } from './region';
import { live } from './results';
import { canvasOf, drainageWish, greys, hillshadeWish, waters } from './sheets';

const rest = 200; // ms that a line must rest before events are looked for

function followEvents(r: Recording): () => void {
  const view = movieView(r);
  let timer = 0;
  let was = '';
  const stop = effect(() => {
    const settings = view.overlays.value.events;
    const wish = settings.isOn ? eventsWish(r, settings, view.range.value) : null;
    if (wish?.key === was) return;
    was = wish?.key ?? '';
    clearTimeout(timer);
    if (wish) timer = setTimeout(() => live.events.want(wish), rest);
    else live.events.want(null);
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}

// Over an image that was reduced from many frames nothing of a single one is drawn.
function followFrame(r: Recording): () => void {
  const view = movieView(r);
  return effect(() => {
    const { isolines, hillshade, drainage } = view.overlays.value;
    const isSeen = view.reduced.value === '';
    const frame = clampFrame(r, view.frame.value);
    const region = regionOf(r, view.viewport.value);
    live.isolines.want(isolines.isOn && isSeen ? isolinesWish(r, isolines, frame, region) : null);
    live.hillshade.want(hillshade.isOn && isSeen ? hillshadeWish(r, hillshade, frame, region) : null);
    live.drainage.want(drainage.isOn && isSeen ? drainageWish(r, drainage, frame, region) : null);
  });
}

function followSheets(r: Recording): () => void {
  const { overlays } = movieView(r);
  return effect(() => {
    const { hillshade, drainage } = overlays.value;
    const sheets = [
      { shown: live.hillshade.shown.value, colours: greys, opacity: hillshade.opacity },
      { shown: live.drainage.shown.value, colours: waters, opacity: drainage.opacity },
    ];
    displayOf(r).sheets.value = sheets.flatMap(({ shown, colours, opacity }) => {
      if (!shown) return [];
      const { x, y, bin } = shown.value.region;
      return [{ frame: shown.frame, canvas: canvasOf(shown.value, colours), x, y, step: bin, opacity }];
    });
  });
}

function follow(r: Recording): () => void {
  const stops = [followFrame(r), followEvents(r), followSheets(r), followLevels(r)];
  return () => {
    stops.forEach((stop) => stop());
    Object.values(live).forEach((one) => one.want(null));
    displayOf(r).sheets.value = [];
  };
}

export function followMovies() {
  const id = computed(() => (current.value?.kind === 'movie' ? current.value.id : ''));
  effect(() => (id.value === '' ? undefined : begin()));
}

// The recording itself comes anew with each list of recordings.
function begin(): (() => void) | undefined {
  const r = current.peek();
  return r ? follow(r) : undefined;
}
