// Reports as a user opens them: from a file, without a server and without a network. Their numbers are those of
// `limpid score --json`.
// Run with: node --test --test-reporter=tap test/report.test.mjs (LIMPID: the program)

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { after, before, test } from 'node:test';
import { makeFolder, missing, openPage, run } from './browser.mjs';

const skip = missing() || false;
let folder;
let file;
const scores = {};

before(() => {
  if (skip) return;
  folder = makeFolder();
  file = folder.file;
  run(['simulate', 'eeg-fmri', file('raw.edf'), 'channels=4', 'seconds=40', 'lead-in=8', 'missing=2,1']);
  run(['eeg-fmri', file('raw.edf'), file('clean.bdf'), '--report', file('clean.html'), '--truth', file('raw.truth.bdf'), '--quiet']);
  scores.clean = JSON.parse(run(['score', file('clean.bdf'), '--before', file('raw.edf'), '--truth', file('raw.truth.bdf'), '--json']));
  run(['simulate', 'miniscope', file('moved.npy'), 'frames=60', 'width=200', 'height=160']);
  run(['motion', file('moved.npy'), file('still.npy'), '--shifts', file('shifts.csv'), '--quiet']);
  const motion = ['score', 'motion', file('moved.npy'), file('still.npy'), '--shifts', file('shifts.csv'), '--truth', file('moved.truth.csv')];
  run([...motion, '--report', file('still.html')]);
  scores.still = JSON.parse(run([...motion, '--json']));
});

after(() => folder?.remove());

// All that the page asks for beside itself.
async function opened(t, name, options = {}) {
  const session = await openPage('about:blank', options);
  t.after(() => session.close());
  const asked = [];
  const url = pathToFileURL(file(name)).href;
  session.page.on('request', (request) => request.url() !== url && asked.push(request.url()));
  await session.page.goto(url);
  await session.page.waitForSelector('footer');
  return { ...session, asked };
}

const dataOf = (page) => page.evaluate(() => JSON.parse(document.getElementById('report-data').textContent));

// The rows of the table with that column, as they are shown.
const rowsOf = (page, column) =>
  page.evaluate((wanted) => {
    const table = [...document.querySelectorAll('table.sorted')].find((t) => [...t.tHead.rows[0].cells].some((c) => c.innerText.includes(wanted)));
    return [...table.tBodies[0].rows].map((row) => [...row.cells].map((c) => [c.innerText, c.title]));
  }, column);

const near = (a, b) => assert.ok(Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b)), `${a} is not ${b}`);

test('a report of EEG opens from a file, silently', { skip }, async (t) => {
  const { page, errors, asked } = await opened(t, 'clean.html');
  assert.equal(await page.title(), 'clean.bdf – limpid report');
  for (const words of ['Spectra', 'Traces', 'Triggers and epochs', 'Channels', 'Provenance']) assert.equal(await page.locator('h2', { hasText: words }).count(), 1, words);
  assert.ok((await page.locator('.uplot canvas').count()) > 6);
  assert.deepEqual(asked, []);
  assert.deepEqual(errors, []);
});

test('its numbers are those of the score', { skip }, async (t) => {
  const { page } = await opened(t, 'clean.html');
  const { score } = await dataOf(page);
  assert.deepEqual(score.suppression, scores.clean.suppression);
  assert.deepEqual(score.with_truth, scores.clean.with_truth);
  const rows = await rowsOf(page, 'correlation');
  const bands = scores.clean.with_truth.bands;
  bands.forEach((band, i) => near(Number(rows[i][1][1]), band.error_uv));
  assert.equal(rows[0][3][0], bands[0].correlation.toFixed(4));
});

test('a table is sorted by the column that is clicked', { skip }, async (t) => {
  const { page } = await opened(t, 'clean.html');
  const asTold = (await rowsOf(page, 'locked over chance')).map((row) => row[0][0]);
  const button = page.locator('th button', { hasText: 'locked over chance' });
  const values = async () => (await rowsOf(page, 'locked over chance')).map((row) => Number(row[7][1]));
  await button.click();
  const up = await values();
  assert.deepEqual(up, [...up].sort((a, b) => a - b));
  await button.click();
  const down = await values();
  assert.deepEqual(down, [...down].sort((a, b) => b - a));
  await button.click();
  assert.deepEqual((await rowsOf(page, 'locked over chance')).map((row) => row[0][0]), asTold);
});

test('a plot is zoomed by dragging and shows values under the cursor', { skip }, async (t) => {
  const { page, errors } = await opened(t, 'clean.html');
  const over = page.locator('.u-over').first();
  await over.scrollIntoViewIfNeeded();
  const box = await over.boundingBox();
  const at = (share) => [box.x + share * box.width, box.y + box.height / 2];
  await page.mouse.move(...at(0.3));
  const value = () => page.locator('.u-legend').first().locator('.u-value').first().innerText();
  await page.waitForFunction(() => document.querySelector('.u-legend .u-value').innerText !== '--');
  const before = Number((await value()).replace(/,/g, ''));
  await page.mouse.down();
  await page.mouse.move(...at(0.5));
  await page.mouse.up();
  await page.mouse.move(...at(0.99));
  await page.waitForTimeout(200);
  assert.ok(Number((await value()).replace(/,/g, '')) > before);
  assert.ok(Number((await value()).replace(/,/g, '')) < 60, await value());
  assert.deepEqual(errors, []);
});

test('a report of motion shows images whose contrast and colours can be chosen', { skip }, async (t) => {
  const { page, errors, asked } = await opened(t, 'still.html', { colorScheme: 'dark' });
  assert.equal(await page.locator('.image-canvas').count(), 2);
  await page.waitForFunction(() => [...document.querySelectorAll('.image-canvas')].every((c) => c.width > 300));
  await page.selectOption('select[aria-label="Mean image: colours"]', 'viridis');
  await page.fill('input[aria-label="Mean image: low"]', '10');
  await page.press('input[aria-label="Mean image: low"]', 'Enter');
  await page.locator('button', { hasText: 'One over the other' }).first().click();
  await page.waitForSelector('.swipe-handle');
  await page.locator('.image').first().hover();
  await page.waitForFunction(() => /x \d+, y \d+ px/.test(document.querySelector('.captions').innerText));
  assert.deepEqual(asked, []);
  assert.deepEqual(errors, []);
});

test('the images are the means of the movies', { skip }, async (t) => {
  const { page } = await opened(t, 'still.html');
  const { parts } = await dataOf(page);
  const [image] = parts.find((p) => p.kind === 'images').images;
  const bytes = Buffer.from(image.base64, 'base64');
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const npy = readFileSync(file('moved.npy'));
  const frames = npy.subarray(10 + npy.readUInt16LE(8));
  const pixels = image.width * image.height;
  const isWide = frames.length === 2 * 60 * pixels;
  for (const at of [0, 12345, pixels - 1]) {
    let sum = 0;
    for (let k = 0; k < 60; k++) sum += isWide ? frames.readUInt16LE(2 * (k * pixels + at)) : frames[k * pixels + at];
    assert.ok(Math.abs(values[at] - sum / 60) < 1e-4 * Math.max(1, sum / 60));
  }
});

test('the numbers of motion are those of the score', { skip }, async (t) => {
  const { page } = await opened(t, 'still.html');
  const { score } = await dataOf(page);
  assert.deepEqual(score.with_truth, scores.still.with_truth);
  assert.deepEqual(score.after, scores.still.after);
  const rows = await rowsOf(page, 'ratio');
  const crispness = rows.find((row) => row[0][0] === 'crispness');
  near(Number(crispness[1][1]), scores.still.before.crispness);
  near(Number(crispness[2][1]), scores.still.after.crispness);
});

test('on paper all tabs are there, in light colours', { skip }, async (t) => {
  const { page, errors } = await opened(t, 'clean.html', { colorScheme: 'dark' });
  const before = await page.locator('figure.curves').count();
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  await page.waitForFunction((n) => document.querySelectorAll('figure.curves').length > n, before);
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), 'light');
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  await page.waitForFunction((n) => document.querySelectorAll('figure.curves').length === n, before);
  assert.deepEqual(errors, []);
});

test('the data alone are written where the name ends in .json', { skip }, async (t) => {
  run(['report', file('clean.bdf'), file('clean.json'), '--truth', file('raw.truth.bdf')]);
  const { page } = await opened(t, 'clean.html');
  const alone = JSON.parse(readFileSync(file('clean.json'), 'utf8'));
  const inside = await dataOf(page);
  assert.deepEqual(alone.parts.map((p) => p.kind), inside.parts.map((p) => p.kind));
});
