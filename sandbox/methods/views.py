"""views methods: modals and App Home."""

from typing import Any

from sandbox.errors import SlackError
from sandbox.limits import check_view
from sandbox.methods.registry import Call, method
from sandbox.models import Json, View
from sandbox.payloads import view_json
from sandbox.viewstack import new_view, push_view, replace_view


def _definition(call: Call, kind: str) -> Json:
    view: Any = call.structure("view")
    return check_view(view, kind, takes_charts=call.workspace.takes_charts)


@method("views.open", tier=4)
def views_open(call: Call) -> Json:
    """Open a modal for the person whose trigger this is."""
    trigger = call.triggers.check(call.required("trigger_id"))
    definition = _definition(call, "modal")
    view = new_view(call.workspace, trigger.user_id, definition)
    trigger.is_used = True
    trigger.opened_view_id = view.id
    call.workspace.show_view(view)
    return {"view": view_json(call.workspace, view)}


@method("views.push", tier=4)
def views_push(call: Call) -> Json:
    """Put a modal on top of the one in which the trigger was given."""
    trigger = call.triggers.check(call.required("trigger_id"))
    definition = _definition(call, "modal")
    below = call.workspace.views.get(trigger.from_view_id)
    if below is None:
        raise SlackError("not_found")
    view = push_view(call.workspace, below, definition)
    trigger.is_used = True
    trigger.opened_view_id = view.id
    return {"view": view_json(call.workspace, view)}


@method("views.update", tier=4)
def views_update(call: Call) -> Json:
    """Change an open modal, if `hash` is still its hash."""
    view = _open_view(call)
    definition = _definition(call, "modal")
    _check_hash(call, view)
    replace_view(call.workspace, view, definition)
    return {"view": view_json(call.workspace, view)}


@method("views.publish", tier=4)
def views_publish(call: Call) -> Json:
    """Set the App Home of one person."""
    if not call.workspace.app.has_home_tab:
        raise SlackError("not_enabled")
    user = call.user("user_id")
    if user.team_id != call.workspace.team_id:
        raise SlackError("user_not_found")
    definition = _definition(call, "home")
    shown = call.workspace.homes.get(user.id)
    if shown is not None:
        _check_hash(call, shown)
    view = new_view(call.workspace, user.id, definition, shown.id if shown else "")
    if shown is not None:
        view.id = view.root_view_id = shown.id
    call.workspace.publish_home(view)
    return {"view": view_json(call.workspace, view)}


def _open_view(call: Call) -> View:
    view_id, external_id = call.text("view_id"), call.text("external_id")
    for view in call.workspace.views.values():
        if view.id == view_id or (external_id and view.definition.get("external_id") == external_id):
            return view
    raise SlackError("not_found")


def _check_hash(call: Call, view: View) -> None:
    if call.text("hash") not in {"", view.hash}:
        raise SlackError("hash_conflict")
