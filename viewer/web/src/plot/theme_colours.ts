// Colours of the style sheet as canvases take them.

import { effect, signal } from '@preact/signals';
import { theme } from '../state/app';

// Counts changes of the theme, the system's included: what draws reads it.
export const themeVersion = signal(0);

const known = new Map<string, string>();

function forget() {
  known.clear();
  themeVersion.value = themeVersion.peek() + 1;
}

effect(() => {
  void theme.value;
  queueMicrotask(forget); // after the document has taken the theme
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', forget);

// "--ink" as "rgb(...)": only a property of an element resolves light-dark().
export function css(name: string): string {
  void themeVersion.value;
  let colour = known.get(name);
  if (colour === undefined) {
    const probe = document.createElement('span');
    probe.style.color = `var(${name})`;
    document.body.append(probe);
    colour = getComputedStyle(probe).color;
    probe.remove();
    known.set(name, colour);
  }
  return colour;
}

// The same with an opacity.
export function cssFaint(name: string, opacity: number): string {
  const parts = css(name).match(/[\d.]+/g) ?? ['0', '0', '0'];
  return `rgba(${parts.slice(0, 3).join(',')},${opacity})`;
}
