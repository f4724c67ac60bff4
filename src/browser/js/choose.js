// What kind of field an element is, and lists that a page has made itself from ARIA roles.

const BOX_ROLES = /^(checkbox|switch|menuitemcheckbox)$/;
const RADIO_ROLES = /^(radio|menuitemradio)$/;

function controlOf(element) {
  return element.localName === "label" && element.control ? element.control : element;
}

function ariaRole(element) {
  return (element.getAttribute("role") || "").split(" ", 1)[0];
}

function kindOf(element) {
  const role = ariaRole(element);
  switch (element.localName) {
    case "select": return element.multiple ? "select-multiple" : "select";
    case "textarea": return "text";
    case "input":
      if (/^(checkbox|radio|file|hidden)$/.test(element.type)) return element.type;
      if (/^(submit|button|reset|image)$/.test(element.type)) return "button";
      return role === "combobox" || element.getAttribute("aria-haspopup") === "listbox" ? "combobox" : "text";
  }
  if (BOX_ROLES.test(role)) return "checkbox";
  if (RADIO_ROLES.test(role)) return "radio";
  if (role === "listbox") return "listbox";
  if (role === "combobox" || element.getAttribute("aria-haspopup") === "listbox") return "combobox";
  return element.isContentEditable ? "text" : "other";
}

ops.kind = (number) => given(number, (element) => ({ value: kindOf(controlOf(element)) }));

function visibleList(element) {
  if (!element || !hasBox(element)) return null;
  if (ariaRole(element) === "listbox") return element;
  return Array.from(element.querySelectorAll("[role~=listbox]")).find(hasBox)
    || (element.querySelector("[role~=option]") ? element : null);
}

// The list of a combobox: what it names as its own, else, once it says that it is open, the last list that shows.
function listOf(element) {
  if (ariaRole(element) === "listbox") return element;
  const root = element.getRootNode();
  for (const owner of [element, ...element.querySelectorAll("[aria-controls], [aria-owns]")]) {
    for (const name of ["aria-controls", "aria-owns"]) {
      for (const id of (owner.getAttribute(name) || "").split(/\s+/)) {
        const list = visibleList(id && (root.getElementById(id) || document.getElementById(id)));
        if (list) return list;
      }
    }
  }
  let last = null;
  if (element.getAttribute("aria-expanded") === "true" || element.querySelector("[aria-expanded=true]")) {
    everyRoot((root) => {
      for (const list of root.querySelectorAll("[role~=listbox]")) last = visibleList(list) || last;
      return false;
    });
  }
  return last;
}

function optionState(option) {
  return flag(option, "aria-selected") ?? flag(option, "aria-checked") ?? false;
}

ops.options = (number) => given(number, (element) => {
  const list = listOf(element);
  if (!list) return { value: null };
  const all = Array.from(list.querySelectorAll("[role~=option]")).filter((option) => option.checkVisibility(DRAWN));
  const options = all.slice(0, 2000).map((option, index) => ({
    number: keep(option), what: describe(option), index,
    value: option.getAttribute("data-value") ?? option.getAttribute("value") ?? option.id,
    label: cut(option.getAttribute("aria-label") || line(option, 200), 200),
    selected: optionState(option), disabled: isDisabled(option),
  }));
  return { value: { multiple: list.getAttribute("aria-multiselectable") === "true", options } };
});

// Whether an option counts as chosen: it says so, or the combobox shows it.
ops.isChosen = (number, option, label) => given(number, (element) => {
  const node = kept.get(option);
  if (node && node.isConnected && optionState(node)) return { value: true };
  if (ariaRole(element) === "listbox") return { value: false };
  const field = element.localName === "input" ? element : element.querySelector("input");
  const shown = [field ? field.value : "", line(element, 400), element.getAttribute("aria-label") || ""];
  return { value: !!label && shown.some((text) => text.replace(/\s+/g, " ").includes(label)) };
});

// Whether it is chosen among others; null for what cannot be.
ops.isSelected = (number) => given(number, (element) => {
  const control = controlOf(element);
  if (control.localName === "input" && /^(checkbox|radio)$/.test(control.type)) return { value: control.checked };
  if (control.localName === "option") return { value: control.selected };
  return { value: flag(control, "aria-selected") ?? flag(control, "aria-checked") ?? null };
});

// The radio button of the same group that has this value or these words.
ops.radio = (number, wanted) => given(number, (element) => {
  const control = controlOf(element);
  const root = control.getRootNode();
  let group = [control];
  if (control.localName === "input") {
    const same = (other) => other.name === control.name && other.form === control.form;
    if (control.name) group = Array.from(root.querySelectorAll("input[type=radio]")).filter(same);
  } else {
    let at = control;
    while (at && ariaRole(at) !== "radiogroup") at = around(at);
    if (at) group = Array.from(at.querySelectorAll("[role=radio]"));
  }
  const valueOf = (radio) => radio.localName === "input" ? radio.value : radio.getAttribute("data-value");
  const clean = (text) => text.replace(/\s+/g, " ").trim().toLowerCase();
  const radio = group.find((radio) => valueOf(radio) === wanted)
    || group.find((radio) => clean(nameOf(radio, radio.localName)) === clean(wanted));
  if (!radio) return { why: `no radio button of its group has the value or the words '${cut(wanted, 100)}'` };
  return found(radio);
});

// Remembers what a field holds, to tell later what became of a new text; what it holds stays here.
const before = new WeakMap();
function content(element) {
  return element.isContentEditable ? element.innerText : element.value;
}
ops.remember = (number) => given(number, (element) => {
  before.set(element, content(element));
  return {};
});
ops.became = (number, text) => given(number, (element) => {
  const clean = (words) => (words || "").replace(/\r\n?/g, "\n").replace(/\n$/, "");
  const [now, then] = [clean(content(element)), clean(before.get(element))];
  if (now === clean(text)) return { value: "same" };
  return { value: now === then ? "unchanged" : now === "" ? "empty" : "other" };
});

// The file field that an element is, stands for or holds; null when there is none.
ops.fileField = (number) => given(number, (element) => {
  const control = controlOf(element);
  let field = control.localName === "input" && control.type === "file" ? control : null;
  if (!field && !control.matches("button, a, input, [role=button]")) {
    const inner = control.querySelectorAll("input[type=file]");
    field = inner.length === 1 ? inner[0] : null;
  }
  if (!field) return { value: null };
  if (isDisabled(field)) return { why: "it is disabled" };
  return { value: { ...found(field), multiple: field.multiple || field.webkitdirectory } };
});
// Also of fields that were never in the page: scripts make such ones to open a file dialog.
ops.files = (number) => {
  const field = kept.get(number);
  return field && field.files ? { value: Array.from(field.files, (file) => file.name) } : { gone: true };
};
ops.element = (number) => kept.get(number) || null;
