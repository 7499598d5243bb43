"""Requests in somebody else's name, or about another idea: each does what its sender may do, and no more."""

import re

from tests.bot import AGENT, CLERK, GUARD, LEADER
from tests.doorstep import Doorstep
from tests.recordings import Path
from tests.scenarios.test_altered_requests import check

PEOPLE: set[Path] = {("user", "id"), ("user_id",), ("event", "user")}


def test_another_s_name_or_number(doorstep: Doorstep) -> None:
    """Somebody else's press, form or command, and one with another idea's number, does what its sender may do."""
    doorstep.reopen()
    for request in doorstep.requests:
        for path in request.paths:
            here = request.at(path)
            if path in PEOPLE and isinstance(here, str):
                others = [AGENT, CLERK, GUARD, LEADER, "U0STRANGE1"]
            elif path[-1] in ("value", "block_id", "private_metadata") and re.fullmatch(r"(.*\|)?\d+", str(here)):
                others = [re.sub(r"\d+$", number, str(here)) for number in ("1", "2", "5", "99")]
            else:
                continue
            for other in others:
                check(doorstep, request, {path: other}, (path, other))
