"""What Slack knows of people, user groups and emoji, carried over into the database."""

import time
from collections.abc import Iterable
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError

from bot import clock
from bot.deps import Deps
from bot.outcomes import Fate, failure_of
from bot.services import people, rights
from bot.services.rights import Role
from bot.services.votes import settle_misjudged
from db.types import Standing

log = structlog.get_logger()

_PAGE = 200
_NOBODY = frozenset({"user_not_found", "user_not_visible"})
_ONE_PERSONS = frozenset({Fate.TROUBLE, Fate.UNKNOWN})
"""Refusals that may be about one person alone; others would meet the next one as well."""


def learn_people(deps: Deps) -> None:
    """Learn what everybody in the workspace is, from `users.list`."""
    identity = deps.identity.get()
    for page in deps.reads.users_list(limit=_PAGE, team_id=identity.team_id):
        _learn(deps, {user["id"]: _standing(deps, user) for user in page["members"]})
    with deps.sessions.begin() as session:
        settle_misjudged(session, clock.now())


def look_up_unknown(deps: Deps, limit: int = 50) -> int:
    """Learn what people are who voted before anybody knew them; return how many are left to look up."""
    with deps.sessions.reading() as session:
        unknown = people.unknown_people(session, limit + 1)
    for user_id in unknown[:limit]:
        standing = _look_up(deps, user_id)
        if standing:
            _learn(deps, {user_id: standing})
    return len(unknown[limit:])


def look_up_all(deps: Deps, seconds: float) -> None:
    """Look up unknown people until none is left or the time is over."""
    deadline = time.monotonic() + seconds
    while look_up_unknown(deps, limit=10) and time.monotonic() < deadline:
        pass


def learn_aliases(deps: Deps) -> None:
    """Learn which of the workspace's own emoji are other names for vote reactions; an optional scope.

    Slack's passing trouble is raised: votes counted without the aliases would take those of aliases off.
    """
    try:
        emoji: dict[str, str] = deps.reads.emoji_list()["emoji"]
    except SlackApiError as error:
        if failure_of(error).fate in {Fate.LIMITED, Fate.UNKNOWN}:
            raise
        log.info("directory.no_aliases", error=failure_of(error).error)
        return
    marked = {name: target for name, target in emoji.items() if target.startswith("alias:")}
    deps.emoji.learn_aliases({name: target.removeprefix("alias:") for name, target in marked.items()})


def name_roles(deps: Deps) -> None:
    """Write down the leaders and admins that the settings name; groups keep the people last learned."""
    with deps.sessions.begin() as session:
        for role, sources in _sources(deps).items():
            known = rights.members_by_source(session, role)
            named = {source: known.get(source, []) if is_group(source) else [source] for source in sources}
            rights.name_members(session, role, named)


def learn_groups(deps: Deps) -> None:
    """Learn who is in the user groups that the settings name; an optional scope."""
    for role, sources in _sources(deps).items():
        members = {source: _group_members(deps, source) for source in sources if is_group(source)}
        with deps.sessions.begin() as session:
            known = rights.members_by_source(session, role)
            learned = {source: people for source, people in members.items() if people is not None}
            rights.name_members(session, role, known | learned)


def check_channels(deps: Deps) -> None:
    """Say of each channel that takes nothing from the bot why, in a line; it serves all the same."""
    for channel_id in dict.fromkeys((deps.settings.cx_ideas_channel, *deps.settings.cx_digest_channels)):
        try:
            channel: dict[str, Any] = deps.reads.conversations_info(channel=channel_id)["channel"]
        except SlackApiError as error:
            failure = failure_of(error)
            if failure.fate == Fate.BLOCKED:
                deps.notices.blocked(channel_id, failure.error)
            continue
        if channel.get("is_archived"):
            deps.notices.blocked(channel_id, "is_archived")
        elif not channel.get("is_member", True):
            deps.notices.blocked(channel_id, "not_in_channel")


def is_group(source: str) -> bool:
    """Return whether an id is a user group's."""
    return source.startswith("S")


def _sources(deps: Deps) -> dict[Role, Iterable[str]]:
    return {Role.LEADER: deps.settings.cx_leaders, Role.ADMIN: deps.settings.cx_admins}


def _group_members(deps: Deps, group_id: str) -> list[str] | None:
    try:
        members: list[str] = deps.reads.usergroups_users_list(usergroup=group_id)["users"]
    except SlackApiError as error:
        log.warning("directory.group_unknown", group=group_id, error=failure_of(error).error)
        return None
    return members


def _learn(deps: Deps, standings: dict[str, Standing]) -> None:
    with deps.sessions.reading() as session:
        changed = people.changed_standings(session, standings)
    if changed:
        with deps.sessions.begin() as session:
            people.learn_standings(session, changed, clock.now())


def _look_up(deps: Deps, user_id: str) -> Standing | None:
    """Return what a person is; None when Slack cannot say it of this one now."""
    try:
        return _standing(deps, deps.reads.users_info(user=user_id)["user"])
    except SlackApiError as error:
        if error.response.get("error") in _NOBODY:
            return Standing.EXTERNAL
        if failure_of(error).fate not in _ONE_PERSONS:
            raise
        log.warning("directory.person_unknown", error=failure_of(error).error)
        return None


def _standing(deps: Deps, user: dict[str, Any]) -> Standing:
    identity = deps.identity.get()
    return people.standing_of(user, identity.team_id, identity.enterprise_id)
