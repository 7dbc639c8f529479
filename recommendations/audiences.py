"""People who may read the same, as one: what is drawn or read for one of them is for all."""

from dataclasses import dataclass

from recommendations.permissions import Person, roles


@dataclass(frozen=True, slots=True)
class Audience:
    """All people with the same roles, as one: it may read what each of them may, and is nobody."""

    role_names: frozenset[str]
    pk: None = None
    is_active: bool = True
    is_superuser: bool = False

    @property
    def is_authenticated(self) -> bool:
        return bool(self.role_names)


def audience(person: Person) -> Audience:
    """The people who may read the same as this one."""
    return Audience(roles(person))
