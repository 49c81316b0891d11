// Makes the models beside it and golden.json, which is what TensorFlow.js computes
// with them and reads from them.
//
//     npm install @tensorflow/tfjs@4.22.0 && node make.mjs
//
// Tested with node 20.20.2.
import * as tf from '@tensorflow/tfjs';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
await tf.setBackend('cpu');
let seed = 1;
const random = () => { seed = (seed * 48271) % 2147483647; return seed / 2147483647 - 0.5; };
const draw = (shape, scale) => tf.tensor(Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => Math.round(random() * scale * 64) / 64), shape);

function image() {
  const input = tf.input({ shape: [8, 8, 3], name: 'image' });
  let x = tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu' }).apply(input);
  x = tf.layers.batchNormalization().apply(x);
  x = tf.layers.separableConv2d({ filters: 5, kernelSize: 3 }).apply(x);
  x = tf.layers.leakyReLU().apply(x);
  x = tf.layers.reshape({ targetShape: [36, 5] }).apply(x);
  x = tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 3, returnSequences: true }), mergeMode: 'concat' }).apply(x);
  x = tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 4 }) }).apply(x);
  x = tf.layers.gru({ units: 3 }).apply(x);
  return tf.model({ inputs: input, outputs: tf.layers.dense({ units: 3, activation: 'softmax', name: 'answer' }).apply(x) });
}

function rows() {
  return tf.sequential({ layers: [tf.layers.dense({ inputShape: [6], units: 5, activation: 'tanh' }), tf.layers.dropout({ rate: 0.5 }), tf.layers.dense({ units: 2, useBias: false })] });
}

// quantize is the numbers of one variable, stored as dtype, and how it says so.
function quantize(values, dtype) {
  const low = Math.min(...values), high = Math.max(...values);
  const scale = (high - low) / (dtype === 'uint8' ? 255 : 65535) || 1;
  const A = dtype === 'uint8' ? Uint8Array : Uint16Array;
  return { data: Buffer.from(A.from(values, v => Math.round((v - low) / scale)).buffer), quantization: { dtype, scale, min: low } };
}

async function save(name, model, dtype, shard) {
  for (const w of model.weights) {
    let v = draw(w.shape, 1.5);
    if (w.name.includes('variance')) v = v.abs().add(0.5);
    w.write(v);
  }
  let artifacts;
  await model.save(tf.io.withSaveHandler(async a => { artifacts = a; return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } }; }));
  let data = Buffer.from(artifacts.weightData instanceof ArrayBuffer ? artifacts.weightData : Buffer.concat(artifacts.weightData.map(b => Buffer.from(b))));
  let specs = artifacts.weightSpecs;
  if (dtype) {
    const parts = [];
    let at = 0;
    specs = specs.map(s => {
      const n = s.shape.reduce((a, b) => a * b, 1);
      const q = quantize(new Float32Array(data.buffer.slice(data.byteOffset + at, data.byteOffset + at + 4 * n)), dtype);
      at += 4 * n;
      parts.push(q.data);
      return { ...s, quantization: q.quantization };
    });
    data = Buffer.concat(parts);
  }
  const dir = path.join(here, name);
  fs.mkdirSync(dir, { recursive: true });
  const paths = [];
  for (let at = 0; at < data.length; at += shard) {
    paths.push(`group1-shard${paths.length + 1}.bin`);
    fs.writeFileSync(path.join(dir, paths.at(-1)), data.subarray(at, at + shard));
  }
  fs.writeFileSync(path.join(dir, 'model.json'), JSON.stringify({ format: artifacts.format, generatedBy: artifacts.generatedBy, convertedBy: null, modelTopology: artifacts.modelTopology, weightsManifest: [{ paths, weights: specs }] }));
  const weightData = data.buffer.slice(data.byteOffset, data.byteOffset + data.length);
  const again = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology: artifacts.modelTopology, weightSpecs: specs, weightData }));
  const x = draw([2, ...model.inputs[0].shape.slice(1)], 3);
  const y = again.predict(x);
  return { input: Array.from(x.dataSync()), inputDims: x.shape, output: Array.from(y.dataSync()), outputDims: y.shape };
}

// weights is a manifest without a model, of every kind of variable.
function weights() {
  const f = Float32Array.from({ length: 7 }, (_, i) => i / 3 - 1);
  const half = Uint16Array.from([0x3c00, 0xc000, 0x3555, 0x0001, 0x7bff]);
  const parts = [
    [{ name: 'a/float', shape: [7], dtype: 'float32' }, Buffer.from(f.buffer)],
    [{ name: 'a/whole', shape: [2, 2], dtype: 'int32' }, Buffer.from(Int32Array.from([1, -2, 3, 2147483647]).buffer)],
    [{ name: 'a/yes', shape: [3], dtype: 'bool' }, Buffer.from([1, 0, 1])],
    [{ name: 'b/eight', shape: [2, 3], dtype: 'float32', quantization: { dtype: 'uint8', scale: 0.0123, min: -1.5 } }, Buffer.from([0, 1, 2, 100, 254, 255])],
    [{ name: 'b/sixteen', shape: [3], dtype: 'float32', quantization: { dtype: 'uint16', scale: 0.00123, min: -1.5 } }, Buffer.from(Uint16Array.from([0, 40000, 65535]).buffer)],
    [{ name: 'b/half', shape: [5], dtype: 'float32', quantization: { dtype: 'float16' } }, Buffer.from(half.buffer)],
    [{ name: 'b/whole', shape: [4], dtype: 'int32', quantization: { dtype: 'uint8', scale: 0.5, min: -3 } }, Buffer.from([0, 1, 2, 3])],
    [{ name: 'b/scalar', shape: [], dtype: 'float32' }, Buffer.from(Float32Array.from([2.5]).buffer)],
  ];
  const dir = path.join(here, 'weights');
  fs.mkdirSync(dir, { recursive: true });
  const data = Buffer.concat(parts.map(p => p[1])), specs = parts.map(p => p[0]);
  const cuts = [0, 5, 5, 31, 60, data.length], paths = [];
  for (let i = 1; i < cuts.length; i++) {
    paths.push(`shard${i}.bin`);
    fs.writeFileSync(path.join(dir, paths.at(-1)), data.subarray(cuts[i - 1], cuts[i]));
  }
  fs.writeFileSync(path.join(dir, 'all-weights_manifest.json'), JSON.stringify([{ weights: specs, paths }]));
  const read = tf.io.decodeWeights(data.buffer.slice(data.byteOffset, data.byteOffset + data.length), specs);
  return Object.fromEntries(Object.entries(read).map(([k, v]) => [k, { dims: v.shape, type: v.dtype, values: Array.from(v.dataSync(), Number) }]));
}

const golden = {
  models: { image: await save('image', image(), null, 700), quantised: await save('quantised', image(), 'uint8', 1 << 20), rows: await save('rows', rows(), 'uint16', 50) },
  weights: weights(),
};
fs.writeFileSync(path.join(here, 'golden.json'), JSON.stringify(golden));
