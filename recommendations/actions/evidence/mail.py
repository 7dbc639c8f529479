"""Mail of changes of evidence: that one awaits a decision, and how it was decided."""

from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.mail.queue import Notification
from recommendations.actions.notifications import notify
from recommendations.choices import EvidenceChangeState
from recommendations.models import EvidenceChange, User
from recommendations.queries.evidence.hands import hands_of
from recommendations.queries.evidence.proposed import may_decide
from recommendations.queries.people import managers


def proposed(entry: audit.Entry, change: EvidenceChange) -> None:
    """Tell every manager who may decide that a change of published evidence awaits a decision."""
    words = {"who": str(entry.by), "title": change.evidence.title}

    def write(person: User) -> Notification:
        return Notification(
            subject=_("A change of published evidence awaits a decision"),
            lines=(
                _("%(who)s proposed a change of “%(title)s”.") % words,
                _("The public reads the approved version until you decide."),
            ),
            path=change.get_absolute_url(),
            link=_("Open the change"),
        )

    def recipients() -> list[User]:
        hands = hands_of([change.evidence])[change.evidence_id]
        return [person for person in managers() if may_decide(person, change, hands)]

    notify(entry, recipients, write)


def decided(entry: audit.Entry, change: EvidenceChange) -> None:
    """Tell who proposed a change how it was decided, with the note."""
    words = {"who": str(entry.by), "title": change.evidence.title}
    is_approved = change.state == EvidenceChangeState.APPROVED

    def write(person: User) -> Notification | None:
        if not permissions.can_read_drafts(person):
            return None
        if is_approved:
            subject = _("Your change of evidence was approved")
            line = _("%(who)s approved your change of “%(title)s”.") % words
        else:
            subject = _("Your change of evidence was rejected")
            line = _("%(who)s rejected your change of “%(title)s”.") % words
        return Notification(
            subject=subject,
            lines=(line,),
            path=change.get_absolute_url(),
            link=_("Open the change"),
            quoted=change.decision_note,
        )

    notify(entry, lambda: [change.proposed_by], write)
