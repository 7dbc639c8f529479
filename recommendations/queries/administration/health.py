"""The health of a site: what an administrator has to look after, each with the list that shows it.

Missing is told as missing: a verification that never ran is no number.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from recommendations import permissions
from recommendations.choices import FileFault, MailState
from recommendations.models import OutgoingMail, RecommendationState, StoredFile, User
from recommendations.queries.cache import cached
from recommendations.queries.mail import mail_waits_since
from recommendations.queries.operation import OperationFigures, operation_figures
from recommendations.queries.version import version_for

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

    no_lead: int
    no_officer: int
    undated: int
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
        lines += _mail()
    if may_see["user"]:
        lines += _people(counts.no_role)
    if may_see["recommendation"]:
        lines += _recommendations(counts)
    if may_see["storedfile"]:
        lines += _files(counts)
    if may_see["auditevent"]:
        lines += _runs(operation_figures())
    return sorted(lines, key=lambda line: (BAD, UNKNOWN, GOOD).index(line.tone))


def _count() -> _Counts:
    state = RecommendationState.objects.followed().aggregate(
        no_lead=Count("pk", filter=Q(has_no_lead=True)),
        no_officer=Count("pk", filter=Q(has_no_officer=True)),
        undated=Count("pk", filter=Q(open_without_date_since__isnull=False)),
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
    return _Counts(**state, no_role=people.count(), **files)


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


def _people(n: int) -> Iterator[HealthLine]:
    return _line(
        n,
        ngettext("%d person without a role", "%d people without a role", n),
        _("Every active person has a role"),
        _list_of("user", is_active__exact=1, groups__isnull="True"),
        _("Show people without a role"),
    )


_LACKING = {
    "no_lead": (
        ngettext_lazy(
            "%d open recommendation without lead organisation",
            "%d open recommendations without lead organisation",
        ),
        gettext_lazy("Every open recommendation has a lead organisation"),
    ),
    "no_officer": (
        ngettext_lazy(
            "%d open recommendation without active lead officer",
            "%d open recommendations without active lead officer",
        ),
        gettext_lazy("Every open recommendation has an active lead officer"),
    ),
    "undated": (
        ngettext_lazy(
            "%d open recommendation without target date",
            "%d open recommendations without target date",
        ),
        gettext_lazy("Every open time-bound recommendation has a target date"),
    ),
}
"""What an open recommendation may lack, by the count and the filter of the list."""


def _recommendations(counts: _Counts) -> Iterator[HealthLine]:
    for flag, (bad, good) in _LACKING.items():
        url = _list_of("recommendation", flag=flag)
        yield from _line(getattr(counts, flag), bad, good, url, _("Show these recommendations"))


def _files(counts: _Counts) -> Iterator[HealthLine]:
    if not StoredFile.objects.exists():
        yield HealthLine(GOOD, _("No evidence files stored yet"))
        return
    if not StoredFile.objects.filter(compared_at__isnull=False).exists():
        text = _("Evidence files never compared with their digests")
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
