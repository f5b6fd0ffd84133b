// A step of the chain: its name, its place in the list, its form and its help.

import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import type { Recording } from '../api/types';
import { steps } from '../state/app';
import { chain, moveStep, removeStep, setStep, type ChainEntry } from '../state/chain';
import { Field } from './field';
import { Markdown } from './markdown_view';
import { planProblem } from './plan';
import { isAbout } from './values';

const dragged = signal(-1);
const target = signal(-1);

function Form({ recording, entry, at }: { recording: Recording; entry: ChainEntry; at: number }) {
  const [isAll, setAll] = useState(false);
  const step = steps.value.find((s) => s.name === entry.step);
  if (!step) return <p class="problem">There is no step "{entry.step}".</p>;
  const set = (name: string, value: string) => {
    const params = { ...entry.params };
    if (value === '') delete params[name];
    else params[name] = value;
    setStep(at, { ...entry, params });
  };
  const isMain = (i: number, name: string) => i < 5 || entry.params[name] !== undefined || isAbout(planProblem.value, entry.step, name);
  const shown = step.params.filter((p, i) => isAll || step.params.length <= 7 || isMain(i, p.name));
  const hidden = step.params.length - shown.length;
  return (
    <div class="step-form">
      {step.params.length === 0 && <p class="dim">No parameters.</p>}
      {shown.map((p) => (
        <Field
          key={p.name}
          recording={recording}
          step={entry.step}
          param={p}
          id={`step-${at}-${p.name}`}
          value={entry.params[p.name] ?? ''}
          serverProblem={isAbout(planProblem.value, entry.step, p.name) ? planProblem.value : ''}
          onChange={(v) => set(p.name, v)}
        />
      ))}
      {(hidden > 0 || isAll) && (
        <button type="button" class="quiet" onClick={() => setAll(!isAll)}>
          {isAll ? 'Fewer' : `${hidden} more parameters`}
        </button>
      )}
    </div>
  );
}

const given = (entry: ChainEntry) =>
  Object.entries(entry.params)
    .map(([k, v]) => `${k}=${v}`)
    .join(' ');

function Buttons({ entry, at }: { entry: ChainEntry; at: number }) {
  return (
    <>
      <button type="button" class="quiet" aria-label={`Move ${entry.step} up`} title="Up (Alt+Up)" disabled={at === 0} onClick={() => moveStep(at, at - 1)}>
        ↑
      </button>
      <button type="button" class="quiet" aria-label={`Move ${entry.step} down`} title="Down (Alt+Down)" disabled={at === chain.value.length - 1} onClick={() => moveStep(at, at + 1)}>
        ↓
      </button>
      <button type="button" class="quiet" aria-label={`Remove ${entry.step}`} title="Remove (Del)" onClick={() => removeStep(at)}>
        ×
      </button>
    </>
  );
}

function onKey(event: KeyboardEvent, at: number) {
  const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
  const focused = event.target;
  if (by !== 0 && event.altKey) {
    moveStep(at, at + by);
    // A step that moves in the page loses the focus.
    requestAnimationFrame(() => focused instanceof HTMLElement && focused.focus());
  } else if (event.key === 'Delete') removeStep(at);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

const drop = (at: number) => {
  moveStep(dragged.value, at);
  dragged.value = target.value = -1;
};

function Head({ entry, at, isOpen, isHelp, onOpen, onHelp }: { entry: ChainEntry; at: number; isOpen: boolean; isHelp: boolean; onOpen(): void; onHelp(): void }) {
  return (
    <div
      class="step-head"
      draggable
      onDragStart={(e) => {
        dragged.value = at;
        e.dataTransfer?.setData('text/plain', entry.step);
      }}
      onDragEnd={() => (dragged.value = target.value = -1)}
      onKeyDown={(e) => onKey(e, at)}
    >
      <input type="checkbox" checked={!entry.isOff} aria-label={`Use ${entry.step}`} title="Use this step" onChange={(e) => setStep(at, { ...entry, isOff: !e.currentTarget.checked })} />
      <button type="button" class="step-name" aria-expanded={isOpen} onClick={onOpen}>
        <b>{entry.step}</b> <span class="dim">{given(entry)}</span>
      </button>
      <button type="button" class="quiet" aria-label={`Help on ${entry.step}`} aria-pressed={isHelp} title="What it does" onClick={onHelp}>
        ?
      </button>
      <Buttons entry={entry} at={at} />
    </div>
  );
}

export function StepCard({ recording, entry, at }: { recording: Recording; entry: ChainEntry; at: number }) {
  const [isOpen, setOpen] = useState(true);
  const [isHelp, setHelp] = useState(false);
  const step = steps.value.find((s) => s.name === entry.step);
  const isOwnProblem = !entry.isOff && isAbout(planProblem.value, entry.step);
  const isBesideField = step?.params.some((p) => isAbout(planProblem.value, entry.step, p.name));
  return (
    <li
      class={`step ${entry.isOff ? 'is-off' : ''} ${isOwnProblem ? 'has-problem' : ''} ${target.value === at && dragged.value >= 0 ? 'is-target' : ''}`}
      data-step={entry.step}
      onDragOver={(e) => {
        if (dragged.value < 0) return;
        e.preventDefault();
        target.value = at;
      }}
      onDrop={(e) => {
        e.preventDefault();
        drop(at);
      }}
    >
      <Head entry={entry} at={at} isOpen={isOpen} isHelp={isHelp} onOpen={() => setOpen(!isOpen)} onHelp={() => setHelp(!isHelp)} />
      {isOpen && <Form recording={recording} entry={entry} at={at} />}
      {isOwnProblem && !(isOpen && isBesideField) && <p class="problem">{planProblem.value}</p>}
      {isHelp && step && (
        <div class="step-help">
          <p>{step.summary}</p>
          <Markdown text={step.doc} />
        </div>
      )}
    </li>
  );
}
