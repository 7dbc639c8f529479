"""The card that stands on every tab of a recommendation: what it reads, its tabs and buttons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import BigIntegerField, CharField, Count, F, OuterRef, Q, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, JSONObject
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations import audiences, permissions
from recommendations.choices import ActionState, Assurance, UpdateState, label_of_status
from recommendations.columns import PUBLIC
from recommendations.fixed import Given, fixed
from recommendations.models import (
    Action,
    IndicatorLink,
    Recommendation,
    ReportedStatus,
    StatusUpdate,
    full_name,
)
from recommendations.permissions import Person
from recommendations.queries.approvers import (
    has_several_managers,
    is_without_approver,
    lacking_text,
)
from recommendations.queries.columns import columns_of, names_of
from recommendations.queries.dates import day_text
from recommendations.queries.people import managers
from recommendations.queries.recommendations.attention import Help, next_update
from recommendations.queries.recommendations.citations import with_citation
from recommendations.queries.recommendations.detail import DetailPage
from recommendations.queries.recommendations.rows import RecommendationRow
from recommendations.queries.recommendations.wording import with_reason
from recommendations.queries.responses import Responses
from recommendations.transitions import OPEN_TO_AUTHOR

_SHOWN = (
    *PUBLIC,
    *("nature", "published_at", "archived_at", "archive_reason", "current_update"),
    "wording_amended_at",
    *("source__slug", "source__title", "source__short_title", "source__author"),
    *("source__published_on", "source__date_precision", "source__date_mark"),
)
"""Columns that everybody is shown, or that word what is; people inside may read all others too."""


def find_for_detail(person: Person, reference: str) -> Any:
    """The recommendation that ``detail_page`` works from; none where the person may see none."""
    found = _found(audiences.audience(person), person=person.pk, reference=reference)
    return found[0] if found else None


@fixed
def _found(audience: audiences.Audience) -> Any:
    rows = Recommendation.objects.visible_to(audience)
    rows = rows.filter(reference=Given("reference", CharField()))
    return with_citation(for_detail(rows, audience, Given("person", BigIntegerField())))


def for_detail(rows: Any, person: Person, reader: Combinable | int | None = None) -> Any:
    """The same of these rows, for a person with the key ``reader``."""
    linked = IndicatorLink.objects.filter(removed_at__isnull=True)
    rows = with_reason(rows.order_by().select_related("source"), person)
    if not permissions.can_read_internally(person):
        linked = linked.filter(indicator__is_published=True)
        rows = rows.only(*_SHOWN)
        return rows.annotate(linked_indicators=_count(linked))
    return (
        rows.select_related("reviewer")
        .only(*_SHOWN, *columns_of(Recommendation), *names_of("reviewer"))
        .annotate(
            linked_indicators=_count(linked),
            asked_for=F("current_update__asked_for"),
            issue=F("current_update__issue"),
            several=has_several_managers(),
            **_counts(),
            **_waiting(reader if reader is not None else person.pk),
        )
    )


def _counts() -> dict[str, Any]:
    actions = Action.objects.exclude(state=ActionState.DROPPED)
    sums = JSONObject(total=Count("*"), done=Count(Value(1), filter=Q(state=ActionState.DONE)))
    approved = StatusUpdate.objects.filter(addressee__isnull=True, state=UpdateState.APPROVED)
    return {"action_sums": _sum(actions, sums), "n_approved": _count(approved)}


def _waiting(person_id: Combinable | int | None) -> dict[str, Any]:
    """The newest overall update that awaits review, the reader's own draft, and a file's words."""
    of_it = StatusUpdate.objects.filter(recommendation=OuterRef("pk"))
    submitted = of_it.filter(addressee__isnull=True, state=UpdateState.SUBMITTED)
    mine = of_it.filter(author=person_id, state__in=OPEN_TO_AUTHOR).order_by("-as_of", "-pk")
    reported = ReportedStatus.objects.filter(recommendation=OuterRef("pk"))
    newest = reported.order_by("-recorded_at", "-pk").annotate(told=_REPORTED)
    return {
        "waiting": Subquery(
            submitted.order_by("-submitted_at", "-pk").annotate(told=_SUBMITTED).values("told")[:1]
        ),
        "my_draft_id": Subquery(mine.values("pk")[:1]),
        "reported": Subquery(newest.values("told")[:1]),
    }


_REPORTED = JSONObject(words="words", as_of="as_of")
_SUBMITTED = JSONObject(
    pk="pk",
    status="implementation_status",
    at="submitted_at",
    **{name: name for name in names_of("author")},
)


def _count(rows: Any) -> Any:
    return Coalesce(_sum(rows, Count("*")), 0)


def _sum(rows: Any, what: Any) -> Any:
    of_it = rows.filter(recommendation=OuterRef("pk")).order_by().values("recommendation")
    return Subquery(of_it.annotate(n=what).values("n"))


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: a link to its own address. ``anchor`` is what led to its section once."""

    name: str
    label: str
    count: str
    url: str
    anchor: str


TABS: Mapping[str, Promise] = {
    "detail": gettext_lazy("Status"),
    "evidence": gettext_lazy("Evidence"),
    "responses": gettext_lazy("Responses"),
    "actions": gettext_lazy("Actions"),
    "indicators": gettext_lazy("Indicators"),
    "history": gettext_lazy("History"),
}
"""What the tabs are called."""


def tabs_of(view: DetailPage) -> list[Tab]:
    """The tabs of one reader, with what there is on each."""
    row, found = view.row, view.found
    tabs = [
        ("detail", "", "latest-update"),
        ("evidence", _evidence_count(row), "claims"),
    ]
    if row.responses.addressed:
        tabs.append(("responses", _responses_count(row.responses), "responses"))
    if found:
        tabs.append(("actions", _actions_count(found), "steps"))
    tabs.append(("indicators", str(view.linked_indicators), "indicators"))
    if found:
        n = found.n_approved
        count = ngettext("%(n)d update", "%(n)d updates", n) % {"n": n}
        tabs.append(("history", count, "timeline"))
    return [
        Tab(name, str(TABS[name]), count, reverse(_ROUTES[name], args=[row.reference]), anchor)
        for name, count, anchor in tabs
    ]


_ROUTES = {
    **{name: f"recommendation-{name}" for name in ("detail", "evidence", "actions")},
    **{name: f"recommendation-{name}" for name in ("indicators", "history")},
    "responses": "response-list",
}


def _evidence_count(row: RecommendationRow) -> str:
    n, against = row.evidence_for, row.evidence_against
    supports = ngettext("%(n)d supports", "%(n)d support", n) % {"n": n}
    contradicts = ngettext("%(n)d contradicts", "%(n)d contradict", against) % {"n": against}
    if n and against:
        return _("%(supports)s, %(contradicts)s") % {
            "supports": supports,
            "contradicts": contradicts,
        }
    return contradicts if against else supports


def _responses_count(responses: Responses) -> str:
    answered = responses.addressed - responses.missing
    return _("%(n)d of %(total)d") % {"n": answered, "total": responses.addressed}


def _actions_count(found: Any) -> str:
    sums = found.action_sums or {"done": 0, "total": 0}
    words = _("%(n)d of %(total)d completed")
    return words % {"n": sums["done"], "total": sums["total"]}


@dataclass(frozen=True, slots=True)
class Waiting:
    """The newest update that awaits review, in a sentence."""

    text: str
    url: str


def waiting_of(view: DetailPage) -> Waiting | None:
    """What was reported and is not decided; nothing for the public."""
    told = view.found.waiting if view.found else None
    if not told:
        return None
    row = view.row
    names = (told[name] for name in names_of("author"))
    values = {
        "status": label_of_status(told["status"], is_continuous=row.is_continuous),
        "who": full_name(*names),
        "day": day_text(timezone.localdate(_moment(told["at"]))),
    }
    words = _("Reported as “%(status)s” by %(who)s on %(day)s, awaiting review.")
    if row.decidable_id:
        words = _("Reported as “%(status)s” by %(who)s on %(day)s, awaiting your review.")
    return Waiting(words % values, reverse("update-detail", args=[told["pk"]]))


def approval_warning(view: DetailPage) -> str:
    """That nobody can approve what is reported on it, and what to do; empty where somebody can."""
    found = view.found
    if not found or view.row.is_archived or found.several:
        return ""
    # At most two statements more, where one manager alone is left, or none.
    if not is_without_approver(found):
        return ""
    return lacking_text(has_manager=bool(managers()))


def _moment(text: str) -> datetime:
    """A moment out of JSON; SQLite writes it in UTC and does not say so."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def primary_of(view: DetailPage) -> Help | None:
    """The one thing that the reader should do next, if there is any."""
    row, found = view.row, view.found
    if row.decidable_id:
        return Help(_("Review update"), reverse("review-item", args=[row.decidable_id]))
    if row.may_decide_date and row.asked:
        return Help(_("Decide on date change"), reverse("review-date", args=[row.asked.pk]))
    return next_update(found) if found and view.may_log else None


def verification_of(row: RecommendationRow) -> str:
    """How the current update is verified, in one phrase; that it is contradicted is said apart."""
    if not row.status:
        return _("No approved update yet")
    return str(Assurance(row.assurance).label) if row.assurance else _("No data")
