"""A stock Python producer of BullMQ: adds jobs, reads back what became of them, prints one JSON line per check.

Usage: python queue_python.py REDIS_PORT QUEUE
"""
import asyncio
import json
import sys
import traceback

from bullmq import Job, Queue


async def finished(queue, job):
    for _ in range(1000):
        read = await Job.fromId(queue, job.id)
        if read and read.finishedOn:
            return read
        await asyncio.sleep(0.02)
    raise AssertionError(f"job {job.id} did not finish")


def value(read):
    return json.loads(read.returnvalue) if isinstance(read.returnvalue, str) else read.returnvalue


async def flat(queue):
    job = await queue.add("echo", {"room_name": "py", "text": "grüße"}, {"attempts": 3, "removeOnComplete": False})
    read = await finished(queue, job)
    assert value(read)["data"] == {"text": "grüße"}, read.returnvalue


async def nested_with_id(queue):
    data = {"action_type": "echo", "params": {"n": 1}, "session_id": "s", "room_name": "py"}
    job = await queue.add("echo", data, {"jobId": "echo_py_1700000000", "attempts": 3})
    assert job.id == "echo_py_1700000000"
    assert value(await finished(queue, job))["data"] == {"n": 1}


async def fails_once(queue):
    job = await queue.add("fail", {"room_name": "py"}, {"attempts": 3, "backoff": 50, "removeOnFail": False})
    read = await finished(queue, job)
    assert read.failedReason == "action_failed: it was asked to fail", read.failedReason
    assert read.attemptsMade == 1 and len(read.stacktrace) == 1, (read.attemptsMade, read.stacktrace)


async def backoff(queue):
    opts = {"attempts": 3, "backoff": {"type": "exponential", "delay": 20}}
    read = await finished(queue, await queue.add("flaky", {"room_name": "py", "times": 2}, opts))
    assert read.attemptsMade == 3 and value(read)["attempts"] == 3, read.attemptsMade


async def delayed_with_priority(queue):
    read = await finished(queue, await queue.add("echo", {"room_name": "py"}, {"delay": 200, "priority": 2}))
    assert read.processedOn - read.timestamp >= 195


async def removed(queue):
    job = await queue.add("echo", {"room_name": "py"}, {"removeOnComplete": True})
    for _ in range(500):
        if await Job.fromId(queue, job.id) is None:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the job was not removed")


async def main():
    port, name = sys.argv[1:3]
    queue = Queue(name, {"connection": f"redis://127.0.0.1:{port}"})
    for check in (flat, nested_with_id, fails_once, backoff, delayed_with_priority, removed):
        try:
            await check(queue)
            print(json.dumps({"check": f"python: {check.__name__}", "ok": True, "detail": ""}), flush=True)
        except Exception:
            print(json.dumps({"check": f"python: {check.__name__}", "ok": False, "detail": traceback.format_exc()[-1500:]}), flush=True)
    await queue.close()


asyncio.run(main())
