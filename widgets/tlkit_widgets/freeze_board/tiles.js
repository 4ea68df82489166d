import { h, moveFocus, put, say } from "../shared/common.js";
import { describe, glyph, lines, stages } from "./drawing.js";
import { cutOf, prefix, ranged } from "./states.js";

const MANY = 16; // blocks: with more, names are set smaller
const MOVED_HEIGHT = 30; // pixels of the block that moved farthest

// Let an element take the columns of blocks `from` to `to`, or hide it where there is none.
function place(element, from, to) {
  element.hidden = to < from;
  if (to >= from) {
    element.style.gridColumn = `${from + 1} / ${to + 2}`;
    element.dataset.size = to - from + 1;
  }
  return element;
}

const hidden = (type, ...content) => h("span", { class: type, "aria-hidden": "true" }, ...content);

function makeStrip(model) {
  const blocks = model.get("blocks");
  const about = say`Blocks of ${model.get("_name")}, from the input to the output.`;
  const keys = say`Space freezes or lets learn, F freezes up to here, shift selects a range.`;
  const strip = h("div", { class: "tlk-board-strip", role: "toolbar", "aria-label": `${about} ${keys}` });
  strip.style.setProperty("--tlk-blocks", blocks.length);
  strip.classList.toggle("tlk-board-many", blocks.length > MANY);
  return strip;
}

function makeTile(block, i, { height, numBlocks }) {
  const bar = h("span", { class: "tlk-board-bar" });
  bar.style.height = `${height}px`;
  const label = lines(block.label, numBlocks > MANY ? 6 : 8).map((line) =>
    h("span", { class: line.length > 8 ? "tlk-board-long" : undefined }, line),
  );
  const about = { type: "button", class: "tlk-board-tile", tabindex: i ? -1 : 0, "data-block": block.name };
  const tile = h(
    "button",
    about,
    h("span", { class: "tlk-board-column" }, bar),
    hidden("tlk-board-flow", h("i"), glyph(block), h("i")),
    h("span", { class: "tlk-board-label" }, ...label),
    hidden("tlk-board-track", h("span", { class: "tlk-board-moved" })),
  );
  tile.style.gridColumn = `${i + 1} / ${i + 2}`;
  return tile;
}

// The height of each block's bar in pixels, by the logarithm of its parameters.
function barHeights(blocks) {
  const logs = blocks.map((block) => Math.log10(block.num_parameters + 10));
  const [least, most] = [Math.min(...logs), Math.max(...logs)];
  return logs.map((log) => 16 + (70 * (log - least)) / (most - least || 1));
}

// How far a block moved: in words, and as a share of the one that moved farthest; null where it is not a number.
function sayMoved(moved) {
  return moved === null
    ? say`, diverged: its weights are not numbers`
    : say`, moved by ${(100 * moved).toPrecision(2)} %`;
}

function movedHeight(moved, farthest) {
  if (moved === null) {
    return MOVED_HEIGHT;
  }
  return Math.max(moved ? 2 : 0, MOVED_HEIGHT * Math.sqrt(moved / farthest));
}

function updateTile(tile, i, model) {
  const block = model.get("blocks")[i];
  const state = model.get("states")[i];
  const moved = model.get("moved");
  const factor = model.get("factors")[block.name];
  const text = describe(block, state, model.get("_facts").bn_learning?.[i] ?? 0);
  const change = moved.length ? sayMoved(moved[i]) : "";
  const height = moved.length ? movedHeight(moved[i], Math.max(...moved, 1e-12)) : 0;
  tile.dataset.state = state;
  tile.title = text.replaceAll(", ", "\n") + change.replace(", ", "\n");
  tile.setAttribute("aria-pressed", state === "partly" ? "mixed" : String(state === "frozen"));
  tile.setAttribute("aria-label", text + change + (factor ? say`, rate × ${factor}` : ""));
  tile.setAttribute("aria-disabled", String(model.get("busy")));
  tile.querySelector(".tlk-board-moved").style.height = `${height}px`;
}

// Clicks and keys on the tiles: they move the focus, and set the states of blocks unless the board is busy.
function addHands(buttons, model, focusOn) {
  let last = 0; // the block where a range begins
  const focus = (i) => {
    moveFocus(buttons, buttons[i]);
    focusOn(i);
  };
  const setStates = (statesFrom) => {
    if (!model.get("busy")) {
      put(model, { states: statesFrom(model.get("states")) });
    }
  };
  const toggle = (i) => {
    setStates((states) => {
      last = i;
      return ranged(states, i, i, states[i] === "frozen" ? "learning" : "frozen");
    });
  };
  const spread = (i) => setStates((states) => ranged(states, last, i, states[last]));
  const onKey = (event, i) => {
    const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (["f", "F"].includes(event.key)) {
      setStates((states) => prefix(states.length, i + 1));
    } else if (to === undefined) {
      return;
    } else if (event.shiftKey && buttons[to]) {
      spread(to);
      focus(to);
    } else {
      focus(Math.min(buttons.length - 1, Math.max(0, to)));
    }
    event.preventDefault();
  };
  for (const [i, tile] of buttons.entries()) {
    tile.addEventListener("click", (event) => {
      focus(i);
      (event.shiftKey ? spread : toggle)(i);
    });
    tile.addEventListener("focus", () => focusOn(i));
    tile.addEventListener("keydown", (event) => onKey(event, i));
  }
}

// One tile for each block. `focusOn(i)` is told which block has the focus.
export function tiles(model, focusOn) {
  const blocks = model.get("blocks");
  const strip = makeStrip(model);
  const heights = barHeights(blocks);
  const buttons = blocks.map((block, i) => makeTile(block, i, { height: heights[i], numBlocks: blocks.length }));
  const ruler = stages(blocks).map(({ from, to, text, whole }) => {
    const stage = h("span", { class: "tlk-board-stage", title: say`maps of ${whole}`, "aria-hidden": "true" });
    stage.append(h("span", {}, text));
    return place(stage, from, to);
  });
  const zone = (state, text) =>
    h("div", { class: "tlk-board-zone", "data-state": state, "aria-hidden": "true" }, h("span", {}, text));
  const frozen = zone("frozen", say`frozen`);
  const learning = zone("learning", say`learns`);
  const kept = h("div", { class: "tlk-board-kept", "aria-hidden": "true" }, h("span", {}, say`computed once`));
  strip.append(frozen, learning, ...buttons, ...ruler, kept);
  addHands(buttons, model, focusOn);
  const update = () => {
    const cut = cutOf(model.get("states"));
    for (const [i, tile] of buttons.entries()) {
      updateTile(tile, i, model);
    }
    place(frozen, 0, cut - 1);
    place(learning, cut < 0 ? blocks.length : cut, blocks.length - 1);
    place(kept, 0, (model.get("_facts").num_kept ?? 0) - 1);
    strip.classList.toggle("tlk-board-has-moved", model.get("moved").length > 0);
  };
  return { strip, buttons, update };
}
