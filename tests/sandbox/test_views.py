from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.server import Sandbox
from tests.sandbox.clients import AGENT, Seen, eventually, modal, plain


@pytest.fixture
def trigger(sandbox: Sandbox) -> Any:
    """A function that gives a trigger as if the agent had just done something, in a view if one is named."""
    return lambda view_id="": sandbox.call(lambda: sandbox.parts.triggers.issue(AGENT, view_id))


def test_trigger_once(web: WebClient, trigger: Any) -> None:
    """A trigger opens one view."""
    trigger_id = trigger()
    web.views_open(trigger_id=trigger_id, view=modal())
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        web.views_open(trigger_id=trigger_id, view=modal())
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        web.views_open(trigger_id="1.2.3", view=modal())


def test_trigger_expires(sandbox: Sandbox, web: WebClient, trigger: Any) -> None:
    """A trigger lives three seconds of the workspace's clock."""
    trigger_id = trigger()
    sandbox.control("advance", seconds=3.1)
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        web.views_open(trigger_id=trigger_id, view=modal())


def test_refused_view_leaves_the_trigger(web: WebClient, trigger: Any) -> None:
    """A view that is refused does not use the trigger up."""
    trigger_id = trigger()
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        web.views_open(trigger_id=trigger_id, view=modal(title=plain("x" * 25)))
    assert web.views_open(trigger_id=trigger_id, view=modal())["ok"]


def test_update_keeps_entries(sandbox: Sandbox, web: WebClient, trigger: Any) -> None:
    """What was typed survives an update under the same ids; an old hash is a conflict."""
    view = web.views_open(trigger_id=trigger(), view=modal())["view"]
    sandbox.act(AGENT, "submit", view_id=view["id"], values={"title": "x" * 21})
    changed = web.views_update(view_id=view["id"], hash=view["hash"], view=modal(title=plain("Other")))["view"]
    assert changed["state"]["values"]["title"]["title"]["value"] == "x" * 21
    with pytest.raises(SlackApiError, match="hash_conflict"):
        web.views_update(view_id=view["id"], hash=view["hash"], view=modal())
    sandbox.act(AGENT, "close", view_id=view["id"])
    with pytest.raises(SlackApiError, match="not_found"):
        web.views_update(view_id=view["id"], view=modal())


def test_update_by_external_id(web: WebClient, trigger: Any) -> None:
    """A view can be found again by the id that the app gave it."""
    web.views_open(trigger_id=trigger(), view=modal(external_id="mine"))
    assert web.views_update(external_id="mine", view=modal(external_id="mine"))["ok"]


def test_stack_of_three(sandbox: Sandbox, web: WebClient, trigger: Any) -> None:
    """Three views can lie on each other; only the top one can be used."""
    ids = [web.views_open(trigger_id=trigger(), view=modal())["view"]["id"]]
    for _ in range(2):
        ids.append(web.views_push(trigger_id=trigger(ids[-1]), view=modal())["view"]["id"])
    with pytest.raises(SlackApiError, match="push_limit_reached"):
        web.views_push(trigger_id=trigger(ids[-1]), view=modal())
    assert [view["id"] for view in sandbox.state(AGENT)["views"]] == ids
    assert [view["previous_view_id"] for view in sandbox.state(AGENT)["views"]] == [None, *ids[:2]]


def test_publish_hash(web: WebClient) -> None:
    """App Home is published anew under its id, and an old hash is a conflict."""
    home = {"type": "home", "blocks": []}
    first = web.views_publish(user_id=AGENT, view=home)["view"]
    second = web.views_publish(user_id=AGENT, view=home, hash=first["hash"])["view"]
    assert second["id"] == first["id"]
    with pytest.raises(SlackApiError, match="hash_conflict"):
        web.views_publish(user_id=AGENT, view=home, hash=first["hash"])


def test_submission_closes(sandbox: Sandbox, connected: Seen, web: WebClient, ideas: str) -> None:
    """An update in answer to a submission shows the new view with a new hash."""
    view = sandbox.act(AGENT, "command", channel=ideas, text="")["view"]
    after = sandbox.act(AGENT, "submit", view_id=view["id"], values={"title": "good"})["view"]
    assert (after["id"], after["callback_id"]) == (view["id"], "done")
    assert after["hash"] != view["hash"]
    assert eventually(lambda: connected.of("view_submission"))[0]["view"]["state"]["values"]
    assert web.conversations_history(channel=ideas)["messages"][0]["text"] == "good"
