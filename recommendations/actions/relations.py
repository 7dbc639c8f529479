"""Relations between recommendations: adding and removing one; no dependency leads in a circle."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import BATCH, Expected, add_row, remove, require
from recommendations.actions.errors import ActionRefused
from recommendations.choices import RelationKind
from recommendations.models import Recommendation, RecommendationRelation, User


def add_relation(
    *, by: User, values: Mapping[str, Any], at: datetime | None = None
) -> RecommendationRelation:
    """Say that ``recommendation`` depends on ``other``, or that both are related.

    Refused where ``other`` depends on it already, through however many others. Whoever adds a
    relation holds the lock of the chain, so two that together would make a circle come one after
    the other.
    """
    with audit.entry(by=by, at=at) as entry:
        _require_may(by)
        relation = RecommendationRelation(added_at=entry.at, added_by=by, **values)
        ends = (relation.recommendation_id, relation.other_id)
        for row in Recommendation.objects.filter(pk__in=ends):
            if row.archived_at is not None:
                raise ActionRefused(_("%s is archived. No relation can be added.") % row.reference)
        _store_once(relation)
        if relation.kind == RelationKind.DEPENDS_ON:
            _refuse_circle(relation)
        return add_row(entry, relation, verb="relate")


def add_relations(
    act: audit.BulkAct, rows: Iterable[tuple[Recommendation, RelationKind, Recommendation]]
) -> None:
    """Insert checked relations of an import, none of which exists or closes a circle."""
    by: Any = act.entry.by
    made = [
        RecommendationRelation(
            recommendation=here, other=other, kind=kind, added_at=act.entry.at, added_by=by
        )
        for here, kind, other in rows
    ]
    for relation in made:
        _store_once(relation)
    act.follow_new(RecommendationRelation.objects.bulk_create(made, batch_size=BATCH))


def remove_relation(
    *,
    relation: RecommendationRelation,
    by: User,
    expected_version: Expected = None,
    at: datetime | None = None,
) -> None:
    """Take a relation out of use; it stays on record."""
    with audit.entry(by=by, at=at) as entry:
        _require_may(by)
        remove(entry, relation, expected_version=expected_version, verb="unrelate")


def _require_may(by: User) -> None:
    require(
        permissions.can_change_recommendations(by),
        _("You may not change the relations of recommendations."),
    )


def _store_once(relation: RecommendationRelation) -> None:
    """Of a relation that is the same from both ends, begin with the older one."""
    is_later = relation.recommendation_id > relation.other_id
    if relation.kind == RelationKind.RELATED and is_later:
        relation.recommendation, relation.other = relation.other, relation.recommendation


def _refuse_circle(relation: RecommendationRelation) -> None:
    """Refuse where the other end depends on this one: a query for each step between them."""
    depends = RecommendationRelation.objects.live().filter(kind=RelationKind.DEPENDS_ON)
    seen: set[int] = set()
    frontier = {relation.other_id}
    while frontier:
        if relation.recommendation_id in frontier:
            words = _("%(other)s already depends on %(reference)s, directly or through others.")
            names = {
                "other": relation.other.reference,
                "reference": relation.recommendation.reference,
            }
            raise ValidationError({"other": words % names})
        seen |= frontier
        rows = depends.filter(recommendation__in=frontier).order_by()
        frontier = set(rows.values_list("other", flat=True)) - seen
