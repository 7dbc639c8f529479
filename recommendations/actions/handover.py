"""Everything that one person has on their hands goes to another, in one audited step."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions import notices, people
from recommendations.actions.base import change, require
from recommendations.actions.errors import ActionRefused
from recommendations.models import Recommendation, User
from recommendations.models.fields import validate_readable
from recommendations.summaries.handover import Load, load_of, obstacles
from recommendations.vocabulary import UpdateState


def hand_over_all(
    *,
    of: User,
    to: User,
    by: User,
    expected: str,
    reason: str = "",
    is_deactivated: bool = False,
    at: datetime | None = None,
) -> Load:
    """Give all that waits for ``of`` to ``to``: one event a thing, and one that tells of it all.

    ``expected`` is the digest of the load that was shown. Who handed something in or asked for a
    date keeps having written it: neither of the two decides on it. With ``is_deactivated`` the
    account of ``of`` closes in the same step.
    """
    try:
        validate_readable(reason)
    except ValidationError as error:
        raise ValidationError({"reason": error.messages}) from error
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_hand_over_all(by), _("hand over the work of others"))
        of, to = (User.objects.get(pk=person.pk) for person in (of, to))
        load = load_of(of)
        if load.digest != expected:
            raise ActionRefused(_("Something changed since the preview: look at it again."))
        if hindering := obstacles(load, of, to):
            raise ActionRefused(" ".join(hindering))
        _hand_over(entry, load, of, to)
        told = {
            "to": to.pk,
            "recommendations": sorted({r.pk for r in (*load.officer_of, *load.reviewer_of)}),
            "updates": [update.pk for update in load.updates],
            "date_changes": [row.pk for row in load.date_requests],
            "withdrawn": [update.pk for update in load.forsaken],
        }
        entry.record("hand_over_all", of, before={}, after=told, reason=reason)
        if is_deactivated:
            people.switch(entry, of, by, is_active=False)
        if load.count:
            notices.handed_over_all(entry, of, to, load.count)
        return load


def _hand_over(entry: audit.Entry, load: Load, of: User, to: User) -> None:
    led = {found.pk: found for found in (*load.officer_of, *load.reviewer_of)}
    for recommendation in led.values():
        change(
            entry, recommendation, verb="change_hands", seen=None, **_posts(recommendation, of, to)
        )
    for update in load.updates:
        change(entry, update, verb="hand_over", seen=None, author=to)
    for update in load.forsaken:
        change(entry, update, verb="withdraw", seen=None, state=UpdateState.WITHDRAWN)
    for row in load.date_requests:
        change(entry, row, verb="hand_over", seen=None, requested_by=to)


def _posts(recommendation: Recommendation, of: User, to: User) -> dict[str, Any]:
    """What becomes of the posts that somebody held; who may not review leaves it to any manager."""
    posts: dict[str, Any] = {}
    if recommendation.lead_officer_id == of.pk:
        posts["lead_officer"] = to
    if recommendation.reviewer_id == of.pk:
        posts["reviewer"] = to if permissions.can_review(to) else None
    return posts
