// What a test of a widget's module needs: tests, equality, and the part of anywidget's model that a view sees.
const tests = [];
export const test = (name, body) => tests.push({ name, body });

export function equal(received, expected, what = "value") {
  const [a, b] = [received, expected].map((value) => JSON.stringify(value));
  if (a !== b) {
    throw new Error(`${what}: received ${a}, expected ${b}`);
  }
}

export function fakeModel(state) {
  const handlers = {};
  const model = {
    state,
    sent: [],
    buffers: [], // of each message
    saves: 0,
    get: (name) => state[name],
    set: (name, value) => {
      state[name] = value;
      model.emit(`change:${name}`);
    },
    save_changes: () => {
      model.saves += 1;
    },
    send: (message, _callbacks, buffers) => {
      model.sent.push(message);
      model.buffers.push(buffers);
    },
    on: (event, handler) => {
      handlers[event] ??= [];
      handlers[event].push(handler);
    },
    off: () => {},
    emit: (event, ...values) => {
      for (const handler of handlers[event] ?? []) {
        handler(...values);
      }
    },
  };
  return model;
}

// Render a widget in the page; `signal` ends with the view, as anywidget's does.
export function mount(widget, model) {
  const el = document.createElement("div");
  document.body.replaceChildren(el);
  const ended = new AbortController();
  const end = widget.render({ model, el, signal: ended.signal });
  return {
    el,
    end: () => {
      ended.abort();
      end?.();
    },
  };
}

export const bytes = (typed) => new DataView(typed.buffer);

// After the drawing that a change of size or of state asked for: a size is observed a frame later than it changed.
export async function frame() {
  for (let i = 0; i < 4; i++) {
    await new Promise((done) => requestAnimationFrame(done));
  }
}

export function key(target, name, options = {}) {
  const event = new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...options });
  target.dispatchEvent(event);
  return event;
}

// Keys that reached the page, as JupyterLab's command mode would see them, while `act` ran.
export function keysThatEscape(act) {
  const seen = [];
  const listen = (event) => seen.push(event.key);
  document.addEventListener("keydown", listen);
  act();
  document.removeEventListener("keydown", listen);
  return seen;
}

export async function run() {
  const results = [];
  for (const { name, body } of tests) {
    try {
      await body();
      results.push({ name, error: null });
    } catch (error) {
      results.push({ name, error: String(error.stack ?? error) });
    }
  }
  return results;
}
