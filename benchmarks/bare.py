"""`python -m benchmarks.bare PORT SECRET`: the floor, a Bolt app that acknowledges reactions and does nothing else."""

import sys
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult
from waitress.server import create_server

THREADS = 16


def main() -> None:
    """Serve until the process is ended."""
    port, secret = int(sys.argv[1]), sys.argv[2]
    known = AuthorizeResult(enterprise_id=None, team_id="T0", bot_id="B0", bot_user_id="U0", bot_token="xoxb-0")  # noqa: S106  # none
    app = App(signing_secret=secret, authorize=lambda: known, process_before_response=True)

    @app.event("reaction_added")
    def on_reaction_added(event: dict[str, Any]) -> None:
        """Do nothing: the acknowledgement is all."""

    handler = SlackRequestHandler(app, path="/slack/events")
    create_server(handler, host="127.0.0.1", port=port, threads=THREADS, ident=None).run()


if __name__ == "__main__":
    main()
