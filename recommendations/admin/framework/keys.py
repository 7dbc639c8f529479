"""Keys of rows in what is sent: a number that no column holds is the key of no row.

PostgreSQL finds nothing by it, SQLite fails.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.http import HttpRequest

from recommendations.forms.fields import LONGEST_KEY


def is_beyond(text: str) -> bool:
    """Whether a text, or one of several with commas between, is a number that no column holds."""
    parts = (part.strip().lstrip("+-") for part in text.replace("_", "").split(","))
    return any(part.isdecimal() and len(part) > LONGEST_KEY for part in parts)


class _WithinColumns:
    def optgroups(self, name: str, value: Sequence[Any], attr: Any = None) -> Any:
        """The chosen rows as options; a field that is shown again asks for what was sent."""
        held = [key for key in value if str(key).isdecimal() and not is_beyond(str(key))]
        return super().optgroups(name, held, attr)  # type: ignore[misc]


class RowSelect(_WithinColumns, AutocompleteSelect):
    """A box that finds one row by words."""


class RowsSelect(_WithinColumns, AutocompleteSelectMultiple):
    """A box that finds several rows by words."""


class FindsRows(BaseModelAdmin):
    """Fields of ``autocomplete_fields`` have these boxes."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", RowSelect(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", RowsSelect(db_field, self.admin_site))
        return super().formfield_for_manytomany(db_field, request, **kwargs)
