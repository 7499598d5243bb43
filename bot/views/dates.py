"""Dates of a digest, in the language that its channel has chosen; in English they are written as everywhere else."""

from dataclasses import dataclass
from datetime import date

from babel import Locale, dates

from bot.views import text

_FIRST_STRONG, _END = "\u2068", "\u2069"


@dataclass(frozen=True, slots=True)
class Dates:
    """Writes dates in a language, like `de` or `pt_BR`; None: in English."""

    language: str | None = None

    def day(self, day: date, *, year: int) -> str:
        """Return a date like `Thu 3 Dec`, with its year when that is not the running `year`."""
        if self.language is None:
            return text.short_day(day, year=year)
        return self._written("MMMEd" if day.year == year else "yMMMEd", day)

    def day_and_month(self, day: date) -> str:
        """Return a date like `3 Dec`, where its year is plain."""
        return text.day_and_month(day) if self.language is None else self._written("MMMd", day)

    def span(self, first: date, last: date) -> str:
        """Return the days of a week like `16 to 22 November`."""
        if self.language is None:
            return text.day_span(first, last)
        return self._isolated(dates.format_interval(first, last, "MMMMd", locale=Locale.parse(self.language)))

    def month(self, day: date) -> str:
        """Return a month like `November 2026`."""
        return text.month_and_year(day) if self.language is None else self._written("yMMMM", day)

    def short_month(self, day: date) -> str:
        """Return a month like `Nov`, where its year is plain."""
        return text.short_month(day) if self.language is None else self._written("MMM", day)

    def _written(self, skeleton: str, day: date) -> str:
        return self._isolated(dates.format_skeleton(skeleton, day, locale=Locale.parse(str(self.language))))

    def _isolated(self, written: str) -> str:
        """Return a date that turns no words around it, when it runs from right to left."""
        is_rtl = Locale.parse(str(self.language)).text_direction == "rtl"
        return f"{_FIRST_STRONG}{written}{_END}" if is_rtl else written
