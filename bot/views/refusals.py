"""What somebody may not do, or what broke; each says what to do instead."""

from bot.views.message import Message, checked
from bot.views.receipts import returned
from bot.views.rich import channel, paragraph, plain
from bot.views.text import clean

_DATABASE_AWAY = "The ideas are out of reach for a moment."
_NOT_FILED = "Your idea is not filed yet; please send it again in a minute."
_STILL_HERE = "Your text is still here; please send it again in a minute."
_NOTHING_CHANGED = "Nothing has changed; please try again in a minute."


def only_leaders_post(digest_channel_id: str | None) -> Message:
    """Return the answer to posting a digest without the right to."""
    return _with_last_digest("Only leaders and admins can post a digest.", digest_channel_id)


def only_leaders_preview(digest_channel_id: str | None) -> Message:
    """Return the answer to previewing a digest without the right to."""
    return _with_last_digest(
        "Only leaders and admins can preview the digest. To get it each week, choose The weekly digest in App Home, "
        "under What I am told. What colleagues want most, everyone sees with /cxidea top.",
        digest_channel_id,
    )


def refusal(words: str) -> Message:
    """Return why something cannot be done, in the words of an error."""
    return checked(words, [paragraph("refused", plain(words))])


def _with_last_digest(words: str, digest_channel_id: str | None) -> Message:
    if digest_channel_id is None:
        return checked(words, [paragraph("refused", plain(words))])
    place = " The last one is in "
    block = paragraph("refused", plain(f"{words}{place}"), channel(digest_channel_id), plain("."))
    return checked(f"{words}{place}<#{digest_channel_id}>.", [block])


def something_broke(reference: str, *, typed: str = "") -> Message:
    """Return the answer to a command or button that failed, with the text that was typed."""
    return _broken(f"Something broke on our side (reference {reference}).", typed)


def database_away(*, typed: str = "") -> Message:
    """Return the answer while the database is away, with the text that was typed."""
    return _broken(_DATABASE_AWAY, typed)


def _broken(words: str, typed: str) -> Message:
    has_text = bool(clean(typed).strip())
    words = f"{words} {_NOT_FILED if has_text else _NOTHING_CHANGED}"
    return checked(words, [paragraph("broke", plain(words)), *([returned(typed)] if has_text else [])])


def form_broke(reference: str) -> str:
    """Return the error under the first field of a form that failed; the form keeps what was typed."""
    return f"Something broke on our side (reference {reference}). {_STILL_HERE}"


def form_database_away() -> str:
    """Return the error under the first field of a form while the database is away."""
    return f"{_DATABASE_AWAY} {_STILL_HERE}"
