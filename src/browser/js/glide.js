// Scrolling as a slow movement that people can follow.

function canMove(element, dx, dy) {
  const [most, at] = dy ? [element.scrollHeight - element.clientHeight, element.scrollTop]
    : [element.scrollWidth - element.clientWidth, element.scrollLeft];
  return dx + dy > 0 ? at < most - 1 : at > 0;
}

function isScroller(element) {
  if (element === document.scrollingElement) return true;
  const style = getComputedStyle(element);
  return /auto|scroll|hidden/.test(style.overflowX + style.overflowY);
}

// What moves: around the element, or around what is in the middle of the view; the page itself when nothing there can.
function scrollerAt(element, dx, dy) {
  const page = document.scrollingElement || document.documentElement;
  if (!element && canMove(page, dx, dy)) return page;
  for (let at = element || deepest(innerWidth / 2, innerHeight / 2); at; at = around(at)) {
    if (at !== document.body && isScroller(at) && canMove(at, dx, dy)) return at;
  }
  return page;
}

function eased(part) {
  return part < 0.5 ? 2 * part * part : 1 - 2 * (1 - part) * (1 - part);
}

ops.glide = async (number, dx, dy, duration) => {
  const element = number === null ? null : recall(number);
  if (number !== null && !element) return { gone: true };
  const moving = scrollerAt(element, dx, dy);
  const [left, top, start] = [moving.scrollLeft, moving.scrollTop, performance.now()];
  for (let part = 0; part < 1;) {
    await nextFrame();
    part = duration > 0 ? Math.min(1, (performance.now() - start) / duration) : 1;
    const by = eased(part);
    moving.scrollTo({ left: left + dx * by, top: top + dy * by, behavior: "instant" });
  }
  await nextFrame();
  const [x, y] = [moving.scrollLeft - left, moving.scrollTop - top];
  return { moved: x !== 0 || y !== 0, moved_x: x, moved_y: y, scroll_x: scrollX, scroll_y: scrollY };
};
