// Sessions: what is open, the chain, the zones and how everything is looked at. `limpid view SESSION.json` reopens
// one, `limpid run IN --chain SESSION.json --out OUT` runs its chain.

import { effect, Signal } from '@preact/signals';
import type { Recording, Session, Zone } from '../api/types';
import { activePanel } from '../shell/panels';
import { about, current, currentId, notify, other, otherId, recordings } from '../state/app';
import { activeChain, chain, chainFiles, ownFiles, type ChainEntry } from '../state/chain';
import { movieView } from '../state/movie';
import { signalView } from '../state/signals';
import { chosenZone, hiddenZones, homeZones, isMasked, maskKeep } from '../state/zones';
import { mergeZones, readZones } from '../zones/file';
import { forFile } from '../zones/geometry';
import { saveContent, saveJson, stem } from './save';

// What is on the screen for a moment, or comes from the server again.
const passing = new Set(['raw', 'shown', 'sharp', 'shownFrame', 'reduced', 'reducedFrame', 'probe', 'isPlaying', 'mask', 'cursor_s']);

const viewOf = (r: Recording) => (r.kind === 'movie' ? movieView(r) : signalView(r)) as unknown as Record<string, unknown>;

const signalsOf = (view: Record<string, unknown>) =>
  Object.entries(view).filter((e): e is [string, Signal<unknown>] => e[1] instanceof Signal && !passing.has(e[0]));

const saved = (r: Recording) => Object.fromEntries(signalsOf(viewOf(r)).map(([name, s]) => [name, s.peek()]));

// The same kind of value all the way down, so that a file made by hand does no harm.
export function fits(sample: unknown, value: unknown): boolean {
  if (sample === null) return value === null || typeof value !== 'function';
  if (typeof sample === 'number') return typeof value === 'number' && Number.isFinite(value);
  if (Array.isArray(sample)) {
    if (!Array.isArray(value)) return false;
    const [first] = sample as unknown[];
    return first === undefined || value.every((v) => fits(first, v));
  }
  if (typeof sample !== 'object') return typeof value === typeof sample;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(sample).every(([k, v]) => k in value && fits(v, (value as Record<string, unknown>)[k]));
}

function restoreView(r: Recording, values: unknown) {
  if (typeof values !== 'object' || values === null) return;
  for (const [name, s] of signalsOf(viewOf(r))) {
    const value = (values as Record<string, unknown>)[name];
    if (value !== undefined && fits(s.peek(), value)) s.value = value;
  }
}

// ---- Saving

// Parameters behind the name of the step; files are named as a command line names them.
const flat = ({ step, params }: ChainEntry) => ({ step, ...Object.fromEntries(Object.entries(params).map(([k, v]) => [k, v.startsWith('@') ? v.slice(1) : v])) });

const inputOf = ({ path, open }: Recording) => (Object.keys(open).length > 0 ? { path, open } : path);
const pathOf = (input: Session['inputs'][number] | undefined) => (typeof input === 'object' ? input.path : input);

// A file does not name results: they are gone when it is opened.
function makeSession(compared = other.value?.is_result ? null : other.value): Session {
  const inputs = recordings.value.filter((r) => !r.is_result);
  const shown = current.value;
  const base = shown?.is_result ? shown.source_id : shown?.id;
  return {
    limpid_session: 1,
    inputs: inputs.map(inputOf),
    current: Math.max(0, inputs.findIndex((r) => r.id === base)),
    chain: activeChain.value.map(flat),
    zones: homeZones().map(forFile),
    view: {
      recordings: inputs.map(saved),
      steps: chain.value.map(({ step, params, isOff }) => ({ step, params, isOff: isOff ?? false })),
      files: ownFiles.value,
      compared: compared?.path ?? '',
      chosen_zone: chosenZone.value,
      hidden_zones: [...hiddenZones.value],
      mask: { is_on: isMasked.value, keep: maskKeep.value },
      panels: activePanel.value,
    },
  };
}

export function saveSession() {
  const session = makeSession();
  if (session.inputs.length === 0) return;
  saveJson(session, `${stem(current.value?.label ?? 'limpid')}.session.json`);
  const names = Object.keys(chainFiles.value);
  for (const name of names) saveContent(chainFiles.value[name], name);
  if (names.length > 0) notify(`${names.join(', ')} saved beside: limpid run reads ${names.length > 1 ? 'them' : 'it'} with the session's chain.`);
}

// ---- Opening

const isTexts = (v: unknown): v is Record<string, string> => typeof v === 'object' && v !== null && Object.values(v).every((x) => typeof x === 'string');

// The page's own list if it is there: it knows switched-off steps and files.
function stepsOf(session: Session): ChainEntry[] {
  const own = session.view['steps'];
  if (Array.isArray(own) && own.every((s: Partial<ChainEntry>) => typeof s?.step === 'string' && isTexts(s.params))) return (own as ChainEntry[]).map(({ step, params, isOff }) => ({ step, params, isOff: isOff === true }));
  return (Array.isArray(session.chain) ? session.chain : []).filter(isTexts).flatMap(({ step, ...params }) => (step === undefined ? [] : [{ step, params }]));
}

function restoreZones(session: Session) {
  const list: Zone[] = readZones(session.zones ?? []);
  if (list.length > 0) mergeZones(list);
  const view = session.view;
  if (typeof view['chosen_zone'] === 'string') chosenZone.value = view['chosen_zone'];
  const mask = view['mask'];
  if (fits({ is_on: false, keep: '' }, mask)) {
    const { is_on, keep } = mask as { is_on: boolean; keep: string };
    isMasked.value = is_on;
    maskKeep.value = keep === 'outside' ? 'outside' : 'inside';
  }
  if (Array.isArray(view['hidden_zones'])) hiddenZones.value = new Set(view['hidden_zones'].filter((n): n is string => typeof n === 'string'));
}

// A result is known by its path alone: it is there if only the page was loaded again.
function restoreCompared(path: unknown, input: Recording | undefined) {
  if (typeof path === 'string' && path !== '') otherId.value = (recordings.value.find((r) => r.path === path) ?? input)?.id ?? '';
}

export function restore(session: Session) {
  const view = typeof session.view === 'object' && session.view !== null ? session.view : {};
  const whole = { ...session, view };
  const inputs = recordings.value.filter((r) => !r.is_result);
  const views = view['recordings'];
  // By the path if it is the same, which it is not after files were moved together with their session.
  const paths = session.inputs.map(pathOf);
  const placeOf = (r: Recording, i: number) => (paths.includes(r.path) ? paths.indexOf(r.path) : i);
  restoreCompared(view['compared'], inputs.find((r, i) => paths[placeOf(r, i)] === view['compared']));
  if (Array.isArray(views)) inputs.forEach((r, i) => restoreView(r, views[placeOf(r, i)]));
  if (typeof view['files'] === 'object' && view['files'] !== null) ownFiles.value = view['files'] as Record<string, unknown>;
  restoreZones(whole);
  chain.value = stepsOf(whole);
  if (fits(activePanel.value, view['panels'])) activePanel.value = view['panels'] as typeof activePanel.value;
  const shown = inputs.find((r, i) => placeOf(r, i) === session.current);
  if (shown) currentId.value = shown.id;
}

// Loading the page again loses nothing: what was last there comes before the session of the command line.
const ownKey = `limpid-page ${new URL(document.baseURI).pathname}`;

addEventListener('pagehide', () => {
  try {
    sessionStorage.setItem(ownKey, JSON.stringify(makeSession(other.value)));
  } catch {
    // Too large for the browser's store: the page begins anew.
  }
});

function lastHere(): Session | null {
  try {
    return JSON.parse(sessionStorage.getItem(ownKey) ?? 'null') as Session | null;
  } catch {
    return null;
  }
}

let isRestored = false;
effect(() => {
  const session = about.value && (lastHere() ?? about.value.session);
  if (isRestored || !session || recordings.value.length === 0) return;
  isRestored = true;
  queueMicrotask(() => {
    try {
      restore(session);
    } catch (e) {
      notify(`The session is only partly restored: ${e instanceof Error ? e.message : String(e)}`, 'error');
    }
  });
});
