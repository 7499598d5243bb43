"""The weekly digest, its preview, and the answers to posting it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from slackblocks import ActionsBlock, Block, Button, Element, HeaderBlock, RichTextElement

from bot.ids import Action, FormAddress, SettingsForm
from bot.views.dates import Dates
from bot.views.digest_charts import ChartPage, by_stage, trend
from bot.views.digest_items import DigestPage, mover_blocks, quiet_blocks, shipped_blocks, waiting_blocks
from bot.views.digest_words import (
    answer_line,
    clearest_wish,
    count_lines,
    period_name,
    questions_line,
    skipped_sentence,
    unit_of,
    waiting_sentence,
    week_sentence,
)
from bot.views.message import Message, checked
from bot.views.news import choose_news
from bot.views.rich import bold, channel, italic, listing, paragraph, person, plain
from bot.views.text import count_text, escape, neutral
from bot.views.words import entry_name, title_of
from db.digests import DigestFacts
from db.queries import IdeaDetails
from db.types import Edition, Rhythm

_NOT_POSTED = "Nothing is posted yet."
_POSTED = "It is posted already, with the numbers of that moment."


@dataclass(frozen=True, slots=True)
class Preview:
    """What can be looked at instead, by name: the period before or after, and one of the other rhythm, if any.

    `is_admins`: its reader may change when and where digests are posted. `channels` are those that would get it.
    """

    other_week: str
    other_rhythm: str = ""
    is_admins: bool = False
    is_posted: bool = False
    channels: tuple[str, ...] = ()


NAMED_LIMIT = 10
_SILENT_LIMIT = 8


def digest(page: DigestPage) -> Message:
    """Return the week's digest as its channel sees it."""
    return checked(_spoken(page), _blocks(page))


def digest_letter(page: DigestPage) -> Message:
    """Return the digest as somebody gets it in a direct message, with the button that ends that."""
    return checked(_spoken(page), [*_blocks(page), choose_news()])


def digest_preview(page: DigestPage, preview: Preview) -> Message:
    """Return the digest as one person sees it before anything is posted, with the buttons that post it.

    Its ideas have none: what is done with them shows in the digest that is posted. Nor has it charts: it answers a
    command, and should Slack refuse it for them, nobody would ever know.
    """
    first = paragraph(
        "preview", bold(f"Only you see this. {_POSTED if preview.is_posted else _NOT_POSTED}"), *_where(preview)
    )
    blocks = [first, *_blocks(replace(page, deeds=None, with_charts=False)), _preview_actions(page, preview)]
    return checked(f"A preview that only you see. {_spoken(page)}", blocks)


def _preview_actions(page: DigestPage, preview: Preview) -> ActionsBlock:
    facts, unit = page.facts, unit_of(page.facts)
    other = f"Last {unit} instead" if facts.edition is Edition.SO_FAR else f"This {unit} so far"
    post = Button("Post it now", action_id=Action.POST_DIGEST, value=f"{facts.week}/{facts.edition}", style="primary")
    buttons: list[Element] = [
        *([] if preview.is_posted else [post]),
        Button(other, action_id=Action.PREVIEW_DIGEST, value=preview.other_week),
    ]
    if preview.other_rhythm:
        words = "The week instead" if unit == "month" else "The month instead"
        buttons.append(Button(words, action_id=Action.PREVIEW_OTHER_RHYTHM, value=preview.other_rhythm))
    if preview.is_admins:
        address = FormAddress(SettingsForm.DIGEST, facts.channel_id)
        buttons.append(Button("When and where", action_id=Action.CHANGE_SETTING, value=address.encode()))
    return ActionsBlock(buttons, block_id="post")


def _where(preview: Preview) -> list[RichTextElement]:
    """Say to which channels *Post it now* posts."""
    if preview.is_posted or not preview.channels:
        return []
    return [plain(" Post it now posts it in "), *_listed([channel(each) for each in preview.channels]), plain(".")]


def _week_name(page: DigestPage) -> str:
    so_far = " so far" if page.facts.edition is Edition.SO_FAR else ""
    return f"{period_name(page.facts.week, page.dates)}{so_far}"


def _spoken(page: DigestPage) -> str:
    facts, wish = page.facts, _wish(page)
    clearest = f" The clearest wish: {escape(neutral(title_of(wish)))}." if wish else ""
    return f"Customer ideas, {_week_name(page)}: {week_sentence(facts)}{clearest}{waiting_sentence(facts)}"


def _wish(page: DigestPage) -> IdeaDetails | None:
    return page.ideas.get(clearest_wish(page.facts) or 0)


def _blocks(page: DigestPage) -> list[Block]:
    facts, charts = page.facts, ChartPage(page.when, page.dates, page.with_charts)
    days = "" if facts.rhythm is Rhythm.MONTHLY else f", {page.dates.span(facts.first_day, facts.last_day)}"
    heading = f"Customer ideas · {_week_name(page)}{days}"
    return [
        HeaderBlock(heading, block_id="heading"),
        paragraph("week", *_opening(page)),
        *quiet_blocks(page),
        *mover_blocks(page),
        *waiting_blocks(page),
        *shipped_blocks(page),
        listing("numbers", "The numbers", [[plain(line)] for line in (*count_lines(facts), *answer_line(facts))]),
        *trend(facts.weeks, charts),
        *by_stage(facts.stage_counts, charts),
        *_people_and_silence(facts),
        *_questions(facts),
    ]


def _opening(page: DigestPage) -> list[RichTextElement]:
    facts, wish = page.facts, _wish(page)
    late = [italic("This digest is late, because the bot was away when it was due.\n")] if facts.is_late else []
    clearest = [plain(" The clearest wish: "), bold(title_of(wish)), plain(".")] if wish else []
    skipped = [italic(f"{skipped_sentence(facts.skipped_weeks, page.dates)}\n")] if facts.skipped_weeks else []
    return [*late, *skipped, *_scope(facts), plain(week_sentence(facts)), *clearest]


def _scope(facts: DigestFacts) -> list[RichTextElement]:
    """Say of which stages alone this digest tells."""
    if facts.stages is None:
        return []
    names = [entry_name(name) for name in facts.stages]
    return [italic(f"This digest covers only {', '.join(names) or 'no stage'}.\n")]


def _people_and_silence(facts: DigestFacts) -> list[Block]:
    people = _people(facts.first_time_authors)
    first = [bold("First idea ever"), plain(" from "), *people, plain(". ")] if people else []
    silent = [*_silent("about", facts.silent_stages, "stage"), *_silent("from", facts.breadth.silent, "team")]
    nothing = [bold("Nothing in 90 days"), plain(f" {', nor '.join(silent)}.")] if silent else []
    return [paragraph("people", *first, *nothing)] if first or nothing else []


def _silent(preposition: str, names: tuple[str, ...], noun: str) -> list[str]:
    shown = [entry_name(name) for name in names[:_SILENT_LIMIT]]
    if more := len(names) - len(shown):
        shown.append(count_text(more, f"other {noun}"))
    return [f"{preposition} {', '.join(shown)}"] if shown else []


def _questions(facts: DigestFacts) -> list[Block]:
    line = questions_line(facts.questions)
    return [paragraph("questions", italic(line))] if line else []


def _people(authors: tuple[str | None, ...]) -> list[RichTextElement]:
    named = [author for author in authors if author is not None]
    parts: list[RichTextElement] = [person(author) for author in named[:NAMED_LIMIT]]
    if unnamed := len(authors) - len(named[:NAMED_LIMIT]):
        are_more = len(named) > NAMED_LIMIT
        parts.append(plain(f"{unnamed} more" if are_more else _colleagues(unnamed)))
    return _listed(parts)


def _listed(parts: Sequence[RichTextElement]) -> list[RichTextElement]:
    """Return parts with commas between them, and an "and" before the last."""
    return [element for position, part in enumerate(parts) for element in (*_before(position, len(parts)), part)]


def _colleagues(count: int) -> str:
    return "a colleague" if count == 1 else count_text(count, "colleague")


def _before(position: int, count: int) -> list[RichTextElement]:
    if position == 0:
        return []
    return [plain(" and " if position == count - 1 else ", ")]


def digest_on_its_way(channel_ids: Sequence[str], week: str) -> Message:
    """Return the answer to *Post it now*."""
    return _answer("The digest of ", week, " is on its way to ", channel_ids)


def digest_posted_before(channel_ids: Sequence[str], week: str) -> Message:
    """Return the answer to *Post it now* when that digest is posted already."""
    return _answer("The digest of ", week, " is posted already; you find it in ", channel_ids)


def _answer(before: str, week: str, after: str, channel_ids: Sequence[str]) -> Message:
    name = period_name(week, Dates())
    words = plain(f"{before}{name}{after}"), *_listed([channel(each) for each in channel_ids]), plain(".")
    spoken = " and ".join(f"<#{each}>" for each in channel_ids)
    return checked(f"{before}{escape(name)}{after}{spoken}.", [paragraph("answer", *words)])
