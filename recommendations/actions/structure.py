"""How recommendations are structured: parts, relations to others, themes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils.translation import gettext as _

from recommendations import audit
from recommendations.actions.base import (
    BATCH,
    ActionRefused,
    Expected,
    RowActions,
    add_row,
    change,
    clean_text,
    free_slug,
    remove,
    require_expected,
    require_followed,
    require_maintainer,
    revised,
)
from recommendations.choices import RelationKind
from recommendations.models import Part, Recommendation, RecommendationRelation, Theme, User
from recommendations.queries.publicity import was_public

# ---- Parts of a recommendation: adding, changing and removing one, with a reason once published

MOST_PARTS = 26
"""Parts of one recommendation: as many as there are letters."""

PUBLISHED_FIELDS = frozenset({"label", "text"})
"""What the public reads of a part."""


def add_part(*, by: User, values: Mapping[str, Any], at: datetime | None = None) -> Part:
    """Add a part to a recommendation, after those that it has."""
    with audit.entry(by=by, at=at) as entry:
        require_maintainer(by)
        part = Part(**values)
        recommendation = Recommendation.objects.get(pk=part.recommendation_id)
        require_followed(recommendation)
        living = Part.objects.living().filter(recommendation=recommendation)
        if living.count() >= MOST_PARTS:
            raise ActionRefused(_("A recommendation has at most %d parts.") % MOST_PARTS)
        if "position" not in values:
            part.position = 1 + (living.aggregate(last=Max("position"))["last"] or 0)
        if _amends(recommendation, "", part.amendment_reason):
            part.amended_at = entry.at
        return add_row(entry, part, verb="add_part")


def change_part(
    *,
    part: Part,
    by: User,
    expected_version: Expected,
    values: Mapping[str, Any],
    at: datetime | None = None,
) -> Part:
    """Change the label, the text or the place of a part."""
    with audit.entry(by=by, at=at) as entry:
        require_maintainer(by)
        current = Part.objects.select_related("recommendation").get(pk=part.pk)
        require_followed(current.recommendation)
        amended: dict[str, Any] = {}

        def amend(after: Part) -> None:
            is_moved = any(getattr(current, n) != getattr(after, n) for n in PUBLISHED_FIELDS)
            if is_moved and _amends(
                current.recommendation, current.amendment_reason, after.amendment_reason
            ):
                amended["amended_at"] = entry.at

        if revised(current, expected_version, values, amend) is not None:
            change(entry, current, verb="change_part", **values, **amended)
        return current


def remove_part(
    *,
    part: Part,
    by: User,
    expected_version: Expected = None,
    reason: str = "",
    at: datetime | None = None,
) -> None:
    """Take a part out of use; it and what completed it stay on record.

    The reason is that of its amendment: it is kept where the text was.
    """
    reason = clean_text(Part.amendment_reason, reason, under="amendment_reason")
    with audit.entry(by=by, at=at) as entry:
        require_maintainer(by)
        current = Part.objects.select_related("recommendation").get(pk=part.pk)
        require_followed(current.recommendation)
        if current.removed_at is None:
            _amends(current.recommendation, "", reason)
            if reason:
                require_expected(current, expected_version, {"amendment_reason": reason})
                change(entry, current, verb="change_part", amendment_reason=reason)
                expected_version = None
        remove(entry, current, expected_version=expected_version, verb="remove_part")


def add_parts(act: audit.BulkAct, parts: Iterable[tuple[Recommendation, Part]]) -> None:
    """Insert checked parts of an import, with labels that are new to their recommendations."""
    rows = []
    for recommendation, part in parts:
        part.recommendation = recommendation
        rows.append(part)
    act.follow_new(Part.objects.bulk_create(rows, batch_size=BATCH))


def revise_parts(act: audit.BulkAct, revisions: Sequence[tuple[Part, str]]) -> None:
    """Write checked texts to parts that were never published; read under the lock that is held."""
    act.follow(part for part, _text in revisions)
    for part, text in revisions:
        Part.objects.filter(pk=part.pk).update(
            text=text, version=part.version + 1, updated_at=act.entry.at
        )


def _amends(recommendation: Recommendation, before: str, reason: str) -> bool:
    """Whether a published text is amended; refused without a new reason."""
    if not was_public(recommendation):
        return False
    if not reason.strip() or reason == before:
        words = _("The recommendation is or was published. Give the reason for the amendment.")
        raise ValidationError({"amendment_reason": words})
    return True


# ---- Relations between recommendations: adding and removing one; no dependency leads in a circle


def add_relation(
    *, by: User, values: Mapping[str, Any], at: datetime | None = None
) -> RecommendationRelation:
    """Say that ``recommendation`` depends on ``other``, or that both are related.

    Refused where ``other`` depends on it already, through however many others. Whoever adds a
    relation holds the lock of the chain, so two that together would make a circle come one after
    the other.
    """
    with audit.entry(by=by, at=at) as entry:
        require_maintainer(by)
        relation = RecommendationRelation(added_at=entry.at, added_by=by, **values)
        ends = (relation.recommendation_id, relation.other_id)
        for row in Recommendation.objects.filter(pk__in=ends):
            require_followed(row)
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
        require_maintainer(by)
        remove(entry, relation, expected_version=expected_version, verb="unrelate")


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


# ---- Themes: adding and changing one. Which a recommendation has is part of the recommendation

MOST_THEMES = 100
"""Themes of a site: a list that a form shows whole, and that a reader can survey."""


def add_theme(
    *, by: User, values: Mapping[str, Any], slug: str = "", at: datetime | None = None
) -> Theme:
    """Add a theme; ``slug`` is its short name, if one was chosen."""
    with audit.entry(by=by, at=at) as entry:
        require_maintainer(by)
        if Theme.objects.count() >= MOST_THEMES:
            raise ActionRefused(_("A site has at most %d themes.") % MOST_THEMES)
        theme = Theme(**values)
        theme.slug = slug or free_slug(Theme, theme.name)
        return add_row(entry, theme)


change_theme = RowActions(
    Theme,
    "theme",
    require_maintainer,
).change
"""The name or the description of a theme, on all recommendations that have it."""
