"""What a person may have to be told; each error carries the text that they read."""


class BotError(Exception):
    """A request that cannot be granted, with the reason in words for the person who asked."""

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
