// Keys. A feature names its own; the list is what the help window shows.

import { signal } from '@preact/signals';
import type { Kind } from '../api/types';
import { current } from '../state/app';

export interface Key {
  keys: string[]; // as event.key gives them, "ArrowLeft", "z", "?"; with "Ctrl+", "Shift+", "Alt+" in front
  kinds: Kind[] | 'any';
  help: string;
  run(event: KeyboardEvent): void;
  release?(event: KeyboardEvent): void;
}

const known: Key[] = [];
export const keyList = () => known;
export const isHelpOpen = signal(false);

export function addKey(key: Key) {
  known.push(key);
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName));

// What a focused button does with its own keys; one that was clicked is not meant.
const isPressing = ({ key, target }: KeyboardEvent) =>
  (key === ' ' || key === 'Enter') && target instanceof HTMLElement && target.matches(':is(button, summary, a, [role="tab"]):focus-visible');

// A window has the keys for itself, Escape above all; "?" closes the one it opens.
const isBelowWindow = ({ key }: KeyboardEvent) => document.querySelector('dialog[open]') !== null && !(key === '?' && isHelpOpen.value);

function find(event: KeyboardEvent): Key | undefined {
  const prefix = (event.ctrlKey || event.metaKey ? 'Ctrl+' : '') + (event.altKey ? 'Alt+' : '') + (event.shiftKey && (event.key.length > 1 || event.key === ' ') ? 'Shift+' : '');
  const kind = current.value?.kind;
  return known.find((k) => (k.kinds === 'any' || (kind !== undefined && k.kinds.includes(kind))) && k.keys.includes(prefix + event.key));
}

export function listenToKeys() {
  addEventListener('keydown', (event) => {
    if ((isTyping(event.target) && event.key !== 'Escape') || isPressing(event) || isBelowWindow(event)) return;
    const key = find(event);
    if (!key) return;
    event.preventDefault();
    key.run(event);
  });
  addEventListener('keyup', (event) => {
    for (const key of known) if (key.release && key.keys.some((k) => k.endsWith(event.key))) key.release(event);
  });
  addKey({ keys: ['?'], kinds: 'any', help: 'Show or hide this list', run: () => (isHelpOpen.value = !isHelpOpen.value) });
}
