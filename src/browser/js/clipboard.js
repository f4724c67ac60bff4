// The page's side of the room's clipboard. The page's own copy, cut and paste events are sent by us: Chromium's clipboard
// belongs to its whole process, and so to other rooms too.

let lastKey = null;
let listensToKeys = false;

// From now on it is remembered whether the page keeps a key from its usual effect.
ops.armKeys = () => {
  lastKey = null;
  if (!listensToKeys) addEventListener("keydown", (event) => { lastKey = event; }, true);
  listensToKeys = true;
};

function isKept(byKey) {
  return byKey && lastKey !== null && lastKey.defaultPrevented;
}

function focusedHere() {
  let element = document.activeElement;
  while (element && element.shadowRoot && element.shadowRoot.activeElement) element = element.shadowRoot.activeElement;
  return element;
}

function clipTarget() {
  const element = focusedHere();
  if (element && element !== document.body) return element;
  const node = getSelection().focusNode;
  const around = node && (node.nodeType === 1 ? node : node.parentElement);
  return around || document.body || document.documentElement;
}

function selectedText(element) {
  const isField = element.localName === "textarea" || element.localName === "input";
  if (!isField) return getSelection().toString();
  try {
    if (element.selectionStart !== null) return element.value.slice(element.selectionStart, element.selectionEnd);
  } catch {
    // Fields such as email and number tell no positions.
  }
  return isWritable(element) ? getSelection().toString() : "";
}

function clipEvent(type, data) {
  return new ClipboardEvent(type, { bubbles: true, cancelable: true, composed: true, clipboardData: data });
}

ops.copyOut = (cuts, byKey) => {
  if (isKept(byKey)) return { kept: true };
  const element = clipTarget();
  if (isSecret(element)) return { secret: true };
  const text = selectedText(element);
  const data = new DataTransfer();
  if (!element.dispatchEvent(clipEvent(cuts ? "cut" : "copy", data))) {
    return { text: data.getData("text/plain"), html: data.getData("text/html") };
  }
  if (!cuts || !text) return { text };
  const field = focusedHere();
  if (!field || !isWritable(field) || field.readOnly || isDisabled(field)) return { fixed: true };
  const held = content(field);
  document.execCommand("delete");
  return content(field) === held ? { fixed: true } : { text };
};

ops.pasteIn = (text, html, byKey) => {
  if (isKept(byKey)) return { value: "kept" };
  const data = new DataTransfer();
  if (text) data.setData("text/plain", text);
  if (html) data.setData("text/html", html);
  if (!clipTarget().dispatchEvent(clipEvent("paste", data))) return { value: "taken" };
  const field = focusedHere();
  if (!field || !isWritable(field) || field.readOnly || isDisabled(field)) return { value: "refused" };
  return { value: field.localName === "input" ? "line" : "text" };
};

// Selects all that an element holds; how many characters that are, unless they are secret.
ops.selectAll = (number) => given(number, (element) => {
  if (isDisabled(element)) return { why: "it is disabled" };
  if (element.localName === "input" || element.localName === "textarea") {
    if (!isWritable(element)) return { why: "it holds no text" };
    element.focus();
    element.select();
    return isFocused(element) ? { value: isSecret(element) ? null : element.value.length } : { why: "it takes no focus" };
  }
  element.focus();
  const selection = element.ownerDocument.getSelection();
  selection.selectAllChildren(element);
  return { value: selection.toString().length };
});

// How much is selected where the focus is.
ops.selected = () => {
  const element = clipTarget();
  return isSecret(element) ? null : selectedText(element).length;
};
