"""Names of columns, for rows that are read with no more than what is shown of them."""

from django.db.models import Model


def columns_of(model: type[Model], path: str = "") -> list[str]:
    """Every column of a model; ``path`` leads to it, as ``evidence__``."""
    return [f"{path}{field.name}" for field in model._meta.concrete_fields]


def names_of(*people: str) -> list[str]:
    """The columns from which people are named, to whom these paths lead."""
    return [
        f"{person}__{name}" for person in people for name in ("first_name", "last_name", "username")
    ]
