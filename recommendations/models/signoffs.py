"""Sign-offs: that a manager stands behind what the record holds of a source or recommendation."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.models.fields import PersonField, ProseField, RelatedField
from recommendations.permissions import Person


class SignOffQuerySet(models.QuerySet["SignOff"]):
    def visible_to(self, person: Person) -> Self:
        """All of them for people with a role; none for the public."""
        return self if permissions.can_read_internally(person) else self.none()

    def with_names(self) -> Self:
        """With who signed and what was signed, but without the signed content, which is long."""
        people = self.select_related("signed_by", "source", "recommendation__source")
        return people.defer("signed_content")


class SignOff(models.Model):
    """One source or one recommendation as of a day, as known at an entry of the audit log.

    ``signed_content`` is canonical JSON of every row that was signed: codes, numbers, days, and
    of texts the digests under which the record keeps them, so that words can be redacted.
    ``digest`` is its SHA-256. A row is never changed; the next sign-off follows it.
    ``recommendations`` are those that it covers.
    """

    source = RelatedField(
        "Source", _("source"), null=True, editable=False, related_name="sign_offs"
    )
    recommendation = RelatedField(
        "Recommendation",
        _("recommendation"),
        null=True,
        editable=False,
        related_name="own_sign_offs",
    )
    recommendations = models.ManyToManyField(
        "recommendations.Recommendation",
        verbose_name=_("recommendations"),
        editable=False,
        related_name="sign_offs",
    )
    as_of = models.DateField(_("status as of"))
    remark = ProseField(_("remark"), blank=True)
    signed_content = models.TextField(_("signed content"), editable=False)
    digest = models.CharField(_("SHA-256"), max_length=64, editable=False)
    sequence = models.BigIntegerField(_("audit log entry"), editable=False)
    record_hash = models.CharField(_("hash of this entry"), max_length=64, editable=False)
    signed_at = models.DateTimeField(_("signed at"), editable=False)
    signed_by = PersonField(_("signed by"), editable=False)

    objects = SignOffQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-off")
        verbose_name_plural = _("sign-offs")
        ordering = ("-signed_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="sign_off_of_one",
                condition=Q(source__isnull=False, recommendation__isnull=True)
                | Q(source__isnull=True, recommendation__isnull=False),
            ),
            models.CheckConstraint(
                name="sign_off_has_content_and_digests",
                condition=~Q(signed_content="") & ~Q(digest="") & ~Q(record_hash=""),
            ),
            models.CheckConstraint(name="sign_off_after_an_entry", condition=Q(sequence__gte=1)),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("sign-off", args=[self.pk])

    @property
    def number(self) -> int:
        """The number under which it is cited; it never changes."""
        return self.pk

    @property
    def title(self) -> str:
        """What was signed, in words."""
        if self.recommendation is not None:
            return f"{self.recommendation.reference} {self.recommendation.title}"
        return self.source.short_title if self.source else ""
