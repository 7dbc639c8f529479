"""Comments between colleagues, and mail that could not be delivered."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.models.fields import LineField, ProseField
from recommendations.permissions import Person


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, person: Person) -> Self:
        """Internal: for readers of drafts and internal notes alone."""
        return self if permissions.can_read_drafts(person) else self.none()


class Comment(models.Model):
    """An internal remark on a recommendation, or on one update of it. Never edited."""

    recommendation = models.ForeignKey(
        "recommendations.Recommendation",
        models.PROTECT,
        verbose_name=_("recommendation"),
        related_name="comments",
    )
    update = models.ForeignKey(
        "recommendations.StatusUpdate",
        models.PROTECT,
        verbose_name=_("status update"),
        null=True,
        blank=True,
        related_name="comments",
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("author"),
        related_name="comments",
    )
    at = models.DateTimeField(_("at"))
    text = ProseField(_("text"))
    mentions = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("people mentioned"),
        blank=True,
        related_name="mentioned_in",
    )

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ("-at", "-pk")
        constraints = [
            models.CheckConstraint(name="comment_says_something", condition=~models.Q(text=""))
        ]

    def __str__(self) -> str:
        return f"{self.author_id}: {self.at:%Y-%m-%d}"


class MailFailure(models.Model):
    """A message that could not be sent: to whom, what about, and what the server said.

    Mail never blocks the work it tells of, so administrators are shown here what did not arrive.
    """

    at = models.DateTimeField(_("at"))
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("to"),
        related_name="+",
    )
    subject = LineField(_("subject"), max_length=300)
    error = LineField(_("error"), max_length=300)

    class Meta:
        verbose_name = _("mail that failed")
        verbose_name_plural = _("mail that failed")
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return self.subject
