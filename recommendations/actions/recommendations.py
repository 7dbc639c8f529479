"""Sources and recommendations, one or a grid of them."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import (
    BATCH,
    ActionRefused,
    RowActions,
    add_row,
    change,
    change_row,
    clean_text,
    free_slug,
    require,
    require_maintainer,
    require_manager,
    require_past,
    required_text,
    revised,
    split_values,
)
from recommendations.actions.proposals import require_as_seen
from recommendations.actions.updates.carried import refresh_state
from recommendations.choices import ArchiveReason
from recommendations.models import (
    Addressee,
    Area,
    Organisation,
    Recommendation,
    Source,
    Theme,
    User,
)
from recommendations.queries.publicity import once_public, was_public
from recommendations.queries.recommendations.publication import (
    effects_of_archiving,
    effects_of_restoring,
    effects_of_unpublishing,
    public_page,
    restored_page,
    shown_publication,
    shown_step,
)
from recommendations.queries.shown import Shown
from recommendations.state.statement import next_due_day

# ---- Sources and recommendations: adding, revising, publishing, archiving

FIXED_ONCE_NUMBERED = ("slug", "reference_prefix")
"""What addresses and references are made of: fixed from the first recommendation on."""

WORDING = ("title", "summary", "quoted_text", "locator")
"""What readers outside read of a recommendation, and changes only with a reason they see."""

DUE_COLUMNS = frozenset({"nature", "interval_months", "opened_on", "review_on"})
"""Columns from which the day of the next update follows."""


def add_source(*, by: User, values: Mapping[str, Any], at: datetime | None = None) -> Source:
    """Add a source; its prefix and a rising number will make the references.

    Without a short name for addresses it gets one of its short title.
    """
    with audit.entry(by=by, at=at) as entry:
        require_manager(by)
        source = Source(**values)
        source.slug = source.slug or free_slug(Source, source.short_title)
        return add_row(entry, source)


def change_source(
    *,
    source: Source,
    by: User,
    expected_version: int,
    values: Mapping[str, Any],
    at: datetime | None = None,
) -> Source:
    """Change what is said of a source. References that were given stay good."""
    with audit.entry(by=by, at=at) as entry:
        require_manager(by)
        current = Source.objects.get(pk=source.pk)
        moved = [name for name in FIXED_ONCE_NUMBERED if name in values]
        if moved and current.last_number:
            words = _("The prefix cannot change after references were assigned.")
            raise ValidationError(dict.fromkeys(moved, words))
        return change_row(entry, current, expected_version, values)


def number_of_reference(source: Source, reference: str) -> int | None:
    """The number in a reference that the source has not given yet; ``None`` where it is none."""
    prefix, _dash, number = reference.rpartition("-")
    is_number = number.isascii() and number.isdigit() and number[0] != "0" and len(number) < 10
    if prefix != source.reference_prefix or not is_number or int(number) <= source.last_number:
        return None
    return int(number)


def add_recommendation(
    *, source: Source, by: User, values: Mapping[str, Any], at: datetime | None = None
) -> Recommendation:
    """Add a recommendation to a source, under its next number; open from today unless stated."""
    with audit.entry(by=by, at=at) as entry:
        require_maintainer(by)
        related, columns = split_values(Recommendation, values)
        recommendation = Recommendation(source=source, **{"opened_on": entry.today, **columns})
        require_past(entry.today, opened_on=recommendation.opened_on)
        _complete(source.pk, [recommendation])
        add_row(entry, recommendation, related=related)
        return recommendation


def remember_columns(act: audit.BulkAct, source: Source, column_map: Mapping[str, Any]) -> None:
    """Keep the map of the columns of its spreadsheet with a source, for the next import."""
    act.follow([source])
    Source.objects.filter(pk=source.pk).update(
        column_map=column_map, version=source.version + 1, updated_at=act.entry.at
    )


def add_many(act: audit.BulkAct, recommendations: Sequence[Recommendation]) -> None:
    """Insert checked recommendations; those with a reference keep it."""
    of_source = defaultdict(list)
    for row in recommendations:
        of_source[row.source].append(row)
    act.follow(of_source)
    for source, rows in of_source.items():
        _complete(source.pk, rows)
    act.follow_new(Recommendation.objects.bulk_create(recommendations, batch_size=BATCH))


def _complete(source_id: int, recommendations: Sequence[Recommendation]) -> None:
    """Give unsaved recommendations what follows from the others: number, digest and due day.

    The counter of the source only rises, so a reference is never given twice, whatever was
    archived.
    """
    source = Source.objects.get(pk=source_id)
    last = max(source.last_number, *(row.number or 0 for row in recommendations))
    for row in recommendations:
        if not row.reference:
            last += 1
            row.number, row.reference = last, f"{source.reference_prefix}-{last}"
        row.quoted_sha256 = wording_digest(row.quoted_text)
        row.next_due_on = next_due_day(row, None)
    Source.objects.filter(pk=source.pk, last_number__lt=last).update(last_number=last)


def revise_recommendation(
    *,
    recommendation: Recommendation,
    by: User,
    expected_version: int,
    values: Mapping[str, Any],
    at: datetime | None = None,
) -> Recommendation:
    """Change what is said of a recommendation. Its status, dates and numbers are not touched."""
    if "source" in values:
        raise TypeError("a recommendation stays with its source")
    with audit.entry(by=by, at=at) as entry:
        require_maintainer(by)
        current = Recommendation.objects.get(pk=recommendation.pk)
        amended: dict[str, Any] = {}

        def amend(after: Recommendation) -> None:
            require_past(entry.today, opened_on=after.opened_on)
            amended.update(amendment(current, after, entry.at, was_public))

        if revised(current, expected_version, values, amend) is not None:
            change(entry, current, verb="revise", **values, **amended)
            refresh_state(entry, current, current.current_update)
        return current


def revise_many(
    act: audit.BulkAct, revisions: Sequence[tuple[Recommendation, Mapping[str, Any]]]
) -> None:
    """Write checked values to recommendations that were read under the lock that is held."""
    act.follow(current for current, _values in revisions)
    public = once_public(row for row, values in revisions if not values.keys().isdisjoint(WORDING))
    for current, values in revisions:
        revised = copy(current)
        for name, value in values.items():
            setattr(revised, name, value)
        rows = Recommendation.objects.filter(pk=current.pk)
        rows.update(
            **values,
            **amendment(current, revised, act.entry.at, lambda row: row.pk in public),
            version=current.version + 1,
            updated_at=act.entry.at,
        )
        if not DUE_COLUMNS.isdisjoint(values):
            refresh_state(act.entry, revised, current.current_update)


def add_addressees(
    act: audit.BulkAct, parties: Iterable[tuple[Recommendation, Organisation | Area]]
) -> list[Addressee]:
    """Address recommendations to organisations and areas that they do not address yet."""
    rows = [
        Addressee(
            recommendation=recommendation,
            area=party if isinstance(party, Area) else None,
            organisation=party if isinstance(party, Organisation) else None,
        )
        for recommendation, party in parties
    ]
    made = Addressee.objects.bulk_create(rows, batch_size=BATCH)
    act.follow_new(made)
    return made


def add_contributors(pairs: Iterable[tuple[Recommendation, Organisation]]) -> None:
    """Add contributors to recommendations; ``revise_many`` raises the versions."""
    through = Recommendation.contributors.through
    through.objects.bulk_create(
        [through(recommendation_id=row.pk, organisation_id=body.pk) for row, body in pairs],
        batch_size=BATCH,
    )


def add_themes(pairs: Iterable[tuple[Recommendation, Theme]]) -> None:
    """Add themes to recommendations; whoever calls this raises the versions."""
    through = Recommendation.themes.through
    through.objects.bulk_create(
        [through(recommendation_id=row.pk, theme_id=theme.pk) for row, theme in pairs],
        batch_size=BATCH,
    )


def remove_theme(theme: Theme, rows: Iterable[Recommendation]) -> None:
    """Remove a theme from recommendations; whoever calls this raises the versions."""
    links = Recommendation.themes.through.objects.filter(theme=theme)
    links.filter(recommendation__in=[row.pk for row in rows]).delete()


_ADDRESSEES = RowActions(Addressee, "addressee", require_maintainer)
add_addressee, remove_addressee = _ADDRESSEES.add, _ADDRESSEES.remove
"""Whom a recommendation speaks to; what was said and reported of one removed stays on record."""


def amendment(
    before: Recommendation,
    after: Recommendation,
    at: datetime,
    is_public: Callable[[Recommendation], bool],
) -> dict[str, Any]:
    """What a change of wording brings with it: its digest and, once public, the day it was amended.

    Refuses a change of wording that is or was public, and gives no new reason: readers outside see
    the reason from then on. ``is_public`` is asked only where the wording changes.
    """
    if all(getattr(before, name) == getattr(after, name) for name in WORDING):
        if before.is_wording_reason_public and after.wording_reason != before.wording_reason:
            words = _("Readers see this reason. It changes with the wording only.")
            raise ValidationError({"wording_reason": words})
        return {}
    changes: dict[str, Any] = {"quoted_sha256": wording_digest(after.quoted_text)}
    if is_public(before):
        if problems := reason_problems(before, after.wording_reason):
            raise ValidationError(problems)
        changes |= {"wording_amended_at": at, "is_wording_reason_public": True}
    return changes


def reason_problems(before: Recommendation, reason: str) -> dict[str, str]:
    """What is wrong with the reason of a change of wording that is or was public, by field."""
    if reason.strip() and reason != before.wording_reason:
        return {}
    words = _("The wording is or was published. Give a reason; readers will see it.")
    return {"wording_reason": words}


def _require_publisher(by: User) -> None:
    require(permissions.can_publish(by), _("You cannot publish or archive recommendations."))


def publish_recommendation(
    *,
    recommendation: Recommendation,
    by: User,
    seen: Shown | None = None,
    at: datetime | None = None,
) -> Recommendation:
    """Make a recommendation public, from now on; ``seen`` is what the preview showed."""
    with audit.entry(by=by, at=at) as entry:
        _require_publisher(by)
        current = Recommendation.objects.get(pk=recommendation.pk)
        if current.published_at is not None:
            raise ActionRefused(_("%s is already published.") % current.reference)
        require_as_seen(seen, lambda: shown_publication(current, public_page(current, entry.today)))
        change(
            entry,
            current,
            verb="publish",
            published_at=entry.at,
            published_by=by,
        )
        return current


def unpublish_recommendation(
    *,
    recommendation: Recommendation,
    by: User,
    reason: str,
    seen: Shown | None = None,
    at: datetime | None = None,
) -> Recommendation:
    """Take a recommendation from the public again, with a reason that stays on record."""
    reason = required_reason(reason)
    with audit.entry(by=by, at=at) as entry:
        _require_publisher(by)
        current = Recommendation.objects.get(pk=recommendation.pk)
        if current.published_at is None:
            raise ActionRefused(_("%s is not published.") % current.reference)
        require_as_seen(seen, lambda: shown_step(current, effects_of_unpublishing(current)))
        change(
            entry,
            current,
            verb="unpublish",
            reason=reason,
            published_at=None,
            published_by=None,
        )
        return current


def archive(
    *,
    recommendation: Recommendation,
    by: User,
    reason: str,
    note: str = "",
    seen: Shown | None = None,
    at: datetime | None = None,
) -> Recommendation:
    """Stop following a recommendation, with a coded reason; its reference is never given again."""
    if reason not in dict(ArchiveReason.chosen()):
        raise ValidationError({"reason": _("Choose a reason")})
    note = clean_text(Recommendation.archive_note, note, under="note")
    with audit.entry(by=by, at=at) as entry:
        _require_publisher(by)
        current = Recommendation.objects.get(pk=recommendation.pk)
        if current.archived_at is not None:
            raise ActionRefused(_("%s is already archived.") % current.reference)
        require_as_seen(seen, lambda: shown_step(current, effects_of_archiving(current)))
        change(
            entry,
            current,
            verb="archive",
            reason=note,
            archived_at=entry.at,
            archived_by=by,
            archive_reason=reason,
            archive_note=note,
        )
        return current


def restore(
    *,
    recommendation: Recommendation,
    by: User,
    reason: str,
    seen: Shown | None = None,
    at: datetime | None = None,
) -> Recommendation:
    """Follow an archived recommendation again, with a reason that stays on record."""
    reason = required_reason(reason)
    with audit.entry(by=by, at=at) as entry:
        _require_publisher(by)
        current = Recommendation.objects.get(pk=recommendation.pk)
        if current.archived_at is None:
            raise ActionRefused(_("%s is not archived.") % current.reference)
        require_as_seen(
            seen,
            lambda: shown_step(
                current, effects_of_restoring(current), restored_page(current, entry.today)
            ),
        )
        change(
            entry,
            current,
            verb="restore",
            reason=reason,
            archived_at=None,
            archived_by=None,
            archive_reason="",
            archive_note="",
        )
        return current


def required_reason(reason: str) -> str:
    """A reason that stays on record, checked; ``ValidationError`` where there is none."""
    return required_text(Recommendation.archive_note, reason)


def wording_digest(text: str) -> str:
    """SHA-256 of the wording of the source, in hexadecimal; empty where none is kept."""
    return hashlib.sha256(text.encode()).hexdigest() if text else ""
