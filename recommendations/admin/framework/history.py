"""The history of one thing: what the audit log tells of it, in place of a log of Django's own."""

from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from recommendations.models import AuditEvent
from recommendations.queries.log.conditions import (
    events_of_object,
    numbers_with_rows,
    rows_of_object,
)
from recommendations.queries.log.rows import log_rows
from recommendations.views.lists import A_PAGE, OF_EVENTS, CappedPaginator, requested_page


def history_page(model_admin: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    """Every event about a thing, and about rows of it in bulk acts, latest first.

    For who may see the thing and the log.
    """
    found = model_admin.get_object(request, unquote(object_id))
    if found is None:
        missing: HttpResponse = model_admin._get_obj_does_not_exist_redirect(
            request, model_admin.opts, object_id
        )
        return missing
    may_see = model_admin.has_view_or_change_permission(request, found)
    if not may_see or not request.user.has_perm("recommendations.view_auditevent"):
        raise PermissionDenied
    kind, key = model_admin.opts.label_lower, str(found.pk)
    rows = rows_of_object(kind, key)
    own = AuditEvent.objects.filter(
        sequence__in=numbers_with_rows(events_of_object(kind, key), rows)
    )
    read = AuditEvent.objects.select_related("actor", "reason", "recommendation").only(*OF_EVENTS)
    page = requested_page(request, CappedPaginator(own.order_by("-sequence"), read.in_bulk, A_PAGE))
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("History: %(title)s") % {"title": found},
        "opts": model_admin.opts,
        "object": found,
        "page": page,
        "rows": log_rows(page, rows),
    }
    return TemplateResponse(request, "admin/tracker_history.html", context)
