import { cells, h, headings, say, startView, word } from "./shared/common.js";

// say`right`, say`partly`, say`wrong`, say`not attempted`
const MARKS = { right: "✓", partly: "◐", wrong: "✗", "not attempted": "○" };
const short = (value) => String(+value.toFixed(2));
const sayPoints = ({ points, of }) => say`${short(points)} of ${short(of)}`;

export function summary(lessons) {
  const sum = (name) => lessons.reduce((total, lesson) => total + lesson[name], 0);
  const earned = sayPoints({ points: sum("points"), of: sum("of") });
  return say`${earned} points`;
}

function exerciseRow(exercise) {
  const { id, title, state, attempts, hints } = exercise;
  const mark = h("span", { role: "img", "aria-label": word(state), title: word(state) }, MARKS[state]);
  const name = h("th", { scope: "row" }, `${id} ${title}`);
  const counts = cells([sayPoints(exercise), String(attempts), String(hints)]);
  return h("tr", { "data-state": state }, h("td", {}, mark), name, ...counts);
}

function lessonBox(lesson, open) {
  const { number, points, of, exercises } = lesson;
  const bar = h("progress", { max: of, value: points, "aria-label": say`lesson ${number}` });
  const names = headings([say`exercise`, say`points`, say`attempts`, say`hints`]);
  const head = h("thead", {}, h("tr", {}, h("td"), ...names));
  const table = h("table", {}, head, h("tbody", {}, ...exercises.map(exerciseRow)));
  const details = h(
    "details",
    { "data-number": number },
    h("summary", {}, say`Lesson ${number}: ${sayPoints(lesson)} points`, " ", bar),
    h("div", { class: "tlk-progress-scroll" }, table),
  );
  details.open = open;
  return details;
}

function render({ model, el }) {
  startView(el, "tlk-progress", model);
  const total = h("p", { role: "status" });
  const list = h("div");
  const update = () => {
    const lessons = model.get("lessons");
    const open = new Set([...list.querySelectorAll("details[open]")].map((details) => +details.dataset.number));
    const focused = document.activeElement?.closest?.(".tlk-progress details")?.dataset.number;
    const isOpen = ({ number }) => open.has(number) || lessons.length === 1;
    total.textContent = summary(lessons);
    list.replaceChildren(...lessons.map((lesson) => lessonBox(lesson, isOpen(lesson))));
    if (focused !== undefined) {
      list.querySelector(`details[data-number="${focused}"] summary`)?.focus();
    }
  };
  model.on("change:lessons", update);
  el.append(total, list);
  update();
}
export default { render };
