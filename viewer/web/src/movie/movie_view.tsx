import type { Recording } from '../api/types';

export function MovieMain({ recording }: { recording: Recording }) {
  return <div class="fill">{recording.label}</div>;
}
