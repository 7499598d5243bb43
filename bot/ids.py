"""Every name that Slack sends back to us: commands, callbacks, actions, blocks."""

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
