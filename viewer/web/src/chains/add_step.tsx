// The list of steps to choose from, searched by name, summary and what they are called elsewhere.

import { useRef, useState } from 'preact/hooks';
import type { Recording, Step } from '../api/types';
import { steps } from '../state/app';
import { appendSteps, chain } from '../state/chain';
import { zones } from '../state/zones';
import { isMade, kindAfter, kindOf, madeName } from './values';

// Result files are the business of Run.
const isOffered = (s: Step) => s.grain !== 'sink';

const groups: [string, (s: Step) => boolean][] = [
  ['Movies', (s) => s.kind === 'movies'],
  ['Signals', (s) => s.kind === 'signals'],
  ['Any recording', (s) => s.kind === 'any'],
];

function matches(step: Step, words: string[]): boolean {
  const text = `${step.name} ${step.summary} ${step.known_as ?? ''}`.toLowerCase();
  return words.every((w) => text.includes(w));
}

// Do little without, though they need not be given.
const wantsZones = new Set(['mask', 'traces']);

// Files that must be given are filled in as far as the page can know them.
function firstParams(step: Step): Record<string, string> {
  const params: Record<string, string> = {};
  for (const p of step.params) {
    if (p.type !== 'file' || (p.default !== null && !wantsZones.has(step.name))) continue;
    if (p.name === 'zones' && zones.value.length > 0) params[p.name] = '@zones.json';
    else if (isMade(step.name, p.name)) params[p.name] = `@${madeName(p.name)}`;
  }
  return params;
}

function add(step: Step) {
  appendSteps({ step: step.name, params: firstParams(step) });
}

export function AddStep({ recording }: { recording: Recording }) {
  const [query, setQuery] = useState('');
  const [isOpen, setOpen] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const kind = kindAfter(recording, chain.value);
  const found = steps.value.filter((s) => isOffered(s) && (kindOf(s) === 'any' || kindOf(s) === kind) && matches(s, words));
  const choose = (s: Step | undefined) => {
    if (!s) return;
    add(s);
    setQuery('');
    setOpen(false);
    input.current?.blur();
  };
  return (
    <div class="add-step" onFocusOut={(e) => !(e.relatedTarget instanceof Node && e.currentTarget.contains(e.relatedTarget)) && setOpen(false)}>
      <input
        ref={input}
        class="fill-row"
        placeholder="Add a step: type to search"
        aria-label="Add a step"
        value={query}
        onFocus={() => setOpen(true)}
        onInput={(e) => {
          setQuery(e.currentTarget.value);
          setOpen(true);
        }}
        onKeyDown={(e) => {
          const exact = found.find((s) => s.name === query.trim());
          if (e.key === 'Enter') choose(exact ?? found[0]);
          if (e.key === 'Escape') setOpen(false);
        }}
      />
      {isOpen && (
        <div class="step-choices">
          {groups.map(([title, isIn]) => {
            const own = found.filter(isIn);
            if (own.length === 0) return null;
            return (
              <div key={title}>
                <h4>{title}</h4>
                {own.map((s) => (
                  <button key={s.name} type="button" class="step-choice" data-choice={s.name} onClick={() => choose(s)}>
                    <b>{s.name}</b> <span class="dim">{s.summary}</span>
                  </button>
                ))}
              </div>
            );
          })}
          {found.length === 0 && <p class="dim">No step fits.</p>}
        </div>
      )}
    </div>
  );
}
