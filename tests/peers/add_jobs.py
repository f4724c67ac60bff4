"""Adds numbered commands for a room with the stock BullMQ client; each appends its number to window.seen of the page.

With --hold the first command is a wait, behind which the others stay queued.
"""

import argparse
import asyncio
import json

from bullmq import Queue


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--redis", type=int, required=True, help="port on 127.0.0.1")
    parser.add_argument("--room", required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--hold", type=float, help="seconds that a first command takes")
    options = parser.parse_args()
    queue = Queue("browser_commands", {"connection": {"host": "127.0.0.1", "port": options.redis}})
    settings = {"attempts": 3}
    if options.hold:
        await queue.add("wait", {"room_name": options.room, "seconds": options.hold}, settings)
    for number in range(options.count):
        code = f"(window.seen = window.seen || []).push({number})"
        await queue.add("execute_javascript", {"room_name": options.room, "code": code}, settings)
    print(json.dumps({"added": options.count}), flush=True)
    await queue.close()


asyncio.run(main())
