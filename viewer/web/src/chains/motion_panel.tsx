// Motion at a click: find and correct it, apply known shifts, and see what motion is left.

import { useState } from 'preact/hooks';
import type { Recording } from '../api/types';
import { LinePlot } from '../plot/line_plot';
import { saveText, stem } from '../export/save';
import { numberText } from '../shell/texts';
import { movieView } from '../state/movie';
import { appendSteps, keepFile } from '../state/chain';
import { Analysis, Select, useRunner } from './analysis';
import { compareWith } from './compare';
import { column } from './csv';
import { flagText, shiftsName, shiftsOf, type Shifts } from './motion';
import { visiblePart } from './preview';

function Bad({ recording, shifts }: { recording: Recording; shifts: Shifts }) {
  const bad = Array.from(shifts.flags, (flag, i) => ({ flag, i })).filter(({ flag }) => flag !== 0);
  if (bad.length === 0) return <p class="dim">No frame is flagged.</p>;
  return (
    <div class="result-scroll">
      <table class="result-table">
        <thead>
          <tr>
            <th class="number">frame</th>
            <th class="number">down (px)</th>
            <th class="number">right (px)</th>
            <th class="number">match</th>
            <th>flag</th>
          </tr>
        </thead>
        <tbody>
          {bad.slice(0, 500).map(({ flag, i }) => (
            <tr key={i}>
              <td class="number">
                <button type="button" class="quiet" onClick={() => (movieView(recording).frame.value = shifts.first + i)}>
                  {shifts.first + i}
                </button>
              </td>
              <td class="number">{numberText(shifts.dy[i], 4)}</td>
              <td class="number">{numberText(shifts.dx[i], 4)}</td>
              <td class="number">{numberText(shifts.peak[i], 3)}</td>
              <td>{flagText(flag)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

// About their own mean: a constant shift is no motion.
function spreadOf(values: Float64Array): { rms: number; largest: number } {
  const mean = values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
  const off = values.map((v) => Math.abs(v - mean));
  return { rms: Math.sqrt(off.reduce((a, b) => a + b * b, 0) / Math.max(1, off.length)), largest: off.reduce((a, b) => Math.max(a, b), 0) };
}

function Spread({ rows }: { rows: [string, Float64Array, Float64Array][] }) {
  return (
    <table class="result-table">
      <thead>
        <tr>
          <th />
          <th class="number">rms down (px)</th>
          <th class="number">rms right (px)</th>
          <th class="number">largest (px)</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([title, dy, dx]) => (
          <tr key={title}>
            <td>{title}</td>
            <td class="number">{numberText(spreadOf(dy).rms, 3)}</td>
            <td class="number">{numberText(spreadOf(dx).rms, 3)}</td>
            <td class="number">{numberText(Math.max(spreadOf(dy).largest, spreadOf(dx).largest), 3)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Motion({ recording }: { recording: Recording }) {
  const runner = useRunner(recording);
  const [method, setMethod] = useState('template');
  const shifts = shiftsOf.value[recording.id];
  const rate = recording.rate_hz;
  const params: Record<string, string> = { shifts: `@${shiftsName}` };
  if (method !== 'template') params['method'] = method;
  const result = runner.outcome?.result;
  return (
    <Analysis
      id="motion"
      title="Motion"
      help="How far each frame of the range has moved; the movie moved back opens beside it. Shifts and flagged frames appear on the timeline."
      runner={runner}
      onRun={() => runner.run({ chain: [{ step: 'motion', params }], part: visiblePart(recording), table: shiftsName, frames: 1 })}
      form={<Select label="method" value={method} options={['template', 'recursive', 'piecewise'].map((m) => [m, m])} onChange={setMethod} />}
    >
      {shifts && (
        <>
          <LinePlot
            x={Float64Array.from(shifts.dy, (_, i) => (shifts.first + i) / (rate || 1))}
            curves={[
              { label: 'down', values: shifts.dy, colour: '#e11d48' },
              { label: 'right', values: shifts.dx, colour: '#7c3aed' },
            ]}
            xLabel={rate ? 'time (s)' : 'frame'}
            yLabel="shift (px)"
            height={150}
            legend
            mark={movieView(recording).frame.value / (rate || 1)}
          />
          <div class="row">
            {result && (
              <button type="button" onClick={() => compareWith(recording.id, result)}>
                Compare
              </button>
            )}
            <button type="button" onClick={() => saveText(shifts.text, `${stem(recording.label)}.shifts.csv`, 'text/csv')}>
              Save shifts
            </button>
            <button type="button" onClick={() => appendSteps({ step: 'motion', params })}>
              Add to chain
            </button>
            <button
              type="button"
              title="Appends the step motion-apply, which moves frames by this table: for shifts that were found on a filtered copy"
              onClick={() => appendSteps({ step: 'motion-apply', params: { shifts: keepFile('known-shifts.csv', shifts.text) } })}
            >
              Apply these shifts
            </button>
          </div>
          <Bad recording={recording} shifts={shifts} />
          {result && <Residual result={result} before={shifts} />}
        </>
      )}
    </Analysis>
  );
}

// Motion, looked for once more in what was corrected.
function Residual({ result, before }: { result: Recording; before: Shifts }) {
  const runner = useRunner(result);
  const table = runner.outcome?.table;
  const chain = [{ step: 'motion', params: { apply: 'no', shifts: '@residual.csv' } }];
  const rows: [string, Float64Array, Float64Array][] = [['before', before.dy, before.dx]];
  if (table) rows.push(['after', column(table, 'dy_px'), column(table, 'dx_px')]);
  return (
    <>
      <div class="row actions">
        <button type="button" disabled={runner.isBusy} onClick={() => runner.run({ chain, part: { first: 0, count: result.n_times }, table: 'residual.csv' })}>
          {runner.isBusy ? 'Looking…' : 'Look for motion that is left'}
        </button>
      </div>
      {runner.problem && <p class="problem">{runner.problem}</p>}
      <Spread rows={rows} />
    </>
  );
}
