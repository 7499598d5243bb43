"""The workspace's clock: real time plus an offset, so that a week can pass in a moment."""

import asyncio
import math
import time
from datetime import UTC, datetime
from email.utils import format_datetime

# Time stamps have ten digits before the point until 2286; nobody needs to go that far.
LATEST = datetime(2200, 1, 1, tzinfo=UTC).timestamp()


class Clock:
    """Virtual time that goes forward, and `ts` values that rise; only `turn_back` begins anew with both.

    `now()` may be read from any thread; all else belongs to the event loop's thread.
    """

    def __init__(self) -> None:
        self.offset = 0.0
        self._last_ts = 0
        self._jumps: set[asyncio.Event] = set()

    def now(self) -> float:
        """Seconds since 1970 on the workspace's clock."""
        return time.time() + self.offset

    def moment(self) -> datetime:
        """The workspace's time, aware, in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)

    def http_date(self) -> str:
        """The value of an HTTP `Date` header."""
        return format_datetime(self.moment(), usegmt=True)

    def next_ts(self) -> str:
        """A time stamp as Slack writes it, unique and above every earlier one: `1764000000.000100`."""
        self._last_ts = max(int(self.now() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def advance(self, seconds: float) -> None:
        """Move the clock forward by so many seconds; raises ValueError for going back, or beyond the year 2199."""
        if not math.isfinite(seconds) or self.now() + seconds > LATEST:
            raise ValueError("The workspace's clock goes to the year 2199.")
        if seconds < 0:
            raise ValueError("The workspace's clock only goes forward.")
        self.offset += seconds
        for jump in self._jumps:
            jump.set()

    def turn_back(self, seconds: float) -> None:
        """Move the clock back, to tell what happened before; time stamps begin anew from there."""
        self.offset -= seconds
        self._last_ts = 0

    def jump_to(self, moment: datetime) -> None:
        """Move the clock forward to an aware time; raises ValueError for one that has passed."""
        self.advance(moment.timestamp() - self.now())

    async def wait_until(self, moment: float) -> None:
        """Return once the workspace's clock shows `moment`, by waiting or by a jump."""
        while (remaining := moment - self.now()) > 0:
            jump = asyncio.Event()
            self._jumps.add(jump)
            try:
                await asyncio.wait_for(jump.wait(), remaining)
            except TimeoutError:
                return
            finally:
                self._jumps.discard(jump)
