"""What the public reads of updates: approved ones, and what approval would change."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import attrgetter, or_
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import audiences
from recommendations.audit.rewind import REDACT, changes_since
from recommendations.choices import (
    FINISHED_STATUSES,
    PUBLIC_FLAGS,
    RULES,
    Flag,
    Stance,
    UpdateKind,
    UpdateState,
    Visibility,
    label_of_confidence,
    label_of_status,
)
from recommendations.models import (
    AuditEvent,
    Evidence,
    EvidenceLink,
    Recommendation,
    RecommendationState,
    StatusUpdate,
    fictional,
)
from recommendations.models.updates import approved_by_import
from recommendations.queries.cache import audience_of, cached
from recommendations.queries.dates import beginning_of, day_text
from recommendations.queries.recommendations.past.ever_public import (
    Publications,
    approved_by,
    moments_of,
    was_status_public,
)
from recommendations.queries.recommendations.past.rows import update_in_force
from recommendations.queries.recommendations.status_text import (
    cited_path,
    public_reason_text,
    sentences_of,
    taken_over_publicly,
    update_text,
)

# ---- What the public reads of a recommendation before and after an update is approved


@dataclass(frozen=True, slots=True)
class PublicStatement:
    """``text`` is the public summary, where there is none a sentence composed of the status."""

    text: str
    has_summary: bool
    target: str = ""
    reason: str = ""


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
    reason = public_reason_text(update.confidence, update.public_reason)
    stated = update.public_text or update_text(update, has_date=day is not None)
    return PublicStatement(stated, bool(update.public_text), target, reason)


# ---- What the public will read of an update once it is approved


@dataclass(frozen=True, slots=True)
class PublicPreview:
    """``stated`` is composed of status, confidence and day; ``vanishing`` ends with approval."""

    title: str
    stated: str
    text: str
    reason: str
    vanishing: str
    is_published: bool


def public_preview(update: StatusUpdate, now: StatusUpdate | None) -> PublicPreview | None:
    """The same for an update as it is typed; none without a status. ``now`` is the one in force."""
    if not update.implementation_status:
        return None
    recommendation = update.recommendation
    is_late = now is not None and update.as_of < now.as_of
    shown = now.public_text if now is not None and not is_late else ""
    return PublicPreview(
        title=recommendation.title,
        stated=update_text(update, has_date=recommendation.has_date, rated_on=update.as_of),
        text=update.public_text,
        reason=public_reason_text(update.confidence, update.public_reason),
        vanishing="" if update.public_text else shown,
        is_published=recommendation.published_at is not None,
    )


# ---- What became public, the newest first: updates that were current then, and changed wordings

PUBLIC = audiences.Audience(frozenset())
"""Readers without a role, whoever asks: a feed is the same for everybody."""

NEWEST = 50
"""Updates in a feed at most."""


@dataclass(frozen=True, slots=True)
class PublicUpdate:
    """The named fields of one approved update, in words, for readers outside.

    ``path`` is the address that shows what was current when it became public at ``public_at``,
    which is its approval, or the later publication of the recommendation. What is current still is
    told with all that its page warns of today. ``labels`` are status and confidence; a retraction
    has none, nor has a changed wording, which leads to the earlier. At ``updated_at`` its words
    became what they are.
    """

    key: str
    title: str
    path: str
    statements: tuple[str, ...]
    labels: tuple[str, ...]
    approved_at: datetime
    public_at: datetime
    updated_at: datetime


def public_updates(
    version: str, *, source: int | None = None, recommendation: int | None = None
) -> tuple[PublicUpdate, ...]:
    """The newest of all, of one source or of one recommendation, by their ids; eight queries.

    None is asked until something is recorded: ``version`` is the hash of the last event.
    """

    def read() -> tuple[PublicUpdate, ...]:
        scope = {"recommendation__source": source, "recommendation": recommendation}
        rows = _public().filter(**{name: pk for name, pk in scope.items() if pk is not None})
        newest = list(rows.order_by("-decided_at", "-pk")[:NEWEST])
        found = _in_words(list(_ever_public(newest)))
        found += _changed_wordings(source, recommendation)
        return tuple(sorted(found, key=attrgetter("approved_at"), reverse=True)[:NEWEST])

    return cached(
        "public updates",
        read,
        audience=audience_of(PUBLIC),
        version=version,
        parts=(source, recommendation),
    )


def _changed_wordings(source: int | None, recommendation: int | None) -> Iterator[PublicUpdate]:
    """The last change of each published wording, with the reason that readers are given."""
    scope = {"source": source, "pk": recommendation}
    rows = Recommendation.objects.status_visible_to(PUBLIC).filter(
        is_wording_reason_public=True,
        wording_amended_at__gte=F("published_at"),
        **{name: pk for name, pk in scope.items() if pk is not None},
    )
    named = ("reference", "title", "wording_amended_at", "wording_reason")
    newest = rows.order_by("-wording_amended_at", "-pk").annotate(is_fictional=fictional())
    for row in newest.only(*named)[:NEWEST]:
        at = row.wording_amended_at
        words = {"reference": row.reference, "title": row.title}
        title = _("%(reference)s %(title)s: wording changed") % words
        yield PublicUpdate(
            key=str(uuid5(NAMESPACE_URL, f"wording of {row.reference}, {at.isoformat()}")),
            title=marked(title, row.is_fictional),
            path=reverse("recommendation-wording", args=[row.reference]),
            statements=(row.wording_reason,),
            labels=(),
            approved_at=at,
            public_at=at,
            updated_at=at,
        )


def marked(title: str, is_fictional: bool | None) -> str:
    """A title that stands alone, in a feed or a calendar, with the mark of what is fictional."""
    return _("Demonstration: %(title)s") % {"title": title} if is_fictional else title


def _public() -> QuerySet[Any]:
    """On the whole of what is published now, and current at some time since it was.

    What was corrected or retracted is left out. So is a correction or a retraction of what was not
    current any more: the public never read that on a page.
    """
    seen = Recommendation.objects.order_by().status_visible_to(PUBLIC)
    # What was undone with its batch, too, is found on no page any more.
    approved = StatusUpdate.objects.order_by().filter(
        state=UpdateState.APPROVED, addressee__isnull=True, opening_row__undone_at__isnull=True
    )
    replaced = approved.filter(Q(corrects=OuterRef("pk")) | Q(retracts=OuterRef("pk")))
    rows: QuerySet[Any] = approved.filter(
        ~Exists(replaced),
        ~Exists(_later(approved)),
        Q(decided_at__gte=F("recommendation__published_at"))
        | Q(recommendation__current_update=F("pk")),
        recommendation__in=seen.values("pk"),
    )
    public_at = Greatest("decided_at", "recommendation__published_at")
    known = AuditEvent.objects.filter(at__lte=OuterRef("public_at")).order_by("-at", "-sequence")
    found: QuerySet[Any] = (
        rows.annotate(public_at=public_at, is_approved_by_import=approved_by_import())
        .annotate(
            record_number=Subquery(known.values("sequence")[:1]),
            record_hash=Subquery(known.values("hash")[:1]),
            is_fictional=fictional("recommendation__") | Q(author__is_demonstration=True),
        )
        .select_related("recommendation")
        .only(
            *("key", "kind", "as_of", "implementation_status", "confidence", "rated_on"),
            *("public_text", "public_reason", "state", "decided_at", "retracts"),
            *("recommendation__reference", "recommendation__title", "recommendation__nature"),
            *("recommendation__published_at", "recommendation__current_update"),
            "recommendation__target_date",
        )
    )
    return found


def _ever_public(rows: Sequence[Any]) -> Iterator[Any]:
    """Those of what was public since the last publication; of a retraction what it retracts.

    ``public_at`` is made right where publication is older only because its withdrawal was undone.
    """
    now, ids = timezone.now(), {row.recommendation_id for row in rows}
    publications, approved = Publications(now, ids), approved_by(now, ids)
    for row in rows:
        about, updates = row.recommendation, approved[row.recommendation_id]
        again = publications.again.get(about.pk)
        if again and row.decided_at < again.at:
            if about.current_update_id != row.pk:
                continue
            row.public_at = again.at
            row.record_number, row.record_hash = again.number, again.hash
        of = next((each for each in updates if each.pk == (row.retracts_id or row.pk)), None)
        last = publications.of(about.pk, about.published_at)[-1:]
        if of and was_status_public(of, updates, last, now):
            row.scope = updates
            yield row


def _later(approved: QuerySet[StatusUpdate]) -> QuerySet[StatusUpdate]:
    """What stood as of a later day when an update was approved, which so never was current."""
    until = Q(decided_at__lte=OuterRef(OuterRef("decided_at")))
    gone = approved.filter(until, Q(corrects=OuterRef("pk")) | Q(retracts=OuterRef("pk")))
    return approved.filter(
        ~Exists(gone),
        recommendation=OuterRef("recommendation"),
        as_of__gt=OuterRef("as_of"),
        decided_at__lt=OuterRef("decided_at"),
    ).exclude(kind=UpdateKind.RETRACTION)


def _in_words(rows: Sequence[Any]) -> list[PublicUpdate]:
    """Each with what it states, and the current one of each recommendation with what stands."""
    today = timezone.localdate()
    current = [row.recommendation_id for row in rows if _is_current(row)]
    texts = sentences_of(current, PUBLIC, today)
    updated = _updated(rows, today)
    found = []
    for row in rows:
        about = row.recommendation
        is_retraction = row.kind == UpdateKind.RETRACTION
        labels = () if is_retraction else _labels(row)
        day = timezone.localdate(row.public_at)
        if is_retraction:
            # That an update was retracted, and when; never why, which is internal.
            words = {
                "day": day_text(row.as_of),
                "retracted": day_text(timezone.localdate(row.decided_at)),
            }
            told: tuple[str, ...] = (
                _("The update with the status as of %(day)s was retracted on %(retracted)s.")
                % words,
            )
        elif _is_current(row):
            # Without the day of reading, so that it is the same until something changes.
            told = _statements(row, " ".join(texts[about.pk][:-1]))
        else:
            stated = update_text(row, has_date=about.has_date)
            told = _statements(row, stated, _("This status is no longer current."))
        found.append(
            PublicUpdate(
                key=str(row.key),
                title=_title(row, labels),
                path=cited_path(about.reference, day, row.record_number, row.record_hash or ""),
                statements=told,
                labels=labels,
                approved_at=row.decided_at,
                public_at=row.public_at,
                updated_at=updated[row.pk],
            )
        )
    return found


# ---- Since when an entry says what it says: the last change of its words, and nothing besides


def _updated(rows: Sequence[Any], today: date) -> dict[int, datetime]:
    """Since when each says what it says, by its key; three queries.

    That is when it became public, was no longer current, or had a flag raised or ended; when what
    it tells of its recommendation changed; or when its words were redacted.
    """
    if not rows:
        return {}
    current = {row.pk: row for row in rows if _is_current(row)}
    found = {row.pk: _turned_at(row) for row in rows}

    def happened(pk: int, at: datetime) -> None:
        found[pk] = max(found[pk], at)

    for pk, at in _flags_raised_at(current, today):
        happened(pk, at)
    open_of = _contradictions(current)
    for pk, links in open_of.items():
        if (last := _contradicted_otherwise_at(links)) is not None:
            happened(pk, last)
    rows_of = _rests_on(rows, open_of)
    keys = {kind: [key for of, key in rows_of if of == kind] for kind in (_UPDATE, _ABOUT, _ITEM)}
    about = reduce(or_, (Q(object_type=kind, object_id__in=ids) for kind, ids in keys.items()))
    for verb, at, key, changes in changes_since(min(found.values()), about):
        for row in rows_of[key]:
            if _is_told(row, open_of.get(row.pk, ()), verb, at, key[0], changes):
                happened(row.pk, at)
    return found


def _rests_on(
    rows: Sequence[Any], open_of: Mapping[int, Sequence["_Contradiction"]]
) -> dict[tuple[str, str], list[Any]]:
    """The entries that rest on a row, by its kind and key as events have them."""
    found: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in rows:
        found[_UPDATE, str(row.pk)].append(row)
        found[_ABOUT, str(row.recommendation_id)].append(row)
        for item in {link.evidence for link in open_of.get(row.pk, ())}:
            found[_ITEM, item].append(row)
    return found


_UPDATE, _ABOUT, _ITEM = (
    each._meta.label_lower for each in (StatusUpdate, Recommendation, Evidence)
)
"""Rows whose changes can change the words of an entry."""


def _turned_at(row: Any) -> datetime:
    """When it last became current or ceased to be, since it is public."""
    last: datetime = row.public_at
    was = True
    for at in sorted(at for at in moments_of(row.scope) if at > row.public_at):
        standing = update_in_force(row.scope, timezone.localdate(at), at)
        if (standing is not None and standing.pk == row.pk) != was:
            last, was = at, not was
    return row.public_at if row.kind == UpdateKind.RETRACTION else last


def _flags_raised_at(current: Mapping[int, Any], today: date) -> Iterator[tuple[int, datetime]]:
    """When the calendar raised the flags that are told of current updates today."""
    rules = [RULES[flag] for flag in PUBLIC_FLAGS if flag != Flag.CONTRADICTED]
    states = RecommendationState.objects.filter(recommendation__current_update__in=current)
    columns = [rule.column for rule in rules]
    for kept in states.values("recommendation__current_update", *columns):
        for rule in rules:
            if rule.holds(kept, today):
                yield kept["recommendation__current_update"], beginning_of(rule.since(kept))


@dataclass(frozen=True, slots=True)
class _Contradiction:
    """Evidence against an update: from when until when readers outside are told so."""

    evidence: str
    is_public: bool
    added_at: datetime
    begins_at: datetime
    ends_at: datetime | None

    def is_open_at(self, at: datetime) -> bool:
        return self.begins_at <= at and (self.ends_at is None or at < self.ends_at)


def _contradictions(current: Mapping[int, Any]) -> dict[int, list[_Contradiction]]:
    links = EvidenceLink.objects.filter(update__in=current, stance=Stance.UNDERMINES)
    found: dict[int, list[_Contradiction]] = defaultdict(list)
    for link in links.select_related("evidence").order_by("pk"):
        if not link.is_withheld:
            ends = [at for at in (link.answered_at, link.removed_at) if at is not None]
            found[link.update_id or 0].append(
                _Contradiction(
                    evidence=str(link.evidence_id),
                    is_public=link.evidence.visibility == Visibility.PUBLIC,
                    added_at=link.added_at,
                    begins_at=max(link.added_at, link.agreed_at or link.added_at),
                    ends_at=min(ends, default=None),
                )
            )
    return found


def _contradicted_otherwise_at(links: Sequence[_Contradiction]) -> datetime | None:
    """When the day since which an update is contradicted last became another, or none."""
    public = [link for link in links if link.is_public]
    moments = {link.begins_at for link in public} | {link.ends_at for link in public} - {None}
    last, before = None, None
    for at in sorted(filter(None, moments)):
        days = [timezone.localdate(link.added_at) for link in public if link.is_open_at(at)]
        since = min(days, default=None)
        if since != before:
            last, before = at, since
    return last


def _is_told(
    row: Any,
    links: Sequence[_Contradiction],
    verb: str,
    at: datetime,
    kind: str,
    changes: Mapping[str, Sequence[Any]],
) -> bool:
    """Whether what an event changed in one of the rows that an entry rests on is told there."""
    if kind == _UPDATE:
        return verb == REDACT
    if kind == _ITEM:
        return "visibility" in changes and any(link.is_open_at(at) for link in links)
    if at <= row.public_at or "title" in changes:
        return bool(at > row.public_at)
    before, after = changes.get("target_date", (None, None))
    was_overdue = before is not None and before < timezone.localdate(at).isoformat()
    is_dated_otherwise = (before is None) != (after is None)
    is_moved = is_dated_otherwise or (was_overdue and _is_current(row))
    return bool(row.kind != UpdateKind.RETRACTION and ("nature" in changes or is_moved))


def _is_current(row: Any) -> bool:
    return bool(row.recommendation.current_update_id == row.pk)


def _labels(row: Any) -> tuple[str, ...]:
    about, status = row.recommendation, row.implementation_status
    label = label_of_status(status, is_continuous=about.is_continuous)
    if status in FINISHED_STATUSES:
        return (label,)
    return (label, label_of_confidence(row.confidence, has_date=about.has_date))


def _title(row: Any, labels: tuple[str, ...]) -> str:
    about = row.recommendation
    words = {"reference": about.reference, "title": about.title}
    if not labels:
        title = _("%(reference)s %(title)s: update retracted") % words
    else:
        title = _("%(reference)s %(title)s: %(status)s") % {**words, "status": labels[0]}
    return marked(title, row.is_fictional)


def _statements(row: Any, *stated: str) -> tuple[str, ...]:
    corrects = [_("This update corrects an earlier one.")]
    reason = public_reason_text(row.confidence, row.public_reason)
    return (
        *(corrects if row.kind == UpdateKind.CORRECTION else ()),
        *((taken_over_publicly(row.kind),) if row.kind == UpdateKind.OPENING else ()),
        *((row.public_text,) if row.public_text else ()),
        *stated,
        *((reason,) if reason else ()),
    )
