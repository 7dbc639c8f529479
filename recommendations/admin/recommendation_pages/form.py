"""The form of a recommendation: its fields in sections that fold, and its first target date."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminDateWidget
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.admin.framework.forms import TrackedForm
from recommendations.forms.fields import ProseFormField
from recommendations.models import Recommendation

FOLDED = ("collapse",)

TEXT = (
    "title",
    "summary",
    ("modality", "nature", "priority"),
    "themes",
)
RESPONSIBILITY = (
    ("lead", "lead_officer", "reviewer"),
    "contributors",
    ("interval_months", "review_on"),
)
WORDING = ("quoted_text", "locator", "rationale", "wording_reason", "wording_amended_at")
FIRST_DATE = ("new_date", "reason")
PUBLICATION = ("published_at", "archived_at", "archive_reason", "archive_note")


class RecommendationForm(TrackedForm):
    """With the first target date, which an action of its own sets; later ones are requested.

    A new one may do without a summary in own words: then its title stands for it.
    """

    new_date = forms.DateField(
        label=_("Original target date"),
        required=False,
        widget=AdminDateWidget,
        help_text=_("Set once. Later changes are requested and decided."),
    )
    reason = ProseFormField(label=_("Reason for this date"), required=False, rows=2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_there and "summary" in self.fields:
            summary = self.fields["summary"]
            summary.required = False
            summary.help_text = _("In your own words. Shown to the public. If empty, the title.")

    def clean(self) -> dict[str, Any]:
        """A reason without a date would be lost in silence."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("reason") and not cleaned.get("new_date"):
            self.add_error("new_date", _("Enter the target date, or clear its reason."))
        return cleaned


def fieldsets_for(
    request: HttpRequest, found: Recommendation | None, *, may_write: bool
) -> tuple[Any, ...]:
    """The sections: of one that has no target date yet, whoever may set it is asked for it.

    One that another person set meanwhile stands beside what was entered, which is shown as well.
    """
    is_open = found is None or not (found.is_finished or found.archived_at)
    has_none = found is None or not found.date_changes.exists()
    was_entered = bool(request.POST.get("new_date"))
    may_set = may_write and permissions.can_set_first_date(request.user)
    days = () if found is None else (("target_date", "next_due_on", "opened_on"),)
    first = (FIRST_DATE,) if may_set and (was_entered or (is_open and has_none)) else ()
    source = ("source",) if found is None else (("reference", "source"),)
    return (
        (None, {"fields": (*source, *TEXT)}),
        (_("Responsibility and reporting"), {"fields": RESPONSIBILITY}),
        *([(_("Dates"), {"fields": (*first, *days)})] if first or days else []),
        (_("Original wording"), {"fields": WORDING, "classes": FOLDED}),
        *(
            [(_("Publication and archive"), {"fields": PUBLICATION, "classes": FOLDED})]
            if found is not None
            else []
        ),
    )
