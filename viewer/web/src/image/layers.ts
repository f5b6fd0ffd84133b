// Which of the two ways to draw is taken.

import { makeCanvasLayer } from './canvas_layer';
import { makeGlLayer } from './gl_layer';
import type { ImageLayer } from './scene';

// #canvas at the end of the address asks for the one without WebGL2.
const isCanvasAsked = () => location.hash === '#canvas';

let textureSide: number | null = null;

// Values that an image may have in each direction to be drawn in one piece.
export function mostTextureSide(): number {
  if (textureSide === null) {
    const gl = isCanvasAsked() ? null : document.createElement('canvas').getContext('webgl2');
    textureSide = gl ? Number(gl.getParameter(gl.MAX_TEXTURE_SIZE)) : Infinity;
    gl?.getExtension('WEBGL_lose_context')?.loseContext();
  }
  return textureSide;
}

export function makeLayer(canvas: HTMLCanvasElement, mustBeCanvas: boolean): ImageLayer {
  if (!mustBeCanvas && !isCanvasAsked()) {
    try {
      const layer = makeGlLayer(canvas);
      if (layer) return layer;
    } catch {
      // A driver that cannot do it: the other way needs a canvas that has not been used.
      throw new LayerFailed();
    }
  }
  return makeCanvasLayer(canvas);
}

export class LayerFailed extends Error {}
