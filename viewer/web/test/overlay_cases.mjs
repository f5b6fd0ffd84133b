// Overlays that follow the frame: what is drawn is what the steps give on the command line.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { run } from './browser.mjs';
import { readNpy, writeNpy } from './npy.mjs';
import { button, download, page, panel, place, readCsv, tool } from './tools_page.mjs';

const part = (name) => page.locator(`[data-overlay=${name}]`);
const drawnOf = (frame) => page.waitForSelector(`g.isolines[data-frame="${frame}"]:not(.is-late)`, { state: 'attached' });

// Of each level the coordinates of all its points, as they are drawn.
const drawnLines = () =>
  page.evaluate(() =>
    [...document.querySelectorAll('g.isolines [data-level]')].map((g) => [Number(g.dataset.level), ...g.querySelector('.isoline').getAttribute('d').split(/[ML ]/).slice(1).map(Number)]),
  );

function linesOf(folder, movie, frame, ...params) {
  const table = folder.file('isolines.csv');
  run(['run', movie, 'isolines', ...params, `frames=${frame}:${frame + 1}`, `table=${table}`, '--overwrite', '--quiet']);
  const levels = new Map();
  for (const [, level, , , x, y] of readCsv(readFileSync(table, 'utf8')).rows) levels.set(level, [...(levels.get(level) ?? [Number(level)]), Number(x), Number(y)]);
  return [...levels.values()].sort((a, b) => a[0] - b[0]);
}

async function compareLines(...asked) {
  const [got, want] = [await drawnLines(), linesOf(...asked)];
  assert.deepEqual(got.map((l) => l.length), want.map((l) => l.length));
  assert.ok(want.length > 0);
  want.forEach((line, i) => line.forEach((w, k) => assert.ok(Math.abs(got[i][k] - w) <= 1e-4, `level ${line[0]}, number ${k}: ${got[i][k]} is not ${w}`)));
}

// The colours over pixels of the image.
async function sheetAt(points) {
  const places = await Promise.all(points.map(([x, y]) => place(x, y)));
  return page.evaluate((at) => {
    const canvas = document.querySelector('.image-sheets');
    const { left, top, width } = canvas.getBoundingClientRect();
    const ratio = canvas.width / width;
    return at.map(([x, y]) => [...canvas.getContext('2d').getImageData((x - left) * ratio, (y - top) * ratio, 1, 1).data]);
  }, places);
}

// The colours of a PNG file at those pixels.
export const pngPixels = (bytes, points) =>
  page.evaluate(
    async ([text, at]) => {
      const image = await createImageBitmap(new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]));
      const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, image.width, image.height);
      return at.map(([x, y]) => [...data.subarray(4 * (y * image.width + x), 4 * (y * image.width + x) + 4)]);
    },
    [bytes.toString('base64'), points],
  );

const nRunning = () => page.evaluate(async () => (await (await fetch('api/v1/jobs')).json()).jobs.filter((j) => j.state === 'running' || j.state === 'waiting').length);

// A bar of 200 with one pixel of 250 in it, that moves by a pixel a frame; around it 100.
const bar = (t) => ({ first: 20 + t, last: 31 + t, eye: 24 + t });
function writeBars(path) {
  const [n, height, width] = [12, 24, 80];
  const values = new Uint8Array(n * height * width);
  for (let i = 0; i < values.length; i++) {
    const { first, last, eye } = bar(Math.floor(i / (height * width)));
    const x = i % width;
    values[i] = x === eye ? 250 : x >= first && x <= last ? 200 : 100;
  }
  writeNpy(path, '|u1', [n, height, width], values);
}

export function overlayCases(folder, movie) {
  it('draws isolines of the frame as the step finds them, and follows quick steps', async () => {
    await panel('Overlays');
    await tool('I');
    await drawnOf(0);
    await compareLines(folder, movie, 0, 'count=3', 'smooth=2');
    for (let i = 0; i < 20; i++) await page.keyboard.press('ArrowRight');
    await drawnOf(20);
    await compareLines(folder, movie, 20, 'count=3', 'smooth=2');
    assert.equal(await nRunning(), 0);
    const given = page.getByLabel('Values of the levels');
    const [low, , high] = (await drawnLines()).map(([level]) => Math.round(level));
    await given.fill(`${low}, ${high}`);
    await given.press('Enter');
    await page.waitForFunction((n) => document.querySelectorAll('g.isolines [data-level]').length === n, 2);
    await compareLines(folder, movie, 20, `levels=${low},${high}`, 'smooth=2');
    assert.equal(await part('isolines').locator('.overlay-levels tr').count(), 2);
  });

  it('blends the hillshade of the step over the image, also in pictures', async () => {
    await tool('I');
    await page.keyboard.press('S');
    await page.getByLabel('opacity').fill('100');
    await page.getByLabel('azimuth').fill('300');
    const z = await part('hillshade').getByLabel('height').inputValue();
    run(['run', movie, 'convert', 'type=float32', '!', 'smooth', '!', 'hillshade', 'azimuth=300', `z=${z}`, '!', 'write', folder.file('shade.npy'), '--quiet']);
    const { shape, values } = readNpy(folder.file('shade.npy'));
    const grey = (x, y) => Math.round(255 * values[(20 * shape[1] + y) * shape[2] + x]);
    const points = Array.from({ length: 40 }, (_, i) => [(i * 37) % shape[2], (i * 53) % shape[1]]);
    const isSame = async () => (await sheetAt(points)).every(([r, g, b, a], i) => Math.max(...[r, g, b].map((v) => Math.abs(v - grey(...points[i])))) <= 1 && a === 255);
    for (let i = 0; i < 50 && !(await isSame().catch(() => false)); i++) await page.waitForTimeout(50);
    assert.ok(await isSame(), JSON.stringify((await sheetAt(points)).map((c, i) => [c, grey(...points[i])]).slice(0, 8)));
    await panel('Export');
    const png = await download(() => button('Save image (PNG)').click());
    const inPicture = (await pngPixels(png.bytes, points)).filter(([red], i) => Math.abs(red - grey(...points[i])) <= 1);
    assert.ok(inPicture.length > points.length / 2, `${inPicture.length} of ${points.length} pixels; zones may lie over some`);
    await panel('Overlays');
    await part('hillshade').getByRole('button', { name: 'Append to chain' }).click();
    await page.locator('.needs .command', { hasText: `convert type=float32 ! smooth sigma=1 ! hillshade azimuth=300 elevation=45 z=${z}` }).waitFor();
    await tool('S');
    await page.keyboard.press('Home');
  });

  it('marks events along a line where they were put', async () => {
    writeBars(folder.file('bars.npy'));
    await page.evaluate(
      (path) => fetch('api/v1/recordings', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ path }) }),
      folder.file('bars.npy'),
    );
    await page.locator('.tab button', { hasText: 'bars.npy' }).first().click();
    await panel('Overlays');
    await tool('E');
    await part('events').getByLabel('along').selectOption('horizontal');
    for (const frame of [0, 7]) {
      for (let i = 0; i < frame; i++) await page.keyboard.press('ArrowRight');
      await page.waitForFunction((f) => document.querySelector('g.event-lines')?.dataset.frame === String(f), frame);
      const { first, last, eye } = bar(frame);
      const marks = await page.locator('g.event-lines [data-event]').evaluateAll((l) => l.map((e) => [e.dataset.event, e.dataset.at]));
      assert.deepEqual(marks, [['start', `${first - 1} 12`], ['eye', `${eye} 12`], ['end', `${last} 12`]]);
    }
    await page.getByLabel('Close bars.npy').click();
    await page.locator('.tab button', { hasText: 'bars.npy' }).first().waitFor({ state: 'detached' });
    await panel('Jobs');
    assert.equal(await page.locator('.job', { hasText: /isolines|hillshade|events/ }).count(), 0, 'overlays are not listed as jobs');
  });
}
