// What all analyses share: a title that opens, a button that runs a chain over a part of the movie, and what comes of it.

import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { api } from '../api/client';
import type { ChainStep, Frame, Job, Recording } from '../api/types';
import { saveAddress, saveText } from '../export/save';
import { useTyped } from '../shell/typed';
import { closeRecording, currentId, recordings, tell } from '../state/app';
import { chainFiles, ownFiles, zonesName } from '../state/chain';
import { zones } from '../state/zones';
import { zonesFile } from '../zones/file';
import { finishPreview, tableText } from './jobs';
import { parseCsv, type Table } from './csv';

export interface Outcome {
  job: Job;
  result: Recording | null;
  frames: Frame[];
  table: Table | null;
  tableText: string;
}

export interface Wanted {
  chain: ChainStep[];
  part: { first: number; count: number };
  table?: string; // name of the file a step leaves
  frames?: number; // how many images of the result are shown
}

function filesOf(chain: ChainStep[]): Record<string, unknown> {
  const all: Record<string, unknown> = { ...ownFiles.value, ...chainFiles.value, [zonesName]: zonesFile(zones.value) };
  const named = new Set(chain.flatMap((s) => Object.values(s.params)));
  return Object.fromEntries(Object.entries(all).filter(([name]) => named.has(`@${name}`)));
}

async function outcomeOf(recording: Recording, wanted: Wanted): Promise<Outcome> {
  const { chain, part } = wanted;
  const job = await finishPreview({ recording: recording.id, chain, part, files: filesOf(chain) });
  const text = wanted.table === undefined ? '' : await tableText(job, wanted.table);
  const frames: Frame[] = [];
  for (let i = 0; job.result && i < Math.min(wanted.frames ?? 0, job.result.n_times); i++) frames.push(await api.frame(job.result.id, i));
  const result = wanted.frames ? job.result : null;
  // The movie as it was is no news.
  if (job.result && !result) await closeRecording(job.result.id);
  return { job, result, frames, table: wanted.table === undefined ? null : parseCsv(text), tableText: text };
}

export interface Runner {
  outcome: Outcome | null;
  isBusy: boolean;
  problem: string;
  run(wanted: Wanted): void;
}

export function useRunner(recording: Recording): Runner {
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const round = useRef(0);
  const run = (wanted: Wanted) => {
    const mine = ++round.current;
    const before = outcome?.result;
    setBusy(true);
    setProblem('');
    outcomeOf(recording, wanted)
      .then((o) => {
        setOutcome(o);
        if (before && before.id !== currentId.value && recordings.value.some((r) => r.id === before.id)) tell(closeRecording(before.id));
      })
      .catch((e: unknown) => {
        if (!(e instanceof DOMException && e.name === 'AbortError')) setProblem(e instanceof Error ? e.message : String(e));
      })
      .finally(() => mine === round.current && setBusy(false));
  };
  return { outcome, isBusy, problem, run };
}

interface AnalysisProps {
  id: string;
  title: string;
  help: string;
  runner: Runner;
  missing?: string; // why it cannot be run; "" or left out if it can
  onRun(): void;
  form?: ComponentChildren;
  children?: ComponentChildren;
}

export function Analysis({ id, title, help, runner, missing, onRun, form, children }: AnalysisProps) {
  const { outcome } = runner;
  const result = recordings.value.find((r) => r.id === outcome?.result?.id);
  return (
    <details class="analysis" data-analysis={id}>
      <summary>{title}</summary>
      <div class="analysis-body">
        <p class="dim">{help}</p>
        {form && <div class="row">{form}</div>}
        <div class="row actions">
          <button type="button" class="primary" disabled={runner.isBusy || Boolean(missing)} title={missing} onClick={onRun}>
            {runner.isBusy ? 'Running…' : 'Run'}
          </button>
          {missing && <span class="dim">{missing}</span>}
          {result && (
            <>
              <button type="button" onClick={() => (currentId.value = result.id)}>
                Open
              </button>
              <button type="button" onClick={() => saveAddress(api.arrayAddress(result.id, {}), `${id}.npy`)}>
                Save .npy
              </button>
            </>
          )}
          {outcome?.table && (
            <button type="button" onClick={() => saveText(outcome.tableText, `${id}.csv`, 'text/csv')}>
              Save CSV
            </button>
          )}
        </div>
        {runner.problem && <p class="problem">{runner.problem}</p>}
        {outcome && children}
      </div>
    </details>
  );
}

// ---- Fields of the forms

interface NumberProps {
  label: string;
  unit?: string;
  value: number;
  least?: number;
  most?: number;
  step?: number;
  onChange(v: number): void;
}

export function NumberInput({ label, unit, value, least, most, step, onChange }: NumberProps) {
  const input = useTyped(value, onChange);
  return (
    <label>
      {label}{' '}
      <input
        type="number"
        class="number short"
        min={least}
        max={most}
        step={step ?? 1}
        {...input}
      />
      {unit && <span class="dim"> {unit}</span>}
    </label>
  );
}

export function Select({ label, value, options, onChange }: { label: string; value: string; options: [string, string][]; onChange(v: string): void }) {
  return (
    <label>
      {label}{' '}
      <select value={value} onChange={(e) => onChange(e.currentTarget.value)}>
        {options.map(([v, text]) => (
          <option key={v} value={v}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

export function DataTable({ table, most = 200 }: { table: Table; most?: number }) {
  const isNumeric = (i: number) => table.rows.every((r) => r[i] === '' || !Number.isNaN(Number(r[i])));
  const numeric = table.head.map((_, i) => isNumeric(i));
  return (
    <div class="result-scroll">
      <table class="result-table">
        <thead>
          <tr>
            {table.head.map((h, i) => (
              <th key={h} class={numeric[i] ? 'number' : ''}>
                {h}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.slice(0, most).map((r, i) => (
            <tr key={i}>
              {r.map((c, k) => (
                <td key={k} class={numeric[k] ? 'number' : ''}>
                  {c}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {table.rows.length > most && <p class="dim">The first {most} of {table.rows.length} rows; the CSV has all.</p>}
    </div>
  );
}
