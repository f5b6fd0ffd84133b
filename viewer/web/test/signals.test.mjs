// The page's view of signals, driven as a user would, against known samples.
// Run with: node --test --test-reporter=tap test/signals.test.mjs (LIMPID: the program)

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { makeFolder, missing, openPage, run, sharedData, startView } from './browser.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const rate = 1000;
const n = 100 * rate;
const channels = 7;

const makeKnown = (folder) => JSON.parse(execFileSync('/usr/bin/python3', [join(here, 'signals_data.py'), folder], { encoding: 'utf8', maxBuffer: 1e8 }));

function whyNot() {
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import numpy'], { stdio: 'ignore' });
  } catch {
    return 'Python with NumPy is not there';
  }
  return missing();
}

const skip = whyNot() || false;
let folder;
let known;
let values; // [sample * channels + channel]
let view;

before(async () => {
  if (skip) return;
  folder = makeFolder();
  known = makeKnown(folder.path);
  const bytes = readFileSync(folder.file('known.eeg'));
  values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  view = await startView([folder.file('known.vhdr'), folder.file('moved.vhdr')]);
});

after(async () => {
  await view?.stop();
  folder?.remove();
});

// ---- What a user does and sees

async function opened(t, url = view.url) {
  const session = await openPage(url);
  t.after(() => session.close());
  await ready(session.page);
  return session;
}

// All that is wanted has been drawn, and scales have been found. What was changed just now is drawn at the next refresh: what
// is ready must be so after two.
async function ready(page, state = {}) {
  const isReady = ({ first, count }) => {
    const c = document.querySelector('.signal-traces');
    const isThere = c?.dataset.state === 'ready' && document.querySelector('.signal-scale') !== null;
    const near = (a, b) => b === undefined || Math.abs(Number(a) - b) < 1e-3;
    return isThere && near(c.dataset.first, first) && near(c.dataset.count, count);
  };
  do {
    await page.waitForFunction(isReady, state, { timeout: 20000 });
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  } while (!(await page.evaluate(isReady, state)));
}

const show = (page, seconds) => page.selectOption('[aria-label="Time on the screen"]', String(seconds));
const shown = (page) => page.$eval('.signal-traces', (c) => ({ first: Number(c.dataset.first), count: Number(c.dataset.count), step: Number(c.dataset.step), width: c.width, height: c.height }));

// Offsets as they are, lanes apart, a scale that is known.
async function plain(page, scale = 200) {
  await page.getByLabel('centred').uncheck();
  await page.getByLabel('clipped').check();
  await setScale(page, scale);
}

async function setScale(page, scale) {
  await page.fill('.signal-scale[data-group]', String(scale));
  await page.press('.signal-scale[data-group]', 'Enter');
  await page.evaluate(() => document.activeElement?.blur());
  await ready(page);
}

// Of each column of pixels the values between which a lane is drawn; null where it is not.
const drawn = (page, lane, scale, lanes = channels) =>
  page.$eval(
    '.signal-traces',
    (c, { lane, scale, lanes }) => {
      const height = c.height / lanes;
      const top = Math.round(lane * height);
      const rows = Math.round((lane + 1) * height) - top;
      const pixels = c.getContext('2d').getImageData(0, top, c.width, rows).data;
      const zero = lane * height + height / 2 - top;
      const valueOf = (row) => ((zero - row) * scale) / height;
      return Array.from({ length: c.width }, (_, x) => {
        const inside = [];
        for (let y = 0; y < rows; y++) if (pixels[4 * (y * c.width + x) + 3] > 60) inside.push(y);
        return inside.length === 0 ? null : { high: valueOf(inside[0] + 0.5), low: valueOf(inside.at(-1) + 0.5) };
      });
    },
    { lane, scale, lanes },
  );

function extremes(channel, from, to) {
  let low = Infinity;
  let high = -Infinity;
  for (let s = Math.max(0, Math.ceil(from)); s < Math.min(n, Math.ceil(to)); s++) {
    const v = values[s * channels + channel];
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return { low, high };
}

// Each column shows all its samples, and no value that is not within `reach` samples of it.
function assertDrawn(found, channel, state, unitsPerPixel, reach) {
  const perPixel = state.count / state.width;
  const slack = 1.5 * unitsPerPixel;
  found.forEach((column, x) => {
    const begin = state.first + x * perPixel;
    const own = extremes(channel, begin, begin + perPixel);
    const wide = extremes(channel, begin - reach, begin + perPixel + reach);
    if (own.high === -Infinity) return;
    assert.ok(column, `column ${x} is empty`);
    assert.ok(column.high >= own.high - slack && column.low <= own.low + slack, `column ${x} hides a sample: ${JSON.stringify([column, own])}`);
    assert.ok(column.high <= wide.high + slack && column.low >= wide.low - slack, `column ${x} shows too much: ${JSON.stringify([column, wide])}`);
  });
}

async function saved(page, click) {
  const [download] = await Promise.all([page.waitForEvent('download'), click()]);
  return readFileSync(await download.path(), 'utf8');
}

const table = (text) => text.trim().split('\n').slice(1).map((line) => line.split(',').map(Number));
const panel = (page, name) => page.getByRole('tab', { name, exact: true }).click();

// ---- Traces

test('extremes on the screen are those of the samples, at any zoom', { skip }, async (t) => {
  const { page, errors } = await opened(t);
  await plain(page);
  for (const seconds of ['all', '30', '10', '2', '0.5']) {
    await show(page, seconds);
    await ready(page);
    const state = await shown(page);
    const unitsPerPixel = (200 * channels) / state.height;
    for (const lane of [0, 3]) assertDrawn(await drawn(page, lane, 200), lane, state, unitsPerPixel, 2 * Math.max(1, state.step));
  }
  assert.deepEqual(errors, []);
});

test('one sample of a hundred thousand is seen, missing samples are a gap', { skip }, async (t) => {
  const { page } = await opened(t);
  await plain(page);
  await show(page, 'all');
  await ready(page);
  const { width, height } = await shown(page);
  const slack = (1.5 * 200 * channels) / height;
  const spike = await drawn(page, 0, 200);
  const at = Math.floor((61234 / n) * width);
  const near = spike.slice(at - 1, at + 2);
  assert.ok(Math.abs(Math.max(...near.map((c) => c.high)) - 80) < slack);
  assert.ok(Math.abs(Math.min(...near.map((c) => c.low)) + 60) < slack);
  assert.ok(spike.every((c, x) => Math.abs(x - at) <= 2 || (c.high < slack && c.low > -slack)));
  const gap = await drawn(page, 1, 200);
  for (let x = 0; x < width; x++) {
    const [from, to] = [(x * n) / width, ((x + 1) * n) / width];
    if (from > 30200 && to < 33800) assert.equal(gap[x], null);
    if (to < 29900 || from > 34100) assert.ok(gap[x]);
  }
});

test('keys and wheel scroll and zoom, and stop at the ends', { skip }, async (t) => {
  const { page } = await opened(t);
  await show(page, '10');
  const near = async (first, count) => {
    await ready(page, { first, count });
  };
  await near(0, 10000);
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press('ArrowRight');
  await near(2000, 10000);
  await page.keyboard.press('Shift+ArrowRight');
  await near(12000, 10000);
  await page.keyboard.press('ArrowLeft');
  await near(10000, 10000);
  await page.keyboard.press('End');
  await near(n - 10000, 10000);
  await page.keyboard.press('ArrowRight');
  await near(n - 10000, 10000);
  await page.keyboard.press('Home');
  await near(0, 10000);
  await page.keyboard.press('Shift+ArrowRight');
  const box = await page.locator('.signal-stack').boundingBox();
  const px = Math.round(0.25 * box.width);
  await page.mouse.move(box.x + px, box.y + 100);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -300);
  await page.keyboard.up('Control');
  const count = 10000 / 1.3 ** 3;
  await near(10000 + (px / box.width) * (10000 - count), count);
  for (let i = 0; i < 40; i++) await page.keyboard.press('+');
  await ready(page);
  assert.equal((await shown(page)).count, 20); // 20 ms
  await page.keyboard.press('0');
  await near(0, n);
  await show(page, '10');
  await page.mouse.move(box.x + 500, box.y + 200);
  await page.mouse.down();
  await page.mouse.move(box.x + 500 - box.width / 5, box.y + 220, { steps: 5 });
  await page.mouse.up();
  await ready(page);
  assert.ok(Math.abs((await shown(page)).first - (45000 + 2000)) < 20);
});

test('gain, pages and the chooser of channels', { skip }, async (t) => {
  const { page } = await opened(t);
  await setScale(page, 200);
  await page.keyboard.press('ArrowUp');
  await page.waitForFunction(() => document.querySelector('.signal-scale').value === '100');
  await page.keyboard.press('ArrowDown');
  await page.waitForFunction(() => document.querySelector('.signal-scale').value === '200');
  await page.selectOption('[aria-label="Channels on the screen"]', '4');
  await page.evaluate(() => document.activeElement?.blur());
  assert.deepEqual(await page.locator('.signal-name').allInnerTexts().then((l) => l.map((s) => s.split(' ')[0])), ['Fz', 'Cz', 'Pz', 'Oz']);
  await page.keyboard.press('PageDown');
  await page.waitForFunction(() => document.querySelector('.signal-name').textContent.startsWith('Oz'));
  await page.fill('[aria-label="Filter by name"]', 'T*');
  await page.getByRole('button', { name: 'Only these' }).click();
  await page.waitForFunction(() => document.querySelectorAll('.signal-name').length === 2);
  assert.deepEqual(await page.locator('.signal-name').allInnerTexts().then((l) => l.map((s) => s.split(' ')[0])), ['T7', 'T8']);
});

test('the value under the pointer is the sample', { skip }, async (t) => {
  const { page } = await opened(t);
  await plain(page);
  await show(page, '0.05');
  await ready(page);
  const state = await shown(page);
  const box = await page.locator('.signal-stack').boundingBox();
  const x = Math.round(box.width / 3);
  await page.mouse.move(box.x + x, box.y + (3.5 * box.height) / channels);
  const s = Math.round(state.first + (x / box.width) * state.count);
  await page.waitForFunction((text) => document.querySelector('.status .grow').textContent.includes(text), 'Oz: ');
  const text = await page.locator('.status .grow').innerText();
  const value = Number(/Oz: (\S+) µV/.exec(text)[1]);
  assert.ok([s - 1, s, s + 1].some((i) => Math.abs(values[i * channels + 3] - value) < 1e-4), text);
});

// ---- Events, epochs, marks

test('forty thousand events: counts, a short table, going there, next and previous', { skip }, async (t) => {
  const { page } = await opened(t);
  await panel(page, 'Events');
  await page.waitForSelector('.signal-line');
  const rows = await page.locator('.signal-table tbody tr').allInnerTexts();
  assert.match(rows[0], /tick\s+39900\s+0\.0025/);
  assert.match(rows[1], /R128\s+95\s+1\s+1\s+2$/);
  assert.ok((await page.locator('.signal-line').count()) < 100);
  assert.match(await page.locator('.signal-panel').innerText(), new RegExp(`${known.n_events} of ${known.n_events} events`));
  await page.locator('.signal-table tbody tr').nth(1).click();
  await page.locator('.signal-line').nth(20).click();
  const first = (onset) => Math.max(0, onset * rate - 5000);
  await ready(page, { first: first(22), count: 10000 });
  await page.keyboard.press('n');
  await page.keyboard.press('n');
  await page.keyboard.press('p');
  const text = () => page.locator('.signal-line.is-chosen').innerText();
  await page.waitForFunction(() => document.querySelector('.signal-line.is-chosen')?.textContent.startsWith('23.0000'));
  assert.match(await text(), /23\.0000/);
});

test('epochs are those of NumPy, the lost trigger is found, steps take the offset', { skip }, async (t) => {
  const { page } = await opened(t);
  await panel(page, 'Triggers');
  await page.selectOption('#epoch-label', 'Response/R128');
  await page.selectOption('#epoch-channel', '2');
  const fill = async (selector, value) => {
    await page.fill(selector, value);
    await page.press(selector, 'Enter');
  };
  await fill('#epoch-before', '0.1');
  await fill('#epoch-after', '0.3');
  await fill('[aria-label="Offset in ms"]', '12');
  await page.waitForTimeout(1000);
  await page.getByRole('heading', { name: `${known.n_epochs} epochs` }).waitFor();
  const rows = table(await saved(page, () => page.getByRole('button', { name: 'Save CSV' }).click()));
  assert.equal(rows.length, 400);
  rows.forEach(([time, mean, std], i) => {
    assert.ok(Math.abs(time - (i - 100)) < 1e-9);
    assert.ok(Math.abs(mean - known.mean[i]) < 1e-5 * 30, `mean at ${time} ms: ${mean}, not ${known.mean[i]}`);
    assert.ok(Math.abs(std - known.std[i]) < 1e-5 * 30, `std at ${time} ms: ${std}, not ${known.std[i]}`);
  });
  const text = await page.locator('.signal-panel').innerText();
  assert.match(text, /95 events every 1000 ms \(1 Hz\): 1 missing\./);
  assert.match(text, /51\.000 s\s+1 missing before it/);
  await page.getByRole('button', { name: 'Use as triggers' }).click();
  await page.waitForSelector('.chain-panel');
  await page.waitForFunction(() => /triggers.*offset-s=0\.012.*complete-triggers.*align/s.test(document.querySelector('.command')?.textContent ?? ''), null, { timeout: 10000 });
});

// From and to are shares of the width.
async function mark(page, from, to) {
  const box = await page.locator('.signal-stack').boundingBox();
  await page.keyboard.down('Shift');
  await page.mouse.move(box.x + from * box.width, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + to * box.width, box.y + 60, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up('Shift');
}

test('ranges are marked by dragging, listed, saved for BIDS and deleted', { skip }, async (t) => {
  const { page } = await opened(t);
  await show(page, '10');
  await panel(page, 'Marks');
  await mark(page, 0.2, 0.4);
  await page.selectOption('[aria-label="Kind of mark"]', 'erase');
  await mark(page, 0.8, 0.7);
  assert.equal(await page.locator('.signal-table tbody tr').count(), 2);
  const lines = (await saved(page, () => page.getByRole('button', { name: 'Save events.tsv' }).click())).trim().split('\n');
  assert.equal(lines[0], 'onset\tduration\ttrial_type');
  const [bad, erase] = lines.slice(1).map((l) => l.split('\t'));
  assert.ok(Math.abs(bad[0] - 2) < 0.02 && Math.abs(bad[1] - 2) < 0.03 && bad[2] === 'BAD_segment');
  assert.ok(Math.abs(erase[0] - 7) < 0.02 && Math.abs(erase[1] - 1) < 0.03 && erase[2] === 'BAD_erase');
  assert.equal((await shown(page)).first, 0);
  await page.getByRole('button', { name: 'Erase in the chain' }).click();
  await panel(page, 'Marks');
  await page.getByRole('button', { name: 'Skip in templates' }).click();
  const [from, to] = (await page.locator('#step-1-ranges').inputValue()).split('-').map(Number);
  assert.ok(Math.abs(from - Number(erase[0])) <= 0.0005 && Math.abs(to - from - Number(erase[1])) <= 0.001);
  assert.match(await page.locator('#step-0-ranges').inputValue(), /^[12]\.?\d*-[34]\.?\d*$/);
  await checkErased(page, Math.round(rate * from), Math.round(rate * to));
  await panel(page, 'Marks');
  assert.ok(await page.getByRole('button', { name: 'Erase in the chain' }).isDisabled());
  await page.locator('.signal-table tbody button').first().click();
  assert.equal(await page.locator('.signal-table tbody tr').count(), 1);
});

// A preview from the middle of the bad segment on, in which times count from there: a line in [from, to), no other change.
async function checkErased(page, from, to) {
  await page.locator('.signal-stack').hover({ position: { x: 300, y: 90 } });
  await page.mouse.wheel(0, 330);
  await page.waitForFunction(() => Number(document.querySelector('.signal-traces').dataset.first) > 2500);
  await page.waitForSelector('.needs .command');
  await page.getByRole('button', { name: 'Preview', exact: true }).click();
  await page.locator('.tab .badge').first().waitFor();
  const first = Math.floor((await shown(page)).first);
  const made = await page.evaluate(async () => {
    const get = async (path) => (await fetch(`api/v1/recordings${path}`)).json();
    const result = (await get('')).recordings.find((r) => r.source_id);
    const answer = await fetch(`api/v1/recordings/${result.id}/samples?channel=2&first=0&count=${result.n_times}`);
    return { samples: [...new Float64Array(await answer.arrayBuffer())], events: (await get(`/${result.id}/events`)).events };
  });
  const x = (i) => values[(first + i) * channels + 2];
  const mean = (a, b) => Array.from({ length: b - a }, (_, i) => x(a + i)).reduce((sum, v) => sum + v) / (b - a);
  const [a, b] = [from - first, to - first];
  const [left, right] = [mean(a - 50, a), mean(b, b + 50)];
  assert.ok(first < from && first + made.samples.length > to);
  made.samples.forEach((v, i) => {
    if (i < a || i >= b) assert.equal(v, x(i), `sample ${i}`);
    else assert.ok(Math.abs(v - (left + ((right - left) * (i - a + 1)) / (b - a + 1))) < 1e-4, `sample ${i} is ${v}`);
  });
  const bad = made.events.find((e) => e.label.endsWith('BAD_segment'));
  assert.ok(bad.onset_s === 0 && bad.duration_s > 0.5);
}

// ---- Comparing, spectra, quality

test('a second recording is drawn over, instead, and as a difference', { skip }, async (t) => {
  const { page, errors } = await opened(t);
  await plain(page, 40);
  await show(page, '2');
  await page.getByLabel('Compare with').selectOption({ label: 'moved.vhdr' });
  await page.selectOption('[aria-label="How it is compared"]', 'difference');
  await ready(page);
  const { width, height } = await shown(page);
  const slack = (1.5 * 40 * channels) / height;
  const middle = (columns) => columns.slice(0, width - 3).every((c) => Math.abs((c.low + c.high) / 2 - 5) < slack);
  assert.ok(middle(await drawn(page, 0, 40)), 'the difference is 5');
  assert.ok(middle(await drawn(page, 3, 40)), 'the difference is 5');
  await page.selectOption('[aria-label="How it is compared"]', 'instead');
  await ready(page);
  assert.ok(middle(await drawn(page, 0, 40)), 'the second is at 5');
  await page.selectOption('[aria-label="How it is compared"]', 'over');
  await ready(page);
  const both = (await drawn(page, 0, 40)).slice(0, width - 3);
  assert.ok(both.every((c) => Math.abs(c.low) < slack && Math.abs(c.high - 5) < slack), 'both are seen');
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press('b');
  await ready(page);
  const own = (await drawn(page, 0, 40)).slice(0, width - 3);
  assert.ok(own.every((c) => Math.abs(c.high) < slack), 'only the first is seen');
  assert.deepEqual(errors, []);
});

test('the spectrum of a sine has its power at its frequency', { skip }, async (t) => {
  const { page } = await opened(t);
  await page.locator('.signal-name').nth(1).click();
  await panel(page, 'Spectrum');
  await page.waitForSelector('.signal-panel .u-over');
  const rows = table(await saved(page, () => page.getByRole('button', { name: 'Save CSV' }).click()));
  const peak = rows.reduce((a, b) => (b[1] > a[1] ? b : a));
  assert.equal(peak[0], 10);
  const power = rows.reduce((sum, r) => sum + r[1], 0) * rows[1][0];
  assert.ok(Math.abs(power - 200) < 1, `power ${power}, not 20^2 / 2`);
  // Noise, without what is marked.
  await page.locator('.signal-name').nth(3).click();
  await show(page, '10');
  await mark(page, 0.31, 0.55);
  await panel(page, 'Marks');
  const [, from, to] = await page.locator('.signal-table tbody td').allInnerTexts();
  await panel(page, 'Spectrum');
  await page.getByText('in 2 stretches between marks').waitFor();
  const [row] = table(await saved(page, () => page.getByRole('button', { name: 'Save CSV' }).click())).filter((r) => r[0] === 10);
  const parts = [[0, Math.round(rate * from)], [Math.round(rate * to), 10 * rate]];
  const segments = parts.flatMap(([a, b]) => Array.from({ length: Math.floor((b - a) / rate) - 1 }, (_, i) => density(a + i * rate, 2 * rate, 20)));
  const want = segments.reduce((sum, v) => sum + v) / segments.length;
  assert.ok(Math.abs(row[1] - want) < 1e-3 * want, `${row[1]}, not ${want}`);
});

// One segment of Welch's method, of channel 3, at one bin.
function density(first, length, bin) {
  const x = Array.from({ length }, (_, i) => values[(first + i) * channels + 3]);
  const mean = x.reduce((sum, v) => sum + v) / length;
  let [re, im, weight] = [0, 0, 0];
  x.forEach((v, i) => {
    const w = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / length);
    re += w * (v - mean) * Math.cos((2 * Math.PI * bin * i) / length);
    im += w * (v - mean) * Math.sin((2 * Math.PI * bin * i) / length);
    weight += w * w;
  });
  return (2 * (re * re + im * im)) / (rate * weight);
}

test('numbers of channels are those of NumPy, and what is flat is named', { skip }, async (t) => {
  const { page } = await opened(t);
  await panel(page, 'Quality');
  await page.waitForSelector('.signal-findings');
  assert.match(await page.locator('.signal-findings').innerText(), /FLAT: It is flat: all samples are equal\./);
  const text = await saved(page, () => page.getByRole('button', { name: 'Save CSV' }).click());
  const rows = table(text.replace(/"[^"]*"/g, '0'));
  rows.forEach((row, i) => assert.ok(Math.abs(row[4] - known.channel_std[i]) < 1e-6 * (1 + known.channel_std[i]), `std of channel ${i}`));
  assert.equal(rows[1][8], 4000);
  await page.locator('.signal-findings button').first().click();
  await page.waitForSelector('.signal-name.is-bad');
});

// ---- Real and simulated recordings

const real = ['mne_bids_tiny/tiny_bids/sub-01/ses-eeg/eeg/sub-01_ses-eeg_task-rest_eeg.vhdr', 'pyedflib/data/test_generator.edf', 'mne_io/brainvision/tests/data/test.vhdr']
  .map((p) => join(sharedData, p))
  .filter(existsSync);

test('real recordings are shown without an error', { skip: skip || (real.length === 0 && 'no recordings in ../shared/data') }, async (t) => {
  const other = await startView(real);
  t.after(() => other.stop());
  const { page, errors } = await opened(t, other.url);
  for (const tab of await page.locator('.tab > button:first-child').all()) {
    await tab.click();
    await ready(page);
    await page.evaluate(() => document.activeElement?.blur());
    await page.keyboard.press('0');
    await ready(page);
    const inked = await page.$eval('.signal-traces', (c) => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v, i) => i % 4 === 3 && v > 0));
    assert.ok(inked);
    for (const name of ['Events', 'Triggers', 'Spectrum', 'Quality', 'Marks', 'Channels']) await panel(page, name);
  }
  assert.deepEqual(errors, []);
});

test('simulated EEG-fMRI: the rate of slices, in both themes', { skip }, async (t) => {
  run(['simulate', 'eeg-fmri', folder.file('sim.vhdr'), 'channels=4', 'seconds=30', 'missing=2', 'extra=1', '--quiet']);
  const other = await startView([folder.file('sim.vhdr')]);
  t.after(() => other.stop());
  const { page, errors } = await opened(t, other.url);
  await panel(page, 'Triggers');
  await page.locator('#epoch-label option', { hasText: 'S 1' }).waitFor({ state: 'attached' });
  await page.selectOption('#epoch-label', { index: 1 });
  await page.waitForFunction(() => /every 71\.43\d* ms \(13\.99\d* Hz\): 2 missing, 1 too many\./.test(document.querySelector('.signal-panel').textContent));
  await page.getByRole('button', { name: /Theme/ }).click();
  await page.getByRole('button', { name: /Theme/ }).click();
  await ready(page);
  assert.deepEqual(errors, []);
});
