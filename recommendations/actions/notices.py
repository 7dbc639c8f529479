"""What people are told by mail: of what was handed in, decided, handed over, and said to them.

Nobody is told more than the pages would show them: without the right to read drafts and notes a
person gets the bare news, and without any role none at all.
"""

from collections.abc import Collection, Iterable

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import audit, permissions
from recommendations.actions.mail import Letter, tell
from recommendations.models import Comment, StatusUpdate, User, with_roles
from recommendations.summaries.reviewers import deciders, managers
from recommendations.vocabulary import UpdateState


def handed_in(entry: audit.Entry, update: StatusUpdate) -> None:
    """Tell the named reviewer, else every manager who may decide on it."""
    by = str(entry.by)

    def recipients() -> Iterable[User]:
        current = _current(update)
        is_waiting = current.state == UpdateState.SUBMITTED
        return deciders(current, managers()) if is_waiting else []

    def write(person: User) -> Letter:
        return Letter(
            subject=_("%s: an update waits for review") % update.recommendation.reference,
            lines=(
                _("%(who)s handed in an update on %(what)s, as of %(day)s.") % _told(update, by),
            ),
            path=reverse("review-item", args=[update.pk]),
            link=_("Review it"),
        )

    tell(entry, recipients, write)


def decided(entry: audit.Entry, update: StatusUpdate) -> None:
    """Tell the author that their update was approved or returned, with the note."""
    by, note = str(entry.by), update.decision_note
    is_approved = update.state == UpdateState.APPROVED

    def write(person: User) -> Letter | None:
        if not permissions.can_read_internally(person):
            return None
        if is_approved:
            subject = _("%s: your update was approved")
            line = _("%(who)s approved your update on %(what)s, as of %(day)s.")
        else:
            subject = _("%s: your update came back")
            line = _("%(who)s returned your update on %(what)s, as of %(day)s.")
        return Letter(
            subject=subject % update.recommendation.reference,
            lines=(line % _told(update, by),),
            path=update.get_absolute_url(),
            link=_("Open the update") if is_approved else _("Amend it"),
            quoted=note if permissions.can_read_drafts(person) else "",
        )

    tell(entry, lambda: _people([update.author_id]), write)


def handed_over(entry: audit.Entry, update: StatusUpdate) -> None:
    """Tell the new author of a draft that it is theirs."""
    by = str(entry.by)

    def write(person: User) -> Letter | None:
        if not permissions.can_write(person):
            return None
        return Letter(
            subject=_("%s: a draft was handed over to you") % update.recommendation.reference,
            lines=(
                _("%(who)s gave you the draft on %(what)s, as of %(day)s.") % _told(update, by),
            ),
            path=update.get_absolute_url(),
            link=_("Go on with it"),
        )

    tell(entry, lambda: _people([update.author_id]), write)


def handed_over_all(entry: audit.Entry, of: User, to: User, count: int) -> None:
    """Tell somebody that all the work of another is theirs, in one message."""
    by, whose = str(entry.by), str(of)

    def write(person: User) -> Letter | None:
        if not permissions.can_write(person):
            return None
        told = ngettext(
            "%(who)s handed over to you what %(whose)s had: %(n)d thing.",
            "%(who)s handed over to you what %(whose)s had: %(n)d things.",
            count,
        )
        return Letter(
            subject=_("The work of %s was handed over to you") % whose,
            lines=(told % {"who": by, "whose": whose, "n": count},),
            path=reverse("my-work"),
            link=_("See it in My work"),
        )

    tell(entry, lambda: _people([to.pk]), write)


def mentioned(entry: audit.Entry, comment: Comment, people: Collection[User]) -> None:
    """Tell those whom a comment mentions what it says, as far as they may read comments."""
    by, ids = str(entry.by), [person.pk for person in people]
    about = comment.recommendation

    def write(person: User) -> Letter | None:
        if not permissions.can_read_drafts(person):
            return None
        name = "update-comments" if comment.update_id else "recommendation-comments"
        return Letter(
            subject=_("%s: you are mentioned in a comment") % about.reference,
            lines=(
                _("%(who)s mentioned you in a comment on %(what)s.") % {"who": by, "what": about},
            ),
            path=reverse(name, args=[comment.update_id or about.reference])
            + f"#comment-{comment.pk}",
            link=_("Read and answer"),
            quoted=comment.text,
        )

    tell(entry, lambda: _people(ids), write)


def _told(update: StatusUpdate, by: str) -> dict[str, str]:
    return {
        "who": by,
        "what": str(update.recommendation),
        "day": date_format(update.as_of),
    }


def _current(update: StatusUpdate) -> StatusUpdate:
    return StatusUpdate.objects.select_related("recommendation").get(pk=update.pk)


def _people(ids: Iterable[int]) -> Iterable[User]:
    return with_roles(User.objects.filter(pk__in=list(ids))).order_by("pk")
