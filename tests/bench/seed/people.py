"""People of each role, and the bodies that they act for."""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from recommendations.choices import OrganisationKind, Role
from tests.bench.seed.store import Store

MANAGERS = 6


def people_of_role(size: int) -> dict[Role, int]:
    """How many people there are of each role, among so many recommendations."""
    return {
        Role.MANAGER: MANAGERS,
        Role.STAFF: 24 + size // 1000,
        Role.VIEWER: 10,
        Role.AUDITOR: 3,
        Role.ADMINISTRATOR: 2,
    }


def add_people(store: Store) -> None:
    """Bodies, then people in the order of their roles, so managers have the first ids."""
    kinds = OrganisationKind.values
    store.organisations = min(2_000, 20 + store.size // 100)
    for n in range(1, store.organisations + 1):
        store.add("Organisation", f"body-{n}", f"Body {n}", kinds[n % len(kinds)])
    groups = dict(Group.objects.values_list("name", "pk"))
    password = make_password(None)
    for role, count in people_of_role(store.size).items():
        for n in range(1, count + 1):
            is_admin = int(role == Role.ADMINISTRATOR)
            name = f"{role.name.lower()}{n}"
            person = store.add(
                "User", name, role.name.title(), f"Number {n}", f"{name}@example.org", password,
                int(not (role == Role.STAFF and n % 20 == 19)), is_admin, is_admin,
                store.moment(2000), 1 + (n - 1) % store.organisations,
            )  # fmt: skip
            store.add("User_groups", person, groups[role])
            store.people[role].append(person)
