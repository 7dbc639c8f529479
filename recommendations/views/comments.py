"""Comments: a page of their own, and a fragment that the other pages load into themselves.

So the page of a recommendation asks the database nothing more for them.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from recommendations import permissions
from recommendations.actions import comments
from recommendations.forms.fields import attempt
from recommendations.forms.updates import CommentForm
from recommendations.models import Comment, Recommendation, StatusUpdate
from recommendations.queries.publicity import marks_of
from recommendations.views.access import actor, open_to, recommendation_for
from recommendations.views.updates.form import update_for

A_PAGE = 50
"""Comments on one page, the newest first."""


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_read_drafts)
def recommendation_comments(request: HttpRequest, reference: str) -> HttpResponse:
    """Comments on a recommendation, those on its updates included."""
    return _comments(request, recommendation_for(request.user, reference), None)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_read_drafts)
def update_comments(request: HttpRequest, pk: int) -> HttpResponse:
    """Comments on one update."""
    update = update_for(request.user, pk)
    return _comments(request, update.recommendation, update)


def _comments(
    request: HttpRequest, about: Recommendation, update: StatusUpdate | None
) -> HttpResponse:
    may_write = permissions.can_write(request.user)
    sent = request.POST if request.method == "POST" else None
    form = CommentForm(sent, auto_id="id_comment_%s")
    if request.method == "POST":
        if not may_write:
            raise PermissionDenied(_("You may read comments, but not write any."))
        by = actor(request)
        attempted = attempt(
            form,
            lambda: comments.add_comment(
                recommendation=about, update=update, by=by, **form.cleaned_data
            ),
        )
        if attempted.is_done:
            messages.success(request, _added_message(attempted.made))
            return redirect(attempted.made)
    found = Comment.objects.visible_to(request.user).filter(recommendation=about.pk)
    if update is not None:
        found = found.filter(update=update.pk)
    rows = found.select_related("author", "update").prefetch_related("mentions")
    # A page past the end shows the last one: comments only grow, so nobody meets it but by hand.
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    marks = marks_of(row.update_id for row in page.object_list) if update is None else {}
    htmx: Any = getattr(request, "htmx", False)
    context = {
        "recommendation": about,
        "update": update,
        "page": page,
        "rows": [(row, marks.get(row.update_id or 0)) for row in page.object_list],
        "form": form,
        "may_write": may_write,
        "address": _address(about, update),
        "today": timezone.localdate(),
    }
    template = "comments/list.html" if htmx else "comments/page.html"
    response = render(request, template, context, status=400 if form.errors else 200)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _added_message(comment: Comment) -> str:
    told = [str(person) for person in comment.mentions.all()]
    if told:
        return _("Comment added. Mentioned: %s.") % get_text_list(told, _("and"))
    return _("Comment added")


def _address(about: Recommendation, update: StatusUpdate | None) -> str:
    if update is not None:
        return reverse("update-comments", args=[update.pk])
    return reverse("recommendation-comments", args=[about.reference])
