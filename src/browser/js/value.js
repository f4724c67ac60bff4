// A value of the page as JSON text of at most `limit` bytes: what JSON cannot say is described in a few words.
async function (limit) {
  "use strict";
  let size = 0;
  const open = new Set();
  const spend = (bytes) => {
    size += bytes;
    if (size > limit) throw open;
  };
  const text = (words) => {
    spend(words.length + 2);
    return words;
  };
  const tag = (node) => {
    if (node.nodeType === 3) return "#text " + node.data.slice(0, 80);
    if (node.nodeType === 9) return "#document " + node.URL;
    if (node.nodeType !== 1) return node.nodeName;
    let words = "<" + node.localName;
    for (const name of ["id", "class", "name", "type", "href", "src"]) {
      const value = node.getAttribute(name);
      if (value) words += ` ${name}='${value.slice(0, 80)}'`;
    }
    return words + ">";
  };
  const object = (value, depth) => {
    if (value instanceof Node) return text(tag(value));
    if (value === window || value.window === value) return text("[Window]");
    if (value instanceof Date) return text(isNaN(value) ? "Invalid Date" : value.toISOString());
    if (value instanceof RegExp) return text(String(value));
    if (value instanceof Error) return text(`${value.name}: ${value.message}`);
    if (value instanceof Promise) return text("[Promise]");
    if (depth > 50) return text("[deeper]");
    if (value instanceof Map) return list(Array.from(value), depth);
    if (value instanceof Set || ArrayBuffer.isView(value) && !(value instanceof DataView)) return list(Array.from(value), depth);
    if (Array.isArray(value)) return list(value, depth);
    if (value instanceof NodeList || value instanceof HTMLCollection) return list(Array.from(value), depth);
    if (typeof value.toJSON === "function") return plain(value.toJSON(), depth + 1);
    return fields(value, depth);
  };
  const list = (values, depth) => {
    spend(2 + values.length);
    return Array.from(values, (value) => plain(value, depth + 1));
  };
  const fields = (value, depth) => {
    const result = {};
    spend(2);
    for (const key of Object.keys(value)) {
      let inner;
      try {
        inner = value[key];
      } catch (error) {
        inner = `[error: ${error}]`;
      }
      spend(key.length + 4);
      const words = plain(inner, depth + 1);
      if (words !== undefined) Object.defineProperty(result, key, { value: words, enumerable: true });
    }
    return result;
  };
  const plain = (value, depth) => {
    switch (typeof value) {
      case "string": return text(value);
      case "number": spend(1); return Number.isFinite(value) ? value : String(value);
      case "boolean": spend(4); return value;
      case "undefined": spend(4); return null;
      case "bigint": return text(value + "n");
      case "symbol": return text(String(value));
      case "function": return text(/^class\b/.test(Function.prototype.toString.call(value)) ? `[class ${value.name}]` : `[function ${value.name}]`);
    }
    if (value === null) return null;
    if (open.has(value)) return text("[circular]");
    open.add(value);
    const result = object(value, depth);
    open.delete(value);
    return result;
  };
  const value = await this;
  try {
    return JSON.stringify({ value: plain(value, 0) });
  } catch (error) {
    if (error === open) return JSON.stringify({ over: size });
    throw error;
  }
}
