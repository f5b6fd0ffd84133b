// Ready chains: what the commands `limpid motion` and `limpid eeg-fmri` run, and other things often done.

import type { Kind, Recording } from '../api/types';
import type { ChainEntry } from '../state/chain';

export interface Recipe {
  title: string;
  help: string;
  kinds: Kind[];
  steps(recording: Recording): ChainEntry[];
}

const step = (name: string, params: Record<string, string> = {}): ChainEntry => ({ step: name, params });

export const recipes: Recipe[] = [
  {
    title: 'Motion correction',
    help: 'As `limpid motion`: finds how far each frame has moved and moves it back; shifts appear on the timeline.',
    kinds: ['movie'],
    steps: () => [step('motion', { shifts: '@shifts.csv' })],
  },
  {
    title: 'Motion: find the shifts only',
    help: 'As `limpid motion --shifts`: frames stay, the table of shifts can be saved.',
    kinds: ['movie'],
    steps: () => [step('motion', { apply: 'no', shifts: '@shifts.csv' })],
  },
  {
    title: 'Motion, found on a filtered copy',
    help: 'As `limpid motion --prepare "denoise ! background"`. The first chain finds shifts; "Apply these shifts" under Explore, Motion moves the movie itself by them.',
    kinds: ['movie'],
    steps: () => [step('denoise'), step('background'), step('motion', { apply: 'no', shifts: '@shifts.csv' })],
  },
  {
    title: 'dF/F',
    help: 'Relative change against a baseline image.',
    kinds: ['movie'],
    steps: () => [step('delta-f')],
  },
  {
    title: 'EEG-fMRI: gradient artifact',
    help: 'As `limpid eeg-fmri`: triggers found, completed and aligned, drifts out, gradient artifact out, low-pass.',
    kinds: ['signals'],
    steps: () => [step('triggers'), step('complete-triggers'), step('align'), step('highpass', { hz: '1' }), step('gradient'), step('lowpass', { hz: '70' })],
  },
  {
    title: 'EEG: band and mains hum',
    help: '0.5 to 70 Hz, without 50 Hz and its harmonics.',
    kinds: ['signals'],
    steps: () => [step('bandpass', { 'low-hz': '0.5', 'high-hz': '70' }), step('notch')],
  },
];
