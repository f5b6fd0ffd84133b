// What a parameter may be: checked while it is typed, in the words of the server, which checks again.

import type { Param, Recording, Step } from '../api/types';

const isNumber = (text: string) => text.trim() !== '' && Number.isFinite(Number(text));

function checkNumber(p: Param, text: string): string {
  if (p.choices?.includes(text)) return '';
  const wanted = p.type === 'integer' ? 'a whole number' : 'a number';
  if (!isNumber(text) || (p.type === 'integer' && !/^[+-]?\d+$/.test(text.trim()))) return `Give ${wanted}${rangeText(p)}.`;
  const value = Number(text);
  const isLow = p.min !== null && p.min !== undefined && value < p.min;
  const isHigh = p.max !== null && p.max !== undefined && value > p.max;
  return isLow || isHigh ? `Give ${wanted}${rangeText(p)}.` : '';
}

const short = (v: number) => (Math.abs(v) >= 1e5 ? v.toExponential().replace('+', '') : String(v));

// " from 0 to 90 degrees or auto"
export function rangeText(p: Param): string {
  const unit = p.unit ? ` ${p.unit}` : '';
  const words = (p.choices ?? []).map((c) => ` or ${c}`).join('');
  if (p.min === null || p.min === undefined || p.max === null || p.max === undefined) return unit + words;
  return ` from ${short(p.min)} to ${short(p.max)}${unit}${words}`;
}

// A sentence about what is wrong; "" if nothing is. Missing values are "".
export function problemOf(p: Param, text: string): string {
  if (text === '') return p.default === null ? 'This must be given.' : '';
  switch (p.type) {
    case 'number':
    case 'integer':
      return checkNumber(p, text);
    case 'numbers':
      return text.split(',').every(isNumber) ? '' : 'Give numbers with commas between.';
    case 'choice':
      return p.choices?.includes(text) ? '' : `Choose one of ${(p.choices ?? []).join(', ')}.`;
    case 'frames':
      return /^\s*-?\d*\s*(:\s*-?\d*\s*){0,2}$/.test(text) && /[\d:]/.test(text) ? '' : 'Give frames as in Python: 10:500, ::5, -100:.';
    default:
      return '';
  }
}

export const kindOf = (step: Step): 'movie' | 'signals' | 'any' => (step.kind === 'movies' ? 'movie' : step.kind === 'signals' ? 'signals' : 'any');

// Steps that turn movies into signals.
const leaveMovies = new Set(['traces', 'histogram']);

export const kindAfter = (recording: Recording, chain: { step: string }[]) =>
  recording.kind === 'movie' && !chain.some((s) => leaveMovies.has(s.step)) ? 'movie' : 'signals';

// Files that a step makes; all others are read.
const made = new Set(['table', 'shifts', 'scores', 'template-out']);
export const isMade = (step: string, param: string) => made.has(param) && !(step === 'motion-apply' && param === 'shifts');
export const madeName = (param: string) => (param === 'template-out' ? 'template.npy' : `${param}.csv`);

// Which step and parameter a sentence of the server is about: "crop: x=-3 is not a number".
export function isAbout(sentence: string, step: string, param?: string): boolean {
  const isStep = sentence.startsWith(`${step}:`) || sentence.startsWith(`${step} `) || sentence.includes(` ${step}:`);
  if (param === undefined) return isStep;
  const escaped = param.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return isStep && new RegExp(`[ (]${escaped}=`).test(sentence);
}
