"""Changes that many tests need, in one line each."""

from datetime import datetime
from typing import Any

from django.db.models import Model

from recommendations.actions import indicators, people, recommendations, redaction
from recommendations.actions.evidence.changes import change_item, revise_file
from recommendations.audit.redaction import text_occurrences
from recommendations.models import (
    Area,
    Evidence,
    Indicator,
    Observation,
    Organisation,
    Recommendation,
    Source,
    User,
)

ACTIONS: dict[type[Model], Any] = {
    Evidence: change_item,
    Indicator: indicators.change_indicator,
    Organisation: people.change_organisation,
    Recommendation: recommendations.revise_recommendation,
    Source: recommendations.change_source,
    User: people.change_user,
}


def edit(row: Any, by: User, *, at: datetime | None = None, version: int = 0, **values: Any) -> Any:
    """Change a row by the action of its kind, from the version that is stored if none is told."""
    stored = type(row)._base_manager.get(pk=row.pk)
    about = {row._meta.model_name: stored, "by": by, "at": at}
    return ACTIONS[type(row)](**about, expected_version=version or stored.version, values=values)


def newer_file(item: Evidence, by: User, file: Any, *, version: int = 0, **given: Any) -> Any:
    """The next revision of an item, likewise."""
    stored = Evidence.objects.get(pk=item.pk)
    given |= {"by": by, "file": file, "expected_version": version or stored.version}
    return revise_file(evidence=stored, **given)


def redact(words: str, by: User, **given: Any) -> Any:
    """As its preview showed it."""
    if "expected" not in given:
        given["expected"] = redaction.preview_digest(words, text_occurrences(words))
    return redaction.redact(words=words, by=by, **{"reason": "Asked for.", **given})


BESIDE = ("dimensions", "at")


def observe(
    indicator: Indicator, area: Area, period: str, value: Any, by: User, **values: Any
) -> Observation:
    of: dict[str, Any] = {"indicator": indicator, "area": area, "period": period, "by": by}
    of |= {name: values.pop(name) for name in BESIDE if name in values}
    return indicators.observe(**of, values={"value": value, **values})
