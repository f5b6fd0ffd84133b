// The parts of a report, one below the other.

import { useSignal } from '@preact/signals';
import { ArrowsFigure } from './arrows';
import { CurvesFigure } from './curves';
import type { Group, Part } from './data';
import { ImagesFigure } from './images';
import { LanesFigure } from './lanes';
import { isPrinting } from './printing';
import { SortedTable } from './table';
import { Command, Facts, Heading, Text, Tiles, Warnings } from './texts';

export function Parts({ parts }: { parts: Part[] }) {
  return (
    <>
      {parts.map((part, i) => (
        <PartOf key={i} part={part} />
      ))}
    </>
  );
}

// One tab is shown; on paper all are, one below the other.
function Tabs({ part }: { part: Group }) {
  const chosen = useSignal(0);
  const tabs = part.parts.filter((p): p is Group => p.kind === 'tab');
  if (isPrinting.value)
    return (
      <>
        {tabs.map((tab) => (
          <section key={tab.title}>
            <h3>{tab.title}</h3>
            <Parts parts={tab.parts} />
          </section>
        ))}
      </>
    );
  const shown = tabs[chosen.value];
  return (
    <div class="report-tabs">
      <div role="tablist">
        {tabs.map((tab, i) => (
          <button key={tab.title} type="button" role="tab" aria-selected={i === chosen.value} onClick={() => (chosen.value = i)}>
            {tab.title}
          </button>
        ))}
      </div>
      {shown && <Parts key={chosen.value} parts={shown.parts} />}
    </div>
  );
}

// Side by side; a part that is alone takes all the room.
function Columns({ part, name }: { part: Group; name: string }) {
  if (part.parts.length < 2) return <Parts parts={part.parts} />;
  return (
    <div class={name}>
      {part.parts.map((p, i) => (
        <div key={i}>
          <PartOf part={p} />
        </div>
      ))}
    </div>
  );
}

function PartOf({ part }: { part: Part }) {
  switch (part.kind) {
    case 'heading':
      return <Heading part={part} />;
    case 'text':
      return <Text part={part} />;
    case 'command':
      return <Command part={part} />;
    case 'tiles':
      return <Tiles part={part} />;
    case 'warnings':
      return <Warnings part={part} />;
    case 'facts':
      return <Facts part={part} />;
    case 'table':
      return <SortedTable part={part} />;
    case 'curves':
      return <CurvesFigure part={part} />;
    case 'lanes':
      return <LanesFigure part={part} />;
    case 'images':
      return <ImagesFigure part={part} />;
    case 'arrows':
      return <ArrowsFigure part={part} />;
    case 'tabs':
      return <Tabs part={part} />;
    case 'pair':
      return <Columns part={part} name="pair" />;
    case 'row':
      return <Columns part={part} name="row-of-three" />;
    default:
      return <Parts parts={part.parts} />;
  }
}
