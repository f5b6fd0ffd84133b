// On paper: light, narrow, and with all that tabs hide.

import { signal } from '@preact/signals';
import { theme } from '../state/app';

export const isPrinting = signal(false);

let before = theme.peek();

function begin() {
  if (isPrinting.peek()) return;
  before = theme.peek();
  theme.value = 'light';
  isPrinting.value = true;
  document.body.classList.add('is-printing');
}

function end() {
  if (!isPrinting.peek()) return;
  isPrinting.value = false;
  document.body.classList.remove('is-printing');
  theme.value = before;
}

addEventListener('beforeprint', begin);
addEventListener('afterprint', end);

// Plots need a moment to be drawn for paper; the browser's own printing does not wait for them.
export function print() {
  begin();
  setTimeout(() => window.print(), 400);
}
