import { makeModel } from "./model.js";
import { notice } from "./notices.js";
import { book, load } from "./scripts.js";
import { hearBoard } from "./trainings.js";

const models = new Map();
const idOf = (reference) => reference.replace("anywidget:", "");

function addStyle(name) {
  if (!document.getElementById(`book-style-${name}`)) {
    const style = Object.assign(document.createElement("style"), { id: `book-style-${name}` });
    style.textContent = book.styles[name];
    document.head.append(style);
  }
}

function hearer(record, say) {
  return (kind, model) => {
    if (record.trained) {
      say(hearBoard(kind, model, models.get(idOf(model.get("curves"))), record.trained));
    } else if (kind !== "all") {
      say("none");
    }
  };
}

// A widget as anywidget's host gives it to others: what renders a view of it.
async function makeWidget(id, say) {
  await load(`states/${id}.js`);
  const record = book.states[id];
  await load(`widgets/${record.class}.js`);
  addStyle(record.class);
  const { initialize, render } = book.modules[record.class];
  const { signal } = new AbortController();
  if (!models.has(id)) {
    models.set(id, makeModel(record, { hear: hearer(record, say), say }));
    await initialize?.({ model: models.get(id), signal });
  }
  const host = { getWidget: (reference) => makeWidget(idOf(reference), say) };
  return { render: ({ el }) => render({ model: models.get(id), el, signal, host }) };
}

async function drawFigure(place, { data, layout }) {
  await load("plotly.min.js");
  await window.Plotly.newPlot(place, data, layout, { responsive: true, displaylogo: false });
}

async function drawWidget(place) {
  const { widget } = place.dataset;
  const el = document.createElement("div");
  await load(`states/${widget}.js`);
  place.prepend(el);
  const say = notice(place);
  const { figure, says } = book.states[widget];
  if (figure) {
    await drawFigure(el, figure);
    el.after(Object.assign(document.createElement("p"), { textContent: says }));
    say("controls");
  } else {
    await (await makeWidget(widget, say)).render({ el });
  }
  place.classList.add("book-alive");
}

// The widgets know JupyterLab's themes: tell them which one the page has.
function followTheme() {
  const tell = () => {
    document.body.dataset.jpThemeLight = String(document.documentElement.dataset.theme !== "dark");
  };
  new MutationObserver(tell).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  tell();
}

// Bring the widgets and figures of the page to life when they come near.
function start() {
  followTheme();
  const draw = (place) =>
    place.dataset.figure ? drawFigure(place, JSON.parse(place.dataset.figure)) : drawWidget(place);
  const seen = (entries, observer) => {
    for (const { target } of entries.filter((entry) => entry.isIntersecting)) {
      observer.unobserve(target);
      draw(target);
    }
  };
  const near = new IntersectionObserver(seen, { rootMargin: "800px" });
  for (const place of document.querySelectorAll(".book-widget, .book-figure")) {
    near.observe(place);
  }
}
export default { start };
