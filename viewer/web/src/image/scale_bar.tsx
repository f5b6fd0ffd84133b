// A bar of a round length, in um if the size of pixels is known.

import type { Viewport } from './tool';

function roundBelow(length: number): number {
  const power = 10 ** Math.floor(Math.log10(length));
  return power * (length / power >= 5 ? 5 : length / power >= 2 ? 2 : 1);
}

function lengthText(length: number, isUm: boolean): string {
  if (!isUm) return `${length} px`;
  return length >= 1000 ? `${length / 1000} mm` : `${Number(length.toPrecision(3))} µm`;
}

export function ScaleBar({ viewport, pixelUm }: { viewport: Viewport; pixelUm: number | null }) {
  const unit = pixelUm ?? 1; // length of a pixel
  const longest = (Math.min(140, viewport.width / 4) / viewport.scale) * unit;
  if (!(longest > 0)) return null;
  const length = pixelUm === null ? Math.max(1, roundBelow(longest)) : roundBelow(longest);
  return (
    <div class="scale-bar">
      <span>{lengthText(length, pixelUm !== null)}</span>
      <div style={{ width: `${(length / unit) * viewport.scale}px` }} />
    </div>
  );
}
