// What every frame's isolated world starts with: elements kept by number, and small tools for the other files.
//
// The files of this folder are joined into the body of one function that gets `serial` and gives back `ops`. Numbers
// of kept elements start at a base of their own in each document, so that a number never means another element.

const ops = {};
const KEPT = 5000;
const kept = new Map();
const numbers = new WeakMap();
let nextNumber = serial * 1000000 + 1;

function keep(element) {
  let number = numbers.get(element);
  if (number === undefined || !kept.has(number)) {
    number = nextNumber++;
    numbers.set(element, number);
    kept.set(number, element);
    if (kept.size > KEPT) kept.delete(kept.keys().next().value);
  }
  return number;
}

function recall(number) {
  const element = kept.get(number);
  return element && element.isConnected ? element : null;
}

// The element around this one as the page is drawn: through slots and shadow roots.
function around(element) {
  if (element.assignedSlot) return element.assignedSlot;
  const parent = element.parentNode;
  return parent && parent.nodeType === 11 ? parent.host || null : element.parentElement;
}

function contains(outer, inner) {
  for (let at = inner; at; at = around(at)) if (at === outer) return true;
  return false;
}

// The element under a point, through shadow roots.
function deepest(x, y) {
  let hit = document.elementFromPoint(x, y);
  for (let root; hit && (root = rootOf(hit));) {
    const inner = root.elementFromPoint(x, y);
    if (!inner || inner === hit) break;
    hit = inner;
  }
  return hit;
}

function cut(text, limit) {
  return text.length > limit ? text.slice(0, limit - 1) + "…" : text;
}

// Text as a line of at most `limit` characters; stops reading when it has enough.
const SILENT = new Set(["script", "style", "noscript", "template", "select", "textarea", "datalist", "title"]);
function line(node, limit) {
  let text = "";
  const read = (at, depth) => {
    for (let child = at.firstChild; child && text.length <= limit + 20; child = child.nextSibling) {
      if (child.nodeType === 3) {
        text += child.data.length > 4 * limit ? child.data.slice(0, 4 * limit) : child.data;
        text = text.replace(/\s+/g, " ");
      } else if (child.nodeType === 1 && depth < 100 && !SILENT.has(child.localName) && !child.hidden) {
        if (child.localName === "img") text += " " + (child.alt || "") + " ";
        else read(child, depth + 1);
        if (text && !text.endsWith(" ")) text += gap(child.localName);
      }
    }
  };
  read(node, 0);
  return cut(text.replace(/\s+/g, " ").trim(), limit);
}

// Blocks read as separate words, inline elements do not.
const INLINE = new Set(["a", "b", "i", "em", "strong", "span", "code", "small", "sub", "sup", "u", "mark", "font"]);
function gap(name) {
  return INLINE.has(name) ? "" : " ";
}

// An element as people write it: its opening tag, shortened.
function describe(element) {
  let text = "<" + element.localName;
  for (const name of ["id", "type", "name", "class"]) {
    const value = element.getAttribute(name);
    if (value) text += " " + name + "='" + cut(value, 40) + "'";
  }
  return text + ">";
}

// Values that must never leave the page.
// A field that was one for a password, or was entrusted with a key, stays secret when the page shows what is in it.
const secrets = new WeakSet();
function isSecret(element) {
  if (element.localName !== "input") return false;
  if (element.type === "password") secrets.add(element);
  return secrets.has(element)
    || /password|one-time-code|cc-number|cc-csc|cc-exp/.test(element.getAttribute("autocomplete") || "");
}

const SINGLE_LINE = new Set(["text", "email", "search", "url", "tel", "number", "password"]);
function isWritable(element) {
  if (element.isContentEditable) return true;
  if (element.localName === "textarea") return true;
  return element.localName === "input" && SINGLE_LINE.has(element.type);
}

function isDisabled(element) {
  if (element.matches(":disabled")) return true;
  for (let at = element; at; at = around(at)) if (at.getAttribute("aria-disabled") === "true") return true;
  return false;
}

ops.adopt = (element) => keep(element);

// Every answer is JSON text: far cheaper to send than an object of DevTools.
ops.run = (method, args) => {
  const answer = ops[method](...args);
  return answer && typeof answer.then === "function"
    ? answer.then((value) => JSON.stringify(value === undefined ? null : value))
    : JSON.stringify(answer === undefined ? null : answer);
};
