import { h, newId, onChange, percent, put, scrollBox, startView } from "./shared/common.js";

// A blank is shown as a mark of its own: an empty heading says nothing.
export const showLetter = (letter) => (letter === " " ? "␣" : letter);

// Where the greatest share is.
export const strongest = (shares) => shares.indexOf(Math.max(...shares));

// A letter as Unicode counts them, and all letters up to it: a vowel sign needs the letter before it.
export const prefixes = (text) =>
  Array.from(text, (_letter, k) =>
    Array.from(text)
      .slice(0, k + 1)
      .join(""),
  );

const foreign = (text, type) => h("span", { lang: "hi", class: type }, text);

function headRow(source) {
  const letters = Array.from(source, (letter) => h("th", { scope: "col" }, showLetter(letter)));
  return h("tr", {}, h("th", { scope: "col" }, "written so far"), ...letters);
}

function shareCell(share, isStrongest) {
  const type = isStrongest ? "tlk-attention-cell tlk-attention-most" : "tlk-attention-cell";
  const cell = h("td", { class: type }, h("span", {}, String(Math.round(100 * share))));
  cell.style.setProperty("--share", share.toFixed(3));
  return cell;
}

// One row for each letter that is shown as written.
function bodyRows(model) {
  const [written, weights] = [prefixes(model.get("written")), model.get("weights")];
  return weights
    .slice(0, model.get("place"))
    .map((shares, row) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, foreign(written[row], "tlk-attention-prefix")),
        ...shares.map((share, column) => shareCell(share, column === strongest(shares))),
      ),
    );
}

function sayName(model) {
  const [place, source] = [model.get("place"), model.get("_source")];
  if (!place) {
    return ["Nothing is written yet."];
  }
  const shares = model.get("weights")[place - 1];
  const at = strongest(shares);
  const text = prefixes(model.get("written"))[place - 1];
  const looked = `: for the last letter, it looks most at “${showLetter(source[at])}” (${percent(shares[at])})`;
  return [`${model.get("network")} writes `, foreign(text, "tlk-attention-said"), looked];
}

function nameField(model) {
  const id = newId();
  const field = h("input", { id, type: "text", maxlength: 18, spellcheck: "false", autocomplete: "off" });
  field.addEventListener("change", () => put(model, { text: field.value }));
  const update = () => {
    field.value = model.get("text");
  };
  return { parts: [h("label", { for: id }, "English name "), field], update };
}

function networkChoice(model) {
  const id = newId();
  const options = model.get("_names").map((name) => h("option", { value: name }, name));
  const choice = h("select", { id }, ...options);
  choice.addEventListener("change", () => put(model, { network: choice.value }));
  const update = () => {
    choice.value = model.get("network");
  };
  return { parts: [h("label", { for: id }, "network "), choice], update };
}

function placeSlider(model) {
  const id = newId();
  const slider = h("input", { id, type: "range", min: 0, step: 1 });
  slider.addEventListener("input", () => put(model, { place: Number(slider.value) }));
  const update = () => {
    slider.max = Array.from(model.get("written")).length;
    slider.value = model.get("place");
    slider.setAttribute("aria-valuetext", `${model.get("place")} of ${slider.max} letters`);
  };
  return { parts: [h("label", { for: id }, "letters written "), slider], update };
}

function render({ model, el }) {
  startView(el, "tlk-attention");
  const controls = [nameField(model), networkChoice(model), placeSlider(model)];
  const [head, body] = [h("thead"), h("tbody")];
  const problem = h("div", { class: "tlk-attention-problem", role: "alert" });
  const status = h("output", { class: "tlk-attention-status", role: "status" });
  const update = () => {
    for (const control of controls) {
      control.update();
    }
    head.replaceChildren(headRow(model.get("_source")));
    body.replaceChildren(...bodyRows(model));
    problem.textContent = model.get("_problem");
    status.replaceChildren(...sayName(model));
  };
  onChange(model, ["text", "network", "place", "written", "weights", "_source", "_problem"], update);
  el.append(
    h("div", { class: "tlk-row" }, ...controls.flatMap(({ parts }) => parts)),
    problem,
    status,
    scrollBox("Attention", "tlk-attention-box", h("table", {}, head, body)),
    h("div", { class: "tlk-soft" }, "rows: letters written; columns: letters read; numbers: attention in percent"),
  );
  update();
}
export default { render };
