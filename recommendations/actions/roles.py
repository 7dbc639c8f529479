"""The groups of the roles, and what the administration lets each do."""

from collections.abc import Iterator

from django.contrib.auth.models import Group, Permission
from django.db import DEFAULT_DB_ALIAS

from recommendations.choices import Role

# Decisions are not permissions of Django's kind: ``permissions.py`` asks for the role itself.
# The administration alone goes by these, and only administrators use it to change things.
_ACTIONS = {
    Role.ADMINISTRATOR: ("add", "change", "view"),
    Role.AUDITOR: ("view",),
    Role.MANAGER: ("view",),
    Role.STAFF: (),
    Role.VIEWER: (),
}


def role_permissions(using: str = DEFAULT_DB_ALIAS) -> Iterator[tuple[Role, set[Permission]]]:
    """Every role with the permissions that its group has."""
    tracked = list(
        Permission.objects.using(using)
        .filter(content_type__app_label__in=["recommendations", "auth"])
        .select_related("content_type")
    )
    for role, actions in _ACTIONS.items():
        yield role, {each for each in tracked if each.codename.partition("_")[0] in actions}


def ensure_roles(using: str = DEFAULT_DB_ALIAS) -> None:
    """Create the groups and give each the permissions of its role; changes nothing when right."""
    for role, wanted in role_permissions(using):
        group, _created = Group.objects.using(using).get_or_create(name=role.value)
        if set(group.permissions.all()) != wanted:
            group.permissions.set(wanted)
