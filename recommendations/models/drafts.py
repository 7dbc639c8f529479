"""What the form of an open update holds beside the update, until it is submitted."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from recommendations.models.fields import UniqueRelatedField


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
