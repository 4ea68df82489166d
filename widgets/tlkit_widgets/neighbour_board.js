import { h, newId, onChange, put, startView } from "./shared/common.js";

// A cosine as it is read, with a minus that is one.
export const sayCosine = (cosine) => cosine.toFixed(2).replace("-", "−");

function item([name, text, cosine]) {
  return h(
    "li",
    {},
    h("strong", {}, name),
    h("span", { class: "tlk-near-cosine" }, sayCosine(cosine)),
    h("div", {}, text),
  );
}

function list(name, found) {
  const id = newId();
  const items = found.length ? found.map(item) : [h("li", { class: "tlk-soft" }, "No sentence yet.")];
  return h("section", { "aria-labelledby": id }, h("h4", { id }, name), h("ol", {}, ...items));
}

// What a screen reader hears when the lists have changed.
export function sayNearest(text, neighbours) {
  const first = Object.entries(neighbours).filter(([, found]) => found.length);
  const told = first.map(([name, found]) => `${name}, ${found[0][0]}`);
  return told.length ? `Nearest to “${text}”: ${told.join("; ")}.` : "Type a sentence.";
}

function render({ model, el }) {
  startView(el, "tlk-near");
  const id = newId();
  const field = h("input", {
    type: "text",
    id,
    maxlength: model.get("_most"),
    autocomplete: "off",
    spellcheck: "false",
  });
  const ask = () => put(model, { text: field.value });
  const form = h("form", { class: "tlk-row" }, h("label", { for: id }, "Your sentence"), field);
  const button = h("button", { type: "submit", class: "tlk-first" }, "Find neighbours");
  form.append(button);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  const examples = model.get("_examples").map((text) => {
    const each = h("button", { type: "button" }, text);
    each.addEventListener("click", () => put(model, { text }));
    return each;
  });
  const status = h("p", { role: "status", class: "tlk-soft" });
  const lists = h("div", { class: "tlk-near-lists" });
  const update = () => {
    const neighbours = model.get("neighbours");
    lists.replaceChildren(...Object.entries(neighbours).map(([name, found]) => list(name, found)));
    status.textContent = sayNearest(model.get("text"), neighbours);
  };
  const showText = () => {
    field.value = model.get("text");
  };
  onChange(model, ["neighbours"], update);
  onChange(model, ["text"], showText);
  el.append(form, h("div", { class: "tlk-row tlk-near-examples" }, "For example: ", ...examples), status, lists);
  showText();
  update();
}
export default { render };
