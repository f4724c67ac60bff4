"""What a streamed page costs: perilune, and beside it a pipeline of PNG screenshots, in one run.

The peer does what a common Python service does: `Page.captureScreenshot` as PNG at most 10 times a second, decoded with
Pillow, given as RGBA to the stock LiveKit SDK. Both publish the same page from a Chromium of the same kind into the same
LiveKit server; a stock subscriber reads a clock from the picture, drawn by the page as 16 black and white cells. A frame
is new when its clock is. CPU is user and system time of the publisher's whole process tree, Chromium included.

usage: target/tools/venv/bin/python tests/peers/stream_cost.py [--seconds 10] [--rounds 2] [--pages static,typing,...]

Prints one JSON object: for each page and side CPU seconds a second, new frames a second, CPU milliseconds a new frame,
and the delay from the page's clock to the decoded frame; then the ratios.
"""

import argparse
import asyncio
import base64
import io
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from running import QUIET, Running, cpu_of_tree, free_port, serve, token, wait_for

WIDTH, HEIGHT, CELLS, CELL = 1280, 720, 16, 32
PAGES = {
    "static": "",
    "typing": "setInterval(() => { q.value += 'a'; if (q.value.length > 60) q.value = ''; clock() }, 100)",
    "scroll": "let y = 0; setInterval(() => { y = (y + 40) % 4000; scrollTo(0, y); clock() }, 50)",
    "anim": "let x = 0; const step = () => { x = (x + 6) % 900; box.style.left = x + 'px'; clock(); requestAnimationFrame(step) }; step()",
}
PAGE = """<!doctype html><title>cost</title><style>body{margin:0;font:16px sans-serif}#bar{position:fixed;left:0;top:0;display:flex;z-index:9}
#bar i{width:32px;height:32px;background:#000}#box{position:fixed;top:200px;width:300px;height:300px;background:linear-gradient(45deg,#c33,#33c)}
main{padding:60px 20px}</style><div id=bar></div><main><input id=q size=80><div id=box></div>%s</main><script>
for (let i = 0; i < 16; i++) bar.append(document.createElement('i'));
const clock = () => { const now = Date.now() & 0xffff; [...bar.children].forEach((cell, i) => cell.style.background = now >> i & 1 ? '#fff' : '#000') };
clock(); %s</script>"""
TEXT = "<p>Lines of text as a page has them, so that there is something to paint, to scroll and to encode.</p>" * 120


# ---- the peer: a process of its own ----------------------------------------------------------------------------------


async def legacy(url, room, page):
    import websockets
    from livekit import rtc
    from PIL import Image

    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        flags = ["--no-sandbox", "--disable-gpu", f"--remote-debugging-port={port}", f"--user-data-dir={folder}", f"--window-size={WIDTH},{HEIGHT}"]
        # A group of its own: what is on the path may be a script around the browser.
        browser = subprocess.Popen([chromium(), *flags, page], start_new_session=True, **QUIET)
        try:
            wait_for(f"http://127.0.0.1:{port}/json/version", "Chromium")
            targets = json.loads(wait_for(f"http://127.0.0.1:{port}/json", "Chromium"))
            address = next(target for target in targets if target["type"] == "page")["webSocketDebuggerUrl"]
            async with websockets.connect(address, max_size=None) as cdp:
                number = 0

                async def call(method, **params):
                    nonlocal number
                    number += 1
                    await cdp.send(json.dumps({"id": number, "method": method, "params": params}))
                    while True:
                        answer = json.loads(await cdp.recv())
                        if answer.get("id") == number:
                            return answer["result"]

                await call("Emulation.setDeviceMetricsOverride", width=WIDTH, height=HEIGHT, deviceScaleFactor=1, mobile=False)
                room_ = rtc.Room()
                await room_.connect(url, token("legacy", room))
                source = rtc.VideoSource(WIDTH, HEIGHT)
                track = rtc.LocalVideoTrack.create_video_track("screen", source)
                options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_SCREENSHARE, video_codec=rtc.VideoCodec.VP8)
                await room_.local_participant.publish_track(track, options)
                print("publishing", flush=True)
                while True:
                    shot = await call("Page.captureScreenshot", format="png")
                    picture = Image.open(io.BytesIO(base64.b64decode(shot["data"]))).convert("RGBA")
                    source.capture_frame(rtc.VideoFrame(picture.width, picture.height, rtc.VideoBufferType.RGBA, picture.tobytes()))
                    await asyncio.sleep(0.1)
        finally:
            os.killpg(browser.pid, signal.SIGKILL)
            browser.wait()


def chromium():
    return next(found for found in map(shutil.which, ("chromium-headless-shell", "chromium")) if found)


# ---- the subscriber: a process of its own ----------------------------------------------------------------------------


async def watch(url, room):
    """Prints a line for each frame with a new clock: its delay in milliseconds."""
    import numpy
    from livekit import rtc

    def clock_of(frame):
        luma = numpy.frombuffer(frame.data, dtype=numpy.uint8)[: frame.width * frame.height].reshape(frame.height, frame.width)
        cell = CELL * frame.width / WIDTH
        bits = [luma[int(cell / 2), int(cell * (at + 0.5))] > 128 for at in range(CELLS)]
        return sum(1 << at for at, bit in enumerate(bits) if bit)

    async def read(track):
        last = None
        async for event in rtc.VideoStream(track, format=rtc.VideoBufferType.I420):
            if event.frame.width >= 320:
                clock = clock_of(event.frame)
                if clock != last:
                    last = clock
                    print((int(time.time() * 1000) - clock) & 0xFFFF, flush=True)

    room_ = rtc.Room()
    tasks = []
    room_.on("track_subscribed", lambda track, *_: tasks.append(asyncio.ensure_future(read(track))))
    await room_.connect(url, token("watcher", room))
    print("watching", flush=True)
    await asyncio.Event().wait()


# ---- the run ---------------------------------------------------------------------------------------------------------


class Sides:
    def __init__(self, running, site):
        self.running, self.site = running, site

    def perilune(self, room, page):
        tool = self.running.tool
        tool("start_browser_session", room_name=room, initial_url=page, viewport_width=WIDTH, viewport_height=HEIGHT)
        return self.running.host.pid, lambda: tool("close_browser_session", room_name=room)

    def legacy(self, room, page):
        peer = subprocess.Popen([sys.executable, __file__, "--part", "legacy", self.running.livekit_url, room, page], stdout=subprocess.PIPE, text=True)
        if peer.stdout.readline().strip() != "publishing":
            raise SystemExit("the peer does not publish")
        return peer.pid, lambda: (peer.send_signal(signal.SIGINT), peer.wait())

    def measure(self, side, page, seconds):
        room = f"cost-{side}-{page}-{time.time_ns()}"
        pid, end = getattr(self, side)(room, f"{self.site}/{page}")
        watcher = subprocess.Popen([sys.executable, __file__, "--part", "watch", self.running.livekit_url, room], stdout=subprocess.PIPE, text=True)
        delays = []
        threading.Thread(target=lambda: [delays.append(int(line)) for line in watcher.stdout if line.strip().isdigit()], daemon=True).start()
        time.sleep(4)  # joined, refined and at rest: what is measured is the steady state
        if not delays:
            raise SystemExit(f"{side} shows nothing of {page}")
        before, seen, start = cpu_of_tree(pid), len(delays), time.monotonic()
        time.sleep(seconds)
        cpu, fresh, took = cpu_of_tree(pid) - before, delays[seen:], time.monotonic() - start
        watcher.kill()
        watcher.wait()
        end()
        return {"cpu": cpu, "seconds": took, "delays": fresh}


def summary(runs):
    cpu, seconds = sum(run["cpu"] for run in runs), sum(run["seconds"] for run in runs)
    delays = sorted(delay for run in runs for delay in run["delays"])
    found = {"cpu_s_per_s": round(cpu / seconds, 4), "new_fps": round(len(delays) / seconds, 2)}
    if len(delays) > 10:
        found["cpu_ms_per_new_frame"] = round(1000 * cpu / len(delays), 1)
        found["delay_p50_ms"] = statistics.median(delays)
        found["delay_p95_ms"] = delays[int(0.95 * (len(delays) - 1))]
    return found


def main(options):
    site = serve(lambda name: PAGE % (TEXT, PAGES[name]) if name in PAGES else None)
    pages = options.pages.split(",")
    runs = {page: {"perilune": [], "legacy": []} for page in pages}
    with Running() as running:
        sides = Sides(running, site)
        for _ in range(options.rounds):
            for page in pages:
                for side in runs[page]:
                    runs[page][side].append(sides.measure(side, page, options.seconds))
    result = {}
    for page, both in runs.items():
        found = {side: summary(its) for side, its in both.items()}
        ours, theirs = found["perilune"], found["legacy"]
        found["ratio"] = {key: round(ours[key] / theirs[key], 3) for key in ours if theirs.get(key)}
        result[page] = found
    print(json.dumps({"load": os.getloadavg(), "pages": result}, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--pages", default=",".join(PAGES))
    parser.add_argument("--part", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    try:
        match given.part:
            case ["legacy", url, room, page]:
                asyncio.run(legacy(url, room, page))
            case ["watch", url, room]:
                asyncio.run(watch(url, room))
            case _:
                main(given)
    except KeyboardInterrupt:
        pass
