import { cells, h, headings, startView } from "./shared/common.js";

const MARKS = { right: "✓", partly: "◐", wrong: "✗", "not attempted": "○" };
const short = (value) => String(+value.toFixed(2));
const sayPoints = ({ points, of }) => `${short(points)} of ${short(of)}`;

export function summary(lessons) {
  const sum = (name) => lessons.reduce((total, lesson) => total + lesson[name], 0);
  return `${sayPoints({ points: sum("points"), of: sum("of") })} points`;
}

function exerciseRow(exercise) {
  const { id, title, state, attempts, hints } = exercise;
  const mark = h("span", { role: "img", "aria-label": state, title: state }, MARKS[state]);
  const name = h("th", { scope: "row" }, `${id} ${title}`);
  const counts = cells([sayPoints(exercise), String(attempts), String(hints)]);
  return h("tr", { "data-state": state }, h("td", {}, mark), name, ...counts);
}

function lessonBox(lesson, open) {
  const { number, points, of, exercises } = lesson;
  const bar = h("progress", { max: of, value: points, "aria-label": `lesson ${number}` });
  const names = headings(["exercise", "points", "attempts", "hints"]);
  const head = h("thead", {}, h("tr", {}, h("td"), ...names));
  const table = h("table", {}, head, h("tbody", {}, ...exercises.map(exerciseRow)));
  const details = h(
    "details",
    { "data-number": number },
    h("summary", {}, `Lesson ${number}: ${sayPoints(lesson)} points `, bar),
    h("div", { class: "tlk-progress-scroll" }, table),
  );
  details.open = open;
  return details;
}

function render({ model, el }) {
  startView(el, "tlk-progress");
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
