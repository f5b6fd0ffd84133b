// Frames too large to be moved whole, against numbers of the file: what is seen is fetched, and exact where it is sharp.
// Run with: node --test --test-reporter=tap test/large.test.mjs (LIMPID: the program)

import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { makeFolder, missing, openPage, startView } from './browser.mjs';

const reason = missing();
const skip = reason === '' ? false : reason;
const shape = [3, 12000, 20000];
const [frames, height, width] = shape;
let folder;
let view;

// Frames of 240 MB. A pattern around the middle, else 0: a file with holes.
const box = { x: 9500, y: 5500, size: 1024 };
const memory = 256e6;
function valueOf(t, y, x) {
  const inside = x >= box.x && x < box.x + box.size && y >= box.y && y < box.y + box.size;
  return inside ? 60 + 40 * t + ((7 * y + 13 * x) % 89) : 0;
}

function writeMovie(path) {
  const head = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`.padEnd(117) + '\n';
  const front = Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), Buffer.from([head.length & 255, head.length >> 8]), Buffer.from(head)]);
  const file = openSync(path, 'w');
  writeSync(file, front, 0, front.length, 0);
  ftruncateSync(file, front.length + frames * height * width);
  for (let t = 0; t < frames; t++)
    for (let y = box.y; y < box.y + box.size; y++) {
      const row = Uint8Array.from({ length: box.size }, (_, i) => valueOf(t, y, box.x + i));
      writeSync(file, row, 0, row.byteLength, front.length + (t * height + y) * width + box.x);
    }
  closeSync(file);
}

before(async () => {
  if (skip) return;
  folder = makeFolder();
  writeMovie(folder.file('large.npy'));
  view = await startView([folder.file('large.npy'), '--memory', '256M']);
});

after(async () => {
  await view?.stop();
  folder?.remove();
});

async function opened(t) {
  const session = await openPage('about:blank');
  t.after(() => session.close());
  const asked = [];
  session.page.setDefaultTimeout(60000);
  session.page.on('request', (r) => /\/frames\/\d+\?/.test(r.url()) && asked.push(Object.fromEntries(new URL(r.url()).searchParams)));
  await session.page.goto(view.url);
  await session.page.waitForFunction(() => /\d/.test(document.querySelector('.probe-value b')?.textContent ?? ''));
  return { ...session, asked };
}

const probed = (page) => page.evaluate(() => document.querySelector('.probe').innerText.split(/\s+/).join(' '));

// The wheel over the middle of the image, until what is there is sharp.
async function zoomIn(page, steps) {
  const rect = await page.locator('.image').boundingBox();
  await page.mouse.move(rect.x + rect.width / 2, rect.y + rect.height / 2);
  for (let i = 0; i < steps; i++) {
    await page.mouse.wheel(0, -240);
    await page.waitForTimeout(40);
  }
}

const isSharp = (page) => page.waitForFunction(() => /\d/.test(document.querySelector('.probe-value b').textContent) && !document.querySelector('.probe-value b').textContent.includes('≈'));

async function assertExact(page, frame) {
  const text = await probed(page);
  const [, x, y, value] = /x (\d+) y (\d+) (\d+)$/.exec(text).map(Number);
  assert.equal(value, valueOf(frame, y, x), text);
  return { x, y };
}

test('a view of all of it moves an overview; zoomed in, tiles of full detail, exact', { skip }, async (t) => {
  const { page, asked, errors } = await opened(t);
  assert.ok(asked.length > 0 && asked.every((q) => Number(q.level) >= 3 && q.width === undefined), JSON.stringify(asked));
  assert.match(await probed(page), /≈/);
  asked.length = 0;
  await zoomIn(page, 12);
  await isSharp(page);
  const { x, y } = await assertExact(page, 0);
  assert.ok(valueOf(0, y, x) > 0, 'in the pattern');
  const sharp = asked.filter((q) => q.level === '0');
  assert.ok(sharp.length > 0 && sharp.length <= 24, `${sharp.length} tiles`);
  for (const q of sharp) assert.ok(q.x % 1024 === 0 && q.y % 1024 === 0 && q.width <= 1024 && q.height <= 1024, JSON.stringify(q));
  await maskRight(page, x, y);
  await subtractMeans(page);
  assert.deepEqual(errors, []);
});

// Right of a zone nothing is seen, though the coarse image below has the pixel in one value with those of the zone.
async function maskRight(page, x, y) {
  const edge = x % 8 === 7 ? x + 1 : x;
  await page.getByRole('tab', { name: 'Zones', exact: true }).click();
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Load…' }).click()]);
  const zone = { name: 'left', shape: 'rectangle', x: box.x, y: box.y, width: edge - box.x, height: box.size };
  await chooser.setFiles({ name: 'z.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify([zone])) });
  await page.getByLabel('show only').check();
  const colours = () =>
    page.evaluate((points) => {
      const [left, top, scale] = document.querySelector('g.zones').dataset.view.split(' ').map(Number);
      const canvas = document.querySelector('.image-canvas');
      const context = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
      context.drawImage(canvas, 0, 0);
      return points.map(([px, py]) => context.getImageData((px - left) * scale * devicePixelRatio, (py - top) * scale * devicePixelRatio, 1, 1).data.slice(0, 3).join());
    }, [[edge - 1, y], [edge, y], [edge + 1, y]]);
  for (let i = 0; i < 50 && (await colours())[2] !== '11,13,15'; i++) await page.waitForTimeout(40);
  const [before, last, behind] = await colours();
  assert.ok(behind === '11,13,15' && before !== behind && last !== behind, `${before} ${last} ${behind}`);
  await page.getByLabel('show only').uncheck();
  await page.getByRole('tab', { name: 'View', exact: true }).click();
}

// The mean over all frames is 40 above the first one, of a window and of the range alike; only what is seen is computed in detail.
async function subtractMeans(page) {
  const asked = [];
  page.on('request', (r) => /\/window\?/.test(r.url()) && asked.push(Object.fromEntries(new URL(r.url()).searchParams)));
  for (const from of ['sliding', 'range']) {
    await page.selectOption('[aria-label="Subtract: where from"]', from);
    await page.waitForFunction(() => /^[-−]40$/.test(document.querySelector('.probe-value b').textContent));
    await page.selectOption('[aria-label="Subtract: where from"]', 'none');
    await isSharp(page);
  }
  assert.ok(asked.length > 0 && asked.every((q) => q.level === '0' ? q.width <= 1024 && q.height <= 1024 : Number(q.level) >= 3), JSON.stringify(asked));
}

test('playing a zoomed view moves what is seen alone; at rest the overview follows', { skip }, async (t) => {
  const { page, asked } = await opened(t);
  await zoomIn(page, 12);
  await isSharp(page);
  await page.locator('.image').focus();
  for (const frame of [1, 2]) {
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction((f) => document.querySelector('.probe b').textContent === String(f), frame);
    await isSharp(page);
    await assertExact(page, frame);
  }
  const ofThird = await page.evaluate(() => performance.getEntriesByType('resource').map((e) => e.name).filter((n) => /\/frames\/2\?level=0/.test(n)).length);
  assert.ok(ofThird > 0 && ofThird <= 24, `${ofThird} tiles of the last frame`);
  assert.ok(asked.every((q) => q.width !== undefined || Number(q.level) >= 3), 'never a whole frame in full detail');
});

test('what is drawn is the pattern, sharp where the part is and coarse around it', { skip }, async (t) => {
  const { page } = await opened(t);
  await page.evaluate(() => {
    const input = document.querySelector('[aria-label="low"]');
    input.value = '0';
    input.dispatchEvent(new Event('change', { bubbles: true }));
  });
  await zoomIn(page, 3);
  await page.waitForTimeout(500);
  const shot = await page.locator('.image').screenshot();
  const brightest = await page.evaluate(async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height });
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const at = (x, y) => context.getImageData(x, y, 1, 1).data[0];
    return [at(image.width / 2 - 40, image.height / 2 + 30), at(20, image.height - 60)];
  }, shot.toString('base64'));
  assert.ok(brightest[0] > 60 && brightest[1] < 20, brightest.join());
  const most = 1024 * Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${view.child.pid}/status`, 'utf8'))[1]);
  assert.ok(most < memory, `the server had ${most / 1e6} MB`);
});
