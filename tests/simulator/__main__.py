# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line: ``python -m tests.simulator``."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from .oauth import CLIENT_ID, CLIENT_SECRET
from .server import Server, Settings


def settings(arguments: list[str] | None = None) -> Settings:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description="A Bitrix24 portal to run against.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8024, help="port of the first portal; 0 picks free ones")
    parser.add_argument(
        "--database", default=":memory:", help="SQLite file of the first portal (.2, .3, … for the others), or :memory:"
    )
    parser.add_argument("--tls", action="store_true", help="serve https with a throw-away certificate authority")
    parser.add_argument("--prefix", default="", metavar="/BASE", help="serve the portal below this path")
    parser.add_argument("--portals", type=int, default=1, metavar="N", help="so many portals, on ports from PORT on")
    parser.add_argument(
        "--control", action="store_true", help="offer /_control/state, /_control/requests and /_control/faults"
    )
    parser.add_argument("--rate", type=float, help="requests a second of the leaky bucket; no bucket unless given")
    parser.add_argument("--burst", type=float, default=50, help="requests at once of the leaky bucket")
    parser.add_argument(
        "--oauth",
        type=Path,
        metavar="FOLDER",
        help="play the authorization server too, on the next port, and write a token_file for each portal to this folder",
    )
    options = parser.parse_args(arguments)
    if options.portals < 1:
        parser.error("--portals takes 1 or more")
    return Settings(**vars(options))


def write_token_files(server: Server, folder: Path) -> None:
    """``portal-1.json``, … with the answers to first authorizations."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, address in enumerate(server.addresses, 1):
        path = folder / f"portal-{number}.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(server.oauth.issue(f"{address}/rest/")))


async def serve(options: Settings) -> None:
    """Run until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    server = Server(options)
    try:
        await server.start()
        for number, address in enumerate(server.addresses, 1):
            print(f"portal {number} listening on {address}", flush=True)
        if server.ca_file:
            print(f"certificate authority in {server.ca_file}", flush=True)
        if server.oauth:
            write_token_files(server, options.oauth)
            application = f"client_id {CLIENT_ID}, client_secret {CLIENT_SECRET}"
            print(f"authorization server on {server.oauth.url}: {application}, tokens in {options.oauth}", flush=True)
        await stopped.wait()
    finally:
        await server.stop()


def main() -> int:
    """Start, and say in one line why that did not work."""
    try:
        asyncio.run(serve(settings()))
    except OSError as error:
        print(f"cannot start: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
