"""Rows under a recommendation, folded away, each written by an action of its own."""

from typing import Any

from django.http import HttpRequest

from recommendations.actions import indicators, parts, relations, responses
from recommendations.actions import recommendations as actions
from recommendations.admin.evidence import EvidenceLinkInline
from recommendations.admin.framework.base import TrackedInline
from recommendations.models import (
    Action,
    Addressee,
    IndicatorLink,
    Part,
    RecommendationRelation,
    User,
)


class AddresseeInline(TrackedInline):
    """Whom it speaks to. Another addressee is another row: updates may speak of this one."""

    model = Addressee
    is_folded = True
    autocomplete_fields = ("area", "organisation")
    fields = ("area", "organisation")
    fixed = ("area", "organisation")
    add_action = staticmethod(actions.add_addressee)
    remove_action = staticmethod(actions.remove_addressee)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("area", "organisation")


class PartInline(TrackedInline):
    """Its parts, in their order; published ones change with a reason."""

    model = Part
    is_folded = True
    fields = ("label", "text", "position", "amendment_reason")
    noun = "part"
    add_action = staticmethod(parts.add_part)
    change_action = staticmethod(parts.change_part)
    remove_action = staticmethod(parts.remove_part)


class RelationInline(TrackedInline):
    """On which others it depends, and to which it is related."""

    model = RecommendationRelation
    is_folded = True
    fk_name = "recommendation"
    autocomplete_fields = ("other",)
    fields = ("kind", "other", "why")
    fixed = ("kind", "other", "why")
    noun = "relation"
    add_action = staticmethod(relations.add_relation)
    remove_action = staticmethod(relations.remove_relation)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("other", "recommendation")


def _add_action(*, by: User, values: dict[str, Any]) -> Action:
    return responses.add_action(recommendation=values.pop("recommendation"), by=by, values=values)


class ActionInline(TrackedInline):
    """Steps towards it. One is cancelled on its own page, with a reason; none is removed."""

    model = Action
    is_folded = True
    fields = ("title", "owner", "state", "started_on", "due_on", "done_on")
    show_change_link = True
    noun = "action"
    add_action = staticmethod(_add_action)
    change_action = staticmethod(responses.change_action)


class FoldedEvidenceInline(EvidenceLinkInline):
    """What it rests on."""

    is_folded = True


class IndicatorLinkInline(TrackedInline):
    """By which indicators it is measured."""

    model = IndicatorLink
    is_folded = True
    autocomplete_fields = ("indicator",)
    fields = ("indicator", "relation", "why")
    fixed = ("indicator",)
    noun = "link"
    add_action = staticmethod(indicators.link_indicator)
    change_action = staticmethod(indicators.change_indicator_link)
    remove_action = staticmethod(indicators.unlink_indicator)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("indicator")


INLINES = (
    AddresseeInline,
    PartInline,
    ActionInline,
    FoldedEvidenceInline,
    IndicatorLinkInline,
    RelationInline,
)
