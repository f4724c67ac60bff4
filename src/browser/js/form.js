// Reading and changing one element.

const LONGEST = 200000;

function changed(element) {
  element.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
  element.dispatchEvent(new Event("change", { bubbles: true }));
}

function given(number, read) {
  const element = recall(number);
  return element ? read(element) : { gone: true };
}

ops.focus = (number) => given(number, (element) => {
  element.focus();
  return isFocused(element) ? {} : { why: "it takes no focus" };
});

// What is edited inside an editable element has its focus; the body has the focus when nothing has.
function isFocused(element) {
  const active = element.getRootNode().activeElement;
  return active === element || (!!active && active.isContentEditable && contains(active, element));
}

ops.text = (number) => given(number, (element) => {
  if (element.localName === "input" || element.localName === "textarea") return { value: secretless(element) };
  if (element.localName === "select") return { value: Array.from(element.selectedOptions, (o) => o.label).join(", ") };
  const text = element.checkVisibility && element.checkVisibility() ? element.innerText : element.textContent;
  return { value: cut((text ?? element.textContent ?? "").trim(), LONGEST) };
});

function secretless(element) {
  return isSecret(element) ? null : cut(element.value, LONGEST);
}

ops.attribute = (number, written) => given(number, (element) => {
  // Names of attributes know no case, and a secret must not leave under another spelling.
  const name = element.hasAttribute(written.toLowerCase()) ? written.toLowerCase() : written;
  if (name.toLowerCase() === "value" && isSecret(element)) return { value: null };
  if ((name === "href" || name === "src") && typeof element[name] === "string" && element.hasAttribute(name)) {
    return { value: element[name] };
  }
  const value = element.getAttribute(name);
  return { value: value === null ? null : cut(value, LONGEST) };
});

ops.value = (number) => given(number, (element) => {
  if (element.localName === "select") {
    const values = Array.from(element.selectedOptions, (o) => o.value);
    return { value: element.multiple ? values : values.length ? values[0] : null };
  }
  if (element.type === "checkbox" || element.type === "radio") return { value: element.checked };
  if ("value" in element && typeof element.value === "string") return { value: secretless(element) };
  return { value: element.isContentEditable ? cut(element.innerText, LONGEST) : null };
});

// Readies a field for new text: focused and all of it selected. Fields without text take their value at once.
ops.fill = (number, text) => given(number, (element) => {
  const editable = isWritable(element);
  if (isDisabled(element)) return { why: "it is disabled" };
  if (element.readOnly) return { why: "it is read-only" };
  if (!editable) {
    if (element.localName !== "input" || !/^(date|time|datetime-local|month|week|color|range)$/.test(element.type)) {
      return { why: "it is no text field" };
    }
    element.focus();
    element.value = text;
    if (text && element.value !== text) return { why: `it takes no such value (a field of type ${element.type})` };
    changed(element);
    return { value: "done" };
  }
  element.focus();
  if (!isFocused(element)) return { why: "it takes no focus" };
  if (element.isContentEditable) {
    getSelection().selectAllChildren(element);
    return { value: element.textContent || element.querySelector("img") ? "selected" : "empty" };
  }
  element.select();
  return { value: element.value ? "selected" : "empty" };
});

// Whose document the element is in, and whose documents are around that one, innermost first.
ops.origins = (number) => given(number, () => ({ value: [self.origin, ...location.ancestorOrigins] }));

// Puts a secret into a field at one stroke, so that no other frame can take the keyboard in between. From then on the
// field counts as secret: it is drawn as dots, and nothing here tells what it holds.
ops.entrust = (number, origin, secret) => given(number, (element) => {
  if (self.origin !== origin) return { why: "its document has changed" };
  if (element.localName !== "input" || !SINGLE_LINE.has(element.type)) return { why: "a key goes into text fields (<input>) only" };
  if (isDisabled(element)) return { why: "it is disabled" };
  if (element.readOnly) return { why: "it is read-only" };
  element.focus();
  secrets.add(element);
  if (element.type !== "password") element.style.setProperty("-webkit-text-security", "disc", "important");
  element.value = secret;
  changed(element);
  return element.value === secret ? {} : { why: "the page did not keep what was put into it" };
});

// Puts the caret at the end, as a person would before typing more.
ops.caret = (number) => given(number, (element) => {
  if (!isWritable(element)) return { why: "it is no text field" };
  if (isDisabled(element)) return { why: "it is disabled" };
  if (element.readOnly) return { why: "it is read-only" };
  element.focus();
  if (!isFocused(element)) return { why: "it takes no focus" };
  if (element.isContentEditable) {
    const selection = getSelection();
    selection.selectAllChildren(element);
    selection.collapseToEnd();
  } else {
    try {
      element.setSelectionRange(element.value.length, element.value.length);
    } catch {
      // Fields such as email and number tell no caret positions.
      getSelection().modify("move", "forward", "lineboundary");
    }
  }
  return {};
});

function matching(options, choice) {
  const clean = (text) => text.replace(/\s+/g, " ").trim();
  switch (choice.by) {
    case "value": return options.find((option) => option.value === choice.value);
    case "index": return options[choice.value];
    case "any": {
      const exact = options.find((option) => option.value === choice.value);
      if (exact) return exact;
    }
  }
  const wanted = clean(choice.value);
  return options.find((option) => clean(option.label) === wanted || clean(option.text) === wanted)
    || options.find((option) => clean(option.text).toLowerCase() === wanted.toLowerCase());
}

ops.choose = (number, choices) => given(number, (element) => {
  if (element.localName === "label" && element.control) element = element.control;
  if (element.localName !== "select") return { why: "it is no list to choose from (<select>, role=listbox or role=combobox)" };
  if (isDisabled(element)) return { why: "it is disabled" };
  if (choices.length > 1 && !element.multiple) return { why: "it takes one choice only" };
  const options = Array.from(element.options);
  const chosen = choices.map((choice) => matching(options, choice));
  const missing = chosen.findIndex((option) => !option);
  if (missing >= 0) {
    const known = options.slice(0, 20).map((option) => cut(option.label.trim(), 40));
    return { missing: String(choices[missing].value), known, total: options.length };
  }
  const disabled = chosen.find((option) => option.disabled || option.parentElement.disabled);
  if (disabled) return { why: `its option '${cut(disabled.label, 40)}' is disabled` };
  element.focus();
  for (const option of options) option.selected = chosen.includes(option);
  changed(element);
  return { value: chosen.map((option) => ({ value: option.value, label: option.label, index: option.index })) };
});

ops.checked = (number) => given(number, (element) => {
  const control = controlOf(element);
  const aria = control.getAttribute("aria-checked");
  if (control.localName === "input" && /^(checkbox|radio)$/.test(control.type)) return { value: control.checked };
  if (aria === null && !/^(checkbox|radio)$/.test(kindOf(control))) return { why: "it is no tick box" };
  return { value: aria === "true" };
});

ops.page = () => {
  const root = document.scrollingElement || document.documentElement;
  return {
    url: location.href, title: document.title, ready_state: document.readyState, scroll_x: scrollX, scroll_y: scrollY,
    viewport_width: innerWidth, viewport_height: innerHeight, scroll_width: root.scrollWidth, scroll_height: root.scrollHeight,
  };
};
