"""Who decides on what somebody wrote: the named reviewer, else any manager who wrote none of it."""

from collections.abc import Collection
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject
from django.utils.translation import gettext as _

from recommendations.models import StatusUpdate, User, with_roles
from recommendations.vocabulary import Role


def managers() -> list[User]:
    """Everybody who may decide on what others wrote, with their roles; one query."""
    people = User.objects.filter(is_active=True, groups__name=Role.MANAGER)
    return list(with_roles(people).order_by("last_name", "first_name", "username", "pk"))


def deciders(update: StatusUpdate, among: Collection[User]) -> list[User]:
    """Those of ``among`` who may decide on an update: its named reviewer alone, else all of them.

    A reviewer who wrote it, was deactivated or is no manager any more decides on nothing, and then
    every other manager may.
    """
    writers = {update.author_id, *update.editor_ids()}
    free = [person for person in among if person.pk not in writers]
    named = [person for person in free if person.pk == update.recommendation.reviewer_id]
    return named or free


def with_deciders(rows: QuerySet[StatusUpdate]) -> QuerySet[StatusUpdate]:
    """``deciders`` as columns, so that a list costs no further query.

    ``is_reviewer_free``: the named reviewer may decide; ``free_managers``: how many may;
    ``free_names``: first name, last name and user name of one of them.
    """
    wrote = StatusUpdate.editors.through.objects.filter(
        statusupdate=OuterRef(OuterRef("pk")), user=OuterRef("pk")
    )
    free = User.objects.filter(
        ~Exists(wrote), ~Q(pk=OuterRef("author")), is_active=True, groups__name=Role.MANAGER
    ).order_by("pk")
    counted = free.order_by().annotate(one=Value(1)).values("one").annotate(n=Count("pk"))
    return rows.annotate(
        is_reviewer_free=Exists(free.filter(pk=OuterRef("recommendation__reviewer"))),
        free_managers=Coalesce(Subquery(counted.values("n")), 0),
        free_names=Subquery(
            free.values(json=JSONObject(first="first_name", last="last_name", username="username"))[
                :1
            ]
        ),
    )


def with_whom(update: Any) -> str:
    """Who decides on an update that came ``with_deciders``, in words."""
    if update.is_reviewer_free:
        return str(_("with %s") % update.recommendation.reviewer)
    if not update.free_managers:
        return _("with nobody yet: it needs a manager who did not write it")
    if update.free_managers > 1:
        return _("with any manager")
    names = update.free_names
    full = f"{names['first']} {names['last']}".strip()
    return _("with %s") % str(full or names["username"])
