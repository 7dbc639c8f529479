"""The files of evidence: what is stored, and which item had which file when."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from recommendations.choices import QUARANTINED, FileFault, ScanState
from recommendations.models.base import together
from recommendations.models.fields import LineField, PersonField, RelatedField


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
