// Live subtraction and division of the "View" panel.

import type { Recording } from '../api/types';
import { movieView, type Reference } from '../state/movie';
import { displayOf } from './display';
import { addLiveToChain, liveSteps, type Operand } from './references';

const stats = ['mean', 'median', 'min', 'max', 'std'];

function WindowFields({ reference, onSet }: { reference: Reference; onSet(change: Partial<Reference>): void }) {
  const field = (label: string, title: string, value: number, min: number, set: (v: number) => void) => (
    <label class="panel-field" title={title}>
      <span class="dim">{label}</span>
      <input type="number" min={min} step={1} value={value} aria-label={title} onChange={(e) => Number.isFinite(e.currentTarget.valueAsNumber) && set(Math.max(min, Math.round(e.currentTarget.valueAsNumber)))} />
    </label>
  );
  return (
    <div class="row">
      {field('window', 'Frames in the window', reference.window, 1, (window) => onSet({ window }))}
      {field('lag', 'Frames after its own at which the window begins; negative: before', reference.lag, -1e6, (lag) => onSet({ lag }))}
      <button type="button" title="The window lies around the frame" onClick={() => onSet({ lag: -Math.floor(reference.window / 2) })}>
        centre
      </button>
    </div>
  );
}

function OperandPart({ recording: r, operand, title }: { recording: Recording; operand: Operand; title: string }) {
  const view = movieView(r);
  const reference = view.live.value[operand];
  const set = (change: Partial<Reference>) => (view.live.value = { ...view.live.value, [operand]: { ...reference, ...change } });
  return (
    <div class="operand">
      <div class="row">
        <span class="operand-name">{title}</span>
        <select aria-label={`${title}: where from`} value={reference.from} onChange={(e) => set({ from: e.currentTarget.value as Reference['from'] })}>
          <option value="none">nothing</option>
          <option value="range">of the range</option>
          <option value="sliding">of a sliding window</option>
        </select>
        {reference.from !== 'none' && (
          <select aria-label={`${title}: statistic`} value={reference.stat} onChange={(e) => set({ stat: e.currentTarget.value })}>
            {stats.map((stat) => (
              <option key={stat}>{stat}</option>
            ))}
          </select>
        )}
      </div>
      {reference.from === 'sliding' && <WindowFields reference={reference} onSet={set} />}
      {reference.from !== 'none' && (
        <label class="panel-field">
          <span class="dim">amount</span>
          <input type="range" class="grow" min={0} max={1} step={0.01} value={reference.amount} aria-label={`${title}: amount`} onInput={(e) => set({ amount: e.currentTarget.valueAsNumber })} />
          <span class="number amount">{reference.amount.toFixed(2)}</span>
        </label>
      )}
    </div>
  );
}

export function LivePart({ recording: r }: { recording: Recording }) {
  const view = movieView(r);
  const isOn = view.live.value.subtract.from !== 'none' || view.live.value.divide.from !== 'none';
  const isBusy = displayOf(r).references.nBusy.value > 0;
  return (
    <section>
      <h3>
        Live <span class="dim unit">y = (x − a S) / (b D + 1 − b)</span>
      </h3>
      <OperandPart recording={r} operand="subtract" title="Subtract" />
      <OperandPart recording={r} operand="divide" title="Divide by" />
      {isOn && (
        <div class="row">
          <button type="button" class="primary" disabled={liveSteps(r).length === 0} onClick={() => addLiveToChain(r)} title="Appends the steps that do this for the whole recording">
            Add to chain
          </button>
          {isBusy && <span class="dim">computing…</span>}
        </div>
      )}
    </section>
  );
}
