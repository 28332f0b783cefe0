"use strict";
// Reads a photograph as the network was trained: upright, made square as classify.json says, on white where it is transparent.

const answer = document.getElementById("answer");
const box = document.getElementById("box");
const picture = document.getElementById("picture");
ort.env.wasm.numThreads = 1; // more take headers that not every server sends
ort.env.wasm.wasmPaths = new URL("./", location.href).href;

// A class's name, which may be written from right to left, between words that are not
const named = (label) => Object.assign(document.createElement("bdi"), { textContent: label });

function entitle([first, second]) {
  const title = document.querySelector("h1");
  title.replaceChildren(named(first), " or ", named(second), "?");
  document.title = title.textContent;
}

const loading = (async () => {
  const settings = await (await fetch("classify.json", { cache: "no-cache" })).json();
  const session = await ort.InferenceSession.create(settings.files["32"], { executionProviders: ["wasm"] });
  if (settings.labels.join() !== "cat,dog") entitle(settings.labels);
  const side = settings.target_size;
  await session.run({ pixels: new ort.Tensor("float32", new Float32Array(side * side * 3), [1, side, side, 3]) });
  answer.textContent = "";
  return { settings, session };
})();
loading.catch((error) => (answer.textContent = unloaded(error)));

function unloaded(error) {
  if (location.protocol !== "file:")
    return `The network can't be loaded (${error.message}). Check that the server has all files of this folder, and reload the page.`;
  const reason = "a browser doesn't let a page that was opened as a file read other files";
  return `The network can't be loaded: ${reason}. Run python -m http.server in this folder and open http://localhost:8000.`;
}

const even = (value) => (value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.round(value)); // as Python rounds

// The part of a picture that is seen, and the size that it gets: [left, top, width, height], [width, height]
function framed(width, height, side, proportions) {
  if (proportions === "crop") {
    const short = Math.min(width, height);
    return [[Math.floor((width - short) / 2), Math.floor((height - short) / 2), short, short], [side, side]];
  }
  const longer = Math.max(width, height);
  const fitted = proportions === "pad" ? [width, height].map((length) => Math.max(1, even((length * side) / longer))) : [side, side];
  return [[0, 0, width, height], fitted];
}

// Pillow's: how many pixels to each side count, and how much a pixel counts at that distance
const KERNELS = {
  bilinear: [1, (x) => 1 - x],
  bicubic: [2, (x) => (x < 1 ? (1.5 * x - 2.5) * x * x + 1 : ((-0.5 * x + 2.5) * x - 4) * x + 2)],
  lanczos: [3, (x) => (x ? (3 * Math.sin(Math.PI * x) * Math.sin((Math.PI * x) / 3)) / (Math.PI * x) ** 2 : 1)],
};
const BITS = 22; // of a weight: whole numbers, as Pillow's, so that sums are rounded as there

// Weights of the pixels, of `all` in a row, that make each new one of the `length` from `start` on. The kernel is as wide as a new pixel
// asks for, or as an old one does where those are larger
function weights(start, length, all, to, interpolation) {
  const [support, kernel] = KERNELS[interpolation];
  const scale = length / to;
  const wide = Math.max(scale, 1);
  return Array.from({ length: to }, (_, place) => {
    const centre = start + (place + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support * wide + 0.5));
    const end = Math.min(all, Math.trunc(centre + support * wide + 0.5));
    const distances = Array.from({ length: end - first }, (_, step) => Math.abs(first + step - centre + 0.5) / wide);
    const parts = distances.map((x) => (x < support ? kernel(x) : 0));
    const sum = parts.reduce((total, part) => total + part, 0);
    return { first, parts: parts.map((part) => Math.round((part / sum) * 2 ** BITS)) };
  });
}

const whole = (sum) => (sum + 2 ** (BITS - 1)) >> BITS;

// RGBA bytes -> RGB bytes of a part of them in another size
function resized(data, width, height, [left, top, wide, high], [newWidth, newHeight], interpolation) {
  const across = weights(left, wide, width, newWidth, interpolation);
  const down = weights(top, high, height, newHeight, interpolation);
  const above = down[0].first;
  const below = down[newHeight - 1].first + down[newHeight - 1].parts.length;
  const rows = new Uint8ClampedArray(newWidth * (below - above) * 3);
  for (let y = above; y < below; y++)
    for (let x = 0; x < newWidth; x++)
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let k = 0; k < across[x].parts.length; k++) sum += across[x].parts[k] * data[4 * (y * width + across[x].first + k) + c];
        rows[3 * (newWidth * (y - above) + x) + c] = whole(sum);
      }
  const made = new Uint8ClampedArray(newWidth * newHeight * 3);
  for (let y = 0; y < newHeight; y++)
    for (let x = 0; x < 3 * newWidth; x++) {
      let sum = 0;
      for (let k = 0; k < down[y].parts.length; k++) sum += down[y].parts[k] * rows[3 * newWidth * (down[y].first - above + k) + x];
      made[3 * newWidth * y + x] = whole(sum);
    }
  return made;
}

async function pixels(file, settings) {
  const bitmap = await createImageBitmap(file);
  const side = settings.target_size;
  const { width, height } = bitmap;
  const [part, size] = framed(width, height, side, settings.proportions);
  const pen = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  pen.fillStyle = "white";
  pen.fillRect(0, 0, width, height);
  pen.drawImage(bitmap, 0, 0);
  const small = resized(pen.getImageData(0, 0, width, height).data, width, height, part, size, settings.interpolation);
  const square = new Float32Array(side * side * 3); // black around what is smaller
  const [x, y] = size.map((length) => Math.floor((side - length) / 2));
  for (let row = 0; row < size[1]; row++)
    square.set(small.subarray(3 * size[0] * row, 3 * size[0] * (row + 1)), 3 * (side * (y + row) + x));
  return square;
}

// The middle of an image, mirrored and enlarged again: another look at it
function middle(square, side) {
  const edge = even((side * (1 - 0.85)) / 2);
  const inner = side - 2 * edge;
  const data = new Uint8ClampedArray(4 * inner * inner);
  for (let y = 0; y < inner; y++)
    for (let x = 0; x < inner; x++)
      for (let c = 0; c < 3; c++) data[4 * (y * inner + x) + c] = square[3 * ((edge + y) * side + side - 1 - edge - x) + c];
  return Float32Array.from(resized(data, inner, inner, [0, 0, inner, inner], [side, side], "bilinear"));
}

// The probability of the second label, and how far the image is beyond the limit of what is neither, which takes two looks near it
async function ask({ settings, session }, square) {
  const side = settings.target_size;
  const look = async (image) => Object.values(await session.run({ pixels: new ort.Tensor("float32", image, [1, side, side, 3]) }))[0].data;
  const [second, excess] = await look(square);
  if (!settings.second_look) return [second, excess];
  const { from, limit } = settings.second_look;
  const settled = excess > from ? (excess + (await look(middle(square, side)))[1]) / 2 : excess;
  return [second, settled - limit];
}

function note(...parts) {
  const line = document.createElement("small");
  line.append(...parts);
  return line;
}

let newest; // a picture that was chosen before is no longer answered

async function classify(file) {
  newest = file;
  URL.revokeObjectURL(picture.src);
  picture.src = URL.createObjectURL(file);
  picture.hidden = false;
  answer.textContent = "…";
  let loaded;
  try {
    loaded = await loading;
  } catch (error) {
    if (file === newest) answer.textContent = unloaded(error);
    return;
  }
  try {
    const { settings } = loaded;
    const start = performance.now();
    const [second, excess] = await ask(loaded, await pixels(file, settings));
    const took = performance.now() - start;
    if (file !== newest) return;
    const [label, share] = second >= 0.5 ? [settings.labels[1], second] : [settings.labels[0], 1 - second];
    answer.dataset.file = file.name;
    answer.dataset.probability = second;
    answer.dataset.neither = excess > 0;
    answer.dataset.ms = took;
    const verdict = [named(label), `, ${share < 0.9995 ? (100 * share).toFixed(1) : ">99.9"}%`];
    const found = excess > 0 ? ["neither", note("Of the two, rather ", ...verdict)] : verdict;
    answer.replaceChildren(...found, note(`in ${Math.round(took)} ms`));
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
