import { h, headings, onChange, percent, plural, put, scrollBox, startView } from "./shared/common.js";
import { sprite } from "./shared/sprite.js";

const TILE = 22; // 24 of them fit into a notebook
const price = (milliseconds) => `${milliseconds.toFixed(2)} ms`;

// A cell that says whether an image was named rightly, by its shape as well as by its colour.
function answer(isRight) {
  const mark = h("span", { "aria-hidden": "true" }, isRight ? "✓" : "×");
  const said = h("span", { class: "tlk-hidden" }, isRight ? "right" : "wrong");
  return h("td", { class: isRight ? "tlk-team-right" : "tlk-team-wrong" }, mark, said);
}

// The row of a member: a switch, its share, its price, and its answers.
function memberRow(model, k) {
  const name = model.get("names")[k];
  const button = h("button", { type: "button", role: "switch", "aria-label": `${name} votes` });
  button.addEventListener("click", () => put(model, { on: model.get("on").map((old, i) => (i === k ? !old : old)) }));
  const row = h(
    "tr",
    {},
    h("th", { scope: "row" }, button, ` ${name}`),
    h("td", { class: "tlk-team-number" }, percent(model.get("alone")[k])),
    h("td", { class: "tlk-team-number" }, price(model.get("_prices")[k])),
    ...model.get("_cells")[k].map(answer),
  );
  const update = () => {
    const on = model.get("on")[k];
    button.setAttribute("aria-checked", String(on));
    button.textContent = on ? "on" : "off";
    row.classList.toggle("tlk-team-off", !on);
  };
  return { row, update };
}

function render({ model, el }) {
  startView(el, "tlk-team");
  const pictures = sprite(model);
  const members = model.get("names").map((_name, k) => memberRow(model, k));
  const shown = model.get("right");
  const tiles = shown.map((_right, i) =>
    h("th", { scope: "col", class: "tlk-team-image" }, pictures.tile(i, TILE, `image ${i + 1}`)),
  );
  const head = h("tr", {}, ...headings(["member", "alone", "price"]), ...tiles);
  const vote = h("tr", { class: "tlk-team-vote" });
  const table = h("table", {}, h("thead", {}, head), h("tbody", {}, ...members.map(({ row }) => row), vote));
  const all = h("button", { type: "button" }, "Switch all on");
  all.addEventListener("click", () => put(model, { on: model.get("on").map(() => true) }));
  const share = h("output", { class: "tlk-team-share", role: "status" });
  const update = () => {
    for (const member of members) {
      member.update();
    }
    const number = model.get("on").filter(Boolean).length;
    const [right, cost] = [percent(model.get("accuracy")), price(model.get("milliseconds"))];
    vote.replaceChildren(
      h("th", { scope: "row" }, "vote"),
      h("td", { class: "tlk-team-number" }, right),
      h("td", { class: "tlk-team-number" }, cost),
      ...model.get("right").map(answer),
    );
    share.textContent = number ? `${plural(number, "member")}: ${right} right for ${cost}` : "nobody votes";
  };
  onChange(model, ["on", "accuracy", "right", "milliseconds"], update);
  el.append(
    h("div", { class: "tlk-row" }, all, share),
    scrollBox("Members and images", "tlk-team-box", table),
    h("div", { class: "tlk-soft" }, "✓ named rightly, × not; a member that is off has no vote"),
  );
  update();
  return () => pictures.free();
}
export default { render };
