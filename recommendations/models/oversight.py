"""The record, redactions and sign-offs."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from recommendations.models.base import InternalQuerySet
from recommendations.models.fields import PersonField, ProseField, RelatedField, UniqueRelatedField

# ---- The record of who changed what: one chain of events, and the texts they refer to


class AuditText(models.Model):
    """A text as it stood in an event, kept apart so that it can be taken out.

    The event holds only ``digest``: SHA-256 of the salt and the text. When a text is redacted
    its salt goes too, so that nobody can guess it back from the digest; what is left of the text
    stands under another salt, and the event of the redaction vouches for it.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    salt = models.CharField(max_length=32, blank=True)
    text = models.TextField(blank=True)
    redacted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("recorded text")
        verbose_name_plural = _("recorded texts")

    def __str__(self) -> str:
        return self.digest[:12]


class AuditEvent(models.Model):
    """One change of one tracked thing. ``payload`` is what is hashed; the columns mirror it."""

    sequence = models.BigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("at"), db_index=True)
    actor = PersonField(_("by"), null=True)
    verb = models.CharField(_("action recorded"), max_length=40)
    object_type = models.CharField(_("type of record"), max_length=60)
    object_id = models.CharField(_("record number"), max_length=64)
    recommendation = RelatedField(
        "Recommendation", _("recommendation"), null=True, related_name="events"
    )
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    token = RelatedField("ApiToken", _("API token"), null=True, db_index=False)
    reason = RelatedField(AuditText, _("reason"), null=True)
    payload = models.TextField(_("payload"))
    previous_hash = models.CharField(_("hash before"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("-sequence",)
        indexes = [
            models.Index(fields=["object_type", "object_id"], name="event_of_object"),
            models.Index(fields=["verb", "-sequence"], name="event_by_verb"),
            models.Index(
                fields=["request_id"], condition=~models.Q(request_id=""), name="event_of_request"
            ),
        ]

    def __str__(self) -> str:
        return str(self.sequence)


class AuditRow(models.Model):
    """What a bulk act changed in one row, under the event of the act.

    The event holds how many there are and a digest over them in the order of their ids.
    ``changes`` is canonical JSON, ``{field: [before, after]}``, with texts as an event has them.
    """

    event = RelatedField(
        AuditEvent,
        _("event"),
        related_name="rows",
        db_constraint=False,  # verification proves it, see DECISIONS.md
    )
    object_type = models.CharField(_("type of record"), max_length=60)
    object_id = models.CharField(_("record number"), max_length=64)
    recommendation = RelatedField(
        "Recommendation",
        _("recommendation"),
        null=True,
        db_index=False,  # most rows have none
    )
    changes = models.TextField(_("changes"))

    class Meta:
        verbose_name = _("row of a bulk event")
        verbose_name_plural = _("rows of bulk events")
        ordering = ("pk",)
        constraints = [
            # The number first: the log asks by it too, of one kind or of any.
            models.UniqueConstraint(
                name="audit_row_is_once_in_an_event", fields=["object_id", "object_type", "event"]
            )
        ]
        indexes = [
            models.Index(
                fields=["recommendation"],
                condition=models.Q(recommendation__isnull=False),
                name="audit_row_of_recommendation",
            )
        ]

    def __str__(self) -> str:
        return f"{self.event_id}: {self.object_id}"


class ChainHead(models.Model):
    """The one row that every writer locks first: number, time and hash of the last event."""

    last_sequence = models.BigIntegerField(default=0)
    last_at = models.DateTimeField(null=True)
    last_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("latest hash of the audit log")
        verbose_name_plural = _("latest hash of the audit log")
        constraints = [
            models.CheckConstraint(name="chain_head_is_one_row", condition=models.Q(pk=1))
        ]

    def __str__(self) -> str:
        return f"{self.last_sequence}:{self.last_hash}"


class Redaction(models.Model):
    """That an administrator took words, or one stored file, out: who, when and why.

    Of words a digest stays that nobody can guess back; of a file its own digest.
    """

    at = models.DateTimeField(_("at"))
    by = PersonField(_("by"))
    reason = models.TextField(_("reason"))
    digest = models.CharField(_("digest of the redacted text"), max_length=64)
    file = UniqueRelatedField("StoredFile", _("file"), null=True, related_name="redaction")
    places = models.PositiveIntegerField(_("places changed"))

    class Meta:
        verbose_name = _("redaction")
        verbose_name_plural = _("redactions")
        ordering = ("-at", "-pk")
        constraints = [
            models.CheckConstraint(name="redaction_has_reason", condition=~models.Q(reason=""))
        ]

    def __str__(self) -> str:
        return date_format(localtime(self.at))


# ---- Sign-offs: that a manager stands behind what the record holds of a source or recommendation


class SignOffQuerySet(InternalQuerySet["SignOff"]):
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
            return str(self.recommendation)
        return self.source.short_title if self.source else ""


# ---- Open data: that what everybody may read was released as files, and the files that are offered


class OpenDataRelease(models.Model):
    """The public data as known at an entry of the audit log, released as files.

    ``files`` are their sizes and digests by name; ``digest`` is that of the catalogue, which holds
    all others. ``changes`` since the release before count rows by table and name the first, by
    what everybody may read; empty for the first one. A row is never changed.
    """

    sequence = models.BigIntegerField(_("audit log entry"), editable=False)
    record_hash = models.CharField(_("hash of this entry"), max_length=64, editable=False)
    known_at = models.DateTimeField(_("at"), editable=False)
    digest = models.CharField(_("SHA-256"), max_length=64, editable=False)
    files = models.JSONField(_("Files"), editable=False)
    changes = models.JSONField(_("changes"), default=dict, editable=False)
    released_at = models.DateTimeField(_("recorded at"), editable=False)
    released_by = PersonField(_("recorded by"), null=True, editable=False)

    class Meta:
        verbose_name = _("release of open data")
        verbose_name_plural = _("releases of open data")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                name="open_data_after_an_entry", condition=Q(sequence__gte=1) & ~Q(record_hash="")
            ),
            models.CheckConstraint(name="open_data_has_digest", condition=~Q(digest="")),
        ]

    def __str__(self) -> str:
        return date_format(localtime(self.known_at))


class OpenDataText(models.Model):
    """A piece of a file of the last release, as it is offered; ``name`` is that of the file.

    One name is of no file: the rows of each table, by key with a digest. A release replaces all
    pieces, and a redaction of words deletes them.
    """

    name = models.CharField(_("name"), max_length=60)
    number = models.PositiveIntegerField(_("number"))
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = "text of open data"
        verbose_name_plural = "texts of open data"
        ordering = ("name", "number")
        constraints = [
            models.UniqueConstraint(fields=["name", "number"], name="open_data_text_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"
