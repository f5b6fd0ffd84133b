// Round numbers on axes.

// The steps 1, 2, 5 times a power of ten; at most about `count` of them between low and high.
export function niceStep(low: number, high: number, count: number): number {
  const rough = Math.abs(high - low) / Math.max(1, count);
  if (!(rough > 0) || !Number.isFinite(rough)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = rough / power;
  return power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
}

export function ticks(low: number, high: number, count: number, least = 0): number[] {
  const step = Math.max(least, niceStep(low, high, count));
  const found: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step && found.length < 1000; i++) found.push(i * step);
  return found;
}

// Enough digits for the step, no more.
export function tickText(value: number, step: number): string {
  if (value === 0 || Math.abs(value) < step * 1e-6) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(Math.max(0, Math.min(3, Math.floor(Math.log10(size)) - Math.floor(Math.log10(step)))));
  return value.toFixed(Math.max(0, Math.min(10, -Math.floor(Math.log10(step) + 1e-9))));
}
