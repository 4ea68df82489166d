import { array, h, moveFocus, onChange, percent, put, startView } from "./shared/common.js";

const MOVES = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
const clampTo = (value, count) => Math.min(count - 1, Math.max(0, value));

// Black, violet, orange, white: the louder, the lighter.
export function colorOfLevel(level) {
  const stops = [
    [0, 0, 4],
    [81, 18, 124],
    [183, 55, 121],
    [252, 137, 97],
    [252, 253, 191],
  ];
  const at = (level / 255) * (stops.length - 1);
  const below = Math.min(stops.length - 2, Math.floor(at));
  return stops[below].map((value, i) => Math.round(value + (at - below) * (stops[below + 1][i] - value)));
}

// The cells of a grid between two of them, on a straight line: a quick pointer skips none.
export function cellsBetween([row, column], [toRow, toColumn]) {
  const steps = Math.max(Math.abs(toRow - row), Math.abs(toColumn - column), 1);
  return Array.from({ length: steps + 1 }, (_step, k) => [
    Math.round(row + ((toRow - row) * k) / steps),
    Math.round(column + ((toColumn - column) * k) / steps),
  ]);
}

export const sayGuesses = (guesses) =>
  guesses.length ? guesses.map(([name, chance]) => `${name} ${percent(chance)}`).join(", ") : "nothing";

function drawLevels(model, canvas) {
  const [height, width] = model.get("_size");
  const levels = array(model, "_levels", Uint8Array);
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (const [i, level] of levels.entries()) {
    image.data.set([...colorOfLevel(level), 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}

// A button that plays the WAV of a trait, and the sound itself.
function player(model, trait, text) {
  const sound = h("audio", { preload: "auto" });
  const button = h("button", { type: "button" }, text);
  button.addEventListener("click", () => {
    sound.currentTime = 0;
    sound.play();
  });
  const free = () => URL.revokeObjectURL(sound.src);
  const update = () => {
    free();
    sound.src = URL.createObjectURL(new Blob([array(model, trait, Uint8Array)], { type: "audio/wav" }));
  };
  update();
  return { button, sound, update, free };
}

const spanOf = (from, step, digits) => [from, from + 1].map((k) => (k * step).toFixed(digits)).join(" to ");

// Buttons over the picture, one for each cell: the arrow keys walk, and a key that presses one calls `toggle`.
function cellButtons(model, toggle) {
  const [numRows, numColumns] = model.get("_grid");
  const [seconds, highest] = model.get("_span");
  const makeButton = (_cell, k) => {
    const [row, column] = [Math.floor(k / numColumns), k % numColumns];
    const time = spanOf(column, seconds / numColumns, 2);
    const label = `${time} seconds, ${spanOf(numRows - row - 1, highest / numRows, 0)} Hz`;
    const attributes = { class: "tlk-spectrogram-cell", tabindex: k ? -1 : 0, "aria-label": label };
    const button = h("button", { type: "button", ...attributes });
    button.addEventListener("click", (event) => {
      if (event.detail === 0) {
        toggle(k); // by a key: the pointer has drawn already
      }
    });
    button.addEventListener("keydown", (event) => {
      const by = MOVES[event.key];
      if (by) {
        event.preventDefault();
        const to = clampTo(row + by[0], numRows) * numColumns + clampTo(column + by[1], numColumns);
        moveFocus(buttons, buttons[to]);
      }
    });
    return button;
  };
  const buttons = Array.from({ length: numRows * numColumns }, makeButton);
  return buttons;
}

// The pointer draws: it covers, or uncovers if it starts on a covered cell. `end` is called when it lets go.
function drawByPointer(stage, [numRows, numColumns], isCovered, set, end) {
  let stroke = null; // where the pointer was, and whether it covers
  const cellAt = (event) => {
    const box = stage.getBoundingClientRect();
    const row = Math.floor(((event.clientY - box.top) / box.height) * numRows);
    const column = Math.floor(((event.clientX - box.left) / box.width) * numColumns);
    return [clampTo(row, numRows), clampTo(column, numColumns)];
  };
  const drawTo = (cell) => {
    for (const [row, column] of cellsBetween(stroke.cell, cell)) {
      set(row * numColumns + column, stroke.cover);
    }
    stroke.cell = cell;
  };
  stage.addEventListener("pointerdown", (event) => {
    const cell = cellAt(event);
    stroke = { cell, cover: !isCovered(cell[0] * numColumns + cell[1]) };
    stage.setPointerCapture(event.pointerId);
    drawTo(cell);
  });
  stage.addEventListener("pointermove", (event) => {
    if (stroke) {
      drawTo(cellAt(event));
    }
  });
  for (const name of ["pointerup", "pointercancel"]) {
    stage.addEventListener(name, () => {
      if (stroke) {
        stroke = null;
        end();
      }
    });
  }
}

// The cells, and which of them are covered.
function cellGrid(model, stage) {
  const covered = new Set(model.get("covered"));
  const show = (k) => buttons[k].setAttribute("aria-pressed", String(covered.has(k)));
  const set = (k, cover) => {
    if (cover) {
      covered.add(k);
    } else {
      covered.delete(k);
    }
    show(k);
  };
  const send = () => put(model, { covered: [...covered].sort((a, b) => a - b) });
  const buttons = cellButtons(model, (k) => {
    set(k, !covered.has(k));
    send();
  });
  drawByPointer(stage, model.get("_grid"), (k) => covered.has(k), set, send);
  const update = () => {
    const told = new Set(model.get("covered"));
    for (const k of buttons.keys()) {
      set(k, told.has(k));
    }
  };
  return { buttons, update };
}

function render({ model, el }) {
  startView(el, "tlk-spectrogram");
  const [numRows, numColumns] = model.get("_grid");
  const [seconds, highest] = model.get("_span");
  const canvas = h("canvas", { "aria-hidden": "true" });
  drawLevels(model, canvas);
  const cells = h("div", { class: "tlk-spectrogram-cells", role: "group", "aria-label": "Cells to cover" });
  cells.style.gridTemplate = `repeat(${numRows}, 1fr) / repeat(${numColumns}, 1fr)`;
  const stage = h("div", { class: "tlk-spectrogram-stage" }, canvas, cells);
  const grid = cellGrid(model, stage);
  cells.append(...grid.buttons);
  const whole = player(model, "_whole_wave", "Play the whole");
  const left = player(model, "_left_wave", "Play what is left");
  left.button.classList.add("tlk-first");
  const back = h("button", { type: "button" }, "Uncover all");
  back.addEventListener("click", () => put(model, { covered: [] }));
  const heard = h("output", { class: "tlk-spectrogram-heard", role: "status" });
  const first = model.get("_first_guesses");
  const update = () => {
    grid.update();
    const share = percent(model.get("covered").length / (numRows * numColumns));
    const told = first.length ? `. The listener hears: ${sayGuesses(model.get("guesses"))}` : "";
    heard.textContent = `${share} covered${told}`;
  };
  onChange(model, ["covered", "guesses"], update);
  onChange(model, ["_left_wave"], left.update);
  const axis = `0 to ${seconds.toFixed(2)} seconds from left to right, 0 to ${Math.round(highest)} Hz upwards`;
  const before = first.length ? `; in the whole, the listener hears: ${sayGuesses(first)}` : "";
  el.append(
    h("div", { class: "tlk-row" }, whole.button, left.button, back, whole.sound, left.sound),
    stage,
    heard,
    h("div", { class: "tlk-soft" }, axis + before),
  );
  update();
  return () => {
    whole.free();
    left.free();
  };
}
export default { render };
