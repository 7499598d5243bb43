"""An idea's way to its answer, walked in Slack: forms, buttons, what people read meanwhile, and the card."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.deeds import ANSWER_LIMIT
from db.models import Idea, IdeaChange
from tests.bot import AGENT, CLERK, ENGINEER, GUARD, LEADER, World, running_world, words
from tests.scenarios.test_lists import ask, buttons

LINE = "Let customers reschedule deliveries online"
OTHER = "Move a delivery in the app"
WHY_NOT = "We looked at a night shift: four calls a night would cost 38 times what a call-back costs."
SPRING = "We build it into the app in spring."


@pytest.fixture
def filed(sqlite_world: World) -> World:
    """Return a world with GUARD's idea in it."""
    sqlite_world.file(GUARD, LINE)
    return sqlite_world


def press(world: World, user: str, action: str, shown: dict[str, Any] | None = None, value: str = "1") -> Any:
    """Press a button below an idea that somebody looks at; return the form that opens."""
    return world.press(user, shown or ask(world, user, "show 1"), action, value)["view"]


def errors(world: World, user: str, view: dict[str, Any], **fields: Any) -> dict[str, str]:
    """Send a form off; return what stands under its fields then."""
    found: dict[str, str] = world.submit(user, view, **fields)["errors"]
    return found


def card(world: World, number: int = 1) -> str:
    """Return what an idea's card says."""
    world.settle()
    return words(world.cards()[number - 1])


def changes(world: World) -> int:
    """Return how many changes there have been."""
    with world.runtime.deps.sessions.reading() as session:
        return session.scalar(select(func.count()).select_from(IdeaChange)) or 0


def day(days: int) -> str:
    """Return a day from now as a date picker has it."""
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def test_a_leader_answers(sqlite_url: str, transport: str) -> None:
    """A leader chooses what becomes of an idea and says it in words; the form, the card and `show` agree."""
    with running_world(sqlite_url, transport) as world:
        world.file(GUARD, LINE)
        view = press(world, LEADER, "answer.write")
        assert LINE in words(view)
        offered = [each["value"] for each in view["blocks"][1]["element"]["options"]]
        assert offered == ["planned", "in_progress", "shipped"]
        closed = world.submit(LEADER, view, outcome="planned", text=SPRING)["view"]
        assert "Planned" in words(closed)
        assert "Its author reads your words in a direct message" in words(closed)
        assert "no votes yet · Planned" in card(world)
        assert "answer due" not in card(world)
        shown = words(ask(world, AGENT, "show 1"))
        assert f"<@{LEADER}> answered on " in shown
        assert SPRING in shown
        assert f"<@{LEADER}> planned it: “{SPRING}”" in shown


def test_what_a_viewer_may_do_is_offered_and_nothing_else(filed: World) -> None:
    """Leaders see their deeds below an idea, the author may withdraw, everybody else only votes."""
    leaders = ["Answer", "Sponsor", "Just do it", "Park", "Decline", "Route"]
    shown = ask(filed, LEADER, "show 1")
    assert [each for each in buttons_of(shown) if each not in ("Vote", "See card")] == leaders
    menu = [each for block in shown["blocks"] for each in block.get("elements", ()) if each["type"] == "overflow"]
    assert [option["value"] for option in menu[0]["options"]] == ["review/1", "merge/1"]
    assert buttons_of(ask(filed, GUARD, "show 1")) == ["Withdraw", "See card"]
    assert buttons_of(ask(filed, AGENT, "show 1")) == ["Vote", "See card"]


def buttons_of(message: dict[str, Any]) -> list[str]:
    """Return what the buttons of a message say."""
    elements = [each for block in message["blocks"] for each in block.get("elements", ())]
    return [each["text"]["text"] for each in elements if each["type"] == "button"]


def test_a_reason_for_declining_is_read_once_more_before_it_is_sent(filed: World) -> None:
    """Too short a reason is refused; a whole one is shown as its author will read it, each time that it changes."""
    view = press(filed, LEADER, "answer.decline")
    assert "what would change your mind" in str(view["blocks"])
    assert "40 characters at least; yours has 8" in errors(filed, LEADER, view, text="  Too dear ")["text"]
    seen = filed.submit(LEADER, view, text=WHY_NOT)["view"]
    assert (seen["id"], changes(filed)) == (view["id"], 0)
    assert f"<@{LEADER}> answered CX-1 · {LINE}" in words(seen)
    assert f"Declined. “{WHY_NOT}”" in words(seen)
    seen = filed.submit(LEADER, seen, text=f"{WHY_NOT} We start at 7 instead.")["view"]
    assert "We start at 7 instead.”" in words(seen)
    assert changes(filed) == 0
    assert "told, too" in words(filed.submit(LEADER, seen)["view"])
    assert "Declined" in card(filed)
    assert "We start at 7 instead." in words(ask(filed, GUARD, "show 1"))


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("answer.write", {"outcome": "in_progress", "text": "We begin in May."}),
        ("answer.park", {"until": day(40), "text": "Not before May."}),
        ("answer.decline", {"text": WHY_NOT}),
    ],
)
def test_an_answer_that_nobody_saw_is_not_replaced(filed: World, action: str, fields: dict[str, Any]) -> None:
    """Who was overtaken while writing reads the other's answer above their own words, and may replace it knowingly."""
    slow, quick = press(filed, LEADER, action), press(filed, LEADER, "answer.write")
    filed.submit(LEADER, quick, outcome="planned", text=SPRING)
    shown = filed.submit(LEADER, slow, **fields)["view"]
    assert f"<@{LEADER}> answered while you wrote" in words(shown)
    assert f"Planned. “{SPRING}”" in words(shown)
    assert fields["text"] in str(shown["blocks"])
    assert (changes(filed), "Planned" in card(filed)) == (1, True)
    shown = filed.submit(LEADER, shown)["view"]
    if action == "answer.decline":
        shown = filed.submit(LEADER, shown)["view"]
    assert (changes(filed), "Planned" in card(filed)) == (2, False)
    assert fields["text"] in words(ask(filed, GUARD, "show 1"))


def test_just_do_it_replaces_no_answer(filed: World) -> None:
    """A click is an answer where there is none: on an idea that somebody has answered meanwhile it does nothing."""
    old = ask(filed, LEADER, "show 1")
    filed.submit(LEADER, press(filed, LEADER, "answer.write"), outcome="planned", text=SPRING)
    filed.press(LEADER, old, "answer.just_do_it", "1")
    assert "CX-1 has moved on" in words(filed.last_ephemeral(LEADER))
    assert "Just do it" not in buttons_of(ask(filed, LEADER, "show 1"))
    assert "Planned" in card(filed)


def test_a_parked_idea_has_a_day_or_a_condition(filed: World) -> None:
    """Parking asks for a day to come or something that has to happen; the card says both."""
    view = press(filed, LEADER, "answer.park")
    assert "Say when it comes back" in errors(filed, LEADER, view, text="Not now.")["until"]
    assert "a day to come" in errors(filed, LEADER, view, text="Not now.", until=day(-2))["until"]
    assert "within two years" in errors(filed, LEADER, view, text="Not now.", until=day(900))["until"]
    closed = filed.submit(LEADER, view, text="Not now.", until=day(40), condition="The contract is signed")["view"]
    assert "comes back by itself" in words(closed)
    with filed.runtime.deps.sessions.reading() as session:
        idea = session.get_one(Idea, 1)
    assert (str(idea.parked_until), idea.parked_condition) == (day(40), "The contract is signed")
    assert "Parked until " in card(filed)
    assert ", or: The contract is signed" in card(filed)
    filed.press(LEADER, ask(filed, LEADER, "show 1"), "answer.more", "review/1")
    assert "CX-1 is under review" in words(filed.last_ephemeral(LEADER))
    assert "Parked" not in card(filed)


def test_an_idea_is_handed_on(filed: World) -> None:
    """Whoever gets an idea, a colleague or a stage, can answer it then; the answer date stays."""
    due = card(filed).partition("answer due")[2]
    view = press(filed, LEADER, "answer.route")
    assert "Choose a colleague" in errors(filed, LEADER, view, text="You know it.")["person"]
    assert "Choose a colleague" in errors(filed, LEADER, view, text="You know it.", person=AGENT, stage="use")["person"]
    closed = filed.submit(LEADER, view, text="You know it.", person=AGENT, stage=None)["view"]
    assert f"<@{AGENT}> can answer it now. Its answer date stays" in words(closed)
    assert f"New with <@{AGENT}>" in card(filed)
    assert due == card(filed).partition("answer due")[2]
    assert buttons_of(ask(filed, AGENT, "show 1"))[0] == "Answer"
    view = press(filed, AGENT, "answer.route")
    assert "All leaders can answer it now" in words(filed.submit(AGENT, view, text="Not mine.", stage="buy")["view"])
    assert "Buy" in card(filed)
    assert "Answer" not in buttons_of(ask(filed, AGENT, "show 1"))
    assert f"<@{LEADER}> handed it on to <@{AGENT}>: “You know it.”" in words(ask(filed, CLERK, "show 1"))


def test_an_idea_goes_into_another(filed: World) -> None:
    """Merging names the other idea, shows its title before anything happens, and takes the voters along."""
    filed.file(AGENT, OTHER)
    for voter in (CLERK, ENGINEER):
        filed.react(voter, filed.cards()[0]["ts"])
    filed.settle()
    view = filed.press(LEADER, ask(filed, LEADER, "show 1"), "answer.more", "merge/1")["view"]
    for wrong in ("CX-1", "99", "the other one"):
        assert "cannot take it in" in errors(filed, LEADER, view, into=wrong, text="The same.")["into"]
    seen = filed.submit(LEADER, view, into="cx2", text="The same.")["view"]
    assert f"Merged into CX-2 · {OTHER} (no votes yet). “The same.”" in words(seen)
    assert changes(filed) == 0
    assert "Its votes count for CX-2 now" in words(filed.submit(LEADER, seen)["view"])
    assert "2 votes · Merged into CX-2" in card(filed)
    assert "2 votes · New" in card(filed, 2)


def test_an_author_just_does_it(filed: World) -> None:
    """One press lets the author go ahead; they say in a sentence that it is done, and have the credit."""
    shown = ask(filed, LEADER, "show 1")
    assert "confirm" in str(shown["blocks"])
    press(filed, LEADER, "answer.just_do_it", shown)
    assert "CX-1 goes ahead." in words(filed.shown(LEADER, shown["ts"]))
    assert f"In progress · made by <@{GUARD}>" in card(filed)
    mine = ask(filed, GUARD, "mine")
    assert buttons(mine, "CX-1") == ["It is done", "Details", "See card"]
    view = filed.press(GUARD, mine, "answer.finish")["view"]
    filed.submit(GUARD, view, text="A hundred customers have moved one.")
    assert f"Shipped · made by <@{GUARD}>" in card(filed)
    told = words(ask(filed, AGENT, "show 1"))
    assert "let its author do it: “Yes, please go ahead" in told
    assert f"<@{GUARD}> made it: “A hundred customers have moved one.”" in told


def test_an_author_withdraws_in_mine(filed: World) -> None:
    """*Withdraw* asks before it acts, says what it did, and takes the idea off one's list."""
    mine = ask(filed, GUARD, "mine")
    assert "Withdraw your idea?" in str(mine["blocks"])
    filed.press(GUARD, mine, "answer.withdraw")
    assert "You have withdrawn CX-1." in words(filed.shown(GUARD, mine["ts"]))
    assert LINE not in words(filed.shown(GUARD, mine["ts"]))
    assert filed.cards() == []


def test_a_declined_idea_is_reopened(filed: World) -> None:
    """Reopening needs a reason, and gives the idea a new answer date."""
    old = datetime(2026, 1, 1, tzinfo=UTC)
    filed.write(update(Idea).values(status="declined", settled_at=old, answered_at=old, answer_due_at=old))
    view = press(filed, LEADER, "answer.reopen")
    assert "by " in words(filed.submit(LEADER, view, text="It costs a tenth now.")["view"])
    assert "Under review · answer due" in card(filed)
    assert "1 Jan" not in card(filed)
    assert f"<@{LEADER}> reopened it: “It costs a tenth now.”" in words(ask(filed, CLERK, "show 1"))


def test_a_leader_takes_an_idea_over(filed: World) -> None:
    """*Sponsor* makes the presser the owner at once, and the idea shown says so."""
    shown = ask(filed, LEADER, "show 1")
    press(filed, LEADER, "answer.sponsor", shown)
    now = filed.shown(LEADER, shown["ts"])
    assert "CX-1 is yours to answer now" in words(now)
    assert "Sponsor" not in buttons_of(now)
    assert f"New with <@{LEADER}>" in card(filed)


def test_details_stand_beside_the_list(filed: World) -> None:
    """*Details* shows one idea in full and leaves the list; in App Home, where nothing can be answered, in a view."""
    top = ask(filed, AGENT, "top")
    filed.press(AGENT, top, "list.details")
    assert "Most wanted" in words(filed.shown(AGENT, top["ts"]))
    assert "Filed: " in words(filed.last_ephemeral(AGENT))
    trigger = filed.sandbox.call(lambda: filed.sandbox.parts.triggers.issue(AGENT))
    at_home = {"view": {"type": "home"}, "response_url": None, "trigger_id": trigger}
    assert filed.deliver("interaction", "block_actions", **at_home).ok
    (view,) = filed.sandbox.state(AGENT)["views"]
    assert LINE in words(view)
    filed.deliver("interaction", "block_actions", **at_home, actions=[{"action_id": "list.details", "value": "99"}])


def test_an_old_button_is_refused(filed: World) -> None:
    """A button or a form that was shown before somebody else decided changes nothing, and says why."""
    shown, form = ask(filed, LEADER, "show 1"), press(filed, LEADER, "answer.decline")
    seen = filed.submit(LEADER, form, text=WHY_NOT)["view"]
    filed.write(update(Idea).values(status="withdrawn"))
    assert "CX-1 has moved on" in errors(filed, LEADER, seen)["text"]
    for action, value in (("answer.sponsor", "1"), ("answer.write", "1"), ("answer.more", "review/1")):
        filed.press(LEADER, shown, action, value)
        assert "CX-1 has moved on" in words(filed.last_ephemeral(LEADER))
    assert changes(filed) == 0


def test_a_message_that_went_further_gives_nobody_a_right(filed: World) -> None:
    """A leader's button pressed by somebody else is refused, and says what they can do instead."""
    press(filed, LEADER, "answer.sponsor")
    workspace = filed.sandbox.parts
    address = filed.sandbox.call(lambda: workspace.response_urls.issue(AGENT, "C0GENERAL1"))
    stolen = {"user": {"id": AGENT}, "trigger_id": "1.2.stolen", "response_url": address}
    assert filed.deliver("interaction", "block_actions", **stolen).ok
    assert "You can vote for it" in words(filed.last_ephemeral(AGENT))
    assert changes(filed) == 1


def test_presses_and_forms_that_come_again_change_nothing(filed: World) -> None:
    """A decision that Slack or a proxy delivers twice is made once, and its form closes the same way."""
    press(filed, LEADER, "answer.sponsor")
    assert filed.deliver("interaction", "block_actions").ok
    assert changes(filed) == 1
    closed = filed.submit(LEADER, press(filed, LEADER, "answer.write"), outcome="planned", text=SPRING)["view"]
    again = filed.deliver("interaction", "view_submission")
    assert words(again.body["view"]) == words(closed)
    assert changes(filed) == 2


def test_nothing_is_lost_while_the_database_is_away(filed: World) -> None:
    """A form stays open with its text, a button says that nothing changed; afterwards both work."""
    shown, view = ask(filed, LEADER, "show 1"), press(filed, LEADER, "answer.write")
    with filed.without_tables("idea_changes"):
        found = filed.submit(LEADER, view, outcome="planned", text=SPRING)["errors"]
        assert "Your text is still here" in found["outcome"]
        filed.sandbox.act(
            LEADER, "press", channel=shown["channel"], ts=shown["ts"], action_id="answer.sponsor", value="1"
        )
        assert "Nothing has changed" in words(filed.last_ephemeral(LEADER))
    assert filed.submit(LEADER, view)["view"]
    press(filed, LEADER, "answer.sponsor", shown)
    assert changes(filed) == 2


def test_an_answer_has_a_limit(filed: World) -> None:
    """An answer that passes the limit, which Slack's client would not take, is refused under its text."""
    view = press(filed, LEADER, "answer.write")
    found = filed.submit_raw(LEADER, view, outcome="planned", text="x" * (ANSWER_LIMIT + 1))
    assert "fits in 2,000 characters; yours has 2,001" in found["errors"]["text"]
    found = filed.submit_raw(LEADER, view, outcome="merged", text=SPRING)
    assert "has moved on" in found["errors"]["outcome"]
    found = filed.submit_raw(LEADER, view, outcome="lost", text=SPRING)
    assert "not one that I know" in found["errors"]["outcome"]
    assert changes(filed) == 0


def test_slack_that_opens_no_form_is_told(filed: World) -> None:
    """When Slack does not open the form, the presser is asked to try again, and nothing changes."""
    shown = ask(filed, LEADER, "show 1")
    address = filed.sandbox.call(lambda: filed.sandbox.parts.response_urls.issue(LEADER, "C0GENERAL1"))
    press(filed, LEADER, "answer.sponsor", shown)
    late = {
        "actions": [{"action_id": "answer.write", "block_id": "show/1/1|1", "value": "1"}],
        "trigger_id": "1.2.late",
    }
    filed.deliver("interaction", "block_actions", **late, response_url=address)
    assert "did not open the form in time" in words(filed.last_ephemeral(LEADER))
    assert changes(filed) == 1
