"""Bulk acts on ticked recommendations: the pages of the site's list, on a selection made here.

Nothing is written in this module. An action leads to the preview, whose confirmation calls the
action of the site.
"""

from copy import copy
from functools import partial
from typing import Any, ClassVar

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.admin.framework.base import TrackedModelAdmin
from recommendations.models import Recommendation
from recommendations.queries.bulk_changes import MOST_ROWS
from recommendations.views.recommendations.bulk_changes import (
    ALL,
    PICKED,
    REQUEST_UPDATES,
    Selection,
    bulk_choices,
    bulk_page,
    trouble_of,
)
from recommendations.views.rounds import round_page

OWN = frozenset({"scope", "pick", "change", "value", "value-words", "find", "page"})
"""What an address says of the act itself; all else is the filter of the list."""


class BulkChangesAdmin(TrackedModelAdmin):
    """A list of recommendations with the bulk acts that the person may do."""

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """As inherited, and the bulk acts that the person may do."""
        found: dict[str, Any] = super().get_actions(request)
        for _group, choices in bulk_choices(request.user):
            found |= {code: (partial(_lead_on, code), code, label) for code, label in choices}
        return found

    def get_action_choices(self, request: HttpRequest, *args: Any) -> list[Any]:
        """The bulk acts in their groups, after what is inherited."""
        groups = bulk_choices(request.user)
        ours = {code for _group, choices in groups for code, _label in choices}
        others = super().get_action_choices(request, *args)
        return [*(choice for choice in others if choice[0] not in ours), *groups]

    def bulk_view(self, request: HttpRequest) -> HttpResponseBase:
        """The page of the site for a bulk act, on what was selected in this list."""
        if not permissions.can_change_many(request.user):
            raise PermissionDenied
        selection = self._selected(request)
        if request.GET.get("change") == REQUEST_UPDATES:
            if not permissions.can_run_rounds(request.user):
                raise PermissionDenied
            return round_page(request, selection)
        return bulk_page(request, selection)

    pages: ClassVar[Any] = {"bulk": ("bulk/", bulk_view)}

    def _selected(self, request: HttpRequest) -> Selection:
        """The rows that the address picks by their keys, or all that the list shows by its filter.

        They are read afresh: the address is no proof of what was shown.
        """
        home = reverse("admin:recommendations_recommendation_changelist")
        asked = _asked(request)
        back = f"{home}?{urlencode(asked)}" if asked else home
        picked = [key for key in request.GET.getlist("pick") if key.isdecimal() and len(key) < 10]
        is_all = request.GET.get("scope") == ALL
        picks = [] if is_all else [("pick", key) for key in picked]
        fields = [*asked, ("scope", ALL if is_all else PICKED), *picks]
        rows = self.get_queryset(request).filter(pk__in=picked).order_by("source", "number", "pk")
        if is_all:
            try:
                rows = self._listed(request)
            except IncorrectLookupParameters:
                told = _("One of the filters is invalid. Correct the filter.")
                return Selection((), fields, back, told, home)
        ids = list(rows.values_list("pk", flat=True)[: MOST_ROWS + 1])
        return Selection(ids, fields, back, trouble_of(ids), home)

    def _listed(self, request: HttpRequest) -> QuerySet[Recommendation]:
        """What the list shows of its filter and its search, on all of its pages."""
        asked: Any = copy(request)
        asked.GET = QueryDict(urlencode(_asked(request)))
        listed: Any = self.get_changelist_instance(asked)
        if listed.is_wrong:
            raise IncorrectLookupParameters
        found: QuerySet[Recommendation] = listed.queryset
        return found


def _asked(request: HttpRequest) -> list[tuple[str, str]]:
    """The filter, the search and the order of the list that the address holds."""
    pairs = ((name, str(one)) for name, every in request.GET.lists() for one in every)
    return [(name, one) for name, one in pairs if name not in OWN]


def _lead_on(
    code: str,
    model_admin: Any,
    request: HttpRequest,
    rows: QuerySet[Recommendation],
) -> HttpResponse:
    """To the page of a bulk act on ticked rows, or on all of the list."""
    is_all = request.POST.get("select_across") == "1"
    keys: list[int] = [] if is_all else list(rows.values_list("pk", flat=True))
    scope = ALL if is_all else PICKED
    query = [
        *_asked(request),
        ("change", code),
        ("scope", scope),
        *(("pick", str(key)) for key in keys),
    ]
    return HttpResponseRedirect(
        f"{reverse('admin:recommendations_recommendation_bulk')}?{urlencode(query)}"
    )
