// The chain: its steps, what it needs, and what can be done with it.

import { signal } from '@preact/signals';
import type { Recording } from '../api/types';
import { bytesText } from '../shell/texts';
import { jobs, tell } from '../state/app';
import { activeChain, appendSteps, chain } from '../state/chain';
import { AddStep } from './add_step';
import { copyCommand, saveChain } from './command';
import { isOver } from './jobs';
import { JobLine } from './jobs_panel';
import { plan, planProblem } from './plan';
import { preview, visiblePart } from './preview';
import { recipes } from './recipes';
import { isRunOpen, RunWindow } from './run_window';
import { StepCard } from './step_card';
import { isAbout } from './values';
import { append, turns } from './zone_steps';

const isPlanOpen = signal(false);

function Start({ recording }: { recording: Recording }) {
  const own = recipes.filter((r) => r.kinds.includes(recording.kind));
  return (
    <div class="chain-start">
      <select
        aria-label="Ready chains"
        value=""
        onChange={(e) => {
          const recipe = own[Number(e.currentTarget.value)];
          e.currentTarget.value = '';
          if (recipe) appendSteps(...recipe.steps(recording));
        }}
      >
        <option value="">Ready chains…</option>
        {own.map((r, i) => (
          <option key={r.title} value={i} title={r.help}>
            {r.title}
          </option>
        ))}
      </select>
      {recording.kind === 'movie' &&
        turns.map((t) => (
          <button key={t.title} type="button" title={t.help} onClick={() => append(t.entry)}>
            {t.title}
          </button>
        ))}
    </div>
  );
}

function Needs() {
  const answer = plan.value;
  const isBesideStep = activeChain.value.some((s) => isAbout(planProblem.value, s.step));
  if (planProblem.value) return isBesideStep ? null : <p class="problem">{planProblem.value}</p>;
  if (!answer) return null;
  return (
    <div class="needs">
      <p class="dim">
        Needs {bytesText(answer.memory_bytes)} of memory, reads the recording {answer.passes === 1 ? 'once' : `${answer.passes} times`}.{' '}
        <button type="button" class="quiet" aria-expanded={isPlanOpen.value} onClick={() => (isPlanOpen.value = !isPlanOpen.value)}>
          Plan
        </button>
      </p>
      {isPlanOpen.value && <pre>{answer.text}</pre>}
      <pre class="command">{answer.command}</pre>
    </div>
  );
}

function partText(recording: Recording): string {
  const { first, count } = visiblePart(recording);
  if (recording.kind === 'movie') return `Frames ${first} to ${first + count - 1}: the range band`;
  const rate = recording.rate_hz ?? 1;
  return `${(first / rate).toFixed(2)} s to ${((first + count) / rate).toFixed(2)} s: what is on the screen`;
}

function Actions({ recording }: { recording: Recording }) {
  const isReady = plan.value !== null && activeChain.value.length > 0;
  return (
    <div class="chain-actions">
      <button type="button" class="primary" disabled={!isReady} title={partText(recording)} onClick={() => tell(preview(recording))}>
        Preview
      </button>
      <button type="button" disabled={!isReady} title="The whole recording, into a file" onClick={() => (isRunOpen.value = true)}>
        Run…
      </button>
      <button type="button" disabled={!isReady} title="The command line that does the same" onClick={() => tell(copyCommand(recording))}>
        Copy command
      </button>
      <button type="button" disabled={!isReady} title="A YAML file for limpid run --chain" onClick={() => tell(saveChain(recording))}>
        Save chain
      </button>
      <button type="button" class="quiet" disabled={chain.value.length === 0} title="Removes all steps" onClick={() => (chain.value = [])}>
        Clear
      </button>
    </div>
  );
}

function Running({ recording }: { recording: Recording }) {
  const ofThis = jobs.value.filter((j) => j.recording === recording.id && (j.what === 'run' || j.slot.endsWith(' chain')));
  const own = ofThis.filter((j, i) => !isOver(j) || i === ofThis.length - 1).slice(-3);
  return (
    <>
      {own.map((j) => (
        <JobLine key={j.id} job={j} />
      ))}
    </>
  );
}

export function ChainPanel({ recording }: { recording: Recording }) {
  return (
    <div class="chain-panel">
      <Start recording={recording} />
      {chain.value.length === 0 && <p class="dim">A chain is a list of steps, run from top to bottom. It never changes the file it reads.</p>}
      <ol class="chain">
        {chain.value.map((entry, i) => (
          <StepCard key={entry.key} recording={recording} entry={entry} at={i} />
        ))}
      </ol>
      <AddStep recording={recording} />
      <Needs />
      <Actions recording={recording} />
      <Running recording={recording} />
      {isRunOpen.value && <RunWindow recording={recording} />}
    </div>
  );
}
