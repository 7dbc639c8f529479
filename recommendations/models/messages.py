"""Comments between colleagues, and the queue of outgoing mail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.choices import KEPT_MAIL, MailState
from recommendations.models.fields import LineField, PersonField, ProseField, RelatedField
from recommendations.permissions import Person


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, person: Person) -> Self:
        """Internal: for readers of drafts and internal notes alone."""
        return self if permissions.can_read_drafts(person) else self.none()

    def unanswered_by(self, person: Person) -> Self:
        """Those that mention a person who has not mentioned their author beside it since."""
        since = Comment.objects.filter(
            recommendation=OuterRef("recommendation"),
            author=person.pk,
            mentions=OuterRef("author"),
            at__gt=OuterRef("at"),
        )
        return self.filter(~Q(author=person.pk), ~Exists(since), mentions=person.pk)


class Comment(models.Model):
    """An internal remark on a recommendation, or on one update of it. Never edited."""

    recommendation = RelatedField("Recommendation", _("recommendation"), related_name="comments")
    update = RelatedField(
        "StatusUpdate", _("status update"), null=True, blank=True, related_name="comments"
    )
    author = PersonField(_("author"), related_name="comments")
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
        constraints = [models.CheckConstraint(name="comment_says_something", condition=~Q(text=""))]

    def __str__(self) -> str:
        return f"{self.author_id}: {date_format(localtime(self.at))}"

    def get_absolute_url(self) -> str:
        name = "update-comments" if self.update_id else "recommendation-comments"
        page = reverse(name, args=[self.update_id or self.recommendation.reference])
        return f"{page}#comment-{self.pk}"


# ---- Queues of what is sent outside of any request


class QueuedQuerySet(models.QuerySet[Any]):
    def due(self, now: datetime) -> Self:
        """What is to be sent by now, and nobody is sending."""
        return self.filter(state=MailState.QUEUED, due_at__lte=now)


class Queued(models.Model):
    """Something that waits to be sent, is tried again where that fails, and has an end."""

    EMPTIED: ClassVar[Mapping[str, Any]] = {"error": ""}
    """What its columns hold once it has ended."""

    queued_at = models.DateTimeField(_("queued at"))
    state = models.CharField(_("state"), max_length=20, choices=MailState, default=MailState.QUEUED)
    # Whoever sends it moves this ahead first, so that nobody else sends it meanwhile.
    due_at = models.DateTimeField(_("due at"))
    failures = models.PositiveSmallIntegerField(_("failed tries"), default=0)
    error = LineField(_("error"), max_length=300, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    objects = QueuedQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def has_content(self) -> bool:
        """Whether what is to be sent is still known."""
        return True


def to_be_sent(name: str) -> models.Index:
    """The index by which a queue finds what is due."""
    return models.Index(name=name, fields=["due_at"], condition=Q(state=MailState.QUEUED))


def has_end(name: str) -> models.CheckConstraint:
    """A constraint that what has ended says when."""
    return models.CheckConstraint(
        name=name,
        condition=Q(state__in=sorted(KEPT_MAIL), ended_at=None)
        | Q(ended_at__isnull=False) & ~Q(state__in=sorted(KEPT_MAIL)),
    )


class OutgoingMail(Queued):
    """One message: written with the act that it tells of, sent by ``send_mail_queue``.

    It holds what the message says; the text is made of that when it is sent. Once it has ended its
    words are emptied. Without a person it goes to whoever an invitation is for; without either it
    asks for a new password for whoever has ``address``.
    """

    EMPTIED = {
        **dict.fromkeys(("subject", "quoted", "path", "link", "address", "error"), ""),
        "lines": [],
    }

    message_id = models.CharField(_("Message-ID"), max_length=255, unique=True)
    to = PersonField(_("to"), null=True)
    # The address is that of the invitation, and so is the link, which is made when it is sent.
    invitation = RelatedField("Invitation", _("invitation"), null=True, blank=True)
    # What it says stands there; it is readable for some time after it was sent.
    reminder = RelatedField("Reminder", _("reminder"), null=True, blank=True, related_name="mails")
    # Empty: the one that the person has when it is sent.
    address = models.EmailField(_("address"), blank=True)
    language = models.CharField(_("language"), max_length=12)
    site = models.CharField(_("address of the site"), max_length=300, blank=True)
    subject = LineField(_("subject"), max_length=300, blank=True)
    lines = models.JSONField(_("lines"), default=list, blank=True)
    quoted = models.TextField(_("quoted text"), blank=True)
    path = models.CharField(_("path of the link"), max_length=500, blank=True)
    link = LineField(_("link"), blank=True)
    is_asked_for = models.BooleanField(_("can be turned off"), default=True)
    # The token of such a link is made when the message is sent, and never stored.
    sets_password = models.BooleanField(_("the link sets a password"), default=False)

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mail")
        ordering = ("-queued_at", "-pk")
        indexes = [to_be_sent("mail_to_be_sent")]
        constraints = [
            has_end("mail_has_an_end_once_it_ended"),
            models.CheckConstraint(
                name="ended_mail_has_no_words",
                condition=models.Q(state__in=sorted(KEPT_MAIL))
                | models.Q(subject="", quoted="", address="", error=""),
            ),
        ]

    def __str__(self) -> str:
        return self.subject or self.message_id

    @property
    def has_content(self) -> bool:
        return bool(self.lines)
