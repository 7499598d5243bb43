"""Saving what the company has set: each form's values checked, written, and audited with what held before.

Only what an admin changes is saved; of the rest the environment's values go on to hold.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot import outbox
from bot.company import Company, SettingName
from bot.errors import NotAnAdmin, WrongSetting
from bot.ids import SettingField, SettingsForm
from bot.services import blindness, digests, roles, setting_checks, setting_lists
from bot.services.audit import record
from bot.services.digests import Schedule
from bot.services.rights import Role, has_role
from bot.setting_forms import FilledSettings
from db.models import SavedSetting
from db.session import upsert
from db.settings_queries import DigestPlan, digest_plans, stages
from db.types import NewsKind

DIGESTS_MOST = 20
_CARDS_SHOWN_ANEW = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Saving:
    """A transaction in which an admin saves settings: who, when, and what held until then."""

    session: Session
    actor_id: str
    at: datetime
    company: Company

    def save(self, name: SettingName, before: Any, after: Any) -> bool:
        """Let a value hold from now on; return False when it holds already."""
        if before == after:
            return False
        self.put(name, after)
        self.record(name, before=before, after=after)
        return True

    def record(self, name: SettingName, **detail: Any) -> None:
        """Add a line to the audit log."""
        record(self.session, self.at, self.actor_id, "setting.saved", name, **detail)

    def put(self, name: SettingName, value: Any) -> None:
        """Write a value down, without a line in the audit log."""
        row = {"name": name, "value": value, "saved_by": self.actor_id, "saved_at": self.at}
        statement = upsert(self.session, SavedSetting, row)
        changed = {column: statement.excluded[column] for column in ("value", "saved_by", "saved_at")}
        self.session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changed))


def require_admin(session: Session, user_id: str) -> None:
    """Raise NotAnAdmin unless this person may configure at this moment."""
    if not has_role(session, Role.ADMIN, user_id):
        raise NotAnAdmin


def save_form(saving: Saving, form: FilledSettings) -> None:
    """Save what an admin filled into a form; raises WrongSetting for what cannot be, and then nothing is saved."""
    _SAVERS[form.address.form](saving, form)


def _save_ideas_channel(saving: Saving, form: FilledSettings) -> None:
    channel_id = setting_checks.channel(form)
    saving.save(SettingName.IDEAS_CHANNEL, saving.company.ideas_channel, channel_id)


def _save_votes(saving: Saving, form: FilledSettings) -> None:
    names, company = setting_checks.reactions(form), saving.company
    if saving.save(SettingName.VOTE_REACTIONS, list(company.vote_reactions), list(names)):
        outbox.refresh_cards_without_votes(saving.session, saving.at - _CARDS_SHOWN_ANEW, saving.at)
        if company.blind_votes:  # Their cards say how to vote, too, whether anybody has or not.
            blindness.show_young_cards(saving.session, saving.at)
    saving.save(SettingName.BLIND_VOTES, company.blind_votes, bool(form.all(SettingField.BLIND)))


def _save_workforce(saving: Saving, form: FilledSettings) -> None:
    number, field = setting_checks.workforce(form), setting_checks.team_field(form)
    saving.save(SettingName.WORKFORCE, saving.company.workforce, number)
    saving.save(SettingName.TEAM_FIELD, saving.company.team_field, field)


def _save_answers(saving: Saving, form: FilledSettings) -> None:
    company, zone = saving.company, setting_checks.time_zone(form)
    days, country = setting_checks.answer_days(form), setting_checks.country(form)
    saving.save(SettingName.ANSWER_DAYS, company.answer_days, days)
    saving.save(SettingName.TIMEZONE, company.timezone, zone)
    saving.save(SettingName.HOLIDAYS, company.holidays, country)
    if zone != company.timezone and SettingName.DIGEST_CHANNELS not in company.saved:
        # Digests that have no moment of their own follow the company's clocks.
        schedule = Schedule(company.digest_at.weekday, company.digest_at.hour_minute, zone)
        digests.set_channels(saving.session, company.digest_channels, schedule, saving.at)


def _save_news(saving: Saving, form: FilledSettings) -> None:
    quiet = saving.company.quiet_hours
    before = {
        "begin": f"{quiet.begin:%H:%M}",
        "end": f"{quiet.end:%H:%M}",
        "is_weekend_quiet": quiet.is_weekend_quiet,
    }
    after = {
        "begin": setting_checks.time_of_day(form, SettingField.QUIET_FROM),
        "end": setting_checks.time_of_day(form, SettingField.QUIET_UNTIL),
        "is_weekend_quiet": bool(form.all(SettingField.WEEKENDS)),
    }
    saving.save(SettingName.QUIET_HOURS, before, after)
    chosen = form.all(SettingField.KINDS)
    told = {kind.value: kind in chosen for kind in NewsKind}
    saving.save(SettingName.NEWS, {kind.value: is_on for kind, is_on in saving.company.news.items()}, told)


def _save_people(saving: Saving, form: FilledSettings) -> None:
    leaders = _sources(saving, form, SettingField.LEADERS, SettingField.LEADER_GROUPS)
    admins = _sources(saving, form, SettingField.ADMINS, SettingField.ADMIN_GROUPS)
    _require_admin_left(saving, admins)
    for name, before, after in (
        (SettingName.LEADERS, saving.company.leaders, leaders),
        (SettingName.ADMINS, saving.company.admins, admins),
    ):
        if set(before) != set(after):
            saving.save(name, list(before), list(after))
    roles.name_everyone(saving.session, {Role.LEADER: leaders, Role.ADMIN: admins}, {})
    for user_id in {*leaders, *admins} ^ {*saving.company.leaders, *saving.company.admins}:
        outbox.refresh_home(saving.session, user_id)


def _sources(saving: Saving, form: FilledSettings, chosen: SettingField, typed: SettingField) -> tuple[str, ...]:
    people = setting_checks.people(form, chosen)
    if not roles.are_colleagues(saving.session, people):
        words = "One of them is a guest or a bot, or has left. Choose colleagues only."
        raise WrongSetting(chosen, words)
    return (*people, *setting_checks.groups(form, typed))


def _require_admin_left(saving: Saving, admins: tuple[str, ...]) -> None:
    """Raise WrongSetting unless somebody who is surely there can change settings afterwards: this admin or others."""
    if not roles.surely_there(saving.session, admins, certain=saving.actor_id):
        words = (
            "Somebody must be able to change this again. Leave yourself or another active colleague among the admins."
        )
        raise WrongSetting(SettingField.ADMINS, words)


def _save_digest(saving: Saving, form: FilledSettings) -> None:
    session = saving.session
    plans = {plan.channel_id: plan for plan in digest_plans(session)}
    channel_id = form.address.subject or setting_checks.channel(form)
    _require_digest_place(form, channel_id, plans)
    if form.all(SettingField.REMOVE):
        digests.drop_channel(session, channel_id)
    else:
        digests.set_channel(session, channel_id, _schedule(form), saving.at)
        digests.choose_content(session, channel_id, _stages_told(saving, form), setting_checks.language(form))
    session.flush()
    after = {plan.channel_id: plan for plan in digest_plans(session)}
    if (before := plans.get(channel_id)) != after.get(channel_id):
        saving.put(SettingName.DIGEST_CHANNELS, list(after))
        described = {"before": _described(before), "after": _described(after.get(channel_id))}
        saving.record(SettingName.DIGEST_CHANNELS, channel=channel_id, **described)


def _schedule(form: FilledSettings) -> Schedule:
    return Schedule(
        setting_checks.weekday(form),
        setting_checks.time_of_day(form, SettingField.TIME),
        setting_checks.time_zone(form),
        setting_checks.rhythm(form),
    )


def _require_digest_place(form: FilledSettings, channel_id: str, plans: Mapping[str, DigestPlan]) -> None:
    is_removed = bool(form.all(SettingField.REMOVE))
    if is_removed and plans.keys() <= {channel_id}:
        raise WrongSetting(SettingField.REMOVE, "At least one channel must get a digest. Add another one first.")
    if not form.address.subject and channel_id in plans:
        raise WrongSetting(SettingField.CHANNEL, "This channel gets a digest already; change that one instead.")
    if channel_id not in plans and len(plans) >= DIGESTS_MOST:
        raise WrongSetting(SettingField.CHANNEL, f"{DIGESTS_MOST} channels get a digest already; remove one first.")


def _stages_told(saving: Saving, form: FilledSettings) -> list[str] | None:
    chosen = form.all(SettingField.DIGEST_STAGES)
    known = [stage.key for stage in stages(saving.session)]
    if not set(chosen) <= set(known):
        raise WrongSetting(SettingField.DIGEST_STAGES, "One of these stages is not there any more. Choose again.")
    return [key for key in known if key in chosen] or None


def _described(plan: DigestPlan | None) -> dict[str, Any] | None:
    if plan is None:
        return None
    return {
        "rhythm": plan.rhythm,
        "weekday": plan.weekday,
        "at": plan.hour_minute,
        "timezone": plan.timezone,
        "stages": None if plan.stages is None else list(plan.stages),
        "language": plan.language,
    }


def _save_stages(saving: Saving, form: FilledSettings) -> None:
    before, after = setting_lists.replace_stages(saving.session, setting_checks.names(form))
    _note_table(saving, SettingName.STAGES, before, after)


def _save_touchpoints(saving: Saving, form: FilledSettings) -> None:
    before, after = setting_lists.replace_touchpoints(saving.session, setting_checks.names(form))
    _note_table(saving, SettingName.TOUCHPOINTS, before, after)


def _save_owner(saving: Saving, form: FilledSettings) -> None:
    stage = form.address.subject
    before, after = setting_lists.assign_stage(saving.session, stage, form)
    _note_table(saving, SettingName.STAGE_OWNERS, before, after, stage=stage)
    roles.name_everyone(saving.session, {Role.LEADER: saving.company.leaders, Role.ADMIN: saving.company.admins}, {})


def _note_table(saving: Saving, name: SettingName, before: Any, after: Any, **detail: Any) -> None:
    """Note who saved what has a table of its own."""
    if before != after:
        saving.put(name, None)
        saving.record(name, before=before, after=after, **detail)


_SAVERS: Mapping[SettingsForm, Callable[[Saving, FilledSettings], None]] = {
    SettingsForm.IDEAS_CHANNEL: _save_ideas_channel,
    SettingsForm.DIGEST: _save_digest,
    SettingsForm.STAGES: _save_stages,
    SettingsForm.TOUCHPOINTS: _save_touchpoints,
    SettingsForm.OWNER: _save_owner,
    SettingsForm.PEOPLE: _save_people,
    SettingsForm.VOTES: _save_votes,
    SettingsForm.ANSWERS: _save_answers,
    SettingsForm.NEWS: _save_news,
    SettingsForm.WORKFORCE: _save_workforce,
}
