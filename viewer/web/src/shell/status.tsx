// The line below: what is open, what runs, how much memory is in use.

import { useEffect } from 'preact/hooks';
import { signal } from '@preact/signals';
import { api } from '../api/client';
import { about, current, isConnected, jobs, tell } from '../state/app';
import { bytesText, countText, durationText } from './texts';

// Features say here what the pointer is over.
export const statusText = signal('');

function Badge() {
  const running = jobs.value.filter((j) => j.state === 'running' || j.state === 'waiting');
  const state = !isConnected.value ? 'offline' : running.length > 0 ? 'busy' : 'idle';
  const text = state === 'busy' ? `${running[0]?.what ?? ''} ${Math.round(100 * (running[0]?.fraction ?? 0))} %` : state === 'idle' ? 'ready' : 'server gone';
  return <span class={`state is-${state}`}>{text}</span>;
}

export function StatusBar() {
  useEffect(() => {
    const timer = setInterval(() => tell(api.about().then((a) => (about.value = a))), 5000);
    return () => clearInterval(timer);
  }, []);
  const r = current.value;
  const memory = about.value?.memory;
  return (
    <footer class="status">
      <Badge />
      {r && (
        <span title={r.path}>
          {r.kind === 'movie'
            ? `${countText(r.n_times, 'frame')} × ${r.height} × ${r.width}${r.n_colours === 3 ? ' colour' : ''}, ${r.type}`
            : `${countText(r.channels.length, 'channel')} × ${countText(r.n_times, 'sample')}, ${r.rate_hz ?? '?'} Hz`}
          {r.duration_s !== null && `, ${durationText(r.duration_s)}`}
          {`, ${bytesText(r.bytes)}, ${r.format}`}
        </span>
      )}
      <span class="grow">{statusText.value}</span>
      {memory && (
        <span title="Memory in use and its limit (limpid view --memory)">
          {bytesText(memory.used_bytes)} of {bytesText(memory.limit_bytes)}
        </span>
      )}
      <span>{about.value && `limpid ${about.value.version}`}</span>
    </footer>
  );
}
