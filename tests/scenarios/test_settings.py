"""Admins change what the company has set in Slack; it holds at once, is checked and written down."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select

from db.digest_models import DigestChannel
from db.models import AuditEntry, RoleMember, SavedSetting, Stage
from sandbox.models import Json
from sandbox.people import DIGEST_CHANNEL, GUEST_ID, LEADERS_GROUP
from sandbox.server import running_sandbox
from tests.bot import ADMIN, AGENT, CLERK, ENGINEER, GUARD, LEADER, World, running_bot, running_world, wait_until, words

GENERAL = "C0GENERAL1"
LINE = "Let customers reschedule deliveries online"
ONLY_ADMINS = "Only admins can see and change the settings"


def opened(world: World, address: str, user: str = ADMIN) -> Json:
    """Ask for the overview, press a button in it, and return the form that opens."""
    overview = world.command(user, "settings")["ephemeral"]
    view: Json = world.press(user, overview, "settings.change", address)["view"]
    return view


def saved(world: World, address: str, user: str = ADMIN, **fields: Any) -> Json:
    """Change a setting; return what the form closes with, or its errors."""
    answer = world.submit(user, opened(world, address, user), **fields)
    return dict(answer["errors"]) or answer["view"]


def overview(world: World) -> str:
    """Return what the overview says."""
    return words(world.command(ADMIN, "settings")["ephemeral"])


def audited(world: World) -> list[tuple[str | None, str, Any, Any]]:
    """Return who saved what, with the value before and after."""
    entries = select(AuditEntry).where(AuditEntry.action == "setting.saved").order_by(AuditEntry.id)
    with world.runtime.deps.sessions.reading() as session:
        return [
            (row.actor_id, row.subject, row.detail["before"], row.detail["after"]) for row in session.scalars(entries)
        ]


def rows(world: World, *columns: Any) -> list[tuple[Any, ...]]:
    """Return what stands in the database."""
    with world.runtime.deps.sessions.reading() as session:
        return [tuple(row) for row in session.execute(select(*columns))]


@contextmanager
def with_admins(url: str, *admins: str) -> Iterator[World]:
    """Run a workspace whose environment names these admins."""
    with running_world(url, "http", cx_admins=",".join(admins)) as world:
        world.runtime._jobs.learn()
        yield world


def test_the_overview_says_what_holds_and_where_it_comes_from(http_world: World) -> None:
    """An admin sees each value with its origin: the environment, the default, or who saved it."""
    before = overview(http_world)
    assert "Leaders: <@U0MBEKI010> · _from the environment_" in before
    assert "Due within 5 working days · _default_" in before
    assert "Discover, Choose, Buy" in before
    saved(http_world, "answers/", days="3")
    after = overview(http_world)
    assert f"Due within 3 working days · _saved by <@{ADMIN}> on" in after
    assert "Time zone: UTC · _default_" in after


@pytest.mark.parametrize("user", [AGENT, LEADER])
def test_who_is_no_admin_sees_no_settings(sqlite_world: World, user: str) -> None:
    """Whoever is no admin reads politely that settings are for admins, and what they can do instead."""
    answer = words(sqlite_world.command(user, "settings")["ephemeral"])
    assert ONLY_ADMINS in answer
    assert "/cxidea help" in answer
    assert "settings" in words(sqlite_world.command(user, "help")["ephemeral"])


def test_a_forged_press_or_form_of_somebody_else_changes_nothing(http_world: World) -> None:
    """A button or form that somebody without the right sends all the same is refused, and nothing is saved."""
    view = opened(http_world, "workforce/")
    http_world.submit(ADMIN, view, workforce="1200")
    somebody = {"user": {"id": AGENT, "team_id": http_world.sandbox.workspace.team_id}}
    entries = http_world.sandbox.parts.journal.entries
    (*_, form) = (entry.request for entry in entries if entry.name == "view_submission")
    forged = form | somebody | {"view": form["view"] | {"id": "V0FORGED01"}}
    forged["view"]["state"]["values"]["workforce"]["workforce"]["value"] = "1"
    reply = http_world.forge("interactive", forged)
    assert ONLY_ADMINS in reply.body["errors"]["workforce"]
    (*_, press) = (entry.request for entry in entries if entry.name == "block_actions")
    trigger = http_world.sandbox.call(lambda: http_world.sandbox.parts.triggers.issue(AGENT))
    http_world.forge("interactive", press | somebody | {"trigger_id": trigger})
    assert not http_world.sandbox.state(AGENT)["views"]
    assert rows(http_world, SavedSetting.value) == [(1200,)]


def test_an_old_form_of_somebody_who_lost_the_right_changes_nothing(request: pytest.FixtureRequest) -> None:
    """A form that an admin opened and sends after losing the right is refused under its field."""
    with with_admins(request.getfixturevalue("_fresh_sqlite"), ADMIN, GUARD) as world:
        old = opened(world, "votes/", GUARD)
        saved(world, "people/", admins=[ADMIN])
        answer = world.submit(GUARD, old, reactions="tada")
        assert ONLY_ADMINS in answer["errors"]["reactions"]
        assert world.runtime.deps.company.vote_reactions[0] == "+1"
        assert ONLY_ADMINS in words(world.command(GUARD, "settings")["ephemeral"])


def test_vote_reactions_hold_at_once_for_old_and_new_reactions(http_world: World) -> None:
    """After other emoji are votes, reactions that stand already are counted anew, and later ones by the new rule."""
    ts = http_world.file(GUARD, LINE)
    http_world.react(AGENT, ts, "tada")
    http_world.react(CLERK, ts, "+1")
    http_world.react(ENGINEER, ts, "heart")
    http_world.settle()
    assert "2 votes" in words(http_world.card(ts))
    assert "counted again" in words(saved(http_world, "votes/", reactions=":tada:, heart"))
    wait_until(lambda: "2 votes" in words(http_world.card(ts)) and "+1" not in words(http_world.card(ts)))
    http_world.react(LEADER, ts, "tada")
    wait_until(lambda: "3 votes" in words(http_world.card(ts)))
    assert audited(http_world) == [
        (ADMIN, "vote_reactions", ["+1", "heart", "fire", "raised_hands", "100"], ["tada", "heart"])
    ]


def test_another_ideas_channel_takes_new_cards_and_old_ones_go_on(http_world: World) -> None:
    """New cards stand in the new channel, votes on cards in the old one count, and a missing bot is told to admins."""
    ts = http_world.file(GUARD, LINE)
    closing = words(saved(http_world, "ideas_channel/", channel=GENERAL))
    assert "every admin gets a direct message" in closing
    http_world.sandbox.control("invite", channel=GENERAL)
    http_world.command(AGENT, "Open at eight on Saturdays too")
    wait_until(lambda: [card for card in http_world.cards(GENERAL) if "Open at eight" in words(card)])
    http_world.react(CLERK, ts)
    http_world.settle()
    assert "1 vote" in words(http_world.card(ts))
    (new,) = (card["ts"] for card in http_world.cards(GENERAL) if "Open at eight" in words(card))
    http_world.sandbox.act(CLERK, "react", channel=GENERAL, ts=new, name="+1")
    wait_until(lambda: "1 vote" in words(http_world.cards(GENERAL)[-1]))


def test_a_channel_without_the_bot_is_told_to_admins(http_world: World) -> None:
    """A channel that an admin chose and that the bot is not in is found out afterwards, in a direct message."""
    http_world.sandbox.control("kick", channel=GENERAL)
    saved(http_world, "digest/", channel=GENERAL)
    told = f"I cannot write in <#{GENERAL}>"
    wait_until(lambda: told in str([words(each) for each in direct_messages(http_world, ADMIN)]))


def direct_messages(world: World, user: str) -> list[Json]:
    """Return what the bot wrote to a person."""
    return [message for im in world.sandbox.state(user)["ims"] for message in im["messages"]]


def test_digests_are_added_changed_and_removed_one_at_a_time(http_world: World) -> None:
    """Each digest has its day, hour, zone and stages; the last one cannot be taken away."""
    saved(
        http_world, "digest/", channel=GENERAL, weekday="4", time="16:30", zone="Europe/Berlin", digest_stages=["use"]
    )
    columns = (DigestChannel.channel_id, DigestChannel.weekday, DigestChannel.hour_minute, DigestChannel.stages)
    assert sorted(rows(http_world, *columns)) == [(DIGEST_CHANNEL, 0, "09:00", None), (GENERAL, 4, "16:30", ["use"])]
    assert f"Digest in <#{GENERAL}>: Friday 16:30 (Europe/Berlin), Use" in overview(http_world)
    saved(http_world, f"digest/{DIGEST_CHANNEL}", weekday="1")
    assert f"Digest in <#{DIGEST_CHANNEL}>: Tuesday 09:00 (UTC), all stages" in overview(http_world)
    assert "already" in saved(http_world, "digest/", channel=GENERAL)["channel"]
    saved(http_world, f"digest/{DIGEST_CHANNEL}", remove=["remove"])
    assert f"Digest in <#{DIGEST_CHANNEL}>" not in overview(http_world)
    assert "At least one channel" in saved(http_world, f"digest/{GENERAL}", remove=["remove"])["remove"]
    assert http_world.runtime.deps.company.digest_channels == (GENERAL,)
    assert [(subject, after) for _, subject, _, after in audited(http_world)][-1] == ("digest_channels", None)


def test_a_digest_tells_of_its_stages_alone(sqlite_world: World) -> None:
    """Ideas, votes and counts of other stages are not in a channel's digest that tells of some, and it says so."""
    world = sqlite_world
    for title, stage in (("Move a parcel online", "use"), ("Say what the price is made of", "buy")):
        world.submit(GUARD, world.form(GUARD), title=title, stage=stage)
    for number in ("1", "2"):
        world.press(AGENT, world.command(AGENT, "top all")["ephemeral"], "vote.cast", number)
    saved(world, f"digest/{DIGEST_CHANNEL}", digest_stages=["use"])
    shown = words(world.command(LEADER, "digest")["ephemeral"])
    assert "This digest covers only Use." in shown
    assert "1 idea and 1 vote from 2 of us" in shown
    assert "Move a parcel" in shown
    assert "price" not in shown
    assert "Buy" not in shown


def test_stages_are_renamed_added_and_retired(http_world: World) -> None:
    """A renamed stage keeps its ideas, a new one is offered, a retired one stays with its ideas alone."""
    world = http_world
    for title, stage in (("Move a parcel online", "use"), ("Say what the price is made of", "buy")):
        world.submit(GUARD, world.form(GUARD), title=title, stage=stage)
    saved(world, "stages/", names="Discover\nChoose\nStart\nEvery day\nGet help\nSay goodbye")
    assert "Move a parcel online" in words(world.command(AGENT, "show 1")["ephemeral"])
    assert "Stage: Every day" in words(world.command(AGENT, "show 1")["ephemeral"])
    assert "Stage: Buy" in words(world.command(AGENT, "show 2")["ephemeral"])
    form = world.form(GUARD)
    (menu,) = (block["element"] for block in form["blocks"] if block.get("block_id") == "stage")
    offered = {option["value"]: option["text"]["text"] for option in menu["options"]}
    assert list(offered.values()) == ["Discover", "Choose", "Start", "Every day", "Get help", "Say goodbye"]
    assert offered["use"] == "Every day"
    assert ("buy", False) in rows(world, Stage.key, Stage.is_active)


def test_a_stage_that_is_gone_is_refused_under_its_field(http_world: World) -> None:
    """A form opened before a stage was taken off the list is refused under the stage, and keeps the rest."""
    world = http_world
    form = world.form(GUARD)
    saved(world, "stages/", names="Discover\nChoose\nUse")
    saved(world, "touchpoints/", names="Website\nPhone")
    answer = world.submit(GUARD, form, title="Say the price", stage="buy")
    assert "not on the list any more" in answer["errors"]["stage"]
    answer = world.submit(GUARD, form, title="Say the price", stage="use", touchpoint="billing")
    assert "not on the list any more" in answer["errors"]["touchpoint"]
    assert "Filed as CX-1" in answer_title(
        world.submit(GUARD, form, title="Say the price", stage="use", touchpoint="website")
    )


def answer_title(answer: Json) -> str:
    """Return the title of the view that a form turned into."""
    return str(answer["view"]["title"]["text"])


def test_an_idea_with_a_retired_stage_can_still_be_edited(http_world: World) -> None:
    """Changing other words of an idea keeps its retired stage."""
    world = http_world
    world.submit(GUARD, world.form(GUARD), title="Say the price", stage="buy", touchpoint="billing")
    receipt = world.command(GUARD, "Open at eight on Saturdays too")["ephemeral"]
    world.settle()
    world.press(GUARD, receipt, "idea.choose_stage", "buy")
    saved(world, "stages/", names="Discover\nChoose\nUse")
    form = world.press(GUARD, receipt, "idea.add_details")["view"]
    assert "is saved" in answer_title(world.submit(GUARD, form, title="Open at seven on Saturdays"))
    assert "Stage: Buy" in words(world.command(AGENT, "show 2")["ephemeral"])


def test_a_stage_gets_its_owner_and_deputy(http_world: World) -> None:
    """New ideas of a stage are its owner's; a person and a group at once, or a guest, are refused under their field."""
    http_world.runtime._jobs.learn()
    saved(http_world, "owner/use", owner=CLERK, deputy=AGENT)
    http_world.submit(GUARD, http_world.form(GUARD), title="Say the price", stage="use")
    assert f"with <@{CLERK}>" in words(http_world.cards()[-1])
    assert f"Use: <@{CLERK}>, deputy <@{AGENT}>" in overview(http_world)
    assert "one owner" in saved(http_world, "owner/use", owning_group=LEADERS_GROUP)["owning_group"]
    assert "still with the company" in saved(http_world, "owner/use", owner=GUEST_ID)["owner"]
    assert audited(http_world) == [
        (ADMIN, "stage_owners", {"owner": None, "deputy": None}, {"owner": CLERK, "deputy": AGENT})
    ]


def test_a_group_that_owns_a_stage_is_resolved(http_world: World) -> None:
    """Soon after a user group owns a stage, its members are known; one that cannot be read keeps its people."""
    world = http_world
    saved(world, "owner/use", owning_group=LEADERS_GROUP)
    members = sorted(world.sandbox.workspace.user_groups[LEADERS_GROUP].users)
    known = select(RoleMember.user_id).where(RoleMember.role == "owner", RoleMember.source == LEADERS_GROUP)
    wait_until(lambda: sorted(each for (each,) in world._rows(known)) == members)
    world.sandbox.control("fault", target="usergroups.users.list", kind="error", error="no_such_subteam", count=0)
    world.runtime._jobs.learn_groups()
    assert sorted(each for (each,) in world._rows(known)) == members
    world.sandbox.control("clear_faults")
    world.sandbox.call(lambda: world.sandbox.workspace.user_groups[LEADERS_GROUP].users.remove(members[0]))
    world.runtime._jobs.learn_groups()
    assert sorted(each for (each,) in world._rows(known)) == members[1:]


def test_leaders_and_admins_have_their_rights_at_once(http_world: World) -> None:
    """Whoever is named a leader can preview the digest at once, and whoever is not any more cannot."""
    http_world.runtime._jobs.learn()
    saved(http_world, "people/", leaders=[CLERK])
    assert "Nothing is posted yet" in words(http_world.command(CLERK, "digest")["ephemeral"])
    assert "Nothing is posted yet" not in words(http_world.command(LEADER, "digest")["ephemeral"])
    saved(http_world, "people/", leader_groups=LEADERS_GROUP)
    wait_until(lambda: "Nothing is posted yet" in words(http_world.command(LEADER, "digest")["ephemeral"]))
    assert audited(http_world)[0] == (ADMIN, "leaders", [LEADER], [CLERK])


def test_somebody_is_always_left_who_can_change_settings(http_world: World) -> None:
    """No admins, a stranger, a guest or a group that nobody knows cannot take the place of the last admin."""
    world = http_world
    world.runtime._jobs.learn()
    refused: list[Json] = [{"admins": []}, {"admins": ["U0STRANGE1"]}, {"admins": [], "admin_groups": "S0NOBODY01"}]
    for fields in [*refused, {"admins": [GUEST_ID]}]:
        assert "admins" in saved(world, "people/", **fields)
    assert sorted(rows(world, RoleMember.user_id, RoleMember.role)) == [(ADMIN, "admin"), (LEADER, "leader")]
    assert "Saved" in words(saved(world, "people/", admins=[CLERK]))
    assert ONLY_ADMINS in words(world.command(ADMIN, "settings")["ephemeral"])
    assert "Admins: <@U0HADDAD03>" in words(world.command(CLERK, "settings")["ephemeral"])


def test_answers_news_and_workforce(http_world: World) -> None:
    """Days, zone, holidays, quiet hours, kinds of news and the workforce are saved, and digests follow the zone."""
    saved(http_world, "answers/", days="10", zone="Europe/Berlin", country="de-by")
    saved(http_world, "news/", quiet_from="22:00", quiet_until="07:30", weekends=[], news_kinds=["own_ideas"])
    saved(http_world, "workforce/", workforce="1200")
    company = http_world.runtime.deps.company
    assert (company.answer_days, company.timezone, company.holidays) == (10, "Europe/Berlin", "DE-BY")
    assert f"{company.quiet_hours.begin:%H:%M}-{company.quiet_hours.end:%H:%M}" == "22:00-07:30"
    assert not company.quiet_hours.is_weekend_quiet
    assert [kind for kind, is_on in company.news.items() if is_on] == ["own_ideas"]
    assert company.workforce == 1200
    assert rows(http_world, DigestChannel.timezone) == [("Europe/Berlin",)]
    saved(http_world, "workforce/", workforce="")
    assert http_world.runtime.deps.company.workforce is None
    assert "counted in Slack · _saved by" in overview(http_world)


def test_what_nobody_changed_is_not_saved(http_world: World) -> None:
    """A form sent off as it opened saves nothing: the environment goes on to hold."""
    for address in ("ideas_channel/", "stages/", "touchpoints/", "owner/use", "people/", "votes/", "answers/", "news/"):
        assert "Saved" in words(saved(http_world, address))
    assert "Saved" in words(saved(http_world, f"digest/{DIGEST_CHANNEL}"))
    assert rows(http_world, SavedSetting.name) == []
    assert audited(http_world) == []


def test_a_form_that_comes_again_changes_nothing_more(http_world: World) -> None:
    """The same form delivered twice is saved and audited once, and closes the same way."""
    saved(http_world, "workforce/", workforce="1200")
    again = http_world.deliver("interaction", "view_submission")
    assert again.body["view"]["title"]["text"] == "Workforce"
    assert len(audited(http_world)) == 1


def test_settings_while_the_database_is_away(http_world: World) -> None:
    """A form keeps its text while nothing can be saved; overview and button say that nothing has changed."""
    shown = http_world.command(ADMIN, "settings")["ephemeral"]
    view = opened(http_world, "votes/")
    with http_world.without_tables("role_members"):
        assert "out of reach" in words(http_world.command(ADMIN, "settings")["ephemeral"])
        assert "still here" in http_world.submit(ADMIN, view, reactions="tada")["errors"]["reactions"]
        http_world.press(ADMIN, shown, "settings.change", "votes/")
        assert "Nothing has changed" in words(http_world.last_ephemeral(ADMIN))
    assert "Saved" in words(http_world.submit(ADMIN, view)["view"])
    assert http_world.runtime.deps.company.vote_reactions == ("tada",)


def test_every_replica_follows_and_a_restart_keeps(database_url: str) -> None:
    """What is saved through one replica holds on another within seconds, and after a restart whatever is set."""
    with running_sandbox() as sandbox:
        with running_bot(sandbox, database_url, "http") as other, running_bot(sandbox, database_url, "http") as world:
            saved(world, "votes/", reactions="tada")
            saved(world, "people/", leaders=[CLERK])
            saved(world, "stages/", names="Before\nAfter")
            wait_until(lambda: other.runtime.deps.company == world.runtime.deps.company)
            assert other.runtime.deps.company.vote_reactions == ("tada",)
            assert other.runtime.deps.emoji.is_vote("tada")
            assert not other.runtime.deps.emoji.is_vote("+1")
            assert list(other.runtime.deps.company.lists.stages.values()) == ["Before", "After"]
        with running_bot(sandbox, database_url, "http", cx_vote_reactions="heart", cx_leaders=AGENT) as world:
            assert world.runtime.deps.company.vote_reactions == ("tada",)
            assert "Nothing is posted yet" in words(world.command(CLERK, "digest")["ephemeral"])
            assert "Nothing is posted yet" not in words(world.command(AGENT, "digest")["ephemeral"])
            assert "from the environment" in overview(world)


def test_saved_digests_stay_when_the_environment_names_others(sqlite_url: str) -> None:
    """After a restart with another digest channel in the environment, the saved ones still get theirs."""
    with running_sandbox() as sandbox:
        with running_bot(sandbox, sqlite_url, "http") as world:
            saved(world, f"digest/{DIGEST_CHANNEL}", weekday="2")
        with running_bot(sandbox, sqlite_url, "http", cx_digest_channel=GENERAL, cx_digest_at="fri 17:00") as world:
            active = select(DigestChannel.channel_id, DigestChannel.weekday).where(DigestChannel.is_active)
            assert [tuple(row) for row in world._rows(active)] == [(DIGEST_CHANNEL, 2)]


def test_app_home_of_an_admin_has_the_settings(http_world: World) -> None:
    """An admin changes settings in App Home too, which then shows the new value; others see none there."""
    act = http_world.sandbox.act
    act(ADMIN, "open_home")
    act(AGENT, "open_home")
    http_world.settle()
    home = http_world.sandbox.state(ADMIN)["home"]
    assert "Due within 5 working days" in words(home)
    assert "working days" not in words(http_world.sandbox.state(AGENT)["home"])
    pressed = act(ADMIN, "press", view_id=home["id"], action_id="settings.change", value="answers/")
    http_world.submit(ADMIN, pressed["view"], days="3")
    assert "Due within 3 working days" in words(http_world.sandbox.state(ADMIN)["home"])
