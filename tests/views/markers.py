"""Words planted in every text of every model, each findable again in whatever the site answers.

A text field is internal until it is named in ``PUBLIC``: so a new field fails the test of the
public pages as soon as one of them shows it, and stays unseen until somebody decides.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone

from recommendations.audit.snapshots import KEPT
from recommendations.models.fields import LineField
from recommendations.names import NAMED_IN
from tests.rows import needed, past_the_guards

PUBLIC: dict[str, frozenset[str]] = {
    # The source itself, where something of it is published.
    "source": frozenset(
        """slug title short_title author publisher language url text_sha256 notes
        reference_prefix""".split()
    ),
    "part": frozenset("label text amendment_reason".split()),
    "recommendation": frozenset("reference title summary quoted_text locator".split()),
    # Of the update in force alone.
    "statusupdate": frozenset("public_text public_reason".split()),
    # Of what answers the update in force, where it was recorded as public.
    "steeringdecision": frozenset("body decision".split()),
    # Public items under what is published and in force.
    "evidence": frozenset("title description url citation publisher".split()),
    "indicator": frozenset(
        """code title definition unit source method limitations vocabulary vocabulary_code
        vocabulary_uri""".split()
    ),
    "target": frozenset("text comment".split()),
    "observation": frozenset("text comment source dimensions".split()),
    # A figure never stands without its place, nor an answer without who gave it.
    "area": frozenset({"code", "name", *(f"name_{language}" for language in NAMED_IN)}),
    "organisation": frozenset({"name"}),
    "response": frozenset({"part_accepted"}),
}
"""Texts that anybody may read, of a thing that is public."""

NO_WORDS: frozenset[str] = frozenset(
    {"area.iso2", "area.iso3", "area.m49", "target.period", "observation.period"}
    | {"stagedfigure.period"}
    | {"storedfile.sha256", "storedfile.media_type"}
    | {"importrun.file_sha256", "importrun.format"}
    | {"openingbatch.file_sha256", "openingbatch.digest"}
    # Of which an address that cites an entry of the record holds the beginning.
    | {"auditevent.hash", "chainhead.last_hash"}
    | {f"searchdocument.{column}" for column in ("title", "public", "inside", "office")}
)
"""Never words: codes of places, periods, what a file or an event is known by; and the words of
search documents, which come from other texts (tests/search/test_audiences.py)."""

MUST_BE_SEEN = frozenset(
    """source.title recommendation.title recommendation.summary statusupdate.public_text
    steeringdecision.body steeringdecision.decision evidence.title evidence.citation
    storedfile.content indicator.definition target.comment observation.comment area.name
    organisation.name response.part_accepted""".split()
)
"""Texts that the public pages do show: else the test would look at nothing."""


MARKER = re.compile(r"zqmark\d+x")
MARKUP = "<q>"
"""Follows the word in every text that people write: a page that shows it so has not escaped it."""
UNESCAPED = re.compile(MARKER.pattern + MARKUP)


def text_fields(model: type[models.Model]) -> Iterator[Any]:
    """The columns of a model that can hold words: all texts but those with fixed choices."""
    for field in model._meta.concrete_fields:
        is_text = isinstance(field, models.CharField | models.TextField)
        if is_text and not field.choices and name_of(model, field.name) not in NO_WORDS:
            yield field


def name_of(model: type[models.Model], field: str) -> str:
    return f"{model._meta.model_name}.{field}"


def all_texts() -> set[str]:
    """Every text field of the app by its name; what is kept of them follows from them."""
    return {
        name_of(model, field.name)
        for model in apps.get_app_config("recommendations").get_models()
        if model._meta.label_lower not in KEPT
        for field in text_fields(model)
    }


class Planter:
    """Writes rows whose every text is a marker; remembers which is whose.

    ``rows`` are those that others refer to, of each model: the last one unless told otherwise.
    """

    def __init__(self) -> None:
        self.internal: dict[str, str] = {}
        self.public: dict[str, str] = {}
        self.rows: dict[type[Any], Any] = {}
        self.now = timezone.now()
        self._last = 0

    def plant(
        self, model: type[Any], *, is_public: bool = False, leave: str = "", **values: Any
    ) -> Any:
        """Insert a row. Texts among ``values`` and those named in ``leave`` stay as they are."""
        row = model(**needed(model, values, self.rows, self.now), **values)
        public = PUBLIC.get(str(model._meta.model_name), frozenset()) if is_public else frozenset()
        for field in text_fields(model):
            if field.name not in values and field.name not in leave.split():
                setattr(row, field.name, self._marked(model, field, field.name in public))
        with past_the_guards():
            row.save(force_insert=True)
        self.rows[model] = row
        return row

    def word(self, name: str, *, is_public: bool) -> str:
        """A new marker for what goes by this name."""
        # Long enough for no random token to hold one; none is the beginning of another.
        self._last += 1
        marker = f"zqmark{self._last}x"
        kept = self.public if is_public else self.internal
        kept[marker] = name
        return marker

    def _marked(self, model: type[Any], field: Any, is_public: bool) -> str:
        marker = self.word(name_of(model, field.name), is_public=is_public)
        if isinstance(field, models.URLField):
            return f"https://example.org/{marker}"
        if isinstance(field, models.EmailField):
            return f"{marker}@example.org"
        is_written = isinstance(field, LineField | models.TextField)
        has_room = (field.max_length or 100) >= 40
        return marker + MARKUP if is_written and has_room else marker

    def seen(self, answer: str) -> dict[str, str]:
        """Public markers in an answer, whatever their case."""
        there = set(MARKER.findall(answer.lower()))
        return {marker: self.public[marker] for marker in there if marker in self.public}
