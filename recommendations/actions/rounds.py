"""Reporting rounds: sent, reminded, extended and closed; spreadsheets that come back."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import audit, permissions
from recommendations.actions.base import (
    BATCH,
    ActionRefused,
    check_row,
    clean_text,
    preview_changed,
    require,
    require_ahead,
    timestamp_text,
)
from recommendations.actions.evidence.items import EvidenceInput
from recommendations.actions.imports.findings import Earlier, Finding, FindingCode, Findings
from recommendations.actions.imports.pipeline import (
    Import,
    ImportPlan,
    ImportProgress,
    Upload,
    quiet,
)
from recommendations.actions.mail.queue import Notification
from recommendations.actions.notifications import notify
from recommendations.actions.updates.drafts import SentEntries, check_content, save_update
from recommendations.choices import (
    FINISHED_STATUSES,
    Confidence,
    EvidenceKind,
    ImplementationStatus,
    Stance,
    UpdateState,
    chosen_code,
)
from recommendations.models import (
    Evidence,
    Organisation,
    Part,
    ReportingRound,
    Request,
    RoundExtension,
    RoundReminder,
    StatusUpdate,
    TargetDateChange,
    User,
)
from recommendations.queries.round_sheets import (
    ADDED,
    CONFIDENCES,
    DAYS,
    EVIDENCE,
    FIXED,
    GIVEN,
    STATUSES,
    TEXTS,
    Column,
    Values,
    cell_text,
    seal,
)
from recommendations.queries.rounds import (
    RoundPlan,
    by_organisation,
    found_of,
    missing_in,
    plan_round,
    tally_of,
)
from recommendations.queries.shown import ShownRows
from recommendations.readers import TableError, open_table
from recommendations.readers.meanings import DateError, DateOrder, read_date
from recommendations.readers.tables import Cell, Formula, RowNumber, fold_text
from recommendations.transitions import UNDECIDED

# ---- Mail of reporting rounds: that updates are requested, and that they are still missing

MOST_LISTED = 10
"""Items that one message names; My work has them all."""

Item = tuple[str, str, date]
"""Reference, title and day to reply by."""


def tell_asked(entry: audit.Entry, round: ReportingRound, plan: RoundPlan) -> None:
    """Tell everybody who is asked which updates are requested; one message a person."""
    items: dict[User, list[Item]] = defaultdict(list)
    for row in plan.asked:
        for person in row.people:
            items[person].append((row.reference, row.title, round.reply_by))
    by = str(entry.by)

    def write(person: User) -> Notification:
        told = ngettext(
            "%(who)s requests %(n)d update from you in “%(round)s”. Reply by %(day)s.",
            "%(who)s requests %(n)d updates from you in “%(round)s”. Reply by %(day)s.",
            len(items[person]),
        )
        return Notification(
            subject=_("%s: updates requested") % round.name,
            lines=(
                told
                % {
                    "who": by,
                    "n": len(items[person]),
                    "round": round.name,
                    "day": date_format(round.reply_by),
                },
                _("Each update must be as of %s or later.") % date_format(round.as_of),
                *_listed(items[person]),
            ),
            path=reverse("my-work"),
            link=_("Open My work"),
        )

    notify(entry, lambda: items, write)


def tell_missing(
    entry: audit.Entry, round: ReportingRound, items: Mapping[User, Sequence[Item]]
) -> None:
    """Remind people of updates that they have not reported yet; one message a person."""
    today = entry.today

    def write(person: User) -> Notification:
        mine = items[person]
        late = sum(day < today for _reference, _title, day in mine)
        told = ngettext(
            "%(n)d update that “%(round)s” requests from you is missing.",
            "%(n)d updates that “%(round)s” requests from you are missing.",
            len(mine),
        )
        due = ngettext("%(n)d update is late.", "%(n)d updates are late.", late) % {"n": late}
        return Notification(
            subject=_("%s: reminder") % round.name,
            lines=(
                told % {"n": len(mine), "round": round.name},
                *([due] if late else []),
                *_listed(mine),
            ),
            path=reverse("my-work"),
            link=_("Open My work"),
        )

    notify(entry, lambda: items, write)


def _listed(items: Iterable[Item]) -> list[str]:
    """One line an item, and one for all that are not named."""
    every = sorted(items, key=lambda item: (item[2], item[0]))
    lines = [
        _("%(reference)s %(title)s: reply by %(day)s")
        % {"reference": reference, "title": title, "day": date_format(day)}
        for reference, title, day in every[:MOST_LISTED]
    ]
    left = len(every) - MOST_LISTED
    if left > 0:
        more = ngettext("%(n)d more item is in My work.", "%(n)d more items are in My work.", left)
        lines.append(more % {"n": left})
    return lines


# ---- Sending a reporting round: bound to its preview, with a mail to everybody who is asked


class NothingToAsk(ActionRefused):
    """Nothing could be asked, or not as it was shown; carries the plan as it is now."""

    def __init__(self, plan: RoundPlan, told: str) -> None:
        self.plan = plan
        super().__init__(told)


def send_round(
    *,
    key: UUID,
    values: Mapping[str, Any],
    shown: ShownRows,
    by: User,
    at: datetime | None = None,
) -> ReportingRound:
    """Open a round and ask for all updates of its preview, with one event for all of it.

    ``key`` is that of the form: sent twice, it opens one round. ``NothingToAsk`` where an item is
    not as the preview showed it, or none can be asked.
    """
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_run_rounds(by), _("You cannot manage reporting rounds."))
        if (sent := ReportingRound.objects.filter(key=key).first()) is not None:
            return sent
        round = ReportingRound(key=key, sent_at=entry.at, sent_by=by, **values)
        check_row(round)
        require_ahead(entry, reply_by=round.reply_by)
        plan = plan_round(shown.rows, round.as_of)
        _require_as_shown(plan, shown)
        round.save(force_insert=True)
        requests = [
            Request(
                round=round,
                recommendation_id=row.pk,
                organisation_id=row.organisation_id,
                not_asked=row.not_asked,
            )
            for row in plan.rows
        ]
        act = audit.BulkAct(entry)
        act.add_new(Request.objects.bulk_create(requests, batch_size=BATCH))
        told = {**audit.snapshot(round), **act.close()}
        entry.record("send_round", round, before={}, after=told)
        tell_asked(entry, round, plan)
        return round


def _require_as_shown(plan: RoundPlan, shown: ShownRows) -> None:
    if plan.shown != shown:
        raise NothingToAsk(plan, preview_changed())
    if not plan.requests:
        raise NothingToAsk(plan, _("None of the selected recommendations can be asked for."))


# ---- What is done with a round that was sent: another day, a reminder, and its end


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
        require(permissions.can_run_rounds(by), _("You cannot manage reporting rounds."))
        current = _open_round(round)
        tally = dict(by_organisation(tally_of(current, entry.today))).get(organisation.pk)
        if tally is None or tally.reply_by is None:
            raise ActionRefused(_("%s has no missing update in this round.") % organisation)
        if tally.reply_by != shown_day:
            raise ActionRefused(_("The day to reply by changed. Check this page, then try again."))
        require_ahead(entry, new_day=new_day)
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
        require(permissions.can_run_rounds(by), _("You cannot manage reporting rounds."))
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
        require(permissions.can_run_rounds(by), _("You cannot manage reporting rounds."))
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


# ---- A spreadsheet of a round that came back: its rows, and what is wrong with each of their cells

MOST_ROWS = 500
"""Rows of one file."""


@dataclass(slots=True)
class ReturnedRow:
    """One row of the file: its number there, what it says, and what is wrong with it."""

    number: int
    reference: str
    values: dict[str, Any] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    evidence: tuple[tuple[str, str], ...] = ()
    new_date: date | None = None
    date_reason: str = ""
    reporter: str = ""
    is_empty: bool = False
    errors: list[Finding] = field(default_factory=list)

    def refuse(self, column: Column | None, text: str) -> None:
        self.errors.append(
            Finding(
                FindingCode.REJECTED,
                RowNumber(self.number),
                text,
                name=self.reference,
                column=str(column.label) if column else "",
            )
        )


def read_returned(upload: Upload, round_id: int, organisation_id: int) -> list[ReturnedRow]:
    """The rows of a file; ``TableError`` where it is not the spreadsheet of a round."""
    table = open_table(upload.file, upload.name, upload.options)
    places = _places(table.header)
    found: list[ReturnedRow] = []
    for row in table.rows:
        if len(found) >= MOST_ROWS:
            raise TableError(_("The file has more than %d rows.") % MOST_ROWS)
        cells = dict.fromkeys(ADDED) | {column: row.cells[at] for column, at in places.items()}
        found.append(_row(row.number, cells, round_id, organisation_id))
    return found


def _places(header: Sequence[str]) -> dict[Column, int]:
    """Where each column is, by its name in any language of the site."""
    names: dict[str, Column] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            names |= {fold_text(str(column.label)): column for column in Column}
    places = {
        names[fold]: place
        for place, name in enumerate(header)
        if (fold := fold_text(name)) in names
    }
    needed = (column for column in Column if column not in ADDED)
    if missing := [str(column.label) for column in needed if column not in places]:
        told = _("Column “%s” is missing. Use the spreadsheet of the round as it was sent.")
        raise TableError(told % missing[0])
    return places


def _row(
    number: int, cells: Mapping[Column, Cell], round_id: int, organisation_id: int
) -> ReturnedRow:
    texts = {column: _text(cell) for column, cell in cells.items()}
    row = ReturnedRow(number, texts[Column.REFERENCE][:60])
    for column, cell in cells.items():
        if isinstance(cell, Formula):
            row.refuse(column, _("A formula is not read. Enter the value itself."))
    is_given = _check_seal(row, cells, texts, round_id, organisation_id)
    own = [
        column
        for column in Column
        if column not in (*FIXED, Column.CHECK) and not (is_given and column in GIVEN)
    ]
    said = [column for column in own if texts[column]]
    who = (Column.REPORTED_BY, Column.REPORTED_EMAIL)
    row.is_empty = not any(column not in who for column in said)
    if not row.is_empty:
        _read(row, cells, texts)
    return row


def _check_seal(
    row: ReturnedRow,
    cells: Mapping[Column, Cell],
    texts: Mapping[Column, str],
    round_id: int,
    organisation_id: int,
) -> bool:
    """Whether the wording is as it was given; refuses what is fixed and was changed."""
    held: Values = {column: texts[column] for column in (*FIXED, *GIVEN)}
    try:
        held[Column.NOW_AS_OF] = read_date(cells[Column.NOW_AS_OF], DateOrder.ISO)
    except DateError:
        held[Column.NOW_AS_OF] = texts[Column.NOW_AS_OF]
    fixed, _dash, given = texts[Column.CHECK].partition("-")
    now_fixed, _dash, now_given = seal(round_id, organisation_id, held).partition("-")
    if fixed != now_fixed:
        told = _(
            "A fixed cell was changed, or the row is from another round or organisation. "
            "Copy the row from the spreadsheet as it was sent."
        )
        row.refuse(Column.REFERENCE, told)
    return given == now_given


def _text(cell: Cell) -> str:
    return "" if cell is None else cell_text(str(cell))


def _read(row: ReturnedRow, cells: Mapping[Column, Cell], texts: Mapping[Column, str]) -> None:
    """Fill in what a row says."""
    row.values = {str(column): texts[column] for column in TEXTS}
    days = {column: _day(row, column, cells[column]) for column in DAYS}
    _read_status(row, texts, days)
    row.parts = tuple(
        part.strip(" ().") for part in texts[Column.PARTS].replace(";", ",").split(",")
    )
    row.parts = tuple(part for part in row.parts if part)
    pairs = [
        (texts[Column(f"evidence_{n}")], texts[Column(f"address_{n}")])
        for n in range(1, EVIDENCE + 1)
    ]
    for n, (title, address) in enumerate(pairs, 1):
        if bool(title) != bool(address):
            column = Column(f"address_{n}" if title else f"evidence_{n}")
            row.refuse(column, _("Enter the title and the web address, or neither."))
    row.evidence = tuple(pair for pair in pairs if pair[0] and pair[1])
    row.new_date, row.date_reason = days[Column.NEW_DATE], texts[Column.DATE_REASON]
    if bool(row.new_date) != bool(row.date_reason):
        column = Column.DATE_REASON if row.new_date else Column.NEW_DATE
        row.refuse(column, _("Enter the revised target date and its reason, or neither."))
    _read_reporter(row, texts)


def _read_reporter(row: ReturnedRow, texts: Mapping[Column, str]) -> None:
    name, email = texts[Column.REPORTED_BY], texts[Column.REPORTED_EMAIL]
    if email:
        try:
            validate_email(email)
        except ValidationError:
            row.refuse(Column.REPORTED_EMAIL, _("Enter a valid email address."))
    row.reporter = " ".join(part for part in (name, f"<{email}>" if email else "") if part)


def _read_status(
    row: ReturnedRow, texts: Mapping[Column, str], days: Mapping[Column, date | None]
) -> None:
    status = _code(row, Column.STATUS, texts[Column.STATUS], STATUSES)
    confidence = _code(row, Column.CONFIDENCE, texts[Column.CONFIDENCE], CONFIDENCES)
    if not texts[Column.STATUS]:
        row.refuse(Column.STATUS, _("Choose an option from the list."))
    is_told = any(each.column == Column.AS_OF.label for each in row.errors)
    if days[Column.AS_OF] is None and not is_told:
        row.refuse(Column.AS_OF, _("Enter the date of the status."))
    rated = confidence not in ("", Confidence.NOT_RATED)
    if status in FINISHED_STATUSES and rated:
        row.refuse(Column.CONFIDENCE, _("Leave this cell empty: nothing is left to be delivered."))
    if status == ImplementationStatus.IMPLEMENTED and days[Column.COMPLETED_ON] is None:
        row.refuse(Column.COMPLETED_ON, _("Enter the day on which all was complete."))
    row.values |= {
        "implementation_status": status,
        "confidence": confidence or Confidence.NOT_RATED,
        "as_of": days[Column.AS_OF],
        "completed_on": days[Column.COMPLETED_ON],
    }


def _code(row: ReturnedRow, column: Column, text: str, choices: Sequence[Any]) -> str:
    try:
        return chosen_code(text, ((choice.value, choice.label) for choice in choices))
    except ValueError as error:
        row.refuse(column, str(error))
        return ""


def _day(row: ReturnedRow, column: Column, cell: Cell) -> date | None:
    try:
        return read_date(cell, DateOrder.ISO)
    except DateError as error:
        row.refuse(column, _("%(why)s. Enter a date such as 2026-12-31.") % {"why": error})
        return None


# ---- Drafts out of a spreadsheet that came back: a plan that a person sees, then what it says.
# The drafts are those of whoever brings the file in; another person decides on them as on any
# update.


@dataclass(slots=True)
class ReturnPlan(ImportPlan):
    """What bringing in one file would do: its rows, and the recommendations of those that fit."""

    rows: Sequence[ReturnedRow] = ()
    requests: Mapping[str, Any] = field(default_factory=dict)
    parts: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    made: list[StatusUpdate] = field(default_factory=list)
    """The drafts, once they are written."""

    @property
    def drafts(self) -> list[ReturnedRow]:
        return [row for row in self.rows if not row.errors and not row.is_empty]

    @property
    def empty(self) -> list[ReturnedRow]:
        return [row for row in self.rows if not row.errors and row.is_empty]

    @property
    def refused(self) -> list[ReturnedRow]:
        return [row for row in self.rows if row.errors]

    @property
    def size(self) -> int:
        return len(self.drafts)

    @property
    def refusal(self) -> str:
        return "" if self.drafts else _("No row of the file can become a draft.")

    def is_against(self, code: FindingCode) -> bool:
        return self.is_refused

    @property
    def counts(self) -> dict[str, int]:
        return {
            "drafts": len(self.drafts),
            "empty": len(self.empty),
            "rejected": len(self.refused),
        }

    @property
    def outcome(self) -> object:
        return [
            (
                *(row.number, row.reference, row.is_empty, row.values, row.parts, row.evidence),
                *(row.new_date, row.date_reason, row.reporter),
                [each.message for each in row.errors],
            )
            for row in self.rows
        ]


@dataclass(frozen=True, slots=True)
class ReturnImport(Import[ReturnPlan]):
    """The spreadsheet of a round that an organisation filled in: a draft for each row that is
    right, or none at all. Each draft has an event of its own."""

    round: ReportingRound
    organisation: Organisation

    def plan(self, at: datetime, progress: ImportProgress = quiet) -> ReturnPlan:
        rows = read_returned(self.upload, self.round.pk, self.organisation.pk)
        plan = ReturnPlan(self.upload.name, self.upload.sha256(), self.options, rows)
        _match(plan, self.round, self.organisation, self.by, timezone.localdate(at))
        plan.findings = Findings(error for row in rows for error in row.errors)
        return plan

    def require_may(self, by: User, plan: ReturnPlan | None = None) -> None:
        told = _("You cannot bring in the spreadsheet of this organisation.")
        require(permissions.can_return_sheet(by, self.organisation.pk), told)
        if ReportingRound.objects.get(pk=self.round.pk).closed_at is not None:
            raise ActionRefused(_("The round is closed. Report on the page of each item."))

    def settle(self, entry: audit.Entry, plan: ReturnPlan) -> None:
        by: Any = entry.by
        self.require_may(by, plan)
        plan.made = [_draft(plan, row, self.round, by) for row in plan.drafts]

    def write(self, act: audit.BulkAct, plan: ReturnPlan) -> dict[str, Any]:
        raise NotImplementedError


def _draft(plan: ReturnPlan, row: ReturnedRow, round: ReportingRound, by: User) -> StatusUpdate:
    request = plan.requests[row.reference]
    about = request.recommendation
    told = {"file": plan.file_name, "sha": plan.sha256, "round": round.name, "row": row.number}
    note = _("From row %(row)d of the spreadsheet “%(file)s” (SHA-256 %(sha)s) of “%(round)s”.")
    lines = [note % told]
    if row.reporter:
        lines.append(_("Reported by %s.") % row.reporter)
    content = (
        {"new_date": row.new_date.isoformat(), "date_reason": row.date_reason}
        if row.new_date is not None
        else None
    )
    return save_update(
        update=StatusUpdate(recommendation=about),
        by=by,
        values={**row.values, "internal_note": "\n".join(lines)},
        evidence=[
            EvidenceInput(stance=Stance.SUPPORTS, values=_evidence(*pair)) for pair in row.evidence
        ],
        parts=[plan.parts[about.pk][label.casefold()] for label in row.parts],
        entries=SentEntries(content, 0) if content else None,
    )


def _evidence(title: str, address: str) -> dict[str, str]:
    return {"title": title, "kind": EvidenceKind.WEB_PAGE, "url": address}


def _match(
    plan: ReturnPlan, round: ReportingRound, organisation: Organisation, by: Any, today: date
) -> None:
    """Compare the rows with what is asked and what is there; four statements."""
    requests: QuerySet[Any] = Request.objects.filter(round=round, not_asked="")
    asked = requests.select_related("recommendation").prefetch_related(
        "recommendation__contributors"
    )
    every = {request.recommendation.reference: request for request in asked}
    plan.requests = {
        reference: request
        for reference, request in every.items()
        if request.organisation_id == organisation.pk
    }
    ids = [request.recommendation_id for request in plan.requests.values()]
    parts: dict[int, dict[str, int]] = {pk: {} for pk in ids}
    for part in Part.objects.living().filter(recommendation__in=ids):
        parts[part.recommendation_id][part.label.casefold()] = part.pk
    plan.parts = parts
    known = _Known(
        round, organisation, by, today, every, _open_updates(ids), _date_refusals(ids), parts
    )
    earlier = Earlier()
    for row in plan.rows:
        _check(row, known, earlier)


@dataclass(frozen=True, slots=True)
class _Known:
    round: ReportingRound
    organisation: Organisation
    by: User
    today: date
    asked: Mapping[str, Any]
    open_updates: Mapping[int, StatusUpdate]
    undated: Mapping[int, str]
    parts: Mapping[int, Mapping[str, int]]


def _open_updates(ids: Sequence[int]) -> dict[int, StatusUpdate]:
    rows = StatusUpdate.objects.filter(
        recommendation__in=ids, addressee__isnull=True, state__in=UNDECIDED
    )
    return {row.recommendation_id: row for row in rows.select_related("author").order_by("-pk")}


def _date_refusals(ids: Sequence[int]) -> dict[int, str]:
    """Where no other target date can be asked for, and why."""
    states: dict[int, set[str]] = {pk: set() for pk in ids}
    ledger = TargetDateChange.objects.filter(recommendation__in=ids)
    for pk, state in ledger.values_list("recommendation", "state"):
        states[pk].add(state)
    told = {}
    for pk, held in states.items():
        if not held:
            told[pk] = _("The recommendation has no target date yet. Leave this cell empty.")
        elif "requested" in held:
            told[pk] = _("Another date request awaits decision. Leave this cell empty.")
    return told


def _check(row: ReturnedRow, known: _Known, earlier: Earlier) -> None:
    """Refuse what does not fit to what is there."""
    request = known.asked.get(row.reference)
    again = earlier.told(row.reference, RowNumber(row.number))
    if request is None:
        row.refuse(Column.REFERENCE, _("This reference is not in the round."))
    elif request.organisation_id != known.organisation.pk:
        row.refuse(Column.REFERENCE, _("This row belongs to another organisation."))
    elif again:
        row.refuse(Column.REFERENCE, again)
    if request is None or row.is_empty:
        return
    _check_reply(row, request.recommendation, known)
    if not row.errors:
        _check_values(row, request.recommendation, known)


def _check_reply(row: ReturnedRow, about: Any, known: _Known) -> None:
    """Refuse a reply that nobody may give so, or that does not answer."""
    if (other := known.open_updates.get(about.pk)) is not None:
        row.refuse(None, _there_text(other, known.by))
    if not permissions.can_log(known.by, about):
        row.refuse(None, _("You cannot log updates on this recommendation."))
    as_of = row.values["as_of"]
    if as_of is not None and as_of > known.today:
        row.refuse(Column.AS_OF, _("The day must not be in the future."))
    if as_of is not None and as_of < known.round.as_of:
        told = _("The round asks for a status as of %s or later.")
        row.refuse(Column.AS_OF, told % date_format(known.round.as_of))
    for label in row.parts:
        if label.casefold() not in known.parts[about.pk]:
            row.refuse(Column.PARTS, _("The recommendation has no part “%s”.") % label[:20])
    if row.new_date is not None and about.pk in known.undated:
        row.refuse(Column.NEW_DATE, known.undated[about.pk])


def _there_text(update: StatusUpdate, by: User) -> str:
    if update.state == UpdateState.SUBMITTED:
        return _("An update by %s awaits review already.") % update.author
    if update.author_id == by.pk:
        return _("You have begun an update already. Complete or withdraw that one.")
    return _("%s has begun an update already.") % update.author


def _check_values(row: ReturnedRow, about: Any, known: _Known) -> None:
    """Ask the checks of the action, and tell each error at its column."""
    update = StatusUpdate(
        recommendation=about,
        author=known.by,
        last_editor=known.by,
        created_at=timezone.now(),
        **row.values,
    )
    _ask(row, lambda: check_content(update, known.today))
    if not row.errors:
        _ask(row, update.validate_constraints)
    for number, (title, address) in enumerate(row.evidence, 1):
        item = Evidence(**_evidence(title, address))
        for name, column in (("title", f"evidence_{number}"), ("url", f"address_{number}")):
            try:
                item._meta.get_field(name).clean(getattr(item, name), item)  # type: ignore[union-attr]
            except ValidationError as error:
                row.refuse(Column(column), " ".join(error.messages))


def _ask(row: ReturnedRow, check: Any) -> None:
    try:
        check()
    except ValidationError as error:
        told = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        for name, messages in told.items():
            column = Column(name) if name in Column.values else None
            row.refuse(column, " ".join(messages))
