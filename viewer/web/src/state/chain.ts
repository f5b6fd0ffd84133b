// The chain that the user is building, and the small files that its parameters name as "@NAME".

import { computed, effect, signal } from '@preact/signals';
import type { ChainStep } from '../api/types';
import { zones } from './zones';

export interface ChainEntry extends ChainStep {
  isOff?: boolean; // stays in the list, but is left out
  key?: number; // tells steps of the same name apart; given to all that come without
}

export const chain = signal<ChainEntry[]>([]);

let nextKey = 1;
effect(() => {
  if (chain.value.some((s) => s.key === undefined)) chain.value = chain.value.map((s) => (s.key === undefined ? { ...s, key: nextKey++ } : s));
});

// The steps that count, without what is the page's own.
export const activeChain = computed<ChainStep[]>(() => chain.value.filter((s) => !s.isOff).map(({ step, params }) => ({ step, params })));

// Files made for single steps, such as the zone that a mask was made from.
export const ownFiles = signal<Record<string, unknown>>({});

// All zones as they are now are "@zones.json".
export const zonesName = 'zones.json';

export const chainFiles = computed<Record<string, unknown>>(() => {
  const named = new Set(activeChain.value.flatMap((s) => Object.values(s.params)).filter((v) => v.startsWith('@')).map((v) => v.slice(1)));
  const all: Record<string, unknown> = { ...ownFiles.value, [zonesName]: { zones: zones.value } };
  return Object.fromEntries(Object.entries(all).filter(([name]) => named.has(name)));
});

export function appendSteps(...added: ChainEntry[]) {
  chain.value = [...chain.value, ...added];
}

export const setStep = (at: number, entry: ChainEntry) => (chain.value = chain.value.map((s, i) => (i === at ? entry : s)));
export const removeStep = (at: number) => (chain.value = chain.value.filter((_, i) => i !== at));

export function moveStep(from: number, to: number) {
  const entry = chain.value[from];
  if (!entry || to < 0 || to >= chain.value.length || from === to) return;
  const rest = chain.value.filter((_, i) => i !== from);
  chain.value = [...rest.slice(0, to), entry, ...rest.slice(to)];
}

// Keeps a file (a text, or a value as JSON) under a name that is not taken by another content; gives "@NAME".
export function keepFile(wanted: string, content: unknown): string {
  const [, start = 'file', ending = ''] = /^(.*?)(\.[a-z]+)?$/.exec(wanted.toLowerCase()) ?? [];
  const safe = start.replace(/[^a-z0-9_-]+/g, '-').slice(0, 40) || 'file';
  const text = JSON.stringify(content);
  for (let i = 1; ; i++) {
    const name = `${safe}${i === 1 ? '' : `-${i}`}${ending}`;
    const there = ownFiles.value[name];
    if (name === zonesName || (there !== undefined && JSON.stringify(there) !== text)) continue;
    ownFiles.value = { ...ownFiles.value, [name]: content };
    return `@${name}`;
  }
}
