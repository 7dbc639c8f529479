"""Who can approve what is reported on a recommendation, and why others cannot."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.choices import Role
from recommendations.queries.approvers import approvers_of
from recommendations.queries.setup.steps import role_holders
from recommendations.views.access import open_to, recommendation_for


@require_safe
@open_to(permissions.can_read_internally)
def recommendation_approvers(request: HttpRequest, reference: str) -> HttpResponse:
    """The managers with what each can do, and the other roles."""
    found = recommendation_for(request.user, reference)
    context = {
        "recommendation": found,
        "approvers": approvers_of(found),
        "others": [each for each in role_holders() if each.role != Role.MANAGER],
        "may_read_drafts": permissions.can_read_drafts(request.user),
        "may_set_up": permissions.can_set_up(request.user),
    }
    return render(request, "recommendations/approvers.html", context)
