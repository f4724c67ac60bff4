// Sending and resetting forms. A field may be named like a method of its form, so methods are taken from the prototype.

const FORM = HTMLFormElement.prototype;
const formElements = (form) => Array.from(Object.getOwnPropertyDescriptor(FORM, "elements").get.call(form));

function formOf(element) {
  for (let at = element; at; at = around(at)) {
    if (at instanceof HTMLFormElement) return at;
    const owner = at.localName === "label" ? at.control && at.control.form : at.form;
    if (owner instanceof HTMLFormElement) return owner;
  }
  const inner = element.querySelectorAll("form");
  return inner.length === 1 ? inner[0] : null;
}

function submits(element) {
  return element.localName === "button" ? element.type === "submit" : /^(submit|image)$/.test(element.type);
}

// Pictures that submit are missing from a form's list of elements.
function submitterOf(form, element) {
  if (element.localName !== "form" && element.form === form && submits(element)) return element;
  const pictures = Array.from(form.querySelectorAll("input[type=image]"));
  const all = formElements(form).filter(submits).concat(pictures.filter((picture) => picture.form === form));
  return all.sort((a, b) => (a.compareDocumentPosition(b) & 4 ? -1 : 1))[0] || null;
}

// What validation says, without what secret fields hold.
function complaint(field) {
  const secret = isSecret(field);
  return {
    element: describe(field), name: field.getAttribute("name") || undefined, label: nameOf(field, field.localName) || undefined,
    message: secret ? "it is not valid" : cut(field.validationMessage, 200),
  };
}

// Runs a method of a form and gives the event that it fired, if it did.
function firing(form, type, method) {
  let fired = null;
  const see = (event) => { if (event.target === form) fired = event; };
  addEventListener(type, see, true);
  form.addEventListener(type, see, true);
  method();
  removeEventListener(type, see, true);
  form.removeEventListener(type, see, true);
  return fired;
}

ops.submit = (number) => given(number, (element) => {
  const form = formOf(element);
  if (!form) return { why: "it belongs to no form" };
  const button = submitterOf(form, element);
  if (button && isDisabled(button)) return { why: `its submit button ${describe(button)} is disabled` };
  const event = firing(form, "submit", () => FORM.requestSubmit.call(form, button));
  if (!event) {
    const invalid = formElements(form).filter((field) => field.willValidate && !field.validity.valid);
    return { sent: false, invalid: invalid.slice(0, 50).map(complaint) };
  }
  return { sent: true, by_page: event.defaultPrevented, form: describe(form), button: button ? describe(button) : undefined };
});

ops.reset = (number) => given(number, (element) => {
  const form = formOf(element);
  if (!form) return { why: "it belongs to no form" };
  const event = firing(form, "reset", () => FORM.reset.call(form));
  if (!event) return { why: "its form cannot be reset now" };
  return event.defaultPrevented ? { why: "the page keeps its form from being reset" } : { value: describe(form) };
});
