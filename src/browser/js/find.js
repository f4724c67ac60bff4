// Elements by selector, by point, by focus.

function everyRoot(visit) {
  const search = (root) => {
    if (visit(root)) return true;
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot && search(element.shadowRoot)) return true;
    }
    return false;
  };
  search(document);
}

// The first visible match, through open shadow roots; else the first match.
ops.select = (selector) => {
  let first = null;
  let visible = null;
  try {
    everyRoot((root) => {
      for (const element of root.querySelectorAll(selector)) {
        first = first || element;
        if (hasBox(face(element))) {
          visible = element;
          return true;
        }
      }
      return false;
    });
  } catch (error) {
    return { invalid: error.message };
  }
  return visible ? { ...found(visible), visible: true } : first ? found(first) : null;
};

// The element that has the focus; `frame` when it is a frame's element.
ops.focused = () => {
  let element = document.activeElement;
  while (element && element.shadowRoot && element.shadowRoot.activeElement) element = element.shadowRoot.activeElement;
  if (!element || element === document.body || element === document.documentElement) {
    return element && element.isContentEditable ? found(element) : null;
  }
  return found(element);
};

ops.firstInput = () => {
  let input = null;
  everyRoot((root) => {
    for (const element of root.querySelectorAll("input, textarea, [contenteditable]")) {
      if (isWritable(element) && !element.readOnly && !isDisabled(element) && hasBox(element)) {
        input = element;
        return true;
      }
    }
    return false;
  });
  return input && found(input);
};

ops.at = (x, y) => {
  const hit = deepest(x, y);
  return hit && found(hit);
};
