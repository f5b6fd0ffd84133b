// Draws frames with WebGL2. Values stay numbers until the last moment: the shader looks them up in a texture of their own
// type, computes with the references, and turns them to colours. canvas_layer.ts does the same without WebGL2.

import type { Frame } from '../api/types';
import { maskOf } from './mask';
import { backColour, drawable, drawn, extentOf, gainOf, imageFor, nanColour, samplesOf, sheetsOf, type ImageLayer, type Pane, type Picture, type Scene } from './scene';

type Gl = WebGL2RenderingContext;

const vertexSource = `#version 300 es
void main() {
  gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0);
}`;

// SAMPLER: usampler2D, isampler2D or sampler2D; COLOURS: 1 or 3.
const fragmentSource = (sampler: string, colours: number) => `#version 300 es
precision highp float;
precision highp int;
${sampler === 'sampler2D' ? '' : `precision highp ${sampler};`}
precision highp sampler2D;
uniform ${sampler} values;
uniform sampler2D subtractImage, divideImage, colourTable;
uniform highp usampler2D maskImage;
uniform ivec2 first, last; // pixels that the frame covers: from first to before last
uniform int level, samples, subtractLevel, divideLevel;
uniform ivec2 subtractFirst, divideFirst; // left top pixels of what is computed with
uniform vec2 origin;      // image coordinate at the left top edge of the pane's picture
uniform vec2 corner;      // of the picture in device pixels, from the left top
uniform float stepSize, low, gain, height;
uniform bool subtracts, divides, masks, isPart;
uniform float subtractAmount, divideAmount, divideRest;
uniform vec3 nanColour, backColour;
out vec4 colour;

vec3 live(vec3 x, ivec2 at) {
  ivec2 place = first + (at << level);
  if (subtracts) x -= subtractAmount * texelFetch(subtractImage, clamp((place - subtractFirst) >> subtractLevel, ivec2(0), textureSize(subtractImage, 0) - 1), 0).rgb;
  if (!divides) return x;
  vec3 d = divideAmount * texelFetch(divideImage, clamp((place - divideFirst) >> divideLevel, ivec2(0), textureSize(divideImage, 0) - 1), 0).rgb + divideRest;
  vec3 nothing = vec3(uintBitsToFloat(0x7fc00000u));
  return mix(x / d, nothing, equal(d, vec3(0.0)));
}

bool isNumber(float v) { return (floatBitsToUint(v) & 0x7fffffffu) <= 0x7f800000u; }

void main() {
  vec2 pixel = vec2(gl_FragCoord.x, height - gl_FragCoord.y) - corner - 0.5;
  vec3 sum = vec3(0.0);
  bool isReached = false;
  int inside = 0;
  int counted = 0;
  for (int sy = 0; sy < samples; sy++) {
    for (int sx = 0; sx < samples; sx++) {
      vec2 offset = (vec2(float(sx), float(sy)) + 0.5) / float(samples);
      ivec2 at = ivec2(floor((pixel + offset) * stepSize + origin));
      if (any(lessThan(at, first)) || any(greaterThanEqual(at, last))) continue;
      isReached = true;
      at = (at - first) >> level;
      if (masks && texelFetch(maskImage, at, 0).r == 0u) continue;
      inside++;
      vec3 v = live(vec3(texelFetch(values, at, 0).rgb), at);
      ${colours === 3 ? 'if (!(isNumber(v.r) && isNumber(v.g) && isNumber(v.b))) continue;' : 'if (!isNumber(v.r)) continue;'}
      counted++;
      sum += v;
    }
  }
  if (!isReached && isPart) discard;
  if (inside == 0) { colour = vec4(backColour, 1.0); return; }
  if (counted == 0) { colour = vec4(nanColour, 1.0); return; }
  if (samples > 1) sum /= float(counted);
  vec3 place = clamp(floor((sum - low) * gain), 0.0, 255.0);
  ${colours === 3 ? 'colour = vec4(place / 255.0, 1.0);' : 'colour = vec4(texelFetch(colourTable, ivec2(int(place.r), 0), 0).rgb, 1.0);'}
}`;

interface Layout {
  internal: number;
  format: number;
  type: number;
  sampler: 'usampler2D' | 'isampler2D' | 'sampler2D';
}

function layoutOf(gl: Gl, values: ArrayBufferView, colours: number): Layout {
  const pick = (one: number, three: number) => (colours === 3 ? three : one);
  const u = pick(gl.RED_INTEGER, gl.RGB_INTEGER);
  if (values instanceof Uint8Array) return { internal: pick(gl.R8UI, gl.RGB8UI), format: u, type: gl.UNSIGNED_BYTE, sampler: 'usampler2D' };
  if (values instanceof Int8Array) return { internal: pick(gl.R8I, gl.RGB8I), format: u, type: gl.BYTE, sampler: 'isampler2D' };
  if (values instanceof Uint16Array) return { internal: pick(gl.R16UI, gl.RGB16UI), format: u, type: gl.UNSIGNED_SHORT, sampler: 'usampler2D' };
  if (values instanceof Int16Array) return { internal: pick(gl.R16I, gl.RGB16I), format: u, type: gl.SHORT, sampler: 'isampler2D' };
  return { internal: pick(gl.R32F, gl.RGB32F), format: pick(gl.RED, gl.RGB), type: gl.FLOAT, sampler: 'sampler2D' };
}

// A texture that is sent again only when its content is another one.
interface Slot {
  texture: WebGLTexture;
  source: object | null;
  shape: string;
}

function makeSlot(gl: Gl): Slot {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  for (const [name, value] of [
    [gl.TEXTURE_MIN_FILTER, gl.NEAREST],
    [gl.TEXTURE_MAG_FILTER, gl.NEAREST],
    [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE],
    [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE],
  ] as const)
    gl.texParameteri(gl.TEXTURE_2D, name, value);
  return { texture, source: null, shape: '' };
}

function fill(gl: Gl, unit: number, slot: Slot, source: object, width: number, height: number, values: ArrayBufferView, layout: Layout) {
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, slot.texture);
  if (slot.source === source) return;
  slot.source = source;
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  const shape = `${width} ${height} ${layout.internal}`;
  if (slot.shape === shape) gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, layout.format, layout.type, values);
  else gl.texImage2D(gl.TEXTURE_2D, 0, layout.internal, width, height, 0, layout.format, layout.type, values);
  slot.shape = shape;
}

function shaderOf(gl: Gl, type: number, source: string): WebGLShader {
  const shader = gl.createShader(type);
  if (!shader) throw new Error('The graphics card gives no shader.');
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader) ?? 'The shader does not compile.');
  return shader;
}

interface Program {
  program: WebGLProgram;
  at(name: string): WebGLUniformLocation | null;
}

function makeProgram(gl: Gl, sampler: string, colours: number): Program {
  const program = gl.createProgram();
  gl.attachShader(program, shaderOf(gl, gl.VERTEX_SHADER, vertexSource));
  gl.attachShader(program, shaderOf(gl, gl.FRAGMENT_SHADER, fragmentSource(sampler, colours)));
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) ?? 'The shader does not link.');
  const known = new Map<string, WebGLUniformLocation | null>();
  return {
    program,
    at(name) {
      if (!known.has(name)) known.set(name, gl.getUniformLocation(program, name));
      return known.get(name) ?? null;
    },
  };
}

const references = ['subtract', 'divide'] as const;

class GlLayer implements ImageLayer {
  readonly kind = 'webgl2';
  private programs = new Map<string, Program>();
  private slots: Slot[][] = [];

  constructor(private gl: Gl) {
    gl.bindVertexArray(gl.createVertexArray());
    gl.enable(gl.SCISSOR_TEST);
  }

  draw(scene: Scene) {
    const { gl } = this;
    gl.viewport(0, 0, scene.width, scene.height);
    gl.scissor(0, 0, scene.width, scene.height);
    gl.clearColor(backColour[0] / 255, backColour[1] / 255, backColour[2] / 255, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    scene.panes.flatMap(sheetsOf).forEach((pane, i) => this.drawPane(scene, pane, i));
  }

  private programOf(sampler: string, colours: number): Program {
    const key = `${sampler} ${colours}`;
    let program = this.programs.get(key);
    if (!program) {
      program = makeProgram(this.gl, sampler, colours);
      this.programs.set(key, program);
    }
    return program;
  }

  // Units: 0 values, 1 and 2 references, 3 colour table, 4 mask. Those that are not used keep an empty texture.
  private textures(pane: Pane, index: number): Layout {
    const { gl } = this;
    const p = pane.picture;
    this.slots[index] ??= Array.from({ length: 5 }, () => makeSlot(gl));
    const [values, subtract, divide, table, mask] = this.slots[index] as [Slot, Slot, Slot, Slot, Slot];
    const send = (unit: number, slot: Slot, frame: Frame, data: Frame['values']) => {
      const layout = layoutOf(gl, data, frame.n_colours);
      fill(gl, unit, slot, data, frame.width, frame.height, data, layout);
      return layout;
    };
    const layout = send(0, values, p.frame, drawn(p).values);
    [subtract, divide].forEach((slot, i) => {
      const frame = imageFor(p[references[i] ?? 'subtract'], p.frame);
      if (frame) send(1 + i, slot, frame, floats(frame));
    });
    const rgb = { internal: gl.RGB8, format: gl.RGB, type: gl.UNSIGNED_BYTE, sampler: 'sampler2D' } as const;
    fill(gl, 3, table, p.colours, 256, 1, p.colours, rgb);
    if (p.mask) {
      const shown = maskOf(p.mask, p.frame);
      fill(gl, 4, mask, shown, p.frame.width, p.frame.height, shown, layoutOf(gl, shown, 1));
    }
    return layout;
  }

  private drawPane(scene: Scene, pane: Pane, index: number) {
    const { gl } = this;
    const p = pane.picture;
    const layout = this.textures(pane, index);
    const { program, at } = this.programOf(layout.sampler, p.frame.n_colours);
    gl.useProgram(program);
    ['values', 'subtractImage', 'divideImage', 'colourTable', 'maskImage'].forEach((name, unit) => gl.uniform1i(at(name), unit));
    this.uniforms(scene, pane, p, at);
    gl.scissor(pane.left, 0, pane.width, scene.height);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  private uniforms(scene: Scene, pane: Pane, p: Picture, at: Program['at']) {
    const { gl } = this;
    const { x0, y0, x1, y1 } = extentOf(p);
    gl.uniform2i(at('first'), x0, y0);
    gl.uniform2i(at('last'), x1, y1);
    gl.uniform1i(at('isPart'), p.frame.corner ? 1 : 0);
    for (const name of references) {
      const image = imageFor(p[name], p.frame);
      gl.uniform1i(at(`${name}s`), image ? 1 : 0);
      gl.uniform1i(at(`${name}Level`), image?.level ?? 0);
      gl.uniform2i(at(`${name}First`), image?.corner?.x ?? 0, image?.corner?.y ?? 0);
    }
    gl.uniform1i(at('level'), p.frame.level);
    gl.uniform1i(at('samples'), samplesOf(p, scene.ratio));
    gl.uniform2f(at('origin'), p.viewport.x + 0.5, p.viewport.y + 0.5);
    gl.uniform2f(at('corner'), pane.originX, 0);
    gl.uniform1f(at('stepSize'), 1 / (p.viewport.scale * scene.ratio));
    gl.uniform1f(at('height'), scene.height);
    gl.uniform1f(at('low'), drawn(p).low);
    gl.uniform1f(at('gain'), gainOf(p));
    gl.uniform1i(at('masks'), p.mask ? 1 : 0);
    gl.uniform1f(at('subtractAmount'), p.subtractAmount);
    gl.uniform1f(at('divideAmount'), p.divideAmount);
    gl.uniform1f(at('divideRest'), Math.fround(1 - Math.fround(p.divideAmount)));
    gl.uniform3fv(at('nanColour'), nanColour.map((c) => c / 255));
    gl.uniform3fv(at('backColour'), backColour.map((c) => c / 255));
  }

  dispose() {
    for (const slot of this.slots.flat()) this.gl.deleteTexture(slot.texture);
    for (const { program } of this.programs.values()) this.gl.deleteProgram(program);
  }
}

const asFloats = new WeakMap<Frame, Float32Array>();
function floats(frame: Frame): Float32Array {
  const values = drawable(frame);
  if (values instanceof Float32Array) return values;
  let made = asFloats.get(frame);
  if (!made) {
    made = Float32Array.from(values);
    asFloats.set(frame, made);
  }
  return made;
}

export function makeGlLayer(canvas: HTMLCanvasElement): ImageLayer | null {
  // The picture is kept so that it can be read for export.
  const gl = canvas.getContext('webgl2', { alpha: false, antialias: false, depth: false, preserveDrawingBuffer: true });
  return gl ? new GlLayer(gl) : null;
}
