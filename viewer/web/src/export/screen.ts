// The whole view as a picture: canvases, drawings and texts where they are on the screen.

import type { Recording } from '../api/types';
import { pictureOf, svgImage } from './picture';

interface Sheet {
  context: CanvasRenderingContext2D;
  left: number;
  top: number;
}

const isSeen = (element: Element) => {
  const rect = element.getBoundingClientRect();
  return rect.width > 0 && rect.height > 0 && getComputedStyle(element).visibility !== 'hidden';
};

async function drawBlock(sheet: Sheet, element: Element, recording: Recording) {
  const { context, left, top } = sheet;
  const rect = element.getBoundingClientRect();
  const at: [number, number, number, number] = [rect.left - left, rect.top - top, rect.width, rect.height];
  if (element.classList.contains('image-canvas')) context.drawImage(await pictureOf(recording, { size: 'screen', scale: 1, hasOverlays: false }), ...at);
  else if (element instanceof HTMLCanvasElement) context.drawImage(element, ...at);
  else if (element instanceof SVGSVGElement) context.drawImage(await svgImage(element, rect.width, rect.height, devicePixelRatio), ...at);
}

function drawTexts(sheet: Sheet, host: Element) {
  const { context, left, top } = sheet;
  const walker = document.createTreeWalker(host, NodeFilter.SHOW_TEXT);
  context.textBaseline = 'middle';
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    const text = node.textContent?.trim() ?? '';
    if (!parent || text === '' || parent.closest('svg, select') || !isSeen(parent)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const rect = range.getClientRects()[0];
    if (!rect) continue;
    const style = getComputedStyle(parent);
    context.font = style.font;
    context.fillStyle = style.color;
    context.fillText(text, rect.left - left, (rect.top + rect.bottom) / 2 - top);
  }
}

// What is typed or chosen in a field.
function drawFields(sheet: Sheet, host: Element) {
  const { context, left, top } = sheet;
  for (const field of host.querySelectorAll<HTMLInputElement | HTMLSelectElement>('input, select')) {
    if (!isSeen(field) || field.type === 'checkbox' || field.type === 'range') continue;
    const rect = field.getBoundingClientRect();
    const style = getComputedStyle(field);
    const text = field instanceof HTMLSelectElement ? (field.selectedOptions[0]?.text ?? '') : field.value;
    context.font = style.font;
    context.fillStyle = style.color;
    context.fillText(text, rect.left - left + parseFloat(style.paddingLeft) + 1, (rect.top + rect.bottom) / 2 - top, rect.width);
  }
}

export async function screenOf(recording: Recording): Promise<HTMLCanvasElement> {
  const host = document.querySelector('.main');
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  if (!host || !context) throw new Error('There is nothing to draw.');
  const rect = host.getBoundingClientRect();
  canvas.width = Math.round(rect.width * devicePixelRatio);
  canvas.height = Math.round(rect.height * devicePixelRatio);
  context.scale(devicePixelRatio, devicePixelRatio);
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.fillRect(0, 0, rect.width, rect.height);
  const sheet = { context, left: rect.left, top: rect.top };
  for (const element of host.querySelectorAll('canvas, svg')) if (isSeen(element) && !element.closest('button')) await drawBlock(sheet, element, recording);
  drawTexts(sheet, host);
  drawFields(sheet, host);
  return canvas;
}
