// Analyses at a click, over the range band or the frame shown.

import type { Recording } from '../api/types';
import { jobs } from '../state/app';
import { isListed, isOver } from './jobs';
import { JobLine } from './jobs_panel';
import { Kymograph, Pca } from './explore_images';
import { Correlate, Histogram, Measure } from './explore_tables';
import { Motion } from './motion_panel';
import { visiblePart } from './preview';

export function ExplorePanel({ recording }: { recording: Recording }) {
  const { first, count } = visiblePart(recording);
  const running = jobs.value.filter((j) => j.recording === recording.id && j.what === 'preview' && !isOver(j) && isListed(j));
  return (
    <div class="explore-panel">
      <p class="dim number">
        The range is frames {first} to {first + count - 1}.
      </p>
      {running.map((j) => (
        <JobLine key={j.id} job={j} />
      ))}
      <Motion recording={recording} />
      <Kymograph recording={recording} />
      <Pca recording={recording} />
      <Correlate recording={recording} />
      <Measure recording={recording} />
      <Histogram recording={recording} />
    </div>
  );
}
