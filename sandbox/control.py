"""What tests and the page's side panel can do to the workspace: behind `POST /control`."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from sandbox.errors import ActError
from sandbox.levers import MORE_LEVERS
from sandbox.methods import METHODS
from sandbox.models import Change, Channel, Json
from sandbox.parts import Parts
from sandbox.seeding import start

Lever = Callable[[Parts, Json], Awaitable[Json] | Json]


# What only asks changes nothing, and is no part of the journal.
QUESTIONS = {"seeding"}


async def control(parts: Parts, request: Json) -> Json:
    """Do what the request says; raises ActError for what is unknown or does not fit. The journal has it either way."""
    if str(request.get("do")) in QUESTIONS:
        return await _control(parts, request)
    with parts.journal.noting("control", request):
        return await _control(parts, request)


async def _control(parts: Parts, request: Json) -> Json:
    lever = LEVERS.get(str(request.get("do")))
    if lever is None:
        raise ActError(f"There is no {request.get('do')!r}; there are: {', '.join(LEVERS)}.")
    try:
        result = lever(parts, {key: value for key, value in request.items() if key != "do"})
        answer = result if isinstance(result, dict) else await result
    except KeyError as error:
        raise ActError(f"{request['do']} needs, or does not find, {error.args[0]!r}.") from error
    except (TypeError, ValueError, OverflowError) as error:
        raise ActError(str(error)) from error
    parts.workspace.tell(Change("faults"))
    return {"ok": True} | answer


def advance(parts: Parts, request: Json) -> Json:
    """Move the clock forward by `seconds`."""
    parts.workspace.clock.advance(float(request["seconds"]))
    return _now(parts)


def jump_to(parts: Parts, request: Json) -> Json:
    """Move the clock forward to `time`, in ISO 8601 with its offset."""
    moment = datetime.fromisoformat(request["time"])
    if moment.tzinfo is None:
        raise ValueError("The time needs an offset, like 2026-11-30T09:00:00Z.")
    parts.workspace.clock.jump_to(moment)
    return _now(parts)


def _now(parts: Parts) -> Json:
    parts.workspace.tell(Change("clock"))
    return {"now": parts.workspace.clock.moment().isoformat()}


def fault(parts: Parts, request: Json) -> Json:
    """Set a fault: `target`, `kind` and what the kind needs (see faults.py)."""
    target = str(request.get("target"))
    if "." in target and target not in METHODS:
        raise ValueError(f"This workspace has no method {target}.")
    parts.faults.add(request)
    return {"faults": parts.faults.as_list()}


def clear_faults(parts: Parts, _request: Json) -> Json:
    """Take every fault away."""
    parts.faults.clear()
    return {}


def clear_fault(parts: Parts, request: Json) -> Json:
    """Take the faults of one `target` and `kind` away."""
    parts.faults.remove(request["target"], request["kind"])
    return {"faults": parts.faults.as_list()}


def set_scopes(parts: Parts, request: Json) -> Json:
    """Grant exactly these `scopes`."""
    parts.workspace.app.scopes = set(map(str, request["scopes"]))
    return {"scopes": sorted(parts.workspace.app.scopes)}


def install(parts: Parts, request: Json) -> Json:
    """Configure the app from an app `manifest`."""
    parts.workspace.install(_object(request["manifest"], "The manifest"))
    return {}


def _object(value: Any, what: str) -> Json:
    if not isinstance(value, dict):
        raise TypeError(f"{what} is an object.")
    return value


def _token_state(*, revoked: bool) -> Lever:
    def set_it(parts: Parts, _request: Json) -> Json:
        parts.workspace.app.is_token_revoked = revoked
        return {}

    return set_it


def _account_state(*, inactive: bool) -> Lever:
    def set_it(parts: Parts, _request: Json) -> Json:
        parts.workspace.app.is_account_inactive = inactive
        return {}

    return set_it


def _person_state(*, deleted: bool) -> Lever:
    def set_it(parts: Parts, request: Json) -> Json:
        user_id = parts.workspace.users[request["user"]].id
        parts.workspace.set_deleted(user_id, deleted=deleted)
        return {}

    return set_it


def kick(parts: Parts, request: Json) -> Json:
    """Take `user` (alone: the bot) out of `channel`."""
    parts.workspace.leave(_channel(parts, request).id, _member(parts, request))
    return {}


def invite(parts: Parts, request: Json) -> Json:
    """Make `user` (alone: the bot) a member of `channel`."""
    parts.workspace.join(_channel(parts, request).id, _member(parts, request))
    return {}


def _channel(parts: Parts, request: Json) -> Channel:
    return parts.workspace.channels[request["channel"]]


def _member(parts: Parts, request: Json) -> str:
    return parts.workspace.users[request.get("user") or parts.workspace.app.bot_user_id].id


def delete_message(parts: Parts, request: Json) -> Json:
    """Delete the message `ts` of `channel`, as an admin can."""
    parts.workspace.delete(_channel(parts, request).messages[request["ts"]])
    return {}


async def drop_sockets(parts: Parts, request: Json) -> Json:
    """End every socket in the way that `reason` says, see SocketMode.disconnect; alone: drop."""
    open_now = len(parts.sockets.sockets)
    await parts.sockets.disconnect(str(request.get("reason", "drop")))
    return {"sockets": open_now}


def rates(parts: Parts, request: Json) -> Json:
    """Switch the rate limits `on` or off."""
    if not isinstance(request["on"], bool):
        raise TypeError("on is true or false.")
    parts.rates.on = request["on"]
    return {"on": parts.rates.on}


async def events_url(parts: Parts, request: Json) -> Json:
    """Deliver to `url` by signed HTTP from now on, or over Socket Mode when it is null; tells if it `verified`."""
    url: Any = request.get("url")
    if url and not (isinstance(url, str) and re.match(r"http://[^/\s]+", url)):
        raise ValueError("url is an address like http://127.0.0.1:3000/slack/events, or null.")
    parts.delivery.events_url = url
    return {"verified": await parts.delivery.verify_url() if url else None}


def seeding(parts: Parts, _request: Json) -> Json:
    """Tell how far the filling of the workspace is."""
    now = parts.seeding
    return {"state": now.state, "words": now.words, "ideas": now.ideas, "filed": now.filed, "votes": now.votes}


LEVERS: dict[str, Lever] = {
    "advance": advance,
    "jump_to": jump_to,
    "fault": fault,
    "clear_fault": clear_fault,
    "clear_faults": clear_faults,
    "set_scopes": set_scopes,
    "install": install,
    "revoke_token": _token_state(revoked=True),
    "restore_token": _token_state(revoked=False),
    "inactivate_account": _account_state(inactive=True),
    "activate_account": _account_state(inactive=False),
    "kick": kick,
    "invite": invite,
    "delete_message": delete_message,
    "drop_sockets": drop_sockets,
    "deactivate": _person_state(deleted=True),
    "reactivate": _person_state(deleted=False),
    "rates": rates,
    "events_url": events_url,
    "seed": start,
    "seeding": seeding,
    **MORE_LEVERS,
}
