"""What the pages on which updates are written share: loading, hidden fields, conflicts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db.models import BigIntegerField, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.actions.base import differences
from recommendations.actions.errors import TransitionConflict
from recommendations.choices import UpdateKind
from recommendations.fixed import Given, fixed
from recommendations.forms.evidence import EvidenceForm
from recommendations.forms.files import Ticket
from recommendations.models import Addressee, EvidenceLink, Recommendation, StatusUpdate, User
from recommendations.models.fields import parse_int
from recommendations.permissions import Person
from recommendations.queries.columns import columns_of, names_of
from recommendations.queries.evidence.claims import may_attach
from recommendations.queries.recommendations.strands import UpdatePart
from recommendations.queries.updates.conditions import counts_of, unmet_conditions
from recommendations.queries.updates.in_force import in_force
from recommendations.transitions import OPEN_TO_AUTHOR, UNDECIDED

PREFILLED = ("remaining", "next_steps")
"""Texts that rarely change from one update to the next; what happened since always does."""


@dataclass(frozen=True, slots=True)
class HiddenFields:
    """The hidden fields of the form: its own id, and what its author was shown.

    ``expected_version`` is 0, which no version is, where it cannot be read: then nothing is
    overwritten.
    """

    key: UUID | None
    expected_version: int
    basis: int | None
    kept: Mapping[int, bool]
    told: frozenset[str]
    parts: list[int] | None = None


def hidden_fields(post: QueryDict, *, without_version: int = 0) -> HiddenFields:
    """Read the hidden fields; a new form has no version yet, and then ``without_version`` is it.

    ``kept`` says of each link that was offered whether it is ticked; ``told`` are the codes of the
    conditions that the form named as missing for approval. ``parts`` are those ticked as complete,
    where the form had any.
    """
    version = str(post.get("version", ""))
    basis = str(post.get("basis", ""))
    try:
        key = UUID(str(post.get("key", "")))
    except ValueError:
        key = None
    return HiddenFields(
        key=key,
        expected_version=parse_int(version) or 0 if version else without_version,
        basis=parse_int(basis),
        kept={pk: str(pk) in post.getlist("keep") for pk in _numbers(post.getlist("offered"))},
        told=frozenset(str(post.get("told", "")).split()),
        parts=_numbers(post.getlist("part")) if "parts-offered" in post else None,
    )


def _numbers(texts: Iterable[str]) -> list[int]:
    return [number for text in texts if (number := parse_int(text)) is not None]


def scope_of(request: HttpRequest, reference: str) -> tuple[Recommendation, Addressee | None]:
    """The recommendation on which the reader may log, and the addressee it is logged for."""
    rows = Recommendation.objects.visible_to(request.user).select_related("reviewer", "kept")
    recommendation = get_object_or_404(
        rows.only(*_OF_RECOMMENDATION).prefetch_related(
            *_contributors(may_review=permissions.can_review(request.user))
        ),
        reference=reference,
    )
    if not permissions.can_log(request.user, recommendation):
        raise PermissionDenied(_("You may not log progress on %s.") % recommendation.reference)
    named = request.GET.get("addressee")
    if not named:
        return recommendation, None
    living = Addressee.objects.filter(recommendation=recommendation, removed_at__isnull=True)
    return recommendation, get_object_or_404(
        living.select_related("area", "organisation"), pk=parse_int(named) or 0
    )


def begun_update(
    person: Person, recommendation: Recommendation, key: UUID | None
) -> StatusUpdate | None:
    """The person's open update on this recommendation that the form with this key has begun."""
    rows = _page_rows(*_reads(person)).filter(author=person.pk, recommendation=recommendation.pk)
    return rows.filter(key=key, state__in=OPEN_TO_AUTHOR).first() if key else None


def update_for(person: Person, pk: int) -> StatusUpdate:
    """An update that the person may see, with all that its pages name; else 404."""
    found: list[StatusUpdate] = _page_row(*_reads(person), pk=pk)
    if not found:
        raise Http404
    return found[0]


@fixed
def _page_row(*reads: bool) -> QuerySet[StatusUpdate]:
    return _page_rows(*reads).filter(pk=Given("pk", BigIntegerField()))


def _reads(person: Person) -> tuple[bool, bool, bool]:
    """What ``_page_rows`` reads for a person, rather than for whom."""
    return (
        permissions.can_read_drafts(person),
        permissions.can_read_internally(person),
        permissions.can_review(person),
    )


def _page_rows(
    reads_drafts: bool, reads_internally: bool, may_review: bool
) -> QuerySet[StatusUpdate]:
    # What it is based on, corrects or retracts is read where it is shown: seldom two of them.
    return (
        StatusUpdate.objects.seen_by(reads_drafts, reads_internally)
        .with_people()
        .select_related("recommendation__reviewer", "recommendation__kept", "draft_entries")
        .only(*_OF_UPDATE)
        .prefetch_related("editors", *_contributors("recommendation__", may_review=may_review))
    )


_OF_RECOMMENDATION = (
    *("version", "source", "reference", "title", "summary", "nature", "target_date", "review_on"),
    *("interval_months", "opened_on", "published_at", "archived_at", "current_update"),
    *("next_due_on", "lead", "lead_officer", "reviewer", *names_of("reviewer")),
    "kept__parts",
)
_OF_UPDATE = (
    *columns_of(StatusUpdate),
    *names_of("author", "last_editor", "decided_by"),
    *("author__is_demonstration", "author__is_active"),
    *("addressee__area__name", "addressee__organisation__name"),
    *("successor__reference", "successor__title"),
    *("draft_entries__content", "draft_entries__number"),
    *(f"recommendation__{name}" for name in _OF_RECOMMENDATION),
)
"""Columns of what is written on, and of an update with all that its pages name."""


def _contributors(path: str = "", *, may_review: bool) -> tuple[str, ...]:
    """What to prefetch: whoever decides may log everywhere, of others contributors are asked."""
    return () if may_review else (f"{path}contributors",)


def new_update(
    recommendation: Recommendation, addressee: Addressee | None, person: User, key: UUID | None
) -> StatusUpdate:
    """An update that is not saved yet, as its form begins."""
    return rest_on_current(blank_update(recommendation, addressee, person, key))


def blank_update(
    recommendation: Recommendation, addressee: Addressee | None, person: User, key: UUID | None
) -> StatusUpdate:
    """The same before the update in force is read."""
    return StatusUpdate(
        recommendation=recommendation,
        addressee=addressee,
        author=person,
        as_of=timezone.localdate(),
        key=key or uuid4(),
    )


def rest_on_current(update: StatusUpdate) -> StatusUpdate:
    """Let an update that is not saved yet rest on the one in force, and begin with its words."""
    update.based_on = in_force(update)
    for name in PREFILLED if update.based_on else ():
        setattr(update, name, getattr(update.based_on, name))
    return update


def conflict_response(
    request: HttpRequest,
    refusal: TransitionConflict,
    values: Mapping[str, Any] | None = None,
    evidence_form: EvidenceForm | None = None,
) -> HttpResponse:
    """409: the update left the state that the form showed; what was typed is shown beside it.

    Files that were sent with it and are not linked can still be added, if the update accepts any.
    """
    unsaved = differences(refusal.update, dict(values)) if values else []
    left = _left_over(refusal.update, evidence_form)
    context = {
        "evidence_form": evidence_form if left else None,
        "left": left,
        "may_attach": may_attach(request.user, refusal.update),
        "refusal": refusal,
        "update": refusal.update,
        "differences": unsaved,
        "is_mine": refusal.update.author_id == request.user.pk,
    }
    return render(request, "updates/moved_on.html", context, status=409)


def _left_over(update: StatusUpdate, form: EvidenceForm | None) -> list[Ticket]:
    """Files that were sent with a form and are not linked to the update."""
    if form is None or not form.tickets:
        return []
    form.claim = update
    live = EvidenceLink.objects.live().filter(update=update.pk)
    there = set(live.values_list("evidence__revisions__file", flat=True))
    form.received = [received for received in form.received if received.sha256 not in there]
    return form.tickets


def basis_context(update: StatusUpdate, now: StatusUpdate | None) -> dict[str, Any]:
    """Whether another update is current since, and whether this one is of an older day."""
    return {
        "in_force": now,
        "is_basis_changed": update.based_on_id != (now.pk if now else None),
        "is_late": now is not None
        and update.kind == UpdateKind.REGULAR
        and update.as_of < now.as_of,
    }


def needs(
    update: StatusUpdate,
    now: StatusUpdate | None,
    claims: list[Any] | None = None,
    parts: Sequence[UpdatePart] | None = None,
) -> list[Any]:
    """What approval would still need of an update that has a status.

    ``now`` is the one in force in its scope; ``claims`` is all of its evidence, and
    ``parts`` those of the recommendation beside it, where that was read already.
    """
    if not update.implementation_status:
        return []
    today, known = timezone.localdate(), timezone.now()
    return unmet_conditions(
        update,
        today=today,
        known=known,
        now=now,
        links=counts_of(claims) if claims is not None else None,
        parts=parts,
    )


def open_updates(recommendation_id: int, addressee_id: int | None) -> QuerySet[StatusUpdate]:
    """Updates in one scope that are not decided, as they are told of beside another one."""
    scope = StatusUpdate.objects.of_scope(recommendation_id, addressee_id)
    rows = scope.filter(state__in=UNDECIDED).select_related("author")
    return rows.only("kind", "as_of", "state", *names_of("author"))


def begun_or_others(
    person: Person, recommendation: Recommendation, addressee: Addressee | None
) -> tuple[StatusUpdate | None, list[StatusUpdate]]:
    """The person's own regular draft in a scope, else some open updates of others; one query."""
    is_own = Q(author=person.pk, state__in=OPEN_TO_AUTHOR, kind=UpdateKind.REGULAR)
    found = open_updates(recommendation.pk, addressee.pk if addressee else None)
    rows: list[Any] = list(found.annotate(is_own=is_own).order_by("-is_own", "-pk")[:3])
    return (rows[0], []) if rows and rows[0].is_own else (None, rows)
