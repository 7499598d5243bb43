"""Which emoji are votes: the configured ones, with any skin tone, under any alias."""

from collections.abc import Iterable, Mapping

_BUILT_IN_ALIASES = {
    "thumbsup": "+1",
    "thumbsdown": "-1",
    "red_heart": "heart",
    "flame": "fire",
    "raising_hands": "raised_hands",
}


class VoteEmoji:
    """Decides whether a reaction is a vote. Aliases of the workspace's own emoji are learned later."""

    def __init__(self, names: Iterable[str]) -> None:
        self._aliases: Mapping[str, str] = _BUILT_IN_ALIASES
        self._names = frozenset(names)
        self._votes = frozenset(map(self.canonical, self._names))

    def learn_aliases(self, aliases: Mapping[str, str]) -> None:
        """Take over the workspace's aliases, each a name and what it stands for."""
        self._aliases = dict(aliases) | _BUILT_IN_ALIASES
        self._votes = frozenset(map(self.canonical, self._names))

    def name(self, names: Iterable[str]) -> None:
        """Let these be the vote reactions from now on."""
        self._names = frozenset(names)
        self._votes = frozenset(map(self.canonical, self._names))

    def canonical(self, emoji: str) -> str:
        """Return the emoji's own name, without its skin tone."""
        name = emoji.split("::", 1)[0]
        for _ in range(5):  # Aliases of aliases exist; a circle of them must not hang us.
            if name not in self._aliases:
                break
            name = self._aliases[name]
        return name

    def is_vote(self, emoji: str) -> bool:
        """Return whether a reaction with this emoji is a vote."""
        return self.canonical(emoji) in self._votes
