"""What `cxidea doctor` says of the database, and of what was saved in it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.company import Company, CompanyBook, SettingName, company_of
from bot.digest_command import schedule_of
from bot.services.digests import Schedule
from bot.settings import Settings
from db.schema import HEAD, absent_file, is_enough, obstacle, revision_of
from db.session import Sessions, open_database
from db.settings_queries import Configuration, read_configuration


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: whether it is all right, and what was found or what to do."""

    name: str
    ok: bool
    text: str


def look_at_database(settings: Settings) -> tuple[Check, Company, Configuration | None]:
    """Return what is to be said of the database, and the settings that hold: the saved ones where it can be read."""
    check, found = _database(settings)
    return (check, *found) if found else (check, company_of(settings, {}), None)


def _database(settings: Settings) -> tuple[Check, tuple[Company, Configuration] | None]:
    address = settings.database_url.get_secret_value()
    url = make_url(address)
    if reason := obstacle(address):
        return Check("database", ok=False, text=f"{reason}; correct DATABASE_URL"), None
    if file := absent_file(address):
        return Check("database", ok=False, text=f"there is no file {file} yet; run: cxidea migrate"), None
    sessions = open_database(address)
    try:
        revision = revision_of(sessions)
        found = _what_is_set(settings, sessions) if is_enough(revision) else None
    except SQLAlchemyError as error:
        reason = (str(getattr(error, "orig", None) or error).splitlines() or [""])[0]
        text = f"cannot be opened ({reason}); check DATABASE_URL and the server"
        return Check("database", ok=False, text=text), None
    finally:
        sessions.dispose()
    return _migration(revision, url.get_backend_name()), found


def _what_is_set(settings: Settings, sessions: Sessions) -> tuple[Company, Configuration]:
    book = CompanyBook(settings, sessions)
    with sessions.reading() as session:
        return book.read(session), read_configuration(session)


def _migration(revision: str | None, backend: str) -> Check:
    if revision == HEAD:
        return Check("database", ok=True, text=f"{backend}, at its newest migration ({HEAD})")
    if is_enough(revision):
        text = f"{backend}, migrated by a newer release ({revision}); this one ({HEAD}) runs on it"
        return Check("database", ok=True, text=text)
    text = f"is at migration {revision or 'none'}, not {HEAD}; run: cxidea migrate"
    return Check("database", ok=False, text=text)


def names_groups(company: Company, configuration: Configuration | None) -> bool:
    """Return whether a user group leads, configures or owns a stage."""
    owners = [stage.owner_id or "" for stage in configuration.stages] if configuration else []
    return any(name.startswith("S") for name in (*company.leaders, *company.admins, *owners))


def saved_settings(company: Company, configuration: Configuration | None) -> list[Check]:
    """Return which settings were saved in Slack, by whom and when: of these the environment's values do not hold."""
    if configuration is None or not company.saved:
        return []
    saved = [(name, configuration.saved[name]) for name in SettingName if name in company.saved]
    words = "; ".join(f"{name} by {each.by} on {each.at:%Y-%m-%d}" for name, each in saved)
    return [Check("saved settings", ok=True, text=f"{words} (these hold, not the environment's)")]


def next_digests(company: Company, configuration: Configuration | None, now: datetime) -> list[Check]:
    """Return the next three moments of digests; one line for each channel that has a moment of its own."""
    if configuration is None or SettingName.DIGEST_CHANNELS not in company.saved:
        return [_next("next digests", schedule_of(company), now)]
    return [
        _next(f"next digests in {plan.channel_id}", Schedule(plan.weekday, plan.hour_minute, plan.timezone), now)
        for plan in configuration.digests
    ]


def _next(name: str, schedule: Schedule, now: datetime) -> Check:
    moments = [schedule.next_after(now)]
    while len(moments) < 3:  # noqa: PLR2004 -- three show the rhythm, and the change of the clocks
        moments.append(schedule.next_after(moments[-1]))
    text = ", ".join(f"{moment:%a %Y-%m-%d %H:%M}" for moment in moments)
    return Check(name, ok=True, text=f"{text} ({schedule.timezone})")
