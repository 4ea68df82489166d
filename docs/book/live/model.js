import { nearest, same, suggestions } from "./answers.js";

// Values as a kernel would send them: bytes as a DataView, and nothing that two models share.
function revive(value) {
  if (value?.base64 === undefined) {
    return structuredClone(value);
  }
  return new DataView(Uint8Array.from(atob(value.base64), (letter) => letter.charCodeAt(0)).buffer);
}

const reviveAll = (values) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, revive(value)]));

function makeEvents() {
  const handlers = new Map();
  const of = (event) => handlers.get(event) ?? [];
  return {
    on: (event, act) => handlers.set(event, [...of(event), act]),
    off: (event, act) =>
      handlers.set(
        event,
        of(event).filter((each) => act && each !== act),
      ),
    emit: (event, ...values) => {
      for (const act of of(event)) {
        act(...values);
      }
    },
  };
}

// The part of anywidget's model that a view sees, made of what the kernel of a lesson has left of a widget. `hear` answers
// a message, and `say` tells the reader what needs a kernel: see `notices.js`.
export function makeModel(record, { hear, say }) {
  const state = reviveAll(record.state);
  const { on, off, emit } = makeEvents();
  let before = {}; // the kernel's own traits as they were, until it has answered what was set
  const set = (name, value) => {
    if (!same(state[name], value)) {
      if (record.asks.includes(name) && !(name in before)) {
        before[name] = state[name];
      }
      state[name] = value;
      emit(`change:${name}`, model, value);
    }
  };
  const put = (values) => {
    Object.assign(state, reviveAll(values));
    for (const name of Object.keys(values)) {
      emit(`change:${name}`, model, state[name]);
    }
  };
  const save_changes = () => {
    const asked = Object.keys(before);
    const answer = asked.every((name) => name in (record.answers[0]?.[0] ?? {})) && nearest(record.answers, state);
    if (asked.length && answer) {
      say(Object.keys(answer[0]).every((name) => same(answer[0][name], state[name])) ? "" : "nearest");
      put({ ...answer[0], ...answer[1] });
    } else if (asked.length) {
      say("none", suggestions(record.answers, asked));
      put(before);
    }
    before = {};
  };
  const model = { get: (name) => state[name], set, put, save_changes, send: ({ kind }) => hear(kind, model), on, off };
  return model;
}
