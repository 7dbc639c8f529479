"""Rows of the demonstration that no action creates yet, each recorded in the audit log.

These are organisations, people with a password, areas, addressees, an indicator and its link to a
recommendation. Everything else that the demonstration writes is written by actions.
"""

from datetime import datetime
from pathlib import Path

from django.apps import apps
from django.core.serializers.base import DeserializedObject
from django.core.serializers.python import Deserializer

from recommendations import audit
from recommendations.actions.base import create
from recommendations.management.demo.scenario import ScenarioError, read_objects
from recommendations.models import User

PASSWORD = "demo"  # noqa: S105 - on purpose: everybody who tries the site knows it
"""The password of all fictional people. The site refuses to seed them outside debug."""


UNIQUE = {
    "recommendations.area": "code",
    "recommendations.organisation": "slug",
    "recommendations.user": "username",
}
"""Fields whose values people may have given on this site already."""


def taken_names(rows: Path) -> list[str]:
    """Names in a file of rows that the site has already."""
    named = [(row.get("model"), row.get("fields")) for row in read_objects(rows)]
    return [
        fields[UNIQUE[model]]
        for model, fields in named
        if model in UNIQUE and fields and _is_taken(model, fields.get(UNIQUE[model]))
    ]


def create_rows(*, rows: Path, by: User | None, at: datetime) -> None:
    """Create the rows of a Django fixture; ``ScenarioError`` names the one that is wrong."""
    with audit.entry(by=by, at=at) as entry:
        for number, row in enumerate(read_objects(rows), start=1):
            try:
                _create_row(entry, next(iter(Deserializer([row]))))
            except Exception as error:  # Wrong data may fail anywhere.
                label = f"{rows.name}, row {number} ({row.get('model')})"
                raise ScenarioError(f"{label}: {error}") from error


def _is_taken(model: str, name: str) -> bool:
    rows = apps.get_model(model)._default_manager.filter(**{UNIQUE[model]: name})
    return bool(rows.exists())


def _create_row(entry: audit.Entry, row: DeserializedObject) -> None:
    if not isinstance(row.object, User):
        row.object.clean_fields()
        create(entry, row.object)
        return
    person = row.object
    person.date_joined = entry.at
    person.set_password(PASSWORD)
    person.clean_fields()
    person.save(force_insert=True)
    person.groups.set((row.m2m_data or {}).get("groups", ()))
    entry.record("create", person, before={}, after=audit.snapshot(person))
