"""`python -m sandbox`: the workspace alone, until SIGTERM or SIGINT."""

import argparse
import asyncio
import json
import logging
import sys
from pathlib import Path

from sandbox.server import Sandbox


def main() -> None:
    """Run the workspace; the first line on standard output says where it is and how an app signs in."""
    options = _parser().parse_args()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    try:
        sandbox = Sandbox(options.port, options.events_url, options.seed, rates=options.rates)
    except OSError as error:
        sys.exit(f"Port {options.port} cannot be used: {error.strerror}. Choose another with --port.")
    if options.manifest:
        sandbox.workspace.install(json.loads(options.manifest.read_text("utf-8")))
    asyncio.run(sandbox.serve(lambda: _say(sandbox)))


def _say(sandbox: Sandbox) -> None:
    sys.stdout.write(json.dumps(sandbox.info) + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A Slack workspace in a box, on loopback.")
    parser.add_argument("--port", type=int, default=8300, help="0 takes any free one (default: 8300)")
    parser.add_argument("--events-url", help="deliver by signed HTTP to this address instead of by Socket Mode")
    parser.add_argument("--seed", type=int, default=1, help="of ids, the choice of sockets and faults (default: 1)")
    parser.add_argument("--rates", action="store_true", help="hold the app to Slack's rate limits")
    parser.add_argument("--manifest", type=Path, help="an app manifest (JSON): scopes, events, commands, shortcuts")
    return parser


if __name__ == "__main__":
    main()
