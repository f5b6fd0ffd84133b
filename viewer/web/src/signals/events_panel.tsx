// Events: how many of which label, and all of them in a table.

import { useComputed, useSignal } from '@preact/signals';
import type { Event, Recording } from '../api/types';
import { saveText, stem } from '../export/save';
import { numberText } from '../shell/texts';
import { signalView } from '../state/signals';
import { eventsOf, labelText, type Label } from './events';
import { stepEvent } from './event_steps';
import { lineStyle, LongList } from './long_list';
import { analyse } from './triggers';
import { goToTime, rateOf } from './view_actions';

function LabelLine({ recording: r, label }: { recording: Recording; label: Label }) {
  const view = signalView(r);
  const isChosen = view.pattern.value === label.name;
  const found = analyse(label.onsets, rateOf(r));
  return (
    <tr class={isChosen ? 'is-chosen' : ''} onClick={() => (view.pattern.value = isChosen ? '' : label.name)}>
      <td>
        <span class="signal-swatch" style={{ background: `var(${label.colour})` }} />
        {labelText(label.name)}
      </td>
      <td>{label.onsets.length}</td>
      <td>{found ? numberText(found.isRegular ? found.period_s : found.median_s, 5) : '–'}</td>
      <td>{found ? numberText(found.shortest_s, 3) : '–'}</td>
      <td>{found ? numberText(found.longest_s, 3) : '–'}</td>
    </tr>
  );
}

const csvOf = (events: Event[]) =>
  ['onset_s,duration_s,label,code', ...events.map((e) => `${e.onset_s},${e.duration_s},"${e.label.replace(/"/g, '""')}",${e.code}`), ''].join('\n');

// The event at that time, -1 if there is none.
function indexAt(events: Event[], seconds: number, tolerance: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.onset_s ?? 0) < seconds - tolerance) low = middle + 1;
    else high = middle;
  }
  const found = events[low];
  return found && Math.abs(found.onset_s - seconds) <= tolerance ? low : -1;
}

export function EventsPanel({ recording: r }: { recording: Recording }) {
  const view = signalView(r);
  const filter = useSignal('');
  const list = eventsOf(r);
  const shown = useComputed(() => {
    const { all } = eventsOf(r);
    const text = filter.value.toLowerCase();
    return all.filter((e) => (view.pattern.value === '' || e.label === view.pattern.value) && (text === '' || e.label.toLowerCase().includes(text)));
  }).value;
  if (r.n_events === 0) return <p class="dim">This recording has no events.</p>;
  const now = view.cursor_s.value;
  const at = now === null ? -1 : indexAt(shown, now, 0.5 / rateOf(r));
  return (
    <div class="signal-panel">
      <table class="signal-table">
        <thead>
          <tr>
            <th>label</th>
            <th>count</th>
            <th title="Distance from one to the next: its period, or the median">every (s)</th>
            <th title="Shortest distance (s)">min</th>
            <th title="Longest distance (s)">max</th>
          </tr>
        </thead>
        <tbody>
          {list.labels.slice(0, 60).map((label) => (
            <LabelLine key={label.name} recording={r} label={label} />
          ))}
        </tbody>
      </table>
      {list.labels.length > 60 && <p class="dim">and {list.labels.length - 60} labels more: use the filter below.</p>}
      <div class="row">
        <button type="button" title="Previous (p)" onClick={() => stepEvent(r, -1)}>
          Previous
        </button>
        <button type="button" title="Next (n)" onClick={() => stepEvent(r, 1)}>
          Next
        </button>
        <span class="dim">{view.pattern.value === '' ? 'of all labels' : `of ${labelText(view.pattern.value)}`}</span>
      </div>
      <div class="row">
        <input class="grow" placeholder="Filter by label" aria-label="Filter by label" value={filter.value} onInput={(e) => (filter.value = e.currentTarget.value)} />
        <button type="button" onClick={() => saveText(csvOf(shown), `${stem(r.label)}.events.csv`, 'text/csv')}>
          Save CSV
        </button>
      </div>
      <p class="dim">
        {shown.length} of {r.n_events} events: time in s, label, code
      </p>
      <LongList
        label="Events"
        count={shown.length}
        height={Math.max(200, innerHeight - 380)}
        goTo={at}
        line={(i) => {
          const e = shown[i];
          if (!e) return null;
          return (
            <div key={i} role="listitem" class={`signal-line ${i === at ? 'is-chosen' : ''}`} style={lineStyle(i)} onClick={() => goToTime(r, e.onset_s)}>
              <span class="number">{e.onset_s.toFixed(4)}</span>
              <span>
                <span class="signal-swatch" style={{ background: `var(${list.byName.get(e.label)?.colour ?? '--ink-2'})` }} />
                {labelText(e.label)}
                {e.duration_s > 0 && <span class="dim"> for {numberText(e.duration_s, 4)} s</span>}
              </span>
              <span class="number dim">{e.code}</span>
            </div>
          );
        }}
      />
    </div>
  );
}
