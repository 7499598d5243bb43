"""The sandbox's checks of blocks against slackblocks'."""

from typing import Any

from hypothesis import HealthCheck, given, settings

from sandbox.blockcheck import check_blocks
from sandbox.checks import Checks
from tests.clients.generated import blocks, broken, lengthened, some_blocks
from tests.clients.slackblocks_reader import UnreadableError, refusal_of

Json = dict[str, Any]
quick = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def problems_of(block: Json) -> list[str]:
    """Return what the sandbox finds wrong with a block of a message."""
    checks = Checks()
    check_blocks(checks, "/blocks", [block], "message", 50)
    return checks.plain()


@settings(quick, max_examples=100)
@given(blocks)
def test_valid_blocks_are_accepted_by_both(block: Json) -> None:
    """Blocks made as Slack describes them are accepted by the sandbox and by slackblocks."""
    assert problems_of(block) == []
    assert refusal_of(block) is None


@settings(quick, max_examples=250)
@given(broken())
def test_what_slackblocks_refuses_the_sandbox_refuses(block: Json) -> None:
    """A block with a fault in one place that slackblocks sees is refused by the sandbox, too."""
    try:
        refusal = refusal_of(block)
    except UnreadableError:
        return
    if refusal:
        assert problems_of(block), refusal


def test_one_more_than_fits_is_refused_by_both() -> None:
    """Where slackblocks refuses one more character or item than the most, the sandbox does, too."""
    seen = [(bool(refusal_of(one)), problems_of(one)) for block in some_blocks(15) for one in lengthened(block)]
    assert sum(refused for refused, _ in seen) > 100
    assert (True, []) not in seen
