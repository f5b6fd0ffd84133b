// What a report holds, as the library writes it (src/score/report_data.h).

export interface Span {
  text: string;
  strong?: boolean;
}

export interface Flag {
  word: string;
  why: string;
}

export type Cell = number | string | null | Flag[] | { value: number | null; decimals: number };

export interface Column {
  name: string;
  unit?: string;
  decimals?: number; // of numbers; below 0: about three digits; none: texts
}

export interface Series {
  label: string; // "": it is in no key
  role: string; // names a colour
  style: 'line' | 'dots' | 'bars';
  x: number[]; // bars: edges, one more than values
  values: (number | null)[];
}

export interface Marks {
  label: string;
  role: string;
  short?: boolean;
  x: number[];
}

export interface Region {
  top: number;
  left: number;
  height: number;
  width: number;
}

export interface Curves {
  kind: 'curves';
  title: string;
  x_label: string;
  y_label: string;
  height: number;
  log_x?: boolean;
  log_y?: boolean;
  y_down?: boolean;
  x_range?: [number, number];
  y_range?: [number, number];
  series: Series[];
  marks?: Marks[];
  guide?: [number, number, number, number];
}

export interface KeyEntry {
  role: string;
  label: string;
}

export interface Lane {
  label: string;
  spans: { role: string; from: number; to: number; text?: string }[];
  ticks: Marks[];
}

export interface Lanes {
  kind: 'lanes';
  title: string;
  x_label: string;
  x_range: [number, number];
  lanes: Lane[];
  key: KeyEntry[];
}

export interface StoredImage {
  title: string;
  height: number;
  width: number;
  pixels_per_value: number;
  type: 'float32';
  base64: string;
  region?: Region;
}

export interface Images {
  kind: 'images';
  title: string;
  unit: string;
  low: number;
  high: number;
  images: StoredImage[];
}

export interface Arrows {
  kind: 'arrows';
  title: string;
  height: number;
  width: number;
  magnified: number;
  region: Region;
  arrows: { y: number; x: number; dy: number; dx: number }[];
}

export interface Table {
  kind: 'table';
  title: string;
  columns: Column[];
  rows: Cell[][];
  aside?: boolean[]; // rows that do not count
}

export interface Tile {
  value: number | null;
  decimals: number;
  unit: string;
  label: string;
}

export interface Group {
  kind: 'pair' | 'row' | 'group' | 'tabs' | 'tab';
  title?: string;
  parts: Part[];
}

export type Part =
  | { kind: 'heading'; level: number; title: string }
  | { kind: 'text'; style?: string; spans: Span[] }
  | { kind: 'command'; text: string }
  | { kind: 'tiles'; tiles: Tile[] }
  | { kind: 'warnings'; items: string[] }
  | { kind: 'facts'; rows: [string, string][] }
  | Table
  | Curves
  | Lanes
  | Images
  | Arrows
  | Group;

export interface Report {
  kind: 'eeg-fmri' | 'motion';
  limpid: string; // version
  title: string;
  brand: string;
  score: unknown; // what `limpid score --json` says
  parts: Part[];
}

// null where nothing has been put in its place.
export function readReport(): Report | null {
  const text = document.getElementById('report-data')?.textContent ?? '';
  return text.startsWith('{') ? (JSON.parse(text) as Report) : null;
}

function shortDecimals(value: number): number {
  const size = Math.abs(value);
  return size >= 99.95 || size === 0 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3;
}

// With a real minus sign; a dash if it is not known.
export function decimalText(value: number | null | undefined, decimals: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const digits = Math.abs(value).toFixed(decimals < 0 ? shortDecimals(value) : decimals);
  return (value < 0 && Number(digits) !== 0 ? '−' : '') + digits;
}
