"""The people and bodies of the demonstration. None of them exists; their names say so."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import Group

from recommendations import audit
from recommendations.actions.base import create
from recommendations.choices import OrganisationKind, Role
from recommendations.models import Organisation, User

PASSWORD = "demo"  # noqa: S105 - on purpose: everybody who tries the site knows it
"""The password of all of them. The site refuses to seed them outside debug."""

ORGANISATIONS = {
    "demonstration-ministry-a": ("Demonstration Ministry A", OrganisationKind.GOVERNMENT),
    "demonstration-standards-body-b": ("Demonstration Standards Body B", OrganisationKind.OTHER),
    "demonstration-agency-c": ("Demonstration Agency C", OrganisationKind.GOVERNMENT),
}

# Username: role, organisation, and whether Django's administration is open. Managers and the
# auditor may look round there, by the permissions of their groups.
PEOPLE: dict[str, tuple[Role, str, bool]] = {
    "staff": (Role.STAFF, "demonstration-ministry-a", False),
    "other_staff": (Role.STAFF, "demonstration-standards-body-b", False),
    "manager": (Role.MANAGER, "demonstration-ministry-a", True),
    "other_manager": (Role.MANAGER, "demonstration-agency-c", True),
    "viewer": (Role.VIEWER, "", False),
    "auditor": (Role.AUDITOR, "", True),
    "admin": (Role.ADMINISTRATOR, "", True),
}


@dataclass(frozen=True, slots=True)
class Cast:
    """Those who act in the story."""

    staff: User
    other_staff: User
    manager: User
    other_manager: User
    ministry: Organisation
    standards_body: Organisation
    agency: Organisation


def taken_names() -> Iterator[str]:
    """Names that the demonstration needs and that somebody real has already."""
    yield from User.objects.filter(username__in=PEOPLE).values_list("username", flat=True)
    yield from Organisation.objects.filter(slug__in=ORGANISATIONS).values_list("slug", flat=True)


def gather(at: datetime) -> Cast:
    """Bring the bodies and the people in, each with an event."""
    with audit.entry(by=None, at=at) as entry:
        bodies = {}
        for slug, (name, kind) in ORGANISATIONS.items():
            bodies[slug] = Organisation(slug=slug, name=name, kind=kind)
            create(entry, bodies[slug])
        people = {
            username: _person(entry, username, role, bodies.get(body), sees_admin)
            for username, (role, body, sees_admin) in PEOPLE.items()
        }
    return Cast(
        staff=people["staff"],
        other_staff=people["other_staff"],
        manager=people["manager"],
        other_manager=people["other_manager"],
        ministry=bodies["demonstration-ministry-a"],
        standards_body=bodies["demonstration-standards-body-b"],
        agency=bodies["demonstration-agency-c"],
    )


def _person(
    entry: audit.Entry, username: str, role: Role, body: Organisation | None, sees_admin: bool
) -> User:
    person = User(
        username=username,
        first_name=username.replace("_", " ").capitalize(),
        last_name="(demonstration)",
        email=f"{username}@example.org",
        organisation=body,
        is_staff=sees_admin,
        is_superuser=role == Role.ADMINISTRATOR,
        is_demonstration=True,
        date_joined=entry.at,
    )
    person.set_password(PASSWORD)
    person.save(force_insert=True)
    person.groups.add(Group.objects.get(name=role.value))
    entry.record("create", person, before={}, after=audit.snapshot(person))
    return person
