"""The overview of what the company has set: each value, where it comes from, and the button that changes it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from slackblocks import Block, Button, Element, Markdown, SectionBlock, StaticSelectMenu

from bot.company import Company, SettingName
from bot.ids import COMMAND, Action, FormAddress, SettingsForm
from bot.views.forms import option
from bot.views.message import Message, checked
from bot.views.rich import bold, paragraph, plain
from bot.views.text import count_text, escape, long_weekday, neutral, short_day, width
from bot.views.words import entry_name
from db.settings_queries import Configuration, DigestPlan, ListEntry
from db.types import NewsKind, Rhythm

NEWS_WORDS = {
    NewsKind.OWN_IDEAS: "what becomes of one's own ideas",
    NewsKind.VOTED_IDEAS: "what becomes of ideas one voted for",
    NewsKind.REMINDERS: "ideas that wait for one's answer",
    NewsKind.NEXT_IDEA: "the invitation to a next idea",
}

DIGESTS_SHOWN = 10
_ROOM = 450
"""Characters of one list; a company may have more than a message holds, and App Home shows more than settings."""
_DIGEST_ROOM = 120


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """What holds now, what stands in tables of its own, and which settings the environment names."""

    company: Company
    configuration: Configuration
    given: Collection[SettingName]

    def origin(self, name: SettingName) -> str:
        """Return where a setting's value comes from, in small italics."""
        saved = self.configuration.saved.get(name)
        if saved:
            day = short_day(saved.at.astimezone(self.company.zone).date(), year=0)
            return f"_saved by <@{saved.by}> on {day}_"
        return "_from the environment_" if name in self.given else "_default_"


def settings_message(page: SettingsPage) -> Message:
    """Return the overview as an admin sees it who asked for it."""
    return checked("What is set for cxidea; each line can be changed here.", settings_blocks(page))


def settings_blocks(page: SettingsPage) -> list[Block]:
    """Return the overview, a block for each group of settings, and one for each digest."""
    intro = " A value that is saved here holds from then on, whatever the environment says."
    return [paragraph("settings", bold("Settings"), plain(intro)), *_groups(page, _digests(page))]


def home_settings(page: SettingsPage) -> list[Block]:
    """Return the overview for an admin's App Home, in ten blocks; single digests are changed by the command."""
    plans = page.configuration.digests
    each = f"{count_text(len(plans), 'channel gets', 'channels get')} a digest; {COMMAND} settings changes one"
    return _groups(page, [_all_digests(f"{each} · {page.origin(SettingName.DIGEST_CHANNELS)}")])


def _groups(page: SettingsPage, digests: list[Block]) -> list[Block]:
    return [
        _section(SettingsForm.IDEAS_CHANNEL, "Ideas channel", [_channel_line(page)]),
        *digests,
        _section(SettingsForm.STAGES, "Stages", [_list_line(page, SettingName.STAGES)]),
        _section(SettingsForm.TOUCHPOINTS, "Touchpoints", [_list_line(page, SettingName.TOUCHPOINTS)]),
        _owners(page),
        _section(SettingsForm.PEOPLE, "Leaders and admins", _people_lines(page)),
        _section(SettingsForm.VOTES, "Votes", _vote_lines(page)),
        _section(SettingsForm.ANSWERS, "Answers", _answer_lines(page)),
        _section(SettingsForm.NEWS, "News", _news_lines(page)),
        _section(SettingsForm.WORKFORCE, "Workforce", _workforce_lines(page)),
    ]


def _section(form: SettingsForm, title: str, lines: Sequence[str]) -> Block:
    return _block(form, title, lines, _button(FormAddress(form), "Change", title))


def _block(block_id: str, title: str, lines: Sequence[str], accessory: Element | None) -> Block:
    text = "\n".join([f"*{title}*", *lines])
    return SectionBlock(Markdown(text, verbatim=True), block_id=f"settings|{block_id}", accessory=accessory)


def _button(address: FormAddress, words: str, about: str) -> Button:
    # A screen reader would hear the same word once for each line.
    label = f"{words}: {about}"
    return Button(words, action_id=Action.CHANGE_SETTING, value=address.encode(), accessibility_label=label)


def _channel_line(page: SettingsPage) -> str:
    return f"<#{page.company.ideas_channel}> · {page.origin(SettingName.IDEAS_CHANNEL)}"


def _digests(page: SettingsPage) -> list[Block]:
    plans = page.configuration.digests
    origin = page.origin(SettingName.DIGEST_CHANNELS)
    counted = count_text(len(plans), "channel gets", "channels get")
    more = f"; the first {DIGESTS_SHOWN} are below" if len(plans) > DIGESTS_SHOWN else ""
    shown = [_digest(page, plan) for plan in plans[:DIGESTS_SHOWN]]
    return [_all_digests(f"{counted} a digest{more} · {origin}"), *shown]


def _all_digests(line: str) -> Block:
    return _block("digests", "Digests", [line], _button(FormAddress(SettingsForm.DIGEST), "Add", "a digest"))


def _digest(page: SettingsPage, plan: DigestPlan) -> Block:
    often = "each month’s first " if plan.rhythm is Rhythm.MONTHLY else ""
    moment = f"{often}{long_weekday(plan.weekday)} {plan.hour_minute} ({_safe(plan.timezone)})"
    names = {stage.key: stage.name for stage in page.configuration.stages}
    told = (_name(names.get(key, key)) for key in plan.stages or ())
    stages = "all stages" if plan.stages is None else _fitting(told, room=_DIGEST_ROOM)
    change = _button(FormAddress(SettingsForm.DIGEST, plan.channel_id), "Change", f"the digest in {plan.channel_id}")
    dates = f", dates in {_safe(plan.language.replace('_', '-'))}" if plan.language else ""
    text = Markdown(f"Digest in <#{plan.channel_id}>: {moment}, {stages}{dates}", verbatim=True)
    return SectionBlock(text, block_id=f"settings|digest|{plan.channel_id}", accessory=change)


def _list_line(page: SettingsPage, name: SettingName) -> str:
    is_stages = name is SettingName.STAGES
    active = page.configuration.active_stages if is_stages else page.configuration.active_touchpoints
    return f"{_fitting(_name(entry.name) for entry in active)} · {page.origin(name)}"


def _owners(page: SettingsPage) -> Block:
    active = page.configuration.active_stages
    lines = [_owner_line(stage) for stage in active if stage.owner_id or stage.deputy_id]
    menu = StaticSelectMenu(
        action_id=Action.CHANGE_SETTING,
        options=[option(FormAddress(SettingsForm.OWNER, each.key).encode(), entry_name(each.name)) for each in active],
        placeholder="Choose a stage",
    )
    nobody = "Nobody yet: all leaders answer."
    origin = page.origin(SettingName.STAGE_OWNERS)
    return _block(
        SettingsForm.OWNER, "Stage owners", [_fitting(lines, "\n") or nobody, origin], menu if active else None
    )


def _owner_line(stage: ListEntry) -> str:
    owner = _mention(stage.owner_id) if stage.owner_id else "all leaders"
    deputy = f", deputy {_mention(stage.deputy_id)}" if stage.deputy_id else ""
    return f"{_name(stage.name)}: {owner}{deputy}"


def _people_lines(page: SettingsPage) -> list[str]:
    company = page.company
    both = (("Leaders", company.leaders, SettingName.LEADERS), ("Admins", company.admins, SettingName.ADMINS))
    return [f"{title}: {_fitting(map(_mention, ids)) or 'nobody'} · {page.origin(name)}" for title, ids, name in both]


def _mention(source: str) -> str:
    return f"<!subteam^{source}>" if source.startswith("S") else f"<@{source}>"


def _vote_lines(page: SettingsPage) -> list[str]:
    names = (f":{_safe(name)}:" for name in page.company.vote_reactions)
    shown = "hidden for an idea's first 24 hours" if page.company.blind_votes else "shown from the first vote on"
    return [
        f"{_fitting(names, ' ')} · {page.origin(SettingName.VOTE_REACTIONS)}",
        f"Counts: {shown} · {page.origin(SettingName.BLIND_VOTES)}",
    ]


def _answer_lines(page: SettingsPage) -> list[str]:
    company = page.company
    return [
        f"Due within {count_text(company.answer_days, 'working day')} · {page.origin(SettingName.ANSWER_DAYS)}",
        f"Time zone: {_safe(company.timezone)} · {page.origin(SettingName.TIMEZONE)}",
        f"Holidays of: {_safe(company.holidays or 'no country')} · {page.origin(SettingName.HOLIDAYS)}",
    ]


def _news_lines(page: SettingsPage) -> list[str]:
    quiet = page.company.quiet_hours
    hours = f"{quiet.begin:%H:%M} to {quiet.end:%H:%M}" if quiet.begin != quiet.end else "none"
    weekends = ", and weekends" if quiet.is_weekend_quiet else ""
    told = [NEWS_WORDS[kind] for kind, is_on in page.company.news.items() if is_on]
    return [
        f"Quiet hours: {hours}{weekends} · {page.origin(SettingName.QUIET_HOURS)}",
        f"People hear of: {'; '.join(told) or 'nothing'} · {page.origin(SettingName.NEWS)}",
    ]


def _workforce_lines(page: SettingsPage) -> list[str]:
    number, field = page.company.workforce, page.company.team_field
    words = f"{number:,} employees" if number else "counted in Slack"
    teams = f"from the profile field {_safe(field)}" if field else "not asked for"
    return [
        f"{words} · {page.origin(SettingName.WORKFORCE)}",
        f"Teams: {teams} · {page.origin(SettingName.TEAM_FIELD)}",
    ]


def _fitting(pieces: Iterable[str], joint: str = ", ", room: int = _ROOM) -> str:
    """Return as many escaped pieces as there is room for, and how many more there are."""
    listed = list(pieces)
    shown: list[str] = []
    for piece in listed:
        if width(joint.join([*shown, piece])) > room:
            break
        shown.append(piece)
    left = len(listed) - len(shown)
    more = [f"and {left} more" if shown else f"{left} of them"] if left else []
    return joint.join([*shown, *more])


def _name(name: str) -> str:
    return _safe(entry_name(name))


def _safe(text: str) -> str:
    return escape(neutral(text))
