import pytest
from slackblocks import ActionsBlock, Button, Element, LengthError, ModalView, PlainText, SectionBlock

from bot.views.message import FALLBACK_LIMIT, checked, checked_view
from bot.views.rich import paragraph, plain
from bot.views.text import escape


def test_a_message_of_more_than_fifty_blocks_is_refused() -> None:
    """Slack shows fifty blocks at most, and the check knows."""
    blocks = [paragraph(f"b{number}", plain("x")) for number in range(51)]
    assert len(checked("x", blocks[:50]).blocks) == 50
    with pytest.raises(LengthError):
        checked("x", blocks)


def test_a_message_of_more_than_twelve_thousand_characters_is_refused() -> None:
    """The characters of all blocks count together, emoji twice."""
    block = paragraph("a", plain("🔥" * 3000))
    assert checked("x", [block, paragraph("b", plain("x" * 6000))])
    with pytest.raises(ValueError, match="12001 characters"):
        checked("x", [block, paragraph("b", plain("x" * 6001))])


def test_block_ids_are_unique() -> None:
    """Two blocks of one message with the same id are refused."""
    with pytest.raises(ValueError, match="block id twice"):
        checked("x", [paragraph("a", plain("x")), paragraph("a", plain("y"))])


def test_action_ids_are_unique_within_a_block() -> None:
    """Two buttons of one block with the same action are refused, of two blocks not."""
    buttons: list[Element] = [Button("one", action_id="a"), Button("two", action_id="a")]
    assert checked("x", [ActionsBlock(buttons[:1], block_id="1"), ActionsBlock(buttons[1:], block_id="2")])
    with pytest.raises(ValueError, match="action twice"):
        checked("x", [ActionsBlock(buttons, block_id="1")])


def test_a_message_needs_words_for_its_notification() -> None:
    """A message without fallback text, or with an empty text element, is refused."""
    with pytest.raises(ValueError, match="fallback"):
        checked(" ", [paragraph("a", plain("x"))])
    block = paragraph("a", plain("x"))
    block.elements[0].elements[0].text = ""  # type: ignore[index,union-attr]  # past the builder on purpose
    with pytest.raises(ValueError, match="empty"):
        checked("x", [block])


@pytest.mark.parametrize(
    "text", ["word " * 2000, escape("<" * 2000), escape("&" * 2000), "x" * 3990 + " <#C123456789>"]
)
def test_a_long_notification_is_cut_between_signs(text: str) -> None:
    """A notification is cut to 4,000 characters and keeps no half of an escaped sign or of a mention."""
    cut = checked(text, [paragraph("a", plain("x"))]).text
    assert len(cut) <= FALLBACK_LIMIT
    assert cut.endswith(("…", ";…"))
    assert "<" not in cut
    assert cut.count("&") == cut.count(";")


def test_forms_are_checked_too() -> None:
    """A form with the same block id twice is refused."""
    blocks = [SectionBlock(PlainText("x"), block_id="a"), SectionBlock(PlainText("y"), block_id="a")]
    assert checked_view(ModalView(title="x", blocks=[blocks[0]]))["type"] == "modal"
    with pytest.raises(ValueError, match="block id twice"):
        checked_view(ModalView(title="x", blocks=[*blocks]))
