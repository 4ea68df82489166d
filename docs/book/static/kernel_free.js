// Brings the widgets of a page to life without a kernel: each gets anywidget's `model`, made of what the kernel of the
// lesson has left (`tlkit_widgets.recorded`). What that kernel did not answer in advance, the page says that it needs one.
(() => {
  const base = new URL(".", document.currentScript.src).href;
  const book = { modules: {}, styles: {}, states: {} };
  window.tlkitBook = book;

  const loading = new Map();
  function load(name) {
    if (!loading.has(name)) {
      const start = (done, failed) => {
        const script = Object.assign(document.createElement("script"), { src: base + name, onload: done });
        script.onerror = () => failed(new Error(`${name} is missing`));
        document.head.append(script);
      };
      loading.set(name, new Promise(start));
    }
    return loading.get(name);
  }

  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

  // Values as a kernel would send them: bytes as a DataView, and nothing that two models share.
  function revive(value) {
    if (value?.base64 === undefined) {
      return structuredClone(value);
    }
    return new DataView(Uint8Array.from(atob(value.base64), (letter) => letter.charCodeAt(0)).buffer);
  }

  // The answer whose settings are nearest: numbers may differ, each by its share of the range that was asked.
  function nearest(answers, settings) {
    const numeric = (name) => answers.every(([asked]) => typeof asked[name] === "number");
    const spread = (name) => Math.max(...answers.map(([asked]) => Math.abs(asked[name]))) || 1;
    const names = Object.keys(answers[0][0]);
    const numbers = names.filter((name) => numeric(name) && typeof settings[name] === "number");
    const fits = ([asked]) => names.every((name) => numbers.includes(name) || same(asked[name], settings[name]));
    const scales = numbers.map((name) => [name, spread(name)]);
    const far = ([asked]) => scales.reduce((sum, [name, by]) => sum + ((asked[name] - settings[name]) / by) ** 2, 0);
    return answers.filter(fits).reduce((best, each) => (best && far(best) <= far(each) ? best : each), null);
  }

  // The part of anywidget's model that a view sees.
  function makeModel(record, needsKernel) {
    const state = Object.fromEntries(Object.entries(record.state).map(([name, value]) => [name, revive(value)]));
    const handlers = {};
    let kept = {}; // what the traits that Python answers were, as long as there is no answer to what they are now
    const emit = (event, ...values) => [...(handlers[event] ?? [])].map((act) => act(...values));
    const model = {
      get: (name) => state[name],
      set: (name, value) => {
        if (!same(state[name], value)) {
          if (record.asks.includes(name) && !(name in kept)) {
            kept[name] = state[name];
          }
          state[name] = value;
          emit(`change:${name}`, model, value);
        }
      },
      on: (event, act) => {
        handlers[event] ??= [];
        handlers[event].push(act);
      },
      off: (event, act) => {
        handlers[event] = act ? (handlers[event] ?? []).filter((each) => each !== act) : [];
      },
      send: ({ kind }) => kind !== "all" && needsKernel(),
      save_changes: () => {
        const asked = kept;
        kept = {};
        if (Object.keys(asked).length) {
          answer(asked);
        }
      },
    };
    const put = (values) => {
      for (const [name, value] of Object.entries(values)) {
        state[name] = revive(value);
      }
      for (const name of Object.keys(values)) {
        emit(`change:${name}`, model, state[name]);
      }
    };
    const answer = (before) => {
      const names = Object.keys(record.answers[0]?.[0] ?? {});
      const found = Object.keys(before).every((name) => names.includes(name)) && nearest(record.answers, state);
      const exact = found && names.every((name) => same(found[0][name], state[name]));
      needsKernel(found ? !exact && "nearest" : "none", found ? [] : suggestions(record, before));
      put(found ? { ...found[0], ...found[1] } : before);
    };
    return model;
  }

  // Texts that were asked in advance, where a text was asked that was not.
  function suggestions({ answers }, before) {
    const [name] = Object.keys(before).filter((each) => typeof answers[0]?.[0][each] === "string");
    return name ? [...new Set(answers.map(([asked]) => asked[name]))] : [];
  }

  // A line below a widget that says what the book cannot do, and how to do it.
  function notice(place) {
    const line = Object.assign(document.createElement("p"), { className: "book-notice", hidden: true });
    line.setAttribute("role", "status");
    place.append(line);
    return (why = "none", known = []) => {
      line.hidden = !why;
      const said = why === "nearest" ? "The nearest answer that the book keeps. Any other" : "This";
      const kept = known.length ? ` Without one: ${known.map((text) => `“${text}”`).join(", ")}.` : "";
      line.innerHTML = `${said} needs a kernel: run <code>tlkit lab</code>, and open <code></code>.`;
      line.lastElementChild.textContent = place.dataset.lesson;
      line.append(kept);
    };
  }

  async function makeWidget(id, needsKernel) {
    await load(`states/${id}.js`);
    const record = book.states[id];
    await load(`widgets/${record.class}.js`);
    addStyle(record.class);
    const model = makeModel(record, needsKernel);
    const host = { getWidget: (reference) => makeWidget(reference.replace("anywidget:", ""), needsKernel) };
    const { initialize, render } = book.modules[record.class];
    const { signal } = new AbortController();
    await initialize?.({ model, signal });
    return { render: ({ el }) => render({ model, el, signal, host }) };
  }

  function addStyle(name) {
    if (!document.getElementById(`book-style-${name}`)) {
      const style = Object.assign(document.createElement("style"), { id: `book-style-${name}` });
      style.textContent = book.styles[name];
      document.head.append(style);
    }
  }

  async function drawFigure(place, { data, layout }) {
    await load("plotly.min.js");
    await window.Plotly.newPlot(place, data, layout, { responsive: true, displaylogo: false });
  }

  async function enliven(place) {
    const el = document.createElement("div");
    const { widget, figure } = place.dataset;
    if (figure) {
      return drawFigure(place, JSON.parse(figure));
    }
    await load(`states/${widget}.js`);
    place.prepend(el);
    const needsKernel = notice(place);
    if (book.states[widget].figure) {
      await drawFigure(el, book.states[widget].figure);
      needsKernel();
    } else {
      await (await makeWidget(widget, needsKernel)).render({ el });
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

  const near = new IntersectionObserver(
    (entries) => {
      for (const { target } of entries.filter((entry) => entry.isIntersecting)) {
        near.unobserve(target);
        enliven(target);
      }
    },
    { rootMargin: "800px" },
  );
  followTheme();
  for (const place of document.querySelectorAll(".book-widget, .book-figure")) {
    near.observe(place);
  }
})();
