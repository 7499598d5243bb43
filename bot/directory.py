"""What Slack knows of people, user groups and emoji, carried over into the database."""

import time
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError

from bot import clock
from bot.company import Company
from bot.deps import Deps
from bot.outcomes import Fate, failure_of
from bot.payloads import one_line
from bot.services import people, roles, teams
from bot.services.people import Known
from bot.services.rights import Role
from bot.services.votes import settle_misjudged
from db.types import Standing

log = structlog.get_logger()

_PAGE = 200
_PROFILES_AT_ONCE = 10
"""Profiles that a tick of ten seconds reads: sixty in a minute, where Slack takes a hundred."""
_TEAM_LIMIT = 64
_NOBODY = frozenset({"user_not_found", "user_not_visible"})
_ONE_PERSONS = frozenset({Fate.TROUBLE, Fate.UNKNOWN})
"""Refusals that may be about one person alone; others would meet the next one as well."""


def learn_people(deps: Deps) -> None:
    """Learn what everybody in the workspace is, from `users.list`."""
    identity = deps.identity.get()
    for page in deps.reads.users_list(limit=_PAGE, team_id=identity.team_id):
        _learn(deps, {user["id"]: _known(deps, user) for user in page["members"]})
    with deps.sessions.begin() as session:
        settle_misjudged(session, clock.now())


def look_up_unknown(deps: Deps, limit: int = 50) -> int:
    """Learn what people are who voted before anybody knew them; return how many are left to look up."""
    with deps.sessions.reading() as session:
        unknown = people.unknown_people(session, limit + 1)
    for user_id in unknown[:limit]:
        person = _look_up(deps, user_id)
        if person:
            _learn(deps, {user_id: person})
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


def learn_teams(deps: Deps) -> None:
    """Learn from some people's profiles which team they are of, if a field is named for it; an optional scope."""
    field, now = deps.company.team_field, clock.now()
    with deps.sessions.reading() as session:
        is_followed = teams.is_followed(session, field)
        asked = teams.people_to_ask(session, now, _PROFILES_AT_ONCE) if field and is_followed else []
    if not is_followed:
        with deps.sessions.begin() as session:
            teams.follow(session, field)
    elif field and asked:
        learned = _teams(deps, field, asked)
        with deps.sessions.begin() as session:
            teams.learn_teams(session, field, learned, now)


def name_roles(deps: Deps) -> None:
    """Write down the leaders and admins that the settings name; groups keep the people last learned."""
    _name(deps, {})


def learn_groups(deps: Deps) -> None:
    """Learn who is in the user groups that the settings and the stages name; an optional scope.

    A group that cannot be read keeps its people.
    """
    with deps.sessions.reading() as session:
        groups = roles.groups_of(session, _sources(deps.company))
    read = {group_id: _group_members(deps, group_id) for group_id in groups}
    learned = {group_id: members for group_id, members in read.items() if members is not None}
    if learned:
        _name(deps, learned)


def _name(deps: Deps, learned: dict[str, list[str]]) -> None:
    with deps.sessions.begin() as session:
        roles.hold_settings(session)  # Another replica may be saving other names: what it saves last holds.
        roles.name_everyone(session, _sources(deps.book.read(session)), learned)


def check_channels(deps: Deps) -> None:
    """Say of each channel that takes nothing from the bot why, in a line; it serves all the same."""
    for channel_id in dict.fromkeys((deps.company.ideas_channel, *deps.company.digest_channels)):
        try:
            channel: dict[str, Any] = deps.reads.conversations_info(channel=channel_id)["channel"]
        except SlackApiError as error:
            failure = failure_of(error)
            if failure.fate == Fate.CHANNEL:
                deps.notices.blocked(channel_id, failure.error)
            continue
        if channel.get("is_archived"):
            deps.notices.blocked(channel_id, "is_archived")
        elif not channel.get("is_member", True):
            deps.notices.blocked(channel_id, "not_in_channel")


def _sources(company: Company) -> roles.Sources:
    return {Role.LEADER: company.leaders, Role.ADMIN: company.admins}


def _group_members(deps: Deps, group_id: str) -> list[str] | None:
    try:
        members: list[str] = deps.reads.usergroups_users_list(usergroup=group_id)["users"]
    except SlackApiError as error:
        log.warning("directory.group_unknown", group=group_id, error=failure_of(error).error)
        return None
    return members


def _teams(deps: Deps, field: str, user_ids: list[str]) -> dict[str, str | None]:
    """Return the teams of these people, as far as Slack says them; who has left or says nothing is of none."""
    learned: dict[str, str | None] = {}
    for user_id in user_ids:
        try:
            learned[user_id] = _team_in(deps.reads.users_profile_get(user=user_id)["profile"], field)
        except SlackApiError as error:
            if error.response.get("error") not in _NOBODY:
                log.info("directory.no_teams", error=failure_of(error).error)
                break
            learned[user_id] = None
    return learned


def _team_in(profile: dict[str, Any], field: str) -> str | None:
    fields = profile.get("fields")  # Null or an empty list where nobody has filled any in.
    value = (fields.get(field) or {}).get("value") if isinstance(fields, dict) else None
    return one_line(value)[:_TEAM_LIMIT] or None if isinstance(value, str) else None


def _learn(deps: Deps, learned: dict[str, Known]) -> None:
    with deps.sessions.reading() as session:
        changed = people.news_of(session, learned)
    if changed:
        with deps.sessions.begin() as session:
            people.learn_people(session, changed, clock.now())


def _look_up(deps: Deps, user_id: str) -> Known | None:
    """Return what Slack says of a person; None when it cannot say it of this one now."""
    try:
        return _known(deps, deps.reads.users_info(user=user_id)["user"])
    except SlackApiError as error:
        if error.response.get("error") in _NOBODY:
            return Known(Standing.EXTERNAL)
        if failure_of(error).fate not in _ONE_PERSONS:
            raise
        log.warning("directory.person_unknown", error=failure_of(error).error)
        return None


def _known(deps: Deps, user: dict[str, Any]) -> Known:
    identity = deps.identity.get()
    return people.known_of(user, identity.team_id, identity.enterprise_id)
