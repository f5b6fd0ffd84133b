// What the server says, as it says it (see openapi.json).

export type Kind = 'movie' | 'signals';
export type NumberType =
  | 'int8' | 'uint8' | 'int16' | 'uint16' | 'int24' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'float32' | 'float64';

export interface Channel {
  name: string;
  unit: string;
  role: 'eeg' | 'eog' | 'ecg' | 'emg' | 'misc' | 'stim' | 'slow';
  stored_rate_hz: number;
  filtering: string;
}

// How it was opened, named as on the command line: "rate", "kind", "events", ...; those alone that were given.
export type OpenOptions = Record<string, string | number | boolean>;

export interface Recording {
  id: string;
  label: string;
  path: string;
  open: OpenOptions;
  is_result: boolean;
  source_id: string; // of a result: what it was made from; "" else
  chain: string; // of a result: as a command line says it; "" else
  slot: string; // of the result of a preview: what it is for; "" else
  format: string;
  kind: Kind;
  type: NumberType;
  n_times: number; // frames, or samples of a channel
  rate_hz: number | null;
  duration_s: number | null;
  start_unix_s: number | null;
  warnings: string[];
  bytes: number; // in memory, as `type`
  // movies
  height: number;
  width: number;
  n_colours: number;
  pixel_width_um: number | null;
  pixel_height_um: number | null;
  // signals
  channels: Channel[];
  n_events: number;
}

export interface Event {
  onset_s: number;
  duration_s: number;
  label: string;
  code: number;
}

export interface About {
  version: string;
  memory: { limit_bytes: number; used_bytes: number };
  scratch: { limit_bytes: number; used_bytes: number }; // on the disk, by results of previews
  threads: number;
  roots: string[];
  session: Session | null; // the one that was given on the command line
}

// A frame or a part of one, decoded to numbers. Rows one behind the other, colours interleaved.
export interface Frame {
  width: number;
  height: number;
  n_colours: number;
  type: NumberType;
  values: Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;
  level: number; // each value is the mean of 2^level x 2^level pixels
  corner?: { x: number; y: number }; // of a part: its left top pixel; a whole frame has none
}

export type ZoneShape = 'rectangle' | 'ellipse' | 'polygon' | 'pixel' | 'line' | 'polyline';

// The zones file of the command line (see `limpid help traces`): pixel centres at whole numbers.
export interface Zone {
  name: string;
  shape: ZoneShape;
  points?: [number, number][];
  x?: number;
  y?: number;
  width?: number;
  height?: number;
  angle?: number; // degrees, clockwise as seen
  colour?: string; // the page's own
}

export interface Param {
  name: string;
  type: string; // "number" | "integer" | "numbers" | "choice" | "flag" | "text" | "time-range" | "channels" | "file" | "frames"
  default: string | null; // null: must be given
  min?: number | null;
  max?: number | null;
  unit?: string;
  choices?: string[] | null;
  help: string;
}

export interface Step {
  name: string;
  summary: string;
  doc: string;
  kind: string;
  grain: string;
  known_as?: string; // its name elsewhere
  params: Param[];
}

// As `limpid formats --json`.
export interface Format {
  name: string;
  summary: string;
  kind: 'movies' | 'signals' | 'any';
  reads: boolean;
  writes: boolean;
  extensions: string[]; // without the dot
}

// A step of a chain with the parameters that were given, as texts.
export interface ChainStep {
  step: string;
  params: Record<string, string>;
}

export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

export interface Job {
  id: string;
  what: 'preview' | 'run';
  slot: string; // of a preview: what it is for
  recording: string;
  chain: string;
  state: JobState;
  stage: string; // "learn motion", "process"
  fraction: number;
  seconds: number;
  left_s: number | null; // estimate
  memory_bytes: number; // what it may use
  error: string | null;
  result: Recording | null;
  tables: { name: string; url: string }[]; // files it left beside the result
  outputs: string[];
}

export interface Plan {
  chain: string; // as a command line says it
  command: string; // the whole command
  yaml: string;
  plan: unknown; // as `limpid plan --json`
  text: string; // as `limpid plan`
  memory_bytes: number;
  passes: number;
}

// What "save session" writes. `limpid view SESSION.json` reopens it; `limpid run IN --chain SESSION.json --out OUT` runs
// its chain.
export interface Session {
  limpid_session: 1;
  inputs: (string | { path: string; open?: OpenOptions })[]; // a path alone was opened without options
  current: number; // index of inputs
  chain: Record<string, string>[]; // {step: name, key: value}
  zones: Zone[];
  view: Record<string, unknown>;
}
