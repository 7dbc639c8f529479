"""Evidence: recording it, linking it, checking it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from recommendations import audit, permissions
from recommendations.actions.base import (
    Expected,
    add_row,
    change,
    change_row,
    clean_text,
    create,
    free_slug,
    remove,
    require,
    require_as_seen,
)
from recommendations.actions.errors import ActionRefused
from recommendations.actions.evidence import contradictions
from recommendations.actions.evidence.files import Received, attach_file
from recommendations.actions.evidence.proposals import (
    is_seen_otherwise,
    is_settled_target,
    needs_agreement,
    propose_link,
)
from recommendations.choices import (
    Reliability,
    Stance,
    UpdateState,
    Visibility,
)
from recommendations.columns import written
from recommendations.models import (
    Evidence,
    EvidenceCheck,
    EvidenceLink,
    EvidenceRevision,
    Observation,
    Recommendation,
    Response,
    StatusUpdate,
    User,
)
from recommendations.queries.dates import day_text
from recommendations.queries.evidence.hands import gave_source
from recommendations.queries.evidence.shown import shown_evidence
from recommendations.queries.evidence.uses import links_by_item
from recommendations.queries.shown import Shown

EvidenceTarget = StatusUpdate | Recommendation | Response | Observation
"""What evidence can be linked to."""

TARGET_FIELDS: Mapping[type[EvidenceTarget], str] = {
    StatusUpdate: "update",
    Recommendation: "recommendation",
    Response: "response",
    Observation: "observation",
}
"""The column of a link that holds its target."""

ITEM_FIELDS = written(Evidence, "reliability")
"""What may be edited of an item. Its reliability is judged by those who check it."""

NOT_PUBLIC_YET = _lazy(
    "This update is approved: record the evidence as internal. A manager who did not record it can "
    "make it public."
)
"""Why new evidence under an approved update is not public from the start."""


def record(
    *,
    by: User,
    values: Mapping[str, Any],
    file: Received | None = None,
    at: datetime | None = None,
) -> Evidence:
    """Record an evidence item by citation, by address or by its file."""
    with audit.entry(by=by, at=at) as entry:
        may = permissions.can_write(by) or permissions.can_manage(by)
        require(may, _("You may not record evidence."))
        return _record(entry, by, values, file)


@dataclass(frozen=True, slots=True)
class EvidenceInput:
    """One evidence item for a claim: one that is recorded already, or the values of a new one.

    ``file`` is the file of a new one, if it has any; ``why`` is a sentence on what it shows.
    """

    stance: str
    why: str = ""
    is_placed_by_source: bool = False
    evidence: Evidence | None = None
    values: Mapping[str, Any] | None = None
    file: Received | None = None


def attach_evidence(
    *, to: EvidenceTarget, by: User, items: Sequence[EvidenceInput], at: datetime | None = None
) -> list[EvidenceLink]:
    """Link evidence to a recommendation, an update, a response or a figure: all of it or nothing.

    A new item that this person has linked there already, with the same stance, is not recorded
    again: that is a form sent twice. So the answer holds the links that were made, and may be
    shorter than ``items``.
    """
    with audit.entry(by=by, at=at) as entry:
        current = _open_target(to, by)
        if any(item.stance == Stance.UNDERMINES for item in items):
            _require_current(entry, current)
        return attach_items(entry, current, by, items)


def attach_items(
    entry: audit.Entry, target: EvidenceTarget, by: User, items: Iterable[EvidenceInput]
) -> list[EvidenceLink]:
    """Link evidence to a target that was read in this entry and takes it from this person."""
    name, is_settled = TARGET_FIELDS[type(target)], is_settled_target(target)
    is_approved = isinstance(target, StatusUpdate) and is_settled
    made = []
    for item in items:
        if item.evidence is None:
            if is_approved and (item.values or {}).get("visibility") == Visibility.PUBLIC:
                raise ValidationError({"visibility": NOT_PUBLIC_YET})
            mine = EvidenceLink.objects.live().filter(
                added_by=by.pk, stance=item.stance, **{name: target.pk}
            )
            if _is_among(mine, item):
                continue
        link = EvidenceLink(
            evidence=item.evidence or _record(entry, by, item.values or {}, item.file),
            stance=item.stance,
            why=item.why,
            is_placed_by_source=item.is_placed_by_source,
            added_at=entry.at,
            added_by=by,
        )
        setattr(link, name, target)
        link.waits_for_agreement = is_settled and needs_agreement(link, by)
        made.append(add_row(entry, link, verb="attach"))
        if link.waits_for_agreement:
            propose_link(entry, link, by)
    return made


def _require_current(entry: audit.Entry, target: EvidenceTarget) -> None:
    """Refuse to contradict an approved update that is history: nobody would see it on that."""
    if not isinstance(target, StatusUpdate) or target.state != UpdateState.APPROVED:
        return
    scope = StatusUpdate.objects.of_scope(target.recommendation_id, target.addressee_id)
    current = scope.in_force(entry.today, entry.at).first()
    if current is not None and current != target:
        raise ActionRefused(
            _("The update as of %s is current. Add the contradiction to that update.")
            % day_text(current.as_of)
        )


def _open_target(to: EvidenceTarget, by: User) -> EvidenceTarget:
    """What the evidence is for, as it is now; refused where this person may not add any."""
    match to:
        case StatusUpdate():
            update = StatusUpdate.objects.select_related("recommendation").get(pk=to.pk)
            require(
                permissions.can_attach(by, update), _("You may not add evidence to this update.")
            )
            if update.state == UpdateState.WITHDRAWN:
                raise ActionRefused(_("This update was withdrawn. No evidence can be added."))
            return update
        case Recommendation():
            recommendation = Recommendation.objects.get(pk=to.pk)
            may = permissions.can_add_to(by, recommendation)
            require(may, _("You may not add evidence to this recommendation."))
            return recommendation
        case Response():
            response = Response.objects.select_related("addressee__recommendation").get(pk=to.pk)
            may = permissions.can_log(by, response.addressee.recommendation)
            require(may, _("You may not add evidence to this response."))
            if response.addressee.removed_at is not None:
                raise ActionRefused(_("%s is no longer an addressee.") % response.addressee)
            return response
        case Observation():
            rows = Observation.objects.select_related("indicator", "import_run")
            figure = rows.get(pk=to.pk)
            may = permissions.can_observe(by, figure.indicator)
            require(may, _("You may not add evidence to values of this indicator."))
            if figure.is_withdrawn:
                raise ActionRefused(_("This value was withdrawn when its import was undone."))
            if not Observation.objects.latest_revisions().filter(pk=figure.pk).exists():
                raise ActionRefused(
                    _("This value was revised. Add evidence to the current revision.")
                )
            return figure


def _is_among(links: QuerySet[EvidenceLink], item: EvidenceInput) -> bool:
    """Whether one of these links is to an item with this file, or with this title and source."""
    if item.file is not None:
        return links.filter(evidence__revisions__file=item.file.sha256).exists()
    values = item.values or {}
    same = {f"evidence__{name}": values.get(name, "") for name in ("title", "url", "citation")}
    return links.filter(**same).exists()


def change_evidence_link(
    *,
    link: EvidenceLink,
    by: User,
    expected_version: Expected,
    values: Mapping[str, Any],
    at: datetime | None = None,
) -> EvidenceLink:
    """Change what an item is to a recommendation, and why it is linked."""
    with audit.entry(by=by, at=at) as entry:
        rows = EvidenceLink.objects.select_related("evidence", "recommendation")
        current = rows.filter(recommendation__isnull=False).get(pk=link.pk)
        require(
            permissions.can_change_recommendations(by), _("You may not change recommendations.")
        )
        if is_seen_otherwise(current, values):
            raise ActionRefused(
                _(
                    "The public reads this link. Remove it and link the evidence again: another "
                    "manager then decides."
                )
            )
        return change_row(entry, current, expected_version, values)


def detach(
    *,
    link: EvidenceLink,
    by: User,
    reason: str = "",
    expected_version: Expected = None,
    at: datetime | None = None,
) -> EvidenceLink:
    """Remove a link; it stays on record.

    What an approved update rests on is not removed; what contradicts an update is ended by the
    rules of ``contradictions``, with a ``reason`` where a manager does.
    """
    reason = clean_text(StatusUpdate.decision_note, reason, under="reason")
    with audit.entry(by=by, at=at) as entry:
        current = contradictions.current_link(link)
        if current.removed_at is not None:
            raise ActionRefused(_("This link was already removed."))
        if current.update is not None:
            if current.stance == Stance.UNDERMINES:
                contradictions.end(entry, current, by, reason)
                return current
            require(
                permissions.can_attach(by, current.update),
                _("You may not remove evidence from this update."),
            )
            if current.update.state == UpdateState.APPROVED:
                raise ActionRefused(
                    _(
                        "Evidence of an approved update cannot be removed. Correct or retract "
                        "the update."
                    )
                )
        else:
            require(permissions.can_detach(by, current), _("You may not remove this evidence."))
        remove(entry, current, expected_version=expected_version, verb="detach")
        return current


def check_evidence(
    *,
    evidence: Evidence,
    by: User,
    note: str = "",
    reliability: str = "",
    seen: Shown | None = None,
    at: datetime | None = None,
) -> EvidenceCheck:
    """Record that one has looked the item up, with its current file, and found it as described.

    ``reliability`` is how far the checker relies on it; empty leaves the judgement as it is.
    ``seen`` is what the page showed of the item.
    """
    with audit.entry(by=by, at=at) as entry:
        current = Evidence.objects.get(pk=evidence.pk)
        revision = current_revision(current)
        _require_checkable(current, revision, by)
        require_as_seen(seen, lambda: _shown_now(current, revision, by))
        made = EvidenceCheck(
            evidence=current,
            by=by,
            organisation=by.organisation,
            at=entry.at,
            note=note,
            revision=current.last_revision,
        )
        made.clean_fields()
        create(entry, made, verb="check")
        _judge(entry, current, reliability)
        return made


def _require_checkable(item: Evidence, revision: EvidenceRevision | None, by: User) -> None:
    require(
        permissions.can_check_evidence(by, item, revision),
        _("You cannot verify evidence that you recorded."),
    )
    require(
        not gave_source(item, by),
        _("You cannot verify an address or citation that you gave."),
    )
    if revision is not None and not revision.file.is_given:
        raise ActionRefused(_("The file is not available, so this evidence cannot be verified."))
    live = item.checks.filter(by=by, removed_at__isnull=True)
    if live.filter(revision=item.last_revision).exists():
        raise ActionRefused(_("You have already verified this evidence."))


def _shown_now(item: Evidence, revision: EvidenceRevision | None, by: User) -> Shown:
    checks = item.checks.filter(removed_at__isnull=True).select_related("by")
    return shown_evidence(item, revision, checks, links_by_item([item.pk], by)[item.pk])


def current_revision(evidence: Evidence) -> EvidenceRevision | None:
    """The file that an item has now, if it has any."""
    rows = evidence.revisions.select_related("file")
    return rows.filter(number=evidence.last_revision).first()


def _judge(entry: audit.Entry, evidence: Evidence, reliability: str) -> None:
    if not reliability or reliability == evidence.reliability:
        return
    if reliability not in Reliability.values:
        raise ValidationError({"reliability": _("This reliability rating does not exist.")})
    change(entry, evidence, verb="judge", reliability=reliability)


def withdraw_check(*, check: EvidenceCheck, by: User, at: datetime | None = None) -> EvidenceCheck:
    """Withdraw one's own check."""
    with audit.entry(by=by, at=at) as entry:
        current = EvidenceCheck.objects.get(pk=check.pk)
        require(
            permissions.can_review(by) and current.by_id == by.pk,
            _("You may not withdraw this verification."),
        )
        if current.removed_at is not None:
            raise ActionRefused(_("This verification was already withdrawn."))
        change(
            entry,
            current,
            verb="withdraw_check",
            removed_at=entry.at,
            removed_by=by,
        )
        return current


def source_problems(values: Mapping[str, Any]) -> dict[str, str]:
    """What an item without a file lacks to be found again, by field."""
    if not values.get("title"):
        return {"title": _("Enter a title, or select recorded evidence.")}
    if not (values.get("url") or values.get("citation")):
        return {"url": _("Enter a web address or a citation, or add a file.")}
    return {}


def _record(
    entry: audit.Entry, by: User, values: Mapping[str, Any], file: Received | None = None
) -> Evidence:
    if file is None and (problems := source_problems(values)):
        raise ValidationError(problems)
    item = Evidence(recorded_at=entry.at, recorded_by=by, last_revision=1 if file else 0, **values)
    if item.reliability != Reliability.NOT_JUDGED:
        raise ValidationError({"reliability": _("Only verifiers can rate the reliability.")})
    item.slug = item.slug or free_slug(Evidence, item.title)
    add_row(entry, item)
    if file is not None:
        attach_file(entry, item, by, file)
    return item
