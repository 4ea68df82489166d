import { h, keepKeys, percent, put, sprite } from "./common.js";

const sum = (values) => values.reduce((a, b) => a + b, 0);

// Recall of a row, precision of a column; null where there is no image.
export const recall = (matrix, k) => (sum(matrix[k]) ? matrix[k][k] / sum(matrix[k]) : null);
export const precision = (matrix, k) => (sum(matrix.map((row) => row[k])) ? matrix[k][k] / sum(matrix.map((row) => row[k])) : null);

const say = (share) => (share === null ? "–" : percent(share));

function grid(model) {
  const names = model.get("class_names"), matrix = model.get("matrix"), n = names.length, cells = [];
  const corner = h("th", { scope: "col", class: "tlk-soft" }, "true ↓ predicted →");
  const head = h("tr", {}, corner, ...names.map((name) => h("th", { scope: "col", class: "tlk-confusion-column" }, h("span", {}, name))), h("th", { scope: "col", class: "tlk-soft" }, "recall"));
  const focus = (t, p) => { cells.flat().forEach((cell) => { cell.tabIndex = -1; }); cells[t][p].tabIndex = 0; cells[t][p].focus(); };
  const body = names.map((name, t) => {
    const total = sum(matrix[t]) || 1;
    cells.push(names.map((other, p) => {
      const count = matrix[t][p], cell = h("button", { type: "button", class: "tlk-confusion-cell", tabindex: t || p ? -1 : 0,
        "aria-label": `true ${name}, predicted ${other}: ${count} ${count === 1 ? "image" : "images"}` });
      cell.style.setProperty("--tlk-share", `${Math.round(45 * count / total)}%`);
      cell.classList.toggle("tlk-confusion-right", t === p);
      cell.addEventListener("click", () => { focus(t, p); put(model, { selected: [t, p] }); });
      cell.addEventListener("keydown", (event) => {
        const to = { ArrowRight: [t, p + 1], ArrowLeft: [t, p - 1], ArrowDown: [t + 1, p], ArrowUp: [t - 1, p], Home: [t, 0], End: [t, n - 1] }[event.key];
        if (event.key === "Escape") put(model, { selected: [] });
        if (!to) return;
        event.preventDefault();
        focus(...to.map((k) => Math.min(n - 1, Math.max(0, k))));
      });
      return cell;
    }));
    return h("tr", {}, h("th", { scope: "row" }, name), ...cells[t].map((cell) => h("td", {}, cell)), h("td", { class: "tlk-soft" }, say(recall(matrix, t))));
  });
  const foot = h("tr", {}, h("th", { scope: "row", class: "tlk-soft" }, "precision"), ...names.map((_, k) => h("td", { class: "tlk-soft" }, say(precision(matrix, k)))), h("td"));
  const right = sum(names.map((_, k) => matrix[k][k])), all = sum(matrix.map(sum));
  const table = h("table", { class: "tlk-confusion-table" }, h("caption", {}, `${right} of ${all} right (${percent(all ? right / all : 0)}). Press a cell to see its images.`), h("thead", {}, head), h("tbody", {}, ...body, foot));
  const update = () => {
    const [st, sp] = model.get("selected"), shares = model.get("shares");
    cells.forEach((row, t) => row.forEach((cell, p) => {
      const count = matrix[t][p];
      cell.textContent = count ? (shares ? percent(count / (sum(matrix[t]) || 1)) : String(count)) : "·";
      cell.setAttribute("aria-pressed", String(t === st && p === sp));
    }));
  };
  return { table, update };
}

function gallery(model, pictures) {
  const names = model.get("class_names"), panel = h("div", { class: "tlk-confusion-images", role: "status" });
  const update = () => {
    const [t, p] = model.get("selected");
    if (t === undefined) { panel.replaceChildren(); return; }
    const shown = model.get("_cells")[`${t},${p}`] ?? [], count = model.get("matrix")[t][p];
    const what = t === p ? `${names[t]}, rightly predicted` : `${names[t]} taken for ${names[p]}`;
    const more = count > shown.length ? `, the first ${shown.length} of them here` : "";
    panel.replaceChildren(h("p", {}, h("strong", {}, what), `: ${count} ${count === 1 ? "image" : "images"}${more}`),
      h("div", { class: "tlk-confusion-tiles" }, ...shown.map((i) => pictures.tile(i, 64, `image ${i}`))));
  };
  return { panel, update };
}

function render({ model, el }) {
  el.classList.add("tlk", "tlk-confusion");
  keepKeys(el);
  const pictures = sprite(model), matrix = grid(model), images = gallery(model, pictures), shares = h("input", { type: "checkbox" });
  shares.addEventListener("change", () => put(model, { shares: shares.checked }));
  const update = () => { shares.checked = model.get("shares"); matrix.update(); images.update(); };
  for (const name of ["selected", "shares"]) model.on(`change:${name}`, update);
  el.append(h("div", { class: "tlk-confusion-scroll" }, matrix.table), h("label", {}, shares, " shares of the true class"), images.panel);
  update();
  return pictures.free;
}
export default { render };
