import { h, number, put } from "./common.js";

// Number of frozen blocks if these come first and all others learn, else -1.
export function cutOf(states) {
  const found = states.findIndex((state) => state !== "frozen"), cut = found < 0 ? states.length : found;
  return states.slice(cut).every((state) => state === "learning") ? cut : -1;
}
export const prefix = (length, cut) => Array.from({ length }, (_, i) => (i < cut ? "frozen" : "learning"));

// Blocks from `from` to `to`, both included, set to `state`.
export const ranged = (states, from, to, state) => states.map((old, i) => (i >= Math.min(from, to) && i <= Math.max(from, to) ? state : old));

export function describe(block, state, bnLearning) {
  const merges = Object.entries(block.merges).map(([kind, count]) => `${count} ${kind}`).join(", ");
  return [`${block.name}: ${state === "partly" ? "partly frozen" : state}`, `${block.num_layers} layers`, `${number.format(block.num_parameters)} parameters`,
    block.num_bn ? `${bnLearning} of ${block.num_bn} BatchNorm learn` : "", merges && `merges by ${merges}${block.branches > 2 ? ` of ${block.branches} branches` : ""}`, `output ${block.shape}`,
    block.random ? "draws at random while training" : "", block.cut ? "" : "several tensors go on from here"].filter(Boolean).join(", ");
}

// Runs of neighbours with maps of one size: [{from, to, text}], so that the reader sees the picture shrink.
export function stages(blocks) {
  const out = [];
  blocks.forEach(({ shape }, i) => {
    const sides = shape.split(" × "), text = sides.length < 3 ? shape : sides[0] === sides[1] ? `${sides[0]}²` : `${sides[0]}×${sides[1]}`;
    if (out.at(-1)?.text === text) out.at(-1).to = i; else out.push({ from: i, to: i, text, whole: sides.slice(0, -1).join(" × ") || "no map" });
  });
  return out;
}

// A name in up to three short lines, as it stands upright below its tile.
export const lines = (label, room = 6) => label.split(/[._ ]+/).flatMap((part) => (part.length > room ? part.match(/^[a-z]+|.+/gi) : [part])).slice(0, 3);

// How data run through a block: straight on, past a sum, or in branches that are joined.
export function glyph({ merges, branches }) {
  const paths = [];
  if (merges.concat) {
    const n = Math.min(6, Math.max(2, branches));
    for (let k = 0; k < n; k++) { const y = 10 + (k / (n - 1) - 0.5) * 17; paths.push(`M1 10C6 10 5 ${y} 11 ${y}H15C21 ${y} 20 10 25 10`); }
    paths.push("M24 5V15");
  } else {
    paths.push("M1 10H25");
    if (merges.add) paths.push("M3 10C3-1 20-1 20 8M17.4 10a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0-5.2 0");
  }
  return h("svg", { viewBox: "0 0 26 20", class: "tlk-board-glyph", "aria-hidden": "true" }, h("path", { d: paths.join("") }));
}
const flow = (block) => h("span", { class: "tlk-board-flow", "aria-hidden": "true" }, h("i"), glyph(block), h("i"));

const grid = (element, from, to) => { element.style.gridColumn = `${from + 1} / ${to + 2}`; return element; };

// One tile a block. `focusOn(i)` is told which block has the focus.
export function tiles(model, focusOn) {
  const blocks = model.get("blocks"), logs = blocks.map((b) => Math.log10(b.num_parameters + 10)), least = Math.min(...logs), most = Math.max(...logs);
  const strip = h("div", { class: "tlk-board-strip", role: "toolbar", "aria-label": `Blocks of ${model.get("_name")}, from the input to the output. Space freezes or lets learn, F freezes up to here, shift selects a range.` });
  strip.style.setProperty("--tlk-blocks", blocks.length);
  strip.classList.toggle("tlk-board-many", blocks.length > 16);
  let last = 0;
  const toggle = (i, range) => {
    if (model.get("busy")) return;
    const states = model.get("states");
    if (range) return put(model, { states: ranged(states, last, i, states[last]) });
    last = i;
    return put(model, { states: ranged(states, i, i, states[i] === "frozen" ? "learning" : "frozen") });
  };
  const buttons = blocks.map((block, i) => {
    const bar = h("span", { class: "tlk-board-bar" }), change = h("span", { class: "tlk-board-moved" });
    bar.style.height = `${16 + (70 * (logs[i] - least)) / (most - least || 1)}px`;
    const tile = h("button", { type: "button", class: "tlk-board-tile", tabindex: i ? -1 : 0, "data-block": block.name },
      h("span", { class: "tlk-board-column" }, bar), flow(block),
      h("span", { class: "tlk-board-label" }, ...lines(block.label, blocks.length > 16 ? 6 : 8).map((line) => h("span", { class: line.length > 8 ? "tlk-board-long" : undefined }, line))), h("span", { class: "tlk-board-track", "aria-hidden": "true" }, change));
    grid(tile, i, i);
    tile.addEventListener("click", (event) => { focus(i); toggle(i, event.shiftKey); });
    tile.addEventListener("focus", () => focusOn(i));
    tile.addEventListener("keydown", (event) => {
      const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: blocks.length - 1 }[event.key];
      if (event.key === "f" || event.key === "F") put(model, model.get("busy") ? {} : { states: prefix(blocks.length, i + 1) });
      else if (to === undefined) return;
      else if (event.shiftKey && blocks[to]) { toggle(to, true); focus(to); } else focus(Math.min(blocks.length - 1, Math.max(0, to)));
      event.preventDefault();
    });
    return tile;
  });
  const ruler = stages(blocks).map(({ from, to, text, whole }) => grid(h("span", { class: "tlk-board-stage", title: `maps of ${whole}`, "aria-hidden": "true" }, h("span", {}, text)), from, to));
  const zones = ["frozen", "learning"].map((state) => h("div", { class: "tlk-board-zone", "data-state": state, "aria-hidden": "true" }, h("span", {}, state === "frozen" ? "frozen" : "learns")));
  const kept = h("div", { class: "tlk-board-kept", "aria-hidden": "true" }, h("span", {}, "computed once"));
  strip.append(...zones, ...buttons, ...ruler, kept);
  const focus = (i) => { buttons.forEach((tile, j) => { tile.tabIndex = i === j ? 0 : -1; }); buttons[i].focus(); focusOn(i); };
  const place = (element, from, to) => { element.hidden = to < from; if (to >= from) grid(element, from, to).dataset.size = to - from + 1; };
  const update = () => {
    const states = model.get("states"), moved = model.get("moved"), facts = model.get("_facts"), far = Math.max(...moved, 1e-12), cut = cutOf(states), n = blocks.length;
    buttons.forEach((tile, i) => {
      const state = states[i], text = describe(blocks[i], state, facts.bn_learning?.[i] ?? 0), factor = model.get("factors")[blocks[i].name];
      const change = !moved.length ? "" : moved[i] === null ? ", diverged: its weights are no numbers" : `, moved by ${(100 * moved[i]).toPrecision(2)} %`;
      tile.dataset.state = state;
      tile.setAttribute("aria-pressed", state === "partly" ? "mixed" : String(state === "frozen"));
      tile.setAttribute("aria-label", text + change + (factor ? `, rate × ${factor}` : ""));
      tile.title = text.replaceAll(", ", "\n") + change.replace(", ", "\n");
      tile.setAttribute("aria-disabled", String(model.get("busy")));
      const bar = tile.querySelector(".tlk-board-moved");
      bar.style.height = moved.length ? `${moved[i] === null ? 30 : Math.max(moved[i] ? 2 : 0, 30 * Math.sqrt(moved[i] / far))}px` : "0";
    });
    place(zones[0], 0, cut - 1);
    place(zones[1], cut < 0 ? n : cut, n - 1);
    place(kept, 0, (facts.num_kept ?? 0) - 1);
    strip.classList.toggle("tlk-board-has-moved", moved.length > 0);
  };
  return { strip, buttons, update };
}

// The line that divides frozen from learning: a slider by name and keys, dragged over the tiles.
export function cutLine(model, strip, buttons) {
  const n = buttons.length, blocks = model.get("blocks"), arrows = h("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, h("path", { d: "M6 4L2 8L6 12M10 4L14 8L10 12" }));
  const line = h("div", { class: "tlk-board-line", role: "slider", tabindex: 0, "aria-label": "Frozen up to here", "aria-orientation": "horizontal", "aria-valuemin": 0, "aria-valuemax": n }, arrows);
  const edge = (cut) => { const tile = buttons[Math.min(cut, n - 1)]; return cut < n ? tile.offsetLeft - 1.5 : tile.offsetLeft + tile.offsetWidth + 1.5; };
  const set = (cut) => { if (!model.get("busy") && cut !== cutOf(model.get("states"))) put(model, { states: prefix(n, cut) }); };
  const shown = () => { const cut = cutOf(model.get("states")); return cut < 0 ? model.get("states").lastIndexOf("frozen") + 1 : cut; };
  line.addEventListener("keydown", (event) => {
    const to = { ArrowRight: shown() + 1, ArrowUp: shown() + 1, ArrowLeft: shown() - 1, ArrowDown: shown() - 1, Home: 0, End: n }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    set(Math.min(n, Math.max(0, to)));
  });
  line.addEventListener("pointerdown", (event) => { line.setPointerCapture(event.pointerId); event.preventDefault(); line.focus(); });
  line.addEventListener("pointermove", (event) => {
    if (!line.hasPointerCapture(event.pointerId)) return;
    const x = event.clientX - strip.getBoundingClientRect().left + strip.scrollLeft;
    const all = Array.from({ length: n + 1 }, (_, cut) => Math.abs(edge(cut) - x));
    set(all.indexOf(Math.min(...all)));
  });
  const update = () => {
    const cut = cutOf(model.get("states")), at = shown();
    line.style.left = `${edge(at)}px`;
    line.dataset.own = String(cut < 0);
    line.setAttribute("aria-valuenow", at);
    line.setAttribute("aria-valuetext", cut < 0 ? "own pattern" : at ? `${blocks[at - 1].name}, ${at} of ${n} blocks` : "nothing frozen");
    line.setAttribute("aria-disabled", String(model.get("busy")));
  };
  strip.append(line);
  return { line, update };
}
