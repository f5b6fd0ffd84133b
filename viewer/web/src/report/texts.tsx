// Texts, tiles, facts of a report.

import type { Part, Span, Tile } from './data';
import { decimalText } from './data';

type Of<K extends Part['kind']> = Extract<Part, { kind: K }>;

export function Heading({ part }: { part: Of<'heading'> }) {
  return part.level === 2 ? <h2>{part.title}</h2> : <h3>{part.title}</h3>;
}

const SpanText = ({ span }: { span: Span }) => (span.strong ? <b>{span.text}</b> : <>{span.text}</>);

export function Text({ part }: { part: Of<'text'> }) {
  return (
    <p class={part.style}>
      {part.spans.map((span, i) => (
        <SpanText key={i} span={span} />
      ))}
    </p>
  );
}

function TileBox({ tile }: { tile: Tile }) {
  return (
    <div class="tile" title={String(tile.value)}>
      <b>
        {decimalText(tile.value, tile.decimals)}
        {tile.unit && <small>{tile.unit}</small>}
      </b>
      <span>{tile.label}</span>
    </div>
  );
}

export function Tiles({ part }: { part: Of<'tiles'> }) {
  return (
    <div class="tiles">
      {part.tiles.map((tile) => (
        <TileBox key={tile.label} tile={tile} />
      ))}
    </div>
  );
}

export function Warnings({ part }: { part: Of<'warnings'> }) {
  return (
    <div class="warnings">
      <b>To know before using it</b>
      <ul>
        {part.items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </div>
  );
}

export function Facts({ part }: { part: Of<'facts'> }) {
  return (
    <table class="wide">
      <tbody>
        {part.rows.map(([name, text]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="path">{text}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Command({ part }: { part: Of<'command'> }) {
  return (
    <div class="command">
      <pre>{part.text}</pre>
    </div>
  );
}
