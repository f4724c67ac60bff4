// Whether a gesture of the mouse became a drag of the page's own, and whether what was dragged was dropped.

let dragStart = null;
let hasDropped = false;
let watchesDrags = false;

ops.watchDrag = () => {
  [dragStart, hasDropped] = [null, false];
  if (watchesDrags) return;
  watchesDrags = true;
  addEventListener("dragstart", (event) => { dragStart = event; }, true);
  addEventListener("drop", () => { hasDropped = true; }, true);
};

// After the next frame, so that what follows the pointer has followed it.
ops.dragState = async () => {
  await nextFrame();
  return { started: dragStart !== null && !dragStart.defaultPrevented, dropped: hasDropped };
};
