"""The figures of a week in plain English, honest at small numbers: no change is given in percent."""

from collections.abc import Sequence
from datetime import date

from bot.views.dates import Dates
from bot.views.text import count_text, votes_text
from bot.views.words import entry_name
from db.digests import Breadth, DigestFacts, Mover, Questions
from db.queries import WeekNumbers
from db.types import Edition, Rhythm

_TEAMS_NAMED = 5
_SMALL_COMPANY = 20
"""Below this many people a percentage says more than is known."""


def unit_of(facts: DigestFacts) -> str:
    """Return what a digest tells of: a week or a month."""
    return "month" if facts.rhythm is Rhythm.MONTHLY else "week"


def week_sentence(facts: DigestFacts) -> str:
    """Return the week in one sentence, the people who took part compared with the week before."""
    numbers = facts.numbers
    if not numbers.ideas:
        return _quiet_sentence(facts)
    votes = "no votes" if numbers.votes == 0 else count_text(numbers.votes, "vote")
    return f"{count_text(numbers.ideas, 'idea')} and {votes}{_from_people(numbers)}{_in_brackets(facts)}."


def _quiet_sentence(facts: DigestFacts) -> str:
    quiet = f"A quiet {unit_of(facts)}{' so far' if facts.edition is Edition.SO_FAR else ''}"
    if facts.numbers.votes == 0:
        return f"{quiet}: no new ideas and no votes."
    votes = count_text(facts.numbers.votes, "vote")
    return f"{quiet}: no new ideas, {votes}{_from_people(facts.numbers)}."


def _from_people(numbers: WeekNumbers) -> str:
    if numbers.participants == 0:
        return ""
    return " from one of us" if numbers.participants == 1 else f" from {numbers.participants:,} of us"


def _in_brackets(facts: DigestFacts) -> str:
    now, before = share_of(facts.numbers, facts.workforce), share_of(facts.previous, facts.workforce)
    if not facts.previous.participants:
        return f" ({now})" if now else ""
    if now is None or before is None:
        return f" ({facts.previous.participants:,} {_before(facts)})"
    if facts.edition is Edition.SO_FAR:
        return f" ({now} so far; {before} {_before(facts)})"
    return f" ({now}, {_compared(facts)} {before})" if now != before else f" ({now}, as {_before(facts)})"


def _before(facts: DigestFacts) -> str:
    whole = "whole " if facts.edition is Edition.SO_FAR else ""
    return f"in the {whole}{unit_of(facts)} before"


def _compared(facts: DigestFacts) -> str:
    return "up from" if facts.numbers.participants > facts.previous.participants else "down from"


def share_of(numbers: WeekNumbers, workforce: int | None) -> str | None:
    """Return who took part as a share, like `14 %` or in a small company `5 of 12`; None while it is not known."""
    # More people than the workforce has means that the workforce was counted wrongly.
    if not workforce or numbers.participants > workforce:
        return None
    if workforce < _SMALL_COMPANY:
        return f"{numbers.participants} of {workforce}"
    percent = 100 * numbers.participants / workforce
    return f"{percent:.0f} %" if percent >= 1 or percent == 0 else "under 1 %"


def skipped_sentence(weeks: Sequence[str], dates: Dates) -> str:
    """Return what became of the digests of the weeks before, named like `2026-W46`, that were not sent."""
    if len(weeks) == 1:
        return f"The digest of {period_name(weeks[0], dates)} was not sent, because cxidea was not running."
    joint = "and" if len(weeks) == 2 else "to"  # noqa: PLR2004  # a pair
    first, last = (period_name(week, dates).removeprefix("week ") for week in (weeks[0], weeks[-1]))
    noun = "weeks " if Rhythm.of(weeks[0]) is Rhythm.WEEKLY else ""
    return f"The digests of {noun}{first} {joint} {last} were not sent, because cxidea was not running."


def period_name(name: str, dates: Dates) -> str:
    """Return how people call a period, like `week 7` for `2026-W07` or `November 2026` for `2026-M11`."""
    year, _, number = name.partition("-")
    is_month = Rhythm.of(name) is Rhythm.MONTHLY
    return dates.month(date(int(year), int(number[1:]), 1)) if is_month else f"week {int(number[1:])}"


def clearest_wish(facts: DigestFacts) -> int | None:
    """Return the number of the idea that leads both by rank and by the week's votes; None where none does so clearly.

    A single vote is no clear wish, nor is a tie.
    """
    votes = [mover.votes_in_period for mover in facts.movers] + [0, 0]
    return facts.movers[0].idea_id if votes[0] > max(1, *votes[1:]) else None


def why_here(mover: Mover, unit: str = "week") -> str:
    """Return why an idea is named, like `14 votes this week from 5 teams, 20 in all, 3 days old`."""
    age = count_text(mover.age_days, "day") + " old" if mover.age_days else "less than a day old"
    first = f"first idea from {entry_name(mover.first_of_team)} in 90 days, " if mover.first_of_team else ""
    is_all = mover.votes_in_period >= mover.votes
    head = f"{votes_text(mover.votes_in_period)}{', all' if is_all and mover.votes_in_period > 1 else ''} this {unit}"
    teams = _from_teams(mover)
    return (
        f"{first}{head}{',' if teams and is_all else ''}{teams}{'' if is_all else f', {mover.votes:,} in all'}, {age}"
    )


def _from_teams(mover: Mover) -> str:
    if mover.teams is None or mover.votes_in_period == 1:
        return ""
    return " from one team" if mover.teams == 1 else f" from {mover.teams:,} teams"


def waiting_sentence(facts: DigestFacts) -> str:
    """Return how many ideas wait for an answer, as a sentence after others; empty when none does."""
    waiting = facts.waiting
    if not waiting.total:
        return ""
    verb = "waits" if waiting.total == 1 else "wait"
    overdue = f", {waiting.overdue:,} overdue" if waiting.overdue else ""
    return f" {count_text(waiting.total, 'idea')} {verb} for an answer{overdue}."


def answer_line(facts: DigestFacts) -> list[str]:
    """Return how long people waited for the week's first answers, beside the week before; nothing without any."""
    now, before = facts.answers, facts.answers_before
    in_time = "" if now.share_in_time is None else f"In time: {100 * now.share_in_time:.0f} %"
    if now.median_days is None:
        return [f"No first answer was given. {in_time}"] if in_time else []
    earlier = "" if before.median_days is None else f"; {_before(facts)} {round(before.median_days, 1):g}"
    return [f"First answer after {working_days(now.median_days)} (median{earlier}). {in_time}".rstrip()]


def working_days(days: float) -> str:
    """Return a time like `3.2 working days`."""
    rounded = round(days, 1)
    return "1 working day" if rounded == 1 else f"{rounded:g} working days"


def questions_line(questions: Questions | None) -> str:
    """Return what became of the last digest's questions; empty when it asked none."""
    if questions is None:
        return ""
    asked = f"The last digest asked for {count_text(questions.asked, 'answer')}"
    if questions.answered == questions.asked:
        return f"{asked}: {'it was' if questions.asked == 1 else 'all were'} given. Thank you."
    open_ones = questions.asked - questions.answered
    given = f"{questions.answered or 'none'} {'were' if questions.answered > 1 else 'was'} given"
    where = ", ".join(_open_words(each.stage, each.ideas) for each in questions.silent)
    return f"{asked}: {given}, {open_ones} {'is' if open_ones == 1 else 'are'} still open ({where})."


def _open_words(stage: str | None, count: int) -> str:
    return f"{count} under {entry_name(stage)}" if stage else f"{count} without a stage"


def quiet_line(votes: int) -> str:
    """Return how many people stand behind an idea that waits, as the end of a clause; empty when nobody does."""
    if votes == 0:
        return ""
    return ", and one person stands behind it" if votes == 1 else f", and {votes:,} people stand behind it"


def count_lines(facts: DigestFacts) -> list[str]:
    """Return the week's numbers, each beside the one of the week before."""
    now, before = facts.numbers, facts.previous
    week_before = _before(facts)
    if not before.participants:
        return _lonely_lines(facts)
    lines = [
        f"{count_text(now.ideas, 'new idea')}; {before.ideas:,} {week_before}",
        f"{count_text(now.votes, 'vote')}; {before.votes:,} {week_before}",
        f"{_took_part(now)}; {before.participants:,} {week_before}",
    ]
    return [*lines, *_share_line(facts), *_team_line(facts.breadth)]


def _lonely_lines(facts: DigestFacts) -> list[str]:
    """Return the numbers of a week before which nothing happened: a comparison with nothing says nothing."""
    now = facts.numbers
    counts = [f"{count_text(now.ideas, 'new idea')}, {count_text(now.votes, 'vote')}, {_took_part(now)}"]
    return [*counts, *_share_line(facts), *_team_line(facts.breadth)]


def _took_part(numbers: WeekNumbers) -> str:
    people = f"{count_text(numbers.participants, 'person', 'people')} took part"
    if not numbers.authors or not numbers.voters:
        return people
    return f"{people} ({numbers.authors:,} with ideas, {numbers.voters:,} with votes)"


def _team_line(breadth: Breadth) -> list[str]:
    """Return of which teams the most took part, by their share; of fewer than five people, no team is named."""
    shown = breadth.teams[:_TEAMS_NAMED]
    more, few = len(breadth.teams) - len(shown), breadth.other_teams
    named = [f"{entry_name(team.name)} ({team.took_part:,} of {team.size:,})" for team in shown]
    rest = [count_text(more, "other team")] if more else []
    small = f"fewer than five people each from {count_text(few, 'more team' if shown else 'team')}" if few else ""
    words = "; ".join(filter(None, (", ".join([*named, *rest]), small)))
    return [f"By team: {words}"] if words else []


def _share_line(facts: DigestFacts) -> list[str]:
    share = share_of(facts.numbers, facts.workforce)
    if not share or not facts.workforce or not facts.numbers.participants:
        return []
    everybody = "" if share.endswith(f" of {facts.workforce}") else f" of {facts.workforce:,}"
    return [f"That is {share}{everybody} employees"]
