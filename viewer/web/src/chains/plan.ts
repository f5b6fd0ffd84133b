// What the server thinks of the chain as it stands: memory, passes, or what is wrong with it.

import { effect, signal } from '@preact/signals';
import { api } from '../api/client';
import type { Plan } from '../api/types';
import { current, steps } from '../state/app';
import { activeChain, chainFiles } from '../state/chain';
import { problemOf } from './values';

export const plan = signal<Plan | null>(null);
export const planProblem = signal('');

// What a field says about itself need not be asked.
function hasOwnProblem(): boolean {
  return activeChain.value.some((s) => {
    const step = steps.value.find((k) => k.name === s.step);
    return step?.params.some((p) => problemOf(p, s.params[p.name] ?? '') !== '') ?? false;
  });
}

// Of the chain as it is at this moment: `plan` may be one change behind.
export const planNow = (id: string) => api.plan(id, activeChain.value, undefined, chainFiles.value);

let timer: ReturnType<typeof setTimeout> | undefined;
let round = 0;

async function ask(id: string, mine: number) {
  try {
    const answer = await planNow(id);
    if (mine !== round) return;
    plan.value = answer;
    planProblem.value = '';
  } catch (e) {
    if (mine !== round) return;
    plan.value = null;
    planProblem.value = e instanceof Error ? e.message : String(e);
  }
}

effect(() => {
  const id = current.value?.id;
  const isEmpty = activeChain.value.length === 0 || hasOwnProblem();
  void chainFiles.value;
  const mine = ++round;
  clearTimeout(timer);
  if (id === undefined || isEmpty) {
    plan.value = null;
    planProblem.value = '';
    return;
  }
  timer = setTimeout(() => void ask(id, mine), 300);
});
