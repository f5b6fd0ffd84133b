// Signals: tools above, names and traces, the axis of time, and the whole recording below.

import { effect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Recording } from '../api/types';
import { statusText } from '../shell/status';
import { unitText } from './channel_text';
import { Overview } from './overview';
import { makeReadout } from './readout';
import { TimeAxis } from './time_axis';
import { ToolRow } from './tool_row';
import { TracesView } from './traces_view';

// Room for the longest name, within the limits of the style sheet.
const widthOfNames = (r: Recording) => `${Math.max(...r.channels.map((c) => c.name.length + unitText(c.unit).length)) + 2}ch`;

export function SignalMain({ recording }: { recording: Recording }) {
  useEffect(() => {
    const readout = makeReadout(recording);
    const stop = effect(() => {
      statusText.value = readout.value;
    });
    return () => {
      stop();
      statusText.value = '';
    };
  }, [recording.id]);
  if (recording.n_times === 0 || recording.channels.length === 0) return <div class="empty">This recording holds no samples.</div>;
  return (
    <div class="signal-main" style={{ '--names': widthOfNames(recording) }}>
      <ToolRow recording={recording} />
      <TracesView recording={recording} />
      <TimeAxis recording={recording} />
      <Overview recording={recording} />
    </div>
  );
}
