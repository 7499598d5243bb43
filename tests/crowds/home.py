"""`python -m tests.crowds.home`: a leader's App Home with 10,000 open ideas, and 500 people who open theirs."""

import logging
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import func, insert, select, text

from bot import clock
from bot.deps import Deps
from bot.home_rendering import home_view
from bot.pace import Pace
from bot.services.rights import Role
from db.models import Idea, OutboxMessage, RoleMember, Vote
from db.session import Sessions, open_database
from sandbox.models import User
from sandbox.server import Sandbox, running_sandbox
from tests import postgres
from tests.bot import LEADER, QUICK, World, running_bot, settings_for
from tests.databases import DATABASES, look_through, migrated

IDEAS, VOTES_EACH, PEOPLE, MINUTE = 10_000, 5, 500, 60.0
_ROUNDS = 50


def main() -> None:
    """Print the figures on SQLite and, where it is installed, on PostgreSQL."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    for name in DATABASES if postgres.is_available() else DATABASES[:1]:
        with migrated(name) as url:
            measure(name, url)


def measure(name: str, url: str) -> None:
    """Print what App Home costs on one database."""
    sessions = open_database(url)
    fill(sessions)
    with running_sandbox() as sandbox:
        print_work(name, sandbox, url, sessions)
        enroll(sandbox)
        for words, pace, has_limits in (("as fast as it goes", QUICK, False), ("within Slack's limits", Pace(), True)):
            with running_bot(sandbox, url, "http", pace) as world:
                sandbox.call(partial(setattr, sandbox.parts.rates, "on", has_limits))
                print_crowd(name, words, world)
            sandbox.call(partial(setattr, sandbox.parts.rates, "on", False))
            forget_homes(sessions)
    sessions.dispose()


def fill(sessions: Sessions, count: int = IDEAS, one_waits_in: int = 1) -> None:
    """Write ideas of many authors, of which one in so many waits for an answer; votes of many people; and a leader."""
    ideas = [_idea(number) | (_ANSWERED if number % one_waits_in else _WAITS) for number in range(count)]
    with sessions.begin() as session:
        session.add(RoleMember(role=Role.LEADER, user_id=LEADER, source=LEADER))
        session.execute(insert(Idea), ideas)
        votes = [_vote(number, voter) for number in range(1, count + 1) for voter in range(VOTES_EACH)]
        session.execute(insert(Vote), votes)
    look_through(sessions)


_WAITS = {"status": "new", "settled_at": None, "answered_at": None}
_ANSWERED = {"status": "planned", "settled_at": clock.now(), "answered_at": clock.now()}


def _idea(number: int) -> dict[str, Any]:
    filed_at = clock.now() - timedelta(minutes=9 * number)
    title = f"Let customers see the state of order {number} without a call"
    return {
        "title": title,
        "search_text": title,
        "description": "Today they phone between nine and five, wait, and half of them give up. " * 5,
        "stage": ("use", "buy", None)[number % 3],
        "author_id": f"U0AUTHOR{number % 900:03}",
        "votes": VOTES_EACH,
        "created_at": filed_at,
        "answer_due_at": filed_at + timedelta(days=7),
    }


def _vote(number: int, voter: int) -> dict[str, Any]:
    voted_at = clock.now() - timedelta(minutes=9 * number)
    user_id = f"U0VOTER{(number + voter * 131) % 900:03}"
    return {"idea_id": number, "user_id": user_id, "by_button": True, "counts": True, "voted_at": voted_at}


def print_work(name: str, sandbox: Sandbox, url: str, sessions: Sessions) -> None:
    """Print how long a leader's Home takes to be read and drawn: on the first page, the last, and filtered."""
    deps = Deps.build(settings_for(sandbox, url, "http"), sessions)
    deps.identity.learn(deps.reads, clock.now())
    looks: dict[str, dict[str, Any]] = {
        "first page": {},
        "last page": {"page": IDEAS // 10},
        "one stage": {"stage": "stage/use"},
        "mine only": {"owner": "mine"},
        "all open": {"status": "open"},
    }
    for words, look in looks.items():
        view, times = _timed(partial(_view, deps, look))
        size, worst = len(view["blocks"]), max(times)
        say(f"{name}, leader, {words}: {statistics.median(times):.0f} ms, worst {worst:.0f} ms; {size} blocks")


def _view(deps: Deps, look: dict[str, Any]) -> dict[str, Any]:
    with deps.sessions.reading() as session:
        return home_view(session, deps, {"user_id": LEADER, **look}, clock.now())


def _timed(work: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], list[float]]:
    times = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        view = work()
        times.append((time.perf_counter() - began) * 1000)
    return view, times


def enroll(sandbox: Sandbox) -> None:
    """Let people join the workspace."""
    for number in range(PEOPLE):
        user = User(f"U0CROWD{number:04}", f"crowd{number}", f"Crowd {number}", "Colleague", "employee")
        sandbox.call(partial(sandbox.workspace.add_user, user))


def print_crowd(name: str, words: str, world: World) -> None:
    """Let everybody open Home, spread over a minute; print how long they waited."""
    began, opened = time.time(), {}
    for number in range(PEOPLE):
        user_id = f"U0CROWD{number:04}"
        time.sleep(max(0.0, began + number * MINUTE / PEOPLE - time.time()))
        opened[user_id] = time.time()
        world.sandbox.act(user_id, "open_home")
    _wait_for(lambda: opened.keys() <= _shown(world, began).keys() and _due(world) == 0)
    entries = [entry for entry in world.sandbox.parts.journal.entries if entry.name == "views.publish"]
    shown = _shown(world, began)
    waits = sorted(shown[user_id] - at for user_id, at in opened.items())
    refused = sum(entry.at >= began and entry.outcome != "ok" for entry in entries)
    middle, last = statistics.median(waits), waits[-1]
    say(f"{name}, {PEOPLE} people in a minute, {words}: {len(waits)} published; waited {middle:.2f} s in the middle, "
        f"{last:.1f} s at most; {refused} calls refused by Slack")  # fmt: skip


def _shown(world: World, began: float) -> dict[str, float]:
    """Return when each person's Home came, the newest one."""
    entries = [entry for entry in world.sandbox.parts.journal.entries if entry.name == "views.publish"]
    return {each.request["user_id"]: each.at for each in entries if each.outcome == "ok" and each.at >= began}


def _due(world: World) -> int:
    waits = OutboxMessage.wanted_revision > OutboxMessage.shown_revision
    with world.runtime.deps.sessions.reading() as session:
        return session.scalar(select(func.count()).where(waits)) or 0


def _wait_for(condition: Callable[[], bool], seconds: float = 900) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("not all were published")
        time.sleep(0.2)


def forget_homes(sessions: Sessions) -> None:
    """Let the next crowd begin anew."""
    with sessions.begin() as session:
        session.execute(text("DELETE FROM outbox WHERE kind = 'home'"))


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
