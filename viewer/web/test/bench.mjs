// How fast the viewer answers, in a real browser: tables with what must be. Run by scripts/bench.sh.
//
// LIMPID: the program; BENCH_DIR: folder for files (12 GB of addresses, 3 GB of disk; BENCH_LONG=1: an EEG of an hour, 5 GB).

import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { missing, openPage, run, startView } from './browser.mjs';

const isLong = Boolean(process.env.BENCH_LONG);
const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'limpid-bench-view-'));
const missed = [];

function row(what, value, unit, most) {
  const isMissed = most !== undefined && value > most;
  if (isMissed) missed.push(what);
  console.log(`${what.padEnd(74)} ${value.toFixed(1).padStart(9)} ${unit}${most === undefined ? '' : `   must be <= ${most}${isMissed ? '  missed' : ''}`}`);
}

const share = (values, q) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))];

// A movie; `fill` writes numbers into each frame, else the file is sparse.
function makeMovie(name, descr, shape, fill) {
  const path = join(folder, name);
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`;
  const head = Buffer.alloc(128, ' ');
  head.write('\x93NUMPY\x01\x00', 'latin1');
  head.writeUInt16LE(118, 8);
  head.write(`${text.padEnd(117)}\n`, 10, 'latin1');
  const bytes = Number(descr.slice(-1));
  const file = openSync(path, 'w');
  writeSync(file, head);
  const frame = Buffer.alloc(shape[1] * shape[2] * bytes);
  if (fill)
    for (let t = 0; t < shape[0]; t++) {
      fill(new Uint16Array(frame.buffer, frame.byteOffset, frame.length / 2), t);
      writeSync(file, frame);
    }
  else ftruncateSync(file, 128 + shape[0] * frame.length);
  closeSync(file);
  return path;
}

// What was read or written of a file leaves the system's memory.
const forget = (path) => execFileSync('sh', ['-c', 'sync "$0"; dd if="$0" iflag=nocache count=0 status=none', path]);

const residentMb = (pid) => Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

// Milliseconds from the wish to the picture for each of `frames`, one after the other.
async function stepTimes(page, frames) {
  const field = page.getByLabel('Frame', { exact: true }).or(page.locator('.play-bar input').first()).first();
  const times = [];
  for (const frame of frames) {
    await page.evaluate(() => performance.clearMeasures('limpid-frame'));
    await field.fill(String(frame));
    await field.press('Enter');
    await page.waitForFunction((f) => performance.getEntriesByName('limpid-frame').some((e) => e.detail === f), frame);
    times.push(await page.evaluate(() => performance.getEntriesByName('limpid-frame').at(-1).duration));
  }
  return times;
}

// In a browser that runs already, with a window of its own.
async function openingTime(path) {
  const { page, close } = await openPage('about:blank');
  const began = performance.now();
  const view = await startView([path, '--memory', '512M']);
  await page.goto(view.url);
  await page.waitForFunction(() => performance.getEntriesByName('limpid-frame').length > 0);
  const time = performance.now() - began;
  await page.waitForTimeout(3000);
  const resident = residentMb(view.child.pid);
  await close();
  await view.stop();
  return { time, resident };
}

async function firstFrame() {
  const path = makeMovie('large.npy', '<u2', [9537, 1024, 1024]);
  const opened = [];
  for (let i = 0; i < 6; i++) opened.push(await openingTime(path));
  const times = opened.map((o) => o.time);
  row('20 GB .npy (sparse): from the command to the first frame, median of 5', share(times.slice(1), 0.5), 'ms', 1000);
  row('   the slowest of them', Math.max(...times.slice(1)), 'ms');
  row('   with a browser that was just started', times[0], 'ms');
  row('   memory of the server 3 s later, under --memory 512M: most', Math.max(...opened.map((o) => o.resident)), 'MB', 512 + 48);
}

async function frameSteps() {
  const path = makeMovie('steps.npy', '<u2', [200, 1024, 1024], (values, t) => values.forEach((_, i) => (values[i] = (i * 7 + t * 131) & 4095)));
  const view = await startView([path]);
  const { page, close } = await openPage(view.url);
  await page.waitForFunction(() => performance.getEntriesByName('limpid-frame').length > 0);
  await page.waitForTimeout(2000);
  forget(path);
  // Far apart, so that none has been fetched ahead.
  const cold = await stepTimes(page, Array.from({ length: 40 }, (_, i) => (i * 77 + 20) % 200));
  const seen = Array.from({ length: 60 }, (_, i) => ((i % 12) * 77 + 20) % 200);
  await stepTimes(page, seen.slice(0, 12));
  const cached = await stepTimes(page, seen);
  row('frame step 1024 x 1024 uint16, cached: p95 (software graphics)', share(cached, 0.95), 'ms', 16);
  row('frame step 1024 x 1024 uint16, cold from .npy: p95', share(cold, 0.95), 'ms', 60);
  await close();
  await view.stop();
}

// Milliseconds until the answer to a request of the page, made by the page.
const ask = (page, path, body) =>
  page.evaluate(
    async ([address, content]) => {
      const began = performance.now();
      const answer = await fetch(address, content ? { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: content } : {});
      const bytes = await answer.arrayBuffer();
      if (!answer.ok) throw new Error(new TextDecoder().decode(bytes));
      return performance.now() - began;
    },
    [path, body ? JSON.stringify(body) : null],
  );

const recordingId = (page) => page.evaluate(async () => (await (await fetch('api/v1/recordings')).json()).recordings[0].id);

async function zoneCourses() {
  const path = makeMovie('courses.npy', '<u2', [10000, 512, 512], (values, t) => values.fill(t & 1023));
  const view = await startView([path]);
  const { page, close } = await openPage('about:blank');
  const id = await (async () => {
    await page.goto(`${view.url}api/v1/about`); // the address without the page, which would scan the movie
    await page.goto(`${view.url}favicon.svg`);
    return recordingId(page);
  })();
  const zones = (x) => ({ zones: [{ name: 'a', shape: 'ellipse', x, y: 200, width: 60, height: 60 }] });
  const course = (x, step) => ask(page, `api/v1/recordings/${id}/courses?stat=mean&first=0&count=${Math.ceil(10000 / step)}&step=${step}`, zones(x));
  forget(path);
  row('course of a zone of 60 x 60, 10,000 frames 512 x 512 uint16: first answer, cold', await course(200, 50), 'ms', 100);
  forget(path);
  row('   the course exact, cold', await course(200, 1), 'ms', 1000);
  const moved = [];
  for (let i = 1; i <= 12; i++) moved.push(await course(200 + 2 * i, 1));
  row('   the course exact, zone moved over cached data: median', share(moved, 0.5), 'ms', 50);
  await close();
  await view.stop();
}

// Milliseconds from a key to the picture that it asks for, drawn in full.
const drawnAfter = (page, key) =>
  page.evaluate(
    (key) =>
      new Promise((done) => {
        const canvas = document.querySelector('.signal-traces');
        const before = canvas.dataset.count;
        const began = performance.now();
        const look = () => {
          if (canvas.dataset.count !== before && canvas.dataset.state === 'ready') done(performance.now() - began);
          else requestAnimationFrame(look);
        };
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
        look();
      }),
    key,
  );

async function zoomsOnTheScreen(url) {
  const { page, close } = await openPage(url);
  await page.selectOption('[aria-label="Channels on the screen"]', '64');
  await page.selectOption('[aria-label="Time on the screen"]', 'all');
  await page.waitForFunction(() => document.querySelector('.signal-traces')?.dataset.state === 'ready');
  const times = [];
  for (let i = 0; i < 60; i++) times.push(await drawnAfter(page, Math.floor(i / 12) % 2 === 0 ? '+' : '-'));
  await close();
  return times;
}

async function signals() {
  const minutes = isLong ? 60 : 10;
  const path = join(folder, 'eeg.edf');
  run(['simulate', 'eeg-fmri', path, 'channels=64', `seconds=${minutes * 60}`, '--quiet']);
  const view = await startView([path]);
  const { page, close } = await openPage('about:blank');
  await page.goto(`${view.url}favicon.svg`);
  const id = await recordingId(page);
  const total = minutes * 60 * 5000;
  const traces = (first, count) => ask(page, `api/v1/recordings/${id}/traces?channels=0-63&first=${first}&count=${count}&columns=1300`);
  row(`EEG 64 ch x 5 kHz x ${minutes} min: first 10 s while the overview is built`, await traces(0, 50000), 'ms');
  const began = performance.now();
  while ((await page.evaluate(async (a) => Number((await fetch(a)).headers.get('X-Limpid-Done')), `api/v1/recordings/${id}/traces?channels=0-63&first=0&count=${total}&columns=1300`)) < 1)
    await page.waitForTimeout(200);
  row('   overview built after', (performance.now() - began) / 1000, 's');
  const times = [];
  for (let i = 0; i < 60; i++) {
    const count = Math.round(100 * (total / 100) ** ((i % 12) / 11));
    times.push(await traces(Math.floor(((total - count) * ((i * 37) % 60)) / 60), count));
  }
  row('   any zoom, 64 channels x 1300 columns, request to answer: p95', share(times, 0.95), 'ms', 100);
  await close();
  const drawn = await zoomsOnTheScreen(view.url);
  row('   the same in the page, from the key to the picture of 64 lanes: median', share(drawn, 0.5), 'ms');
  row('   ... p95', share(drawn, 0.95), 'ms', 100);
  await view.stop();
}

const why = missing();
if (why) {
  console.log(`The viewer is left out: ${why}`);
} else {
  console.log(`\nThe viewer in Chromium, load average ${loadavg()[0].toFixed(1)}`);
  try {
    for (const part of [firstFrame, frameSteps, zoneCourses, signals]) await part();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`\nmissed: ${missed.join('; ') || 'nothing'}`);
}
