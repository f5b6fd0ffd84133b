// Reads and writes .npy files of movies, so that tests know every number of what the page shows.

import { readFileSync, writeFileSync } from 'node:fs';

const types = { '|u1': Uint8Array, '|i1': Int8Array, '<u2': Uint16Array, '<i2': Int16Array, '<i4': Int32Array, '<f4': Float32Array, '<f8': Float64Array };

// {shape, values}: frames, rows, columns (and colours) one behind the other.
export function readNpy(path) {
  const bytes = readFileSync(path);
  const length = bytes.readUInt16LE(8);
  const head = bytes.toString('latin1', 10, 10 + length);
  const shape = /'shape': \(([^)]*)\)/.exec(head)[1].split(',').filter((t) => t.trim() !== '').map(Number);
  const data = bytes.subarray(10 + length);
  const copy = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
  return { shape, values: new types[/'descr': '([^']*)'/.exec(head)[1]](copy) };
}

export function writeNpy(path, descr, shape, values) {
  let head = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`;
  head = head.padEnd(Math.ceil((head.length + 11) / 64) * 64 - 11 + 53) + '\n';
  const front = Buffer.alloc(10);
  front.write('\x93NUMPY\x01\x00', 'latin1');
  front.writeUInt16LE(head.length, 8);
  writeFileSync(path, Buffer.concat([front, Buffer.from(head, 'latin1'), Buffer.from(values.buffer, values.byteOffset, values.byteLength)]));
}

// One frame: {at(y, x, c), min, max, values}, NaN left out of the extremes.
export function frameOf({ shape, values }, t) {
  const [, height, width, colours = 1] = shape;
  const size = height * width * colours;
  const own = values.subarray(t * size, (t + 1) * size);
  const numbers = own.filter((v) => !Number.isNaN(v));
  return {
    width,
    height,
    values: own,
    at: (y, x, c = 0) => own[(y * width + x) * colours + c],
    min: numbers.reduce((a, b) => Math.min(a, b), Infinity),
    max: numbers.reduce((a, b) => Math.max(a, b), -Infinity),
  };
}

// As numpy.percentile does by default.
export function percentile(values, p) {
  const sorted = Float64Array.from(values).sort();
  const place = (p / 100) * (sorted.length - 1);
  const k = Math.floor(place);
  return sorted[k] + (place - k) * ((sorted[k + 1] ?? sorted[k]) - sorted[k]);
}
