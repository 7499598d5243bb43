"""Help, and the answers to commands that ask for what is not there."""

from collections.abc import Sequence

from slackblocks import Block, RichTextElement

from bot.ids import COMMAND
from bot.views.message import Message, checked
from bot.views.rich import bold, channel, code, emoji_row, listing, paragraph, plain, quoted_words
from bot.views.text import escape, neutral

_KEY_LIMIT = 40
_SEARCH = f"{COMMAND} search parcel"
_COMMANDS = (
    ("", "opens the form"),
    (" your idea in a line", "files it at once, with ten minutes to undo it"),
    (" top month", "shows what colleagues want most; week and all work too"),
    (" mine", "lists your own ideas"),
    (" search parcel", "finds ideas by their words"),
    (" show CX-12", "shows one idea in full"),
    (" stats", "shows how many ideas come, and how soon they are answered"),
    (" digest", "previews the week's digest, for leaders and admins"),
    (" settings", "shows what is set and changes it, for admins"),
)


def help_message(ideas_channel_id: str, vote_reactions: Sequence[str]) -> Message:
    """Return what each command does, how to vote, and where the ideas are."""
    intro = [
        plain("You know what your customers run into. Say it in a line, and it gets a card in "),
        channel(ideas_channel_id),
        plain(", colleagues' votes and a date by which it is answered."),
    ]
    lines: list[list[RichTextElement]] = [[code(f"{COMMAND}{words}"), plain(f" {does}")] for words, does in _COMMANDS]
    blocks: list[Block] = [
        paragraph("intro", bold("Customer ideas"), plain("\n"), *intro),
        listing("commands", "What you can type", lines),
        paragraph("votes", bold("To vote"), plain("\n"), *_how_to_vote(vote_reactions)),
        paragraph("thread", plain("In a thread, where commands do not work, use “Turn into a CX idea” on a message.")),
    ]
    spoken = f"Type {COMMAND} and your idea in a line. It gets a card in <#{ideas_channel_id}>, where colleagues vote."
    return checked(spoken, blocks)


def _how_to_vote(vote_reactions: Sequence[str]) -> list[RichTextElement]:
    return [
        plain("React on a card with "),
        *emoji_row(vote_reactions),
        plain(" or press Vote in a list. Each person has one vote for an idea, and none for their own."),
    ]


def unknown_idea(key: str) -> Message:
    """Return the answer to the key of an idea that is not there; `key` is as it was typed."""
    shown = quoted_words(key, _KEY_LIMIT)
    words = "Search by a word of it instead, for example:"
    block = paragraph("unknown", plain("There is no idea "), bold(shown), plain(f". {words} "), code(_SEARCH))
    return checked(f"There is no idea {escape(neutral(shown))}. {words} {_SEARCH}", [block])


def withdrawn_idea(key: str) -> Message:
    """Return the answer to the key of an idea that its author has taken back, card and all."""
    words = f"{key} was withdrawn by its author. Others may be close to it, for example:"
    return checked(f"{words} {_SEARCH}", [paragraph("withdrawn", plain(f"{words} "), code(_SEARCH))])


def search_for_what() -> Message:
    """Return the answer to `search` without words."""
    words = "What should I look for? For example: "
    return checked(f"{words}{_SEARCH}", [paragraph("what", plain(words), code(_SEARCH))])


def show_which() -> Message:
    """Return the answer to `show` without an idea's number."""
    words, example = "Which idea? For example: ", f"{COMMAND} show CX-12"
    return checked(f"{words}{example}", [paragraph("which", plain(words), code(example))])
