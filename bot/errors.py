"""What a person may have to be told; each error carries the text that they read."""

from bot.deeds import ANSWER_LIMIT, CONDITION_LIMIT, REASON_LEAST, Deed
from bot.ids import Field, SettingField


class BotError(Exception):
    """A request that cannot be granted, with the reason in words for the person who asked.

    `field` is where a form shows it; None, or a field that the form has not: under its first one.
    """

    field: Field | SettingField | None = None

    def __init__(self, user_text: str) -> None:
        super().__init__(user_text)
        self.user_text = user_text


class IdeaNotFound(BotError):
    """No idea has this number."""

    def __init__(self, key: str) -> None:
        super().__init__(f"There is no {key}. /cxidea search finds ideas by their words.")


class NotYourIdea(BotError):
    """Only its author may do this to an idea."""

    def __init__(self, key: str) -> None:
        super().__init__(f"Only its author can change {key}. You can add what you know in the thread of its card.")


class IdeaClosed(BotError):
    """The idea is past the point where its author may change it."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"{key} cannot be changed any more: it is withdrawn or taken up already. "
            "What you would add is welcome in the thread of its card, or as a new idea with /cxidea."
        )


class UndoTooLate(BotError):
    """Undo works for ten minutes, while nobody has taken the idea up."""

    def __init__(self, key: str) -> None:
        super().__init__(f"Undo works for ten minutes, and {key} is older or taken up already.")


class NotForYou(BotError):
    """This person may not do this to this idea."""

    def __init__(self, deed: Deed, key: str) -> None:
        whose = {
            Deed.WITHDRAW: f"Only its author can withdraw {key}.",
            Deed.FINISH: f"Only whoever makes {key} can say that it is done.",
            Deed.SPONSOR: f"Only leaders can take {key} over, and only from somebody else.",
        }
        answer = f"Only leaders and the owner of {key} can do that."
        super().__init__(f"{whose.get(deed, answer)} You can vote for it, or add what you know in its thread.")


class NotNow(BotError):
    """The idea's status does not allow this, or not any more."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} has moved on, so this cannot be done any more. /cxidea show {key} says where it is.")


class AnsweredMeanwhile(BotError):
    """Somebody else has answered the idea since this person looked at it."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} was answered while you wrote. /cxidea show {key} says how; nothing of yours is sent.")


class ReasonMissing(BotError):
    """An answer needs words, and handing on a reason."""

    field = Field.TEXT

    def __init__(self) -> None:
        super().__init__("Please say it in words: the author reads them.")


class ReasonTooShort(BotError):
    """A reason for declining says what was looked at and what decided."""

    field = Field.TEXT

    def __init__(self, length: int) -> None:
        super().__init__(
            f"A reason has {REASON_LEAST} characters at least; yours has {length}. "
            "Say what you looked at, what decided it, and what would change your mind."
        )


class ReasonPadded(BotError):
    """A reason for declining is long enough, and says nothing."""

    field = Field.TEXT

    def __init__(self) -> None:
        super().__init__("Please say it in a sentence: what you looked at, and what decided it.")


class AnswerTooLong(BotError):
    """An answer passes its limit."""

    field = Field.TEXT

    def __init__(self, length: int) -> None:
        super().__init__(f"An answer fits in {ANSWER_LIMIT:,} characters; yours has {length:,}.")


class TermMissing(BotError):
    """A parked idea comes back on a day, or upon something."""

    field = Field.UNTIL

    def __init__(self) -> None:
        super().__init__("Say when it comes back: choose a day, or write what has to happen first.")


class TermPast(BotError):
    """The day on which a parked idea comes back is none to come."""

    field = Field.UNTIL

    def __init__(self) -> None:
        super().__init__("Choose a day to come, within two years.")


class ConditionTooLong(BotError):
    """What a parked idea waits for passes its limit."""

    field = Field.CONDITION

    def __init__(self, length: int) -> None:
        super().__init__(f"What has to happen first fits in {CONDITION_LIMIT} characters; yours has {length:,}.")


class NoSuchTarget(BotError):
    """An idea cannot be merged into this one."""

    field = Field.INTO

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} cannot take it in: it is this idea itself, withdrawn, merged, or not there.")


class NoSuchOwner(BotError):
    """Somebody who is not of the company cannot own an idea."""

    field = Field.PERSON

    def __init__(self) -> None:
        super().__init__("Choose a colleague who is still with the company, or a stage.")


class OwnIdea(BotError):
    """An author does not answer their own idea."""

    field = Field.PERSON

    def __init__(self) -> None:
        super().__init__("That is its author. Choose a colleague who can answer it, or a stage.")


class StageUnknown(BotError):
    """The stage is not on the list, or not any more."""

    field = Field.STAGE

    def __init__(self) -> None:
        super().__init__("This stage is not on the list any more. Please choose another one.")


class TouchpointUnknown(BotError):
    """The touchpoint is not on the list, or not any more."""

    field = Field.TOUCHPOINT

    def __init__(self) -> None:
        super().__init__("This touchpoint is not on the list any more. Please choose another one, or none.")


class NotAnAdmin(BotError):
    """Only admins see and change settings."""

    def __init__(self) -> None:
        super().__init__("Only admins can see and change the settings. What you can do here: /cxidea help")


class WrongSetting(BotError):
    """A value that a setting cannot have, said under its field."""

    def __init__(self, field: SettingField, user_text: str) -> None:
        super().__init__(user_text)
        self.field = field


class FormNotOpened(BotError):
    """Slack did not open the form, mostly because three seconds had passed.

    `typed` is kept for another try; None where the same button or shortcut opens the form again.
    """

    def __init__(self, typed: str | None = None) -> None:
        super().__init__("Slack did not open the form in time. Please try again.")
        self.typed = typed


class MalformedPayload(BotError):
    """Slack, or somebody in its name, sent something that has not the shape it should have."""

    def __init__(self, what: str) -> None:
        super().__init__("This button or form is not one that I know. Please start again with /cxidea.")
        self.what = what
