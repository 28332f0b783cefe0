"use strict";
// Reads a photograph as the network was trained: upright, made square as classify.json says, on white where it is transparent.

const answer = document.getElementById("answer");
const box = document.getElementById("box");
const picture = document.getElementById("picture");
ort.env.wasm.numThreads = 1; // more take headers that not every server sends
ort.env.wasm.wasmPaths = new URL("./", location.href).href;

const loading = (async () => {
  const settings = await (await fetch("classify.json", { cache: "no-cache" })).json();
  const session = await ort.InferenceSession.create(settings.files["32"], { executionProviders: ["wasm"] });
  const side = settings.target_size;
  await session.run({ pixels: new ort.Tensor("float32", new Float32Array(side * side * 3), [1, side, side, 3]) });
  answer.textContent = "";
  return { settings, session };
})();
loading.catch((error) => (answer.textContent = `The network can't be loaded (${error.message}). Serve this folder: python -m http.server`));

// The part of a picture that is seen, and the size that it gets: [left, top, width, height], [width, height]
function framed(width, height, side, proportions) {
  if (proportions === "crop") {
    const short = Math.min(width, height);
    return [[Math.floor((width - short) / 2), Math.floor((height - short) / 2), short, short], [side, side]];
  }
  const scale = side / Math.max(width, height);
  const fitted = proportions === "pad" ? [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))] : [side, side];
  return [[0, 0, width, height], fitted];
}

// Weights of the pixels that make each new one, by a triangle as wide as a new pixel, or as an old one where those are larger
function weights(from, to) {
  const scale = from / to;
  const reach = Math.max(scale, 1);
  return Array.from({ length: to }, (_, place) => {
    const centre = (place + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - reach + 0.5));
    const end = Math.min(from, Math.floor(centre + reach + 0.5));
    const parts = Array.from({ length: end - first }, (_, step) => Math.max(0, 1 - Math.abs((first + step + 0.5 - centre) / reach)));
    const sum = parts.reduce((total, part) => total + part, 0);
    return { first, parts: parts.map((part) => part / sum) };
  });
}

// RGBA bytes -> RGB floats of another size
function resized(data, width, height, [newWidth, newHeight]) {
  const across = weights(width, newWidth);
  const rows = new Uint8ClampedArray(newWidth * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < newWidth; x++)
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let k = 0; k < across[x].parts.length; k++) sum += across[x].parts[k] * data[4 * (y * width + across[x].first + k) + c];
        rows[3 * (y * newWidth + x) + c] = sum;
      }
  const down = weights(height, newHeight);
  const made = new Uint8ClampedArray(newWidth * newHeight * 3);
  for (let y = 0; y < newHeight; y++)
    for (let x = 0; x < 3 * newWidth; x++) {
      let sum = 0;
      for (let k = 0; k < down[y].parts.length; k++) sum += down[y].parts[k] * rows[3 * newWidth * (down[y].first + k) + x];
      made[3 * newWidth * y + x] = sum;
    }
  return made;
}

async function pixels(file, settings) {
  const bitmap = await createImageBitmap(file);
  const side = settings.target_size;
  const [[left, top, width, height], size] = framed(bitmap.width, bitmap.height, side, settings.proportions);
  const pen = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  pen.fillStyle = "white";
  pen.fillRect(0, 0, width, height);
  pen.drawImage(bitmap, -left, -top);
  const small = resized(pen.getImageData(0, 0, width, height).data, width, height, size);
  const whole = new Float32Array(side * side * 3); // black around what is smaller
  const [x, y] = size.map((length) => Math.floor((side - length) / 2));
  for (let row = 0; row < size[1]; row++)
    whole.set(small.subarray(3 * size[0] * row, 3 * size[0] * (row + 1)), 3 * (side * (y + row) + x));
  return whole;
}

// The middle of an image, mirrored and enlarged again: another look at it
function middle(whole, side) {
  const edge = Math.round((side * 0.15) / 2);
  const inner = side - 2 * edge;
  const data = new Uint8ClampedArray(4 * inner * inner);
  for (let y = 0; y < inner; y++)
    for (let x = 0; x < inner; x++)
      for (let c = 0; c < 3; c++) data[4 * (y * inner + x) + c] = whole[3 * ((edge + y) * side + side - 1 - edge - x) + c];
  return Float32Array.from(resized(data, inner, inner, [side, side]));
}

// The probability of the second label, and how far the image is beyond the limit of what is neither, which takes two looks near it
async function ask({ settings, session }, whole) {
  const side = settings.target_size;
  const look = async (image) => Object.values(await session.run({ pixels: new ort.Tensor("float32", image, [1, side, side, 3]) }))[0].data;
  const [second, excess] = await look(whole);
  if (!settings.second_look) return [second, excess];
  const { from, limit } = settings.second_look;
  const settled = excess > from ? (excess + (await look(middle(whole, side)))[1]) / 2 : excess;
  return [second, settled - limit];
}

let newest; // a picture that was chosen before is no longer answered

async function classify(file) {
  newest = file;
  URL.revokeObjectURL(picture.src);
  picture.src = URL.createObjectURL(file);
  picture.hidden = false;
  answer.textContent = "…";
  try {
    const { settings, session } = await loading;
    const start = performance.now();
    const [second, excess] = await ask({ settings, session }, await pixels(file, settings));
    const took = performance.now() - start;
    if (file !== newest) return;
    const [label, share] = second >= 0.5 ? [settings.labels[1], second] : [settings.labels[0], 1 - second];
    answer.dataset.file = file.name;
    answer.dataset.probability = second;
    answer.dataset.neither = excess > 0;
    answer.dataset.ms = took;
    const verdict = `${label}, ${(100 * share).toFixed(1)}%`;
    answer.textContent = excess > 0 ? "neither" : verdict;
    const notes = [...(excess > 0 ? [`Of the two, rather ${verdict}`] : []), `in ${Math.round(took)} ms`];
    for (const note of notes) answer.append(Object.assign(document.createElement("small"), { textContent: note }));
  } catch (error) {
    if (file !== newest) return;
    answer.textContent = `This picture can't be read (${error.message}). Choose a JPEG, PNG or WebP.`;
  }
}

document.getElementById("file").addEventListener("change", (event) => event.target.files[0] && classify(event.target.files[0]));
for (const name of ["dragover", "dragleave", "drop"])
  box.addEventListener(name, (event) => {
    event.preventDefault();
    box.classList.toggle("over", name === "dragover");
    if (name === "drop" && event.dataTransfer.files[0]) classify(event.dataTransfer.files[0]);
  });
