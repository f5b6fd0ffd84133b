// The only place that talks to the server.

import type {
  About, ChainStep, Event, Format, Frame, Job, NumberType, Plan, Recording, Step, Zone,
} from './types';

// The page lies at /TOKEN/ and the API below it.
const base = new URL('./api/v1/', document.baseURI);

export class ApiError extends Error {
  constructor(readonly status: number, sentence: string) {
    super(sentence);
  }
}

type Query = Record<string, string | number | undefined>;

export function address(path: string, query: Query = {}): string {
  const url = new URL(path, base);
  for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, String(value));
  return url.toString();
}

const another = 'Another viewer answers at this address: open the address that it printed when it started.';

async function refuse(answer: Response): Promise<never> {
  if (answer.status === 403) throw new ApiError(403, another);
  let sentence = `The server answered ${answer.status}.`;
  try {
    sentence = ((await answer.json()) as { error?: string }).error ?? sentence;
  } catch {
    // Not JSON: the number must do.
  }
  throw new ApiError(answer.status, sentence);
}

const gone = 'The viewer does not answer: it has ended, or the tunnel to it is closed. Start limpid view again and open the address that it prints.';

// An answer, whatever it says; a sentence where there is none.
const answerTo = (url: string, options: RequestInit) =>
  fetch(url, options).catch((e: unknown) => {
    throw e instanceof TypeError ? new Error(gone) : e;
  });

async function ask(method: string, path: string, query?: Query, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const options: RequestInit = { method, credentials: 'omit', referrerPolicy: 'no-referrer' };
  if (signal) options.signal = signal;
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { 'Content-Type': 'application/json' };
  }
  const answer = await answerTo(address(path, query), options);
  return answer.ok ? answer : refuse(answer);
}

async function askJson<T>(method: string, path: string, query?: Query, body?: unknown, signal?: AbortSignal): Promise<T> {
  return (await ask(method, path, query, body, signal)).json() as Promise<T>;
}

const arrays = {
  int8: Int8Array, uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array, int24: Int32Array, int32: Int32Array,
  uint32: Uint32Array, int64: Float64Array, uint64: Float64Array, float32: Float32Array, float64: Float64Array,
} as const;

function numbers(type: NumberType, bytes: ArrayBuffer): Frame['values'] {
  if (type === 'int64') return Float64Array.from(new BigInt64Array(bytes), Number);
  if (type === 'uint64') return Float64Array.from(new BigUint64Array(bytes), Number);
  return new arrays[type](bytes);
}

async function frameOf(answer: Response, part?: Part): Promise<Frame> {
  const [height = 0, width = 0, n_colours = 1] = (answer.headers.get('X-Limpid-Shape') ?? '').split(',').map(Number);
  const type = (answer.headers.get('X-Limpid-Type') ?? 'uint8') as NumberType;
  const level = Number(answer.headers.get('X-Limpid-Level') ?? 0);
  const corner = part && { corner: { x: part.x, y: part.y } };
  return { width, height, n_colours, type, level, values: numbers(type, await answer.arrayBuffer()), ...corner };
}

export interface Part {
  x: number;
  y: number;
  width: number;
  height: number;
}

const of = (id: string) => `recordings/${encodeURIComponent(id)}`;

export const api = {
  about: () => askJson<About>('GET', 'about'),
  steps: () => askJson<Step[]>('GET', 'steps'),
  formats: () => askJson<Format[]>('GET', 'formats'),
  news: () => new EventSource(address('news')),
  folder: (path: string) =>
    askJson<{ path: string; parent: string | null; entries: { name: string; is_folder: boolean; bytes: number }[] }>('GET', 'folder', { path }),

  recordings: async () => (await askJson<{ recordings: Recording[] }>('GET', 'recordings')).recordings,
  open: (path: string) => askJson<Recording>('POST', 'recordings', undefined, { path }),
  close: (id: string) => ask('DELETE', of(id)),
  events: async (id: string) => (await askJson<{ events: Event[] }>('GET', `${of(id)}/events`)).events,

  // ---- movies
  frame: async (id: string, frame: number, level = 0, part?: Part, signal?: AbortSignal) =>
    frameOf(await ask('GET', `${of(id)}/frames/${frame}`, { level, ...part }, undefined, signal), part),
  windowFrame: async (id: string, frame: number, window: { stat: string; count: number; lag: number }, level = 0, part?: Part, signal?: AbortSignal) =>
    frameOf(await ask('GET', `${of(id)}/frames/${frame}/window`, { ...window, level, ...part }, undefined, signal), part),
  // Of each frame: min, max, mean, std; NaN where not scanned yet. Asking starts the scan; news "scan" tells how far it is.
  scan: async (id: string, signal?: AbortSignal) => {
    const answer = await ask('GET', `${of(id)}/scan`, undefined, undefined, signal);
    return { done: Number(answer.headers.get('X-Limpid-Done')), values: new Float64Array(await answer.arrayBuffer()) };
  },
  times: async (id: string) => new Float64Array(await (await ask('GET', `${of(id)}/times`)).arrayBuffer()),
  // One row of `count` values for each zone (and colour), of every step-th frame from `first` on.
  courses: async (id: string, zones: Zone[], stat: string, first: number, count: number, step: number, signal?: AbortSignal) => {
    const answer = await ask('POST', `${of(id)}/courses`, { stat, first, count, step }, { zones }, signal);
    return new Float64Array(await answer.arrayBuffer());
  },
  members: (id: string, zones: Zone[], signal?: AbortSignal) =>
    askJson<{ zones: { name: string; n_pixels: number; spans: [number, number, number][] }[] }>('POST', `${of(id)}/members`, undefined, { zones }, signal),
  arrayAddress: (id: string, query: Query) => address(`${of(id)}/array`, query),

  // ---- signals
  // Of each channel and column: lowest and highest value (layout "minmax"), or all samples ("samples").
  traces: async (id: string, channels: string, first: number, count: number, columns: number, signal?: AbortSignal) => {
    const answer = await ask('GET', `${of(id)}/traces`, { channels, first, count, columns }, undefined, signal);
    return {
      layout: (answer.headers.get('X-Limpid-Layout') ?? 'samples') as 'minmax' | 'samples',
      columns: Number(answer.headers.get('X-Limpid-Columns')), // values (or pairs) of each channel
      done: Number(answer.headers.get('X-Limpid-Done')), // share of the pyramid that is built, 0 to 1
      values: new Float32Array(await answer.arrayBuffer()),
    };
  },
  samples: async (id: string, channel: number, first: number, count: number, signal?: AbortSignal) =>
    new Float64Array(await (await ask('GET', `${of(id)}/samples`, { channel, first, count }, undefined, signal)).arrayBuffer()),
  // One row of densities (unit^2/Hz) for each channel.
  spectrum: async (id: string, channels: string, first: number, count: number, segment: number, signal?: AbortSignal) => {
    const answer = await ask('GET', `${of(id)}/spectrum`, { channels, first, count, segment }, undefined, signal);
    return { bin_hz: Number(answer.headers.get('X-Limpid-Bin-Hz')), bins: Number(answer.headers.get('X-Limpid-Bins')), values: new Float64Array(await answer.arrayBuffer()) };
  },
  // Rows of samples around events: their mean, their standard deviation, then at most `most` of them, evenly chosen.
  epochs: async (
    id: string,
    query: { label: string; channel: number; before_s: number; after_s: number; offset_s: number; most: number },
    signal?: AbortSignal,
  ) => {
    const answer = await ask('GET', `${of(id)}/epochs`, query, undefined, signal);
    return {
      n_used: Number(answer.headers.get('X-Limpid-Epochs')), // in mean and standard deviation
      samples: Number(answer.headers.get('X-Limpid-Samples')), // of a row
      values: new Float32Array(await answer.arrayBuffer()),
    };
  },
  metrics: (id: string) => askJson<{ done: number; channels: ChannelMetrics[] }>('GET', `${of(id)}/metrics`),

  // ---- chains
  plan: (recording: string, chain: ChainStep[], out?: string, files?: Record<string, unknown>) =>
    askJson<Plan>('POST', 'plan', undefined, { recording, chain, out, files }),
  run: (request: RunRequest) => askJson<Job>('POST', 'jobs', undefined, request),
  jobs: async () => (await askJson<{ jobs: Job[] }>('GET', 'jobs')).jobs,
  job: (id: string) => askJson<Job>('GET', `jobs/${encodeURIComponent(id)}`),
  cancel: (id: string) => ask('DELETE', `jobs/${encodeURIComponent(id)}`),
};

export interface ChannelMetrics {
  name: string;
  min: number | null;
  max: number | null;
  mean: number | null;
  std: number | null;
  n_nan: number;
  flat_share: number; // of samples that equal the one before
  clipped_share: number; // of samples at the lowest or highest value
}

export interface RunRequest {
  recording: string;
  chain: ChainStep[];
  what: 'preview' | 'run';
  // preview: the chain sees this part of the recording alone (frames, or samples)
  part?: { first: number; count: number };
  slot?: string; // preview: what it is for, at most 40 bytes; it ends the one before of the same recording and slot
  format?: string; // preview: extension of the result, "npy" for movies, "vhdr" for signals if not said; "csv"
  out?: string; // run: path of the result
  overwrite?: boolean;
  // Small files that parameters may name as "@NAME": {"zones.json": {...}}.
  files?: Record<string, unknown>;
}
