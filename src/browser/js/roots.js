// Shadow roots, the closed ones too: those that DevTools has shown us are remembered here.

const ATTACHABLE = new Set([
  "article", "aside", "blockquote", "body", "div", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "main", "nav",
  "p", "section", "span",
]);
const SUSPECTS = 200;
const closedRoots = new WeakMap();
// What was looked at, with the size it had: an element that has grown since may have got a root.
const examined = new WeakMap();

function rootOf(element) {
  return element.shadowRoot || closedRoots.get(element) || null;
}

function isEmpty(element) {
  if (element.firstElementChild) return false;
  for (let child = element.firstChild; child; child = child.nextSibling) {
    if (child.nodeType === 3 && /\S/.test(child.data)) return false;
  }
  return true;
}

// Nothing tells script of a closed root. An element without content of its own that takes up room may have one, and so
// may every element with a name of its own.
function isSuspect(element, tag) {
  if (closedRoots.has(element) || element.shadowRoot) return false;
  const custom = tag.includes("-");
  if (!custom && (!ATTACHABLE.has(tag) || !isEmpty(element))) return false;
  const size = element.scrollWidth + "x" + element.scrollHeight;
  if (examined.get(element) === size) return false;
  return custom || element.scrollHeight > 0;
}

// The elements that DevTools should look into; each is named once for each size it has.
function suspects() {
  const found = [];
  everyRoot((root) => {
    for (const element of root.querySelectorAll("*")) {
      if (found.length < SUSPECTS && isSuspect(element, element.localName)) found.push(element);
    }
    return found.length >= SUSPECTS;
  });
  for (const element of found) examined.set(element, element.scrollWidth + "x" + element.scrollHeight);
  return found;
}
ops.suspects = suspects;

ops.adoptRoot = (root) => {
  if (!isOurs(root)) closedRoots.set(root.host, root);
};

function everyRoot(visit) {
  const search = (root) => {
    if (visit(root)) return true;
    for (const element of root.querySelectorAll("*")) {
      const inner = rootOf(element);
      if (inner && search(inner)) return true;
    }
    return false;
  };
  search(document);
}
