// Stretches of time that steps name in seconds: as text, and as they lie in a part of the recording.

import type { ChainStep } from '../api/types';

export interface Stretch {
  first_s: number;
  last_s: number; // first_s: a time alone; Infinity: to the end
}

const short = (seconds: number) => String(Number(seconds.toFixed(9)));
const textOf = ({ first_s, last_s }: Stretch) => (last_s === Infinity ? `${short(first_s)}-` : last_s > first_s ? `${short(first_s)}-${short(last_s)}` : short(first_s));

export const rangesText = (ranges: readonly Stretch[]) => ranges.map(textOf).join(',');

// Null: the step will say what is wrong with it.
function parseOne(text: string): Stretch | null {
  const [, first = '', dash = '', last = ''] = /^\s*([\d.]*(?:e[+-]?\d+)?)(-?)([\d.]*(?:e[+-]?\d+)?)\s*$/i.exec(text) ?? [];
  if (first === '' && last === '') return null;
  const first_s = Number(first);
  const last_s = dash === '' ? first_s : last === '' ? Infinity : Number(last);
  return first_s >= 0 && last_s >= first_s ? { first_s, last_s } : null;
}

export function parseRanges(text: string): Stretch[] | null {
  const all = text.split(',').map(parseOne);
  return all.every((range): range is Stretch => range !== null) ? all : null;
}

const marking = ['annotate', 'erase'];

function cut(range: Stretch, first_s: number, length_s: number): Stretch[] {
  const from = Math.max(0, range.first_s - first_s);
  const to = Math.min(length_s, range.last_s - first_s);
  const isTime = range.last_s === range.first_s;
  return (isTime ? range.first_s >= first_s && from < length_s : to > from) ? [{ first_s: from, last_s: isTime ? from : to }] : [];
}

interface Part {
  first_s: number; // in the times that the step's own count from
  length_s: number;
}

function markInPart(step: ChainStep, { first_s, length_s }: Part): ChainStep[] {
  if (step.params['file'] && first_s > 0) throw new Error(`A preview cannot move the times in the file of ${step.step}: show the recording from its beginning, or run the chain.`);
  const ranges = parseRanges(step.params['ranges'] ?? '');
  if (!ranges || !step.params['ranges']) return [step];
  const inside = ranges.flatMap((range) => cut(range, first_s, length_s));
  return inside.length === 0 ? [] : [{ ...step, params: { ...step.params, ranges: rangesText(inside) } }];
}

// Behind it times count from the beginning of what it keeps.
function cropInPart(step: ChainStep, part: Part): ChainStep {
  const range = parseOne(step.params['range'] ?? '');
  if (!range) return step;
  const kept = cut(range, part.first_s, part.length_s);
  if (kept.length === 0) throw new Error(`Nothing of what crop keeps (${step.params['range']} s) lies on the screen: scroll to it, or run the chain over the whole recording.`);
  const end = Math.min(range.last_s, part.first_s + part.length_s);
  part.first_s = Math.max(0, part.first_s - range.first_s);
  part.length_s = end - range.first_s - part.first_s;
  return { ...step, params: { ...step.params, range: rangesText(kept) } };
}

// The chain as it is for a part of the recording, in which times count from the part's beginning. Steps that mark nothing
// inside are left out; what cannot be moved throws a sentence.
export function chainInPart(chain: readonly ChainStep[], first_s: number, length_s: number): ChainStep[] {
  const part = { first_s, length_s };
  return chain.flatMap((s) => (s.step === 'crop' ? [cropInPart(s, part)] : marking.includes(s.step) ? markInPart(s, part) : [s]));
}
