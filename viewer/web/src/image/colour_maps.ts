// Colour maps of 256 colours. The perceptually ordered ones are drawn through a few of their colours; the others follow formulas.

type Rgb = [number, number, number];

const hex = (text: string): Rgb => [0, 2, 4].map((i) => parseInt(text.slice(i, i + 2), 16)) as Rgb;

// Evenly spaced colours, joined by a smooth curve (Catmull and Rom) in each channel.
function through(texts: string): (t: number) => Rgb {
  const knots = texts.split(' ').map(hex);
  const at = (i: number): Rgb => knots[Math.max(0, Math.min(knots.length - 1, i))] ?? [0, 0, 0];
  return (t) => {
    const place = t * (knots.length - 1);
    const i = Math.min(knots.length - 2, Math.floor(place));
    const f = place - i;
    return [0, 1, 2].map((c) => {
      const [a, b, d, e] = [at(i - 1), at(i), at(i + 1), at(i + 2)].map((k) => k[c] ?? 0) as [number, number, number, number];
      return b + 0.5 * f * (d - a + f * (2 * a - 5 * b + 4 * d - e + f * (3 * (b - d) + e - a)));
    }) as Rgb;
  };
}

// From one colour to another, the way light is seen: dark ends, white in the middle, equal steps of lightness at both sides.
function twoSided(low: Rgb, lowEnd: Rgb, high: Rgb, highEnd: Rgb): (t: number) => Rgb {
  const mix = (a: Rgb, b: Rgb, f: number): Rgb => [0, 1, 2].map((c) => (a[c] ?? 0) * (1 - f) + (b[c] ?? 0) * f) as Rgb;
  const white: Rgb = [247, 247, 247];
  return (t) => {
    const s = Math.abs(2 * t - 1);
    const [middle, end] = t < 0.5 ? [low, lowEnd] : [high, highEnd];
    return s < 0.6 ? mix(white, middle, s / 0.6) : mix(middle, end, (s - 0.6) / 0.4);
  };
}

const makers: Record<string, (t: number) => Rgb> = {
  grey: (t) => [255 * t, 255 * t, 255 * t],
  inverted: (t) => [255 * (1 - t), 255 * (1 - t), 255 * (1 - t)],
  viridis: through('440154 472d7b 3b528b 2c728e 21918c 28ae80 5ec962 addc30 fde725'),
  magma: through('000004 1c1044 4f127b 812581 b5367a e55064 fb8761 fec287 fcfdbf'),
  inferno: through('000004 1f0c48 550f6d 88226a ba3655 e35933 f98c0a f9c932 fcffa4'),
  cividis: through('00224e 213b6e 4c566d 6b6d76 8a8678 aca176 d0be67 f3dc4c fee838'),
  turbo: through('30123b 4662d7 36aaf9 1ae4b6 72fe5e c8ef34 faba39 f66b19 cb2a04 7a0403'),
  green: (t) => [255 * Math.max(0, 2 * t - 1), 255 * Math.min(1, 1.35 * t), 255 * Math.max(0, 2 * t - 1)],
  'blue-white-red': twoSided([67, 120, 195], [10, 40, 110], [214, 96, 77], [120, 10, 30]),
  'purple-white-green': twoSided([153, 112, 171], [64, 0, 75], [90, 174, 97], [0, 68, 27]),
};

export const colourMapNames = Object.keys(makers);
export const twoSidedMap = 'blue-white-red';

const made = new Map<string, Uint8Array>();

// 256 colours, red green blue one behind the other.
export function colourMap(name: string): Uint8Array {
  let table = made.get(name);
  if (!table) {
    const maker = makers[name] ?? ((t: number): Rgb => [255 * t, 255 * t, 255 * t]);
    table = new Uint8Array(256 * 3);
    for (let i = 0; i < 256; i++) table.set(maker(i / 255).map((v) => Math.max(0, Math.min(255, Math.round(v)))), 3 * i);
    made.set(name, table);
  }
  return table;
}
