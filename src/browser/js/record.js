// The requests of this document as its own timing has them.
ops.timings = () => {
  const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  return entries.filter((entry) => entry.responseEnd > 0).slice(-500).map((entry) => ({
    url: cut(entry.name, 1000), kind: entry.entryType === "navigation" ? "document" : entry.initiatorType,
    status: entry.responseStatus || 0, duration: entry.responseEnd - entry.startTime,
    bytes: entry.transferSize || 0, at: performance.timeOrigin + entry.startTime,
  }));
};
