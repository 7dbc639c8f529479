"""Rows of an import that is under way: made ready here, and written all at once at its end.

Nothing refers to them and no page reads them. Of an import that was interrupted they stay until the
next one clears them.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from recommendations.models.fields import LineField, PersonField, RelatedField
from recommendations.models.observations import FigureColumns


class StagedImport(models.Model):
    """One file of figures that is being imported, by which process, and when it last gave a sign.

    ``is_imported`` is set with the figures themselves: all of them are written, or none.
    """

    indicator = RelatedField("Indicator", _("indicator"))
    by = PersonField(_("by"))
    file_name = LineField(_("name of the file"))
    begun_at = models.DateTimeField(_("started at"))
    touched_at = models.DateTimeField(_("last active"))
    host = models.CharField(_("machine"), max_length=255)
    process = models.PositiveIntegerField(_("process number"))
    is_imported = models.BooleanField(_("imported"), default=False)

    class Meta:
        verbose_name = _("import in progress")
        verbose_name_plural = _("imports in progress")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.file_name}, {self.begun_at:%Y-%m-%d %H:%M}"


class StagedFigure(FigureColumns):
    """A figure that is to be written, in the order of the ids, and what the record will say of it.

    ``observation`` and ``area`` are keys; the first is reserved. ``changes`` is that of the
    ``AuditRow``, in which only the time is not the right one yet.
    """

    staged = models.ForeignKey(
        StagedImport, models.CASCADE, verbose_name=_("import"), related_name="figures"
    )
    observation = models.BigIntegerField(_("observation"))
    area = models.BigIntegerField(_("area"))
    changes = models.TextField(_("changes"))

    class Meta:
        verbose_name = _("value of an import in progress")
        verbose_name_plural = _("values of imports in progress")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.observation}"


class StagedText(models.Model):
    """A text that ``changes`` of staged figures refer to, as the record will keep it."""

    staged = models.ForeignKey(
        StagedImport, models.CASCADE, verbose_name=_("import"), related_name="texts"
    )
    digest = models.CharField(_("digest"), max_length=64)
    salt = models.CharField(_("salt"), max_length=32)
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("text of an import in progress")
        verbose_name_plural = _("texts of imports in progress")
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.digest[:12]
