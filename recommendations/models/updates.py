"""Status updates, their drafts, and statuses as lists report them."""

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
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.choices import (
    CLOSED_STATUSES,
    Confidence,
    ImplementationStatus,
    UpdateKind,
    UpdateState,
)
from recommendations.models.base import InternalQuerySet, Keyed, KeyedQuerySet, Removable, Versioned
from recommendations.models.fields import (
    LineField,
    PersonField,
    ProseField,
    RelatedField,
    UniqueRelatedField,
)
from recommendations.models.openings import OpeningRow
from recommendations.models.oversight import AuditEvent
from recommendations.models.people import User
from recommendations.permissions import Person

# ---- What the database asks of each status update, whatever writes it


def _blank(**conditions: Any) -> Q:
    """True while not approved: what follows is asked of approved rows only."""
    return ~Q(state=UpdateState.APPROVED) | Q(**conditions)


UNASKED = ~Q(state=UpdateState.APPROVED) | Q(kind__in=[UpdateKind.OPENING, UpdateKind.RETRACTION])
"""Where nobody asks what a new approval needs: of what is not approved, of what was taken over, and
of a retraction, which repeats what it retracts and claims nothing."""

UPDATE_CONSTRAINTS: tuple[models.BaseConstraint, ...] = (
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
        condition=Q(kind=UpdateKind.CORRECTION, corrects__isnull=False, retracts__isnull=True)
        | Q(kind=UpdateKind.RETRACTION, retracts__isnull=False, corrects__isnull=True)
        | Q(
            kind__in=[UpdateKind.REGULAR, UpdateKind.NO_CHANGE, UpdateKind.OPENING],
            corrects__isnull=True,
            retracts__isnull=True,
        ),
    ),
    models.CheckConstraint(
        name="update_opening_has_its_row",
        condition=Q(
            kind=UpdateKind.OPENING,
            opening_row__isnull=False,
            addressee__isnull=True,
            state__in=[UpdateState.SUBMITTED, UpdateState.APPROVED],
        )
        | Q(~Q(kind=UpdateKind.OPENING), opening_row__isnull=True),
    ),
    models.CheckConstraint(
        name="update_implemented_has_day",
        condition=~Q(implementation_status=ImplementationStatus.IMPLEMENTED)
        | UNASKED
        | Q(completed_on__isnull=False),
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
        | UNASKED
        | ~Q(closing_reason=""),
    ),
    models.CheckConstraint(
        name="update_superseded_has_successor",
        condition=~Q(implementation_status=ImplementationStatus.SUPERSEDED)
        | UNASKED
        | Q(successor__isnull=False),
    ),
    models.CheckConstraint(
        name="update_partly_names_the_rest",
        condition=~Q(implementation_status=ImplementationStatus.PARTLY_IMPLEMENTED)
        | UNASKED
        | ~Q(remaining=""),
    ),
    models.CheckConstraint(
        name="update_red_asks",
        condition=~Q(confidence=Confidence.RED) | UNASKED | ~Q(asked_for=""),
    ),
    models.CheckConstraint(
        name="update_amber_answers",
        condition=~Q(confidence=Confidence.AMBER)
        | UNASKED
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
)


# ---- Status updates: the only way in which the status of a recommendation moves

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
        by one decided by then. A retraction itself is never in force, nor is an opening status
        that was undone by then.
        """
        decided = StatusUpdate.objects.filter(_until(known), state=UpdateState.APPROVED)
        replaced = decided.filter(Q(corrects=OuterRef("pk")) | Q(retracts=OuterRef("pk")))
        # The status of a batch that was undone stays on record, and is current no longer.
        kept = Q(opening_row__undone_at__isnull=True)
        if known is not None:
            kept |= Q(opening_row__undone_at__gt=known)
        return self._standing(effective, known).filter(kept, ~Exists(replaced))

    def in_force_of_many(self, effective: date) -> Self:
        """The same rows, where most of the table is asked for: what they lack is read once."""
        decided = StatusUpdate.objects.filter(state=UpdateState.APPROVED).order_by()
        standing = self._standing(effective, None)
        for name in ("corrects", "retracts"):
            replaced = decided.filter(**{f"{name}__isnull": False})
            standing = standing.filter(~Q(pk__in=replaced.values(name)))
        undone = OpeningRow.objects.filter(undone_at__isnull=False).order_by()
        return standing.filter(~Q(opening_row__in=undone.values("pk")))

    def _standing(self, effective: date | Combinable, known: datetime | Combinable | None) -> Self:
        """What could be in force but for what replaced it; the one in force comes first."""
        found = self.filter(_until(known), state=UpdateState.APPROVED, as_of__lte=effective)
        return found.exclude(kind=UpdateKind.RETRACTION).order_by("-as_of", "-decided_at", "-pk")

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
            *("author", "last_editor", "decided_by", "successor", "opening_row__batch"),
            *("addressee__area", "addressee__organisation"),
        ).annotate(is_approved_by_import=approved_by_import())


def _until(known: datetime | Combinable | None) -> Q:
    """What was decided by a moment; everything where none is given."""
    return Q() if known is None else Q(decided_at__lte=known)


def approved_by_import() -> Q:
    """Whether an import approved the update that a query is of.

    Imports of earlier versions did; they wrote an update and its approval in one event, so no
    event says that it was submitted.
    """
    events = AuditEvent.objects.filter(
        object_type=StatusUpdate._meta.label_lower,
        object_id=Cast(OuterRef("pk"), models.CharField()),
    )
    return Q(Exists(events.filter(verb="approve"))) & ~Q(Exists(events.filter(verb="submit")))


def day_finished(status: str, as_of: date | None, completed_on: date | None) -> date | None:
    """The day on which an update says that all was complete, or closed; none where neither."""
    if status in CLOSED_STATUSES:
        return as_of
    return completed_on if status == ImplementationStatus.IMPLEMENTED else None


class StatusUpdate(Keyed, Versioned):
    """What somebody reports of a recommendation as of a day, and what was decided on it."""

    NATURAL_KEY: ClassVar[tuple[str, ...]] = ("key",)

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    recommendation = RelatedField("Recommendation", _("recommendation"), related_name="updates")
    addressee = RelatedField(
        "Addressee",
        _("addressee"),
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
    successor = RelatedField("Recommendation", _("replaced by"), null=True, blank=True)
    reopening_reason = ProseField(_("reason for reopening"), blank=True)
    public_text = ProseField(_("public summary"), blank=True)
    public_reason = LineField(_("public reason"), max_length=300, blank=True)
    internal_note = ProseField(_("internal note"), blank=True)

    corrects = RelatedField(
        "self", null=True, blank=True, editable=False, related_name="corrections"
    )
    retracts = RelatedField(
        "self", null=True, blank=True, editable=False, related_name="retractions"
    )
    based_on = RelatedField("self", null=True, blank=True, editable=False)

    opening_row = UniqueRelatedField(
        "OpeningRow",
        _("row that it was taken over from"),
        null=True,
        blank=True,
        editable=False,
        related_name="status_update",
    )

    state = models.CharField(
        _("state"), max_length=10, choices=UpdateState, default=UpdateState.DRAFT, editable=False
    )
    author = PersonField(_("author"), editable=False, related_name="updates")
    last_editor = PersonField(editable=False)
    editors = models.ManyToManyField(
        settings.AUTH_USER_MODEL, editable=False, related_name="edited_updates"
    )
    created_at = models.DateTimeField(_("started"), editable=False)
    submitted_at = models.DateTimeField(_("submitted"), null=True, editable=False)
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)
    decided_by = PersonField(_("decided by"), null=True, editable=False, related_name="decisions")
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
        constraints = [*UPDATE_CONSTRAINTS]
        indexes = [
            models.Index(
                fields=["recommendation", "addressee", "state", "-as_of"], name="update_of_scope"
            ),
            models.Index(fields=["state", "submitted_at"], name="update_queue"),
            models.Index(fields=["author", "state"], name="update_of_author"),
            # The status in force of many on one day: read in its order, and from the index alone.
            models.Index(
                fields=["recommendation", "-as_of", "-decided_at", "-id"],
                include=["implementation_status", "confidence", "rated_on", "kind", "opening_row"],
                condition=Q(state=UpdateState.APPROVED, addressee__isnull=True),
                name="update_in_force",
            ),
            # Who approved whose updates in a period, so that no row is visited.
            models.Index(
                fields=["decided_at"],
                include=["author", "decided_by", "submitted_at"],
                condition=Q(state=UpdateState.APPROVED),
                name="update_decisions",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recommendation.reference}, {date_format(self.as_of)}"

    def get_absolute_url(self) -> str:
        return reverse("update-detail", args=[self.pk])

    @property
    def is_opening(self) -> bool:
        """Whether it was taken over from a list, and approved as part of a batch."""
        return self.kind == UpdateKind.OPENING

    @property
    def origin(self) -> str:
        """Where an opening status was taken over from, for readers inside; empty of any other."""
        if self.opening_row is None:
            return ""
        row, day = self.opening_row, date_format(self.as_of)
        told = {"file": row.batch.file_name, "n": row.number, "day": day}
        return gettext("Taken over from %(file)s, row %(n)s, stated as of %(day)s.") % told

    @property
    def finished_on(self) -> date | None:
        """The day on which it says that all was complete, or closed; none where it says neither."""
        return day_finished(self.implementation_status, self.as_of, self.completed_on)

    @property
    def writer(self) -> User:
        """Who wrote its words: after a hand-over still the former author, until the new one edits.

        The author answers for it. Rows that were read ``with_people`` have both.
        """
        return self.author if self.last_editor_id == self.author_id else self.last_editor

    def editor_ids(self) -> Collection[int]:
        """Ids of everybody who wrote a version; no query where editors are prefetched.

        Of one that is not stored yet, for which no row can tell, whoever it names already.
        """
        stored = () if self._state.adding else self.editors.all()
        return {self.last_editor_id} | {person.pk for person in stored}


# ---- What a body decided on what an update asks for


class SteeringDecision(Removable):
    """What a body decided on what an approved update asks for. Never edited: withdrawn instead.

    Which one answers what the update in force asks for, ``state.statement`` says.
    """

    update = RelatedField("StatusUpdate", _("update"), related_name="steering_decisions")
    body = LineField(_("body that decided"))
    decided_on = models.DateField(_("date of the decision"))
    decision = ProseField(_("decision"))
    note = ProseField(_("internal note"), blank=True)
    is_published = models.BooleanField(_("shown to the public"), default=False)
    recorded_at = models.DateTimeField(_("recorded at"), editable=False)
    recorded_by = PersonField(_("recorded by"), editable=False)
    removal_reason = ProseField(_("reason for withdrawal"), blank=True, editable=False)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ("update", "pk")
        constraints = [
            models.CheckConstraint(
                name="steering_decision_says_what",
                condition=~Q(body="") & ~Q(decision=""),
            ),
            models.UniqueConstraint(
                fields=["update"],
                condition=Q(removed_at__isnull=True),
                name="steering_decision_once",
            ),
            models.CheckConstraint(
                name="steering_decision_removed_with_reason",
                condition=Q(removed_at__isnull=True, removed_by__isnull=True, removal_reason="")
                | Q(removed_at__isnull=False, removed_by__isnull=False) & ~Q(removal_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.body}, {date_format(self.decided_on)}"


# ---- What the form of an open update holds beside the update, until it is submitted


class DraftEntries(models.Model):
    """Actions ticked off, values and a target date that were typed and are not recorded yet.

    ``content`` are texts by the names of the fields, as the author sent them; ``number`` rises
    each time they change. Nothing in them counts before the submission.
    """

    update = UniqueRelatedField(
        "StatusUpdate",
        _("update"),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="draft_entries",
    )
    content = models.JSONField(_("content"))
    number = models.PositiveIntegerField(_("number"), default=1)

    class Meta:
        verbose_name = _("entries of a draft")
        verbose_name_plural = _("entries of drafts")
        ordering = ("update",)

    def __str__(self) -> str:
        return str(self.update)


# ---- Statuses as imported files state them: history that no one here has approved


class ReportedStatus(models.Model):
    """A status as a file gave it, in its own words. History: it never is the status in force."""

    recommendation = RelatedField(
        "Recommendation", _("recommendation"), related_name="reported_statuses"
    )
    as_of = models.DateField(_("as of"), null=True, blank=True)
    words = LineField(_("original status"), max_length=300)
    implementation_status = models.CharField(
        _("mapped to"), max_length=24, choices=ImplementationStatus, blank=True
    )
    note = ProseField(_("status comment"), blank=True)
    file_name = LineField(_("file"), max_length=300)
    file_sha256 = models.CharField(_("SHA-256 of the file"), max_length=64)
    recorded_at = models.DateTimeField(_("recorded at"), editable=False)
    recorded_by = PersonField(_("recorded by"), editable=False)

    objects = InternalQuerySet.as_manager()

    class Meta:
        verbose_name = _("imported status")
        verbose_name_plural = _("imported statuses")
        ordering = ("recommendation", "-as_of", "-pk")

    def __str__(self) -> str:
        return self.words
