"""The texts of a bulk act on their way into the record."""

from recommendations.audit.record import Tables, text_of
from recommendations.models import AuditText

MOST_SHARED, LONGEST_SHARED = 10_000, 300
"""Texts, and characters of a text, that are remembered so as to be stored once in an act."""


class SharedTexts:
    """Texts that wait to be stored. One that several rows hold is stored once for the act:
    redaction changes it for all of them.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._waiting: list[AuditText] = []
        self._shared: dict[str, str] = {}

    def reference(self, text: str) -> str:
        """The digest that stands for a text."""
        if digest := self._shared.get(text):
            return digest
        made = text_of(self._tables, text)
        self._waiting.append(made)
        if len(text) <= LONGEST_SHARED:
            if len(self._shared) >= MOST_SHARED:
                self._shared.clear()
            self._shared[text] = made.digest
        return made.digest

    def take(self) -> list[AuditText]:
        """The texts that came since they were taken last, unsaved."""
        taken, self._waiting = self._waiting, []
        return taken
