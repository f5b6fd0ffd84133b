// Keys of zones. Arrows belong to the frames; they move the chosen zone while a tool for zones is active, and with Alt.

import { activePanel } from '../shell/panels';
import { addKey } from '../shell/keys';
import { current } from '../state/app';
import { chosen, chosenZone, removeZone, replaceZone } from '../state/zones';
import { move } from './geometry';
import { undoZones } from './history';
import { removeChosenVertex } from './overlay';
import { draft, finishPath, isDrawing, undoCorner } from './tools';

const ways: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const isTyping = (target: EventTarget | null) => target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);

function nudge(event: KeyboardEvent): boolean {
  const way = ways[event.key];
  const zone = chosen.value;
  if (!way || !zone || event.ctrlKey || event.metaKey || !(event.altKey || isDrawing.value)) return false;
  const by = event.shiftKey ? 10 : 1;
  replaceZone(zone.name, move(zone, by * way[0], by * way[1]));
  return true;
}

function editDraft(event: KeyboardEvent): boolean {
  if (!draft.value) return false;
  if (event.key === 'Enter') finishPath();
  else if (event.key === 'Backspace') undoCorner();
  else return false;
  return true;
}

function remove(event: KeyboardEvent): boolean {
  if (event.key !== 'Delete' || !chosen.value) return false;
  if (!removeChosenVertex()) removeZone(chosen.value.name);
  return true;
}

function leave(event: KeyboardEvent): boolean {
  if (event.key === 'Escape' && !draft.value) chosenZone.value = '';
  return false; // others use it too
}

addEventListener(
  'keydown',
  (event) => {
    if (current.value?.kind !== 'movie' || isTyping(event.target) || document.querySelector('dialog[open]')) return;
    if (!(nudge(event) || editDraft(event) || remove(event) || leave(event))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  { capture: true },
);

addKey({ keys: ['z'], kinds: ['movie'], help: 'Zones', run: () => (activePanel.value = { ...activePanel.value, movie: 'zones' }) });
addKey({ keys: ['Ctrl+z'], kinds: ['movie'], help: 'Take back the last change of zones', run: undoZones });
// For the list of keys; the listener above is asked first.
addKey({ keys: ['Alt+ArrowLeft', 'Alt+ArrowRight', 'Alt+ArrowUp', 'Alt+ArrowDown'], kinds: ['movie'], help: 'Move the chosen zone by a pixel, with Shift by 10 (without Alt while a tool for zones is active)', run: () => undefined });
addKey({ keys: ['Delete'], kinds: ['movie'], help: 'Remove the chosen zone or corner', run: () => undefined });
