"""The overview and the forms of settings from the database as it is now, for admins."""

from typing import Any

from slackblocks import Block
from sqlalchemy.orm import Session

from bot.deps import Deps
from bot.ids import FormAddress
from bot.services.settings import require_admin
from bot.views import setting_forms, settings
from bot.views.message import Message
from bot.views.settings import SettingsPage
from db.settings_queries import read_configuration


def settings_message(session: Session, deps: Deps, user_id: str) -> Message:
    """Return the overview for somebody who asked for it; raises NotAnAdmin."""
    require_admin(session, user_id)
    return settings.settings_message(_page(session, deps))


def settings_blocks(session: Session, deps: Deps) -> list[Block]:
    """Return what the App Home of an admin shows of the settings."""
    return settings.home_settings(_page(session, deps))


def setting_form(session: Session, deps: Deps, address: FormAddress, user_id: str) -> dict[str, Any]:
    """Return a form with the values that hold now; raises NotAnAdmin."""
    require_admin(session, user_id)
    return setting_forms.setting_form(_page(session, deps), address)


def _page(session: Session, deps: Deps) -> SettingsPage:
    return SettingsPage(deps.book.read(session), read_configuration(session), deps.book.given)
