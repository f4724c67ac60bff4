// Elements by selector, by point, by focus.

// The first visible match, through shadow roots; else the first match.
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
  for (let root; element && (root = rootOf(element)) && root.activeElement;) element = root.activeElement;
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

// What an element leads to, for a download. A link within this page or to a script says nothing: a click must tell.
ops.source = (number) => {
  const element = recall(number);
  if (!element) return { gone: true };
  const link = element.closest("a[href], area[href]");
  if (link) {
    const there = link.href.split("#", 1)[0];
    const away = /^https?:/.test(there) && there !== location.href.split("#", 1)[0];
    return { url: link.href, kind: away && !link.hasAttribute("download") ? "link" : "other" };
  }
  const url = element.currentSrc || (element.matches("img, video, audio, embed") && element.src) || null;
  return { url, kind: url && /^https?:/.test(url) ? "file" : "other" };
};

// The box of an element as it is drawn; null when nobody can see it.
ops.box = (number) => {
  const element = recall(number);
  if (!element) return { gone: true };
  const shown = face(element);
  if (!hasBox(shown)) return null;
  const { x, y, width, height } = shown.getBoundingClientRect();
  return { x, y, width, height };
};
