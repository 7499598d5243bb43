"""`python -m sandbox`: the workspace alone, until SIGTERM or SIGINT."""

import argparse
import asyncio
import json
import logging
import sys
from contextlib import ExitStack
from pathlib import Path

from sandbox.journalfile import JournalFile, NoJournal, journal_written, read_journal
from sandbox.models import Json
from sandbox.replay import Replay
from sandbox.server import Sandbox


def main() -> None:
    """Run the workspace; the first line on standard output says where it is and how an app signs in."""
    options = _parser().parse_args()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    recording = _recording(options.replay)
    if recording:
        options.seed, options.rates = recording.seed, options.rates or recording.rates
    try:
        sandbox = Sandbox(options.port, options.events_url, options.seed, rates=options.rates)
    except OSError as error:
        sys.exit(f"Port {options.port} cannot be used: {error.strerror}. Choose another with --port.")
    manifest = json.loads(options.manifest.read_text("utf-8")) if options.manifest else None
    manifest = manifest or (recording.manifest if recording else None)
    if manifest:
        sandbox.workspace.install(manifest)
    replay = Replay(sandbox.parts, recording) if recording else None
    with ExitStack() as stack:
        if options.journal:
            _write_journal(stack, sandbox, options, manifest)
        _serve(sandbox, replay)


def _recording(path: Path | None) -> JournalFile | None:
    try:
        return read_journal(path) if path else None
    except NoJournal as error:
        sys.exit(str(error))


def _write_journal(stack: ExitStack, sandbox: Sandbox, options: argparse.Namespace, manifest: Json | None) -> None:
    try:
        stack.enter_context(journal_written(options.journal, sandbox.parts, options.seed, manifest))
    except OSError as error:
        sys.exit(f"{options.journal} cannot be written: {error.strerror}. Name another file with --journal.")


def _serve(sandbox: Sandbox, replay: Replay | None) -> None:
    playing: list[asyncio.Task[None]] = []

    def start() -> None:
        _say(sandbox)
        if replay:
            playing.append(asyncio.create_task(replay.run()))

    asyncio.run(sandbox.serve(start))


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
    parser.add_argument("--journal", type=Path, help="write all that happens into this new file, a line of JSON each")
    parser.add_argument("--replay", type=Path, help="do again what people did in this journal, when the app connects")
    return parser


if __name__ == "__main__":
    main()
