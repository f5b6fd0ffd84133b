// Numbers of each channel over the whole recording, and which channels look wrong.

import { useSignal, type Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { api, type ChannelMetrics } from '../api/client';
import type { Recording } from '../api/types';
import { saveText, stem } from '../export/save';
import { numberText } from '../shell/texts';
import { onNews, tell } from '../state/app';
import { signalView } from '../state/signals';
import { unitText } from './channel_text';
import { judge, type Judged } from './metrics';
import { toggleBad } from './view_actions';

type Key = 'channel' | 'min' | 'max' | 'std' | 'z' | 'flat_share' | 'clipped_share' | 'n_nan';

const heads: [Key, string, string][] = [
  ['channel', 'channel', 'As the file has them'],
  ['min', 'min', 'Lowest value'],
  ['max', 'max', 'Highest value'],
  ['std', 'std', 'Standard deviation'],
  ['z', 'z', 'How far log(std) lies from the median of its role, in robust standard deviations'],
  ['flat_share', 'flat %', 'Share of samples that equal the one before'],
  ['clipped_share', 'clip %', 'Share of samples at the lowest or highest value'],
  ['n_nan', 'NaN', 'Missing samples'],
];

function useMetrics(r: Recording): Signal<{ done: number; channels: ChannelMetrics[] } | null> {
  const found = useSignal<{ done: number; channels: ChannelMetrics[] } | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const ask = () =>
      tell(
        api.metrics(r.id).then((m) => {
          if (!isOver) found.value = m;
        }),
      );
    ask();
    const stop = onNews<{ id: string; done: number }>('pyramid', (news) => {
      if (news.id !== r.id || (found.value?.done ?? 0) >= 1) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        ask();
      }, news.done >= 1 ? 0 : 1000);
    });
    return () => {
      isOver = true;
      stop();
      clearTimeout(timer);
    };
  }, [r.id]);
  return found;
}

// In percent.
const share = (v: number) => (v === 0 ? '0' : v < 5e-5 ? '<0.01' : numberText(100 * v, 2));

function Line({ recording: r, m }: { recording: Recording; m: Judged }) {
  const view = signalView(r);
  const c = r.channels[m.channel];
  const state = `${m.channel === view.chosen.value ? 'is-chosen' : ''} ${view.bad.value.includes(m.name) ? 'is-bad' : ''}`;
  return (
    <tr class={state} title={m.why || `${m.name}: nothing looks wrong.`} onClick={() => (view.chosen.value = m.channel)}>
      <td>
        {m.name} <span class="dim">{unitText(c?.unit ?? '')}</span>
      </td>
      <td>{numberText(m.min, 3)}</td>
      <td>{numberText(m.max, 3)}</td>
      <td class={Math.abs(m.z) > 4 ? 'is-odd' : ''}>{numberText(m.std, 3)}</td>
      <td class={Math.abs(m.z) > 4 ? 'is-odd' : ''}>{Number.isNaN(m.z) ? '–' : m.z.toFixed(1)}</td>
      <td class={m.flat_share > 0.5 ? 'is-odd' : ''}>{share(m.flat_share)}</td>
      <td class={m.clipped_share > 1e-3 ? 'is-odd' : ''}>{share(m.clipped_share)}</td>
      <td class={m.n_nan > 0 ? 'is-odd' : ''}>{m.n_nan}</td>
    </tr>
  );
}

const csvOf = (rows: Judged[]) =>
  ['channel,min,max,mean,std,robust_z,flat_share,clipped_share,n_nan,remark', ...rows.map((m) => `"${m.name}",${m.min},${m.max},${m.mean},${m.std},${m.z},${m.flat_share},${m.clipped_share},${m.n_nan},"${m.why}"`), ''].join('\n');

export function MetricsPanel({ recording: r }: { recording: Recording }) {
  const metrics = useMetrics(r);
  const sort = useSignal<{ key: Key; isDown: boolean }>({ key: 'channel', isDown: false });
  const view = signalView(r);
  if (!metrics.value) return <p class="dim">Reading the recording…</p>;
  const rows = judge(r, metrics.value.channels);
  const suspicious = rows.filter((m) => m.why !== '');
  const value = (m: Judged) => m[sort.value.key] ?? NaN;
  const sorted = [...rows].sort((a, b) => {
    const d = value(a) - value(b);
    return (Number.isNaN(d) ? Number(Number.isNaN(value(a))) - Number(Number.isNaN(value(b))) : d) * (sort.value.isDown ? -1 : 1);
  });
  return (
    <div class="signal-panel">
      {metrics.value.done < 1 && <p class="dim">Of the {Math.floor(100 * metrics.value.done)} % that have been read so far.</p>}
      <h3>{suspicious.length === 0 ? 'No channel looks wrong' : `${suspicious.length} of ${rows.length} channels look wrong`}</h3>
      {suspicious.length > 0 && (
        <ul class="signal-findings">
          {suspicious.slice(0, 12).map((m) => (
            <li key={m.channel}>
              <b>{m.name}</b>: {m.why}{' '}
              <button type="button" class="quiet" onClick={() => toggleBad(r, m.channel)}>
                {view.bad.value.includes(m.name) ? 'not bad' : 'mark as bad'}
              </button>
            </li>
          ))}
        </ul>
      )}
      <div style={{ overflowX: 'auto' }}>
        <table class="signal-table">
          <thead>
            <tr>
              {heads.map(([key, text, title]) => (
                <th key={key}>
                  <button type="button" title={title} onClick={() => (sort.value = { key, isDown: sort.value.key === key ? !sort.value.isDown : key !== 'channel' })}>
                    {text}
                    {sort.value.key === key ? (sort.value.isDown ? ' ↓' : ' ↑') : ''}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sorted.map((m) => (
              <Line key={m.channel} recording={r} m={m} />
            ))}
          </tbody>
        </table>
      </div>
      <div class="row">
        <button type="button" onClick={() => saveText(csvOf(rows), `${stem(r.label)}.channels.csv`, 'text/csv')}>
          Save CSV
        </button>
      </div>
    </div>
  );
}
