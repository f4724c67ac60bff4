"""Watches a LiveKit room with the stock SDK and prints one JSON object per fact, one a line.

usage: livekit_subscriber.py URL TOKEN [--seconds N] [--spots "x,y;x,y"] [--every MS] [--patch N]

Every line has "fact" and "t" (seconds since 1970). Facts:
  connected             sid of the room, identities of the others
  participant_joined    identity
  participant_left      identity
  track_published       identity, sid, name, source
  track_unpublished     identity, sid
  track_subscribed      identity, sid, name, source, kind
  track_unsubscribed    identity, sid
  frame                 number (counted from 1 over all tracks), sid, width, height, spots: [[r, g, b], ...]: means of small patches
  reconnecting, reconnected, disconnected
  end                   frames: how many were decoded in all
Spots are pixels of the received picture; negative ones count from the right or the bottom.
"""

import argparse
import asyncio
import json
import signal
import sys
import time

import numpy
from livekit import rtc


def say(fact, **fields):
    print(json.dumps({"fact": fact, "t": round(time.time(), 4), **fields}), flush=True)


def mean_colour(planes, width, height, spot, patch):
    """Mean of a patch of the I420 picture as RGB, BT.601 with limited range."""
    luma, blue, red = planes
    x, y = spot[0] % width, spot[1] % height
    left, top = max(0, min(x - patch // 2, width - patch)), max(0, min(y - patch // 2, height - patch))
    rows, columns = slice(top, top + patch), slice(left, left + patch)
    half_rows, half_columns = slice(top // 2, (top + patch) // 2), slice(left // 2, (left + patch) // 2)
    level = 1.164 * (float(luma[rows, columns].mean()) - 16)
    u = float(blue[half_rows, half_columns].mean()) - 128
    v = float(red[half_rows, half_columns].mean()) - 128
    colour = (level + 1.596 * v, level - 0.392 * u - 0.813 * v, level + 2.017 * u)
    return [int(max(0, min(255, round(part)))) for part in colour]


def planes_of(frame):
    width, height = frame.width, frame.height
    chroma_width, chroma_height = (width + 1) // 2, (height + 1) // 2
    data = numpy.frombuffer(frame.data, dtype=numpy.uint8)
    size, chroma_size = width * height, chroma_width * chroma_height
    luma = data[:size].reshape(height, width)
    blue = data[size : size + chroma_size].reshape(chroma_height, chroma_width)
    red = data[size + chroma_size : size + 2 * chroma_size].reshape(chroma_height, chroma_width)
    return luma, blue, red


class Watcher:
    def __init__(self, spots, every, patch):
        self.spots, self.every, self.patch = spots, every, patch
        self.frames = 0
        self.readers = {}

    def start(self, track):
        self.readers[track.sid] = asyncio.ensure_future(self.read(track))

    def stop(self, sid):
        reader = self.readers.pop(sid, None)
        if reader:
            reader.cancel()

    async def read(self, track):
        stream = rtc.VideoStream(track, format=rtc.VideoBufferType.I420)
        last = 0.0
        try:
            async for event in stream:
                frame = event.frame
                # The server fills a vanishing track with a few tiny frames.
                if frame.width < 16:
                    continue
                self.frames += 1
                now = time.monotonic()
                if (now - last) * 1000 < self.every:
                    continue
                last = now
                planes = planes_of(frame)
                spots = [mean_colour(planes, frame.width, frame.height, spot, self.patch) for spot in self.spots]
                say("frame", number=self.frames, sid=track.sid, width=frame.width, height=frame.height, spots=spots)
        finally:
            await stream.aclose()


def listen(room, watcher):
    source = lambda number: rtc.TrackSource.Name(number)

    room.on("participant_connected", lambda who: say("participant_joined", identity=who.identity))
    room.on("participant_disconnected", lambda who: say("participant_left", identity=who.identity))
    room.on("reconnecting", lambda: say("reconnecting"))
    room.on("reconnected", lambda: say("reconnected"))
    room.on("disconnected", lambda *why: say("disconnected", reason=str(why[0]) if why else ""))

    @room.on("track_published")
    def _(publication, who):
        fields = {"sid": publication.sid, "name": publication.name, "source": source(publication.source)}
        say("track_published", identity=who.identity, **fields)

    @room.on("track_unpublished")
    def _(publication, who):
        say("track_unpublished", identity=who.identity, sid=publication.sid)

    @room.on("track_subscribed")
    def _(track, publication, who):
        fields = {"sid": publication.sid, "name": publication.name, "source": source(publication.source)}
        say("track_subscribed", identity=who.identity, kind=rtc.TrackKind.Name(track.kind), **fields)
        if track.kind == rtc.TrackKind.KIND_VIDEO:
            watcher.start(track)

    @room.on("track_unsubscribed")
    def _(track, publication, who):
        say("track_unsubscribed", identity=who.identity, sid=publication.sid)
        watcher.stop(track.sid)


async def watch(options):
    spots = [tuple(int(part) for part in spot.split(",")) for spot in options.spots.split(";") if spot]
    watcher = Watcher(spots, options.every, options.patch)
    room = rtc.Room()
    listen(room, watcher)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        await room.connect(options.url, options.token, rtc.RoomOptions(auto_subscribe=True))
    except rtc.ConnectError as error:
        say("refused", error=str(error))
        return 1
    others = [who.identity for who in room.remote_participants.values()]
    say("connected", room=room.name, others=others)
    try:
        await asyncio.wait_for(stop.wait(), options.seconds)
    except asyncio.TimeoutError:
        pass
    for sid in list(watcher.readers):
        watcher.stop(sid)
    say("end", frames=watcher.frames)
    try:
        await asyncio.wait_for(room.disconnect(), 3)
    except asyncio.TimeoutError:
        pass
    return 0


def main():
    parser = argparse.ArgumentParser(description="Prints what a LiveKit subscriber sees, one JSON object a line.")
    parser.add_argument("url")
    parser.add_argument("token")
    parser.add_argument("--seconds", type=float, default=10, help="leave after so long")
    parser.add_argument("--spots", default="", help="pixels whose colour is wanted: x,y;x,y")
    parser.add_argument("--every", type=float, default=0, help="print a frame at most every so many milliseconds")
    parser.add_argument("--patch", type=int, default=8, help="side of the square around a spot, even")
    sys.exit(asyncio.run(watch(parser.parse_args())))


if __name__ == "__main__":
    main()
