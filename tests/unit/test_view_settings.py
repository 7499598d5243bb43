import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.company import Company, SettingName
from bot.ids import FormAddress, SettingsForm
from bot.services.setting_checks import ENTRIES
from bot.settings import WeeklyTime
from bot.views import setting_forms, settings
from bot.views.message import checked_home
from bot.views.settings import SettingsPage
from db.settings_queries import Configuration, DigestPlan, ListEntry, SavedValue
from tests.unit.view_samples import controls, elements, words

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
COMPANY = Company(
    ideas_channel="C0IDEAS001",
    digest_channels=("C0LEADS001",),
    digest_at=WeeklyTime(0, 9, 0),
    leaders=("U0LEADER01", "S0LEADERS1"),
    admins=("U0ADMIN001",),
    timezone="UTC",
    answer_days=5,
    holidays=None,
    vote_reactions=("+1",),
    workforce=None,
)
PAGE = SettingsPage(
    COMPANY,
    Configuration(
        saved={SettingName.VOTE_REACTIONS: SavedValue(["+1"], "U0ADMIN001", NOW)},
        stages=(ListEntry("use", "Use", True, "S0LEADERS1", "U0DEPUTY01"), ListEntry("old", "Old days", False)),
        touchpoints=(ListEntry("web", "Website", True), ListEntry("fax", "Fax", False)),
        digests=(DigestPlan("C0LEADS001", 4, "16:30", "Europe/Berlin", ("use", "old")),),
    ),
    frozenset({SettingName.LEADERS}),
)
ADDRESSES = [
    FormAddress(form, {SettingsForm.OWNER: "use", SettingsForm.DIGEST: "C0LEADS001"}.get(form, ""))
    for form in SettingsForm
]


def hostile(text: str) -> SettingsPage:
    """Return a company in which everything is as much as can be, and every name is this text."""
    stages = tuple(ListEntry(f"s{n}", f"{n}{text}"[:75], True, "U0OWNER001", "U0DEPUTY01") for n in range(ENTRIES[-1]))
    people = tuple(f"U0PERSON{n:03}" for n in range(300))
    digests = tuple(DigestPlan(f"C0LEADS{n:03}", 0, "09:00", "UTC", tuple(s.key for s in stages)) for n in range(30))
    company = replace(COMPANY, leaders=people, admins=people, vote_reactions=tuple(f"e{n}" * 30 for n in range(20)))
    return replace(PAGE, company=company, configuration=Configuration({}, stages, stages, digests))


def test_each_value_says_where_it_comes_from() -> None:
    """A saved value names who and when; the others say environment or default."""
    shown = words(settings.settings_message(PAGE))
    assert "_saved by <@U0ADMIN001> on Tue 24 Nov 2026_" in shown
    assert "Leaders: <@U0LEADER01>, <!subteam^S0LEADERS1> · _from the environment_" in shown
    assert "Admins: <@U0ADMIN001> · _default_" in shown


def test_each_group_has_its_button() -> None:
    """Every form can be reached from the overview, and a screen reader hears which button is which."""
    message = settings.settings_message(PAGE)
    buttons = elements(message, "button")
    values = {each["value"] for each in buttons} | {
        option["value"] for menu in elements(message, "static_select") for option in menu["options"]
    }
    assert values == {address.encode() for address in ADDRESSES} | {"digest/"}
    assert len({each["accessibility_label"] for each in buttons}) == len(buttons)


def test_retired_entries_are_offered_no_more() -> None:
    """Overview and forms list active entries; a digest that tells of a retired one still names it."""
    shown = words(settings.settings_message(PAGE))
    assert "*Stages*\nUse ·" in shown
    assert "Fax" not in shown
    assert "Friday 16:30 (Europe/Berlin), Use, Old days" in shown
    assert "Old days" not in str(setting_forms.setting_form(PAGE, FormAddress(SettingsForm.STAGES)))


@pytest.mark.parametrize("text", ["x" * 75, "<!channel> & <@U0> *_~" * 4, "\U0001f525" * 75, "&" * 75, "\u202eabc"])
def test_the_biggest_company_fits_into_the_overview(text: str) -> None:
    """The most of everything stays within Slack's limits, in the message and in a third of App Home."""
    page = hostile(text)
    message = settings.settings_message(page)
    assert len(message.blocks) <= 30
    assert all(len(block["text"]["text"]) <= 3000 for block in message.blocks if block["type"] == "section")
    assert " more" in words(message)
    assert sum(len(block["text"]["text"]) for block in message.blocks if block["type"] == "section") < 6000
    for address in ADDRESSES:
        setting_forms.setting_form(page, address)


def test_names_are_words_and_nothing_more() -> None:
    """What an admin names a stage can mention nobody and form no link."""
    shown = controls(settings.settings_message(hostile(" <!channel> <https://a.example|x> <@U0VICTIM01>")))
    assert shown
    assert all(re.fullmatch("<(@U0PERSON|@U0OWNER|@U0DEPUTY|#C0LEADS|#C0IDEAS)[0-9]+>", each) for each in shown)


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: str(address.form))
def test_each_form_carries_its_address_alone(address: FormAddress) -> None:
    """A form knows which one it is, fits Slack's limits, and closes with what happens now."""
    form = setting_forms.setting_form(PAGE, address)
    assert form["private_metadata"] == address.encode()
    inputs = [block for block in form["blocks"] if block["type"] == "input"]
    assert inputs
    assert all(block["element"]["action_id"] == block["block_id"] for block in inputs)
    assert len(form["title"]["text"]) <= 24
    assert words(setting_forms.setting_saved(address.form)).startswith("Saved. ")


def test_a_form_of_a_stage_owned_by_a_group_shows_the_group() -> None:
    """A group stands in the field of groups, a person in the one of people."""
    form = setting_forms.setting_form(PAGE, FormAddress(SettingsForm.OWNER, "use"))
    fields = {block["block_id"]: block["element"] for block in form["blocks"] if block["type"] == "input"}
    assert fields["owning_group"]["initial_value"] == "S0LEADERS1"
    assert "initial_user" not in fields["owner"]
    assert fields["deputy"]["initial_user"] == "U0DEPUTY01"


def test_app_home_has_room_for_all_groups() -> None:
    """In App Home the settings take ten blocks at most, whatever the company's size, with a button for each group."""
    blocks = settings.home_settings(hostile("x" * 75))
    assert len(blocks) == 10
    texts = [block["text"]["text"] for block in checked_home(blocks)["blocks"]]
    assert sum(map(len, texts)) < 5000
