"""The main job: an idea is filed, voted on, counted, listed and told to leadership."""

from tests.bot import (
    AGENT,
    BILLING,
    CLERK,
    DRIVER,
    ENGINEER,
    GUARD,
    LEADER,
    MANAGER,
    RESEARCHER,
    WRITER,
    World,
    running_world,
    words,
)


def test_seven_people_vote_and_every_place_has_the_same_tally(database_url: str, transport: str) -> None:
    """One votes twice, one with two emoji, one takes it back, author and bot react too: all places say six."""
    with running_world(database_url, transport) as world:
        ts = world.file(GUARD, "Let customers reschedule deliveries online")
        for user in (AGENT, CLERK, ENGINEER, MANAGER, DRIVER, BILLING, WRITER):
            world.react(user, ts)
        world.react(AGENT, ts, is_on=False)
        world.react(AGENT, ts)
        world.react(CLERK, ts, "heart")
        world.react(WRITER, ts, is_on=False)
        world.react(GUARD, ts, "fire")
        world.react("U0STANDU14", ts, "100")
        world.react(RESEARCHER, ts, "eyes")
        world.settle()
        world.learn()
        assert "6 votes" in words(world.card(ts))
        top = world.command(RESEARCHER, "top")["ephemeral"]
        assert "6 votes" in words(top)
        preview = world.command(LEADER, "digest")["ephemeral"]
        assert "6 votes" in words(preview)


def test_an_idea_in_a_line_becomes_a_card(world: World) -> None:
    """The author gets a receipt with number and answer date; the ideas channel gets the card."""
    answer = world.command(GUARD, "Let customers reschedule deliveries online")
    assert "CX-1" in words(answer["ephemeral"])
    world.settle()
    (card,) = world.cards()
    shown = words(card)
    assert "CX-1 · Let customers reschedule deliveries online" in shown
    assert f"<@{GUARD}>" in shown
    assert "no votes yet" in shown
    assert "answer due" in shown
