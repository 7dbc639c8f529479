"""The health of a site: for machines that watch it, and for administrators."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from recommendations import permissions
from recommendations.choices import KEPT_MAIL, RULES, Age, FileFault, Flag, MailState
from recommendations.models import (
    IS_AGELESS,
    AuditEvent,
    AuditRow,
    OutgoingMail,
    RecommendationState,
    StoredFile,
    User,
    WebhookDelivery,
)
from recommendations.queries.cache import cached, version_for
from recommendations.queries.log.conditions import last_verified
from recommendations.queries.log.words import head_of_chain, texts_in
from recommendations.readers.statistics import agency_faults

# ---- What administrators are told of the mail queue

LATE = timedelta(minutes=15)
"""For how long mail may wait for its first try."""


def failing_mail() -> list[OutgoingMail]:
    """The newest messages that failed, tried again or not."""
    found = OutgoingMail.objects.filter(state__in=KEPT_MAIL).exclude(error="")
    return list(found.select_related("to")[:5])


def mail_waits_since() -> datetime | None:
    """Since when mail waits that nobody tried to send; nothing where that is not long."""
    late = OutgoingMail.objects.due(timezone.now() - LATE).filter(failures=0)
    since: datetime | None = late.aggregate(since=Min("due_at"))["since"]
    return since


# ---- Backups that the record tells of, for whoever takes something out that they hold

VERB = "back_up"
"""Verb of the event that a backup leaves."""

MOST_TEXTS = 50
"""Recorded texts whose first events are looked for; beyond that every backup is named."""


@dataclass(frozen=True, slots=True)
class BackupRow:
    """A backup: what its file was called then, when it was made, and the last event in it."""

    name: str
    at: datetime
    sha256: str
    last_event: int


def backups_since(sequence: int | None) -> list[BackupRow]:
    """Backups that hold an event, latest first; all of them where it is not known which."""
    events = list(AuditEvent.objects.filter(verb=VERB).order_by("-sequence"))
    told = [json.loads(event.payload)["changes"] for event in events]
    texts = texts_in(told)
    rows = (
        BackupRow(
            name=texts[changes["file"][1]["text"]].text,
            at=event.at,
            sha256=changes["sha256"][1],
            last_event=int(changes["head"][1].partition(":")[0]),
        )
        for event, changes in zip(events, told, strict=True)
    )
    return [row for row in rows if sequence is None or row.last_event >= sequence]


def first_event_with(digests: Sequence[str]) -> int | None:
    """The first event that refers to one of these recorded texts; none where that is not known."""
    if not digests or len(digests) > MOST_TEXTS:
        return None
    in_event, in_row = Q(reason__in=digests), Q()
    for digest in digests:
        in_event |= Q(payload__contains=digest)
        in_row |= Q(changes__contains=digest)
    return _first(in_event, in_row)


def first_event_of_file(sha256: str) -> int | None:
    """The event that a stored file came with."""
    about = Q(object_type="recommendations.storedfile", object_id=sha256)
    return _first(about, about)


def _first(in_event: Q, in_row: Q) -> int | None:
    found = (
        AuditEvent.objects.filter(in_event).aggregate(first=Min("sequence"))["first"],
        AuditRow.objects.filter(in_row).aggregate(first=Min("event"))["first"],
    )
    return min((number for number in found if number is not None), default=None)


# ---- What the machines that watch a site ask it: counts and times, nothing of anybody


@dataclass(frozen=True, slots=True)
class OperationFigures:
    """Times are of the last run; ``None`` where there was none.

    A verification that is no proof is told by ``unproven_at`` alone.
    """

    mail_waiting: int
    mail_dead: int
    webhooks_waiting: int
    webhooks_dead: int
    last_event: int
    verified_at: datetime | None
    faults: int | None
    backed_up_at: datetime | None
    unproven_at: datetime | None = None


_UNSENT = MailState.QUEUED, MailState.DEAD


def operation_figures() -> OperationFigures:
    """In eight statements at most, each by an index or over a table that is kept short."""
    head = head_of_chain()
    run = last_verified(head).run
    proof = run if run and run.is_proof else None
    waiting, dead = (Count("pk", filter=Q(state=state)) for state in _UNSENT)
    mail, webhooks = (
        queue._default_manager.order_by().aggregate(waiting=waiting, dead=dead)
        for queue in (OutgoingMail, WebhookDelivery)
    )
    # By the index over kinds: in the order of events all of them would be looked through.
    backups = AuditEvent.objects.filter(object_type="file", verb=VERB).order_by()
    return OperationFigures(
        mail_waiting=mail["waiting"],
        mail_dead=mail["dead"],
        webhooks_waiting=webhooks["waiting"],
        webhooks_dead=webhooks["dead"],
        last_event=head.last_sequence if head else 0,
        verified_at=proof.at if proof else None,
        faults=proof.faults if proof else None,
        backed_up_at=max(backups.values_list("at", flat=True), default=None),
        unproven_at=run.at if run and not proof else None,
    )


# ---- The health of a site: what an administrator has to look after, each with the list that shows
# it.
# Missing is told as missing: a verification that never ran is no number.

GOOD, BAD, UNKNOWN = "good", "bad", "unknown"

OLD = timedelta(days=8)
"""After so long a verification or a backup is told as old; both run at least once a week."""


@dataclass(frozen=True, slots=True)
class HealthLine:
    """One thing to look after: ``tone`` is good, bad or unknown; ``at`` is when it last ran."""

    tone: str
    text: str
    url: str = ""
    link: str | Promise = ""
    at: datetime | None = None


class _Counts(NamedTuple):
    """What the record decides, so that it is kept until something is recorded."""

    lacking: Mapping[Flag, int]
    ageless: int
    no_role: int
    missing: int
    altered: int


def health_of(person: Any) -> list[HealthLine]:
    """What this person may see of it, what is wrong first: a fixed number of statements."""
    may_see = {
        name: person.has_perm(f"recommendations.view_{name}")
        for name in ("recommendation", "user", "storedfile", "auditevent")
    }
    counts = cached(
        "health of the site",
        _count,
        audience="administration",
        version=version_for(person).hash,
    )
    lines: list[HealthLine] = []
    if permissions.can_administer(person):
        lines += [HealthLine(BAD, fault) for fault in agency_faults()]
        lines += _mail()
    if may_see["user"]:
        lines += _line(
            counts.no_role,
            ngettext("%d person without a role", "%d people without a role", counts.no_role),
            _("Every active person has a role"),
            _list_of("user", is_active__exact=1, groups__isnull="True"),
            _("Show people without a role"),
        )
    if may_see["recommendation"]:
        lines += _recommendations(counts)
    if may_see["storedfile"]:
        lines += _files(counts)
    if may_see["auditevent"]:
        lines += _runs(operation_figures())
    return sorted(lines, key=lambda line: (BAD, UNKNOWN, GOOD).index(line.tone))


def _count() -> _Counts:
    today = timezone.localdate()
    state = RecommendationState.objects.followed().aggregate(
        **{flag.name: Count("pk", filter=RULES[flag].as_q(today)) for flag in _LACKING},
        ageless=Count("pk", filter=IS_AGELESS),
    )
    held = User.groups.through.objects.filter(user=OuterRef("pk"))
    people = User.objects.filter(~Exists(held), is_active=True)
    files = (
        StoredFile.objects.exclude(fault="")
        .order_by()
        .aggregate(
            missing=Count("pk", filter=Q(fault=FileFault.MISSING)),
            altered=Count("pk", filter=Q(fault=FileFault.ALTERED)),
        )
    )
    lacking = {flag: state[flag.name] for flag in _LACKING}
    return _Counts(lacking, state["ageless"], people.count(), **files)


def _list_of(model: str, **asked: str | int) -> str:
    address = reverse(f"admin:recommendations_{model}_changelist")
    return f"{address}?{urlencode(asked)}" if asked else address


def _line(
    n: int, bad: Any, good: str | Promise, url: str, link: str | Promise
) -> Iterator[HealthLine]:
    """A count that should be 0: ``bad`` words with the list of what is counted, else ``good``."""
    if n:
        yield HealthLine(BAD, bad % n, url, link)
    elif good:
        yield HealthLine(GOOD, str(good))


def _mail() -> Iterator[HealthLine]:
    dead = OutgoingMail.objects.filter(state=MailState.DEAD).count()
    yield from _line(
        dead,
        ngettext("%d email not delivered", "%d emails not delivered", dead),
        _("No failed email"),
        _list_of("outgoingmail", state__exact=str(MailState.DEAD.value)),
        _("Show failed emails"),
    )
    if since := mail_waits_since():
        yield HealthLine(
            BAD,
            _("Mail waits without a delivery attempt. Check that send_mail_queue is running."),
            _list_of("outgoingmail", state__exact=str(MailState.QUEUED.value)),
            at=since,
        )


_LACKING = {
    Flag.NO_LEAD: (
        ngettext_lazy(
            "%d open recommendation without lead organisation",
            "%d open recommendations without lead organisation",
        ),
        gettext_lazy("Every open recommendation has a lead organisation"),
    ),
    Flag.NO_OFFICER: (
        ngettext_lazy(
            "%d open recommendation without active lead officer",
            "%d open recommendations without active lead officer",
        ),
        gettext_lazy("Every open recommendation has an active lead officer"),
    ),
    Flag.NO_DATE: (
        ngettext_lazy(
            "%d open recommendation without target date after 180 days",
            "%d open recommendations without target date after 180 days",
        ),
        gettext_lazy("Every time-bound recommendation open for over 180 days has a target date"),
    ),
}
"""The reasons that an administrator can end, and where none is."""


def _recommendations(counts: _Counts) -> Iterator[HealthLine]:
    n, link = counts.ageless, _("Show these recommendations")
    for flag, (bad, good) in _LACKING.items():
        url = _list_of("recommendation", flag=flag.value)
        is_known = flag != Flag.NO_DATE or not n
        yield from _line(counts.lacking[flag], bad, good if is_known else "", url, link)
    if n:
        told = ngettext(
            "%d open recommendation without a known day of opening",
            "%d open recommendations without a known day of opening",
            n,
        )
        url = f"{reverse('recommendation-list')}?age={Age.UNKNOWN}"
        yield HealthLine(UNKNOWN, told % n, url, link)


def _files(counts: _Counts) -> Iterator[HealthLine]:
    if not StoredFile.objects.exists():
        yield HealthLine(GOOD, _("No evidence files stored yet"))
        return
    if not StoredFile.objects.filter(compared_at__isnull=False).exists():
        text = _("Evidence files never checked for changes")
        yield HealthLine(UNKNOWN, text, _list_of("storedfile"), _("Show stored files"))
    for n, fault, bad in (
        (
            counts.missing,
            FileFault.MISSING,
            ngettext_lazy("%d evidence file is missing", "%d evidence files are missing"),
        ),
        (
            counts.altered,
            FileFault.ALTERED,
            ngettext_lazy("%d evidence file was altered", "%d evidence files were altered"),
        ),
    ):
        url = _list_of("storedfile", fault__exact=str(fault.value))
        yield from _line(n, bad, "", url, _("Show these files"))
    if not counts.missing and not counts.altered:
        yield HealthLine(GOOD, _("No evidence file is known to be missing or altered"))


def _runs(figures: OperationFigures) -> Iterator[HealthLine]:
    """The last verification of the audit log, and the last backup."""
    log = reverse("audit-log")
    if figures.unproven_at is not None:
        text = _("The last recorded verification is no proof. Verify the audit log again")
        yield HealthLine(BAD, text, log, _("Show audit log"), figures.unproven_at)
    elif figures.verified_at is None:
        yield HealthLine(UNKNOWN, _("Audit log never verified"), log, _("Show audit log"))
    elif figures.faults:
        text = ngettext(
            "Last verification found %d fault in the audit log",
            "Last verification found %d faults in the audit log",
            figures.faults,
        )
        yield HealthLine(BAD, text % figures.faults, log, _("Show audit log"), figures.verified_at)
    else:
        yield _aged(_("Audit log verified"), figures.verified_at)
    if figures.backed_up_at is None:
        yield HealthLine(UNKNOWN, _("No backup was ever made"))
    else:
        yield _aged(_("Last backup"), figures.backed_up_at)


def _aged(text: str, at: datetime) -> HealthLine:
    return HealthLine(GOOD if timezone.now() - at < OLD else BAD, text, at=at)
