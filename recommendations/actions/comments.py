"""Internal remarks on a recommendation or on one of its updates, and who is told of them."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions import notifications
from recommendations.actions.base import ActionRefused, require, required_text
from recommendations.models import (
    AuditEvent,
    Comment,
    Recommendation,
    StatusUpdate,
    User,
    with_roles,
)

MENTION = re.compile(r"(?<![\w@.+-])@([\w.@+-]{1,150})")
"""A user name after @, with nothing before it that would make it an e-mail address."""

MOST_MENTIONS = 20
"""People whom one comment may call."""


def add_comment(
    *,
    recommendation: Recommendation,
    by: User,
    text: str,
    update: StatusUpdate | None = None,
    at: datetime | None = None,
) -> Comment:
    """Add a remark; people mentioned by @ and their user name are told, if they may read it.

    Of a form that was sent twice the second gives the first one's remark, and tells nobody.
    """
    text = required_text(Comment.text, text.strip(), _("Enter a comment."), under="text")
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_write(by), _("You cannot comment."))
        about = Recommendation.objects.get(pk=recommendation.pk)
        if update is not None:
            update = StatusUpdate.objects.visible_to(by).get(pk=update.pk)
            if update.recommendation_id != about.pk:
                raise ActionRefused(_("This update belongs to another recommendation."))
        said = {"recommendation": about, "update": update, "author": by, "text": text}
        if (first := _just_said(entry, said)) is not None:
            return first
        mentioned = mentioned_in(text)
        comment = Comment(at=entry.at, **said)
        comment.save(force_insert=True)
        comment.mentions.set(mentioned)
        entry.record("comment", comment, before={}, after=audit.snapshot(comment))
        notifications.mentioned(entry, comment, mentioned)
        return comment


def _just_said(entry: audit.Entry, said: Mapping[str, Any]) -> Comment | None:
    """The same remark, where nothing was recorded since."""
    last = AuditEvent.objects.filter(pk=entry.last[0], verb="comment").order_by()
    found = Comment.objects.filter(**said)
    keys = [int(key) for key in last.values_list("object_id", flat=True)]
    return found.filter(pk__in=keys).first() if keys else None


def mentioned_in(text: str) -> list[User]:
    """People whom a text mentions and who may read it. A full stop may end the sentence."""
    names = set(_names_in(text))
    if not names:
        return []
    people = with_roles(User.objects.filter(username__in=names, is_active=True)).order_by("pk")
    readers = [person for person in people if permissions.can_read_drafts(person)]
    if len(readers) > MOST_MENTIONS:
        raise ValidationError({"text": _("Mention at most %d people.") % MOST_MENTIONS})
    return readers


def _names_in(text: str) -> Iterable[str]:
    for name in MENTION.findall(text):
        yield name
        yield name.rstrip(".@+-")
