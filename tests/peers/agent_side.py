"""An agent as the coordination protocol describes it, with stock bullmq, redis and httpx: drives one room and judges it.

Subscribes to the room's events, makes every call once by HTTP and once by the queue, in the order in which an agent
would, and prints a line of JSON for each call and event. The last line is the verdict:
{"ok": true, "problems": []}; the exit code is 0 only then.

    agent_side.py --url http://127.0.0.1:8000 --redis 127.0.0.1:6379 --room demo [--page URL] [--token T]

Without --page it serves a small page itself, whose element 0 is a text field.
"""

import argparse
import asyncio
import contextlib
import functools
import http.server
import json
import sys
import threading
import time

import httpx
from bullmq import Queue
from redis.asyncio import Redis

PAGE = b"""<!doctype html><title>agent side</title><style>body{height:3000px}</style>
<form><input name=q placeholder=Search><button type=button onclick="document.title='clicked'">Go</button></form>"""
ENDS = ("action_completed", "action_error")
CONTEXT = {"url": str, "title": str, "ready_state": str, "scroll_x": (int, float), "scroll_y": (int, float),
           "viewport_width": int, "viewport_height": int, "cursor_x": (int, float), "cursor_y": (int, float)}
SCREEN = {**CONTEXT, "dom_summary": str, "visible_elements_count": int}
del SCREEN["ready_state"]


def say(**line):
    """One line of JSON on standard output, long texts cut."""
    def cut(value):
        if isinstance(value, str) and len(value) > 200:
            return f"{value[:200]}... ({len(value)})"
        if isinstance(value, dict):
            return {k: cut(v) for k, v in value.items()}
        return [cut(v) for v in value] if isinstance(value, list) else value
    print(json.dumps(cut(line), ensure_ascii=False), flush=True)


class Agent:
    """One room's caller: HTTP, queue and events, and what was wrong with the answers."""

    def __init__(self, args):
        host, _, port = args.redis.rpartition(":")
        self.room, self.deadline = args.room, args.deadline
        headers = {"Authorization": f"Bearer {args.token}"} if args.token else {}
        self.http = httpx.AsyncClient(base_url=args.url, timeout=30.0, headers=headers)
        self.redis = Redis(host=host, port=int(port))
        self.queue = Queue("browser_commands", {"connection": {"host": host, "port": int(port)}})
        self.pubsub = self.redis.pubsub()
        self.events, self.problems, self.sent = [], [], []
        self.arrived = asyncio.Condition()

    def expect(self, true, sentence):
        if not true:
            self.problems.append(sentence)
            say(problem=sentence)

    async def connect(self):
        await self.pubsub.subscribe(f"browser:events:{self.room}")
        self.listener = asyncio.create_task(self.listen())

    async def listen(self):
        async for message in self.pubsub.listen():
            if message["type"] == "message":
                event = json.loads(message["data"])
                say(event={k: v for k, v in event.items() if k != "data"})
                async with self.arrived:
                    self.events.append(event)
                    self.arrived.notify_all()

    async def event(self, fits, what):
        """The first event that fits, waiting for it until the deadline."""
        def found():
            return next((e for e in self.events if fits(e)), None)
        try:
            async with self.arrived:
                await asyncio.wait_for(self.arrived.wait_for(found), self.deadline)
        except (TimeoutError, asyncio.TimeoutError):
            self.expect(False, f"no {what} within {self.deadline} s")
        return found() or {}

    async def tool(self, name, **arguments):
        """A call of a tool by HTTP."""
        start = time.monotonic()
        try:
            reply = await self.http.post("/mcp/tools/call", json={"tool": name, "arguments": {"room_name": self.room, **arguments}})
            answer = reply.json()
        except (httpx.HTTPError, ValueError) as error:
            self.expect(False, f"{name} by HTTP: {error!r}")
            return 0, {}
        say(call=name, by="http", ms=round((time.monotonic() - start) * 1000, 1), status=reply.status_code, answer=answer)
        return reply.status_code, answer

    async def job(self, name, **params):
        """A command by the queue; gives the event that ended it."""
        start = time.monotonic()
        job_id = f"{name}_{self.room}_{int(time.time())}"
        options = {"jobId": job_id, "removeOnComplete": True, "attempts": 3}
        await self.queue.add(name, {"room_name": self.room, **params}, options)
        self.sent.append(name)
        end = await self.event(lambda e: e.get("job_id") == job_id and e["type"] in ENDS, f"end of the job {job_id}")
        say(call=name, by="queue", ms=round((time.monotonic() - start) * 1000, 1), answer=end.get("type"))
        return job_id, end

    # ---- the calls ----

    async def lifecycle_by_http(self, name, status, **arguments):
        self.sent.append(name)
        code, answer = await self.tool(name, **arguments)
        self.expect(code == 200 and answer.get("success") is True, f"{name}: HTTP {code}, {answer}")
        self.expect(answer.get("status") == status, f"{name}: the status is {answer.get('status')!r}, not {status!r}")
        self.expect(answer.get("room_name") == self.room, f"{name}: room_name is {answer.get('room_name')!r}")
        return answer

    async def action_by_http(self, action, params, error_type=None):
        self.sent.append(action)
        code, answer = await self.tool("execute_action", action_type=action, params=params)
        self.expect(code == 200, f"{action}: HTTP {code}")
        missing = {"success", "error", "error_type", "data", "timestamp", "duration_ms", "attempts"} - set(answer)
        self.expect(not missing, f"{action}: the answer lacks {sorted(missing)}")
        self.expect(answer.get("success") is (error_type is None), f"{action}: {answer.get('error_type')}: {answer.get('error')}")
        self.expect(error_type is None or answer.get("error_type") in error_type, f"{action}: {answer.get('error_type')} is not {error_type}")
        self.expect(isinstance(answer.get("data"), dict), f"{action}: data is no object")

    async def command_by_queue(self, name, **params):
        job_id, end = await self.job(name, **params)
        self.expect(end.get("type") == "action_completed", f"{name} by the queue: {end.get('type')}: {end.get('error')}")
        if end:
            await self.gone(job_id)

    async def gone(self, job_id):
        """removeOnComplete holds; the job may be finished a moment after its event."""
        for _ in range(100):
            if not await self.redis.exists(f"bull:browser_commands:{job_id}"):
                return
            await asyncio.sleep(0.05)
        self.expect(False, f"the job {job_id} is still there although removeOnComplete was asked for")

    async def failing_job(self, name, error_types, **params):
        job_id, end = await self.job(name, **params)
        self.expect(end.get("type") == "action_error", f"{name} {params}: {end.get('type')} instead of action_error")
        self.expect(end.get("error_type") in error_types, f"{name}: error_type is {end.get('error_type')}")
        reason = b""
        for _ in range(100):
            reason = await self.redis.hget(f"bull:browser_commands:{job_id}", "failedReason") or b""
            if reason:
                break
            await asyncio.sleep(0.05)
        self.expect(reason.decode().startswith(f"{end.get('error_type')}: "), f"{name}: failedReason is {reason!r}")
        await self.redis.zrem("bull:browser_commands:failed", job_id)
        await self.redis.delete(f"bull:browser_commands:{job_id}")

    async def question(self, name, fields):
        code, answer = await self.tool(name)
        self.expect(code == 200 and answer.get("success") is True, f"{name}: HTTP {code}, success {answer.get('success')}")
        for field, kind in fields.items():
            self.expect(isinstance(answer.get(field), kind), f"{name}: {field} is {answer.get(field)!r}")
        return answer

    # ---- the judgement ----

    def judge(self):
        """What must hold for all events together."""
        numbers = [e.get("seq") for e in self.events]
        holes = [(a, b) for a, b in zip(numbers, numbers[1:]) if b != a + 1]
        self.expect(not holes, f"seq does not rise by one: {holes}")
        for e in self.events:
            fine = e.get("room_name") == self.room and isinstance(e.get("timestamp"), float) and "session_id" in e
            copied = all(e.get(k) == v for k, v in (e.get("data") or {"": 1}).items())
            self.expect(fine and copied, f"the envelope of {e.get('type')} (seq {e.get('seq')}) is incomplete: {e}")
        commands = {}
        for e in self.events:
            if e["type"] == "action_started" or e["type"] in ENDS:
                commands.setdefault(e.get("command_id"), []).append(e)
        for command_id, own in commands.items():
            kinds = [e["type"] for e in own]
            names = {e.get("action", {}).get("action_type") for e in own}
            right = command_id and len(kinds) == 2 and kinds[0] == "action_started" and kinds[1] in ENDS and len(names) == 1
            self.expect(right, f"the command {command_id} ({names}) gave {kinds}")
        seen = sorted(own[0].get("action", {}).get("action_type") or "" for own in commands.values())
        self.expect(seen == sorted(self.sent), f"commands with events: {seen}; commands sent: {sorted(self.sent)}")
        for kind in ("page_navigation", "page_load_complete"):
            self.expect(any(e["type"] == kind and e.get("url") for e in self.events), f"no {kind} with a url was seen")

    async def close(self):
        self.listener.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.listener
        await self.pubsub.aclose()
        await self.queue.close()
        await self.redis.aclose()
        await self.http.aclose()


async def by_http(agent, page):
    start = await agent.lifecycle_by_http("start_browser_session", "started", initial_url=page)
    stream = start.get("stream") or {}
    agent.expect(bool(start.get("session_id")), "start_browser_session gave no session_id")
    agent.expect(isinstance(stream.get("livekit"), bool) and stream.get("view_url") and stream.get("whep_url"), f"stream is {stream}")
    await agent.action_by_http("navigate", {"url": page})
    await agent.action_by_http("click", {"index": 0})
    await agent.action_by_http("type", {"text": "Hello", "index": 0})
    await agent.action_by_http("scroll", {"direction": "down", "amount": 500})
    await agent.action_by_http("click", {"index": 99999}, error_type=("element_not_found", "stale_index"))
    await agent.lifecycle_by_http("pause_browser_session", "paused")
    await agent.lifecycle_by_http("resume_browser_session", "resumed")
    context = await agent.question("get_browser_context", CONTEXT)
    agent.expect(context.get("ready_state") in ("loading", "interactive", "complete"), f"ready_state is {context.get('ready_state')}")
    agent.expect((context.get("scroll_y") or 0) > 0, f"scroll_y is {context.get('scroll_y')} after scrolling down")
    screen = await agent.question("get_screen_content", SCREEN)
    agent.expect("Element 0: <" in (screen.get("dom_summary") or ""), "dom_summary has no line `Element 0: <...`")
    await agent.lifecycle_by_http("close_browser_session", "closed")
    code, answer = await agent.tool("get_browser_context")
    agent.expect(answer.get("error_type") == "session_not_found", f"after close: HTTP {code}, {answer}")


async def by_queue(agent, page):
    await agent.command_by_queue("start_browser_session", initial_url=page)
    await agent.command_by_queue("navigate", url=page)
    await agent.command_by_queue("click", index=0)
    await agent.command_by_queue("type", text="Hello", index=0)
    await agent.command_by_queue("scroll", direction="down", amount=500)
    await agent.failing_job("hover", ("element_not_found", "stale_index"), index=99999)
    await agent.failing_job("no_such_action", ("unknown_action",))
    await agent.command_by_queue("pause_browser_session")
    await agent.command_by_queue("resume_browser_session")
    await agent.question("get_browser_context", CONTEXT)
    await agent.question("get_screen_content", SCREEN)
    await agent.command_by_queue("close_browser_session")


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves the page, says nothing."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    log_message = functools.partialmethod(lambda *_: None)


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--redis", default="127.0.0.1:6379")
    parser.add_argument("--room", default="agent-side")
    parser.add_argument("--page")
    parser.add_argument("--token")
    parser.add_argument("--deadline", type=float, default=20.0, help="seconds to wait for an event")
    args = parser.parse_args()
    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    page = args.page or f"http://127.0.0.1:{site.server_port}/"
    agent = Agent(args)
    try:
        await agent.connect()
        await by_http(agent, page)
        await by_queue(agent, page)
        # What comes too often comes after the rest; half a second is enough for a second event of the same command.
        await asyncio.sleep(0.5)
        agent.judge()
    except Exception as error:  # the verdict line must come whatever happens
        agent.expect(False, f"the run ended early: {error!r}")
    await agent.close()
    site.shutdown()
    say(ok=not agent.problems, problems=agent.problems)
    return 0 if not agent.problems else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
