// Marks over the page for people who watch, out of the sight of the page's script.
//
// They are drawn in a closed shadow tree of the page's body: no query, observer, hit test or stack of the page leads
// there, and no style of the page reaches in. The layer is a popover, which lies above whatever the page puts on top.

const SVG = "http://www.w3.org/2000/svg";
const ARROW = "M0 0 0 17.5 4.2 13.6 7 20.2 10 19 7.2 12.4 13 12.4Z";
// A page that draws nothing for so long is not seen by anybody.
const UNDRAWN = 5000;
let stage = null;

function isOurs(root) {
  return stage !== null && stage.root === root;
}

// CSS animations begin anew when the body gets its shadow tree: they are put where they were, and the page is not told.
function keepingAnimations(change) {
  const kept = document.getAnimations().filter((a) => a instanceof CSSAnimation && a.effect && a.effect.target)
    .map((a) => [a.effect.target, a.effect.pseudoElement, a.animationName, a.currentTime]);
  change();
  if (kept.length === 0) return;
  for (const animation of document.getAnimations()) {
    if (!(animation instanceof CSSAnimation) || !animation.effect) continue;
    const { target, pseudoElement } = animation.effect;
    const before = kept.find(([t, p, name]) => t === target && p === pseudoElement && name === animation.animationName);
    if (before) animation.currentTime = before[3];
  }
  silence(["animationcancel", "animationstart"], kept.map(([target, , name]) => ({ target, name })));
}

// Keeps one event of each type and animation from the page: they come with a frame, whenever that is.
function silence(types, owed) {
  const due = new Map(types.map((type) => [type, [...owed]]));
  const mute = (event) => {
    const list = due.get(event.type);
    const at = list.findIndex(({ target, name }) => target === event.target && name === event.animationName);
    if (at < 0) return;
    list.splice(at, 1);
    event.stopImmediatePropagation();
    if (types.every((type) => due.get(type).length === 0)) stop();
  };
  const stop = () => { for (const type of types) removeEventListener(type, mute, true); };
  for (const type of types) addEventListener(type, mute, true);
  setTimeout(stop, UNDRAWN);
}

function openStage() {
  const host = document.body;
  if (stage && stage.host === host) return null;
  if (!host || host.localName !== "body") return "it has no body";
  if (rootOf(host)) return "its body has a shadow tree of its own";
  const layer = document.createElement("div");
  layer.popover = "manual";
  Object.assign(layer.style, {
    all: "initial", display: "block", position: "fixed", inset: "0", width: "100vw", height: "100vh", overflow: "hidden",
    pointerEvents: "none", visibility: "visible", colorScheme: "only light", zIndex: "2147483647",
  });
  layer.setAttribute("aria-hidden", "true");
  const picture = document.createElementNS(SVG, "svg");
  Object.assign(picture.style, { position: "absolute", left: "0", top: "0", width: "100%", height: "100%", overflow: "visible" });
  layer.append(picture);
  let root = null;
  try {
    keepingAnimations(() => {
      root = host.attachShadow({ mode: "closed" });
      root.append(document.createElement("slot"), layer);
    });
  } catch {
    return "its body has a closed shadow tree of its own";
  }
  if (stage) stage.close();
  stage = { host, root, layer, picture, close: keepOnTop(layer) };
  return null;
}

// What the page opens later would lie above.
function keepOnTop(layer) {
  const raise = () => {
    if (!layer.isConnected || !layer.firstChild.firstChild) return;
    if (layer.matches(":popover-open")) layer.hidePopover();
    layer.showPopover();
  };
  const types = ["toggle", "fullscreenchange"];
  for (const type of types) document.addEventListener(type, raise, true);
  return () => { for (const type of types) document.removeEventListener(type, raise, true); };
}

function shape(name, attributes, parent) {
  const node = document.createElementNS(SVG, name);
  for (const key of Object.keys(attributes)) node.setAttribute(key, attributes[key]);
  if (parent) parent.append(node);
  return node;
}

const marks = new Set();
let isDrawing = false;

// Moves the marks with what they are about, for as long as there are any.
function draw() {
  isDrawing = false;
  for (const mark of marks) if (performance.now() >= mark.until || !mark.place()) drop(mark);
  if (marks.size === 0) return;
  isDrawing = true;
  requestAnimationFrame(draw);
}

function drop(mark) {
  mark.node.remove();
  marks.delete(mark);
  rest();
}

function rest() {
  if (stage && !stage.picture.firstChild && stage.layer.matches(":popover-open")) stage.layer.hidePopover();
}

function show(node) {
  stage.picture.append(node);
  if (!stage.layer.matches(":popover-open")) stage.layer.showPopover();
}

function put(node, duration, place) {
  const mark = { node, place, until: Infinity };
  show(node);
  mark.place();
  marks.add(mark);
  // Its time begins when it is drawn: a busy machine may take longer to the next frame than it shall last.
  const begin = () => {
    clearTimeout(undrawn);
    if (mark.until < Infinity) return;
    mark.until = performance.now() + duration;
    setTimeout(() => { if (marks.has(mark)) drop(mark); }, duration);
  };
  const undrawn = setTimeout(begin, UNDRAWN);
  requestAnimationFrame(() => requestAnimationFrame(begin));
  if (!isDrawing) draw();
}

function isColour(text) {
  return CSS.supports("color", text) && !/^(inherit|initial|unset|revert|revert-layer|currentcolor|transparent)$/i.test(text);
}

// A frame around a box, a little outside of it, and a thin dark one so that it shows on any ground.
function frameShape(colour) {
  const node = shape("g", {});
  shape("rect", { fill: "none", stroke: "#000", "stroke-opacity": 0.45, "stroke-width": 6, rx: 4 }, node);
  shape("rect", { fill: colour, "fill-opacity": 0.2, stroke: colour, "stroke-width": 4, rx: 3 }, node);
  return node;
}

function placeFrame(node, box) {
  const [x, y, width, height] = [box.x - 3, box.y - 3, box.width + 6, box.height + 6];
  const is = [x, y, width, height].join();
  if (node.placed === is) return;
  node.placed = is;
  for (const rect of node.children) {
    for (const [key, value] of Object.entries({ x, y, width, height })) rect.setAttribute(key, value);
  }
}

// Whether it can be seen: a body that is not drawn draws nothing.
async function seen(node, box) {
  await nextFrame();
  if (!node.isConnected || !stage.layer.checkVisibility(DRAWN)) return { why: "the page is not drawn" };
  const inside = box.x < innerWidth && box.y < innerHeight && box.x + box.width > 0 && box.y + box.height > 0;
  return inside ? { x: box.x, y: box.y, width: box.width, height: box.height } : { away: true };
}

function prepared(colour) {
  if (!isColour(colour)) return { colour };
  const why = openStage();
  return why ? { why: "the page takes no marks: " + why } : null;
}

// Where the page is scrolled to, so that a mark stays on what it was put on.
function anchored(move) {
  const [x, y] = [scrollX, scrollY];
  return () => { move(x - scrollX, y - scrollY); return true; };
}

ops.markBox = (box, colour, duration) => {
  const refusal = prepared(colour);
  if (refusal) return refusal;
  const node = frameShape(colour);
  put(node, duration, anchored((x, y) => placeFrame(node, { ...box, x: box.x + x, y: box.y + y })));
  return seen(node, box);
};

// Follows an element; with `inner`, a box in the frame that the element is.
ops.markElement = (number, inner, colour, duration) => {
  const refusal = prepared(colour);
  if (refusal) return refusal;
  const box = () => {
    const element = recall(number);
    const frame = element && inner ? frameBox(element) : null;
    if (frame) {
      return { x: frame.x + inner.x * frame.sx, y: frame.y + inner.y * frame.sy, width: inner.width * frame.sx, height: inner.height * frame.sy };
    }
    return element && !inner ? face(element).getBoundingClientRect() : null;
  };
  const first = box();
  if (!first) return { gone: true };
  const why = inner ? null : obstacle(recall(number), face(recall(number)), false);
  if (why || first.width < 1 || first.height < 1) return { why: why || "it is not visible" };
  const node = frameShape(colour);
  put(node, duration, () => {
    const now = box();
    if (now) placeFrame(node, now);
    return now !== null;
  });
  return seen(node, first);
};

ops.markPath = (points, colour, width, duration) => {
  const refusal = prepared(colour);
  if (refusal) return refusal;
  const node = shape("polyline", {
    fill: "none", stroke: colour, "stroke-width": width, "stroke-linejoin": "round", "stroke-linecap": "round",
    points: points.map((point) => point.x + "," + point.y).join(" "),
  });
  put(node, duration, anchored((x, y) => node.setAttribute("transform", `translate(${x} ${y})`)));
  const [xs, ys] = [points.map((point) => point.x), points.map((point) => point.y)];
  const box = { x: Math.min(...xs), y: Math.min(...ys) };
  return seen(node, { ...box, width: Math.max(...xs) - box.x + 1, height: Math.max(...ys) - box.y + 1 });
};

let pointer = null;
// Puts the drawn pointer to a point; null takes it away.
ops.pointer = (at, big) => {
  if (!at) {
    if (pointer) pointer.remove();
    pointer = null;
    rest();
    return {};
  }
  const why = openStage();
  if (why) return { why: "the page takes no marks: " + why };
  if (!pointer || pointer.big !== big || pointer.parentNode !== stage.picture) {
    if (pointer) pointer.remove();
    pointer = shape("g", {});
    pointer.big = big;
    if (big) shape("circle", { r: 26, fill: "#fd0", "fill-opacity": 0.35, stroke: "#f90", "stroke-width": 2 }, pointer);
    shape("path", {
      d: ARROW, fill: big ? "#d00" : "#000", stroke: "#fff", "stroke-width": 1.2, transform: `scale(${big ? 2.2 : 1.3})`,
    }, pointer);
  }
  pointer.setAttribute("transform", `translate(${at.x} ${at.y})`);
  show(pointer);
  return seen(pointer, { ...at, width: 1, height: 1 });
};
