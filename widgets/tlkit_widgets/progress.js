import { h, keepKeys } from "./common.js";

const MARKS = { right: "✓", partly: "◐", wrong: "✗", "not attempted": "○" };
const short = (value) => String(+value.toFixed(2));

export function summary(lessons) {
  const points = lessons.reduce((sum, one) => sum + one.points, 0), of = lessons.reduce((sum, one) => sum + one.of, 0);
  return `${short(points)} of ${short(of)} points`;
}

function lessonBox(lesson, open) {
  const bar = h("progress", { max: lesson.of, value: lesson.points, "aria-label": `lesson ${lesson.number}` });
  const head = h("tr", {}, ...["", "exercise", "points", "attempts", "hints"].map((name) => (name ? h("th", { scope: "col" }, name) : h("td"))));
  const rows = lesson.exercises.map((one) => h("tr", { "data-state": one.state },
    h("td", {}, h("span", { role: "img", "aria-label": one.state, title: one.state }, MARKS[one.state])), h("th", { scope: "row" }, `${one.id} ${one.title}`),
    h("td", {}, `${short(one.points)} of ${short(one.of)}`), h("td", {}, String(one.attempts)), h("td", {}, String(one.hints))));
  const details = h("details", { "data-number": lesson.number }, h("summary", {}, `Lesson ${lesson.number}: ${short(lesson.points)} of ${short(lesson.of)} points `, bar),
    h("div", { class: "tlk-progress-scroll" }, h("table", {}, h("thead", {}, head), h("tbody", {}, ...rows))));
  details.open = open;
  return details;
}

function render({ model, el }) {
  el.classList.add("tlk", "tlk-progress");
  keepKeys(el);
  const total = h("p", { role: "status" }), list = h("div");
  const update = () => {
    const lessons = model.get("lessons"), open = new Set([...list.querySelectorAll("details[open]")].map((one) => +one.dataset.number));
    const focused = document.activeElement?.closest?.(".tlk-progress details")?.dataset.number;
    total.textContent = summary(lessons);
    list.replaceChildren(...lessons.map((lesson) => lessonBox(lesson, open.has(lesson.number) || lessons.length === 1)));
    if (focused !== undefined) list.querySelector(`details[data-number="${focused}"] summary`)?.focus();
  };
  model.on("change:lessons", update);
  el.append(total, list);
  update();
}
export default { render };
