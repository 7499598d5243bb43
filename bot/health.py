"""Whether the process works, and whether it is ready to serve."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot.deps import Deps
from db.schema import is_current


@dataclass(frozen=True, slots=True)
class Health:
    """Answers `/readyz`; `is_linked` is None in HTTP mode, where Slack comes to us."""

    deps: Deps
    is_linked: Callable[[], bool] | None = None

    def report(self) -> tuple[bool, dict[str, Any]]:
        """Return whether the bot is ready, and what it knows of each part."""
        parts: dict[str, Any] = {"database": self._database(), "slack": self.deps.heartbeat.state}
        if self.is_linked is not None:
            parts["socket_mode"] = self.is_linked()
        parts["identity"] = parts["database"] == "current" and self.deps.identity.is_known
        # Slack merely away changes nothing: what comes is kept and shown later, and another replica fares no better.
        is_ready = parts["identity"] and parts.get("socket_mode", True) and not self.deps.heartbeat.is_refused
        return is_ready, {"ready": is_ready} | parts

    def _database(self) -> str:
        try:
            return "current" if is_current(self.deps.sessions) else "not migrated"
        except SQLAlchemyError:
            return "away"
