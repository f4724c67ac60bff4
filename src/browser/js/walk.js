// The numbered list of interactive elements: found first, measured in one go, described last, so that the page is laid
// out once.

const TEXT = 100;
const ROLES = new Set([
  "button", "link", "checkbox", "radio", "switch", "tab", "menuitem", "menuitemcheckbox", "menuitemradio", "option",
  "combobox", "textbox", "searchbox", "slider", "spinbutton", "treeitem", "listbox",
]);
const SKIPPED = new Set([
  "script", "style", "template", "noscript", "head", "math", "option", "optgroup", "datalist", "iframe", "frame",
]);
// Rows and cards are clicked beside the few controls in them; what holds more is a container that listens for others.
const CONTROLS = 3;
// Drawings with more shapes than this are looked at in part.
const SHAPES = 5000;
const listening = new WeakSet();
let shot = { revision: -1, elements: [] };
let isSuspicious = false;

function isInteractive(element, tag) {
  switch (tag) {
    case "a": case "area":
      if (element.hasAttribute("href")) return true;
      break;
    case "input":
      return element.type !== "hidden";
    case "button": case "select": case "textarea": case "summary": case "video":
      return true;
    case "audio":
      return element.controls;
  }
  const role = element.getAttribute("role");
  if (role && ROLES.has(role.split(" ", 1)[0])) return true;
  if (element.hasAttribute("onclick")) return tag !== "body" && tag !== "html";
  const editable = element.getAttribute("contenteditable");
  if (editable !== null && editable !== "false") return true;
  return false;
}

// Elements that only their pointer, tab stop or listener gives away: kept when nothing inside them is interactive.
function isMaybe(element, pointer, parentPointer) {
  if (pointer && !parentPointer || listening.has(element) || element.draggable && element.hasAttribute("draggable")) return true;
  const stop = element.getAttribute("tabindex");
  return stop !== null && element.tabIndex >= 0;
}

// Shapes of a drawing; styles are not asked for, as there can be very many.
function findShapes(drawing, found) {
  const shapes = drawing.getElementsByTagName("*");
  const total = Math.min(shapes.length, SHAPES);
  for (let i = 0; i < total; i++) {
    const shape = shapes[i];
    if (isInteractive(shape, shape.localName) || isMaybe(shape, false, false)) found.push(shape);
  }
}

// Whether an element with controls in it is clicked beside them: it listens, they are few, and it has words of its own.
function isRow(element, controls) {
  if (!listening.has(element) || controls.length > CONTROLS) return false;
  const speaks = (at, depth) => {
    for (let child = at.firstChild; child; child = child.nextSibling) {
      if (child.nodeType === 3 ? /\S/.test(child.data) : child.nodeType === 1 && depth < 20 && !controls.includes(child)
        && !SILENT.has(child.localName) && speaks(child, depth + 1)) return true;
    }
    return false;
  };
  return speaks(element, 0);
}

function find(root) {
  const found = [];
  isSuspicious = false;
  const visit = (element, inside, parentPointer, depth) => {
    const tag = element.localName;
    if (SKIPPED.has(tag) || element.inert) return;
    isSuspicious = isSuspicious || isSuspect(element, tag);
    let within = inside;
    let pointer = parentPointer;
    let maybe = -1;
    if (isInteractive(element, tag)) {
      found.push(element);
      within = true;
    } else if (!inside && tag !== "body" && tag !== "html" && tag !== "label") {
      pointer = getComputedStyle(element).cursor === "pointer";
      if (isMaybe(element, pointer, parentPointer)) {
        maybe = found.length;
        found.push(element);
      }
    }
    if (tag === "svg") {
      if (!inside) findShapes(element, found);
    } else if (depth < 1000) {
      const shadow = rootOf(element);
      if (shadow) for (let c = shadow.firstElementChild; c; c = c.nextElementSibling) visit(c, within, pointer, depth + 1);
      for (let c = element.firstElementChild; c; c = c.nextElementSibling) visit(c, within, pointer, depth + 1);
    }
    if (maybe >= 0 && found.length > maybe + 1 && !isRow(element, found.slice(maybe + 1))) found[maybe] = null;
  };
  if (root) visit(root, false, false, 0);
  return found;
}

const VISIBLE = { visibilityProperty: true, opacityProperty: true };
const DRAWN = { visibilityProperty: true };
const TICKS = new Set(["checkbox", "radio", "file"]);

// What a person sees and clicks: the element, or the label that stands for a hidden tick box or file field.
function face(element) {
  if (element.localName === "input" && TICKS.has(element.type) && !hasBox(element)) {
    for (const label of element.labels || []) if (hasBox(label)) return label;
  }
  return element;
}

function hasBox(element) {
  if (!element.checkVisibility(DRAWN)) return false;
  const box = element.getBoundingClientRect();
  return box.width >= 1 && box.height >= 1;
}

function measure(element) {
  const seen = element.localName === "input" ? DRAWN : VISIBLE;
  let shown = element;
  if (!element.checkVisibility(seen)) {
    shown = face(element);
    if (shown === element) return null;
  }
  let box = shown.getBoundingClientRect();
  if (box.width < 1 || box.height < 1) {
    // Links around floats and pictures have no box of their own.
    shown = face(element) === element ? element.firstElementChild : face(element);
    if (!shown || !shown.checkVisibility(VISIBLE)) return null;
    box = shown.getBoundingClientRect();
  }
  return box.width < 1 || box.height < 1 ? null : box;
}

function byIds(element, attribute) {
  const ids = element.getAttribute(attribute);
  if (!ids) return "";
  const root = element.getRootNode();
  return ids.split(/\s+/).map((id) => root.getElementById(id)).filter(Boolean).map((e) => line(e, TEXT)).join(" ");
}

const FIELDS = new Set(["input", "select", "textarea"]);
// Words farther away than this, or more of them, are rarely a field's name.
const AROUND = 3;
const NAME = 60;

// The words beside a field that has no label: the text before it (behind a tick box), else what stands in the smallest
// element around it that holds no other field. Words of buttons and links are theirs.
function nearby(element) {
  const next = TICKS.has(element.type) ? "nextSibling" : "previousSibling";
  for (let at = element[next]; at; at = at[next]) {
    if (at.nodeType === 1 && (at.localName === "br" || isInteractive(at, at.localName) || holdsField(at, 0))) break;
    const text = wordsOf(at);
    if (text) return text.length > NAME ? "" : text;
  }
  for (let at = element.parentElement, level = 0; at && level < AROUND; at = at.parentElement, level++) {
    if (at.localName === "form" || at.localName === "body" || holdsField(at, 1)) return "";
    const text = wordsOf(at);
    if (text) return text.length > NAME ? "" : text;
  }
  return "";
}

function wordsOf(node) {
  let text = "";
  const read = (at, depth) => {
    if (at.nodeType === 3) text += at.data.slice(0, 4 * NAME).replace(/\s+/g, " ");
    if (at.nodeType !== 1 || depth > 20 || at.hidden || SILENT.has(at.localName)) return;
    if (depth > 0 && (listening.has(at) || isInteractive(at, at.localName))) return;
    for (let child = at.firstChild; child && text.length <= NAME; child = child.nextSibling) read(child, depth + 1);
    text += " ";
  };
  read(node, 0);
  return text.replace(/\s+/g, " ").trim();
}

function holdsField(element, besides) {
  let fields = 0;
  for (const tag of FIELDS) if ((fields += element.getElementsByTagName(tag).length) > besides) return true;
  return false;
}

function nameOf(element, tag) {
  const named = byIds(element, "aria-labelledby") || element.getAttribute("aria-label");
  if (named) return cut(named.trim(), TEXT);
  if (FIELDS.has(tag)) {
    if (tag === "input" && /^(submit|button|reset)$/.test(element.type)) {
      return cut(element.value || (element.type === "button" ? "" : element.type), TEXT);
    }
    if (element.alt) return cut(element.alt, TEXT);
    const labels = element.labels;
    if (labels && labels.length) {
      const text = Array.from(labels, (label) => line(label, TEXT)).join(" ").trim();
      if (text) return cut(text, TEXT);
    }
    return cut(element.title || (element.placeholder ? "" : nearby(element)), TEXT);
  }
  const text = element.isContentEditable ? "" : line(element, TEXT);
  if (text) return text;
  const picture = element.querySelector("img[alt], svg title, :scope > title, [aria-label], [title]");
  const inner = picture && (picture.getAttribute("alt") || picture.getAttribute("aria-label")
    || picture.getAttribute("title") || picture.textContent);
  return cut((element.title || inner || "").trim(), TEXT);
}

const INPUT_ROLES = {
  checkbox: "checkbox", radio: "radio", range: "slider", number: "spinbutton", search: "searchbox", submit: "button",
  button: "button", reset: "button", image: "button", file: "button", color: "button",
};
function roleOf(element, tag) {
  const role = element.getAttribute("role");
  if (role) return role.split(" ", 1)[0];
  switch (tag) {
    case "a": case "area": return "link";
    case "button": case "summary": return "button";
    case "select": return element.multiple || element.size > 1 ? "listbox" : "combobox";
    case "textarea": return "textbox";
    case "input": return INPUT_ROLES[element.type] || "textbox";
    case "video": return "video";
    case "audio": return "audio";
  }
  return element.isContentEditable ? "textbox" : undefined;
}

function flag(element, attribute) {
  const value = element.getAttribute(attribute);
  return value === null || value === "mixed" ? undefined : value === "true";
}

function entry(element, box) {
  const tag = element.localName;
  const data = { g: tag, r: roleOf(element, tag), t: nameOf(element, tag) || undefined, b: [box.x, box.y, box.width, box.height] };
  const id = element.id;
  if (id) data.i = cut(String(id), TEXT);
  const name = element.getAttribute("name");
  if (name) data.n = cut(name, TEXT);
  const hint = element.getAttribute("placeholder");
  if (hint) data.p = cut(hint, TEXT);
  if (!data.t && !data.i && !data.n && !data.p) data.l = cut(element.getAttribute("class") || "", TEXT) || undefined;
  if (tag === "a" || tag === "area") {
    const href = element.getAttribute("href");
    if (href) data.h = cut(href, 300);
  }
  state(element, tag, data);
  if (isDisabled(element)) data.d = true;
  return data;
}

function state(element, tag, data) {
  if (tag === "input") {
    data.k = element.type;
    if (element.type === "checkbox" || element.type === "radio") data.c = element.checked;
    else if (!isSecret(element) && element.value && !/^(submit|button|reset|image)$/.test(element.type)) {
      data.v = cut(element.value, TEXT);
    }
  } else if (tag === "button") {
    if (element.hasAttribute("type")) data.k = element.type;
  } else if (tag === "textarea") {
    if (element.value) data.v = cut(element.value, TEXT);
  } else if (tag === "select") {
    const chosen = Array.from(element.selectedOptions, (o) => o.label);
    if (chosen.length) data.v = cut(chosen.join(", "), TEXT);
    data.o = Array.from({ length: Math.min(element.options.length, 30) }, (_, i) => cut(element.options[i].label, 40));
    data.m = element.options.length;
  } else if (tag === "summary") {
    const details = element.parentElement;
    if (details && details.localName === "details") data.e = details.open;
  } else if (tag === "video" || tag === "audio") {
    data.v = element.paused ? "paused" : "playing";
  } else if (element.isContentEditable) {
    const text = line(element, TEXT);
    if (text) data.v = text;
  }
  data.c = data.c ?? flag(element, "aria-checked") ?? flag(element, "aria-pressed");
  data.s = flag(element, "aria-selected");
  data.e = data.e ?? flag(element, "aria-expanded");
}

// The content box of a frame's element, and how much it is scaled; null when nobody can see it.
function frameBox(owner) {
  if (!owner || !hasBox(owner)) return null;
  const box = owner.getBoundingClientRect();
  const style = getComputedStyle(owner);
  const [left, top] = [parseFloat(style.paddingLeft) || 0, parseFloat(style.paddingTop) || 0];
  const width = owner.clientWidth - left - (parseFloat(style.paddingRight) || 0);
  const height = owner.clientHeight - top - (parseFloat(style.paddingBottom) || 0);
  const sx = owner.offsetWidth ? box.width / owner.offsetWidth : 1;
  const sy = owner.offsetHeight ? box.height / owner.offsetHeight : 1;
  return {
    x: box.x + (owner.clientLeft + left) * sx, y: box.y + (owner.clientTop + top) * sy,
    width: width * sx, height: height * sy, sx, sy,
  };
}

ops.walk = (revision, limit, owners) => {
  const found = find(document.body || document.documentElement);
  const boxes = found.map((element) => element && measure(element));
  const elements = [];
  const entries = [];
  let total = 0;
  for (let i = 0; i < found.length; i++) {
    if (!boxes[i]) continue;
    total += 1;
    if (elements.length >= limit) continue;
    elements.push(found[i]);
    entries.push(entry(found[i], boxes[i]));
  }
  shot = { revision, elements };
  const root = document.scrollingElement || document.documentElement;
  return {
    elements: entries, total, frames: owners.map((number) => frameBox(recall(number))),
    url: location.href, title: document.title, x: scrollX, y: scrollY, width: innerWidth, height: innerHeight,
    scroll_width: root.scrollWidth, scroll_height: root.scrollHeight, suspicious: isSuspicious,
  };
};

// Elements that scripts of the page listen on.
ops.listen = (elements) => { for (const element of elements) listening.add(element); };

// The element of the given snapshot, if it is still on the page.
ops.pick = (revision, index) => {
  const element = shot.revision === revision ? shot.elements[index] : null;
  return element && element.isConnected ? found(element) : null;
};

function found(element) {
  return { number: keep(element), what: describe(element) };
}

// Gives the numbers away: what they meant is forgotten.
ops.forget = () => { shot = { revision: -1, elements: [] }; };
