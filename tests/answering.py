"""People answering ideas at the bot's door, without the bot's delivery, and what the product's rules say of it.

The rules are written down here once more, from the product's own table, so that they can be compared with the code's.
"""

import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from bot.deeds import Deed
from bot.http import Door
from db.base import Base
from db.models import AuditEntry, Idea, IdeaChange, InboxEntry, News, OutboxMessage, Person, RoleMember, Stage, Vote
from db.session import Sessions
from db.types import MessageKind, Standing, Status
from sandbox.server import running_sandbox
from tests.bot import World, running_bot
from tests.door import encoded, signed
from tests.doorstep import bring, door_of
from tests.recordings import Request

NEW, REVIEW, PLANNED, BEGUN, SHIPPED, DECLINED, PARKED, MERGED, WITHDRAWN = Status
FROM_TO: Mapping[Status, set[Status]] = {
    NEW: {REVIEW, PLANNED, BEGUN, SHIPPED, DECLINED, PARKED, MERGED, WITHDRAWN},
    REVIEW: {PLANNED, BEGUN, DECLINED, PARKED, MERGED, WITHDRAWN},
    PLANNED: {BEGUN, SHIPPED, DECLINED, PARKED},
    BEGUN: {PLANNED, SHIPPED, DECLINED, PARKED},
    PARKED: {REVIEW},
    DECLINED: {REVIEW},
    SHIPPED: set(),
    MERGED: set(),
    WITHDRAWN: set(),
}
"""The product's table of statuses."""

OPEN = {NEW, REVIEW, PLANNED, BEGUN, PARKED}
POSSIBLE_IN: Mapping[Deed, set[Status]] = {
    Deed.ANSWER: {NEW, REVIEW, PLANNED, BEGUN},
    Deed.DECLINE: {NEW, REVIEW, PLANNED, BEGUN},
    Deed.PARK: {NEW, REVIEW, PLANNED, BEGUN},
    Deed.MERGE: {NEW, REVIEW},
    Deed.REVIEW: {NEW, PARKED},
    Deed.REOPEN: {DECLINED},
    Deed.JUST_DO_IT: {NEW, REVIEW},
    Deed.FINISH: {BEGUN},
    Deed.WITHDRAW: {NEW, REVIEW},
    Deed.SPONSOR: OPEN,
    Deed.ROUTE: OPEN,
}
"""In which statuses each deed is possible, when nobody has asked after an answer."""

ANSWERING = set(Deed) - {Deed.FINISH, Deed.WITHDRAW, Deed.SPONSOR}
AUTHOR, MAKER, OWNER, DEPUTY, MEMBER, LEADER = "UAUTHOR", "UMAKER", "UOWNER", "UDEPUTY", "UMEMBER", "ULEADER"
GROUP = "S0OWNERS"
PEOPLE = {
    AUTHOR: Standing.MEMBER,
    MAKER: Standing.MEMBER,
    OWNER: Standing.MEMBER,
    DEPUTY: Standing.MEMBER,
    MEMBER: Standing.MEMBER,
    LEADER: Standing.MEMBER,
    "UADMIN": Standing.MEMBER,
    "UVOTER": Standing.MEMBER,
    "UANYBODY": Standing.MEMBER,
    "UGUEST": Standing.GUEST,
    "UGONE": Standing.DEACTIVATED,
    "UBOT": Standing.BOT,
    "UEXTERNAL": Standing.EXTERNAL,
}
NAMED_LEADERS = [LEADER, "UGUEST", "UGONE", "UBOT", "UEXTERNAL"]
"""Whoever the settings name: of these, only one is of the company."""

MAY: Mapping[str, set[Deed]] = {user: set[Deed]() for user in PEOPLE} | {
    AUTHOR: {Deed.WITHDRAW},
    MAKER: {Deed.FINISH},
    OWNER: ANSWERING,
    DEPUTY: ANSWERING,
    MEMBER: ANSWERING,
    LEADER: ANSWERING | {Deed.SPONSOR},
}
"""What each person may do to the idea of this place."""

REASON = "We looked at it for a week; it would cost more than it would bring to anybody."
FORMS = {
    Deed.ANSWER: "answer.write",
    Deed.DECLINE: "answer.decline",
    Deed.PARK: "answer.park",
    Deed.MERGE: "answer.merge",
    Deed.REOPEN: "answer.reopen",
    Deed.FINISH: "answer.finish",
    Deed.ROUTE: "answer.route",
}
BUTTONS = FORMS | {
    Deed.SPONSOR: "answer.sponsor",
    Deed.JUST_DO_IT: "answer.just_do_it",
    Deed.WITHDRAW: "answer.withdraw",
}
IN_MENU = (Deed.REVIEW, Deed.MERGE)


def in_days(days: int) -> str:
    """Return a day to come, as a date picker has it."""
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


@dataclass
class Answered:
    """What the bot said to a request: the status, and the refusal that its sender reads, if it is one."""

    status: int
    body: dict[str, Any]
    refusal: str | None


@dataclass
class Desk:
    """The bot's door and its database, with an idea 1 in it, and an idea 2 to merge it into."""

    world: World
    door: Door
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def sessions(self) -> Sessions:
        """The database behind the door."""
        return self.world.runtime.deps.sessions

    def press(self, user: str, deed: Deed, idea_id: int = 1, *, trigger: str | None = None) -> Answered:
        """Press a deed's button, or choose it from the menu."""
        action: dict[str, Any] = {"action_id": BUTTONS.get(deed, ""), "block_id": "show/1/1|1", "value": str(idea_id)}
        if deed in IN_MENU:
            option = {"value": f"{deed}/{idea_id}"}
            action = {"action_id": "answer.more", "block_id": "show/1/1|1", "selected_option": option}
        number = next(self.numbers)
        address = {"response_url": f"http://127.0.0.1:9/{number}"}
        body = {"type": "block_actions", "actions": [action], "trigger_id": trigger or f"press{number}"}
        return self._deliver(user, body | address)

    def submit(self, user: str, deed: Deed, idea_id: int = 1, **fields: Any) -> Answered:
        """Send a deed's form off; one that is shown once more is sent off again as it is."""
        number = next(self.numbers)
        filled = FILLED[deed] | fields
        blocks = [{"type": "input", "block_id": name} for name in filled]
        values = {name: {name: _entered(name, value)} for name, value in filled.items()}
        view: dict[str, Any] = {"id": f"V{number}", "callback_id": FORMS[deed], "private_metadata": str(idea_id)}
        view |= {"type": "modal", "blocks": blocks, "state": {"values": values}}
        answered = self._deliver(user, {"type": "view_submission", "view": view})
        shown = answered.body.get("view", {})
        if shown.get("submit", {}).get("text") == "Send it":
            again = view | {"private_metadata": shown["private_metadata"]}
            answered = self._deliver(user, {"type": "view_submission", "view": again})
        return answered

    def do(self, user: str, deed: Deed, idea_id: int = 1, **fields: Any) -> Answered:
        """Do something with an idea, by its form where it has one, else by its button."""
        return self.submit(user, deed, idea_id, **fields) if deed in FORMS else self.press(user, deed, idea_id)

    def _deliver(self, user: str, body: dict[str, Any]) -> Answered:
        workspace = self.world.sandbox.workspace
        whole = body | {
            "api_app_id": workspace.app.id,
            "team": {"id": workspace.team_id},
            "user": {"id": user, "team_id": workspace.team_id},
            "trigger_id": body.get("trigger_id", f"form{next(self.numbers)}"),
        }
        payload, content_type = encoded(Request("interactive", "", whole))
        status, said = bring(self.door, payload, signed(self.world, payload) | {"Content-Type": content_type})
        answer = json.loads(said) if said else {}
        return Answered(status, answer, self._refusal(answer, whole["trigger_id"]))

    def _refusal(self, answer: dict[str, Any], trigger_id: str) -> str | None:
        if answer.get("response_action") == "errors":
            (text,) = answer["errors"].values()
            return str(text)
        with self.sessions.reading() as session:
            args = session.scalar(select(OutboxMessage.args).where(OutboxMessage.key == f"reply:error:{trigger_id}"))
        return str(args["text"]) if args else None

    def dump(self) -> dict[str, Any]:
        """Return all that is in the database, but for the refusals that people are to read."""
        with self.sessions.reading() as session:
            rows = {table.name: [tuple(row) for row in session.execute(select(table))] for table in _TABLES}
        keys = [column.name for column in OutboxMessage.__table__.columns].index("key")
        rows["outbox"] = [row for row in rows["outbox"] if not row[keys].startswith("reply:error:")]
        return rows

    def idea(self, idea_id: int = 1) -> Idea:
        """Return an idea as it is now."""
        with self.sessions.reading() as session:
            return session.get_one(Idea, idea_id)

    def history(self, idea_id: int = 1) -> list[IdeaChange]:
        """Return an idea's history, oldest first."""
        with self.sessions.reading() as session:
            changes = select(IdeaChange).where(IdeaChange.idea_id == idea_id).order_by(IdeaChange.id)
            return list(session.scalars(changes))

    def put_back(self, status: Status, owner: str | None = OWNER) -> None:
        """Make the idea what it was at first, but in this status and with this owner."""
        now = datetime.now(UTC)
        is_settled = status not in {NEW, REVIEW, WITHDRAWN}
        values: dict[str, Any] = {
            "status": status,
            "owner_id": owner,
            "stage": "use",
            "maker_id": MAKER,
            "merged_into": None,
        }
        values |= {"settled_at": now if is_settled else None, "answered_at": now if is_settled else None}
        values |= {"parked_until": None, "parked_condition": None, "answer_id": None}
        with self.sessions.begin() as session:
            session.execute(update(Idea).where(Idea.id == 1).values(**values))
            session.execute(delete(News))
            session.execute(delete(IdeaChange))
            session.execute(delete(Vote).where(Vote.idea_id == 2))
            session.execute(update(Idea).where(Idea.id == 2).values(votes=0))
            session.execute(delete(OutboxMessage).where(OutboxMessage.kind != MessageKind.CARD))
            session.execute(delete(InboxEntry))

    def write(self, statement: Any) -> None:
        """Change the database behind the bot's back."""
        with self.sessions.begin() as session:
            session.execute(statement)

    def start_again(self, ideas: int) -> None:
        """Make it a place with so many new ideas of the stage *Use*, in which nothing has happened yet."""
        with self.sessions.begin() as session:
            for table in (News, IdeaChange, Vote, InboxEntry, OutboxMessage, AuditEntry, Idea):
                session.execute(delete(table))
            now = datetime.now(UTC)
            for number in range(1, ideas + 1):
                _file(session, number, now, stage="use", owner_id=OWNER)
            for user, standing in PEOPLE.items():
                session.execute(update(Person).where(Person.user_id == user).values(standing=standing))


_TABLES = [table for table in Base.metadata.sorted_tables if table.name != "job_runs"]
FILLED: Mapping[Deed, dict[str, Any]] = {
    Deed.ANSWER: {"outcome": PLANNED, "text": "We build it in spring."},
    Deed.DECLINE: {"text": REASON},
    Deed.PARK: {"until": in_days(30), "condition": "", "text": "Not before the new contract."},
    Deed.MERGE: {"into": "CX-2", "text": "It goes on over there."},
    Deed.REOPEN: {"text": "It costs a tenth now."},
    Deed.FINISH: {"text": "Customers can move a delivery."},
    Deed.ROUTE: {"person": "UANYBODY", "stage": None, "text": "You know the slots."},
}
"""What each form says when all is well."""


def _entered(name: str, value: Any) -> dict[str, Any]:
    if name in ("outcome", "stage"):
        return {"selected_option": {"value": value} if value else None}
    kinds = {"until": "selected_date", "person": "selected_user"}
    return {kinds.get(name, "value"): value}


@contextmanager
def open_desk(database_url: str) -> Iterator[Desk]:
    """Yield the door over a migrated database with an idea, and the people who are something to it."""
    with running_sandbox() as sandbox:
        with running_bot(sandbox, database_url, "http") as world:
            world.settle()  # It learns who it is; its people give way to those of this place.
        desk = Desk(world, door_of(world))
        with desk.sessions.begin() as session:
            for table in (Person, RoleMember, OutboxMessage):
                session.execute(delete(table))
            now = datetime.now(UTC)
            people = [{"user_id": user, "standing": standing, "checked_at": now} for user, standing in PEOPLE.items()]
            session.execute(insert(Person), people)
            roles = [{"role": "leader", "user_id": user, "source": user} for user in NAMED_LEADERS]
            roles.append({"role": "admin", "user_id": "UADMIN", "source": "UADMIN"})
            roles.append({"role": "owner", "user_id": MEMBER, "source": GROUP})
            session.execute(insert(RoleMember), roles)
            session.execute(update(Stage).where(Stage.key == "use").values(owner_id=OWNER, deputy_id=DEPUTY))
            for number in (1, 2):
                _file(session, number, now)
            session.add(Vote(idea_id=1, user_id="UVOTER", by_button=True, counts=True, voted_at=now))
            session.execute(update(Idea).where(Idea.id == 1).values(votes=1))
        yield desk
        desk.sessions.dispose()


def _file(session: Any, number: int, now: datetime, **fields: Any) -> None:
    idea = Idea(id=number, title=f"Idea {number}", search_text=f"idea {number}", author_id=AUTHOR, **fields)
    idea.created_at, idea.answer_due_at = now, now + timedelta(days=7)
    session.add(idea)
    session.flush()
    row = {"key": f"card:{number}", "kind": MessageKind.CARD, "priority": 1, "idea_id": number}
    session.add(OutboxMessage(**row, post_key=f"k{number}", not_before=now, created_at=now, channel_id="CIDEAS"))
