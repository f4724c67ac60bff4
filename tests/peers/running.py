"""A host with its own Redis and LiveKit server, for measures; all of it ends together."""

import http.server
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
KEY, SECRET = "devkey", "a-secret-of-the-tests-that-is-long-enough"
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def wait_for(url, what):
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            return urllib.request.urlopen(url, timeout=2).read()
        except OSError:
            time.sleep(0.005)
    raise SystemExit(f"{what} does not answer at {url}")


def serve(page_of):
    """A site on loopback whose pages are what the function makes of a path; none: 404. Returns its address."""

    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            page = page_of(self.path.strip("/"))
            self.send_response(404 if page is None else 200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write((page or "").encode())

        def log_message(self, *_):
            pass

    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{site.server_port}"


def token(identity, room):
    from livekit import api

    return api.AccessToken(KEY, SECRET).with_identity(identity).with_grants(api.VideoGrants(room_join=True, room=room)).to_jwt()


def descendants(pid):
    """A process and all that descend from it: pid to its line in /proc/PID/stat after the name."""
    stats = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stats[int(entry.name)] = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
    tree, more = {pid}, True
    while more:
        more = {child for child, fields in stats.items() if int(fields[1]) in tree} - tree
        tree |= more
    return {one: stats[one] for one in tree if one in stats}


def cpu_of_tree(pid):
    """User and system seconds of a process and all that descend from it; of ended children what was waited for."""
    ticks = sum(int(fields[at]) for fields in descendants(pid).values() for at in (11, 12, 13, 14))
    return ticks / os.sysconf("SC_CLK_TCK")


class Calls:
    """The tools of a host that runs already."""

    def __init__(self, base):
        self.base = base

    def answer(self, name, **arguments):
        body = json.dumps({"tool": name, "arguments": arguments}).encode()
        request = urllib.request.Request(f"{self.base}/mcp/tools/call", body, {"Content-Type": "application/json"})
        return json.load(urllib.request.urlopen(request, timeout=60))

    def tool(self, name, **arguments):
        answer = self.answer(name, **arguments)
        if not answer["success"]:
            raise SystemExit(f"{name}: {answer['error']}")
        return answer

    def act(self, room, action, **params):
        return self.tool("execute_action", room_name=room, action_type=action, params=params)["data"]


class Running(Calls):
    """Starts Redis, a LiveKit server unless it is not wanted, and a host; a context manager."""

    def __init__(self, program=ROOT / "target/release/perilune", arguments=(), livekit=True):
        self.program, self.arguments, self.with_livekit = pathlib.Path(program).resolve(), arguments, livekit
        self.livekit = self.host = None

    def __enter__(self):
        self.folder = tempfile.mkdtemp()
        self.http, self.redis_port, self.livekit_port = free_port(), free_port(), free_port()
        self.base, self.livekit_url = f"http://127.0.0.1:{self.http}", f"ws://127.0.0.1:{self.livekit_port}"
        self.livekit_config = f"""port: {self.livekit_port}
bind_addresses: [127.0.0.1]
keys: {{{KEY}: {SECRET}}}
logging: {{level: error}}
rtc: {{tcp_port: {free_port()}, udp_port: {free_port()}, node_ip: 127.0.0.1, use_external_ip: false, enable_loopback_candidate: true}}"""
        self.start_redis()
        try:
            if self.with_livekit:
                self.start_livekit()
            self.start_host()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.host:
            self.host.terminate()
            self.host.wait()
        for child in filter(None, (self.redis, self.livekit)):
            child.kill()
            child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start_redis(self):
        flags = ["--port", str(self.redis_port), "--dir", self.folder, "--appendonly", "yes", "--save", ""]
        self.redis = subprocess.Popen(["redis-server", *flags], **QUIET)

    def start_livekit(self):
        self.livekit = subprocess.Popen([ROOT / "target/tools/livekit-server", "--config-body", self.livekit_config], **QUIET)
        wait_for(f"http://127.0.0.1:{self.livekit_port}/", "the LiveKit server")

    def start_host(self):
        settings = {
            "PERILUNE_API__BIND": f"127.0.0.1:{self.http}",
            "PERILUNE_REDIS__URL": f"redis://127.0.0.1:{self.redis_port}",
            "PERILUNE_TELEMETRY__LOG": "error",
        }
        if self.with_livekit:
            settings |= {"LIVEKIT_URL": self.livekit_url, "LIVEKIT_API_KEY": KEY, "LIVEKIT_API_SECRET": SECRET}
        command = [self.program, "serve", "--data", self.folder, *self.arguments]
        self.host = subprocess.Popen(command, env={**os.environ, **settings}, cwd=self.folder)
        wait_for(f"{self.base}/readyz", "perilune")

    def kill(self, name):
        child = getattr(self, name)
        child.send_signal(signal.SIGKILL)
        child.wait()
