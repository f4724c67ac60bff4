// Videos and sounds: which one is meant, what is done with it, and the state that came of it.

const MEDIA = "video, audio";

// The element itself, or the first video or sound in it: players wrap theirs.
function mediaOf(element) {
  if (element.matches(MEDIA)) return element;
  const search = (root) => {
    const own = root.querySelector(MEDIA);
    if (own) return own;
    for (const inner of root.querySelectorAll("*")) {
      const deep = inner.shadowRoot && search(inner.shadowRoot);
      if (deep) return deep;
    }
    return null;
  };
  return (element.shadowRoot && search(element.shadowRoot)) || search(element);
}

// The largest visible one of this document, else its first, with the area that shows.
ops.mainMedia = () => {
  let best = null;
  everyRoot((root) => {
    for (const element of root.querySelectorAll(MEDIA)) {
      const box = element.getBoundingClientRect();
      const area = hasBox(element) ? box.width * box.height : 0;
      if (!best || area > best.area) best = { element, area };
    }
    return false;
  });
  return best && { ...found(best.element), area: best.area };
};

function isFullscreen(element) {
  const root = element.getRootNode();
  return root.fullscreenElement === element || (document.fullscreenElement === element);
}

function mediaState(element) {
  const state = { fullscreen: isFullscreen(element) };
  if (!element.matches(MEDIA)) return state;
  const { paused, ended, currentTime, duration, volume, muted, playbackRate } = element;
  return {
    kind: element.localName, paused, ended, current_time: currentTime,
    duration: Number.isFinite(duration) ? duration : null, volume, muted, playback_rate: playbackRate, ...state,
  };
}

// Waits until it holds; false when it does not in time.
async function holds(condition, end) {
  for (let round = 0; !condition(); round++) {
    if (performance.now() >= end) return false;
    await (round < 5 ? nextFrame() : pause(20));
  }
  return true;
}

const within = (promise, end) => Promise.race([
  promise.then(() => null, (error) => (error && error.message) || String(error)),
  pause(Math.max(end - performance.now(), 0)).then(() => "it does not begin; its data does not arrive"),
]);

// Each answers why it did not do it, or nothing. A site's own script may take the change back at once, so each looks
// again after two frames.
const deeds = {
  async play(element, value, end) {
    const before = element.ended ? 0 : element.currentTime;
    const why = await within(element.play(), end);
    if (why) return "the browser or the page refused to play it: " + why;
    let stopped = null;
    const runs = () => element.ended || (!element.paused && element.currentTime !== before);
    const decided = () => {
      // Some players pause for a moment between two clips.
      stopped = element.paused ? stopped || performance.now() : null;
      return runs() || (stopped && performance.now() - stopped > 500);
    };
    if ((await holds(decided, end)) && runs()) return null;
    return element.paused ? "the page paused it again" : "it waits for data that does not arrive";
  },
  async pause(element) {
    element.pause();
    await nextFrame();
    await nextFrame();
    return element.paused ? null : "the page plays it again";
  },
  async seek(element, time, end) {
    if (element.readyState < 1 && element.preload === "none") element.load();
    if (!(await holds(() => element.readyState >= 1, end))) return "it has no data that could be sought in";
    if (time > element.duration) return "it is only " + element.duration + " s long";
    element.currentTime = time;
    const there = () => !element.seeking && (Math.abs(element.currentTime - time) < 0.5 || !element.paused);
    if (!(await holds(there, end))) return "it stays at " + element.currentTime + " s; its server may not allow seeking";
    const went = element.paused ? Math.abs(element.currentTime - time) < 0.5 : element.currentTime >= time - 0.5;
    return went ? null : "it went to " + element.currentTime + " s instead";
  },
  async volume(element, volume) {
    element.volume = volume;
    await nextFrame();
    await nextFrame();
    return Math.abs(element.volume - volume) < 0.01 ? null : "the page set its volume to " + element.volume;
  },
  async mute(element, wanted) {
    const muted = wanted === null ? !element.muted : wanted;
    element.muted = muted;
    await nextFrame();
    await nextFrame();
    return element.muted === muted ? null : "the page changed it back";
  },
  async fullscreen(element, wanted, end) {
    const full = wanted === null ? !isFullscreen(element) : wanted;
    if (full === isFullscreen(element)) return null;
    const why = await within(full ? element.requestFullscreen() : document.exitFullscreen(), end);
    if (why) return "the browser or the page refused: " + why;
    return (await holds(() => isFullscreen(element) === full, end)) ? null : "the page changed it back";
  },
  async state() {
    return null;
  },
};

// Does it with the element of that number, or with the whole page (null), and answers the state.
ops.media = async (number, deed, value, timeout) => {
  const named = number === null ? document.documentElement : recall(number);
  if (!named) return { gone: true };
  const element = number === null ? named : mediaOf(named) || (deed === "fullscreen" ? named : null);
  if (!element) return { none: true };
  const why = await deeds[deed](element, value, performance.now() + timeout);
  return why ? { why } : mediaState(element);
};
