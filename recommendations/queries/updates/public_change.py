"""What the public reads of a recommendation before and after an update is approved."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.choices import UpdateKind
from recommendations.models import Recommendation, StatusUpdate
from recommendations.queries.dates import day_text
from recommendations.queries.recommendations.rows import stated_publicly


@dataclass(frozen=True, slots=True)
class PublicStatement:
    """``text`` is the public summary, where there is none a sentence composed of the status."""

    text: str
    has_summary: bool
    target: str = ""


@dataclass(frozen=True, slots=True)
class PublicChange:
    """What the public reads ``today``, and ``after`` the decision.

    ``lost`` is the day of the update whose public summary would vanish; none where none would.
    """

    is_published: bool
    today: PublicStatement
    after: PublicStatement
    lost: date | None


def public_change(
    update: StatusUpdate, now: StatusUpdate | None, *, new_date: date | None, has_request: bool
) -> PublicChange | None:
    """``now`` is the update in force; with ``has_request`` the target date may become ``new_date``.

    None of what the public does not read: one addressee's own state. One query for a retraction.
    """
    if update.addressee_id is not None:
        return None
    about = update.recommendation
    following = _following(update, now)
    today = _statement(now, about, about.target_date, is_dated=has_request)
    day = new_date if has_request else about.target_date
    after = _statement(following, about, day, is_dated=has_request)
    is_lost = now is not None and today.has_summary and not after.has_summary
    is_public = about.published_at is not None and about.archived_at is None
    return PublicChange(is_public, today, after, now.as_of if now and is_lost else None)


def _following(update: StatusUpdate, now: StatusUpdate | None) -> StatusUpdate | None:
    """The update that is in force once this one is approved."""
    if update.kind == UpdateKind.CORRECTION:
        return update if now is not None and update.corrects_id == now.pk else now
    if update.kind == UpdateKind.RETRACTION:
        if now is None or update.retracts_id != now.pk:
            return now
        scope = StatusUpdate.objects.of_scope(update.recommendation_id, None)
        return scope.in_force(timezone.localdate()).exclude(pk=now.pk).first()
    return now if now is not None and update.as_of < now.as_of else update


def _statement(
    update: StatusUpdate | None, about: Recommendation, day: date | None, *, is_dated: bool
) -> PublicStatement:
    target = ""
    if is_dated:
        target = _("Target date: %s.") % day_text(day) if day else _("No target date.")
    if update is None:
        return PublicStatement(_("No report yet"), has_summary=False, target=target)
    if update.public_text:
        return PublicStatement(update.public_text, has_summary=True, target=target)
    stated = stated_publicly(
        update.implementation_status,
        update.confidence,
        update.as_of,
        update.rated_on,
        is_continuous=about.is_continuous,
        has_date=day is not None,
    )
    return PublicStatement(stated, has_summary=False, target=target)
