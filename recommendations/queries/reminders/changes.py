"""What changed since the last message: in one's own updates, and in what one watches."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import permissions
from recommendations.choices import (
    DateChangeState,
    Stance,
    UpdateKind,
    UpdateState,
    label_of_confidence,
    label_of_status,
)
from recommendations.models import (
    Evidence,
    EvidenceLink,
    Indicator,
    Observation,
    Recommendation,
    SavedView,
    StatusUpdate,
    TargetDateChange,
    User,
    Watch,
    readable_links,
)
from recommendations.queries.dates import day_text
from recommendations.queries.reminders.calendar import Span
from recommendations.queries.reminders.lines import Line, Part
from recommendations.queries.replaced import marks_of

Members = Callable[[SavedView, User], QuerySet[Any] | None]
"""The kept states that a saved view shows to a person; nothing where its filter is not valid."""


def approved_lines(person: User, span: Span) -> Iterator[Line]:
    """Updates of this person that were approved since the last message; two queries at most."""
    if not permissions.can_read_internally(person):
        return
    rows = _decided(StatusUpdate.objects.filter(author=person.pk), span)
    for update, notes in _with_marks(rows.select_related("recommendation")):
        words = _("Update as of %(day)s approved") % {"day": day_text(update.as_of)}
        yield Line(Part.APPROVED, _name(update), update.get_absolute_url(), words, notes=notes)


def watched_lines(person: User, span: Span, members: Members) -> Iterator[Line]:
    """Changes in what a person watches and still may see, but for what they decided themselves.

    One query where they watch nothing, else a fixed number and one for each saved view.
    """
    if not permissions.can_read_internally(person):
        return
    keys: dict[str, set[int]] = defaultdict(set)
    for watch in Watch.objects.in_use().filter(person=person.pk):
        keys[watch.kind].add(watch.key)
    if not keys:
        return
    told: dict[int, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    changes = (*_updates(person, span), *_dates(person, span), *_contradictions(person, span))
    for about, change in changes:
        told[about].append(change)
    for row in _watched_among(person, keys, told, members).order_by("source", "number", "pk"):
        for words, notes in told[row.pk]:
            yield Line(
                Part.WATCHED,
                f"{row.reference} {row.title}",
                row.get_absolute_url(),
                words,
                notes=notes,
            )
    yield from _values(person, keys["indicator"], span)


def _watched_among(
    person: User, keys: dict[str, set[int]], changed: Collection[int], members: Members
) -> QuerySet[Recommendation]:
    """Those of the changed recommendations that the person watches in one way or another."""
    wanted = Q(pk__in=keys["recommendation"]) | Q(source__in=keys["source"])
    for view in SavedView.objects.visible_to(person).filter(pk__in=keys["view"]):
        if (found := members(view, person)) is not None:
            ids = found.filter(pk__in=changed).order_by().values_list("pk", flat=True)
            wanted |= Q(pk__in=list(ids))
    rows: QuerySet[Recommendation] = Recommendation.objects.visible_to(person)
    return rows.filter(wanted, pk__in=changed, archived_at__isnull=True)


Change = tuple[int, tuple[str, tuple[str, ...]]]
"""The recommendation that changed, what is said of that, and further sentences."""


def _updates(person: User, span: Span) -> Iterator[Change]:
    rows = _decided(StatusUpdate.objects.visible_to(person), span).filter(addressee=None)
    rows = rows.exclude(decided_by=person.pk).select_related("recommendation", "based_on")
    for update, marks in _with_marks(rows):
        words, notes = _update_change(update)
        yield update.recommendation_id, (words, (*notes, *marks))


def _with_marks(
    rows: QuerySet[StatusUpdate],
) -> Iterator[tuple[StatusUpdate, tuple[str, ...]]]:
    """Updates, each with what is said of one that was corrected or retracted since."""
    updates = list(rows)
    marks = marks_of(update.pk for update in updates)
    for update in updates:
        mark = marks.get(update.pk)
        yield update, (mark.sentence,) if mark else ()


def _update_change(update: StatusUpdate) -> tuple[str, tuple[str, ...]]:
    day = {"day": day_text(update.as_of)}
    if update.kind == UpdateKind.RETRACTION:
        return _("Update as of %(day)s retracted") % day, ()
    notes, before = [], update.based_on
    old, new = (
        label_of_status(
            each.implementation_status if each else "",
            is_continuous=update.recommendation.is_continuous,
        )
        for each in (before, update)
    )
    if old != new:
        notes.append(_("Status: %(new)s; before: %(old)s.") % {"new": new, "old": old})
    has_date = update.recommendation.has_date
    old, new = (
        label_of_confidence(each.confidence if each else "", has_date=has_date)
        for each in (before, update)
    )
    if old != new:
        notes.append(_("Confidence: %(new)s; before: %(old)s.") % {"new": new, "old": old})
    if update.is_opening:
        # Nobody reported it: it must not read as an update that was.
        return _("Opening status as of %(day)s approved as a batch") % day, tuple(notes)
    return _("Update as of %(day)s approved") % day, tuple(notes)


def _dates(person: User, span: Span) -> Iterator[Change]:
    rows = TargetDateChange.objects.visible_to(person).filter(
        state=DateChangeState.APPROVED, decided_at__gt=span.told, decided_at__lte=span.until
    )
    for row in rows.exclude(decided_by=person.pk).order_by("decided_at", "pk"):
        yield row.recommendation_id, (_date_text(row), ())


def _date_text(row: TargetDateChange) -> str:
    if row.new_date is None:
        return _("Target date removed")
    new = day_text(row.new_date)
    if row.old_date is None:
        return _("Target date set: %(new)s") % {"new": new}
    old = day_text(row.old_date)
    return _("Target date changed from %(old)s to %(new)s") % {"old": old, "new": new}


def _contradictions(person: User, span: Span) -> Iterator[Change]:
    """What contradicts a current update since the last message, and has no answer; one query.

    Against an update it counts from its approval on. What went on from the update before was told.
    """
    live = EvidenceLink.objects.live().filter(
        stance=Stance.UNDERMINES, answered_at__isnull=True, update__addressee=None
    )
    told = EvidenceLink.objects.filter(
        evidence=OuterRef("evidence"),
        update__recommendation=OuterRef("update__recommendation"),
        update__addressee=None,
        update__decided_at__lte=span.told,
        stance=Stance.UNDERMINES,
        added_at__lte=span.told,
    )
    new = (
        live.filter(
            ~Exists(told),
            readable_links(person),
            # The few that are contradicted are found by an index.
            update__recommendation__kept__contradicted_since__isnull=False,
            update__recommendation__current_update=F("update"),
            evidence__in=Evidence.objects.visible_to(person),
            update__decided_at__lte=span.until,
            added_at__lte=span.until,
        )
        .exclude(added_by=person.pk)
        .order_by()
    )
    counted = new.values_list("update__recommendation").annotate(n=Count("pk"))
    for about, n in counted:
        words = ngettext(
            "Contradicted by new evidence (unanswered): %(n)d item",
            "Contradicted by new evidence (unanswered): %(n)d items",
            n,
        )
        yield about, (words % {"n": n}, ())


def _values(person: User, watched: set[int], span: Span) -> Iterator[Line]:
    """How many values were recorded of each watched indicator; one query, if any is watched."""
    if not watched:
        return
    recorded = (
        Observation.objects.standing()
        .filter(
            indicator__in=Indicator.objects.visible_to(person).filter(pk__in=watched),
            recorded_at__gt=span.told,
            recorded_at__lte=span.until,
        )
        .exclude(recorded_by=person.pk)
    )
    counted = recorded.order_by().values_list("indicator__code", "indicator__title")
    for code, title, n in counted.annotate(n=Count("pk")).order_by("indicator__code"):
        words = ngettext("%(n)d value recorded", "%(n)d values recorded", n) % {"n": n}
        path = reverse("indicator-detail", args=[code])
        yield Line(Part.WATCHED, f"{code} {title}", path, words)


def _decided(rows: QuerySet[StatusUpdate], span: Span) -> QuerySet[StatusUpdate]:
    """Updates that were approved within the span, in the order in which they were.

    Without what was undone with its batch since, which nobody finds any more.
    """
    return rows.filter(
        state=UpdateState.APPROVED,
        decided_at__gt=span.told,
        decided_at__lte=span.until,
        opening_row__undone_at__isnull=True,
    ).order_by("decided_at", "pk")


def _name(update: StatusUpdate) -> str:
    return f"{update.recommendation.reference} {update.recommendation.title}"
