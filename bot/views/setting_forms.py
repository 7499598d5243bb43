"""The forms in which admins change settings, and the words with which they close."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from slackblocks import (
    Block,
    CheckboxGroup,
    ConversationFilter,
    ConversationSelectMenu,
    Element,
    InputBlock,
    ModalView,
    NumberInput,
    Option,
    PlainText,
    PlainTextInput,
    StaticMultiSelectMenu,
    StaticSelectMenu,
    TimePicker,
    UserMultiSelectMenu,
    UserSelectMenu,
)

from bot.ids import Callback, FormAddress, SettingField, SettingsForm
from bot.views.forms import option
from bot.views.message import checked_view
from bot.views.rich import channel, paragraph, plain
from bot.views.settings import NEWS_WORDS, SettingsPage
from bot.views.text import long_weekday
from bot.views.words import entry_name
from db.settings_queries import DigestPlan, ListEntry
from db.types import NewsKind, Rhythm

_TITLES = {
    SettingsForm.IDEAS_CHANNEL: "Ideas channel",
    SettingsForm.DIGEST: "A digest",
    SettingsForm.STAGES: "Stages",
    SettingsForm.TOUCHPOINTS: "Touchpoints",
    SettingsForm.OWNER: "Who owns a stage",
    SettingsForm.PEOPLE: "Leaders and admins",
    SettingsForm.VOTES: "Votes",
    SettingsForm.ANSWERS: "Answers",
    SettingsForm.NEWS: "News",
    SettingsForm.WORKFORCE: "Workforce",
}
_CHANNEL_CHECKED = (
    "Invite the bot there, if it is not in it yet: /invite in that channel. "
    "Should it be unable to write there, every admin gets a direct message about it."
)
_WHY_BLIND = (
    "People like what others liked before them: in a large experiment, one early vote that everybody saw lifted final "
    "scores by a quarter. Lists hide the count, too; the author, the leaders' desk and digests show it. Slack itself "
    "counts the reactions below a card; a vote by button, in any list, shows nowhere."
)
_WHY_TEAMS = (
    "Its id, like Xf0123456789. Then many votes of one team count less than as many from several, and digests say who "
    "takes part by team; never of fewer than five people. Needs the scope users.profile:read. Empty: no teams"
)
_AFTERWARDS = {
    SettingsForm.IDEAS_CHANNEL: (
        f"New ideas get their cards there. Cards that stand elsewhere stay, and votes on them count. {_CHANNEL_CHECKED}"
    ),
    SettingsForm.DIGEST: f"A new digest begins with the next moment it is due. {_CHANNEL_CHECKED}",
    SettingsForm.STAGES: "Forms offer them from now on. Ideas under a stage that is gone keep it.",
    SettingsForm.TOUCHPOINTS: "Forms offer them from now on. Ideas with a touchpoint that is gone keep it.",
    SettingsForm.OWNER: "New ideas of this stage are theirs to answer. Ideas filed before stay with whom they are.",
    SettingsForm.PEOPLE: "People named here have their rights at once; members of user groups within a minute.",
    SettingsForm.VOTES: "Votes on all cards are counted again in a moment, and young ideas hide or show their count.",
    SettingsForm.ANSWERS: "This holds for ideas filed from now on; answer dates that were promised stay.",
    SettingsForm.NEWS: "People who have chosen for themselves keep what they chose.",
    SettingsForm.WORKFORCE: "The next digest reckons with it. Profiles are read in the background, sixty in a minute.",
}


def setting_form(page: SettingsPage, address: FormAddress) -> dict[str, Any]:
    """Return a form with the values that hold now; it carries which form it is, and nothing else."""
    view = ModalView(
        title=_TITLES[address.form],
        submit="Save",
        close="Cancel",
        callback_id=Callback.SAVE_SETTING,
        private_metadata=address.encode(),
        blocks=_FIELDS[address.form](page, address.subject),
    )
    return checked_view(view)


def setting_saved(form: SettingsForm) -> dict[str, Any]:
    """Return the view with which a form of settings closes: what happens now."""
    words = plain(f"Saved. {_AFTERWARDS[form]}")
    return checked_view(ModalView(title=_TITLES[form], close="Done", blocks=[paragraph("saved", words)]))


def _input(field: SettingField, label: str, element: Element, hint: str = "", *, optional: bool = False) -> InputBlock:
    return InputBlock(label=label, element=element, block_id=field, hint=hint or None, optional=optional)


def _text(field: SettingField, value: str, *, lines: bool = False) -> PlainTextInput:
    return PlainTextInput(action_id=field, initial_value=value or None, multiline=lines)


def _ideas_channel(page: SettingsPage, _subject: str) -> list[Block]:
    return [_channel("Where does each idea get its card?", page.company.ideas_channel)]


def _channel(label: str, chosen: str | None) -> InputBlock:
    kinds = ConversationFilter(include=["public", "private"])
    menu = ConversationSelectMenu(action_id=SettingField.CHANNEL, initial_conversation=chosen, filter=kinds)
    return _input(SettingField.CHANNEL, label, menu)


def _digest(page: SettingsPage, channel_id: str) -> list[Block]:
    plans = {plan.channel_id: plan for plan in page.configuration.digests}
    at, zone = page.company.digest_at, page.company.timezone
    plan = plans.get(channel_id) or DigestPlan(channel_id, at.weekday, at.hour_minute, zone, None)
    where: list[Block] = [_channel("Which channel gets it?", None)]
    if channel_id:
        where = [paragraph("where", plain("The digest in "), channel(channel_id))]
    return [*where, *_moment(plan), *_told(page, plan), *([_removal()] if channel_id in plans else [])]


def _moment(plan: DigestPlan) -> list[Block]:
    rhythms = {Rhythm.WEEKLY: "Every week, of the week before", Rhythm.MONTHLY: "Every month, of the month before"}
    often = {rhythm: option(rhythm, words) for rhythm, words in rhythms.items()}
    rhythm = StaticSelectMenu(
        action_id=SettingField.RHYTHM, options=[*often.values()], initial_option=often[plan.rhythm]
    )
    days = [option(str(day), long_weekday(day)) for day in range(7)]
    weekday = StaticSelectMenu(action_id=SettingField.WEEKDAY, options=days, initial_option=days[plan.weekday])
    time = TimePicker(action_id=SettingField.TIME, initial_time=plan.hour_minute)
    return [
        _input(SettingField.RHYTHM, "How often?", rhythm, "Monthly: on the first such weekday of the month"),
        _input(SettingField.WEEKDAY, "On which day?", weekday),
        _input(SettingField.TIME, "At what time?", time),
        _input(SettingField.ZONE, "Time zone", _text(SettingField.ZONE, plan.timezone), "Like Europe/Berlin"),
    ]


def _told(page: SettingsPage, plan: DigestPlan) -> list[Block]:
    chosen = plan.stages or ()
    listed = [stage for stage in page.configuration.stages if stage.is_active or stage.key in chosen]
    options = {stage.key: option(stage.key, entry_name(stage.name)) for stage in listed}
    menu = StaticMultiSelectMenu(
        action_id=SettingField.DIGEST_STAGES,
        options=[*options.values()],
        initial_options=[options[key] for key in chosen if key in options] or None,
        placeholder="All stages",
    )
    hint = "Empty: all of them, and ideas under no stage"
    language = _text(SettingField.LANGUAGE, (plan.language or "").replace("_", "-"))
    in_which = "A code like de, fr or pt-BR; empty: English, as all other words"
    return [
        _input(SettingField.DIGEST_STAGES, "Of which stages does it tell?", menu, hint, optional=True),
        _input(SettingField.LANGUAGE, "In which language are dates?", language, in_which, optional=True),
    ]


def _removal() -> Block:
    boxes = _boxes(SettingField.REMOVE, [Option(PlainText("This channel gets no more digests"), "remove")], [])
    return _input(SettingField.REMOVE, "End it", boxes, optional=True)


def _boxes(field: SettingField, options: Sequence[Option], chosen: Sequence[Option]) -> CheckboxGroup:
    return CheckboxGroup(field, list(options), initial_options=list(chosen) or None)


def _names(label: str, entries: Sequence[ListEntry]) -> list[Block]:
    hint = (
        "One name on each line, in this order; 2 to 20 of them. A line that you change in its place is renamed: its "
        "ideas stay with it. A line that you take out is offered no more, and its ideas keep it."
    )
    value = "\n".join(entry.name for entry in entries)
    return [_input(SettingField.NAMES, label, _text(SettingField.NAMES, value, lines=True), hint)]


def _stages(page: SettingsPage, _subject: str) -> list[Block]:
    return _names("The stages of a customer's journey", page.configuration.active_stages)


def _touchpoints(page: SettingsPage, _subject: str) -> list[Block]:
    return _names("Where customers meet you", page.configuration.active_touchpoints)


def _owner(page: SettingsPage, key: str) -> list[Block]:
    entries = {stage.key: stage for stage in page.configuration.stages}
    stage = entries.get(key) or ListEntry(key, key, is_active=False)
    owner = stage.owner_id or ""
    person, group = ("", owner) if owner.startswith("S") else (owner, "")
    hint = "Instead of a person, like S0123456789; Slack shows the id in the group's menu under Copy group ID"
    return [
        paragraph("stage", plain(f"Who answers ideas of {entry_name(stage.name)}? Without an owner, all leaders do.")),
        _input(SettingField.OWNER, "Owner", _person(SettingField.OWNER, person), optional=True),
        _input(
            SettingField.OWNING_GROUP, "Or a user group", _text(SettingField.OWNING_GROUP, group), hint, optional=True
        ),
        _input(SettingField.DEPUTY, "Deputy", _person(SettingField.DEPUTY, stage.deputy_id), optional=True),
    ]


def _person(field: SettingField, chosen: str | None) -> UserSelectMenu:
    return UserSelectMenu(action_id=field, initial_user=chosen or None, placeholder="Nobody")


def _people(page: SettingsPage, _subject: str) -> list[Block]:
    company = page.company
    leaders = _named(SettingField.LEADERS, SettingField.LEADER_GROUPS, company.leaders)
    admins = _named(SettingField.ADMINS, SettingField.ADMIN_GROUPS, company.admins)
    groups = "Ids of user groups, by comma"
    return [
        _input(SettingField.LEADERS, "Leaders: they answer ideas", leaders[0], optional=True),
        _input(SettingField.LEADER_GROUPS, "And everyone in these groups", leaders[1], groups, optional=True),
        _input(SettingField.ADMINS, "Admins: they change these settings", admins[0], optional=True),
        _input(SettingField.ADMIN_GROUPS, "And everyone in these groups", admins[1], groups, optional=True),
    ]


def _named(chosen: SettingField, typed: SettingField, ids: Sequence[str]) -> tuple[Element, Element]:
    people = [each for each in ids if not each.startswith("S")]
    groups = ", ".join(each for each in ids if each.startswith("S"))
    return UserMultiSelectMenu(action_id=chosen, initial_users=people or None), _text(typed, groups)


def _votes(page: SettingsPage, _subject: str) -> list[Block]:
    names = ", ".join(page.company.vote_reactions)
    hint = "Names of emoji by comma, like +1, heart, fire; every skin tone of them counts"
    blind = [Option(PlainText("Hide the count on a card for its first 24 hours"), "blind")]
    boxes = _boxes(SettingField.BLIND, blind, blind if page.company.blind_votes else [])
    return [
        _input(SettingField.REACTIONS, "Which reactions are votes?", _text(SettingField.REACTIONS, names), hint),
        _input(SettingField.BLIND, "While an idea is young", boxes, _WHY_BLIND, optional=True),
    ]


def _answers(page: SettingsPage, _subject: str) -> list[Block]:
    company = page.company
    days = NumberInput(
        is_decimal_allowed=False,
        action_id=SettingField.DAYS,
        initial_value=str(company.answer_days),
        min_value="1",
        max_value="60",
    )
    country = _text(SettingField.COUNTRY, company.holidays or "")
    return [
        _input(SettingField.DAYS, "Working days until an answer is due", days, "1 to 60"),
        _input(SettingField.ZONE, "Time zone", _text(SettingField.ZONE, company.timezone), "Like Europe/Berlin"),
        _input(
            SettingField.COUNTRY,
            "Whose public holidays are no working days?",
            country,
            "A country like DE, or a part of one like DE-BY; empty: weekends alone",
            optional=True,
        ),
    ]


def _news(page: SettingsPage, _subject: str) -> list[Block]:
    quiet, news = page.company.quiet_hours, page.company.news
    weekend = [Option(PlainText("Saturdays and Sundays are quiet"), "weekends")]
    kinds = {kind: Option(PlainText(words[0].upper() + words[1:]), kind.value) for kind, words in NEWS_WORDS.items()}
    begin = TimePicker(action_id=SettingField.QUIET_FROM, initial_time=f"{quiet.begin:%H:%M}")
    end = TimePicker(action_id=SettingField.QUIET_UNTIL, initial_time=f"{quiet.end:%H:%M}")
    weekends = _boxes(SettingField.WEEKENDS, weekend, weekend if quiet.is_weekend_quiet else [])
    told = _boxes(SettingField.KINDS, [*kinds.values()], [kinds[kind] for kind in NewsKind if news[kind]])
    hint = "By each person's own clock. The same time twice: no quiet hours"
    return [
        _input(SettingField.QUIET_FROM, "Nobody is written to from", begin),
        _input(SettingField.QUIET_UNTIL, "Until", end, hint),
        _input(SettingField.WEEKENDS, "Weekends", weekends, optional=True),
        _input(SettingField.KINDS, "What people hear of, unless they choose for themselves", told, optional=True),
    ]


def _workforce(page: SettingsPage, _subject: str) -> list[Block]:
    number = page.company.workforce
    field = NumberInput(
        is_decimal_allowed=False,
        action_id=SettingField.WORKFORCE,
        initial_value=str(number) if number else None,
        min_value="1",
    )
    hint = "For the share of them who take part. Empty: counted in Slack"
    team = _text(SettingField.TEAM_FIELD, page.company.team_field or "")
    return [
        _input(SettingField.WORKFORCE, "How many employees are there?", field, hint, optional=True),
        _input(SettingField.TEAM_FIELD, "Which field of a profile names the team?", team, _WHY_TEAMS, optional=True),
    ]


_FIELDS: Mapping[SettingsForm, Callable[[SettingsPage, str], list[Block]]] = {
    SettingsForm.IDEAS_CHANNEL: _ideas_channel,
    SettingsForm.DIGEST: _digest,
    SettingsForm.STAGES: _stages,
    SettingsForm.TOUCHPOINTS: _touchpoints,
    SettingsForm.OWNER: _owner,
    SettingsForm.PEOPLE: _people,
    SettingsForm.VOTES: _votes,
    SettingsForm.ANSWERS: _answers,
    SettingsForm.NEWS: _news,
    SettingsForm.WORKFORCE: _workforce,
}
