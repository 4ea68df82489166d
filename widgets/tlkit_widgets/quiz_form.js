import { h, newId, onChange, plural, put, startView } from "./shared/common.js";

const SAY = { right: "✓ right", wrong: "✗ wrong", "not known": "? not known" };

// Text in which backticks mark code.
export const inline = (text) => text.split("`").map((part, i) => (i % 2 ? h("code", {}, part) : part));

const block = (code) => (code ? [h("pre", { tabindex: 0, "aria-label": "code or table" }, code)] : []);

function choice(model, name, place, text, value) {
  const input = h("input", { type: "radio", name, value });
  input.addEventListener("change", () => put(model, { answers: model.get("answers").with(place, value) }));
  return h("label", {}, input, h("span", {}, ...inline(text)));
}

function fieldset(model, question, place) {
  const name = newId();
  const texts = [...question.choices, "I don't know"];
  const legend = h("legend", {}, `${place + 1}. `, ...inline(question.text));
  return h("fieldset", {}, legend, ...block(question.code), ...texts.map((t, i) => choice(model, name, place, t, i)));
}

function judged(when, { state, belief }) {
  const said = belief ? [", as if: ", h("q", {}, ...inline(belief))] : [];
  return h("p", { "data-state": state }, h("b", {}, `${when}: ${SAY[state]}`), ...said);
}

function reviewed(row) {
  const why = h("p", {}, h("b", {}, row.right), ". ", ...inline(row.because), ` Lesson ${row.lesson}.`);
  const question = h(
    "details",
    {},
    h("summary", {}, "The question"),
    h("p", {}, ...inline(row.text)),
    ...block(row.code),
  );
  return h("li", {}, h("h4", {}, row.title), judged("Before", row.before), judged("After", row.after), why, question);
}

function render({ model, el }) {
  startView(el, "tlk-quiz");
  const note = h("p", { role: "status", class: "tlk-quiz-note" });
  const body = h("div");
  const count = h("span", { class: "tlk-soft" });
  const send = h("button", { class: "tlk-first" }, "Hand in");
  send.addEventListener("click", () => model.send("hand in"));
  const start = h("button", {}, "Begin the second attempt");
  start.addEventListener("click", () => put(model, { started: true }));
  const buttons = h("div", { class: "tlk-row" });

  const mark = () => {
    const answers = model.get("answers");
    for (const [place, field] of [...body.querySelectorAll("fieldset")].entries()) {
      for (const input of field.querySelectorAll("input")) {
        input.checked = Number(input.value) === answers[place];
      }
    }
    count.textContent = `${answers.filter((answer) => answer >= 0).length} of ${plural(answers.length, "question")} answered`;
  };
  const draw = () => {
    const questions = model.get("_questions");
    const review = model.get("_review");
    body.replaceChildren(...questions.map((question, place) => fieldset(model, question, place)));
    if (review.length) {
      body.append(h("ol", {}, ...review.map(reviewed)));
    }
    const waits = model.get("_attempt") === 1;
    buttons.replaceChildren(...(questions.length ? [send, count] : [start].filter(() => waits)));
    mark();
  };
  const say = () => {
    note.textContent = model.get("_note");
  };
  onChange(model, ["_questions", "_review", "_attempt"], draw);
  onChange(model, ["answers"], mark);
  onChange(model, ["_note"], say);
  el.append(body, buttons, note);
  draw();
  say();
}
export default { render };
