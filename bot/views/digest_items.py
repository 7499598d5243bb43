"""The ideas that a digest names: why each is here, what has become of it since, and what can be done with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from slackblocks import ActionsBlock, Block, RichTextElement

from bot.deeds import Deed
from bot.ids import LIST_BLOCK_SEPARATOR
from bot.views.buttons import Permalink
from bot.views.chart_words import When
from bot.views.dates import Dates
from bot.views.deeds import answer_elements
from bot.views.digest_words import quiet_line, unit_of, why_here
from bot.views.rich import bold, link, paragraph, person, plain
from bot.views.text import count_text, one_line, shorten
from bot.views.words import STATUS_WORDS, answer_day, awaits_answer, stage_name, title_of
from db.digests import DigestFacts, Mover
from db.queries import IdeaDetails
from db.types import CLOSED_STATUSES, OPEN_STATUSES, Edition

MOST_NAMED = 5
_ANSWER_LIMIT = 200
_MANY = 2
_GRACE = timedelta(days=1)
"""The owner was reminded before the date, and on it; two days after it, with one day gone between, it is broken."""


@dataclass(frozen=True, slots=True)
class DigestPage:
    """A digest's figures, with its ideas as they are now, by number, and what can be done with each.

    `zone` is that of its channel, `permalink` leads to an idea's card, `home_link` to App Home. `sent_at` is when it
    went out; None: it did not. `with_charts`: the workspace takes them.
    """

    facts: DigestFacts
    ideas: Mapping[int, IdeaDetails]
    zone: tzinfo
    permalink: Permalink
    home_link: str | None = None
    deeds: Mapping[int, frozenset[Deed]] | None = None
    sent_at: datetime | None = None
    with_charts: bool = True

    def known(self, idea_ids: Sequence[int]) -> list[IdeaDetails]:
        """Return those of these ideas that there are, a handful at most."""
        return [self.ideas[number] for number in idea_ids if number in self.ideas][:MOST_NAMED]

    def day(self, moment: datetime) -> str:
        """Return a date in the channel's zone, like `Thu 3 Dec`."""
        return self.date(moment.astimezone(self.zone).date())

    def date(self, day: date) -> str:
        """Return a date like `Thu 3 Dec`, in the channel's language."""
        return self.dates.day(day, year=self.facts.last_day.year)

    @property
    def dates(self) -> Dates:
        """Writes dates in the channel's language."""
        return Dates(self.facts.language)

    @property
    def when(self) -> When:
        """The week or month that it tells of."""
        return When(unit_of(self.facts), self.facts.edition is Edition.SO_FAR)

    def is_overdue(self, idea: IdeaDetails) -> bool:
        """Return whether the idea waits, and its answer date had passed by the digest's time."""
        return awaits_answer(idea) and answer_day(idea, self.zone) <= self.facts.over_through

    def broken(self, idea: IdeaDetails) -> str:
        """Return that a promise is broken, when the answer date was two days ago and more; else nothing."""
        is_broken = self.is_overdue(idea) and answer_day(idea, self.zone) <= self.facts.over_through - _GRACE
        return "promise broken: " if is_broken else ""

    def is_settled(self, idea: IdeaDetails) -> bool:
        """Return whether the idea was answered, merged or taken back since the digest went out."""
        if self.sent_at is None:
            return False
        was_answered = idea.newest_answer_at is not None and idea.newest_answer_at > self.sent_at
        return was_answered or idea.status in CLOSED_STATUSES


def mover_blocks(page: DigestPage) -> list[Block]:
    """Return what moved people, best first, each with its reason and its buttons."""
    movers = [mover for mover in page.facts.movers if mover.idea_id in page.ideas][:MOST_NAMED]
    if not movers:
        return []
    blocks: list[Block] = [paragraph("top", bold("What moved people"))]
    for place, mover in enumerate(movers, start=1):
        reason = _reason(page, mover, page.ideas[mover.idea_id])
        blocks += _item(page, "top", page.ideas[mover.idea_id], [plain(f"{place}. ")], reason)
    return blocks


def waiting_blocks(page: DigestPage) -> list[Block]:
    """Return what waits for an answer, overdue first, each with its buttons."""
    waiting, quiet = page.facts.waiting, page.facts.quiet_idea
    ideas = page.known([number for number in waiting.idea_ids if number != quiet])
    if not ideas or (quiet is not None and waiting.overdue < _MANY):
        return []
    overdue = f", {_overdue(waiting.overdue, waiting.total)}" if waiting.overdue else ""
    blocks: list[Block] = [paragraph("waiting", bold(f"Waiting for an answer: {waiting.total:,}{overdue}"))]
    for idea in ideas:
        blocks += _item(page, "waiting", idea, [], _wait(page, idea))
    return [*blocks, *_rest(page, waiting.total, len(ideas) + (quiet is not None))]


def quiet_blocks(page: DigestPage) -> list[Block]:
    """Return the one idea that deserves an answer in a week without new ones."""
    blocks: list[Block] = []
    for idea in page.known(() if page.facts.quiet_idea is None else (page.facts.quiet_idea,)):
        since = f" has waited for an answer since {page.day(idea.created_at)}{quiet_line(idea.votes)}"
        due = answer_day(idea, page.zone)
        late = f"its answer was due {page.date(due)}"
        promise = f"; {page.broken(idea)}{late}" if page.is_overdue(idea) else ""
        blocks += _item(page, "quiet", idea, [], [plain(f"{since}{promise}.")])
    return blocks


def shipped_blocks(page: DigestPage) -> list[Block]:
    """Return what shipped, with credit to those who had the idea and who made it."""
    shipped, ideas = page.facts.shipped, page.known(page.facts.shipped.idea_ids)
    if not ideas:
        return []
    more = shipped.total - len(ideas)
    words = [bold("Shipped" if shipped.total == 1 else f"Shipped: {shipped.total:,}")]
    lines = [element for idea in ideas for element in (plain("\n"), *_credit(page, idea))]
    return [paragraph("shipped", *words, *lines, *([plain(f"\nand {count_text(more, 'more idea')}")] if more else []))]


def _item(
    page: DigestPage, section: str, idea: IdeaDetails, before: list[RichTextElement], reason: list[RichTextElement]
) -> list[Block]:
    place = f"{LIST_BLOCK_SEPARATOR}{idea.id}"
    is_settled = page.is_settled(idea)
    name = [link(idea.key, page.permalink(idea)), bold(" · "), bold(title_of(idea), struck=is_settled)]
    after = _outcome(page, idea) if is_settled else reason
    words = paragraph(f"{section}{place}", *before, *name, *after)
    elements = [] if is_settled or page.deeds is None else answer_elements(idea, page.deeds.get(idea.id, ()))
    return [words, *([ActionsBlock(elements, block_id=f"{section}.press{place}")] if elements else [])]


def _reason(page: DigestPage, mover: Mover, idea: IdeaDetails) -> list[RichTextElement]:
    late = ""
    if page.is_overdue(idea):
        due = page.date(answer_day(idea, page.zone))
        late = f" · {page.broken(idea)}answer was due {due}"
    state = "" if awaits_answer(idea) else f" · {STATUS_WORDS[idea.status]}"
    return [plain(f" – {why_here(mover, page.when.unit)}{state}{late}"), *_owner(idea)]


def _wait(page: DigestPage, idea: IdeaDetails) -> list[RichTextElement]:
    due = page.date(answer_day(idea, page.zone))
    state = f"{page.broken(idea)}was due" if page.is_overdue(idea) else "due"
    stage = f", {stage_name(idea)}" if idea.stage else ""
    words = plain(f" – {state} {due}{stage}")
    return [words, *(_owner(idea) or [plain(", with all leaders")])]


def _owner(idea: IdeaDetails) -> list[RichTextElement]:
    is_theirs = idea.owner_id is not None and (awaits_answer(idea) or idea.status in OPEN_STATUSES)
    return [plain(", with "), person(idea.owner_id)] if is_theirs else []


def _outcome(page: DigestPage, idea: IdeaDetails) -> list[RichTextElement]:
    """Return who answered an idea, when, and with which status; of one taken back or merged, that alone."""
    words = STATUS_WORDS[idea.status]
    if idea.answered_by is None or idea.newest_answer_at is None or idea.status in CLOSED_STATUSES:
        return [plain(f" – {words}")]
    return [plain(f" – {words}, says "), person(idea.answered_by), plain(f", {page.day(idea.newest_answer_at)}")]


def _credit(page: DigestPage, idea: IdeaDetails) -> list[RichTextElement]:
    maker = idea.maker_id or idea.answered_by
    made = [plain(", made by "), person(maker)] if maker and maker != idea.author_id else []
    itself = [plain(", who made it, too")] if maker and maker == idea.author_id else []
    answer = shorten(one_line(idea.answer or ""), _ANSWER_LIMIT)
    name = [link(idea.key, page.permalink(idea)), bold(" · "), bold(title_of(idea)), plain(" – idea by ")]
    return [*name, person(idea.author_id), *made, *itself, plain(f". {answer}" if answer else ".")]


def _overdue(overdue: int, total: int) -> str:
    if overdue == total:
        return "overdue" if total == 1 else "all overdue"
    return "one of them overdue" if overdue == 1 else f"{overdue:,} of them overdue"


def _rest(page: DigestPage, total: int, named: int) -> list[Block]:
    """Return where those are that are not named here."""
    named += sum(awaits_answer(page.ideas[each]) for each in _moved_alone(page) if each in page.ideas)
    more = total - named
    if more <= 0:
        return []
    words = plain(f"and {count_text(more, 'more idea')}: all of them are in ")
    return [paragraph("rest", words, link("App Home", page.home_link), plain("."))]


def _moved_alone(page: DigestPage) -> list[int]:
    listed = set(page.facts.waiting.idea_ids)
    return [mover.idea_id for mover in page.facts.movers if mover.idea_id not in listed]
