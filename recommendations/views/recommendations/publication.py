"""Publishing, archiving, and undoing either: first what it will show, then the step itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.actions import recommendations as actions
from recommendations.forms.recommendations import ArchiveForm, PublishForm, ReasonForm
from recommendations.models import Recommendation
from recommendations.queries.recommendations import publication
from recommendations.queries.recommendations.detail import DetailPage, verification_of
from recommendations.queries.shown import Shown
from recommendations.views.access import View, recommendation_for
from recommendations.views.editing import Edit, by_field, edit_page
from recommendations.views.recommendations.detail import NO_LIMITS


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its action and form, what it will do, and how page and message put it."""

    act: Callable[..., Recommendation]
    form: type[forms.Form]
    effects: Callable[[Recommendation], Iterator[str]]
    is_open: Callable[[Recommendation], bool]
    title: Promise
    button: Promise
    done: Promise
    page: Callable[[Recommendation, date], DetailPage | None] = lambda _found, _today: None
    preview: Promise | str = ""
    shown: Callable[[Recommendation, Any], Shown] | None = None
    """Told where the page shows other than its effects and what the public will read again."""


PUBLISH = Step(
    actions.publish_recommendation,
    PublishForm,
    publication.effects_of_publishing,
    is_open=lambda found: found.published_at is None,
    title=_("Publish %s"),
    button=_("Publish"),
    done=_("%s is published."),
    shown=publication.shown_publication,
    page=publication.public_page,
    preview=_("Public page after publication"),
)
UNPUBLISH = Step(
    actions.unpublish_recommendation,
    ReasonForm,
    publication.effects_of_unpublishing,
    is_open=lambda found: found.published_at is not None,
    title=_("Unpublish %s"),
    button=_("Unpublish"),
    done=_("%s is unpublished."),
)
ARCHIVE = Step(
    actions.archive,
    ArchiveForm,
    publication.effects_of_archiving,
    is_open=lambda found: found.archived_at is None,
    title=_("Archive %s"),
    button=_("Archive"),
    done=_("%s is archived."),
)
RESTORE = Step(
    actions.restore,
    ReasonForm,
    publication.effects_of_restoring,
    is_open=lambda found: found.archived_at is not None,
    title=_("Restore %s"),
    button=_("Restore"),
    done=_("%s is restored."),
    page=publication.restored_page,
    preview=_("Public page after restoring"),
)


def _view_of(step: Step) -> View:
    @edit_page(permissions.can_publish)
    def view(request: HttpRequest, reference: str) -> Edit:
        found = recommendation_for(request.user, reference)

        return Edit(
            by_field(step.act, recommendation=found),
            step.done % found.reference,
            found,
            form=step.form,
            decides=(publication.PUBLICATION, found.pk),
            title=step.title % found.reference,
            here=step.button,
            button=step.button,
            back=found.get_absolute_url(),
            template="recommendations/publication.html",
            beside=lambda _attempted: {
                "recommendation": found,
                "effects": list(step.effects(found)),
                "is_open": step.is_open(found),
                **_preview(step, found),
            },
        )

    return view


def _preview(step: Step, found: Recommendation) -> dict[str, Any]:
    """What the decision binds to, and the page as the public will read it, where that changes."""
    today = timezone.localdate()
    page = step.page(found, today) if step.is_open(found) else None
    # Once another did the same, the page says so; there is nothing left to bind to.
    context: dict[str, Any] = {}
    if step.is_open(found):
        context["shown"] = (
            step.shown(found, page)
            if step.shown
            else publication.shown_step(found, step.effects(found), page)
        )
    if page is None:
        return context
    return context | {
        "preview": step.preview,
        "view": page,
        "row": page.row,
        "verification": verification_of(page.row),
        "today": today,
        "limits": NO_LIMITS,
    }


recommendation_publish = _view_of(PUBLISH)
recommendation_unpublish = _view_of(UNPUBLISH)
recommendation_archive = _view_of(ARCHIVE)
recommendation_restore = _view_of(RESTORE)
