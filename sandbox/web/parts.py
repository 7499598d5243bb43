"""The page in parts that can be swapped one by one, and what a window lacks of them.

A part is one HTML element with an id and a version (`data-v`). A window tells which versions it shows, so the first
load, a change, a step to another channel and a reconnect are the same thing: the difference is sent.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import htpy as h

Operation = tuple[Literal["set", "add", "del"], str, str, str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """An element of the page: `html` is whole, with its `inner` parts; `into` names the list that it is an item of."""

    id: str
    source: str | Callable[[], h.Element]
    version: str
    inner: tuple[Part, ...] = ()
    into: str = ""

    @property
    def html(self) -> str:
        """The markup; a frame's is made only when a window asks for it, as mostly they lack a part within it."""
        return self.source if isinstance(self.source, str) else _versioned(_markup(self.source()), self.version)

    def __html__(self) -> str:
        """Let a part stand inside other markup."""
        return self.html

    def walk(self) -> Iterator[Part]:
        """This part and all within it."""
        yield self
        for part in self.inner:
            yield from part.walk()


class Made(str):
    """Markup that is made already, to be put into other markup as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        """Let it stand as it is."""
        return str(self)


def leaf(element: h.Element, into: str = "") -> Part:
    """A part whose version is its content; `element` carries an id."""
    html = _markup(element)
    part_id = html.split(' id="', 1)[1].split('"', 1)[0]
    version = hashlib.blake2b(html.encode(), digest_size=6).hexdigest()
    return Part(part_id, _versioned(html, version), version, into=into)


def frame(part_id: str, element: Callable[[], h.Element], version: str, inner: Sequence[Part]) -> Part:
    """A part around others, whose id is `part_id`: it is swapped as a whole only when `version` changes."""
    return Part(part_id, element, version, tuple(inner))


def _markup(element: h.Element) -> str:
    """A plain str: the `replace` of a Markup would escape."""
    return "".join(element.iter_chunks())


def _versioned(html: str, version: str) -> str:
    return html.replace(' id="', f' data-v="{version}" id="', 1)


def lacking(known: dict[str, str], parts: Sequence[Part]) -> list[Operation]:
    """What a window must do to show `parts`; `known` (id -> version) is brought up to date."""
    operations: list[Operation] = []
    _compare(known, parts, operations)
    wanted = {part.id for top in parts for part in top.walk()}
    for part_id in [part_id for part_id in known if part_id not in wanted]:
        del known[part_id]
        operations.append(("del", part_id, "", "", ""))
    return operations


def _compare(known: dict[str, str], parts: Sequence[Part], operations: list[Operation]) -> None:
    before: dict[str, str] = {}
    for part in parts:
        if known.get(part.id) != part.version:
            kind: Literal["set", "add"] = "set" if part.id in known or not part.into else "add"
            operations.append((kind, part.id, part.html, part.into, before.get(part.into, "")))
            known.update({inner.id: inner.version for inner in part.walk()})
        else:
            _compare(known, part.inner, operations)
        before[part.into] = part.id
