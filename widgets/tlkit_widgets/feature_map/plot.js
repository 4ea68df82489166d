import { calm, colorOf, drawLater, SHAPES, shapeOf } from "../shared/common.js";

const RADIUS = 4.5; // pixels, of a marker
const THUMB = 24; // pixels, of a picture in place of a marker
const MARGIN = 16; // pixels
const MOVE_MS = 450;
const DIMMED = 0.18; // opacity

// Draws single things on a canvas at the places of points.
function makePen(g, view, at) {
  const paths = SHAPES.map((d) => new Path2D(d));
  const stroke = (color, width, dash) => {
    g.setLineDash(dash);
    g.strokeStyle = color;
    g.lineWidth = width;
    g.stroke();
  };
  return {
    // The marker of class `k` at point `i`
    marker(i, k, color) {
      g.save();
      g.translate(...at(i));
      g.scale(RADIUS, RADIUS);
      g.fillStyle = color;
      g.fill(paths[shapeOf(k)]);
      g.restore();
    },
    // Picture `i` of a sheet, framed
    picture(i, { sheet, side, place }, color) {
      const [column, row] = place(i);
      const [x, y] = at(i);
      const [left, top] = [x - THUMB / 2, y - THUMB / 2];
      g.drawImage(sheet, column * side, row * side, side, side, left, top, THUMB, THUMB);
      g.setLineDash([]);
      g.lineWidth = 2;
      g.strokeStyle = color;
      g.strokeRect(left, top, THUMB, THUMB);
    },
    ring(i, color, width, dash = []) {
      g.beginPath();
      g.arc(...at(i), view.thumbs ? 18 : 9, 0, 2 * Math.PI);
      stroke(color, width, dash);
    },
    link(from, to, color, dash) {
      g.beginPath();
      g.moveTo(...at(from));
      g.lineTo(...at(to));
      stroke(color, 1.5, dash);
    },
  };
}

// Whether a point steps back: behind the selected one and its neighbours, or behind a class that is brought out.
function dimmer(state, view, raised) {
  const inHighlight = (i) => view.highlight === state.labels[i];
  if (raised.length) {
    return (i) => !raised.includes(i) && !inHighlight(i);
  }
  return (i) => view.highlight !== null && !inHighlight(i);
}

// The points on a canvas. `view` holds what is drawn: the places, the current point, the class that is brought out, and
// whether pictures stand for markers.
export function pointPlot(canvas, model, state, pictures) {
  const g = canvas.getContext("2d");
  const xy = Float32Array.from(state.points());
  const view = { xy, current: -1, highlight: null, thumbs: false, width: 0, height: 0 };
  const at = (i) => {
    const scale = view.height / 2 - MARGIN;
    return [view.width / 2 + view.xy[2 * i] * scale, view.height / 2 - view.xy[2 * i + 1] * scale];
  };
  const pen = makePen(g, view, at);
  // Without a size it is hidden, as it is while JupyterLab changes its theme: then the last size holds.
  const resize = () => {
    const ratio = devicePixelRatio || 1;
    view.width = canvas.clientWidth || view.width;
    view.height = canvas.clientHeight || view.height;
    canvas.width = view.width * ratio;
    canvas.height = view.height * ratio;
    g.scale(ratio, ratio);
  };
  const drawPoints = (points, palette, opacity) => {
    g.globalAlpha = opacity;
    for (const i of points) {
      const k = state.labels[i];
      const color = palette[colorOf(k)];
      if (view.thumbs) {
        pen.picture(i, pictures, color);
      } else {
        pen.marker(i, k, color);
      }
    }
    g.globalAlpha = 1;
  };
  const draw = () => {
    if (!canvas.clientWidth && !view.width) {
      return;
    }
    resize();
    const style = getComputedStyle(canvas);
    const palette = SHAPES.map((_, k) => style.getPropertyValue(`--tlk-c${k}`));
    const selected = model.get("selected");
    const near = selected === null ? [] : state.neighbours(selected);
    const isDim = dimmer(state, view, selected === null ? [] : [selected, ...near]);
    const all = Array.from({ length: state.n }, (_, i) => i);
    const dash = (i, pattern) => (state.alike(i, selected) ? [] : pattern);
    drawPoints(all.filter(isDim), palette, DIMMED);
    for (const i of near) {
      pen.link(selected, i, style.color, dash(i, [4, 4]));
    }
    const isClear = (i) => !isDim(i);
    drawPoints(all.filter(isClear), palette, 1);
    for (const i of near) {
      pen.ring(i, style.color, 1.5, dash(i, [3, 3]));
    }
    if (selected !== null) {
      pen.ring(selected, style.color, 3);
    }
    if (view.current >= 0) {
      pen.ring(view.current, style.getPropertyValue("--tlk-focus"), 2.5);
    }
  };
  const frame = drawLater(draw);
  const motion = mover(view, state, draw);
  const end = () => {
    frame.cancel();
    motion.cancel();
  };
  return { view, at, ask: frame.ask, move: motion.start, end };
}

// Moves the points to the places of the cut that is shown, or puts them there where motion is not wanted.
function mover(view, state, draw) {
  let frame = 0;
  const start = () => {
    cancelAnimationFrame(frame);
    const from = view.xy.slice();
    const to = state.points();
    const began = performance.now();
    const step = (now) => {
      const t = calm() ? 1 : Math.min(1, Math.max(0, now - began) / MOVE_MS);
      const eased = 1 - (1 - t) ** 3;
      for (let i = 0; i < to.length; i++) {
        view.xy[i] = from[i] + (to[i] - from[i]) * eased;
      }
      draw();
      if (t < 1) {
        frame = requestAnimationFrame(step);
      }
    };
    frame = requestAnimationFrame(step);
  };
  return { start, cancel: () => cancelAnimationFrame(frame) };
}
