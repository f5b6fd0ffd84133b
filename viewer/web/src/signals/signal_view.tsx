import type { Recording } from '../api/types';

export function SignalMain({ recording }: { recording: Recording }) {
  return <div class="fill">{recording.label}</div>;
}
