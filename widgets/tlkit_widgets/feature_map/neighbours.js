import { h, put, say } from "../shared/common.js";

const PREVIEW = 96; // pixels
const help = () =>
  say`Point at a dot to see its image. Click one, or move with the arrow keys and press Enter, to see its nearest neighbours.`;

// The selected image and its nearest neighbours.
export function neighbourPanel(model, state, pictures) {
  const panel = h("div", { class: "tlk-map-near", role: "status" });
  const figure = (i, caption, kind, size) => {
    const tile = pictures.tile(i, size, say`image ${i}, ${state.label(i)}`);
    return h("figure", { class: `tlk-map-${kind}` }, tile, h("figcaption", {}, caption));
  };
  const neighbour = (i, isSame) => figure(i, `${isSame ? "✓" : "✗"} ${state.label(i)}`, isSame ? "same" : "other", 48);
  const showNeighbours = (selected) => {
    const near = state.neighbours(selected);
    const isSame = (i) => state.alike(i, selected);
    const clear = h("button", { type: "button" }, say`Clear`);
    clear.addEventListener("click", () => put(model, { selected: null }));
    const count = h("strong", {}, say`${near.filter(isSame).length} of ${near.length}`);
    panel.replaceChildren(
      h("div", { class: "tlk-row" }, figure(selected, state.label(selected), "chosen", 84), clear),
      h("p", {}, count, " ", say`nearest neighbours are also ${state.label(selected)}:`),
      h("div", { class: "tlk-map-tiles" }, ...near.map((i) => neighbour(i, isSame(i)))),
    );
  };
  const update = () => {
    const selected = model.get("selected");
    if (selected === null) {
      panel.replaceChildren(h("p", { class: "tlk-soft" }, help()));
    } else {
      showNeighbours(selected);
    }
  };
  return { panel, update };
}

// A card with the image of the current point, beside it and inside the plot; returns a function that shows it, or hides
// it for -1.
export function previewCard(state, pictures, plot) {
  const card = h("div", { class: "tlk-map-card", "aria-hidden": "true" });
  card.hidden = true;
  return (i, at) => {
    card.hidden = i < 0;
    if (i < 0) {
      return;
    }
    const [x, y] = at(i);
    const left = x + PREVIEW + 40 > plot.clientWidth ? x - PREVIEW - 28 : x + 16;
    const top = Math.max(0, y - PREVIEW / 2);
    card.replaceChildren(pictures.tile(i, PREVIEW, ""), h("div", {}, state.label(i)));
    card.style.left = `${Math.max(0, left)}px`;
    card.style.top = `${Math.min(top, plot.clientHeight - PREVIEW - 34)}px`;
    if (!card.isConnected) {
      plot.append(card);
    }
  };
}
