// Waiting for what the page shows: looks again when something has changed, and now and then for what tells nobody.

const EVENTS = ["load", "scroll", "resize", "input", "change", "toggle", "transitionend", "animationend", "fullscreenchange"];
const NOW_AND_THEN = 250;
const READ = 2000000;
const waits = new Map();

function plainText(text) {
  return text.replace(/\s+/g, " ").trim().toLowerCase();
}

function isDrawnText(element) {
  if (element.checkVisibility(VISIBLE)) return true;
  const style = getComputedStyle(element);
  return style.display === "contents" && style.visibility === "visible";
}

// The text of the page, through shadow trees; only what is drawn, or all of it.
function pageText(drawnOnly) {
  const parts = [];
  let length = 0;
  const add = (text) => { parts.push(text); length += text.length; };
  const read = (node, drawn, depth) => {
    for (let child = node.firstChild; child && length < READ; child = child.nextSibling) {
      if (child.nodeType === 3) {
        if (drawn) add(child.data);
      } else if (child.nodeType === 1 && depth < 500) enter(child, depth);
    }
  };
  const enter = (element, depth) => {
    const tag = element.localName;
    if (tag === "input" && /^(submit|button|reset)$/.test(element.type) && (!drawnOnly || hasBox(element))) add(" " + element.value + " ");
    if (SILENT.has(tag) || tag === "head") return;
    if (drawnOnly && !element.checkVisibility() && getComputedStyle(element).display !== "contents") return;
    const apart = !INLINE.has(tag);
    if (apart) add(" ");
    const root = rootOf(element);
    const inner = root && !isOurs(root) ? root : null;
    if (inner) read(inner, true, depth + 1);
    if (tag === "slot" && element.getRootNode() !== document) {
      for (const given of element.assignedNodes()) {
        if (given.nodeType === 3) add(given.data);
        else if (given.nodeType === 1) enter(given, depth + 1);
      }
    }
    if (!inner) read(element, !drawnOnly || isDrawnText(element), depth + 1);
    if (apart) add(" ");
  };
  if (document.documentElement) enter(document.documentElement, 0);
  return plainText(parts.join(""));
}

function bySelector(wanted) {
  let [count, first, visible] = [0, null, null];
  everyRoot((root) => {
    if (isOurs(root)) return false;
    for (const element of root.querySelectorAll(wanted.selector)) {
      count += 1;
      first = first || element;
      if (!visible && hasBox(face(element))) visible = element;
    }
    return false;
  });
  const hit = wanted.state === "attached" ? first : visible;
  const words = count === 0 ? "no element fits the selector"
    : visible ? `${describe(visible)} is visible` : `${describe(first)} is there and not visible`;
  return { is: hit !== null, element: hit, words };
}

function byText(wanted) {
  const text = plainText(wanted.text);
  const is = pageText(wanted.state !== "attached").includes(text);
  if (is) return { is, words: "the text is there" };
  const hidden = wanted.state !== "attached" && pageText(false).includes(text);
  return { is, words: hidden ? "the text is there and not visible" : "the text is not there" };
}

function look(wanted) {
  const { is, element, words } = wanted.selector ? bySelector(wanted) : byText(wanted);
  const answer = { met: wanted.state === "hidden" ? !is : is, words };
  return element ? { ...answer, ...found(element) } : answer;
}

// Answers when it holds, and after the time how it stands; another wait of the same number takes its place.
ops.until = (id, wanted, timeout) => {
  if (waits.has(id)) waits.get(id)();
  try {
    const first = look(wanted);
    if (first.met || timeout <= 0) return first;
  } catch (error) {
    return { invalid: error.message };
  }
  return new Promise((done) => {
    let [timer, cost] = [0, 0];
    const watched = new WeakSet();
    const observer = new MutationObserver(ask);
    const regular = setInterval(ask, NOW_AND_THEN);
    const last = setTimeout(() => end(look(wanted)), timeout);
    const watch = () => everyRoot((root) => {
      if (!watched.has(root)) observer.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
      watched.add(root);
      return false;
    });
    function ask() {
      timer = timer || setTimeout(again, Math.min(1000, 10 + 4 * cost));
    }
    function again() {
      timer = 0;
      const start = performance.now();
      const now = look(wanted);
      cost = performance.now() - start;
      if (now.met) end(now);
      else watch();
    }
    function end(answer) {
      observer.disconnect();
      clearInterval(regular);
      clearTimeout(last);
      clearTimeout(timer);
      for (const type of EVENTS) removeEventListener(type, ask, true);
      waits.delete(id);
      done(answer);
    }
    waits.set(id, () => end({ met: false, words: "" }));
    for (const type of EVENTS) addEventListener(type, ask, { capture: true, passive: true });
    watch();
  });
};

ops.giveUp = (id) => { if (waits.has(id)) waits.get(id)(); };
