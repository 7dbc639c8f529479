"""The groups that stand for roles, and what each may do in Django's administration."""

from django.contrib.auth.models import Group, Permission
from django.db import DEFAULT_DB_ALIAS

from recommendations.vocabulary import Role

# Decisions are not permissions of Django's kind: ``permissions.py`` asks for the role itself.
# The administration alone goes by these, and only administrators use it to change things.
_ACTIONS = {
    Role.ADMINISTRATOR: ("add", "change", "view"),
    Role.AUDITOR: ("view",),
    Role.MANAGER: ("view",),
    Role.STAFF: (),
    Role.VIEWER: (),
}


def ensure_roles(using: str = DEFAULT_DB_ALIAS) -> None:
    """Create the groups and give each the permissions of its role; changes nothing when right."""
    tracked = list(
        Permission.objects.using(using)
        .filter(content_type__app_label__in=["recommendations", "auth"])
        .select_related("content_type")
    )
    for role, actions in _ACTIONS.items():
        group, _created = Group.objects.using(using).get_or_create(name=role.value)
        wanted = {
            permission for permission in tracked if permission.codename.partition("_")[0] in actions
        }
        if set(group.permissions.all()) != wanted:
            group.permissions.set(wanted)
