// Joins a LiveKit room with the stock livekit-client in a real browser and reads colours out of the <video>.
// Arguments: URL, token, path of a screenshot. Prints one JSON object a line: frames, tracks that come and go, who leaves.
"use strict";
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const { chromium } = require("playwright-core");
const { run, say, sample } = require("./watch.js");

const library = fs.readFileSync(path.join(path.dirname(require.resolve("livekit-client")), "livekit-client.umd.js"));
const page = (url, token) => `<!doctype html><video autoplay muted playsinline></video><script src=/livekit.js></script><script>
  const room = new LivekitClient.Room();
  room.on("trackSubscribed", (track) => { track.attach(document.querySelector("video")); told("track_subscribed"); });
  room.on("trackUnsubscribed", (track) => { track.detach(); told("track_unsubscribed"); });
  room.on("participantDisconnected", () => told("participant_left"));
  room.connect(${JSON.stringify(url)}, ${JSON.stringify(token)});
</script>`;

run(async (browser) => {
  const [url, token, shot] = process.argv.slice(2);
  const server = http.createServer((request, response) => {
    const script = request.url === "/livekit.js";
    response.setHeader("Content-Type", script ? "text/javascript" : "text/html");
    response.end(script ? library : page(url, token));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const tab = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  tab.on("console", (message) => say({ fact: "console", text: message.text() }));
  await tab.exposeFunction("told", (fact) => say({ fact }));
  await tab.goto(`http://127.0.0.1:${server.address().port}/`);
  let shown = false;
  for (;;) {
    const frame = await sample(tab, "video");
    if (frame) {
      say({ fact: "frame", ...frame });
      if (!shown) await tab.screenshot({ path: shot });
      shown = true;
    }
    await tab.waitForTimeout(100);
  }
}, chromium);
