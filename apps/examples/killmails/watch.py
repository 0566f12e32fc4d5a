#!/usr/bin/env python3
"""Prints the kills of some EVE Online systems as they happen.

    apt install python3-websockets        (or: pip install websockets)
    python3 watch.py 30000142 30002187

KILLMAILS_URL (ws://127.0.0.1:4004) and KILLMAILS_TOKEN (test-token) say where and as whom.
"""

import asyncio
import json
import os
import sys
from urllib.parse import urlencode

import websockets

URL = os.environ.get("KILLMAILS_URL", "ws://127.0.0.1:4004")
TOKEN = os.environ.get("KILLMAILS_TOKEN", "test-token")
TOPIC = "killmails:lobby"
HEARTBEAT_SECONDS = 30
# A battle with thousands of attackers makes a message of more than a megabyte, the library's own limit.
MAX_BYTES = 16 * 1024 * 1024


async def beat(socket):
    """The server closes a connection from which nothing comes for 45 seconds."""
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        await socket.send(json.dumps([None, "heartbeat", "phoenix", "heartbeat", {}]))


def show(event, payload):
    if event == "killmail_update":
        for kill in payload["killmails"]:
            victim = kill["victim"]
            who = victim.get("character_name", "somebody")
            ship = victim.get("ship_type_name", "something")
            print(f"{kill['kill_time']} system {payload['system_id']}: {who} lost a {ship}", flush=True)
    elif event == "kill_count_update":
        print(f"system {payload['system_id']}: {payload['count']} kills in the last day", flush=True)


async def listen(socket, systems):
    """Joins the channel and prints its events. Frames are [join_ref, ref, topic, event, payload]."""
    await socket.send(json.dumps(["1", "1", TOPIC, "phx_join", {"systems": systems}]))
    async for text in socket:
        _join_ref, ref, topic, event, payload = json.loads(text)
        if event == "phx_reply" and ref == "1":
            if payload["status"] != "ok":
                sys.exit(f"refused: {payload['response'].get('reason')}")
            print(f"watching {payload['response']['subscribed_systems']}", flush=True)
        elif event in ("phx_error", "phx_close") and topic == TOPIC:
            return
        else:
            show(event, payload)


async def main(systems):
    query = urlencode({"token": TOKEN, "vsn": "2.0.0"})
    # Iterating over connect() reconnects with a growing delay, for as long as the token is good.
    async for socket in websockets.connect(f"{URL}/socket/websocket?{query}", max_size=MAX_BYTES):
        beating = asyncio.create_task(beat(socket))
        try:
            await listen(socket, systems)
        except websockets.ConnectionClosed:
            print("connection lost, trying again", flush=True)
        finally:
            beating.cancel()


if __name__ == "__main__":
    try:
        asyncio.run(main([int(argument) for argument in sys.argv[1:]] or [30000142]))
    except KeyboardInterrupt:
        pass
