import { boxByKeys, dragBox, moveBox, placeOver, resizeBox } from "./shared/boxes.js";
import { array, h, onChange, put, startView } from "./shared/common.js";

// The box between two corners, inside the photo, or nothing where it would be too small to be meant.
export function boxBetween([x, y], [toX, toY], [width, height]) {
  const clip = (value, most) => Math.round(Math.min(Math.max(value, 0), most));
  const box = [Math.min(x, toX), Math.min(y, toY), Math.max(x, toX), Math.max(y, toY)];
  const [left, top, right, bottom] = box.map((value, k) => clip(value, k % 2 ? height : width));
  const least = Math.max(2, 0.01 * Math.max(width, height));
  return right - left >= least && bottom - top >= least ? [left, top, right, bottom] : null;
}

// The boxes of all photos, with those of one photo replaced.
export const withBoxes = (all, photo, boxes) => all.map((old, k) => (k === photo ? boxes : old));

// What is on the shown photo, and how to change it.
function editor(model) {
  const photo = () => model.get("shown");
  const size = () => model.get("_sizes")[photo()];
  const own = () => model.get("boxes")[photo()];
  const write = (boxes) => put(model, { boxes: withBoxes(model.get("boxes"), photo(), boxes) });
  return {
    size,
    own,
    add: (box, name) => write([...own(), [...box, name]]),
    set: (k, box) => write(own().map((old, i) => (i === k ? [...box.map(Math.round), old[4]] : old))),
    rename: (k, name) => write(own().map((old, i) => (i === k ? [...old.slice(0, 4), name] : old))),
    remove: (k) => write(own().filter((_old, i) => i !== k)),
  };
}

// One button for each box; `choose` is told which has the focus.
function drawnBoxes(model, stage, edit, choose) {
  const make = (k) => {
    const now = () => edit.own()[k].slice(0, 4);
    const tag = h("span", { class: "tlk-box-tag", "aria-hidden": "true" });
    const handle = h("span", { class: "tlk-box-handle", "aria-hidden": "true" });
    const button = h("button", { type: "button", class: "tlk-box" }, tag, handle);
    const size = () => edit.size();
    dragBox(button, stage, size(), now, (box, way) => edit.set(k, moveBox(box, way, size())));
    dragBox(handle, stage, size(), now, (box, way) => edit.set(k, resizeBox(box, way, size())));
    boxByKeys(button, size(), Math.max(1, Math.round(Math.max(...size()) / 100)), now, (box) => edit.set(k, box));
    button.addEventListener("focus", () => choose(k));
    button.addEventListener("keydown", (event) => {
      if (event.key === "Delete" || event.key === "Backspace") {
        event.preventDefault();
        edit.remove(k);
      }
    });
    return { button, tag };
  };
  let made = [];
  let photo = -1;
  const clear = (count) => {
    for (const { button } of made.splice(count)) {
      button.remove();
    }
  };
  return () => {
    const boxes = edit.own();
    if (photo !== model.get("shown")) {
      photo = model.get("shown");
      clear(0);
      made = [];
    }
    clear(boxes.length);
    while (made.length < boxes.length) {
      made.push(make(made.length));
      stage.append(made.at(-1).button);
    }
    for (const [k, box] of boxes.entries()) {
      const { button, tag } = made[k];
      placeOver(button, box.slice(0, 4), edit.size());
      button.style.setProperty("--tlk-own", `var(--tlk-c${model.get("class_names").indexOf(box[4])})`);
      tag.textContent = box[4];
      const place = `left, top, right, bottom: ${box.slice(0, 4).join(", ")}`;
      const keys = "arrow keys move it, with shift they resize it, Delete removes it";
      button.setAttribute("aria-label", `${box[4]}, ${place}; ${keys}`);
    }
    return made;
  };
}

// A drag over the bare photo draws a new box.
function drawByDrag(stage, edit, nameNow) {
  const line = h("div", { class: "tlk-box-dashed" });
  let from = null;
  const at = (event) => {
    const place = stage.getBoundingClientRect();
    const [width, height] = edit.size();
    return [
      ((event.clientX - place.left) / place.width) * width,
      ((event.clientY - place.top) / place.height) * height,
    ];
  };
  stage.addEventListener("pointerdown", (event) => {
    from = at(event);
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    const box = from && boxBetween(from, at(event), edit.size());
    if (box) {
      placeOver(line, box, edit.size());
      stage.append(line);
    }
  });
  stage.addEventListener("pointerup", (event) => {
    const box = from && boxBetween(from, at(event), edit.size());
    from = null;
    line.remove();
    if (box) {
      edit.add(box, nameNow());
    }
  });
  stage.addEventListener("pointercancel", () => {
    from = null;
    line.remove();
  });
}

const button = (text, act) => {
  const made = h("button", { type: "button" }, text);
  made.addEventListener("click", act);
  return made;
};

function render({ model, el }) {
  startView(el, "tlk-boxdraw");
  const edit = editor(model);
  const picture = h("img", { class: "tlk-boxdraw-photo", draggable: "false" });
  const stage = h("div", { class: "tlk-boxdraw-stage", role: "group", "aria-label": "Boxes" }, picture);
  const name = h("select", {}, ...model.get("class_names").map((each) => h("option", { value: each }, each)));
  let chosen = -1;
  const boxes = drawnBoxes(model, stage, edit, (k) => {
    chosen = k;
    name.value = edit.own()[k][4];
  });
  drawByDrag(stage, edit, () => name.value);
  name.addEventListener("change", () => {
    if (edit.own()[chosen]) {
      edit.rename(chosen, name.value);
    }
  });
  const add = button("Add a box", () => {
    const [width, height] = edit.size();
    edit.add([0.4 * width, 0.4 * height, 0.6 * width, 0.6 * height].map(Math.round), name.value);
    boxes().at(-1).button.focus();
  });
  const go = (by) => () => {
    chosen = -1;
    put(model, { shown: model.get("shown") + by });
  };
  const [before, next] = [button("Photo before", go(-1)), button("Next photo", go(1))];
  next.classList.add("tlk-first");
  const status = h("output", { role: "status" });
  const free = () => URL.revokeObjectURL(picture.src);
  const load = () => {
    free();
    picture.src = URL.createObjectURL(new Blob([array(model, "_photo", Uint8Array)], { type: "image/jpeg" }));
  };
  const update = () => {
    const [photo, files] = [model.get("shown"), model.get("files")];
    const [width, height] = edit.size();
    stage.style.aspectRatio = `${width} / ${height}`;
    picture.alt = files[photo];
    before.disabled = photo === 0;
    next.disabled = photo === files.length - 1;
    boxes();
    const total = model.get("boxes").reduce((sum, own) => sum + own.length, 0);
    const here = `Photo ${photo + 1} of ${files.length}, ${files[photo]}`;
    status.textContent = `${here}. Boxes here: ${edit.own().length}, in all: ${total}.`;
  };
  onChange(model, ["boxes", "shown"], update);
  onChange(model, ["_photo"], load);
  el.append(h("div", { class: "tlk-row" }, h("label", {}, "Name ", name), add, before, next), stage, status);
  load();
  update();
  return free;
}
export default { render };
