// Marked ranges: bad segments and ranges to erase.

import type { Recording } from '../api/types';
import { numberText } from '../shell/texts';
import { signalView } from '../state/signals';
import { markColour } from './event_marks';
import { cropTo, hasMarks, isInChain, markKind, putInChain, removeMark, saveMarks, type MarkKind } from './marked';
import { rateOf, showStretch } from './view_actions';

const actions: { kind: MarkKind; text: string; title: string }[] = [
  { kind: 'bad', text: 'Skip in templates', title: 'Puts the step annotate before all others: gradient makes its templates without the bad segments' },
  { kind: 'erase', text: 'Erase in the chain', title: 'Appends the step erase, which puts a straight line in place of the samples of these ranges' },
];

function ChainButtons({ recording: r }: { recording: Recording }) {
  return (
    <div class="row">
      {actions.map(({ kind, text, title }) => {
        const isThere = hasMarks(r, kind) && isInChain(r, kind);
        return (
          <button key={kind} type="button" disabled={!hasMarks(r, kind) || isThere} title={isThere ? 'The chain has them as they are' : title} onClick={() => putInChain(r, kind)}>
            {text}
          </button>
        );
      })}
    </div>
  );
}

export function MarksPanel({ recording: r }: { recording: Recording }) {
  const view = signalView(r);
  const marks = view.marked.value;
  const total = marks.reduce((sum, m) => sum + m.last_s - m.first_s, 0);
  const rate = rateOf(r);
  const go = (first_s: number, last_s: number) => {
    const count = Math.max(view.count.value, 1.4 * (last_s - first_s) * rate);
    showStretch(r, ((first_s + last_s) / 2) * rate - count / 2, count);
  };
  return (
    <div class="signal-panel">
      <div class="row">
        <span>Shift and drag on the traces marks</span>
        <select value={markKind.value} aria-label="Kind of mark" onChange={(e) => (markKind.value = e.currentTarget.value as MarkKind)}>
          <option value="bad">a bad segment</option>
          <option value="erase">a range to erase</option>
        </select>
      </div>
      {marks.length > 0 && (
        <table class="signal-table">
          <thead>
            <tr>
              <th>kind</th>
              <th>from (s)</th>
              <th>to (s)</th>
              <th>length (s)</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {marks.map((m) => (
              <tr key={`${m.label} ${m.first_s} ${m.last_s}`} onClick={() => go(m.first_s, m.last_s)}>
                <td>
                  <span class="signal-swatch" style={{ background: `var(${markColour(m.label)})` }} />
                  {m.label}
                </td>
                <td>{m.first_s.toFixed(3)}</td>
                <td>{m.last_s.toFixed(3)}</td>
                <td>{numberText(m.last_s - m.first_s, 4)}</td>
                <td>
                  <button
                    type="button"
                    class="quiet"
                    aria-label={`Delete the mark at ${m.first_s.toFixed(3)} s`}
                    onClick={(e) => {
                      e.stopPropagation();
                      removeMark(r, m);
                    }}
                  >
                    ×
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p class="dim">
        {marks.length === 0 ? 'Nothing is marked yet.' : `${marks.length} ${marks.length === 1 ? 'range' : 'ranges'}, ${numberText(total, 4)} s of ${numberText(r.n_times / rate, 6)} s.`}
      </p>
      <div class="row">
        <button type="button" disabled={marks.length === 0} title="A BIDS events file: onset, duration, trial_type (BAD_segment, BAD_erase)" onClick={() => saveMarks(r)}>
          Save events.tsv
        </button>
        <button type="button" disabled={marks.length === 0} onClick={() => (view.marked.value = [])}>
          Remove all
        </button>
      </div>
      <ChainButtons recording={r} />
      <h3>The stretch on the screen</h3>
      <div class="row">
        <button type="button" title="Appends the step crop to the chain" onClick={() => cropTo(view.first.value / rate, Math.min(r.n_times, view.first.value + view.count.value) / rate)}>
          Keep only what is on the screen
        </button>
      </div>
    </div>
  );
}
