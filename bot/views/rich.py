"""Small builders of rich text, the carrier for what people wrote: nothing is parsed in it.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from collections.abc import Sequence

from slackblocks import (
    ContextBlock,
    PlainText,
    RichText,
    RichTextBlock,
    RichTextChannel,
    RichTextElement,
    RichTextEmoji,
    RichTextLink,
    RichTextList,
    RichTextQuote,
    RichTextSection,
    RichTextUser,
    RichTextUserGroup,
)

from bot.views.text import ELLIPSIS, neutral, one_line, shorten

UNKNOWN_AUTHOR = "a colleague"
_GROUP = "S"


def _shown(text: str) -> str:
    # Slack refuses an empty text element, and text of control characters alone is empty.
    return neutral(text) or ELLIPSIS


def plain(text: str) -> RichText:
    """Return text as it was written."""
    return RichText(_shown(text))


def bold(text: str, *, struck: bool = False) -> RichText:
    """Return bold text, struck through on demand."""
    return RichText(_shown(text), bold=True, strike=struck or None)


def italic(text: str) -> RichText:
    """Return italic text."""
    return RichText(_shown(text), italic=True)


def code(text: str) -> RichText:
    """Return text that somebody is to type."""
    return RichText(_shown(text), code=True)


def person(user_id: str | None, *, is_italic: bool = False) -> RichTextElement:
    """Return a mention of a person or a user group, or "a colleague" for somebody who is not named."""
    if user_id is None:
        return RichText(UNKNOWN_AUTHOR, italic=is_italic or None)
    if user_id.startswith(_GROUP):
        return RichTextUserGroup(user_id, italic=is_italic or None)
    return RichTextUser(user_id, italic=is_italic or None)


def channel(channel_id: str) -> RichTextElement:
    """Return a mention of a channel."""
    return RichTextChannel(channel_id)


def emoji(name: str) -> RichTextElement:
    """Return an emoji by the name that Slack gives its reaction, like `heart` or `+1::skin-tone-3`."""
    base, _, tone = name.partition("::skin-tone-")
    return RichTextEmoji(base, skin_tone=int(tone) if tone.isdecimal() else None)


def emoji_row(names: Sequence[str]) -> list[RichTextElement]:
    """Return emoji side by side."""
    row: list[RichTextElement] = []
    for name in names:
        row += [RichText(" "), emoji(name)] if row else [emoji(name)]
    return row


def link(text: str, url: str | None) -> RichTextElement:
    """Return bold words of ours that lead to a card, or the words alone while there is no card."""
    return bold(text) if url is None else RichTextLink(url, text=text, bold=True)


def paragraph(block_id: str, *parts: RichTextElement) -> RichTextBlock:
    """Return a block with one run of text."""
    return RichTextBlock(RichTextSection(list(parts)), block_id=block_id)


def quote(block_id: str, text: str) -> RichTextBlock:
    """Return a block that gives somebody's text back."""
    return RichTextBlock(RichTextQuote([plain(text)]), block_id=block_id)


def listing(
    block_id: str, title: str, lines: Sequence[list[RichTextElement]], *, is_numbered: bool = False
) -> RichTextBlock:
    """Return a block with a list below its title."""
    items = RichTextList("ordered" if is_numbered else "bullet", [RichTextSection(line) for line in lines])
    return RichTextBlock([RichTextSection([bold(title)]), items], block_id=block_id)


def hint(block_id: str, text: str) -> ContextBlock:
    """Return a line of our own in small print."""
    return ContextBlock([PlainText(text)], block_id=block_id)


def quoted_words(words: str, limit: int) -> str:
    """Return somebody's words within a sentence of ours, in quotation marks."""
    return f"“{shorten(one_line(words), limit)}”"
