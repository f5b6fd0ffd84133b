// What tests of the page's view of movies share: the recordings, and what a user does and sees.

import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { makeFolder, missing, openPage, run, startView } from './browser.mjs';
import { readNpy, writeNpy } from './npy.mjs';

const reason = missing();
export const skip = reason === '' ? false : reason;
export let folder;
export let view;
export let series;
export let floats;

export const floatShape = [30, 24, 32];

// Values on both sides of 0, one missing, in every frame.
export function makeFloats() {
  const [n, height, width] = floatShape;
  const values = new Float32Array(n * height * width);
  for (let i = 0; i < values.length; i++) values[i] = ((i * 7919) % 1009) / 10 - 40 + Math.floor(i / (height * width));
  for (let t = 0; t < n; t++) values[t * height * width + 5 * width + 7] = NaN;
  return { shape: floatShape, values };
}

export function makeColours() {
  const values = new Uint8Array(3 * 20 * 30 * 3);
  for (let i = 0; i < values.length; i++) values[i] = (i * 31) % 256;
  return { shape: [3, 20, 30, 3], values };
}

before(async () => {
  if (skip) return;
  folder = makeFolder();
  run(['simulate', 'series', folder.file('series.npy'), 'frames=60', 'height=48', 'width=64', 'spots=2', '--quiet']);
  series = readNpy(folder.file('series.npy'));
  floats = makeFloats();
  writeNpy(folder.file('floats.npy'), '<f4', floats.shape, floats.values);
  const colours = makeColours();
  writeNpy(folder.file('colours.npy'), '|u1', colours.shape, colours.values);
  view = await startView([folder.file('series.npy'), folder.file('floats.npy'), folder.file('colours.npy')]);
});

after(async () => {
  await view?.stop();
  folder?.remove();
});

// ---- What a user sees

export async function opened(t, fragment = '') {
  const session = await openPage(view.url + fragment);
  t.after(() => session.close());
  await session.page.waitForSelector('.probe b');
  await shows(session.page, 0);
  return session;
}

export const probe = (page) => page.locator('.probe').innerText();

// Waits until the frame is on the screen.
export async function shows(page, frame) {
  await page.waitForFunction((f) => document.querySelector('.probe b')?.textContent === String(f), frame);
  await settled(page);
}

export const settled = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 30)))));

export const openTab = async (page, name) => {
  await page.locator('.tab button', { hasText: name }).first().click();
  await shows(page, 0);
};

export async function goTo(page, frame) {
  await page.fill('[aria-label="frame"]', String(frame));
  await page.keyboard.press('Enter');
  await shows(page, frame);
}

// The colours of the canvas: {width, height, at(x, y)}.
export async function pixels(page) {
  const { width, height, data } = await page.evaluate(async () => {
    const canvas = document.querySelector('.image-canvas');
    const copy = document.createElement('canvas');
    copy.width = canvas.width;
    copy.height = canvas.height;
    const context = copy.getContext('2d');
    context.drawImage(canvas, 0, 0);
    const { data } = context.getImageData(0, 0, copy.width, copy.height);
    let text = '';
    for (let i = 0; i < data.length; i += 8192) text += String.fromCharCode(...data.subarray(i, i + 8192));
    return { width: copy.width, height: copy.height, data: btoa(text) };
  });
  const bytes = Buffer.from(data, 'base64');
  return { width, height, bytes, at: (x, y) => [...bytes.subarray(4 * (Math.floor(y) * width + Math.floor(x)), 4 * (Math.floor(y) * width + Math.floor(x)) + 3)] };
}

// Where the middle of a pixel of a fitted image lies.
export function fitted(image, canvas) {
  const scale = Math.min(256, canvas.width / image.width, canvas.height / image.height);
  const left = (canvas.width - image.width * scale) / 2;
  const top = (canvas.height - image.height * scale) / 2;
  return (x, y) => [left + (x + 0.5) * scale, top + (y + 0.5) * scale];
}

export const place = (value, low, high) => Math.max(0, Math.min(255, Math.floor(((value - low) * 256) / (high - low))));

export async function limits(page) {
  return [Number(await page.inputValue('[aria-label="low"]')), Number(await page.inputValue('[aria-label="high"]'))];
}

export const close = (a, b, relative = 1e-5) => assert.ok(Math.abs(a - b) <= relative * Math.max(1, Math.abs(a), Math.abs(b)), `${a} is not ${b}`);

// Grey values of all pixels; a rounding of float32 may move one by a step.
export async function checkGrey(page, frame, low, high, tolerance = 1) {
  const canvas = await pixels(page);
  const where = fitted(frame, canvas);
  for (let y = 0; y < frame.height; y++)
    for (let x = 0; x < frame.width; x++) {
      const [red, green, blue] = canvas.at(...where(x, y));
      const expected = place(frame.at(y, x), low, high);
      assert.ok(red === green && green === blue && Math.abs(red - expected) <= tolerance, `pixel ${x}, ${y}: ${red} ${green} ${blue} instead of ${expected}`);
    }
}

// The x coordinate of a frame on the timeline.
export async function onTimeline(page, frame, n) {
  const box = await page.locator('[aria-label="Timeline"]').boundingBox();
  const [left, right] = [56, 54]; // as in src/movie/time_axis.ts
  return [box.x + left + ((frame + 0.5) * (box.width - left - right)) / n, box.y + 50];
}
