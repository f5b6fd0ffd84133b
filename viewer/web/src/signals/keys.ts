// Keys of the signal view.

import type { Recording } from '../api/types';
import { addKey } from '../shell/keys';
import { current, notify, other, otherId } from '../state/app';
import { signalView } from '../state/signals';
import { stepEvent } from './event_steps';
import { markKind, showPanel } from './marked';
import { overlayChoices } from './overlay';
import { changeGain, fitScales, goToEnd, scrollBy, setLanes, turnPage, zoomBy } from './view_actions';

function add(keys: string[], help: string, run: (r: Recording) => void) {
  addKey({
    keys,
    kinds: ['signals'],
    help,
    run: () => {
      const r = current.value;
      if (r?.kind === 'signals') run(r);
    },
  });
}

function toggleOverlay(r: Recording) {
  const view = signalView(r);
  const choices = overlayChoices(r);
  const first = choices.at(-1);
  if (!first) return notify('Open or make a second recording with the same channels and rate to compare with.');
  if (!choices.some((c) => c.id === other.value?.id)) otherId.value = first.id;
  view.overlay.value = !view.overlay.value;
}

add(['ArrowLeft'], 'Earlier by a fifth of the screen', (r) => scrollBy(r, -0.2));
add(['ArrowRight'], 'Later by a fifth of the screen', (r) => scrollBy(r, 0.2));
add(['Shift+ArrowLeft'], 'Earlier by a screen', (r) => scrollBy(r, -1));
add(['Shift+ArrowRight'], 'Later by a screen', (r) => scrollBy(r, 1));
add(['Home'], 'To the beginning', (r) => goToEnd(r, false));
add(['End'], 'To the end', (r) => goToEnd(r, true));
add(['+', '='], 'Less time on the screen', (r) => zoomBy(r, 1 / 1.6));
add(['-'], 'More time on the screen', (r) => zoomBy(r, 1.6));
add(['0'], 'The whole recording', (r) => zoomBy(r, Infinity));
add(['ArrowUp'], 'Taller traces', (r) => changeGain(r, true));
add(['ArrowDown'], 'Flatter traces', (r) => changeGain(r, false));
add(['a'], 'Scales from what is on the screen', fitScales);
add(['d'], 'Centre channels, or draw them with their offset', (r) => (signalView(r).isCentred.value = !signalView(r).isCentred.value));
add(['PageUp'], 'The channels before', (r) => turnPage(r, -1));
add(['PageDown'], 'The channels behind', (r) => turnPage(r, 1));
add(['['], 'Half as many channels on the screen', (r) => setLanes(r, signalView(r).lanes.value / 2));
add([']'], 'Twice as many channels on the screen', (r) => setLanes(r, signalView(r).lanes.value * 2));
add(['n'], 'Next event of the chosen label', (r) => stepEvent(r, 1));
add(['p'], 'Previous event of the chosen label', (r) => stepEvent(r, -1));
add(['v'], 'Show or hide events', (r) => (signalView(r).areEventsShown.value = !signalView(r).areEventsShown.value));
add(['b'], 'Show or hide the second recording', toggleOverlay);
add(['m'], 'Shift+drag marks: bad, or to erase', () => {
  markKind.value = markKind.value === 'bad' ? 'erase' : 'bad';
  showPanel('marks');
});
add(['h'], 'Panel of channels', () => showPanel('view'));
add(['e'], 'Panel of events', () => showPanel('events'));
add(['s'], 'Panel of spectra', () => showPanel('spectrum'));
add(['t'], 'Panel of triggers and epochs', () => showPanel('epochs'));
add(['q'], 'Panel of channel quality', () => showPanel('metrics'));

// A list or box that was used with the mouse gives the keys back to the view.
addEventListener('change', (event) => {
  const used = event.target;
  if (!(used instanceof HTMLElement) || !used.closest('.signal-tools, .signal-panel')) return;
  const isText = used instanceof HTMLInputElement && used.type === 'text';
  if (isText || !used.matches(':focus-visible')) used.blur();
});
