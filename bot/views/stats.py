"""`/cxidea stats`: a handful of figures, each beside what it means."""

from bot.ids import COMMAND
from bot.views.digest_words import share_of, working_days
from bot.views.message import Message, checked
from bot.views.rich import bold, code, listing, paragraph, plain
from bot.views.text import count_text
from db.queries import Stats


def stats_message(stats: Stats) -> Message:
    """Return what came in during the last 30 days, what waits, and how long answers take."""
    title = "How we are doing"
    lines = [*_month(stats), _waiting(stats), *_answers(stats)]
    more = paragraph("more", plain("What colleagues want most: "), code(f"{COMMAND} top"))
    blocks = [listing("stats", title, [[plain(line)] for line in lines]), more]
    if not stats.answers:
        blocks.insert(1, paragraph("none", bold("No idea was answered in the last 90 days.")))
    return checked(f"{title}: {'; '.join(lines)}.", blocks)


def _month(stats: Stats) -> list[str]:
    month = stats.month
    people = count_text(month.participants, "person", "people")
    share = share_of(month, stats.workforce)
    took_part = f"{people} took part" + (f", {share} of us" if share and " of " not in share else "")
    return [f"Last 30 days: {count_text(month.ideas, 'idea')}, {count_text(month.votes, 'vote')}; {took_part}"]


def _waiting(stats: Stats) -> str:
    if not stats.waiting:
        return "Nobody waits for an answer"
    overdue = f"{stats.overdue:,} of them overdue" if stats.overdue else "none of them overdue"
    return f"Waiting for an answer: {count_text(stats.waiting, 'idea')}, {overdue}"


def _answers(stats: Stats) -> list[str]:
    lines = []
    if stats.median_days is not None and stats.slow_days is not None:
        lines = [
            f"Half of all ideas get a first answer within {working_days(stats.median_days)} (median of 90 days)",
            f"Nine of ten within {working_days(stats.slow_days)} (90th percentile)",
        ]
    if stats.share_in_time is not None:
        lines.append(f"Answered in time: {100 * stats.share_in_time:.0f} %")
    return lines
