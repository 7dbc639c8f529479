"""Comments: a page of their own, and a fragment that the other pages load into themselves.

So the page of a recommendation asks the database nothing more for them.
"""

from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from recommendations import permissions
from recommendations.actions import comments
from recommendations.forms.fields import Attempt
from recommendations.forms.updates import CommentForm
from recommendations.models import Comment, Recommendation, StatusUpdate
from recommendations.queries.publicity import marks_of
from recommendations.views.access import recommendation_for
from recommendations.views.editing import Edit, by_field, edit_page
from recommendations.views.updates.form import update_for

A_PAGE = 50
"""Comments on one page, the newest first."""


@vary_on_headers("HX-Request")
@edit_page(permissions.can_read_drafts)
def recommendation_comments(request: HttpRequest, reference: str) -> Edit:
    """Comments on a recommendation, those on its updates included."""
    return _comments(request, recommendation_for(request.user, reference), None)


@vary_on_headers("HX-Request")
@edit_page(permissions.can_read_drafts)
def update_comments(request: HttpRequest, pk: int) -> Edit:
    """Comments on one update."""
    update = update_for(request.user, pk)
    return _comments(request, update.recommendation, update)


def _comments(request: HttpRequest, about: Recommendation, update: StatusUpdate | None) -> Edit:
    may_write = permissions.can_write(request.user)
    if request.method == "POST" and not may_write:
        raise PermissionDenied(_("You may read comments, but not write any."))
    address = _address(about, update)

    def beside(_attempted: Attempt) -> dict[str, Any]:
        found = Comment.objects.visible_to(request.user).filter(recommendation=about.pk)
        if update is not None:
            found = found.filter(update=update.pk)
        rows = found.select_related("author", "update").prefetch_related("mentions")
        # A page past the end shows the last one: they only grow, so nobody meets it but by hand.
        page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
        marks = marks_of(row.update_id for row in page.object_list) if update is None else {}
        return {
            "recommendation": about,
            "update": update,
            "page": page,
            "rows": [(row, marks.get(row.update_id or 0)) for row in page.object_list],
            "may_write": may_write,
            "address": address,
            "today": timezone.localdate(),
        }

    htmx: Any = getattr(request, "htmx", False)
    return Edit(
        by_field(comments.add_comment, recommendation=about, update=update),
        _added_message,
        Comment.get_absolute_url,
        form=partial(CommentForm, auto_id="id_comment_%s"),
        template="comments/list.html" if htmx else "comments/page.html",
        beside=beside,
    )


def _added_message(comment: Comment) -> str:
    told = [str(person) for person in comment.mentions.all()]
    if told:
        return _("Comment added. Mentioned: %s.") % get_text_list(told, _("and"))
    return _("Comment added")


def _address(about: Recommendation, update: StatusUpdate | None) -> str:
    if update is not None:
        return reverse("update-comments", args=[update.pk])
    return reverse("recommendation-comments", args=[about.reference])
