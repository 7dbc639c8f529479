"""Columns of what is listed: name, label and value of each, and who may read it.

What a table holds is said once, by its model; pages, files, imports, forms and the log ask here.
What is worked out for a list has a line in the columns of its file (``exports/``).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.db import models
from django.db.models import Model, TextChoices
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.models import Recommendation
from recommendations.models.fields import ExactField
from recommendations.permissions import Person

Value = str | int | Decimal | date | bool | None
"""What a cell may hold. Missing is ``None``; a number that is written as a number has that type."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, the same in every format and language, and its value in a row.

    Readers outside are sent those alone that are ``is_public``: a new column is internal until it
    says so. ``reads`` is where a query finds the value, if the row is read for this list. ``kind``
    is what a value is, where neither its model nor its name says so (``kind_of``). One that
    ``is_apart`` is read beside the row, or is a whole text: files have it, and the API of one row.
    """

    name: str
    value: Callable[[Any], Value]
    is_public: bool = False
    reads: str = ""
    kind: type | None = None
    is_apart: bool = False


_BY_FIELD: tuple[tuple[type[Any], type], ...] = (
    (models.BooleanField, bool),
    (models.DateTimeField, datetime),
    (models.DateField, date),
    (models.IntegerField, int),
    (ExactField, Decimal),
)
_BY_NAME: tuple[tuple[re.Pattern[str], type], ...] = (
    (re.compile(r"(^|_)(is|has)_"), bool),
    (re.compile(r"(_|^)at$"), datetime),
    (re.compile(r"(_on|_date|as_of|^since)$"), date),
)


def kind_of(column: Column, model: type[Model]) -> type:
    """What a value of a column is, where it is not missing: by its model, else by its name."""
    if column.kind is not None:
        return column.kind
    names = {field.name: field for field in model._meta.concrete_fields}
    if (field := names.get(column.name)) is not None:
        return next((kind for known, kind in _BY_FIELD if isinstance(field, known)), str)
    return next((kind for form, kind in _BY_NAME if form.search(column.name)), str)


def typed(kind: type, *columns: Column) -> tuple[Column, ...]:
    """The same columns, of which each value is of this kind."""
    return tuple(replace(column, kind=kind) for column in columns)


def public(*columns: Column) -> tuple[Column, ...]:
    """The same columns, for everybody."""
    return tuple(replace(column, is_public=True) for column in columns)


def readable(columns: Iterable[Column], person: Person) -> tuple[Column, ...]:
    """Those that the person may read, in the same order."""
    is_internal = permissions.can_read_internally(person)
    return tuple(column for column in columns if is_internal or column.is_public)


def attribute_columns(*names: str, **paths: str) -> tuple[Column, ...]:
    """Columns that are attributes of the row, under the same names or at a dotted path."""
    attributes = {name: name for name in names} | paths
    return tuple(Column(name, attrgetter(path)) for name, path in attributes.items())


def demonstration_column(path: str) -> Column:
    """Whether a row is demonstration data: by the person or the row at this dotted path."""
    return Column("is_demonstration", lambda row: is_fictional(attrgetter(path)(row)))


def is_fictional(marked: Any) -> bool:
    """Whether a person or a row, if there is one, is of the demonstration."""
    return marked is not None and bool(marked.is_demonstration)


def label_of(model: type[Model] | Model, name: str) -> Any:
    """The label of a column wherever it stands alone: over a list, in a form, in the log."""
    field: Any = model._meta.get_field(name)
    return capfirst(field.verbose_name)


def label_over(model: type[Model], column: Column) -> str:
    """What a column of a list of this model is called on pages, where something there is."""
    if model is Recommendation and column.name in Field.values:
        return str(Field(column.name).label)
    names = {each.name for each in model._meta.get_fields() if each.concrete}
    return str(label_of(model, column.name)) if column.name in names else ""


def own(model: type[Model], name: str) -> tuple[str, Any]:
    """A column of a model as a member of the columns of a file: its name and its label."""
    return name, label_of(model, name)


def written(model: type[Model], *without: str) -> tuple[str, ...]:
    """The columns of a model that people write, in its order, but for those that are named.

    A new one is among them from the start.
    """
    columns = (field for field in model._meta.concrete_fields if not field.primary_key)
    return tuple(each.name for each in columns if each.editable and each.name not in without)


class Field(TextChoices):
    """What a column of a list of recommendations can be mapped to, in the order of an export.

    Exports use these codes as their headers. What is a column of the recommendation is read,
    checked and written as that: its label, kind, length and choices follow from the model.
    """

    REFERENCE = "reference", _("Reference in this tracker")
    EXTERNAL_ID = own(Recommendation, "external_id")
    TITLE = own(Recommendation, "title")
    SUMMARY = own(Recommendation, "summary")
    QUOTED_TEXT = "quoted_text", _("Text of the recommendation")
    LOCATOR = own(Recommendation, "locator")
    MODALITY = own(Recommendation, "modality")
    NATURE = own(Recommendation, "nature")
    RATIONALE = own(Recommendation, "rationale")
    PRIORITY = own(Recommendation, "priority")
    LEAD = own(Recommendation, "lead")
    LEAD_OFFICER = own(Recommendation, "lead_officer")
    REVIEWER = own(Recommendation, "reviewer")
    CONTRIBUTORS = own(Recommendation, "contributors")
    ADDRESSEES = "addressees", capfirst(_("addressees"))
    THEMES = own(Recommendation, "themes")
    PARTS = "parts", capfirst(_("parts"))
    DEPENDS_ON = "depends_on", _("Depends on")
    RELATED_TO = "related_to", _("Related to")
    OPENED_ON = own(Recommendation, "opened_on")
    TARGET_DATE = own(Recommendation, "target_date")
    REVIEW_ON = own(Recommendation, "review_on")
    INTERVAL_MONTHS = own(Recommendation, "interval_months")
    REPORTED_STATUS = "reported_status", capfirst(_("original status"))
    REPORTED_ON = "reported_on", capfirst(_("status as of"))
    REPORTED_NOTE = "reported_note", capfirst(_("status comment"))
    CLOSED_ON = "closed_on", _("Closed on")
    CONFIDENCE = "latest_confidence_code", capfirst(_("delivery confidence"))
    EVIDENCE = "evidence_addresses", capfirst(_("evidence addresses"))
    CURRENT_STATUS = "latest_status_code", _("Current status (as exported by a tracker)")
    CURRENT_AS_OF = "latest_as_of", _("Current status as of (as exported by a tracker)")
    CURRENT_NOTE = "latest_progress", _("Progress (as exported by a tracker)")
    COMPLETED_ON = "latest_completed_on", capfirst(_("completed on"))
    RESPONSE = "response", capfirst(_("response"))
    RESPONDED_ON = "responded_on", _("Response given on")
    RESPONSE_PART = "response_part", capfirst(_("accepted part"))
    RESPONSE_REASON = "response_reason", _("Reason for the response")
    ACTION = "action", _("Action")
    ACTION_OWNER = "action_owner", _("Owner of the action")
    ACTION_DUE = "action_due", _("Action due on")


OWN: Mapping[Field, Any] = {
    Field(column.name): column
    for column in Recommendation._meta.concrete_fields
    if not column.is_relation and column.name in Field.values
}
"""Fields that are columns of the recommendation itself, with these."""

WRITTEN = tuple(field for field in Field if field in OWN and OWN[field].editable)
"""Those that a file may fill; the others are set by an action of their own."""

PUBLIC = frozenset({"reference", "title", "summary", "quoted_text", "locator", "target_date"})
"""Those that everybody may read; a new column is internal until it is named here."""
