// Displacements of blocks, magnified, within the outline of the image.

import type { Arrows } from './data';

export function ArrowsFigure({ part }: { part: Arrows }) {
  const unit = part.width / 320; // image pixels of about a CSS pixel
  const times = part.magnified * unit;
  const { region: r } = part;
  return (
    <figure class="arrows">
      <figcaption>{part.title}</figcaption>
      <svg viewBox={`${-unit} ${-unit} ${part.width + 2 * unit} ${part.height + 24 * unit}`} role="img" aria-label={part.title}>
        <rect class="frame" width={part.width} height={part.height} />
        <rect class="valid" x={r.left} y={r.top} width={r.width} height={r.height} />
        {part.arrows.map((a) => (
          <g key={`${a.x} ${a.y}`}>
            <title>{`dy ${a.dy.toFixed(3)} px, dx ${a.dx.toFixed(3)} px`}</title>
            <rect class="block" x={a.x - 2 * unit} y={a.y - 2 * unit} width={4 * unit} height={4 * unit} />
            <line class="arrow" x1={a.x} y1={a.y} x2={a.x + times * a.dx} y2={a.y + times * a.dy} />
          </g>
        ))}
        <line class="arrow" x1={0} y1={part.height + 14 * unit} x2={times} y2={part.height + 14 * unit} />
        <text x={times + 6 * unit} y={part.height + 18 * unit} font-size={11 * unit}>
          1 px
        </text>
      </svg>
    </figure>
  );
}
