// Which of the two ways to draw is taken.

import { makeCanvasLayer } from './canvas_layer';
import { makeGlLayer } from './gl_layer';
import type { ImageLayer } from './scene';

// #canvas at the end of the address asks for the one without WebGL2.
const isCanvasAsked = () => location.hash === '#canvas';

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
