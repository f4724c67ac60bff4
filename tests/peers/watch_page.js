// Opens a room's view page in a real browser, reads colours out of the <video>, takes a screenshot when told colours change.
// Arguments: URL, path of the screenshot. Prints one JSON object a line.
"use strict";
const { chromium } = require("playwright-core");
const { run, say, sample } = require("./watch.js");

run(async (browser) => {
  const [url, shot] = process.argv.slice(2);
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  await page.goto(url);
  let last = "", state = "";
  for (;;) {
    const shown = await page.textContent("#state");
    if (shown !== state) say({ fact: "state", state: (state = shown) });
    const frame = await sample(page, "video");
    if (frame) {
      say({ fact: "frame", ...frame });
      const colour = JSON.stringify(frame.spots.map((spot) => spot.map((c) => Math.round(c / 64))));
      if (colour !== last) {
        last = colour;
        await page.screenshot({ path: shot });
        say({ fact: "screenshot", path: shot });
      }
    }
    await page.waitForTimeout(100);
  }
}, chromium);
