"""What a death costs: renderer, browser, Redis, LiveKit server and host killed with -9 under a running session.

usage: target/tools/venv/bin/python tests/peers/kill_times.py [--rounds 5]

Prints one JSON object: for each, in milliseconds (lowest, median, highest), how long until it was noticed (of the host: until
a new one was ready) and until all was back after that, and how many of the commands that were queued were lost or ran twice.
"""

import argparse
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import time

from websockets.sync.client import connect

from running import Running, descendants, serve

JOBS = 40
# Longer than the client that adds them takes to end, so that they are queued when the kill comes.
HOLD = 4


class Room:
    """One session with its events, read from the host's WebSocket."""

    def __init__(self, running, name, url):
        self.running, self.name, self.url = running, name, url
        running.tool("start_browser_session", room_name=name, initial_url=url)
        self.listen()

    def listen(self, since=None):
        query = f"?since={since}" if since is not None else ""
        self.socket = connect(f"{self.running.base.replace('http', 'ws')}/mcp/events/{self.name}{query}")

    def until(self, fits, what):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                event = json.loads(self.socket.recv(timeout=60))
            except TimeoutError:
                break
            if fits(event):
                return event
        raise SystemExit(f"{what} did not come")

    def close(self):
        self.socket.close()
        self.running.tool("close_browser_session", room_name=self.name)


def chromium(pid, kind):
    """The host's processes of Chromium: `browser`, or `renderer`."""
    found = []
    for one in descendants(pid):
        try:
            line = pathlib.Path(f"/proc/{one}/cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
        is_ours = "--remote-debugging-pipe" in line and "--type=" not in line if kind == "browser" else f"--type={kind}" in line
        if is_ours:
            found.append(one)
    return found


def queued(running, room, hold=None):
    """Adds the jobs with the stock client; they stay queued for so many seconds."""
    script = pathlib.Path(__file__).with_name("add_jobs.py")
    holding = ["--hold", str(hold)] if hold else []
    command = [sys.executable, script, "--redis", str(running.redis_port), "--room", room, "--count", str(JOBS), *holding]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def ran(running, room):
    """What became of the jobs: how many never ran, how many ran twice, whether in their order."""
    deadline = time.monotonic() + 60
    seen = []
    while time.monotonic() < deadline and len(seen) < JOBS:
        seen = running.act(room, "execute_javascript", code="window.seen || []")["result"]
    return {"lost": len(set(range(JOBS)) - set(seen)), "twice": len(seen) - len(set(seen)), "in_order": seen == sorted(seen)}


def of_chromium(running, url, kind):
    room = Room(running, f"kill-{time.time_ns()}", url)
    queued(running, room.name, HOLD)
    began = time.monotonic()
    for pid in chromium(running.host.pid, kind):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # a helper of one that was just killed
    room.until(lambda event: event["type"] == "browser_error", "browser_error")
    noticed = time.monotonic()
    running.tool("start_browser_session", room_name=room.name)
    back = time.monotonic()
    if running.act(room.name, "execute_javascript", code="location.href")["result"] != url:
        raise SystemExit("the session is not back at its last address")
    found = ran(running, room.name)
    room.close()
    return {"noticed_ms": noticed - began, "back_ms": back - noticed, **found}


def of_redis(running, url):
    room = Room(running, f"kill-{time.time_ns()}", url)
    host = connect(f"{running.base.replace('http', 'ws')}/mcp/events/_host")
    state = lambda wanted: next(
        e for e in iter(lambda: json.loads(host.recv(timeout=60)), None) if e["type"] == "redis_state" and e["connected"] is wanted
    )
    queued(running, room.name, HOLD)
    began = time.monotonic()
    running.kill("redis")
    state(False)
    noticed = time.monotonic()
    running.start_redis()
    restarted = time.monotonic()
    state(True)
    back = time.monotonic()
    found = ran(running, room.name)
    host.close()
    room.close()
    return {"noticed_ms": noticed - began, "back_ms": back - restarted, **found}


def of_livekit(running, url):
    room = Room(running, f"kill-{time.time_ns()}", url)
    running_state = lambda wanted: lambda event: event["type"] == "stream_state" and event["state"] == wanted
    room.listen(since=0)
    room.until(running_state("published"), "the first publication")
    queued(running, room.name, HOLD)
    began = time.monotonic()
    running.kill("livekit")
    room.until(running_state("reconnecting"), "the loss of the LiveKit server")
    noticed = time.monotonic()
    running.start_livekit()
    answering = time.monotonic()
    room.until(running_state("published"), "the publication after the restart")
    back = time.monotonic()
    found = ran(running, room.name)
    room.close()
    return {"noticed_ms": noticed - began, "back_ms": back - answering, **found}


def of_host(running, url):
    room = Room(running, f"kill-{time.time_ns()}", url)
    time.sleep(0.5)  # the checkpoint of the last page is written beside the session
    running.kill("host")
    queued(running, room.name)
    began = time.monotonic()
    running.start_host()
    ready = time.monotonic()
    room.listen(since=0)
    room.until(lambda event: event["type"] == "session_recovered", "session_recovered")
    back = time.monotonic()
    found = ran(running, room.name)
    room.close()
    return {"noticed_ms": ready - began, "back_ms": back - ready, **found}


def main(options):
    url = serve(lambda _: "<!doctype html><title>kill</title><h1>Still here</h1>") + "/"
    kinds = {
        "renderer": lambda running: of_chromium(running, url, "renderer"),
        "browser": lambda running: of_chromium(running, url, "browser"),
        "redis": lambda running: of_redis(running, url),
        "livekit": lambda running: of_livekit(running, url),
        "host": lambda running: of_host(running, url),
    }
    result = {}
    with Running() as running:
        for name, kill in kinds.items():
            rounds = [kill(running) for _ in range(options.rounds)]
            spread = lambda key: [round(1000 * pick(r[key] for r in rounds), 1) for pick in (min, statistics.median, max)]
            result[name] = {key: spread(key) for key in ("noticed_ms", "back_ms")}
            for key in ("lost", "twice"):
                result[name][key] = sum(r[key] for r in rounds)
            result[name]["in_order"] = all(r["in_order"] for r in rounds)
            print(name, json.dumps(result[name]), file=sys.stderr)
    print(json.dumps({"load": os.getloadavg(), "rounds": options.rounds, "killed": result}, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    main(parser.parse_args())
