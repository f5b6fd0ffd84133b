// Numbers for people.

export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let i = 0;
  while (bytes >= 999.5 && i < units.length - 1) {
    bytes /= 1000;
    i++;
  }
  return `${i === 0 ? bytes : bytes.toPrecision(3)} ${units[i]}`;
}

export function durationText(seconds: number): string {
  if (seconds < 120) return `${Number(seconds.toPrecision(4))} s`;
  const h = Math.floor(seconds / 3600);
  const m = Math.floor((seconds % 3600) / 60);
  const s = Math.floor(seconds % 60);
  return `${h > 0 ? `${h} h ` : ''}${String(m).padStart(h > 0 ? 2 : 1, '0')} min ${String(s).padStart(2, '0')} s`;
}

// "1 frame", "2 frames"
export const countText = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;

// Up to `digits` significant ones, without trailing zeros.
export function numberText(value: number | null | undefined, digits = 6): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  return String(Number(value.toPrecision(digits)));
}
