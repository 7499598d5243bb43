"""Altered, stolen and nonsensical requests: a polite text, nothing changed, no crash."""

import io
import json
from typing import Any

import pytest

from bot.errors import StageUnknown
from bot.export import export_json
from tests.bot import AGENT, ENGINEER, GUARD, World, words
from tests.scenarios.test_submitting import LINE

UNKNOWN = "This button or form is not one that I know. Please start again with /cxidea."


def everything(world: World) -> Any:
    """Return all ideas and the cards, to compare later."""
    out = io.StringIO()
    export_json(world.runtime.deps.sessions, out)
    return json.loads(out.getvalue()), [words(card) for card in world.cards()]


@pytest.fixture
def filed(sqlite_world: World) -> World:
    """Return a world with GUARD's idea in it, and a list that AGENT looks at."""
    sqlite_world.file(GUARD, LINE)
    sqlite_world.press(AGENT, sqlite_world.command(AGENT, "top")["ephemeral"], "vote.cast")
    return sqlite_world


def press(world: World, user: str, **action: Any) -> str:
    """Deliver a press that no message offers; return what the person reads then."""
    before = len(world.ephemerals(user))
    workspace = world.sandbox.parts
    changes = {
        "user": {"id": user, "username": "x", "team_id": workspace.workspace.team_id},
        "trigger_id": world.sandbox.call(lambda: workspace.triggers.issue(user)),
        "response_url": world.sandbox.call(lambda: workspace.response_urls.issue(user, "C0GENERAL1")),
        "actions": [{"block_id": "receipt|1"} | ({} if "selected_option" in action else {"value": "1"}) | action],
    }
    reply = world.deliver("interaction", "block_actions", **changes)
    assert reply.ok, action
    shown = world.ephemerals(user)
    assert len(shown) == before + 1, action
    return words(shown[-1])


def test_only_the_author_changes_an_idea(filed: World) -> None:
    """Somebody else's press on a button of the author's receipt is refused, and says what they can do."""
    before = everything(filed)
    for action in (
        {"action_id": "idea.undo"},
        {"action_id": "idea.add_details"},
        {"action_id": "idea.choose_stage", "selected_option": {"value": "use"}},
    ):
        assert press(filed, AGENT, **action) == (
            "Only its author can change CX-1. You can add what you know in the thread of its card."
        )
    assert not filed.sandbox.state(AGENT)["views"]
    assert everything(filed) == before


def test_a_form_of_changes_for_somebody_elses_idea_is_refused(filed: World) -> None:
    """A form whose idea was altered keeps its text and says why it is not saved."""
    filed.command(AGENT, "Another idea of mine")
    filed.settle()
    view = filed.press(AGENT, filed.last_ephemeral(AGENT), "idea.add_details")["view"]
    before = everything(filed)
    filed.submit(AGENT, view, title="")
    for metadata, said in (("1", "Only its author can change CX-1"), ("99", "There is no CX-99"), ("x", UNKNOWN)):
        view["private_metadata"] = metadata
        values = view["state"]["values"] | {"title": {"title": {"type": "plain_text_input", "value": "Stolen"}}}
        body = {"user": {"id": AGENT}, "view": view | {"id": f"V{metadata}", "state": {"values": values}}}
        reply = filed.forge("interactive", _submission(filed) | body)
        assert reply.body["response_action"] == "errors"
        assert said in reply.body["errors"]["title"]
    assert everything(filed) == before


def _submission(world: World) -> dict[str, Any]:
    workspace = world.sandbox.workspace
    team = {"id": workspace.team_id, "domain": workspace.domain}
    return {"type": "view_submission", "api_app_id": workspace.app.id, "team": team, "trigger_id": "1.2.3"}


GARBAGE = ("", "0", "-1", "1; drop table ideas", "99999999999", "\x00", "١", "x" * 2000)
LISTS = ("", "top", "show/1/x", "top/x/week", "top/1/year", "nonsense/1/", "mine/1/x", "/", "|", "search/0x1/a")


def test_garbage_in_buttons_is_refused(filed: World) -> None:
    """A button that carries no idea's number, or stands in no list, changes nothing and says how to go on."""
    before = everything(filed)
    for value in GARBAGE:
        for action_id in ("idea.undo", "idea.add_details", "vote.cast"):
            assert press(filed, GUARD, action_id=action_id, value=value, block_id="top/1/month|1") == UNKNOWN
        said = press(filed, GUARD, action_id="idea.choose_stage", selected_option={"value": value})
        assert said in {UNKNOWN, StageUnknown().user_text}
        block_id = f"receipt|{value}|"
        said = press(filed, GUARD, action_id="idea.choose_stage", selected_option={"value": "use"}, block_id=block_id)
        assert said == UNKNOWN
    for value in LISTS:
        assert press(filed, GUARD, action_id="list.turn_page", value=value) == UNKNOWN
        assert press(filed, ENGINEER, action_id="vote.cast", block_id=f"{value}|1") == UNKNOWN
    assert everything(filed) == before


def test_numbers_of_ideas_that_are_not_there_are_refused(filed: World) -> None:
    """A button for an idea that nobody filed says so, and how to find others."""
    before = everything(filed)
    for action_id in ("idea.undo", "idea.add_details", "vote.cast", "vote.take_back"):
        said = press(filed, AGENT, action_id=action_id, value="99", block_id="top/1/month|99")
        assert said == "There is no CX-99. /cxidea search finds ideas by their words."
    assert everything(filed) == before


def test_unknown_buttons_menus_and_shortcuts_are_answered(filed: World) -> None:
    """What no version of the bot offers gets a text, not silence."""
    before = everything(filed)
    for action_id in ("", "idea.delete", "vote.cast ", "⚡"):
        assert press(filed, AGENT, action_id=action_id) == UNKNOWN
    reply = filed.deliver("interaction", "block_actions", actions=[])
    assert reply.body in (None, "") or reply.ok
    assert everything(filed) == before


def test_an_unknown_form_is_answered_at_its_first_field(filed: World) -> None:
    """A form that the bot did not open keeps its text and says that it is not known."""
    view = filed.form(AGENT)
    body = {"user": {"id": AGENT}, "view": view | {"callback_id": "idea.unheard_of"}}
    reply = filed.forge("interactive", _submission(filed) | body)
    assert reply.body == {"response_action": "errors", "errors": {"title": UNKNOWN}}


def test_options_that_the_form_never_offered_are_refused(filed: World) -> None:
    """A stage, touchpoint, measure or kind that is not in the menu files nothing."""
    before = everything(filed)
    for field in ("stage", "touchpoint", "measure", "kind"):
        answer = filed.submit_raw(AGENT, filed.form(AGENT), title="Open at eight", **{field: "<!channel>"})
        assert answer["errors"] == {"title": UNKNOWN}
    assert everything(filed) == before


def test_one_cannot_vote_for_ones_own_idea_by_a_forged_button(filed: World) -> None:
    """The author's vote by a button that nobody offered them is refused in words."""
    before = everything(filed)
    assert "CX-1 is your own idea" in press(filed, GUARD, action_id="vote.cast", block_id="top/1/month|1")
    assert everything(filed) == before


def test_a_withdrawn_idea_takes_no_vote(filed: World) -> None:
    """A vote on an idea that was withdrawn meanwhile says so."""
    filed.press(GUARD, filed.ephemerals(GUARD)[0], "idea.undo")
    before = everything(filed)
    for action_id in ("vote.cast", "vote.take_back"):
        assert "takes no more votes" in press(filed, ENGINEER, action_id=action_id, block_id="top/1/month|1")
    assert everything(filed) == before


def test_guests_have_no_vote_and_are_told(filed: World) -> None:
    """A guest's vote by button does not count, and the answer says what they can do."""
    before = everything(filed)
    assert "cannot count" in press(filed, "U0DUPONT13", action_id="vote.cast", block_id="top/1/month|1")
    assert everything(filed) == before


def test_guests_read_and_are_offered_no_vote(filed: World) -> None:
    """Lists and single ideas show guests no button that would be refused; Home says what they can do."""
    filed.runtime._jobs.learn()
    for text in ("top all", "search reschedule", "show 1"):
        for user, offered in (("U0DUPONT13", False), (ENGINEER, True)):
            shown = filed.command(user, text)["ephemeral"]
            assert "CX-1" in words(shown)
            assert ("vote.cast" in str(shown["blocks"])) == offered, (user, text)
    home = words(filed.open_home("U0DUPONT13"))
    assert "/cxidea top" in home
    assert "CX-1" not in home


def test_only_leaders_preview_and_post_digests(filed: World) -> None:
    """Others' command and forged buttons get a kind no, and no digest is posted."""
    assert "Only leaders and admins can preview the digest" in words(filed.command(AGENT, "digest")["ephemeral"])
    for action_id in ("digest.post", "digest.preview"):
        assert "Only leaders and admins can" in press(filed, AGENT, action_id=action_id, value="2026-W47/regular")
    assert not filed.cards(filed.settings.cx_digest_channels[0])


def test_requests_that_are_not_whole_change_nothing(filed: World) -> None:
    """Requests with parts missing or of another kind are answered or refused, and the bot goes on."""
    before = everything(filed)
    broken: list[dict[str, Any]] = [
        {"actions": []},
        {"actions": "x"},
        {"user": None},
        {"trigger_id": None},
        {"user": {"id": "<@U0>"}},
    ]
    for changes in broken:
        filed.deliver("interaction", "block_actions", **changes)
    filed.form(AGENT)
    for changes in ({"trigger_id": ["x"]}, {"user_id": "a b"}, {"text": None}):
        assert filed.deliver("command", "/cxidea", **changes).status in (0, 200)
    body = _submission(filed) | {
        "user": {"id": AGENT},
        "view": {"callback_id": "idea.submit", "blocks": [], "id": "V1"},
    }
    filed.forge("interactive", body)
    assert everything(filed) == before
    assert "CX-1" in words(filed.command(AGENT, "top")["ephemeral"])
