"""Evidence: its files, links to claims, checks, and changes that await a second manager."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.choices import (
    QUARANTINED,
    DatePrecision,
    EvidenceChangeKind,
    EvidenceChangeState,
    EvidenceKind,
    FileFault,
    Reliability,
    ResponsePosition,
    ScanState,
    Stance,
    UpdateState,
    Visibility,
)
from recommendations.models.base import (
    AGREED,
    Keyed,
    KeyedQuerySet,
    Removable,
    Versioned,
    exactly_one,
    live_or_last_removed,
    together,
)
from recommendations.models.fields import LineField, PersonField, ProseField, RelatedField
from recommendations.models.people import User
from recommendations.permissions import Person

# ---- The files of evidence: what is stored, and which item had which file when


class StoredFile(models.Model):
    """Bytes that lie in the storage under their SHA-256: the same bytes once.

    ``media_type`` is told by what they hold. What the scanner said, whether they are still what
    they were when last compared, and that they were taken out, are true of the bytes and so of
    every item that has them.
    """

    sha256 = models.CharField(_("SHA-256"), max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    media_type = models.CharField(_("type, detected from the content"), max_length=100)
    stored_at = models.DateTimeField(_("stored at"))
    scan = models.CharField(
        _("virus scan"), max_length=10, choices=ScanState, default=ScanState.NOT_ASKED
    )
    scan_note = LineField(_("scanner result"), blank=True)
    scanned_at = models.DateTimeField(_("scanned at"), null=True, blank=True)
    fault = models.CharField(_("fault"), max_length=8, choices=FileFault, blank=True)
    compared_at = models.DateTimeField(_("last compared with the digest"), null=True, blank=True)
    redacted_at = models.DateTimeField(_("redacted at"), null=True, blank=True)
    redacted_by = PersonField(_("redacted by"), null=True, blank=True)

    class Meta:
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")
        ordering = ("-stored_at", "pk")
        constraints = [
            models.CheckConstraint(
                name="file_digest_is_sha256", condition=Q(sha256__regex=r"^[0-9a-f]{64}$")
            ),
            models.CheckConstraint(name="file_is_not_empty", condition=Q(size__gt=0)),
            models.CheckConstraint(
                name="file_scan_together",
                condition=Q(scan__in=(ScanState.CLEAN, ScanState.REFUSED), scanned_at__isnull=False)
                | Q(scan__in=(ScanState.NOT_ASKED, ScanState.WAITING), scanned_at__isnull=True),
            ),
            together("file_redacted_together", "redacted_at", "redacted_by"),
        ]

    def __str__(self) -> str:
        return self.sha256[:12]

    @property
    def is_given(self) -> bool:
        """Whether people may have the bytes: let through, not taken out, not found faulty."""
        return not (self.redacted_at or self.fault or self.scan in QUARANTINED)


class EvidenceRevision(models.Model):
    """One file of an evidence item. A newer file is a new row; the earlier ones stay.

    ``original_name`` is what it was called where it came from: a text, never a path.
    """

    evidence = RelatedField("Evidence", _("evidence"), related_name="revisions")
    number = models.PositiveIntegerField(_("number"))
    file = RelatedField(StoredFile, _("file"), related_name="revisions")
    original_name = LineField(_("original name"))
    note = LineField(_("changes in this file"), blank=True)
    added_at = models.DateTimeField(_("added at"))
    added_by = PersonField(_("added by"))

    class Meta:
        verbose_name = _("file of an evidence item")
        verbose_name_plural = _("files of evidence")
        ordering = ("evidence", "-number")
        constraints = [
            models.UniqueConstraint(fields=["evidence", "number"], name="revision_number_once"),
            models.CheckConstraint(name="revision_counts_from_one", condition=Q(number__gt=0)),
            models.CheckConstraint(
                name="revision_has_a_name",
                condition=~Q(original_name=""),
                violation_error_message=_("Enter the name of the file."),
            ),
        ]

    def __str__(self) -> str:
        return self.original_name


# ---- Who looked an evidence item up, and which of these checks count


class EvidenceCheck(Removable):
    """Somebody looked the item up and found it as described; may be taken back.

    ``revision`` is the file that they had before them, 0 where there was none. A newer file is
    another thing to look up: a check of an earlier one stays on record and counts no more.
    """

    evidence = RelatedField("Evidence", _("evidence"), related_name="checks")
    by = PersonField(_("by"))
    organisation = RelatedField(
        "Organisation", _("verifier’s organisation at the time"), null=True, blank=True
    )
    at = models.DateTimeField(_("at"))
    revision = models.PositiveIntegerField(_("verified file"), default=0, editable=False)
    note = ProseField(_("note"), blank=True)

    class Meta:
        verbose_name = _("evidence verification")
        verbose_name_plural = _("evidence verifications")
        ordering = ("-at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["evidence", "by", "revision"],
                condition=Q(removed_at__isnull=True),
                name="check_once_by_a_person",
            ),
            together("check_removed_together", "removed_at", "removed_by"),
        ]

    def __str__(self) -> str:
        return f"{self.evidence_id}: {date_format(localtime(self.at))}"


_LET_THROUGH = tuple(state for state in ScanState.values if state not in QUARANTINED)


def counting_checks() -> models.QuerySet[EvidenceCheck]:
    """Checks that count for their evidence item.

    They are live, not by its recorder, of the file that it has now, by another than who brought
    that, and only while its stored bytes are what they were and the scanner lets them through.
    """
    # Joined, and without a negation, which Django would ask of every row by a query of its own.
    file = FilteredRelation(
        "evidence__revisions", condition=Q(evidence__revisions__number=F("revision"))
    )
    brought_by_another = Q(checked__added_by__lt=F("by")) | Q(checked__added_by__gt=F("by"))
    return EvidenceCheck.objects.annotate(checked=file).filter(
        Q(evidence__recorded_by__isnull=True) | ~Q(by=F("evidence__recorded_by")),
        Q(checked__isnull=True)
        | Q(brought_by_another, checked__file__fault="", checked__file__scan__in=_LET_THROUGH),
        revision=F("evidence__last_revision"),
        removed_at__isnull=True,
    )


def counted_checks(item: str = "pk") -> models.QuerySet[EvidenceCheck]:
    """Checks that count for one evidence item, which ``OuterRef(item)`` names."""
    return counting_checks().filter(evidence=OuterRef(item))


# ---- Evidence, and what it is linked to and how

UNANSWERED = Q(stance=Stance.UNDERMINES, answered_at__isnull=True)
"""Condition on evidence links: against what they are for, and nobody has answered."""


def public_link() -> Q:
    """Condition on evidence links: under something that everybody may read.

    That is what is published, an update in force on it, and a response that has come.
    """
    return AGREED & (
        Q(recommendation__published_at__isnull=False)
        | Q(
            update__recommendation__published_at__isnull=False,
            update__recommendation__current_update=F("update"),
        )
        | Q(
            response__addressee__recommendation__published_at__isnull=False,
            response__addressee__recommendation__archived_at__isnull=True,
            response__addressee__removed_at__isnull=True,
            response__isnull=False,
        )
        & ~Q(response__position=ResponsePosition.AWAITING)
    )


def settled_link() -> Q:
    """Condition on evidence links: to what readers outside were told, and which rests on it.

    That is an approved update, a value, a response that has come, and what is published.
    """
    return (
        Q(update__state=UpdateState.APPROVED)
        | Q(observation__isnull=False)
        | Q(response__isnull=False) & ~Q(response__position=ResponsePosition.AWAITING)
        | Q(recommendation__published_at__isnull=False)
    )


class EvidenceQuerySet(KeyedQuerySet["Evidence"]):
    def visible_to(self, person: Person) -> Self:
        """All for readers of internal evidence; public items for viewers.

        For anybody else, public items that stand under something published.
        """
        if permissions.can_read_internal_evidence(person):
            return self
        public = self.filter(visibility=Visibility.PUBLIC)
        if permissions.can_read_internally(person):
            return public
        shown = EvidenceLink.objects.live().filter(public_link()).order_by()
        return public.filter(pk__in=shown.values("evidence"))


class Evidence(Keyed, Versioned):
    """Something that can be looked up: a document, a page, a passage.

    By its file, its address or its citation. ``last_revision`` is the number of its newest file, 0
    where it never had one.
    """

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    title = LineField(_("title"), max_length=300)
    kind = models.CharField(_("type"), max_length=20, choices=EvidenceKind)
    description = ProseField(_("summary"), blank=True)
    url = models.URLField(_("address"), max_length=500, blank=True)
    citation = ProseField(_("citation"), blank=True)
    publisher = LineField(_("publisher"), blank=True)
    effective_on = models.DateField(_("effective date"), null=True, blank=True)
    effective_precision = models.CharField(
        _("precision"), max_length=10, choices=DatePrecision, default=DatePrecision.UNKNOWN
    )
    retrieved_on = models.DateField(_("retrieved on"), null=True, blank=True)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    reliability = models.CharField(
        _("reliability"), max_length=24, choices=Reliability, default=Reliability.NOT_JUDGED
    )
    visibility = models.CharField(
        _("visibility"), max_length=10, choices=Visibility, default=Visibility.INTERNAL
    )
    last_revision = models.PositiveIntegerField(_("number of files"), default=0, editable=False)
    recorded_at = models.DateTimeField(_("recorded at"), editable=False)
    recorded_by = PersonField(_("recorded by"), null=True, editable=False)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence item")
        verbose_name_plural = _("evidence")
        ordering = ("title", "pk")
        indexes = [
            models.Index(fields=["title", "id"], name="evidence_by_title"),
            models.Index(fields=["visibility", "title", "id"], name="evidence_by_visibility"),
        ]
        constraints = [
            models.CheckConstraint(
                name="evidence_can_be_looked_up",
                condition=~Q(url="") | ~Q(citation="") | Q(last_revision__gt=0),
                violation_error_message=_("Enter a web address or a citation."),
            ),
            models.CheckConstraint(
                name="evidence_date_has_precision",
                condition=Q(effective_on__isnull=True, effective_precision=DatePrecision.UNKNOWN)
                | (Q(effective_on__isnull=False) & ~Q(effective_precision=DatePrecision.UNKNOWN)),
                violation_error_message=_(
                    "Enter the effective date and its precision, or neither."
                ),
            ),
            models.CheckConstraint(
                name="evidence_expires_after_effective",
                condition=Q(expires_on__isnull=True)
                | Q(effective_on__isnull=True)
                | Q(expires_on__gte=F("effective_on")),
                violation_error_message=_("The expiry date must not be before the effective date."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("evidence-detail", args=[self.pk])


class EvidenceLinkQuerySet(models.QuerySet["EvidenceLink"]):
    def get_by_natural_key(self, evidence: str, kind: str, *key: str) -> "EvidenceLink":
        target: Any = EvidenceLink._meta.get_field(kind).related_model
        thing = target.objects.get_by_natural_key(*key)
        found: EvidenceLink = live_or_last_removed(
            self.filter(evidence__slug=evidence, **{kind: thing})
        )
        return found

    def live(self) -> Self:
        """Links that were not taken away."""
        return self.filter(removed_at__isnull=True)

    def open_contradictions(self) -> Self:
        """Links to items that contradict an update, not answered and not ended."""
        return self.live().filter(UNANSWERED, update__isnull=False)

    def with_checked(self) -> Self:
        """``is_checked``: whether a third person checked the evidence of an update.

        That is somebody who neither recorded the evidence nor wrote a version of the update.
        """
        return self.annotate(is_checked=Exists(self.third_party_checks()))

    @staticmethod
    def third_party_checks() -> models.QuerySet[EvidenceCheck]:
        """Checks that count for a link's evidence, by nobody who wrote a version of the update.

        Under a recommendation there is no update, and 0 stands for its author.
        """
        wrote = User.edited_updates.through.objects.filter(
            user=OuterRef("by"), statusupdate=OuterRef(OuterRef("update"))
        )
        return counted_checks("evidence").filter(
            ~Q(by=Coalesce(OuterRef("update__author"), 0)), ~Exists(wrote)
        )


def unexpired_on(today: date | Combinable) -> Q:
    """Of a link: its evidence holds on ``today``."""
    return Q(evidence__expires_on__isnull=True) | Q(evidence__expires_on__gte=today)


class EvidenceLink(Removable):
    """What one evidence item does for one thing: a recommendation, or a claim somebody makes.

    A claim is an update, an observation or a response. A link that ``waits_for_agreement`` counts
    inside from the start; readers outside see it once a second manager agreed, at ``agreed_at``.
    """

    RECOMMENDATION_STANCES = (Stance.NEED, Stance.BACKGROUND)
    TARGETS = ("recommendation", "update", "observation", "response")

    evidence = RelatedField(Evidence, _("evidence"), related_name="links")
    recommendation = RelatedField(
        "Recommendation", _("recommendation"), null=True, blank=True, related_name="evidence_links"
    )
    update = RelatedField(
        "StatusUpdate", _("status update"), null=True, blank=True, related_name="evidence_links"
    )
    observation = RelatedField(
        "Observation", _("observation"), null=True, blank=True, related_name="evidence_links"
    )
    response = RelatedField(
        "Response", _("response"), null=True, blank=True, related_name="evidence_links"
    )
    stance = models.CharField(_("stance"), max_length=12, choices=Stance)
    is_placed_by_source = models.BooleanField(_("cited by the source"), default=False)
    why = ProseField(_("relevance"), blank=True)
    added_at = models.DateTimeField(_("added at"), editable=False)
    added_by = PersonField(_("added by"), null=True, editable=False)
    waits_for_agreement = models.BooleanField(
        _("published once another manager agrees"), default=False, editable=False
    )
    agreed_at = models.DateTimeField(_("agreed to at"), null=True, blank=True, editable=False)
    answer = ProseField(_("answer"), blank=True, editable=False)
    answered_at = models.DateTimeField(_("answered at"), null=True, editable=False)
    answered_by = PersonField(_("answered by"), null=True, editable=False)

    objects = EvidenceLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence link")
        verbose_name_plural = _("evidence links")
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                name="link_has_one_target",
                condition=exactly_one(("recommendation", "update", "observation", "response")),
                violation_error_message=_("Link the evidence to exactly one record."),
            ),
            models.CheckConstraint(
                name="link_stance_fits_target",
                condition=Q(
                    recommendation__isnull=False, stance__in=[Stance.NEED, Stance.BACKGROUND]
                )
                | Q(
                    recommendation__isnull=True,
                    stance__in=[Stance.SUPPORTS, Stance.UNDERMINES, Stance.BACKGROUND],
                ),
                violation_error_message=_(
                    "Evidence for a recommendation is its rationale or context. Only a "
                    "claim can be supported or contradicted."
                ),
            ),
            models.CheckConstraint(
                name="link_answer_together",
                condition=Q(answer="", answered_at__isnull=True, answered_by__isnull=True)
                | Q(
                    answered_at__isnull=False,
                    answered_by__isnull=False,
                    stance=Stance.UNDERMINES,
                )
                & ~Q(answer=""),
            ),
            models.CheckConstraint(
                name="link_agreed_where_it_waits",
                condition=Q(agreed_at__isnull=True) | Q(waits_for_agreement=True),
            ),
            together("link_removed_together", "removed_at", "removed_by"),
            *(
                models.UniqueConstraint(
                    fields=["evidence", target],
                    condition=Q(removed_at__isnull=True, **{f"{target}__isnull": False}),
                    name=f"link_{target}_once",
                    violation_error_message=said,
                )
                for target, said in (
                    (
                        "recommendation",
                        _("This evidence is already linked to this recommendation."),
                    ),
                    ("update", _("This evidence is already linked to this update.")),
                    ("observation", _("This evidence is already linked to this value.")),
                    ("response", _("This evidence is already linked to this response.")),
                )
            ),
        ]

    def __str__(self) -> str:
        return f"{self.evidence_id}: {self.get_stance_display()}"

    @property
    def is_withheld(self) -> bool:
        """Whether readers outside do not see it until a second manager agrees."""
        return self.waits_for_agreement and self.agreed_at is None

    @property
    def is_internal(self) -> bool:
        """Whether readers outside see neither the item nor the link."""
        return self.is_withheld or self.evidence.visibility == Visibility.INTERNAL

    def natural_key(self) -> tuple[str, ...]:
        kind = next(name for name in self.TARGETS if getattr(self, f"{name}_id") is not None)
        return (*self.evidence.natural_key(), kind, *getattr(self, kind).natural_key())


# ---- Changes of public evidence that a second manager decides on, as long as something rests on it

_NO_FILE: dict[str, Any] = {"file__isnull": True, "file_name": ""}
_DECIDED = (EvidenceChangeState.APPROVED, EvidenceChangeState.REJECTED)


class EvidenceChangeQuerySet(models.QuerySet["EvidenceChange"]):
    def open(self) -> Self:
        """Those that await a decision; of a link that was removed meanwhile none is due."""
        rows = self.filter(state=EvidenceChangeState.AWAITING)
        return rows.filter(Q(link__isnull=True) | Q(link__removed_at__isnull=True))


class EvidenceChange(models.Model):
    """A newer version of a public evidence item, which awaits another manager or was decided.

    Of its details ``old_values`` and ``new_values`` hold the fields that differ, as texts; a newer
    file is stored and belongs to no revision yet; a link is there and not shown outside yet.
    Nothing of a change is edited: who proposed it withdraws it, and proposes another.
    """

    evidence = RelatedField("Evidence", _("evidence"), related_name="changes")
    kind = models.CharField(_("kind"), max_length=10, choices=EvidenceChangeKind)
    old_values = models.JSONField(_("before"), default=dict, blank=True)
    new_values = models.JSONField(_("after"), default=dict, blank=True)
    file = RelatedField("StoredFile", _("file"), null=True, blank=True, related_name="changes")
    file_name = LineField(_("original name"), blank=True)
    file_note = LineField(_("changes in this file"), blank=True)
    link = RelatedField(
        "EvidenceLink", _("evidence link"), null=True, blank=True, related_name="changes"
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    proposed_by = PersonField(_("proposed by"))
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=EvidenceChangeState,
        default=EvidenceChangeState.AWAITING,
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = PersonField(_("decided by"), null=True, blank=True)
    decision_note = ProseField(_("decision note"), blank=True)

    objects = EvidenceChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of evidence")
        verbose_name_plural = _("changes of evidence")
        ordering = ("-proposed_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["evidence", "kind"],
                condition=Q(state=EvidenceChangeState.AWAITING) & ~Q(kind=EvidenceChangeKind.LINK),
                name="evidence_change_one_awaits",
            ),
            models.UniqueConstraint(fields=["link"], name="evidence_change_once_a_link"),
            models.CheckConstraint(
                name="evidence_change_fits_kind",
                condition=Q(kind=EvidenceChangeKind.WORDING, **_NO_FILE, link__isnull=True)
                | Q(kind=EvidenceChangeKind.FILE, file__isnull=False, link__isnull=True)
                & ~Q(file_name="")
                | Q(kind=EvidenceChangeKind.LINK, **_NO_FILE, link__isnull=False),
            ),
            models.CheckConstraint(
                name="evidence_change_decided_together",
                condition=Q(
                    state=EvidenceChangeState.AWAITING,
                    decided_at__isnull=True,
                    decided_by__isnull=True,
                    decision_note="",
                )
                | ~Q(state=EvidenceChangeState.AWAITING)
                & Q(decided_at__isnull=False, decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="evidence_change_decided_by_another",
                condition=Q(state=EvidenceChangeState.AWAITING)
                | Q(state=EvidenceChangeState.WITHDRAWN, decided_by=F("proposed_by"))
                | Q(state__in=_DECIDED) & ~Q(decided_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="evidence_change_rejected_with_note",
                condition=~Q(state=EvidenceChangeState.REJECTED) | ~Q(decision_note=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.evidence_id}: {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return reverse("evidence-change", args=[self.pk])

    @property
    def is_awaiting(self) -> bool:
        """Whether nobody has decided on it, nor withdrawn it."""
        return self.state == EvidenceChangeState.AWAITING

    @property
    def is_open(self) -> bool:
        """Whether a decision is due: of a link that was removed meanwhile none is."""
        return self.is_awaiting and (self.link is None or self.link.removed_at is None)
