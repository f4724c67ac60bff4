// What the page says, as plain HTML of a few tags: only what is drawn, shadow trees laid flat, no fields and no scripts.

const PLAIN = new Set([
  "h1", "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "blockquote", "strong", "b", "em", "i", "del", "s", "dl",
  "dt", "dd", "figcaption", "caption",
]);
const LEFT_OUT = new Set([
  "script", "style", "noscript", "template", "head", "svg", "math", "canvas", "object", "embed", "input", "textarea",
  "datalist", "audio", "video", "map", "progress", "meter",
]);
const OUTSIDE = "nav, aside, footer, header, [role=navigation], [role=complementary], [role=contentinfo], [role=banner], [role=search]";
const BLOCKS = "h1, h2, h3, h4, h5, h6, p, div, ul, ol, table, section, article, blockquote, pre, figure, li, dl";
const DEEPEST = 150;
// Stand for the page of a frame; taken out of the page's own words.
const [FRAME, FRAME_END] = ["\ue000", "\ue001"];

function html(text) {
  return text.replace(/[\ue000\ue001]/g, "").replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

function isLaidOut(element) {
  return element.checkVisibility() || getComputedStyle(element).display === "contents";
}

function writer(owners, skipped, limit) {
  const parts = [];
  let [length, full] = [0, false];
  const frames = owners.map(recall);
  const add = (text) => {
    full = full || length + text.length > limit;
    if (full) return;
    parts.push(text);
    length += text.length;
  };
  // Tags that were opened are closed, also when there is no more room.
  const wrap = (tag, attributes, inner) => {
    if (full) return;
    add(`<${tag}${attributes}>`);
    inner();
    parts.push(`</${tag}>`);
  };
  const children = (element, inline, depth) => {
    const root = rootOf(element);
    const slotted = element.localName === "slot" && element.getRootNode() !== document ? element.assignedNodes() : [];
    const nodes = root ? root.childNodes : slotted.length ? slotted : element.childNodes;
    const isShown = isDrawnText(element);
    for (const node of nodes) {
      if (full) return;
      if (node.nodeType === 3 && (isShown || root)) add(html(node.data));
      else if (node.nodeType === 1) enter(node, inline, depth + 1);
    }
  };
  const link = (element, inline, depth) => {
    const href = /^(https?|mailto|tel):/.test(element.href) ? ` href="${html(element.href)}"` : "";
    const heading = !inline && element.querySelector("h1, h2, h3, h4, h5, h6");
    const inner = () => {
      if (href) wrap("a", href, () => children(element, inline || element.querySelector(BLOCKS) !== null, depth));
      else children(element, inline, depth);
    };
    if (heading) wrap(heading.localName, "", inner);
    else inner();
  };
  const code = (element) => {
    const inner = element.querySelector("code") || element;
    const language = /(?:lang|language|highlight-source)-([\w+#.-]+)/.exec(element.className + " " + inner.className);
    const kind = language ? ` class="language-${html(language[1])}"` : "";
    wrap("pre", "", () => wrap("code", kind, () => add(html(element.innerText.replace(/\n$/, "")))));
  };
  const row = (tr, cell, depth) => wrap("tr", "", () => {
    for (const td of tr.cells) {
      wrap(cell, "", () => children(td, true, depth));
      for (let more = Math.min(td.colSpan, 50); more > 1; more--) wrap(cell, "", () => {});
    }
  });
  const table = (element, depth) => {
    const rows = Array.from(element.rows).filter(isLaidOut);
    const layout = /^(presentation|none)$/.test(element.getAttribute("role") || "") || element.querySelector("table")
      || rows.every((tr) => tr.cells.length < 2);
    if (layout) {
      if (element.caption) enter(element.caption, false, depth);
      for (const tr of rows) for (const td of tr.cells) wrap("div", "", () => children(td, false, depth));
      return;
    }
    if (element.caption) wrap("p", "", () => children(element.caption, true, depth));
    wrap("table", "", () => {
      if (rows.length) wrap("thead", "", () => row(rows[0], "th", depth));
      wrap("tbody", "", () => rows.slice(1).forEach((tr) => row(tr, "td", depth)));
    });
  };
  const image = (element) => {
    const alt = (element.alt || "").trim();
    const source = /^https?:/.test(element.currentSrc || element.src) ? element.currentSrc || element.src : "";
    if (alt) add(`<img alt="${html(alt)}" src="${html(source)}">`);
  };
  const enter = (element, inline, depth) => {
    const tag = element.localName;
    if (full || LEFT_OUT.has(tag) || skipped(element) || !isLaidOut(element)) return;
    if (depth > DEEPEST) return add(html(line(element, 2000)));
    if (tag === "iframe" || tag === "frame") {
      const at = frames.indexOf(element);
      return at < 0 ? undefined : wrap(inline ? "span" : "div", "", () => add(FRAME + at + FRAME_END));
    }
    if (tag === "img") return image(element);
    if (tag === "br") return add(inline ? " " : "<br>");
    if (tag === "hr") return add(inline ? " " : "<hr>");
    if (tag === "a") return link(element, inline, depth);
    if (tag === "select") return add(html(Array.from(element.selectedOptions, (o) => o.label).join(", ")));
    if (tag === "code" || tag === "kbd" || tag === "samp") return wrap("code", "", () => add(html(element.textContent)));
    const display = getComputedStyle(element).display;
    const isBlock = !/^(inline|contents|ruby)/.test(display);
    if (inline) {
      if (/^(strong|b|em|i|del|s)$/.test(tag)) return wrap(tag, "", () => children(element, true, depth));
      if (isBlock) add(" ");
      children(element, true, depth);
      return isBlock ? add(" ") : undefined;
    }
    if (tag === "pre") return code(element);
    if (tag === "table") return table(element, depth);
    const level = element.getAttribute("role") === "heading" && Number(element.getAttribute("aria-level") || 2);
    if (level >= 1 && level <= 6) return wrap("h" + level, "", () => children(element, true, depth));
    if (/^h[1-6]$/.test(tag)) return wrap(tag, "", () => children(element, true, depth));
    if (PLAIN.has(tag)) return wrap(tag, tag === "ol" && element.start > 1 ? ` start="${element.start}"` : "", () => children(element, false, depth));
    if (isBlock) return wrap("div", "", () => children(element, false, depth));
    if (/^inline-/.test(display)) add(" ");
    children(element, inline, depth);
    if (/^inline-/.test(display)) add(" ");
  };
  return { enter, result: () => ({ html: parts.join(""), truncated: full }) };
}

// The part of the page that its landmarks call the main one.
function mainPart() {
  const seen = (selector) => Array.from(document.querySelectorAll(selector)).filter(hasBox);
  const area = (element) => element.offsetWidth * element.offsetHeight;
  const mains = seen("main, [role=main]").sort((a, b) => area(b) - area(a));
  if (mains.length) return mains[0];
  const articles = seen("article");
  return articles.length === 1 ? articles[0] : null;
}

ops.article = (mainOnly, owners, limit) => {
  const main = mainOnly ? mainPart() : null;
  const start = main || document.body;
  const isAround = (element) => mainOnly && !main && element.matches(OUTSIDE) && !element.closest("article");
  const { enter, result } = writer(owners, isAround, limit);
  if (start) enter(start, false, 0);
  return result();
};
