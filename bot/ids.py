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
    SAVE_SETTING = "settings.save"
    WRITE_ANSWER = "answer.write"
    DECLINE = "answer.decline"
    PARK = "answer.park"
    MERGE = "answer.merge"
    REOPEN = "answer.reopen"
    FINISH = "answer.finish"
    ROUTE = "answer.route"
    NEWS_PREFERENCES = "news.preferences"


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
    SHOW_DETAILS = "list.details"
    POST_DIGEST = "digest.post"
    PREVIEW_DIGEST = "digest.preview"
    PREVIEW_OTHER_RHYTHM = "digest.preview_other_rhythm"
    ANSWER = "answer.write"
    DECLINE = "answer.decline"
    PARK = "answer.park"
    MERGE = "answer.merge"
    REVIEW = "answer.review"
    REOPEN = "answer.reopen"
    JUST_DO_IT = "answer.just_do_it"
    FINISH = "answer.finish"
    WITHDRAW = "answer.withdraw"
    SPONSOR = "answer.sponsor"
    ROUTE = "answer.route"
    MORE_DEEDS = "answer.more"
    CHANGE_SETTING = "settings.change"
    CHOOSE_HOME_STATUS = "home.choose_status"
    CHOOSE_HOME_STAGE = "home.choose_stage"
    CHOOSE_HOME_OWNER = "home.choose_owner"
    TURN_HOME_PAGE = "home.turn_page"
    TURN_HOME_PAGE_BACK = "home.turn_page_back"
    REPLY_IN_THREAD = "news.reply_in_thread"
    NEWS_PREFERENCES = "news.preferences"


class Field(StrEnum):
    """Block ids of the inputs of forms; each input's action id is the same word."""

    TITLE = "title"
    DESCRIPTION = "description"
    STAGE = "stage"
    TOUCHPOINT = "touchpoint"
    MEASURE = "measure"
    KIND = "kind"
    OUTCOME = "outcome"
    TEXT = "text"
    UNTIL = "until"
    CONDITION = "condition"
    PERSON = "person"
    INTO = "into"


NEWS_FIELD = "news"
"""Block and action id of the boxes in the form of what somebody is told."""


DIGEST_OPTION = "digest"
"""The value of the box, among those of news, with which somebody chooses to get the digest."""


class Note(StrEnum):
    """What a refreshed list or receipt says about the press that refreshed it."""

    VOTE_COUNTED = "vote_counted"
    VOTE_TAKEN_BACK = "vote_taken_back"
    REACTION_STANDS = "reaction_stands"
    OWN_IDEA = "own_idea"
    NO_VOTE = "no_vote"
    IDEA_CLOSED = "idea_closed"
    STAGE_CHOSEN = "stage_chosen"
    SPONSORED = "sponsored"
    REVIEWED = "reviewed"
    GOES_AHEAD = "goes_ahead"
    WITHDRAWN = "withdrawn"


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


class SettingsForm(StrEnum):
    """The forms in which admins change what the company has set."""

    IDEAS_CHANNEL = "ideas_channel"
    DIGEST = "digest"
    STAGES = "stages"
    TOUCHPOINTS = "touchpoints"
    OWNER = "owner"
    PEOPLE = "people"
    VOTES = "votes"
    ANSWERS = "answers"
    NEWS = "news"
    WORKFORCE = "workforce"


class SettingField(StrEnum):
    """Block ids of the inputs in forms of settings; each input's action id is the same word."""

    CHANNEL = "channel"
    WEEKDAY = "weekday"
    TIME = "time"
    ZONE = "zone"
    RHYTHM = "rhythm"
    LANGUAGE = "language"
    DIGEST_STAGES = "digest_stages"
    REMOVE = "remove"
    NAMES = "names"
    OWNER = "owner"
    OWNING_GROUP = "owning_group"
    DEPUTY = "deputy"
    LEADERS = "leaders"
    LEADER_GROUPS = "leader_groups"
    ADMINS = "admins"
    ADMIN_GROUPS = "admin_groups"
    REACTIONS = "reactions"
    BLIND = "blind_votes"
    DAYS = "days"
    COUNTRY = "country"
    QUIET_FROM = "quiet_from"
    QUIET_UNTIL = "quiet_until"
    WEEKENDS = "weekends"
    KINDS = "news_kinds"
    WORKFORCE = "workforce"
    TEAM_FIELD = "team_field"


_SUBJECTS = {
    SettingsForm.DIGEST: re.compile("(?:[CG][A-Z0-9]{2,31})?"),
    SettingsForm.OWNER: re.compile("[a-z0-9_]{1,64}"),
}


@dataclass(frozen=True, slots=True)
class FormAddress:
    """Which form of settings: `subject` is the channel of a digest (empty: a new one), or the stage that is owned."""

    form: SettingsForm
    subject: str = ""

    def encode(self) -> str:
        """Return it as a button's value or a form's metadata."""
        return f"{self.form}/{self.subject}"

    @classmethod
    def decode(cls, text: str) -> "FormAddress":
        """Return what `encode` wrote; raises ValueError for anything else."""
        name, _, subject = text.partition("/")
        form = SettingsForm(name)
        if not _SUBJECTS.get(form, _NO_SUBJECT).fullmatch(subject):
            raise ValueError("not a form of settings")
        return cls(form, subject)


_NO_SUBJECT = re.compile("")
