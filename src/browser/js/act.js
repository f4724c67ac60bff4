// Whether a person could act on an element now, and where.

// The next animation frame has been drawn; pages that are not drawn have none, so the wait is bounded.
function nextFrame(each) {
  return new Promise((done) => {
    const timer = setTimeout(done, 150);
    requestAnimationFrame(() => {
      if (each) each();
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        clearTimeout(timer);
        done();
      };
      port2.postMessage(0);
    });
  });
}

function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

function boxesOf(element) {
  const boxes = Array.from(element.getClientRects()).filter((box) => box.width >= 1 && box.height >= 1);
  if (boxes.length === 0 && element.firstElementChild) {
    const inner = element.firstElementChild.getBoundingClientRect();
    if (inner.width >= 1 && inner.height >= 1) boxes.push(inner);
  }
  return boxes.sort((a, b) => b.width * b.height - a.width * a.height);
}

function inView(box) {
  const left = Math.max(box.left, 0);
  const top = Math.max(box.top, 0);
  const right = Math.min(box.right, innerWidth);
  const bottom = Math.min(box.bottom, innerHeight);
  return right - left >= 1 && bottom - top >= 1 ? { left, top, right, bottom } : null;
}

// Where to try: the middle of what shows of each box, then the quarters of the largest.
function* spots(boxes) {
  for (const box of boxes.slice(0, 3)) {
    const part = inView(box);
    if (part) yield [(part.left + part.right) / 2, (part.top + part.bottom) / 2];
  }
  const part = boxes.length ? inView(boxes[0]) : null;
  if (!part) return;
  for (const [x, y] of [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]]) {
    yield [part.left + (part.right - part.left) * x, part.top + (part.bottom - part.top) * y];
  }
}

function accepts(element, shown, hit) {
  if (contains(element, hit) || contains(shown, hit)) return true;
  // A styled tick box lies under its label, and a click on the label reaches it.
  for (const label of element.labels || []) if (contains(label, hit)) return true;
  return false;
}

function aim(element, shown) {
  const boxes = boxesOf(shown);
  let cover = null;
  for (const [x, y] of spots(boxes)) {
    const hit = deepest(x, y);
    if (hit && accepts(element, shown, hit)) return { x, y };
    cover = cover || hit;
  }
  if (getComputedStyle(shown).pointerEvents === "none") return { why: "it ignores the pointer (pointer-events: none)" };
  if (!cover) return { why: "it is outside of the visible part of the page and cannot be scrolled to", away: true };
  return { why: "it is covered by " + describe(cover), away: true };
}

function place(element) {
  const box = element.getBoundingClientRect();
  return [box.x, box.y, box.width, box.height].join();
}

// An animation that has just begun stands still in its first frame.
function isAnimated(element) {
  for (let at = element; at; at = around(at)) if (at.getAnimations().length > 0) return true;
  return false;
}

// The box of the element before, in and after the next animation frame: a style animation shows in it, a script's
// animation after it.
async function isStable(element, least = 1) {
  const before = place(element);
  for (let frames = isAnimated(element) ? 3 : least; frames > 0; frames--) {
    let during = before;
    await nextFrame(() => { during = place(element); });
    if (during !== before || place(element) !== before) return false;
  }
  return true;
}

function obstacle(element, shown, enabled) {
  if (!shown.checkVisibility(DRAWN) || boxesOf(shown).length === 0) return "it is not visible";
  if (enabled && isDisabled(element)) return "it is disabled";
  return null;
}

const ALIGNMENTS = ["center", "end", "start"];

// Waits until the element can be acted on; the answer is a point, why there is none, or that the element is gone.
ops.ready = async (number, enabled, hit, timeout) => {
  const end = performance.now() + timeout;
  let alignment = 0;
  for (let round = 0; ; round++) {
    const element = recall(number);
    if (!element) return { gone: true };
    const shown = face(element);
    let why = obstacle(element, shown, enabled);
    let away = false;
    if (!why) {
      if (!inView(boxesOf(shown)[0])) reveal(shown, 0);
      if (!(await isStable(shown))) why = "it keeps moving";
      else if (!recall(number)) return { gone: true };
      else if (!(why = obstacle(element, shown, enabled))) {
        const point = hit ? aim(element, shown) : middle(shown);
        if (!point.why) return point;
        ({ why, away } = point);
      }
    }
    if (performance.now() >= end) return { why };
    if (away && alignment < ALIGNMENTS.length) reveal(shown, alignment++);
    else await (round < 5 ? nextFrame() : pause(50));
  }
};

function middle(shown) {
  for (const [x, y] of spots(boxesOf(shown))) return { x, y };
  return { why: "it is outside of the visible part of the page and cannot be scrolled to", away: true };
}

function reveal(element, round) {
  element.scrollIntoView({ block: ALIGNMENTS[round], inline: "nearest", behavior: "instant" });
}

// A point of a frame's page as a point of this page; scrolls here when it does not show. A frame of another process
// must stand still for some frames more: only what has been drawn decides which process gets the pointer.
ops.through = async (number, x, y, foreign, timeout) => {
  const end = performance.now() + timeout;
  for (let round = 0; ; round++) {
    const owner = recall(number);
    if (!owner) return { gone: true };
    const box = frameBox(owner);
    if (!box) return { why: "its frame is not visible" };
    const at = { x: box.x + x * box.sx, y: box.y + y * box.sy };
    const inside = at.x >= 0 && at.y >= 0 && at.x < innerWidth && at.y < innerHeight;
    const hit = inside ? deepest(at.x, at.y) : null;
    if (hit && contains(owner, hit)) {
      if (await isStable(owner, foreign ? 3 : 1)) return at;
      if (performance.now() >= end) return { why: "its frame keeps moving" };
      continue;
    }
    if (performance.now() >= end) {
      return { why: hit ? "its frame is covered by " + describe(hit) : "its frame is outside of the visible part of the page" };
    }
    if (round === 0) owner.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
    else if (!inside && round < 3) {
      scrollBy({ left: at.x - innerWidth / 2, top: at.y - innerHeight / 2, behavior: "instant" });
    } else await (round < 5 ? nextFrame() : pause(50));
  }
};

ops.reveal = (number) => {
  const element = recall(number);
  if (!element) return { gone: true };
  const shown = face(element);
  const box = shown.getBoundingClientRect();
  const whole = box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth;
  if (!whole) reveal(shown, 0);
  return {};
};

ops.frameBox = (number) => frameBox(recall(number));

// Until a scroll has ended, or nothing has scrolled for the quiet time and two frames more; whether anything did
// after the wheel had turned here: what is told late of an earlier scroll does not count.
ops.scrolled = (quiet, timeout) => new Promise((done) => {
  let [wheeled, scrolled] = [false, false];
  let timer = setTimeout(rest, quiet);
  const last = setTimeout(stop, timeout);
  function stop() {
    document.removeEventListener("scroll", moved, true);
    document.removeEventListener("scrollend", ended, true);
    removeEventListener("wheel", turned, true);
    clearTimeout(timer);
    clearTimeout(last);
    done(scrolled);
  }
  function turned() {
    wheeled = true;
  }
  function ended() {
    moved();
    if (wheeled) stop();
  }
  function moved() {
    scrolled = wheeled;
    clearTimeout(timer);
    timer = setTimeout(rest, quiet);
  }
  async function rest() {
    const asked = timer;
    await nextFrame();
    await nextFrame();
    if (timer === asked) stop();
  }
  document.addEventListener("scroll", moved, true);
  document.addEventListener("scrollend", ended, true);
  addEventListener("wheel", turned, { capture: true, passive: true });
});
