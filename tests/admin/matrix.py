"""Who may do what in the administration: asked of the code, and printed for CONTRIBUTING.md.

`tests/admin/test_matrix.py` prints the table where the guide says something else.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse

from recommendations.choices import BulkChange, Role
from tests.admin.base import Window
from tests.admin.tries import keeper

ROLES = (Role.ADMINISTRATOR, Role.MANAGER, Role.AUDITOR)
"""Roles of the people whom the administration lets in, each without being a superuser."""

STANDARD = ("changelist", "add", "history", "delete", "change")
"""Pages that Django's own permissions open."""

NONE = "–"

Row = tuple[str, ...]


def answers(found: admin.ModelAdmin, person: Any, window: Window, pk: Any) -> str:
    """What a person may do with the things of one model, as the code answers."""
    request = RequestFactory().get("/")
    request.user = person
    may = [
        name
        for name in ("view", "add", "change")
        if getattr(found, f"has_{name}_permission")(request)
    ]
    acts = found.get_actions(request)
    bulk = set(BulkChange.values) & set(acts)
    files = {name for name in acts if name.startswith("export-")}
    others = [name.replace("_", " ") for name in acts if name not in bulk | files]
    together = (["change many"] if bulk else []) + (["export"] if files else [])
    pages = [name for name, path in own_pages(found, pk) if opens(window, path)]
    return ", ".join(dict.fromkeys([*may, *others, *together, *pages])) or NONE


def own_pages(found: admin.ModelAdmin, pk: Any) -> Iterable[tuple[str, str]]:
    """The pages of a model that are not Django's, by what they do, with their addresses."""
    prefix = f"{found.opts.app_label}_{found.opts.model_name}_"
    for pattern in found.get_urls():
        name = getattr(pattern, "name", None) or ""
        page = name.removeprefix(prefix).removeprefix("auth_user_")
        is_ours = page and page not in STANDARD and page not in HIDDEN
        if is_ours:
            names = list(pattern.pattern.converters)
            yield page.replace("_", " "), reverse(f"admin:{name}", args=[pk] if names else [])


HIDDEN = ("bulk",)
"""Pages behind another: acts of the list lead there."""


def opens(window: Window, path: str) -> bool:
    """Also where it leads on to a page of the site, as inviting does."""
    return bool(window.client.get(path, follow=True).status_code == 200)


def matrix() -> list[Row]:
    """Rows of the table, models with the same answers together; the names of roles first."""
    people = {role: keeper(role) for role in ROLES}
    windows = {role: Window(person) for role, person in people.items()}
    same: dict[Row, list[str]] = defaultdict(list)
    for model, found in admin.site._registry.items():
        thing = model._default_manager.order_by("pk").first()
        pk = thing.pk if thing is not None else 0
        row = tuple(answers(found, people[role], windows[role], pk) for role in ROLES)
        same[row].append(model.__name__)
    rows = [(", ".join(sorted(names)), *row) for row, names in same.items()]
    return [("Models", *(str(role.label) for role in ROLES)), *sorted(rows)]


def as_table(rows: list[Row]) -> str:
    """The same in Markdown."""
    [head, *others] = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([head, "|---" * len(rows[0]) + "|", *others])
