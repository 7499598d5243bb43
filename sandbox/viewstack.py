"""Modals: making one, laying one on another, changing one."""

from sandbox.errors import SlackError
from sandbox.models import Json, View
from sandbox.stateful import initial_state, with_block_ids
from sandbox.workspace import Workspace

# https://docs.slack.dev/surfaces/modals
STACK_MOST = 3


def check_external_id(workspace: Workspace, definition: Json, own_id: str = "") -> None:
    """Raise duplicate_external_id when another view than `own_id` has the same."""
    external_id = definition.get("external_id")
    views = [*workspace.views.values(), *workspace.homes.values()]
    if external_id and any(view.id != own_id and view.definition.get("external_id") == external_id for view in views):
        raise SlackError("duplicate_external_id")


def new_view(workspace: Workspace, user_id: str, definition: Json, replaced_id: str = "") -> View:
    """Return a view for a person, not shown yet, in place of another one if so; raises duplicate_external_id."""
    check_external_id(workspace, definition, replaced_id)
    kept = definition | {"blocks": with_block_ids(workspace, definition["blocks"])}
    view_id = workspace.new_id("V")
    view = View(view_id, user_id, kept, _new_hash(workspace), view_id)
    view.state = initial_state(view.blocks)
    return view


def push_view(workspace: Workspace, below: View, definition: Json) -> View:
    """Show a modal on top of another; raises push_limit_reached beyond three."""
    if len(workspace.stack_of(below)) >= STACK_MOST:
        raise SlackError("push_limit_reached")
    view = new_view(workspace, below.user_id, definition)
    view.root_view_id = below.root_view_id
    view.previous_view_id = below.id
    return workspace.show_view(view)


def replace_view(workspace: Workspace, view: View, definition: Json) -> View:
    """Change what an open modal shows; entries under the same block_id and action_id stay."""
    check_external_id(workspace, definition, view.id)
    view.definition = definition | {"blocks": with_block_ids(workspace, definition["blocks"])}
    view.state = initial_state(view.blocks, view.state)
    view.hash = _new_hash(workspace)
    view.errors = {}
    view.trouble = ""
    return workspace.show_view(view)


def _new_hash(workspace: Workspace) -> str:
    return f"{workspace.clock.now():.0f}.{workspace.new_id('', 8)}"
