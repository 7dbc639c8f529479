"""What an administrator does about mail that could not be delivered."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import require
from recommendations.actions.errors import ActionRefused
from recommendations.actions.mail.delivery import WORDS
from recommendations.choices import MailState
from recommendations.models import OutgoingMail, User


def send_again(*, mail: OutgoingMail, by: User, at: datetime | None = None) -> None:
    """Put a message that was not delivered back into the queue, with all its tries before it."""
    with audit.entry(by=by, at=at) as entry:
        if not mail.lines:
            raise ActionRefused(_("Only the subject of this message was kept."))
        _change(entry, by, mail, "send_again", MailState.QUEUED, due_at=entry.at, failures=0)


def give_up(*, mail: OutgoingMail, by: User, at: datetime | None = None) -> None:
    """Let go of a message that was not delivered; its words go."""
    with audit.entry(by=by, at=at) as entry:
        _change(entry, by, mail, "give_up", MailState.GIVEN_UP, ended_at=entry.at, **WORDS)


def _change(
    entry: audit.Entry, by: User, mail: OutgoingMail, verb: str, state: MailState, **values: Any
) -> None:
    require(permissions.can_administer(by), _("You may not decide on undelivered mail."))
    dead = OutgoingMail.objects.filter(pk=mail.pk, state=MailState.DEAD)
    if not dead.update(state=state, **values):
        raise ActionRefused(_("This message is not on the list of undelivered messages."))
    entry.record(verb, mail, before={"state": MailState.DEAD}, after={"state": state})
