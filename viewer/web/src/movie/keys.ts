// Keys of movies.

import type { Recording } from '../api/types';
import { activeTool, tools } from '../image/tool';
import { fit, zoomAbout } from '../image/viewport';
import { addKey } from '../shell/keys';
import { current, notify, tell } from '../state/app';
import { goTo, movieView, type MovieView } from '../state/movie';
import { togglePlay } from './player';
import { probeText } from './probe';
import { timelineMarks } from './timeline_curves';

function add(keys: string[], help: string, run: (r: Recording, view: MovieView, event: KeyboardEvent) => void) {
  addKey({
    keys,
    kinds: ['movie'],
    help,
    run: (event) => {
      const r = current.value;
      if (r) run(r, movieView(r), event);
    },
  });
}

// A held key goes on only when the frame it asked for is on the screen: nothing is left over when it is released.
function step(by: (view: MovieView) => number) {
  return (r: Recording, view: MovieView, event: KeyboardEvent) => {
    view.isPlaying.value = false;
    if (event.repeat && view.reduced.value === '' && view.shownFrame.value !== view.frame.value) return;
    goTo(r, view.frame.value + by(view));
  };
}

const tenth = (view: MovieView) => Math.max(1, Math.round((view.timeWindow.value[1] - view.timeWindow.value[0] + 1) / 10));

function jumpToMark(direction: 1 | -1) {
  return (r: Recording, view: MovieView) => {
    const frames = timelineMarks.value.map((m) => m.frame).sort((a, b) => direction * (a - b));
    const next = frames.find((frame) => direction * (frame - view.frame.value) > 0);
    if (next === undefined) notify(frames.length === 0 ? 'No frame is marked.' : 'No further mark.');
    else goTo(r, next);
  };
}

function zoom(factor: number) {
  return (r: Recording, view: MovieView) => {
    const v = view.viewport.value;
    view.viewport.value = zoomAbout(v, r, { x: v.width / 2, y: v.height / 2 }, factor);
  };
}

function copyProbe(r: Recording, view: MovieView) {
  const chosen = getSelection()?.toString() ?? '';
  tell(navigator.clipboard.writeText(chosen !== '' ? chosen : probeText(r, view)));
}

function leave(_: Recording, view: MovieView) {
  tools.value.find((t) => t.id === activeTool.value)?.cancel?.();
  if (activeTool.value === 'pin' || view.pins.value.length > 0) view.pins.value = [];
  activeTool.value = 'pan';
}

export function addMovieKeys() {
  add([' '], 'Play or stop', (_, view) => togglePlay(view));
  add(['Shift+ '], 'Play backwards or stop', (_, view) => togglePlay(view, -1));
  add(['ArrowRight'], 'Next frame (held: go on)', step(() => 1));
  add(['ArrowLeft'], 'Frame before', step(() => -1));
  add(['Shift+ArrowRight'], 'Ten frames on', step(() => 10));
  add(['Shift+ArrowLeft'], 'Ten frames back', step(() => -10));
  add(['PageDown'], 'A tenth of the timeline on', step(tenth));
  add(['PageUp'], 'A tenth of the timeline back', step((view) => -tenth(view)));
  add(['Home'], 'First frame', (r) => goTo(r, 0));
  add(['End'], 'Last frame', (r) => goTo(r, r.n_times - 1));
  add(['['], 'The range begins at this frame', (_, view) => (view.range.value = [view.frame.value, Math.max(view.frame.value, view.range.value[1])]));
  add([']'], 'The range ends at this frame', (_, view) => (view.range.value = [Math.min(view.frame.value, view.range.value[0]), view.frame.value]));
  add(['a'], 'The range is all frames', (r, view) => (view.range.value = [0, Math.max(0, r.n_times - 1)]));
  add(['n'], 'Next marked frame', jumpToMark(1));
  add(['p'], 'Marked frame before', jumpToMark(-1));
  add(['0'], 'Fit the image', (r, view) => (view.viewport.value = fit(r, view.viewport.value)));
  add(['+', '='], 'Zoom in', zoom(1.5));
  add(['-'], 'Zoom out', zoom(1 / 1.5));
  add(['Ctrl+c'], 'Copy what the probe shows', copyProbe);
  add(['Escape'], 'Leave the tool, clear pins', leave);
}
