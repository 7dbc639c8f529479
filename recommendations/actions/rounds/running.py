"""What is done with a round that was sent: another day, a reminder, and its end."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import BATCH, check_row, clean_text, require
from recommendations.actions.errors import ActionRefused, timestamp_text
from recommendations.actions.rounds.mail import tell_missing
from recommendations.models import (
    Organisation,
    ReportingRound,
    Request,
    RoundExtension,
    RoundReminder,
    User,
)
from recommendations.queries.rounds.answers import found_of
from recommendations.queries.rounds.asked import missing_in
from recommendations.queries.rounds.standing import by_organisation, tally_of


def extend_round(
    *,
    round: ReportingRound,
    organisation: Organisation,
    new_day: date,
    reason: str,
    shown_day: date,
    by: User,
    at: datetime | None = None,
) -> RoundExtension:
    """Give one organisation another day to reply by, with a reason; the first day stays on record.

    ``shown_day`` is the day that the person was shown. It holds for all that the organisation has
    not reported, and marks what it reports by then as in time.
    """
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_run_rounds(by), _("You may not extend reporting rounds."))
        current = _open_round(round)
        tally = dict(by_organisation(tally_of(current, entry.today))).get(organisation.pk)
        if tally is None or tally.reply_by is None:
            raise ActionRefused(_("%s has no missing update in this round.") % organisation)
        if tally.reply_by != shown_day:
            raise ActionRefused(_("The day to reply by changed. Check this page, then try again."))
        if new_day < entry.today and not entry.is_history:
            raise ValidationError({"new_day": _("The new day must not be in the past.")})
        row = RoundExtension(
            round=current,
            organisation=organisation,
            old_day=tally.reply_by,
            new_day=new_day,
            reason=clean_text(RoundExtension.reason, reason.strip(), under="reason"),
            extended_at=entry.at,
            extended_by=by,
        )
        check_row(row)
        row.save(force_insert=True)
        entry.record("extend_round", row, before={}, after=audit.snapshot(row))
        return row


def remind(
    *,
    round: ReportingRound,
    by: User,
    organisations: Collection[int] | None = None,
    at: datetime | None = None,
) -> list[RoundReminder]:
    """Send a reminder to everybody who has not reported all that a round asks of them.

    ``organisations`` are the ids of those to remind, ``None`` reminds all. A person gets one a day
    at most: whoever had one today is left out. ``ActionRefused`` where that leaves nobody.
    """
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_run_rounds(by), _("You may not send reminders."))
        current = _open_round(round)
        missing = missing_in(current, organisations)
        if not missing:
            raise ActionRefused(_("No person with an account has a missing update."))
        had = RoundReminder.objects.filter(round=current, day=entry.today)
        done = set(had.values_list("person", flat=True))
        people = {person: rows for person, rows in missing.items() if person.pk not in done}
        if not people:
            raise ActionRefused(_("Everybody concerned was already reminded today."))
        made = _write_reminders(entry, current, by, people)
        items = {person: [row.item for row in rows] for person, rows in people.items()}
        tell_missing(entry, current, items)
        return made


def _write_reminders(
    entry: audit.Entry, round: ReportingRound, by: User, people: Mapping[User, Collection[Any]]
) -> list[RoundReminder]:
    """One row a person with what it is about, and one event for all of them."""
    rows = [
        RoundReminder(round=round, person=person, day=entry.today, reminded_by=by)
        for person in people
    ]
    RoundReminder.objects.bulk_create(rows, batch_size=BATCH)
    through: Any = RoundReminder.requests.through
    links = [
        through(roundreminder_id=row.pk, request_id=each.request_id)
        for row in rows
        for each in people[row.person]
    ]
    through.objects.bulk_create(links, batch_size=BATCH)
    act = audit.BulkAct(entry)
    act.add_new(rows)
    entry.record("remind_round", round, before={}, after=act.close())
    return rows


def close_round(
    *, round: ReportingRound, shown_in: int, by: User, at: datetime | None = None
) -> ReportingRound:
    """End a round: what was found of each request stays on record, and nobody is asked on.

    ``shown_in`` is how many updates the person was told are in.
    """
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_run_rounds(by), _("You may not close reporting rounds."))
        current = _open_round(round)
        tally = tally_of(current, entry.today)
        if tally.is_in != shown_in:
            raise ActionRefused(_("Another update came in. Check this page, then close again."))
        act = audit.BulkAct(entry)
        act.follow(Request(pk=row.pk) for row in tally.rows)
        found = [
            Request(
                pk=row.pk,
                found=found_of(row),
                found_update_id=row.update_id,
                found_submitted_at=row.answered_at,
            )
            for row in tally.rows
        ]
        columns = ["found", "found_update", "found_submitted_at"]
        Request.objects.bulk_update(found, columns, batch_size=BATCH)
        before = audit.snapshot(current)
        ReportingRound.objects.filter(pk=current.pk).update(closed_at=entry.at, closed_by=by)
        current.closed_at, current.closed_by = entry.at, by
        told = {**audit.snapshot(current), **act.close()}
        entry.record("close_round", current, before=before, after=told)
        return current


def _open_round(round: ReportingRound) -> ReportingRound:
    """The round as it is stored now, read under the lock; refused where it was closed."""
    current = ReportingRound.objects.select_related("closed_by").get(pk=round.pk)
    if current.closed_at is not None:
        told = _("%(who)s closed this round on %(at)s.")
        raise ActionRefused(
            told % {"who": current.closed_by, "at": timestamp_text(current.closed_at)}
        )
    return current
