"""Notifications by mail: who is told what of an act, once it is on record."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import audit, permissions
from recommendations.actions.mail.letters import password_letter
from recommendations.actions.mail.queue import (
    Notification,
    Write,
    language_of,
    new_mail,
    queue_mail,
)
from recommendations.choices import UpdateState
from recommendations.models import (
    Comment,
    Deputy,
    Invitation,
    StatusUpdate,
    User,
    with_roles,
)
from recommendations.queries.deputies import deputies_of
from recommendations.queries.people import deciders, managers
from recommendations.queries.recommendations.status_text import message_text

Recipients = Callable[[], Iterable[User]]


def notify(entry: audit.Entry, recipients: Recipients, write: Write, *, address: str = "") -> None:
    """Queue mail to each of the recipients, in their own language, within the entry.

    Who acted is not told of their own deed, and history that is being loaded tells nobody.
    ``address`` is written to in place of their own.
    """
    if entry.is_history:
        return
    by = entry.by.pk if entry.by else None
    people = (person for person in recipients() if person.pk != by)
    queue_mail(people, write, address=address)


def submitted(entry: audit.Entry, update: StatusUpdate) -> None:
    """Tell the named reviewer, else every manager who may decide on it."""
    by = str(entry.by)

    def write(person: User) -> Notification:
        return Notification(
            subject=_("%s: an update awaits review") % update.recommendation.reference,
            lines=(
                _("%(who)s submitted an update on “%(what)s”.") % _told(update, by),
                message_text(update),
                _("Approve the update, or return it with a note."),
            ),
            path=reverse("review-item", args=[update.pk]),
            link=_("Review update"),
        )

    def recipients() -> list[User]:
        among: list[Any] = managers()
        found = deciders(update, among)
        # Who stands in for the reviewer is told as well, where they may decide.
        told = {update.author_id, *update.editor_ids(), *(each.pk for each in found)}
        others = [each for each in among if each.stands_in and each.pk not in told]
        return [*found, *(deputies_of(found, others) if others else [])]

    notify(entry, recipients, write)


def decided(entry: audit.Entry, update: StatusUpdate) -> None:
    """Tell the author that their update was approved or returned, with the note."""
    by, note = str(entry.by), update.decision_note
    is_approved = update.state == UpdateState.APPROVED

    def write(person: User) -> Notification | None:
        if not permissions.can_read_internally(person):
            return None
        if is_approved:
            subject = _("%s: your update was approved")
            line = _("%(who)s approved your update on “%(what)s”.")
            advice = _("The update is final. Only a correction or retraction can change it.")
        else:
            subject = _("%s: your update was returned")
            line = _("%(who)s returned your update on “%(what)s”.")
            advice = _("Read the note, revise the update and submit it again.")
        return Notification(
            subject=subject % update.recommendation.reference,
            lines=(line % _told(update, by), message_text(update), advice),
            path=update.get_absolute_url(),
            link=_("Open the update") if is_approved else _("Revise update"),
            quoted=note if permissions.can_read_drafts(person) else "",
        )

    def recipients() -> list[User]:
        # The author is mostly read already, among those who wrote it.
        wrote = [person for person in update.editors.all() if person.pk == update.author_id]
        return wrote or _people([update.author_id])

    notify(entry, recipients, write)


def handed_over(entry: audit.Entry, update: StatusUpdate) -> None:
    """Tell the new author of a draft that it is theirs."""
    by = str(entry.by)

    def write(person: User) -> Notification | None:
        if not permissions.can_write(person):
            return None
        return Notification(
            subject=_("%s: a draft was handed over to you") % update.recommendation.reference,
            lines=(
                _("%(who)s handed over the draft on “%(what)s”, as of %(day)s, to you.")
                % _told(update, by),
                _("Complete the draft and submit it for review."),
            ),
            path=update.get_absolute_url(),
            link=_("Continue draft"),
        )

    notify(entry, lambda: _people([update.author_id]), write)


def handed_over_all(entry: audit.Entry, of: User, to: User, count: int) -> None:
    """Tell somebody that all the work of another is theirs, in one message."""
    by, whose = str(entry.by), str(of)

    def write(person: User) -> Notification | None:
        if not permissions.can_write(person):
            return None
        told = ngettext(
            "%(who)s handed over the work of %(whose)s to you: %(n)d item.",
            "%(who)s handed over the work of %(whose)s to you: %(n)d items.",
            count,
        )
        return Notification(
            subject=_("The work of %s was handed over to you") % whose,
            lines=(
                told % {"who": by, "whose": whose, "n": count},
                _("My work lists what is due."),
            ),
            path=reverse("my-work"),
            link=_("Open My work"),
        )

    notify(entry, lambda: _people([to.pk]), write)


def deputy_named(entry: audit.Entry, row: Deputy, deputy: User) -> None:
    """Tell a deputy for whom they stand in, and on which days."""
    by, whose = str(entry.by), str(User.objects.get(pk=row.person_id))

    def write(person: User) -> Notification:
        told = {"who": by, "whose": whose}
        days = {"first": date_format(row.starts_on), "last": date_format(row.ends_on)}
        return Notification(
            subject=_("You are named as deputy of %s") % whose,
            lines=(
                _("%(who)s named you as deputy of %(whose)s.") % told,
                _("From %(first)s until %(last)s, My work lists their work as well.") % days,
                _("You decide and write as your own role allows."),
            ),
            path=reverse("deputies"),
            link=_("Open Deputies"),
        )

    notify(entry, lambda: [deputy], write)


def account_changed(entry: audit.Entry, before: User, after: User, labels: Collection[str]) -> None:
    """Tell the owner of an account what an administrator changed of it.

    An address that was taken away is written to as well: a message to the new one alone would
    reach whoever took the account over.
    """
    by = str(entry.by or _("A site administrator"))

    def write(person: User) -> Notification:
        return Notification(
            subject=_("Your account was changed"),
            lines=(
                _("%(who)s changed your account: %(what)s.")
                % {"who": by, "what": ", ".join(labels)},
                _("If you did not expect this change, contact an administrator you know."),
            ),
            path=reverse("password_change"),
            link=_("Open your account"),
            is_asked_for=False,
        )

    if before.email and before.email != after.email:
        notify(entry, lambda: [before], write, address=before.email)
    notify(entry, lambda: [after], write)


def password_changed(entry: audit.Entry, owner: User) -> None:
    """Tell the owner of an account that its password was changed in their own name.

    Whoever found a browser signed in could have done it, or who reads a mailed link.
    """
    if entry.is_history:
        return

    def write(person: User) -> Notification:
        at = localtime(entry.at)
        told = {"name": person.get_username(), "day": date_format(at), "time": f"{at:%H:%M}"}
        return Notification(
            subject=_("Your password was changed"),
            lines=(
                _("The password of %(name)s was changed on %(day)s at %(time)s.") % told,
                _("If you did not change it, set another password and tell an administrator."),
            ),
            path=reverse("password_reset"),
            link=_("Set another password"),
            is_asked_for=False,
        )

    queue_mail([owner], write)


def password_link(entry: audit.Entry, owner: User) -> None:
    """Send the owner of an account the link under which they set another password."""
    by = str(entry.by)

    def write(person: User) -> Notification:
        return password_letter(
            person,
            _("%s sent you this link to set a new password for your account.") % by,
            _("If you did not expect this message, contact an administrator you know."),
        )

    notify(entry, lambda: [owner], write)


def invited(entry: audit.Entry, person: User) -> None:
    """Send the owner of a new account, or of one without a password, a link to set one."""
    by = str(entry.by)

    def write(reader: User) -> Notification:
        subject = _("Recommendation Tracker: your account")
        why = _("%s created an account for you.") % by
        return password_letter(reader, why, subject=subject)

    notify(entry, lambda: [person], write)


def invitation_made(entry: audit.Entry, invitation: Invitation) -> None:
    """Send the link of an invitation to its address, in the language of who invites.

    The link itself is made when the message is sent.
    """
    if entry.is_history or entry.by is None:
        return
    language = language_of(entry.by)
    with translation.override(language):
        told = {"who": entry.by, "role": invitation.get_role_display()}
        letter = Notification(
            subject=_("Recommendation Tracker: invitation"),
            lines=(
                _("%(who)s invites you to the Recommendation Tracker. Your role: %(role)s.") % told,
                _("Use the link below to create your account. The link works once, until %s.")
                % date_format(localtime(invitation.expires_at)),
                _("If you did not expect this invitation, ignore this message."),
            ),
            link=_("Accept invitation"),
            is_asked_for=False,
        )
    new_mail(letter, invitation=invitation, language=language).save(force_insert=True)


def mentioned(entry: audit.Entry, comment: Comment, people: Collection[User]) -> None:
    """Tell those whom a comment mentions what it says, as far as they may read comments."""
    by, ids = str(entry.by), [person.pk for person in people]
    about = comment.recommendation

    def write(person: User) -> Notification | None:
        if not permissions.can_read_drafts(person):
            return None
        return Notification(
            subject=_("%s: you are mentioned in a comment") % about.reference,
            lines=(
                _("%(who)s mentioned you in a comment on “%(what)s”.") % {"who": by, "what": about},
            ),
            path=comment.get_absolute_url(),
            link=_("Open comment"),
            quoted=comment.text,
        )

    notify(entry, lambda: _people(ids), write)


def _told(update: StatusUpdate, by: str) -> dict[str, str]:
    return {
        "who": by,
        "what": str(update.recommendation),
        "day": date_format(update.as_of),
    }


def _people(ids: Iterable[int]) -> list[User]:
    return list(with_roles(User.objects.filter(pk__in=ids)).order_by("pk"))
