// What the browser viewers share: launching Chromium so that loopback media plays, and reading a video's colours.
"use strict";

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
  "--disable-sync", "--allow-loopback-in-peer-connection", "--autoplay-policy=no-user-gesture-required",
];

function say(fact) {
  process.stdout.write(JSON.stringify(fact) + "\n");
}

// The size of the video's picture and the colour of its centre; null while there is none.
function sample(page, selector) {
  return page.evaluate((css) => {
    const video = document.querySelector(css);
    if (!video || !video.videoWidth || video.readyState < 2) return null;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 1;
    const context = canvas.getContext("2d");
    context.drawImage(video, video.videoWidth / 2, video.videoHeight / 2, 1, 1, 0, 0, 1, 1);
    const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
    return { width: video.videoWidth, height: video.videoHeight, spots: [[r, g, b]] };
  }, selector);
}

async function run(work, chromium) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: FLAGS });
  // A parent that ends closes the pipe; the browser goes with it.
  process.stdout.on("error", () => browser.close().finally(() => process.exit(0)));
  try {
    await work(browser);
  } finally {
    await browser.close();
  }
}

module.exports = { run, say, sample };
