// Jobs: what runs, what has run, and what came of it.

import { api } from '../api/client';
import type { Job, Recording } from '../api/types';
import { saveAddress } from '../export/save';
import { durationText } from '../shell/texts';
import { currentId, jobs, recordings, tell } from '../state/app';
import { compareWith } from './compare';
import { isListed, isOver, tableAddress } from './jobs';

const words: Record<Job['state'], string> = { waiting: 'waits', running: 'runs', done: 'done', failed: 'failed', cancelled: 'cancelled' };

function stateText(job: Job): string {
  if (job.state === 'waiting') return 'waits for its turn';
  if (job.state !== 'running') return `${words[job.state]} after ${durationText(job.seconds < 10 ? Number(job.seconds.toPrecision(2)) : Math.round(job.seconds))}`;
  const left = job.left_s !== null ? `, about ${durationText(Math.ceil(job.left_s))} left` : '';
  return `${job.stage || 'starts'}, ${Math.round(100 * job.fraction)} %${left}`;
}

function Result({ job }: { job: Job }) {
  const result = recordings.value.find((r) => r.id === job.result?.id);
  const source = recordings.value.find((r) => r.id === job.recording);
  return (
    <>
      {result && (
        <button type="button" onClick={() => (currentId.value = result.id)}>
          Open {result.label}
        </button>
      )}
      {result && result.kind === source?.kind && (
        <button type="button" title="Beside or over its source" onClick={() => compareWith(job.recording, result)}>
          Compare
        </button>
      )}
      {job.tables.map((t) => (
        <button key={t.name} type="button" title="Save this file" onClick={() => saveAddress(tableAddress(t.url), t.name)}>
          {t.name}
        </button>
      ))}
    </>
  );
}

export function JobLine({ job }: { job: Job }) {
  return (
    <div class={`job is-${job.state}`} data-job={job.id}>
      <div class="job-head">
        <b>{job.what === 'preview' ? 'Preview' : 'Run'}</b>
        <span class="grow dim number">{stateText(job)}</span>
        {!isOver(job) && (
          <button type="button" onClick={() => tell(api.cancel(job.id))}>
            Cancel
          </button>
        )}
      </div>
      {!isOver(job) && <progress max={1} value={job.fraction} />}
      <code class="job-chain" title={job.chain}>
        {job.chain}
      </code>
      {job.error && <p class="problem">{job.error}</p>}
      {job.outputs.length > 0 && <p class="dim job-outputs">{job.outputs.join(', ')}</p>}
      <div class="row">
        <Result job={job} />
      </div>
    </div>
  );
}

export function JobsPanel(_: { recording: Recording }) {
  const list = jobs.value.filter(isListed).reverse();
  return (
    <div class="jobs-panel">
      {list.length === 0 && <p class="dim">Nothing has run yet. Previews and runs of chains are listed here, with the files they leave.</p>}
      {list.map((j) => (
        <JobLine key={j.id} job={j} />
      ))}
    </div>
  );
}
