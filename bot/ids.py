"""Every name that Slack sends back to us: commands, callbacks, actions, blocks."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum

COMMAND = "/cxidea"


class Callback(StrEnum):
    """Callback ids of forms and shortcuts."""

    SUBMIT_IDEA = "idea.submit"
    EDIT_IDEA = "idea.edit"
    FROM_MESSAGE = "idea.from_message"
    SHARE = "idea.share"


class Action(StrEnum):
    """Action ids, `<feature>.<verb>`."""

    OPEN_FORM = "idea.open_form"
    ADD_DETAILS = "idea.add_details"
    CHOOSE_STAGE = "idea.choose_stage"
    UNDO = "idea.undo"
    SEE_CARD = "idea.see_card"
    CAST_VOTE = "vote.cast"
    TAKE_VOTE_BACK = "vote.take_back"
    TURN_PAGE = "list.turn_page"
    TURN_PAGE_BACK = "list.turn_page_back"
    POST_DIGEST = "digest.post"
    PREVIEW_DIGEST = "digest.preview"


class Field(StrEnum):
    """Block ids of the form's inputs; each input's action id is the same word."""

    TITLE = "title"
    DESCRIPTION = "description"
    STAGE = "stage"
    TOUCHPOINT = "touchpoint"
    MEASURE = "measure"
    KIND = "kind"


class Note(StrEnum):
    """What a refreshed list or receipt says about the press that refreshed it."""

    VOTE_COUNTED = "vote_counted"
    VOTE_TAKEN_BACK = "vote_taken_back"
    REACTION_STANDS = "reaction_stands"
    OWN_IDEA = "own_idea"
    NO_VOTE = "no_vote"
    IDEA_CLOSED = "idea_closed"
    STAGE_CHOSEN = "stage_chosen"


class ListKind(StrEnum):
    """The lists that `/cxidea` shows."""

    TOP = "top"
    MINE = "mine"
    SEARCH = "search"
    SHOW = "show"


_ARGUMENTS = {
    ListKind.TOP: re.compile("week|month|all"),
    ListKind.MINE: re.compile(""),
    ListKind.SEARCH: re.compile(".*", re.DOTALL),
    ListKind.SHOW: re.compile("[1-9][0-9]{0,8}"),
}

SEARCH_LIMIT = 100
"""Characters of a search that are used; longer ones would not fit into a block id."""


@dataclass(frozen=True, slots=True)
class ListRequest:
    """A list that somebody asked for: `argument` is week, month or all, the words searched, or an idea's number."""

    kind: ListKind
    argument: str = ""
    page: int = 1

    def encode(self) -> str:
        """Return it as a button's value or the beginning of a block id."""
        return f"{self.kind}/{self.page}/{self.argument}"

    @classmethod
    def decode(cls, text: str) -> "ListRequest":
        """Return what `encode` wrote; raises ValueError for anything else."""
        kind, page, argument = text.split("/", 2)
        if not page.isdecimal():
            raise ValueError("a page is a number")
        if not _ARGUMENTS[ListKind(kind)].fullmatch(argument):
            raise ValueError("not a list that can be asked for")
        return cls(ListKind(kind), argument[:SEARCH_LIMIT], max(1, min(int(page), 100_000)))

    def turned_to(self, page: int) -> "ListRequest":
        """Return the request for another page of the same list."""
        return replace(self, page=page)


LIST_BLOCK_SEPARATOR = "|"
"""Between the encoded list and the idea's number in a list item's block id: `top/1/month|12`."""
