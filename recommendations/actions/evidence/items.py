"""Evidence, its use for claims, answers to what contradicts them; changes that are proposed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from recommendations import audit, permissions
from recommendations.actions.base import (
    BATCH,
    ActionRefused,
    Expected,
    add_row,
    change,
    change_row,
    clean_text,
    create,
    free_slug,
    remove,
    require,
    require_maintainer,
    required_text,
)
from recommendations.actions.evidence.files import Received, attach_file, store_row
from recommendations.actions.mail.queue import Notification
from recommendations.actions.notifications import notify
from recommendations.actions.proposals import require_as_seen
from recommendations.audit.snapshots import batches
from recommendations.choices import (
    EvidenceChangeKind,
    EvidenceChangeState,
    EvidenceKind,
    Reliability,
    ResponsePosition,
    Stance,
    UpdateState,
    Visibility,
)
from recommendations.columns import written
from recommendations.models import (
    Evidence,
    EvidenceChange,
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
from recommendations.queries.evidence.items import (
    gave_source,
    held_text,
    may_decide,
    shown_choice,
)
from recommendations.queries.evidence.uses import links_by_item, shown_evidence
from recommendations.queries.people import managers
from recommendations.queries.publicity import was_public
from recommendations.queries.shown import Shown

# ---- Mail of changes of evidence: that one awaits a decision, and how it was decided


def proposed(entry: audit.Entry, change: EvidenceChange) -> None:
    """Tell every manager who may decide that a change of published evidence awaits a decision."""
    words = {"who": str(entry.by), "title": change.evidence.title}

    def write(person: User) -> Notification:
        return Notification(
            subject=_("A change of published evidence awaits a decision"),
            lines=(
                _("%(who)s proposed a change of “%(title)s”.") % words,
                _("The public reads the approved version until you decide."),
            ),
            path=change.get_absolute_url(),
            link=_("Open the change"),
        )

    def recipients() -> list[User]:
        return [person for person in managers() if may_decide(person, change)]

    notify(entry, recipients, write)


def decided(entry: audit.Entry, change: EvidenceChange) -> None:
    """Tell who proposed a change how it was decided, with the note."""
    words = {"who": str(entry.by), "title": change.evidence.title}
    is_approved = change.state == EvidenceChangeState.APPROVED

    def write(person: User) -> Notification | None:
        if not permissions.can_read_drafts(person):
            return None
        if is_approved:
            subject = _("Your change of evidence was approved")
            line = _("%(who)s approved your change of “%(title)s”.") % words
        else:
            subject = _("Your change of evidence was rejected")
            line = _("%(who)s rejected your change of “%(title)s”.") % words
        return Notification(
            subject=subject,
            lines=(line,),
            path=change.get_absolute_url(),
            link=_("Open the change"),
            quoted=change.decision_note,
        )

    notify(entry, lambda: [change.proposed_by], write)


# ---- Changes of evidence that wait for a second manager: what readers outside rest on stays till
# then.
# Nothing of the item changes when a change is proposed, so that all who read it, at any day, read
# on what was approved. A link is the exception: it is there at once, for a contradiction must not
# be delayed, and readers outside do not see it yet.


def is_settled_target(target: StatusUpdate | Recommendation | Response | Observation) -> bool:
    """Whether readers outside were told what this is, and what it rests on."""
    match target:
        case StatusUpdate():
            return target.state == UpdateState.APPROVED
        case Recommendation():
            return was_public(target)
        case Response():
            return target.position != ResponsePosition.AWAITING
        case Observation():
            return True


def needs_agreement(link: EvidenceLink, by: User) -> bool:
    """Whether readers outside would see this link by one person alone.

    Public evidence that this person recorded, and any beside what is published itself or against
    an update.
    """
    item = link.evidence
    is_against = link.update_id is not None and link.stance == Stance.UNDERMINES
    is_own = item.recorded_by_id == by.pk or link.recommendation_id is not None
    return item.visibility == Visibility.PUBLIC and (is_own or is_against)


def is_seen_otherwise(link: EvidenceLink, values: Mapping[str, Any]) -> bool:
    """Whether readers outside would read something else of a link that they see."""
    is_other = any(
        values[name] != getattr(link, name)
        for name in ("stance", "is_placed_by_source")
        if name in values
    )
    about = link.recommendation
    return is_other and not link.is_internal and about is not None and was_public(about)


def propose_values(
    entry: audit.Entry, item: Evidence, by: User, after: Evidence, names: Collection[str]
) -> EvidenceChange:
    """Propose other details; ``after`` is the item as it would be, checked, in these fields."""
    return _propose(
        entry,
        item,
        by,
        EvidenceChangeKind.WORDING,
        old_values={name: held_text(item, name) for name in names},
        new_values={name: held_text(after, name) for name in names},
    )


def propose_file(
    entry: audit.Entry, item: Evidence, by: User, file: Received, note: str
) -> EvidenceChange:
    """Propose a newer file, whose bytes are stored and given to readers of drafts alone."""
    return _propose(
        entry,
        item,
        by,
        EvidenceChangeKind.FILE,
        file=store_row(entry, file),
        file_name=file.name,
        file_note=note,
    )


def _propose(
    entry: audit.Entry, item: Evidence, by: User, kind: EvidenceChangeKind, **values: Any
) -> EvidenceChange:
    open_ones = EvidenceChange.objects.filter(
        evidence=item, kind=kind, state=EvidenceChangeState.AWAITING
    )
    if kind != EvidenceChangeKind.LINK and (first := open_ones.first()) is not None:
        raise ActionRefused(
            _(
                "A change that %(who)s proposed already awaits a decision. Withdraw or decide it "
                "first."
            )
            % {"who": first.proposed_by}
        )
    row = EvidenceChange(evidence=item, kind=kind, proposed_at=entry.at, proposed_by=by, **values)
    made = add_row(entry, row, verb="propose_evidence")
    proposed(entry, made)
    return made


# ---- Evidence that contradicts an update: what ends it.
# One contradiction is an item that one person set at one time against one scope: the whole of a
# recommendation, or one addressee. Each update that it was carried to has a link of its own, with
# the same item, person and time. What ends one of these links ends the others too, as far as this
# person may end those.


def answer(*, link: EvidenceLink, by: User, text: str, at: datetime | None = None) -> EvidenceLink:
    """Answer an item that contradicts an update. The author of the update may not."""
    refusal = _("Enter the answer to this contradiction.")
    text = required_text(EvidenceLink.answer, text, refusal, under="text")
    with audit.entry(by=by, at=at) as entry:
        current = current_link(link)
        require(permissions.can_answer(by, current), _("You cannot answer this contradiction."))
        if current.stance != Stance.UNDERMINES or current.removed_at is not None:
            raise ActionRefused(_("Only evidence that contradicts an update can be answered."))
        if current.answered_at is not None:
            raise ActionRefused(_("This contradiction was already answered."))
        for each in (current, *_carried(current)):
            if permissions.can_answer(by, each):
                change(
                    entry,
                    each,
                    verb="answer",
                    answer=text,
                    answered_at=entry.at,
                    answered_by=by,
                )
        return current


def end(entry: audit.Entry, current: EvidenceLink, by: User, reason: str) -> None:
    """Remove a contradiction: who added it withdraws it, a manager gives a reason.

    ``current`` is a live link that was read in this entry. An answered one stays, and is counted.
    """
    require(
        permissions.can_end_contradiction(by, current),
        _(
            "You cannot remove this contradiction. Answer it, or ask a manager who did not "
            "write the update."
        ),
    )
    if current.answered_at is not None:
        raise ActionRefused(
            _("This contradiction was answered. It stays on record with the answer.")
        )
    if current.added_by_id != by.pk and not reason.strip():
        raise ValidationError({"reason": _("Enter the reason.")})
    for each in (current, *_carried(current)):
        if permissions.can_end_contradiction(by, each):
            change(
                entry,
                each,
                verb="end_contradiction",
                reason=reason,
                removed_at=entry.at,
                removed_by=by,
            )


def current_link(link: EvidenceLink) -> EvidenceLink:
    """The link as it is stored now, with what it is for; read under the lock of the chain."""
    rows = EvidenceLink.objects.select_related(
        "update__recommendation",
        "response__addressee__recommendation",
        "observation__indicator",
        "evidence",
    )
    return rows.get(pk=link.pk)


def _carried(link: EvidenceLink) -> list[EvidenceLink]:
    """The other open links of the same contradiction, on earlier and later updates."""
    update = link.update
    if update is None:
        return []
    same = EvidenceLink.objects.open_contradictions().filter(
        update__recommendation=update.recommendation_id,
        update__addressee=update.addressee_id,
        evidence=link.evidence_id,
        added_by=link.added_by_id,
        added_at=link.added_at,
    )
    return list(same.exclude(pk=link.pk).select_related("update__recommendation", "evidence"))


# ---- Evidence: recording it, linking it, checking it

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


WITH_AN_UPDATE = _lazy(
    "This update is approved: it rests on the evidence that was approved with it. Log an update "
    "with this evidence. Evidence that contradicts the update can be added here."
)
"""Why an approved update takes no evidence but against it."""


def is_decided(target: EvidenceTarget | None) -> bool:
    """Whether what a target rests on was decided, and is not added to any more."""
    return isinstance(target, StatusUpdate) and target.state == UpdateState.APPROVED


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
        require(may, _("You cannot add evidence here."))
        return _record(entry, by, values, file)


@dataclass(frozen=True, slots=True)
class EvidenceInput:
    """One evidence item for a claim: one that is recorded already, or the values of a new one.

    ``seen`` is what the page showed of a recorded one, if it did; ``file`` the file of a new one,
    if it has any; ``why`` is a sentence on what it shows.
    """

    stance: str
    why: str = ""
    is_placed_by_source: bool = False
    evidence: Evidence | None = None
    seen: Shown | None = None
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
    made = []
    for item in items:
        if item.stance != Stance.UNDERMINES and is_decided(target):
            raise ActionRefused(str(WITH_AN_UPDATE))
        if item.evidence is None:
            if problems := visibility_problems(item.values or {}, target):
                raise ValidationError(problems)
            mine = EvidenceLink.objects.live().filter(
                added_by=by.pk, stance=item.stance, **{name: target.pk}
            )
            if _is_among(mine, item):
                continue
            evidence = _record(entry, by, item.values or {}, item.file)
        else:
            evidence = _as_chosen(item.evidence, item.seen)
        link = EvidenceLink(
            evidence=evidence,
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
            _propose(entry, link.evidence, by, EvidenceChangeKind.LINK, link=link)
    return made


def _as_chosen(evidence: Evidence, seen: Shown | None) -> Evidence:
    """The item as it is now; refused with both texts if it said otherwise where it was picked."""
    now = Evidence.objects.get(pk=evidence.pk)
    changes = seen.changes(shown_choice(now)) if seen is not None else None
    if changes is None:
        return now
    told = " ".join(
        _("%(field)s: “%(before)s” is now “%(after)s”.")
        % {"field": change.label, "before": change.before, "after": change.after}
        for change in changes
    )
    refusal = _("“%s” was changed after you opened the page. Check it, then add it again.")
    raise ActionRefused(f"{refusal % now.title} {told}".strip())


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
            require(permissions.can_attach(by, update), _("You cannot add evidence here."))
            if update.state == UpdateState.WITHDRAWN:
                raise ActionRefused(_("This update was withdrawn. No evidence can be added."))
            return update
        case Recommendation():
            recommendation = Recommendation.objects.get(pk=to.pk)
            may = permissions.can_add_to(by, recommendation)
            require(may, _("You cannot add evidence here."))
            return recommendation
        case Response():
            response = Response.objects.select_related("addressee__recommendation").get(pk=to.pk)
            may = permissions.can_log(by, response.addressee.recommendation)
            require(may, _("You cannot add evidence here."))
            if response.addressee.removed_at is not None:
                raise ActionRefused(_("%s is no longer an addressee.") % response.addressee)
            return response
        case Observation():
            rows = Observation.objects.select_related("indicator", "import_run")
            figure = rows.get(pk=to.pk)
            may = permissions.can_observe(by, figure.indicator)
            require(may, _("You cannot add evidence here."))
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
        require_maintainer(by)
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
        current = current_link(link)
        if current.removed_at is not None:
            raise ActionRefused(_("This link was already removed."))
        if current.update is not None:
            if current.stance == Stance.UNDERMINES:
                end(entry, current, by, reason)
                return current
            require(
                permissions.can_attach(by, current.update),
                _("You cannot remove this evidence."),
            )
            if current.update.state == UpdateState.APPROVED:
                raise ActionRefused(
                    _(
                        "Evidence of an approved update cannot be removed. Correct or retract "
                        "the update."
                    )
                )
        else:
            require(permissions.can_detach(by, current), _("You cannot remove this evidence."))
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
            _("You cannot withdraw this verification."),
        )
        if current.removed_at is not None:
            raise ActionRefused(_("This was already withdrawn."))
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
    problems = {}
    if not values.get("title"):
        problems["title"] = _("Enter a title, or select recorded evidence.")
    if not (values.get("url") or values.get("citation")):
        problems["url"] = _("Enter a web address or a citation, or add a file.")
    return problems


def day_problems(
    values: Mapping[str, Any], today: date, item: Evidence | None = None
) -> dict[str, str]:
    """Which days given of a new item, or other than the ``item`` has, are to come, by field."""
    given = {name: values.get(name) for name in ("effective_on", "retrieved_on")}
    return {
        name: _("The day must not be in the future.")
        for name, day in given.items()
        if day is not None and day > today and (item is None or day != getattr(item, name))
    }


def visibility_problems(values: Mapping[str, Any], target: EvidenceTarget) -> dict[str, str]:
    """Why a new item for this target may not be public from the start, by field."""
    if is_decided(target) and values.get("visibility") == Visibility.PUBLIC:
        return {"visibility": str(NOT_PUBLIC_YET)}
    return {}


def _record(
    entry: audit.Entry, by: User, values: Mapping[str, Any], file: Received | None = None
) -> Evidence:
    problems = {} if file else source_problems(values)
    if problems := problems | day_problems(values, entry.today):
        raise ValidationError(problems)
    item = Evidence(recorded_at=entry.at, recorded_by=by, last_revision=1 if file else 0, **values)
    if item.reliability != Reliability.NOT_JUDGED:
        raise ValidationError({"reliability": _("Only verifiers can rate the reliability.")})
    item.slug = item.slug or free_slug(Evidence, item.title)
    add_row(entry, item)
    if file is not None:
        attach_file(entry, item, by, file)
    return item


# ---- Evidence of many updates at once, by its addresses: the bulk form of recording and linking

LONGEST_TITLE = 300


def item_values(address: str) -> dict[str, Any]:
    """What is recorded of a web page of which nothing but the address is known.

    Internal, and not verified by anybody.
    """
    return {
        "title": title_of(address),
        "kind": EvidenceKind.WEB_PAGE,
        "url": address,
        "visibility": Visibility.INTERNAL,
    }


def title_of(address: str) -> str:
    """The address without what every one begins with."""
    parts = urlsplit(address)
    return f"{parts.netloc}{parts.path}".rstrip("/")[:LONGEST_TITLE] or address[:LONGEST_TITLE]


def support_with_addresses(
    act: audit.BulkAct, named: Sequence[tuple[StatusUpdate, Collection[str]]]
) -> None:
    """Link addresses as support of updates that are not approved yet.

    An address is recorded once, by the author of the first update that names it; one that was
    recorded before is linked.
    """
    items = _recorded({address for _update, addresses in named for address in addresses})
    new: dict[str, Evidence] = {}
    slugs = set(Evidence.objects.values_list("slug", flat=True)) if named else set()
    for update, addresses in named:
        for address in addresses:
            if address not in items and address not in new:
                new[address] = _item(act, update, address, slugs)
    act.follow_new(Evidence.objects.bulk_create(new.values(), batch_size=BATCH))
    items |= new
    links = [
        EvidenceLink(
            evidence=items[address],
            update=update,
            stance=Stance.SUPPORTS,
            added_at=act.entry.at,
            added_by=update.author,
        )
        for update, addresses in named
        for address in dict.fromkeys(addresses)
    ]
    act.follow_new(EvidenceLink.objects.bulk_create(links, batch_size=BATCH))


def _recorded(addresses: Collection[str]) -> dict[str, Evidence]:
    """Items that have one of these addresses, the oldest of each."""
    found: dict[str, Evidence] = {}
    for some in batches(sorted(addresses), BATCH):
        for item in Evidence.objects.filter(url__in=some).order_by("pk"):
            found.setdefault(item.url, item)
    return found


def _item(act: audit.BulkAct, update: StatusUpdate, address: str, slugs: set[str]) -> Evidence:
    values = item_values(address)
    slug = free_slug(Evidence, values["title"], slugs)
    slugs.add(slug)
    return Evidence(slug=slug, recorded_at=act.entry.at, recorded_by=update.author, **values)
