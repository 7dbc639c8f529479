"""Mail of batches of opening statuses: that one awaits approval, was approved, or undone."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import audit, permissions
from recommendations.actions.mail.queue import Notification
from recommendations.actions.notifications import notify
from recommendations.models import OpeningBatch, User
from recommendations.queries.people import managers


def submitted(entry: audit.Entry, batch: OpeningBatch, count: int) -> None:
    """Tell every manager who may decide that a batch awaits approval; one message for all of it."""
    words = {"who": str(entry.by), "file": batch.file_name, "n": count}

    def write(person: User) -> Notification:
        told = ngettext(
            "%(who)s imported “%(file)s” with %(n)d opening status.",
            "%(who)s imported “%(file)s” with %(n)d opening statuses.",
            count,
        )
        return Notification(
            subject=_("Opening statuses await approval"),
            lines=(told % words, _("Check the batch, leave out exceptions, and approve the rest.")),
            path=batch.get_absolute_url(),
            link=_("Open the batch"),
        )

    def recipients() -> list[User]:
        return [person for person in managers() if permissions.can_decide_batch(person, batch)]

    notify(entry, recipients, write)


def approved(entry: audit.Entry, batch: OpeningBatch, count: int) -> None:
    """Tell whoever imported the list that its batch was approved."""
    told = ngettext(
        "%(who)s approved %(n)d opening status of “%(file)s”.",
        "%(who)s approved %(n)d opening statuses of “%(file)s”.",
        count,
    )
    _tell_importer(entry, batch, told, _("Your opening statuses were approved"), count)


def undone(entry: audit.Entry, batch: OpeningBatch, count: int) -> None:
    """Tell whoever imported the list that its batch was undone, with what came of it."""
    if batch.decided_at is None:
        told = _("%(who)s undid the import of “%(file)s” before its opening statuses took effect.")
    else:
        told = ngettext(
            "%(who)s undid the import of “%(file)s”: %(n)d opening status is no longer current.",
            "%(who)s undid the import of “%(file)s”: %(n)d opening statuses are no longer current.",
            count,
        )
    _tell_importer(entry, batch, told, _("Your opening statuses were undone"), count)


def _tell_importer(
    entry: audit.Entry, batch: OpeningBatch, told: str, subject: str, count: int
) -> None:
    words = {"who": str(entry.by), "file": batch.file_name, "n": count}

    def write(person: User) -> Notification | None:
        if not permissions.can_read_drafts(person):
            return None
        return Notification(
            subject=subject,
            lines=(told % words,),
            path=batch.get_absolute_url(),
            link=_("Open the batch"),
        )

    notify(entry, lambda: [batch.submitted_by], write)
