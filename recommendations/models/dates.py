"""The ledger of target dates: every date a recommendation ever had, and who let it move."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.choices import DateChangeState
from recommendations.models.base import InternalQuerySet
from recommendations.models.fields import PersonField, ProseField, RelatedField
from recommendations.permissions import Person

DECIDED_TOGETHER = Q(
    state=DateChangeState.REQUESTED,
    decided_by__isnull=True,
    decided_at__isnull=True,
    decision_note="",
) | (~Q(state=DateChangeState.REQUESTED) & Q(decided_by__isnull=False, decided_at__isnull=False))
"""What somebody requests and another decides: who and when go with its end, never before."""

# Taken back by whoever asked and by nobody else; decided by anybody but them.
DECIDED_BY_ANOTHER = (
    Q(decided_by__isnull=True)
    | (Q(state=DateChangeState.WITHDRAWN) & Q(decided_by=F("requested_by")))
    | (~Q(state=DateChangeState.WITHDRAWN) & ~Q(decided_by=F("requested_by")))
)


def decided_once(name: str, unless: Q | None = None) -> list[models.CheckConstraint]:
    """Constraints on what one person requests and another decides, once; ``unless`` nobody did."""
    by_another = DECIDED_BY_ANOTHER if unless is None else unless | DECIDED_BY_ANOTHER
    with_note = ~Q(state=DateChangeState.REJECTED) | ~Q(decision_note="")
    return [
        models.CheckConstraint(name=f"{name}_decision_together", condition=DECIDED_TOGETHER),
        models.CheckConstraint(name=f"{name}_decided_by_another", condition=by_another),
        models.CheckConstraint(name=f"{name}_rejected_with_note", condition=with_note),
    ]


class TargetDateChangeQuerySet(InternalQuerySet["TargetDateChange"]):
    """The ledger; of it the public reads dates alone."""

    def awaiting_decision_by(self, person: Person) -> Self:
        """Requests that this manager may decide: those they did not make themselves."""
        return self.undecided_for(person.pk) if permissions.can_review(person) else self.none()

    def undecided_for(self, person_id: object) -> Self:
        """Requests on what is followed that this person did not make."""
        return self._requested().exclude(requested_by=person_id)

    def requested_by(self, person_id: object) -> Self:
        """The other part of what is requested on what is followed: by this person."""
        return self._requested().filter(requested_by=person_id)

    def _requested(self) -> Self:
        return self.filter(
            state=DateChangeState.REQUESTED, recommendation__archived_at__isnull=True
        )


class TargetDateChange(models.Model):
    """One row of the ledger. Row 0 is the first date; approval of a later one moves the date.

    A decided row never changes: the reason of a rejected request stays with it, and so does that
    of one that was taken back.
    """

    recommendation = RelatedField(
        "Recommendation", _("recommendation"), related_name="date_changes"
    )
    number = models.PositiveIntegerField(_("row"), editable=False)
    old_date = models.DateField(_("previous date"), null=True, blank=True, editable=False)
    new_date = models.DateField(
        _("new date"), null=True, blank=True, help_text=_("If empty, the target date is removed.")
    )
    reason = ProseField(_("reason"))
    requested_by = PersonField(_("requested by"), editable=False)
    requested_at = models.DateTimeField(_("requested at"), editable=False)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=DateChangeState,
        default=DateChangeState.REQUESTED,
        editable=False,
    )
    decided_by = PersonField(_("decided by"), null=True, editable=False)
    decided_at = models.DateTimeField(_("decided at"), null=True, editable=False)
    decision_note = ProseField(_("decision note"), blank=True, editable=False)

    objects = TargetDateChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("date change")
        verbose_name_plural = _("date changes")
        ordering = ("recommendation", "number", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["recommendation", "number"], name="date_change_row_once"
            ),
            models.UniqueConstraint(
                fields=["recommendation"],
                condition=Q(state=DateChangeState.REQUESTED),
                name="date_change_one_request",
            ),
            models.CheckConstraint(name="date_change_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="date_change_changes_something",
                condition=Q(old_date__isnull=True, new_date__isnull=False)
                | Q(old_date__isnull=False, new_date__isnull=True)
                # Compared only where both are there: an unknown answer would let a row pass.
                | (Q(old_date__isnull=False, new_date__isnull=False) & ~Q(old_date=F("new_date"))),
            ),
            *decided_once("date_change", unless=Q(number=0)),
            models.CheckConstraint(
                name="date_change_first_sets_a_date",
                condition=~Q(number=0)
                | Q(old_date__isnull=True, new_date__isnull=False, state=DateChangeState.APPROVED),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "requested_at"], name="date_change_queue"),
            # What a person asked for and is not decided, which is counted for each page.
            models.Index(
                fields=["requested_by"],
                condition=Q(state=DateChangeState.REQUESTED),
                name="date_change_requested_by",
            ),
        ]

    def __str__(self) -> str:
        return change_text(self.old_date, self.new_date)

    @property
    def is_waiting(self) -> bool:
        return self.state == DateChangeState.REQUESTED

    @property
    def moved(self) -> str:
        """How far it moves the date, in words; empty where either date is missing."""
        if self.old_date is None or self.new_date is None:
            return ""
        days = (self.new_date - self.old_date).days
        span = ngettext("%(n)d day", "%(n)d days", abs(days)) % {"n": abs(days)}
        return (
            gettext("brought forward %(days)s") if days < 0 else gettext("postponed %(days)s")
        ) % {"days": span}

    @property
    def kind_text(self) -> str:
        """What it is, beside updates in one list: from which date to which."""
        return date_change_text(self.old_date, self.new_date)


def date_change_text(old: date | None, new: date | None) -> str:
    """As ``kind_text``, of a change that is not read as a row."""
    return gettext("date change, %s") % change_text(old, new)


def change_text(old: date | None, new: date | None) -> str:
    """A date change in few words: from which date to which; the first date alone."""
    if old is None:
        return _day_text(new)
    return gettext("%(old)s to %(new)s") % {"old": _day_text(old), "new": _day_text(new)}


def _day_text(day: date | None) -> str:
    return date_format(day, "j M Y") if day else gettext("No target date")
