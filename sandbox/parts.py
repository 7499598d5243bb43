"""The parts that make up a running workspace, put together."""

from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.delivery import Delivery
from sandbox.faults import Faults
from sandbox.lines import Lines
from sandbox.numbering import Numbering
from sandbox.people import build_workspace
from sandbox.progress import Seeding
from sandbox.rates import Rates
from sandbox.socketmode import SocketMode
from sandbox.tickets import ResponseUrls, Triggers
from sandbox.traffic import Journal
from sandbox.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Parts:
    """One of each: the state, and what acts on it."""

    workspace: Workspace
    numbering: Numbering
    journal: Journal
    faults: Faults
    rates: Rates
    lines: Lines
    sockets: SocketMode
    delivery: Delivery
    triggers: Triggers
    response_urls: ResponseUrls
    seeding: Seeding


def build_parts(seed: int = 1, *, rates: bool = False) -> Parts:
    """Return the parts around a new workspace."""
    workspace = build_workspace(Clock(), seed)
    numbering = Numbering(workspace)
    journal = Journal(workspace, numbering)
    faults = Faults(workspace, seed)
    lines = Lines()
    sockets = SocketMode(workspace, journal, faults, lines)
    return Parts(
        workspace,
        numbering,
        journal,
        faults,
        Rates(workspace, on=rates),
        lines,
        sockets,
        Delivery(workspace, journal, faults, sockets),
        Triggers(workspace),
        ResponseUrls(workspace),
        Seeding(),
    )
