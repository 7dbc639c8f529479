"""Status updates: the only way in which the status of a recommendation moves."""

import uuid
from collections.abc import Collection
from datetime import date, datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.choices import (
    CLOSED_STATUSES,
    Confidence,
    ImplementationStatus,
    UpdateKind,
    UpdateState,
)
from recommendations.models.base import Keyed, KeyedQuerySet, Versioned
from recommendations.models.fields import LineField, ProseField
from recommendations.models.oversight import AuditEvent
from recommendations.permissions import Person

SEEN_BY_VIEWERS = (UpdateState.APPROVED, UpdateState.SUBMITTED)
"""States of updates that people may read who read no drafts."""


class StatusUpdateQuerySet(KeyedQuerySet["StatusUpdate"]):
    def in_force(
        self, effective: date | Combinable, known: datetime | Combinable | None = None
    ) -> Self:
        """Approved updates that could be in force on ``effective`` as known at ``known``.

        Without ``known``: with all that has been decided so far.

        The first row of a recommendation and addressee is the one in force: latest ``as_of``,
        then latest ``decided_at``, then highest id, among those neither corrected nor retracted
        by one decided by then. A retraction itself is never in force.
        """
        until = Q() if known is None else Q(decided_at__lte=known)
        decided = StatusUpdate.objects.filter(until, state=UpdateState.APPROVED)
        replaced = decided.filter(Q(corrects=OuterRef("pk")) | Q(retracts=OuterRef("pk")))
        return (
            self.filter(
                until,
                ~Exists(replaced),
                state=UpdateState.APPROVED,
                as_of__lte=effective,
            )
            .exclude(kind=UpdateKind.RETRACTION)
            .order_by("-as_of", "-decided_at", "-pk")
        )

    def replacing(self, update: "StatusUpdate") -> Self:
        """The approved correction or retraction that took an update out of force: one at most."""
        return self.filter(
            Q(corrects=update.pk) | Q(retracts=update.pk), state=UpdateState.APPROVED
        )

    def of_scope(
        self, recommendation_id: int | Combinable, addressee_id: int | Combinable | None
    ) -> Self:
        """Updates on one recommendation: overall, or one addressee's own state."""
        return self.filter(recommendation=recommendation_id, addressee=addressee_id)

    def visible_to(self, person: Person) -> Self:
        """Every update for readers of drafts, decided and waiting ones for viewers, else none.

        The public reads no row of this table: its page is built from named fields alone.
        """
        return self.seen_by(
            permissions.can_read_drafts(person), permissions.can_read_internally(person)
        )

    def seen_by(self, reads_drafts: bool, reads_internally: bool) -> Self:
        """The same for whoever may read so much."""
        if reads_drafts:
            return self
        return self.seen_by_viewers() if reads_internally else self.none()

    def seen_by_viewers(self) -> Self:
        """Decided and waiting ones."""
        return self.filter(state__in=SEEN_BY_VIEWERS)

    def awaiting_decision_by(self, person: Person) -> Self:
        """The review queue of one manager: submitted, and no version of it written by them."""
        return self.undecided_for(person.pk) if permissions.can_review(person) else self.none()

    def undecided_for(self, person_id: int | Combinable) -> Self:
        """Submitted, on what is followed, and no version of it written by this person."""
        edited = StatusUpdate.editors.through.objects.filter(
            statusupdate=OuterRef("pk"), user=person_id
        )
        return self.filter(
            ~Exists(edited), state=UpdateState.SUBMITTED, recommendation__archived_at__isnull=True
        ).exclude(author=person_id)

    def submitted_by(self, person_id: int | Combinable) -> Self:
        """The other part of what is submitted on what is followed: written by this person."""
        # All of it once: asked for each update that waits, it would take longer than the rest. A
        # union, so that each part has an index of its own.
        edited = StatusUpdate.editors.through.objects.filter(user=person_id)
        own = StatusUpdate.objects.filter(author=person_id, state=UpdateState.SUBMITTED).order_by()
        return self.filter(
            pk__in=own.values("pk").union(edited.values("statusupdate")),
            state=UpdateState.SUBMITTED,
            recommendation__archived_at__isnull=True,
        )

    def with_people(self) -> Self:
        """With the people and rows that a page names beside an update."""
        return self.select_related(
            "author", "decided_by", "addressee__area", "addressee__organisation", "successor"
        ).annotate(is_approved_by_import=approved_by_import("pk"))


def approved_by_import(update: str) -> Q:
    """Whether an import approved the update of which ``OuterRef(update)`` is the id.

    Imports of earlier versions did; they wrote an update and its approval in one event, so no
    event says that it was submitted.
    """
    events = AuditEvent.objects.filter(
        object_type=StatusUpdate._meta.label_lower,
        object_id=Cast(OuterRef(update), models.CharField()),
    )
    return Q(Exists(events.filter(verb="approve"))) & ~Q(Exists(events.filter(verb="submit")))


def day_finished(status: str, as_of: date | None, completed_on: date | None) -> date | None:
    """The day on which an update says that all was complete, or closed; none where neither."""
    if status in CLOSED_STATUSES:
        return as_of
    return completed_on if status == ImplementationStatus.IMPLEMENTED else None


def _blank(**conditions: Any) -> Q:
    """True while not approved: what follows is asked of approved rows only."""
    return ~Q(state=UpdateState.APPROVED) | Q(**conditions)


class StatusUpdate(Keyed, Versioned):
    """What somebody reports of a recommendation as of a day, and what was decided on it."""

    NATURAL_KEY: ClassVar[tuple[str, ...]] = ("key",)

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    recommendation = models.ForeignKey(
        "recommendations.Recommendation",
        models.PROTECT,
        verbose_name=_("recommendation"),
        related_name="updates",
    )
    addressee = models.ForeignKey(
        "recommendations.Addressee",
        models.PROTECT,
        verbose_name=_("addressee"),
        null=True,
        blank=True,
        related_name="updates",
        help_text=_("If empty, the overall status."),
    )
    kind = models.CharField(
        _("kind"), max_length=12, choices=UpdateKind, default=UpdateKind.REGULAR
    )
    as_of = models.DateField(_("as of"))
    implementation_status = models.CharField(
        _("implementation status"), max_length=24, choices=ImplementationStatus, blank=True
    )
    confidence = models.CharField(
        _("delivery confidence"),
        max_length=12,
        choices=Confidence,
        default=Confidence.NOT_RATED,
    )
    rated_on = models.DateField(_("confidence rated on"), null=True, blank=True)
    what_happened = ProseField(_("progress since the last update"), blank=True)
    remaining = ProseField(_("remaining work"), blank=True)
    next_steps = ProseField(_("next steps"), blank=True)
    issue = ProseField(_("issue"), blank=True)
    response_action = ProseField(_("corrective action"), blank=True)
    response_owner = LineField(_("owner of the corrective action"), blank=True)
    asked_for = ProseField(_("decision or support needed"), blank=True)
    completed_on = models.DateField(_("completed on"), null=True, blank=True)
    review_on = models.DateField(_("next periodic review"), null=True, blank=True)
    closing_reason = ProseField(_("reason for closing"), blank=True)
    successor = models.ForeignKey(
        "recommendations.Recommendation",
        models.PROTECT,
        verbose_name=_("replaced by"),
        null=True,
        blank=True,
        related_name="+",
    )
    reopening_reason = ProseField(_("reason for reopening"), blank=True)
    public_text = ProseField(_("public summary"), blank=True)
    internal_note = ProseField(_("internal note"), blank=True)

    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="corrections"
    )
    retracts = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="retractions"
    )
    based_on = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    state = models.CharField(
        _("state"), max_length=10, choices=UpdateState, default=UpdateState.DRAFT, editable=False
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("author"),
        editable=False,
        related_name="updates",
    )
    last_editor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        editable=False,
        related_name="+",
    )
    editors = models.ManyToManyField(
        settings.AUTH_USER_MODEL, editable=False, related_name="edited_updates"
    )
    created_at = models.DateTimeField(_("started"), editable=False)
    submitted_at = models.DateTimeField(_("submitted"), null=True, editable=False)
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("decided by"),
        null=True,
        editable=False,
        related_name="decisions",
    )
    decision_note = ProseField(_("decision note"), blank=True, editable=False)

    contradictions_confirmed = models.PositiveSmallIntegerField(
        _("open contradictions at approval"),
        default=0,
        editable=False,
        help_text=_("Confirmed at approval. Also 0 for approvals from before this was asked."),
    )

    is_approved_by_import: bool = False
    """Whether an import approved it; known of rows that were read ``with_people``."""

    objects = StatusUpdateQuerySet.as_manager()

    class Meta:
        verbose_name = _("status update")
        verbose_name_plural = _("status updates")
        ordering = ("-as_of", "-decided_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="update_decision_together",
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, decision_note="")
                & ~Q(state__in=[UpdateState.APPROVED, UpdateState.RETURNED])
                | Q(decided_at__isnull=False, decided_by__isnull=False)
                & Q(state__in=[UpdateState.APPROVED, UpdateState.RETURNED, UpdateState.WITHDRAWN]),
            ),
            models.CheckConstraint(
                name="update_decided_by_another",
                condition=Q(decided_by__isnull=True)
                | (~Q(decided_by=F("author")) & ~Q(decided_by=F("last_editor"))),
            ),
            models.CheckConstraint(
                name="update_returned_with_note",
                condition=~Q(state=UpdateState.RETURNED) | ~Q(decision_note=""),
            ),
            models.CheckConstraint(
                name="update_confirms_at_approval",
                condition=Q(contradictions_confirmed=0) | Q(state=UpdateState.APPROVED),
            ),
            models.CheckConstraint(
                name="update_submitted_is_dated",
                condition=~Q(state__in=[UpdateState.SUBMITTED, UpdateState.APPROVED])
                | Q(submitted_at__isnull=False) & ~Q(implementation_status=""),
            ),
            models.CheckConstraint(
                name="update_kind_has_its_target",
                condition=Q(
                    kind=UpdateKind.CORRECTION, corrects__isnull=False, retracts__isnull=True
                )
                | Q(kind=UpdateKind.RETRACTION, retracts__isnull=False, corrects__isnull=True)
                | Q(
                    kind__in=[UpdateKind.REGULAR, UpdateKind.NO_CHANGE],
                    corrects__isnull=True,
                    retracts__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="update_implemented_has_day",
                condition=~Q(implementation_status=ImplementationStatus.IMPLEMENTED)
                | _blank(completed_on__isnull=False),
            ),
            models.CheckConstraint(
                name="update_completed_by_as_of",
                condition=_blank(completed_on__isnull=True) | Q(completed_on__lte=F("as_of")),
            ),
            models.CheckConstraint(
                name="update_closed_is_not_rated",
                condition=~Q(implementation_status__in=CLOSED_STATUSES)
                | _blank(confidence=Confidence.NOT_RATED),
            ),
            models.CheckConstraint(
                name="update_closed_has_reason",
                condition=~Q(
                    implementation_status__in=[
                        ImplementationStatus.NOT_IMPLEMENTED,
                        ImplementationStatus.NO_LONGER_APPLICABLE,
                    ]
                )
                | ~Q(state=UpdateState.APPROVED)
                | ~Q(closing_reason=""),
            ),
            models.CheckConstraint(
                name="update_superseded_has_successor",
                condition=~Q(implementation_status=ImplementationStatus.SUPERSEDED)
                | _blank(successor__isnull=False),
            ),
            models.CheckConstraint(
                name="update_partly_names_the_rest",
                condition=~Q(implementation_status=ImplementationStatus.PARTLY_IMPLEMENTED)
                | ~Q(state=UpdateState.APPROVED)
                | ~Q(remaining=""),
            ),
            models.CheckConstraint(
                name="update_red_asks",
                condition=~Q(confidence=Confidence.RED)
                | ~Q(state=UpdateState.APPROVED)
                | ~Q(asked_for=""),
            ),
            models.CheckConstraint(
                name="update_amber_answers",
                condition=~Q(confidence=Confidence.AMBER)
                | ~Q(state=UpdateState.APPROVED)
                | ~(Q(issue="") | Q(response_action="") | Q(response_owner="")),
            ),
            models.UniqueConstraint(
                fields=["corrects"],
                condition=Q(state=UpdateState.APPROVED),
                name="update_corrected_once",
            ),
            models.UniqueConstraint(
                fields=["retracts"],
                condition=Q(state=UpdateState.APPROVED),
                name="update_retracted_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["recommendation", "addressee", "state", "-as_of"], name="update_of_scope"
            ),
            models.Index(fields=["state", "submitted_at"], name="update_queue"),
            models.Index(fields=["author", "state"], name="update_of_author"),
        ]

    def __str__(self) -> str:
        return f"{self.recommendation.reference}, {self.as_of:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("update-detail", args=[self.pk])

    @property
    def finished_on(self) -> date | None:
        """The day on which it says that all was complete, or closed; none where it says neither."""
        return day_finished(self.implementation_status, self.as_of, self.completed_on)

    def editor_ids(self) -> Collection[int]:
        """Ids of everybody who wrote a version; no query where editors are prefetched."""
        return {self.last_editor_id} | {person.pk for person in self.editors.all()}
