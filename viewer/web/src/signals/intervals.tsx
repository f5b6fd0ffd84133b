// Distances between events of a label, over time, and those that look wrong.

import type { Recording } from '../api/types';
import { LinePlot } from '../plot/line_plot';
import { css } from '../plot/theme_colours';
import { numberText } from '../shell/texts';
import { signalView } from '../state/signals';
import { eventsOf } from './events';
import { triggersOf } from './epochs';
import { lineStyle, LongList } from './long_list';
import type { Triggers } from './triggers';
import { goToTime } from './view_actions';

const mostPoints = 4000;

// At most so many points: of each group the one farthest from the median.
function thinned(onsets: Float64Array, t: Triggers): { x: number[]; y: number[] } {
  const group = Math.max(1, Math.ceil(t.intervals.length / mostPoints));
  const x: number[] = [];
  const y: number[] = [];
  for (let i = 0; i < t.intervals.length; i += group) {
    let best = i;
    for (let k = i; k < Math.min(t.intervals.length, i + group); k++)
      if (Math.abs((t.intervals[k] as number) - t.median_s) > Math.abs((t.intervals[best] as number) - t.median_s)) best = k;
    x.push(onsets[best + 1] as number);
    y.push(1000 * (t.intervals[best] as number));
  }
  return { x, y };
}

function summary(t: Triggers): string {
  const of = (what: string) => t.oddities.filter((o) => o.what === what).length;
  if (!t.isRegular) return `${t.n} events at irregular distances, ${numberText(1000 * t.median_s, 6)} ms in the median.`;
  const wrong = [
    t.missing > 0 ? `${t.missing} missing` : '',
    of('extra') > 0 ? `${of('extra')} too many` : '',
    of('jitter') > 0 ? `${of('jitter')} early or late` : '',
    of('pause') > 0 ? `${of('pause')} ${of('pause') === 1 ? 'pause' : 'pauses'}` : '',
  ].filter((s) => s !== '');
  return `${t.n} events every ${numberText(1000 * t.period_s, 7)} ms (${numberText(1 / t.period_s, 6)} Hz)${wrong.length > 0 ? `: ${wrong.join(', ')}.` : ', without a fault.'}`;
}

export function Intervals({ recording: r }: { recording: Recording }) {
  const label = eventsOf(r).byName.get(signalView(r).pattern.value);
  const t = triggersOf(r);
  if (!label) return null;
  if (!t) return <p class="dim">One event alone has no distance to another.</p>;
  const { x, y } = thinned(label.onsets, t);
  return (
    <>
      <p>{summary(t)}</p>
      <LinePlot
        x={x}
        curves={[{ label: 'distance', values: y, colour: css('--accent'), points: true }]}
        xLabel="time (s)"
        yLabel="distance (ms)"
        height={130}
        mark={signalView(r).cursor_s.value}
        onPick={(at) => goToTime(r, at)}
      />
      {t.oddities.length > 0 && (
        <LongList
          label="What looks wrong"
          count={t.oddities.length}
          height={120}
          line={(i) => {
            const o = t.oddities[i];
            if (!o) return null;
            return (
              <div key={i} role="listitem" class="signal-line" style={lineStyle(i)} title={o.text} onClick={() => goToTime(r, o.at_s)}>
                <span class="number">{o.at_s.toFixed(3)} s</span>
                <span>{o.text}</span>
                <span class="dim">{o.what}</span>
              </div>
            );
          }}
        />
      )}
    </>
  );
}
