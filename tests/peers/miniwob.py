"""MiniWoB++ through our actions: rule policies in Lua (tests/miniwob) drive its pages by index only.

One session a task; each episode is started with its seed, as MiniWoB's own wrapper does, and its reward is read, by
JavaScript. Everything that acts on the page is one `execute_action` of the task's policy. An episode has passed when it
is done and its raw reward, without what MiniWoB takes off for time, is 1: no partial rewards.

    target/tools/venv/bin/python tests/peers/miniwob.py [--perilune FILE] [--tasks a,b] [--seeds 10] [--at-once 2]
    ... --url ADDRESS            on a host that runs already, with tests/miniwob as its folder of plugins

Prints one JSON object a task and one of the sum. Ends with 1 when a given task passes in less than 95 % of its episodes
or, without --tasks, when fewer than 30 tasks reach that.
    ... --look TASK --seeds N    what an agent sees of that task's N-th episode, and what its policy did to it
"""

import argparse
import concurrent.futures
import contextlib
import functools
import http.server
import json
import threading
import time

from running import ROOT, Calls, Running

PAGES = ROOT / "target/tools/miniwob/miniwob/html"
POLICIES = ROOT / "tests/miniwob"
PREFIX = "wob-"
# How much of what a policy is given must come out right, and for how many tasks.
SHARE, WANTED = 0.95, 30
# A slow machine must not decide: MiniWoB's own limits are 10 to 20 s.
EPISODE_MS = 600_000
START = """(() => {{
  core.EPISODE_MAX_TIME = {limit};
  if (core.EP_TIMER !== null) core.endEpisode(-1, false, 'given up');
  Math.seedrandom({seed});
  core.startEpisodeReal();
}})()"""
OUTCOME = "({ done: WOB_DONE_GLOBAL, reward: WOB_RAW_REWARD_GLOBAL, reason: WOB_REWARD_REASON })"


def serve_pages():
    class Pages(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    if not PAGES.is_dir():
        raise SystemExit("the pages of MiniWoB++ are missing: run tools/setup.sh test")
    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Pages, directory=PAGES))
    threading.Thread(target=site.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{site.server_port}/miniwob"


def known_tasks():
    files = (POLICIES / "miniwob/actions").glob(f"{PREFIX}*.lua")
    return sorted(file.stem.removeprefix(PREFIX) for file in files)


class Task:
    """A session on the page of one task; a context manager."""

    def __init__(self, running, pages, name):
        self.running, self.pages, self.name = running, pages, name

    def __enter__(self):
        url = f"{self.pages}/{self.name}.html"
        size = {"viewport_width": 400, "viewport_height": 400}
        self.running.tool("start_browser_session", room_name=self.name, initial_url=url, **size)
        self.until_true("document.readyState === 'complete' && core.cover_div !== null")
        return self

    def __exit__(self, *_):
        self.running.tool("close_browser_session", room_name=self.name)

    def page(self, code):
        return self.running.act(self.name, "execute_javascript", code=code)["result"]

    def until_true(self, code, seconds=10):
        end = time.monotonic() + seconds
        while not (value := self.page(code)):
            if time.monotonic() > end:
                break
            time.sleep(0.05)
        return value

    def begin(self, seed):
        self.page(START.format(limit=EPISODE_MS, seed=seed))
        self.until_true("WOB_TASK_READY")
        return self.page("core.getUtterance()")

    def policy(self, utterance):
        """The words of its failure; none when it ended well."""
        action = PREFIX + self.name
        params = {"utterance": utterance if isinstance(utterance, str) else utterance["utterance"]}
        answer = self.running.answer("execute_action", room_name=self.name, action_type=action, params=params)
        return None if answer["success"] else answer["error"]

    def episode(self, seed):
        """What went wrong; none when it passed."""
        utterance = self.begin(seed)
        error = self.policy(utterance)
        self.until_true("WOB_DONE_GLOBAL", seconds=0 if error else 3)
        outcome = self.page(OUTCOME)
        if outcome["done"] and outcome["reward"] >= 1:
            return None
        return {"seed": seed, "utterance": utterance, **outcome, "error": error}


def run_task(running, pages, seeds, name):
    began = time.monotonic()
    with Task(running, pages, name) as task:
        failures = [failure for seed in range(seeds) if (failure := task.episode(seed))]
    seconds = round(time.monotonic() - began, 1)
    line = {"task": name, "passed": seeds - len(failures), "of": seeds, "seconds": seconds}
    return {**line, "failures": failures} if failures else line


def look(running, pages, name, seed):
    with Task(running, pages, name) as task:
        utterance = task.begin(seed)
        print(json.dumps(utterance, indent=1))
        print(running.tool("get_screen_content", room_name=name)["dom_summary"])
        if name in known_tasks():
            print("policy:", task.policy(utterance) or "ended", task.page(OUTCOME))
            print(running.tool("get_screen_content", room_name=name)["dom_summary"])


def measure(running, pages, options):
    names = options.tasks.split(",") if options.tasks else known_tasks()
    lines = []
    with concurrent.futures.ThreadPoolExecutor(options.at_once) as pool:
        for done in concurrent.futures.as_completed(
            pool.submit(run_task, running, pages, options.seeds, name) for name in names
        ):
            lines.append(done.result())
            print(json.dumps(lines[-1]), flush=True)
    reached = [line for line in lines if line["passed"] >= SHARE * line["of"]]
    ok = len(reached) >= (len(names) if options.tasks else WANTED)
    episodes, passed = sum(line["of"] for line in lines), sum(line["passed"] for line in lines)
    total = {"ok": ok, "tasks": len(lines), "reached": len(reached), "episodes": episodes, "passed": passed}
    print(json.dumps({**total, "share": round(passed / episodes, 4)}), flush=True)
    return ok


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--perilune", default=ROOT / "target/debug/perilune", help="the program to measure")
    parser.add_argument("--url", help="the address of a host that runs already")
    parser.add_argument("--tasks", help="names with commas between; all that have a policy when not given")
    parser.add_argument("--seeds", type=int, default=10, help="episodes a task: seeds 0 to N-1")
    parser.add_argument("--at-once", type=int, default=2, help="sessions at once")
    parser.add_argument("--look", metavar="TASK", help="shows one episode instead")
    options = parser.parse_args()
    pages = serve_pages()
    if options.url:
        host = contextlib.nullcontext(Calls(options.url))
    else:
        host = Running(options.perilune, ["--plugins", str(POLICIES), "--set", "script.reload=off"], livekit=False)
    with host as running:
        if options.look:
            return look(running, pages, options.look, options.seeds)
        return 0 if measure(running, pages, options) else 1


if __name__ == "__main__":
    raise SystemExit(main())
