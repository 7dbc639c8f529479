"""Evidence: recording it, linking it, checking it, answering what stands against a claim."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import change, checked, create, require
from recommendations.actions.errors import ActionRefused
from recommendations.models import (
    Evidence,
    EvidenceCheck,
    EvidenceLink,
    Recommendation,
    Response,
    StatusUpdate,
    User,
)
from recommendations.vocabulary import Stance, UpdateState


def record(*, by: User, values: Mapping[str, Any], at: datetime | None = None) -> Evidence:
    """Record an evidence item by citation or address."""
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_write(by), _("record evidence"))
        return _record(entry, by, values)


def attach(
    *,
    update: StatusUpdate,
    by: User,
    stance: str,
    values: Mapping[str, Any] | None = None,
    evidence: Evidence | None = None,
    why: str = "",
    at: datetime | None = None,
) -> EvidenceLink:
    """Link evidence to an update: an item that is there, or a new one made of ``values``."""
    with audit.entry(by=by, at=at) as entry:
        current = StatusUpdate.objects.select_related("recommendation").get(pk=update.pk)
        require(permissions.can_attach(by, current), _("add evidence to this update"))
        if current.state == UpdateState.WITHDRAWN:
            raise ActionRefused(_("This update was withdrawn: nothing can be added to it."))
        item = evidence or _record(entry, by, values or {})
        return _link(entry, by, item, stance, why, update=current)


def attach_to_recommendation(
    *,
    recommendation: Recommendation,
    by: User,
    evidence: Evidence,
    stance: str,
    why: str = "",
    at: datetime | None = None,
) -> EvidenceLink:
    """Link evidence to a recommendation, as need or background."""
    with audit.entry(by=by, at=at) as entry:
        current = Recommendation.objects.get(pk=recommendation.pk)
        require(permissions.can_log(by, current), _("add evidence to this recommendation"))
        return _link(entry, by, evidence, stance, why, recommendation=current)


def attach_to_response(
    *,
    response: Response,
    by: User,
    stance: str,
    values: Mapping[str, Any] | None = None,
    evidence: Evidence | None = None,
    why: str = "",
    at: datetime | None = None,
) -> EvidenceLink:
    """Link evidence to what an addressee says: an item that is there, or a new one."""
    with audit.entry(by=by, at=at) as entry:
        rows = Response.objects.select_related("addressee__recommendation")
        current = rows.get(pk=response.pk)
        addressee = current.addressee
        may = permissions.can_log(by, addressee.recommendation)
        require(may, _("add evidence to this response"))
        if addressee.removed_at is not None:
            raise ActionRefused(_("%s is not addressed any more.") % addressee)
        item = evidence or _record(entry, by, values or {})
        return _link(entry, by, item, stance, why, response=current)


def detach(*, link: EvidenceLink, by: User, at: datetime | None = None) -> EvidenceLink:
    """Take a link away, unless the update it stands under is approved; it stays on record."""
    with audit.entry(by=by, at=at) as entry:
        current = _fresh_link(link)
        if current.removed_at is not None:
            raise ActionRefused(_("This link was taken away already."))
        if current.update is not None:
            require(permissions.can_attach(by, current.update), _("take evidence from this update"))
            if current.update.state == UpdateState.APPROVED:
                raise ActionRefused(
                    _("What an approved update rests on stays: correct or retract the update.")
                )
            if current.stance == Stance.UNDERMINES and current.added_by_id != by.pk:
                require(
                    current.update.author_id != by.pk,
                    _("take away what somebody else set against your update"),
                )
        else:
            require(permissions.can_detach(by, current), _("take this evidence away"))
        change(entry, current, verb="detach", seen=None, removed_at=entry.at, removed_by=by)
        return current


def check(
    *, evidence: Evidence, by: User, note: str = "", at: datetime | None = None
) -> EvidenceCheck:
    """Say that one has looked the item up and found it as described."""
    with audit.entry(by=by, at=at) as entry:
        current = Evidence.objects.get(pk=evidence.pk)
        require(permissions.can_check_evidence(by, current), _("check evidence that you recorded"))
        if current.checks.filter(by=by, removed_at__isnull=True).exists():
            raise ActionRefused(_("You have checked this item already."))
        made = EvidenceCheck(
            evidence=current, by=by, organisation=by.organisation, at=entry.at, note=note
        )
        made.clean_fields()
        create(entry, made, verb="check")
        return made


def withdraw_check(*, check: EvidenceCheck, by: User, at: datetime | None = None) -> EvidenceCheck:
    """Take one's own check back."""
    with audit.entry(by=by, at=at) as entry:
        current = EvidenceCheck.objects.get(pk=check.pk)
        require(permissions.can_review(by) and current.by_id == by.pk, _("take this check back"))
        if current.removed_at is not None:
            raise ActionRefused(_("This check was taken back already."))
        change(entry, current, verb="withdraw_check", seen=None, removed_at=entry.at, removed_by=by)
        return current


def answer(*, link: EvidenceLink, by: User, text: str, at: datetime | None = None) -> EvidenceLink:
    """Answer an item that stands against an update. The author of the update may not."""
    if not text.strip():
        raise ValidationError({"text": _("Say what answers it.")})
    text = checked(EvidenceLink.answer, text, under="text")
    with audit.entry(by=by, at=at) as entry:
        current = _fresh_link(link)
        require(permissions.can_answer(by, current), _("answer this item"))
        if current.stance != Stance.UNDERMINES or current.removed_at is not None:
            raise ActionRefused(_("Only an item that stands against an update can be answered."))
        if current.answered_at is not None:
            raise ActionRefused(_("This item was answered already."))
        change(
            entry,
            current,
            verb="answer",
            seen=None,
            answer=text,
            answered_at=entry.at,
            answered_by=by,
        )
        return current


def free_slug(title: str) -> str:
    """A short name made from a title that no other evidence item has."""
    base = slugify(title)[:50] or "evidence"
    taken = set(Evidence.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    number = 1
    slug = base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def _record(entry: audit.Entry, by: User, values: Mapping[str, Any]) -> Evidence:
    item = Evidence(recorded_at=entry.at, recorded_by=by, **values)
    item.slug = item.slug or free_slug(item.title)
    item.full_clean()
    create(entry, item)
    return item


def _link(
    entry: audit.Entry, by: User, item: Evidence, stance: str, why: str, **target: Any
) -> EvidenceLink:
    link = EvidenceLink(
        evidence=item, stance=stance, why=why, added_at=entry.at, added_by=by, **target
    )
    link.full_clean()
    create(entry, link, verb="attach")
    return link


def _fresh_link(link: EvidenceLink) -> EvidenceLink:
    rows = EvidenceLink.objects.select_related(
        "update__recommendation", "response__addressee__recommendation", "evidence"
    )
    return rows.get(pk=link.pk)
