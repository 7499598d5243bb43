"""What authors may still change: stage, words and choices, from their receipt."""

from sqlalchemy import update

from db.models import Idea
from tests.bot import AGENT, GUARD, World, words
from tests.scenarios.test_submitting import LINE, entered, rows


def receipt(world: World, line: str = LINE) -> dict[str, object]:
    """File an idea in a line and return its receipt."""
    shown: dict[str, object] = world.command(GUARD, line)["ephemeral"]
    world.settle()
    return shown


def test_the_receipt_says_number_and_date_and_offers_what_can_be_done(sqlite_world: World) -> None:
    """The receipt names the idea and its answer date, and has details, stage and undo."""
    shown = receipt(sqlite_world)
    assert f"Filed as CX-1 · {LINE}" in words(shown)
    assert "You will have an answer by" in words(shown)
    for offered in ("Add details", "Stage: not chosen yet", "Undo"):
        assert offered in words(shown)


def test_a_stage_chosen_stands_on_receipt_and_card(http_world: World) -> None:
    """Choosing a stage renews the receipt where it stands, and the card."""
    shown = receipt(http_world)
    http_world.press(GUARD, shown, "idea.choose_stage", "get_help")
    (renewed,) = http_world.ephemerals(GUARD)
    assert renewed["ts"] == shown["ts"]
    assert "The stage of CX-1 is set" in words(renewed)
    (actions,) = [block for block in renewed["blocks"] if block["type"] == "actions"]
    assert actions["elements"][1]["initial_option"]["value"] == "get_help"
    assert "Get help" in words(http_world.cards()[0])
    http_world.press(GUARD, renewed, "idea.choose_stage", "buy")
    assert "Buy" in words(http_world.cards()[0])
    assert rows(http_world)[0]["stage"] == "buy"


def test_details_change_title_text_and_choices(http_world: World) -> None:
    """*Add details* shows the idea as it is; saved, card and lists show the new words, marked as edited."""
    shown = receipt(http_world)
    view = http_world.press(GUARD, shown, "idea.add_details")["view"]
    assert entered(view, "title") == LINE
    changes = {"title": "Let customers move deliveries", "description": "In the app.", "touchpoint": "mobile_app"}
    closing = http_world.submit(GUARD, view, **changes, stage="use", measure="csat", kind="fixes_service_problem")[
        "view"
    ]
    assert closing["title"]["text"] == "CX-1 is saved"
    card = words(http_world.cards()[0])
    for part in ("CX-1 · Let customers move deliveries", "In the app.", "Use", "Mobile app", "edited"):
        assert part in card
    assert LINE not in card
    assert "move deliveries" in words(http_world.command(AGENT, "search DELIVERIES move")["ephemeral"])
    assert rows(http_world)[0]["edited_at"]
    assert rows(http_world)[0]["measure"] == "csat"


def test_saving_without_a_change_is_no_edit(sqlite_world: World) -> None:
    """A form that is saved as it was opened leaves the idea as it was."""
    view = sqlite_world.press(GUARD, receipt(sqlite_world), "idea.add_details")["view"]
    sqlite_world.submit(GUARD, view)
    assert "edited" not in words(sqlite_world.cards()[0])


def test_details_can_be_emptied_again(sqlite_world: World) -> None:
    """What was written or chosen may be taken out."""
    shown = receipt(sqlite_world)
    for given in ("People wait outside", ""):
        view = sqlite_world.press(GUARD, shown, "idea.add_details")["view"]
        sqlite_world.submit(GUARD, view, description=given, kind="improves_journey" if given else None)
        (row,) = rows(sqlite_world)
        assert row["description"] == given
        assert bool(row["kind"]) is bool(given)


def test_the_longest_words_come_back_whole(sqlite_world: World) -> None:
    """Signs that some count as two do not make an idea too long to be edited whole."""
    title, description = f"🚚🚚 {'📦' * 110} now", "📦" * 3000
    shown = receipt(sqlite_world, title)
    view = sqlite_world.press(GUARD, shown, "idea.add_details")["view"]
    sqlite_world.submit(GUARD, view, description=description)
    view = sqlite_world.press(GUARD, shown, "idea.add_details")["view"]
    assert entered(view, "title") == title
    assert entered(view, "description") == description


def test_a_wrong_change_is_said_at_its_field(sqlite_world: World) -> None:
    """The form of changes refuses what the form for a new idea refuses, and changes nothing."""
    view = sqlite_world.press(GUARD, receipt(sqlite_world), "idea.add_details")["view"]
    good = {"title": "New words", "description": ""}
    for field, typed in (("title", "\u200b"), ("title", "x" * 121), ("description", "y" * 3001)):
        answer = sqlite_world.submit_raw(GUARD, view, **good | {field: typed})
        assert list(answer["errors"]) == [field]
    assert rows(sqlite_world)[0]["title"] == LINE
    assert sqlite_world.submit(GUARD, view, **good)["view"]["title"]["text"] == "CX-1 is saved"


def test_changes_sent_twice_are_made_once(sqlite_world: World) -> None:
    """A form of changes that arrives again says the same and changes nothing."""
    shown = receipt(sqlite_world)
    view = sqlite_world.press(GUARD, shown, "idea.add_details")["view"]
    sqlite_world.submit(GUARD, view, title="The first new title")
    sqlite_world.write(update(Idea).values(title="A later title"))
    again = sqlite_world.deliver("interaction", "view_submission")
    assert again.body["view"]["title"]["text"] == "CX-1 is saved"
    assert rows(sqlite_world)[0]["title"] == "A later title"


def test_a_withdrawn_idea_takes_no_changes(sqlite_world: World) -> None:
    """The form of changes does not open for an idea that cannot be changed any more, and the answer says so."""
    shown = receipt(sqlite_world)
    view = sqlite_world.press(GUARD, shown, "idea.add_details")["view"]
    sqlite_world.press(GUARD, shown, "idea.undo")
    answer = sqlite_world.submit(GUARD, view, title="Too late for this")
    assert "cannot be changed any more" in answer["errors"]["title"]
    again = sqlite_world.deliver("interaction", "block_actions", **_pressed(sqlite_world, "idea.add_details"))
    assert again.ok
    assert "cannot be changed any more" in words(sqlite_world.last_ephemeral(GUARD))
    sqlite_world.deliver("interaction", "block_actions", **_pressed(sqlite_world, "idea.choose_stage"))
    assert rows(sqlite_world)[0]["stage"] == ""


def _pressed(world: World, action_id: str) -> dict[str, object]:
    """Return what makes a press out of the last one: another button of the receipt, a new trigger."""
    action = {"action_id": action_id, "block_id": "receipt|1", "type": "button", "value": "1"}
    trigger = world.sandbox.call(lambda: world.sandbox.parts.triggers.issue(GUARD))
    return {"actions": [action | {"selected_option": {"value": "use"}}], "trigger_id": trigger}
