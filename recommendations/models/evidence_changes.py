"""Changes of public evidence that a second manager decides on, as long as something rests on it."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recommendations.choices import EvidenceChangeKind, EvidenceChangeState
from recommendations.models.fields import LineField, PersonField, ProseField, RelatedField

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
