"""The weekly digest, its preview, and the answers to posting it."""

from datetime import date, timedelta, tzinfo

from slackblocks import ActionsBlock, Block, Button, HeaderBlock, RichTextElement

from bot.ids import Action
from bot.views.buttons import Permalink
from bot.views.digest_words import (
    clearest_wish,
    count_lines,
    quiet_line,
    skipped_sentence,
    stage_counts,
    week_number,
    week_sentence,
    why_here,
)
from bot.views.message import Message, checked
from bot.views.rich import bold, channel, italic, link, listing, paragraph, person, plain
from bot.views.text import count_text, day_span, escape, neutral, short_day
from bot.views.words import answer_day, entry_name, stage_name, title_of
from db.queries import DigestFacts, IdeaDetails, TopIdea
from db.types import Edition

TOP_LIMIT = 10
NAMED_LIMIT = 10


def digest(facts: DigestFacts, *, permalink: Permalink, zone: tzinfo) -> Message:
    """Return the week's digest; `zone` is the one of its channel, `permalink` leads to an idea's card."""
    return checked(_spoken(facts), _blocks(facts, permalink, zone))


def digest_preview(facts: DigestFacts, *, permalink: Permalink, zone: tzinfo) -> Message:
    """Return the digest as one person sees it before anything is posted, with the buttons that post it."""
    first = paragraph("preview", bold("Only you see this. Nothing is posted yet."))
    blocks = [first, *_blocks(facts, permalink, zone), _preview_actions(facts)]
    return checked(f"A preview that only you see. {_spoken(facts)}", blocks)


def _preview_actions(facts: DigestFacts) -> ActionsBlock:
    if facts.edition is Edition.SO_FAR:
        text, other = "Last week instead", _iso_week(facts.first_day - timedelta(days=7))
    else:
        text, other = "This week so far", _iso_week(facts.first_day + timedelta(days=7))
    post = f"{facts.week}/{facts.edition}"
    buttons = [
        Button("Post it now", action_id=Action.POST_DIGEST, value=post, style="primary"),
        Button(text, action_id=Action.PREVIEW_DIGEST, value=other),
    ]
    return ActionsBlock([*buttons], block_id="post")


def _iso_week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _week_name(facts: DigestFacts) -> str:
    so_far = " so far" if facts.edition is Edition.SO_FAR else ""
    return f"week {facts.first_day.isocalendar().week}{so_far}"


def _spoken(facts: DigestFacts) -> str:
    wish = clearest_wish(facts)
    clearest = f" The clearest wish: {escape(neutral(title_of(wish)))}" if wish else ""
    return f"Customer ideas, {_week_name(facts)}: {week_sentence(facts)}{clearest}"


def _blocks(facts: DigestFacts, permalink: Permalink, zone: tzinfo) -> list[Block]:
    heading = f"Customer ideas · {_week_name(facts)}, {day_span(facts.first_day, facts.last_day)}"
    return [
        HeaderBlock(heading, block_id="heading"),
        paragraph("week", *_opening(facts, permalink, zone)),
        *_broken_promises(facts, permalink, zone),
        *_top(facts, permalink),
        *_stages(facts),
        listing("numbers", "The numbers", [[plain(line)] for line in count_lines(facts)]),
        *_first_timers(facts),
    ]


def _opening(facts: DigestFacts, permalink: Permalink, zone: tzinfo) -> list[RichTextElement]:
    late = [italic("This digest is late, because the bot was away when it was due.\n")] if facts.is_late else []
    wish = clearest_wish(facts)
    clearest = [plain(" The clearest wish: "), bold(title_of(wish))] if wish else []
    skipped = [italic(f"{skipped_sentence(facts.skipped_weeks)}\n")] if facts.skipped_weeks else []
    return [
        *late,
        *skipped,
        *_scope(facts),
        plain(week_sentence(facts)),
        *clearest,
        *_longest_wait(facts, permalink, zone),
    ]


def _scope(facts: DigestFacts) -> list[RichTextElement]:
    """Say of which stages alone this digest tells."""
    if facts.stages is None:
        return []
    names = [entry_name(name) for name in facts.stages]
    return [italic(f"This digest tells of {', '.join(names) or 'no stage'} alone.\n")]


def _longest_wait(facts: DigestFacts, permalink: Permalink, zone: tzinfo) -> list[RichTextElement]:
    idea = facts.waiting_longest
    if facts.numbers.ideas or idea is None:
        return []
    filed = idea.created_at.astimezone(zone).date()
    name = [plain("\n"), link(idea.key, permalink(idea)), bold(" · "), bold(title_of(idea))]
    since = short_day(filed, year=facts.last_day.year)
    due = answer_day(idea, zone)
    promise = f"; its answer was due {short_day(due, year=facts.last_day.year)}" if due <= facts.last_day else ""
    return [*name, plain(f" has waited for an answer since {since}{quiet_line(idea.votes)}{promise}.")]


def _broken_promises(facts: DigestFacts, permalink: Permalink, zone: tzinfo) -> list[Block]:
    if not facts.overdue:
        return []
    lines = [_broken_promise(idea, facts, permalink, zone) for idea in facts.overdue]
    if unnamed := facts.overdue_in_all - len(lines):
        lines.append([plain(f"and {count_text(unnamed, 'more idea')}")])
    promises = count_text(facts.overdue_in_all, "promise") + " broken"
    return [listing("overdue", f"{promises}: the answer date has passed", lines)]


def _broken_promise(idea: IdeaDetails, facts: DigestFacts, permalink: Permalink, zone: tzinfo) -> list[RichTextElement]:
    due = short_day(answer_day(idea, zone), year=facts.last_day.year)
    stage = f", {stage_name(idea)}" if idea.stage else ""
    whose = [plain(", with "), person(idea.owner_id)] if idea.owner_id else [plain(", with all leaders")]
    name = [link(idea.key, permalink(idea)), bold(" · "), bold(title_of(idea))]
    return [*name, plain(f" – due {due}{stage}"), *whose]


def _top(facts: DigestFacts, permalink: Permalink) -> list[Block]:
    if not facts.top:
        return []
    lines = [_top_line(top, permalink) for top in facts.top[:TOP_LIMIT]]
    return [listing("top", "What moved people", lines, is_numbered=True)]


def _top_line(top: TopIdea, permalink: Permalink) -> list[RichTextElement]:
    idea = top.idea
    return [
        link(idea.key, permalink(idea)),
        bold(" · "),
        bold(title_of(idea)),
        plain(f" – {why_here(top)}"),
    ]


def _stages(facts: DigestFacts) -> list[Block]:
    counts = stage_counts(facts.ideas_by_stage)
    return [paragraph("stages", bold("New ideas by stage"), plain(f"\n{counts}"))] if counts else []


def _first_timers(facts: DigestFacts) -> list[Block]:
    people = _people(facts.first_time_authors)
    return [paragraph("first", bold("First idea ever"), plain(" from "), *people, plain("."))] if people else []


def _people(authors: tuple[str | None, ...]) -> list[RichTextElement]:
    named = [author for author in authors if author is not None]
    parts: list[RichTextElement] = [person(author) for author in named[:NAMED_LIMIT]]
    if unnamed := len(authors) - len(named[:NAMED_LIMIT]):
        are_more = len(named) > NAMED_LIMIT
        parts.append(plain(f"{unnamed} more" if are_more else _colleagues(unnamed)))
    return [element for position, part in enumerate(parts) for element in (*_before(position, len(parts)), part)]


def _colleagues(count: int) -> str:
    return "a colleague" if count == 1 else count_text(count, "colleague")


def _before(position: int, count: int) -> list[RichTextElement]:
    if position == 0:
        return []
    return [plain(" and " if position == count - 1 else ", ")]


def digest_on_its_way(channel_id: str, week: str) -> Message:
    """Return the answer to *Post it now*."""
    return _answer("The digest of week ", week, " is on its way to ", channel_id)


def digest_posted_before(channel_id: str, week: str) -> Message:
    """Return the answer to *Post it now* when that digest is posted already."""
    return _answer("The digest of week ", week, " is posted already; you find it in ", channel_id)


def _answer(before: str, week: str, after: str, channel_id: str) -> Message:
    number = week_number(week)
    block = paragraph("answer", plain(f"{before}{number}{after}"), channel(channel_id), plain("."))
    return checked(f"{before}{escape(number)}{after}<#{channel_id}>.", [block])
