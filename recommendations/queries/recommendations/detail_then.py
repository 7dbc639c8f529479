"""The page of a recommendation on a past day: that of today, read of rows as they were.

Instances of then lead to no row of now but those that are set here; what is not, raises.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.db.models import Model
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.choices import Stance
from recommendations.models import Recommendation, StatusUpdate, SteeringDecision, Theme
from recommendations.permissions import Person
from recommendations.queries.dates import day_text
from recommendations.queries.days import Days, NoSuchDays, NothingThen, NotShownAnyMore, cited_days
from recommendations.queries.fields import INTERNAL, field_label, labelled_values
from recommendations.queries.publicity import marks_of
from recommendations.queries.recommendations.attention import Need
from recommendations.queries.recommendations.detail import (
    CONTENT,
    SAID_BESIDE,
    DetailPage,
    MarkedName,
    Since,
    card_of,
    updates_shown,
)
from recommendations.queries.recommendations.past.ever_public import is_public_of
from recommendations.queries.recommendations.past.listed import (
    evidence_then,
    links_then,
    row_then,
    standing_then,
)
from recommendations.queries.recommendations.past.rows import Standing, led, standing_updates
from recommendations.queries.recommendations.rows import RecommendationRow
from recommendations.queries.recommendations.status_text import (
    citation_then,
    not_stated,
    sentences_of,
    standing_text,
    texts_of,
    warnings_of,
)
from recommendations.queries.recommendations.structure import PartRow, part_rows


def cited_page(
    found: Recommendation, day: str, entry: str, today: date, person: Person
) -> DetailPage:
    """The page at the address of a citation; ``NoSuchDays`` where it leads to none.

    Whatever entry leads nowhere is refused in the same words, and one that was made up after the
    same reading: neither the end of the record nor when something was recorded is found by trying.
    """
    try:
        return detail_then(found, cited_days(day, entry, today), person)
    except NothingThen:
        raise NoSuchDays(_("No citation has this address.")) from None


def detail_then(found: Recommendation, days: Days, person: Person) -> DetailPage:
    """The page for one reader, by a number of queries that does not grow with its updates.

    ``NothingThen`` where there was no such recommendation yet, and outside where it was not public
    then, or its status never (``past.ever_public``): that takes another query where the day was
    over when it was known. ``NotShownAnyMore`` where it is archived by now, outside.
    """
    is_inside = permissions.can_read_internally(person)
    if not is_inside and found.archived_at is not None:
        words = _("%(reference)s was archived on %(day)s. Its status is no longer published.")
        day = day_text(timezone.localdate(found.archived_at))
        raise NotShownAnyMore(words % {"reference": found.reference, "day": day})
    standing = standing_then(found.pk, days, person)
    if standing is None and is_inside:
        words = _("%(reference)s was recorded after this day.")
        raise NothingThen(words % {"reference": found.reference})
    is_public = standing is not None and _is_public(standing, found, days)
    if standing is None or not (is_inside or is_public):
        raise NothingThen(
            _(
                "%(reference)s has no published status of %(day)s, as known on %(known)s. "
                "Choose another day."
            )
            % {
                "reference": found.reference,
                "day": day_text(days.as_of),
                "known": day_text(days.known_on),
            }
        )
    then: Any = led(standing.one.itself, source=standing.one.source)
    then.decided, current = _decided(standing, person), standing.current
    row = row_then(standing, days, person)
    evidence = evidence_then(standing, person)
    since = _since(found, standing, row, days, person)
    parts = card_of(then, row, days.as_of)
    if is_inside:
        then.asked_for, then.issue = (current.asked_for, current.issue) if current else ("", "")
        update = _in_force(standing, person)
        parts |= {
            "found": then,
            "in_force": update,
            "said": labelled_values(update, SAID_BESIDE, person),
            "not_stated": tuple(not_stated(update)),
            "themes": tuple(_themes(standing)),
        }
    return DetailPage(
        **parts,
        days=days,
        since=since,
        claims=evidence,
        parts=_parts(standing, days, is_internal=is_inside),
        needs=tuple(Need(text, "", ()) for text in warnings_of(row, row.raised)),
        citation=citation_then(then, row, days, is_public=is_public, since=since.quoted),
    )


def _is_public(standing: Standing, found: Recommendation, days: Days) -> bool:
    """Whether the public reads the page: it could then and can now, and the status ever was."""
    then = standing.one.itself
    if any(row.published_at is None or row.archived_at is not None for row in (then, found)):
        return False
    overall = [row for row in standing.one.updates if row.addressee_id is None]
    return is_public_of(then, standing.current, overall, days)


def _decided(standing: Standing, person: Person) -> dict[str, Any] | None:
    """The decision that answered the update; outside one that is public then and stands today."""
    found = (row for row in standing.one.decisions if row.pk == standing.state.decision_id)
    row: SteeringDecision | None = next(found, None)
    if row is None:
        return None
    now = SteeringDecision.objects.select_related("recorded_by").get(pk=row.pk)
    is_public = row.is_published and now.removed_at is None
    if not (is_public or permissions.can_read_internally(person)):
        return None
    return {
        **{name: getattr(row, name) for name in ("body", "decision", "is_published")},
        "decided_on": row.decided_on.isoformat(),
        "note": row.note if permissions.can_read_drafts(person) else "",
        "is_demonstration": now.recorded_by.is_demonstration,
    }


def _in_force(standing: Standing, person: Person) -> StatusUpdate | None:
    """The update in force with its people, for readers inside: approved ones never change."""
    itself, current = standing.one.itself, standing.current
    if current is None:
        return None
    rows = updates_shown(itself.pk, person, CONTENT).filter(pk=current.pk)
    [update] = map(led, standing.past.rows(rows))
    return update


def _themes(standing: Standing) -> Iterator[MarkedName]:
    """Its themes of then, by their names of then."""
    ids = [link.theme_id for link in standing.one.themes]
    found = standing.past.rows(Theme.objects.filter(pk__in=ids)) if ids else []
    for row in sorted(found, key=lambda row: (row.name, row.pk)):
        yield MarkedName(row.name, row.is_demonstration)


def _parts(standing: Standing, days: Days, *, is_internal: bool) -> tuple[PartRow, ...]:
    """Its parts, with the updates in force on the day that completed them."""
    one = standing.one
    updates = {row.pk: row for row in standing_updates(one.updates, days.as_of, days.known)}
    done = sorted(
        (updates[row.update_id].as_of, row.pk, row.part_id, row.update_id)
        for row in one.completions
        if row.update_id in updates
    )
    parts = sorted(one.parts, key=lambda row: (row.position, row.pk))
    told = [(part, as_of, update) for as_of, _pk, part, update in done]
    return tuple(part_rows(parts, told, is_internal=is_internal))


# ---- What has come since


def _since(
    found: Recommendation, standing: Standing, row: RecommendationRow, days: Days, person: Person
) -> Since:
    """What differs today. That the update was replaced is told to all who read it; why, to none."""
    then, current = standing.one.itself, standing.current
    texts, replaced = [], ""
    if found.current_update_id != (current and current.pk):
        mark = marks_of([current.pk]).get(current.pk) if current else None
        replaced = mark.sentence if mark else ""
        texts += [replaced] if replaced else []
        texts.append(_current_text(found, person))
    if (found.title, found.summary) != (then.title, then.summary):
        texts.append(_("The title or the summary was revised since."))
    if found.target_date != then.target_date:
        texts.append(_("The target date was changed since."))
    if found.archived_at and found.archived_at != then.archived_at:
        day = day_text(timezone.localdate(found.archived_at))
        texts.append(_("Archived on %(day)s.") % {"day": day})
    return Since(
        texts=tuple(texts or _warned_since(found, row, person)),
        replaced=replaced,
        recorded=tuple(_recorded_after(standing, row, days, person)),
        redactions=tuple(_redactions(standing, person)),
    )


def _warned_since(found: Recommendation, row: RecommendationRow, person: Person) -> list[str]:
    """What stands today, where a warning has begun or ended since; three statements."""
    told = sentences_of([found.pk], person, timezone.localdate())[found.pk]
    if told[:-1] == standing_text(row, row.raised):
        return []
    return [_("Current status: %(status)s") % {"status": " ".join(told)}]


def _current_text(found: Recommendation, person: Person) -> str:
    """What stands about it today, for the same reader."""
    if found.current_update_id is None:
        return _("Today there is no current update: “No report yet”.")
    texts = texts_of([found.pk], person, timezone.localdate())
    return _("Current status: %(status)s") % {"status": texts[found.pk]}


def _recorded_after(
    standing: Standing, row: RecommendationRow, days: Days, person: Person
) -> Iterator[str]:
    """What counts on the day, since it is of it, and was recorded after it."""
    reads_all = permissions.can_read_internal_evidence(person)
    if row.approved_on and row.approved_on > days.as_of:
        yield _("Update approved on %(day)s.") % {"day": day_text(row.approved_on)}
    added = _("Contradicting evidence “%(title)s”, added on %(day)s.")
    answered = _("Answer to contradicting evidence “%(title)s”, given on %(day)s.")
    for link, found in links_then(standing, person):
        if link.stance != Stance.UNDERMINES:
            continue
        # Readers outside are not told the day of an answer.
        for words, at in ((added, link.added_at), (answered, reads_all and link.answered_at)):
            if at and (day := timezone.localdate(at)) > days.as_of:
                yield words % {"title": found.item.title, "day": day_text(day)}


def _redactions(standing: Standing, person: Person) -> Iterator[str]:
    """What was redacted since of the texts that this reader is shown."""
    then, is_inside = standing.one.itself, permissions.can_read_internally(person)
    about, shown = ["title", "summary", "quoted_text", "locator"], ["public_text", "public_reason"]
    if is_inside or then.is_wording_reason_public:
        about.append("wording_reason")
    if is_inside:
        about.append("rationale")
        shown = ["what_happened", "issue", "asked_for", *SAID_BESIDE, *shown]
    if not permissions.can_read_drafts(person):
        shown = [name for name in shown if name not in INTERNAL]
    yield from _redacted(standing, then, about)
    if standing.current is not None:
        yield from _redacted(standing, standing.current, shown)


def _redacted(standing: Standing, row: Model, names: Iterable[str]) -> Iterator[str]:
    held = standing.past.redactions(row)
    for name in names:
        if name in held:
            words = _("%(field)s: words were redacted on %(day)s.")
            day = day_text(timezone.localdate(held[name]))
            yield words % {"field": capfirst(field_label(row, name)), "day": day}
