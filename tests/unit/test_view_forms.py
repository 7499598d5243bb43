from dataclasses import replace

from bot.catalog import KINDS, MEASURES, IdeaText
from bot.ids import Callback, Field
from bot.views import forms
from tests.unit.view_samples import IDEA, LISTS, ZONE, fields, words


def test_the_form_asks_in_order_and_requires_the_title_alone() -> None:
    """Title, text, stage, touchpoint, measure and kind come in this order, and one line is enough."""
    form = forms.idea_form(IdeaText(), LISTS)
    inputs = fields(form)
    assert form["callback_id"] == Callback.SUBMIT_IDEA
    order = [Field.TITLE, Field.DESCRIPTION, Field.STAGE, Field.TOUCHPOINT, Field.MEASURE, Field.KIND]
    assert list(inputs) == order
    assert [field for field, block in inputs.items() if not block.get("optional")] == [Field.TITLE]
    assert all(block["element"]["action_id"] == field for field, block in inputs.items())
    assert (inputs[Field.TITLE]["element"]["max_length"], inputs[Field.DESCRIPTION]["element"]["max_length"]) == (
        120,
        3000,
    )


def test_the_menus_offer_the_catalog() -> None:
    """Each menu offers exactly the entries of the company's lists, and the catalog's."""
    inputs = fields(forms.idea_form(IdeaText(), LISTS))
    lists = {Field.STAGE: LISTS.stages, Field.TOUCHPOINT: LISTS.touchpoints}
    catalog = lists | {Field.MEASURE: MEASURES, Field.KIND: KINDS}
    for field, choices in catalog.items():
        assert {each["value"]: each["text"]["text"] for each in inputs[field]["element"]["options"]} == choices


def test_the_form_of_changes_offers_the_idea_s_own_retired_stage() -> None:
    """A stage and a touchpoint that are off the list stay chosen in the form of an idea that has them."""
    inputs = fields(forms.edit_form(replace(IDEA, stage="old", stage_name="Old days", touchpoint="fax"), LISTS))
    stage, touchpoint = (inputs[field]["element"]["initial_option"] for field in (Field.STAGE, Field.TOUCHPOINT))
    assert (stage["value"], stage["text"]["text"], touchpoint["value"]) == ("old", "Old days", "fax")


def test_a_draft_fills_the_form() -> None:
    """What is known already stands in the fields, and a notice above them."""
    draft = IdeaText("Title", "Text", "use", "delivery", "nps", "unknown")
    form = forms.idea_form(draft, LISTS, notice=forms.PRIVATE_CONVERSATION_NOTICE)
    inputs = fields(form)
    assert forms.PRIVATE_CONVERSATION_NOTICE in words({"blocks": form["blocks"][:1]})
    assert inputs[Field.TITLE]["element"]["initial_value"] == "Title"
    assert inputs[Field.DESCRIPTION]["element"]["initial_value"] == "Text"
    assert inputs[Field.STAGE]["element"]["initial_option"]["value"] == "use"
    assert "initial_option" not in inputs[Field.KIND]["element"]


def test_the_form_of_changes_carries_the_number_alone() -> None:
    """The form in which an idea is changed knows its number and shows what it says now."""
    form = forms.edit_form(IDEA, LISTS)
    assert (form["callback_id"], form["private_metadata"]) == (Callback.EDIT_IDEA, "12")
    assert fields(form)[Field.TITLE]["element"]["initial_value"] == IDEA.title


def test_the_form_closes_with_number_date_and_place() -> None:
    """After filing, the view says the number, by when an answer comes, and where the card is."""
    view = forms.filed_view(IDEA, "C1", ZONE)
    assert view["title"]["text"] == "Filed as CX-12"
    assert "Thursday 3 December" in words(view)
    assert "#C1" in words(view)


def test_titles_of_views_fit_for_any_number() -> None:
    """The titles of the views fit into Slack's 24 characters, whatever the idea's number."""
    idea = replace(IDEA, id=10**15)
    for view in (forms.filed_view(idea, "C1", ZONE), forms.edited_view(idea)):
        assert len(view["title"]["text"]) <= 24
    assert "marked as edited" in words(forms.edited_view(IDEA))


def test_errors_of_fields_say_the_limit_and_what_to_do() -> None:
    """Each error under a field says what fits, what was sent, and where the rest can go."""
    assert forms.title_too_long(164) == (
        "A title fits in 120 characters; yours has 164. The rest can go into the text below."
    )
    assert "3,000 characters; yours has 3,412" in forms.description_too_long(3412)
    assert "title" in forms.title_missing()
