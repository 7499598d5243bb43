"""The company's own lists, and who owns each stage, written down."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import StageUnknown, WrongSetting
from bot.ids import SettingField
from bot.services import roles, setting_checks
from bot.services.list_changes import changed_list
from bot.setting_forms import FilledSettings
from db.models import Stage, Touchpoint
from db.settings_queries import ListEntry, stages, touchpoints

Names = dict[str, str]
"""The entries on a list by key, in order."""


def replace_stages(session: Session, names: Sequence[str]) -> tuple[Names, Names]:
    """Make these the stages, and return those before and after; who owns a stage stays."""
    return _replace(session, Stage, stages(session), names)


def replace_touchpoints(session: Session, names: Sequence[str]) -> tuple[Names, Names]:
    """Make these the touchpoints, and return those before and after."""
    return _replace(session, Touchpoint, touchpoints(session), names)


def assign_stage(session: Session, key: str, form: FilledSettings) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give a stage its owner and deputy as the form says, and return who they were before and are now.

    Raises StageUnknown for a stage that is off the list. Ideas filed before stay with whom they are.
    """
    stage = session.get(Stage, key)
    if stage is None or not stage.is_active:
        raise StageUnknown
    before = _owners(stage)
    stage.owner_id, stage.deputy_id = _owner(session, form), _person(session, form, SettingField.DEPUTY)
    session.flush()
    return before, _owners(stage)


def _replace(
    session: Session, table: type[Stage | Touchpoint], entries: Sequence[ListEntry], names: Sequence[str]
) -> tuple[Names, Names]:
    change = changed_list(entries, names)
    found: Sequence[Any] = session.scalars(select(table)).all()
    rows = {row.key: row for row in found}
    for position, entry in enumerate(change.active):
        row = rows.get(entry.key) or table(key=entry.key)
        row.name, row.position, row.is_active = entry.name, position, True
        session.add(row)
    for entry in change.retired:
        rows[entry.key].is_active = False
    session.flush()
    return _names([entry for entry in entries if entry.is_active]), _names(change.active)


def _names(entries: Sequence[ListEntry]) -> Names:
    return {entry.key: entry.name for entry in entries}


def _owner(session: Session, form: FilledSettings) -> str | None:
    person, group_ids = (
        _person(session, form, SettingField.OWNER),
        setting_checks.groups(form, SettingField.OWNING_GROUP),
    )
    if len(group_ids) > 1 or (person and group_ids):
        words = "A stage has one owner: choose a person above, or write one user group here."
        raise WrongSetting(SettingField.OWNING_GROUP, words)
    return person or next(iter(group_ids), None)


def _person(session: Session, form: FilledSettings, field: SettingField) -> str | None:
    chosen = setting_checks.people(form, field)
    if not roles.are_colleagues(session, chosen):
        raise WrongSetting(field, "Choose a colleague who is still with the company.")
    return next(iter(chosen), None)


def _owners(stage: Stage) -> dict[str, Any]:
    return {"owner": stage.owner_id, "deputy": stage.deputy_id}
