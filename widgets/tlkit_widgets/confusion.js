import { cells, checkbox, h, onChange, percent, plural, startView } from "./shared/common.js";
import { keyGrid } from "./shared/key_grid.js";
import { sprite } from "./shared/sprite.js";

const sum = (values) => values.reduce((a, b) => a + b, 0);
const shareOf = (count, total) => (total ? count / total : null);

// Recall of a row, precision of a column; null where there is no image.
export const recall = (matrix, k) => shareOf(matrix[k][k], sum(matrix[k]));
export const precision = (matrix, k) => shareOf(matrix[k][k], sum(matrix.map((row) => row[k])));

const sayShare = (share) => (share === null ? "–" : percent(share));

// Buttons with the counts, or with their shares of the true class; the larger the share, the deeper the colour.
function countCells(model) {
  const names = model.get("class_names");
  const matrix = model.get("matrix");
  const totals = matrix.map((row) => sum(row) || 1);
  const attributesOf = (t, p) => ({
    class: t === p ? "tlk-confusion-cell tlk-confusion-right" : "tlk-confusion-cell",
    "aria-label": `true ${names[t]}, predicted ${names[p]}: ${plural(matrix[t][p], "image")}`,
  });
  const show = (cell, t, p) => {
    const count = matrix[t][p];
    const text = model.get("shares") ? percent(count / totals[t]) : String(count);
    cell.textContent = count ? text : "·";
    cell.style.setProperty("--tlk-share", `${Math.round((45 * count) / totals[t])}%`);
  };
  return keyGrid(model, [names.length, names.length], attributesOf, show);
}

function matrixTable(model) {
  const names = model.get("class_names");
  const matrix = model.get("matrix");
  const { rows, update } = countCells(model);
  const soft = (tag, text, scope) => h(tag, { scope, class: "tlk-soft" }, text);
  const columns = names.map((name) => h("th", { scope: "col", class: "tlk-confusion-column" }, h("span", {}, name)));
  const head = h("tr", {}, soft("th", "true ↓ predicted →", "col"), ...columns, soft("th", "recall", "col"));
  const body = names.map((name, t) =>
    h("tr", {}, h("th", { scope: "row" }, name), ...cells(rows[t]), soft("td", sayShare(recall(matrix, t)))),
  );
  const precisions = names.map((_name, k) => soft("td", sayShare(precision(matrix, k))));
  const foot = h("tr", {}, soft("th", "precision", "row"), ...precisions, h("td"));
  const right = sum(names.map((_name, k) => matrix[k][k]));
  const all = sum(matrix.map(sum));
  const caption = `${right} of ${all} right (${percent(all ? right / all : 0)}). Press a cell to see its images.`;
  const table = h(
    "table",
    { class: "tlk-confusion-table" },
    h("caption", {}, caption),
    h("thead", {}, head),
    h("tbody", {}, ...body, foot),
  );
  return { table, update };
}

// The images of the selected cell.
function gallery(model, pictures) {
  const names = model.get("class_names");
  const panel = h("div", { class: "tlk-confusion-images", role: "status" });
  const update = () => {
    const [t, p] = model.get("selected");
    if (t === undefined) {
      panel.replaceChildren();
      return;
    }
    const shown = model.get("_cells")[`${t},${p}`] ?? [];
    const count = model.get("matrix")[t][p];
    const what = t === p ? `${names[t]}, predicted correctly` : `${names[t]} mistaken for ${names[p]}`;
    const more = count > shown.length ? `, the first ${shown.length} of them here` : "";
    const tiles = shown.map((i) => pictures.tile(i, 64, `image ${i}`));
    panel.replaceChildren(
      h("p", {}, h("strong", {}, what), `: ${plural(count, "image")}${more}`),
      h("div", { class: "tlk-confusion-tiles" }, ...tiles),
    );
  };
  return { panel, update };
}

function render({ model, el }) {
  startView(el, "tlk-confusion");
  const pictures = sprite(model);
  const matrix = matrixTable(model);
  const images = gallery(model, pictures);
  const shares = checkbox(model, "shares", "shares of the true class");
  const update = () => {
    for (const part of [shares, matrix, images]) {
      part.update();
    }
  };
  onChange(model, ["selected", "shares"], update);
  el.append(h("div", { class: "tlk-confusion-scroll" }, matrix.table), shares.label, images.panel);
  update();
  return pictures.free;
}
export default { render };
