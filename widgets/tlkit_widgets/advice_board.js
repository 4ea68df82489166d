import { h, onChange, put, startView } from "./shared/common.js";

const SIMILARITY = { alike: "alike", related: "related", far: "far", unknown: "not known" };
const HARDWARE = { cpu: "CPU only", gpu: "GPU" };

// How many labelled images there are: typed, or stepped by the arrow keys.
function labelsField(model) {
  const field = h("input", { type: "number", min: 0, step: 1, class: "tlk-advice-number" });
  field.addEventListener("input", () => {
    if (field.validity.valid && field.value !== "") {
      put(model, { labels: Number(field.value) });
    }
  });
  const update = () => {
    if (Number(field.value) !== model.get("labels") || field.value === "") {
      field.value = model.get("labels");
    }
  };
  return { part: h("label", {}, "Labels for each class", field), update };
}

function sourceBox(model) {
  const box = h("input", { type: "checkbox" });
  box.addEventListener("change", () => put(model, { source_labels: box.checked }));
  const update = () => {
    box.checked = model.get("source_labels");
  };
  return { part: h("label", {}, box, "labelled source images at hand"), update };
}

function choice(model, trait, values, words, text) {
  const select = h("select", {});
  select.append(...model.get(values).map((value) => h("option", { value }, words[value])));
  select.addEventListener("change", () => put(model, { [trait]: select.value }));
  const update = () => {
    select.value = model.get(trait);
  };
  return { part: h("label", {}, text, select), update };
}

// The rows from `start` on that stand at one depth, each with those below it.
export function nested(rows, start = 0) {
  const depth = rows[start]?.depth;
  const items = [];
  let at = start;
  while (at < rows.length && rows[at].depth >= depth) {
    if (rows[at].depth === depth) {
      items.push({ row: rows[at], below: [] });
      at += 1;
    } else {
      const { items: below, end } = nested(rows, at);
      items.at(-1).below = below;
      at = end;
    }
  }
  return { items, end: at };
}

function branch(items) {
  const list = h("ul", { class: "tlk-advice-tree" });
  for (const { row, below } of items) {
    const type = row.on_path ? "tlk-advice-row tlk-advice-taken" : "tlk-advice-row";
    const line = h("span", { class: type });
    if (row.branch) {
      line.append(h("b", {}, row.branch), " ");
    }
    line.append(row.text);
    if (row.lesson !== null) {
      line.classList.add("tlk-advice-way");
      line.append(h("span", { class: "tlk-advice-lesson" }, `lesson ${row.lesson}`));
    }
    const item = h("li", {}, line);
    if (row.on_path) {
      item.setAttribute("aria-current", "true");
    }
    if (below.length) {
      item.append(branch(below));
    }
    list.append(item);
  }
  return list;
}

function answer(model) {
  const panel = h("p", { class: "tlk-advice-answer", role: "status" });
  const update = () => {
    const { way, reason, lesson, setting } = model.get("_advice");
    panel.replaceChildren(h("strong", {}, way), ` (${setting}). ${reason} Lesson ${lesson} tests it.`);
  };
  return { part: panel, update };
}

function render({ model, el }) {
  startView(el, "tlk-advice");
  const fields = [
    labelsField(model),
    sourceBox(model),
    choice(model, "similarity", "_similarities", SIMILARITY, "Images of target and source"),
    choice(model, "hardware", "_hardware", HARDWARE, "Computer"),
  ];
  const panel = answer(model);
  const tree = h("div", {});
  const update = () => {
    for (const part of [...fields, panel]) {
      part.update();
    }
    tree.replaceChildren(branch(nested(model.get("_rows")).items));
  };
  onChange(model, ["labels", "source_labels", "similarity", "hardware", "_rows", "_advice"], update);
  el.append(h("div", { class: "tlk-row" }, ...fields.map(({ part }) => part)), panel.part, tree);
  update();
}
export default { render };
