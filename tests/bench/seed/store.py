"""What is being seeded: rows that wait to be written, the ids that were given, and the days."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from django.apps import apps
from django.utils import timezone

from tests.bench.seed.tables import Row, insert

COLUMNS: dict[str, Sequence[str]] = {
    label: columns.split()
    for label, columns in {
        "Organisation": "slug name kind",
        "User": "username first_name last_name email password is_active is_staff is_superuser "
        "date_joined organisation_id",
        "User_groups": "user_id group_id",
        "Source": "slug title short_title author published_on date_precision reference_prefix "
        "last_number",
        "Theme": "slug name description",
        "Indicator": "code title definition unit measure direction is_published movement",
        "Target": "indicator_id kind area_id period value recorded_at recorded_by_id",
        "Observation": "indicator_id area_id period first_day last_day value recorded_at "
        "recorded_by_id",
        "Recommendation": "source_id number reference title summary quoted_text modality nature "
        "priority lead_id lead_officer_id reviewer_id target_date review_on interval_months "
        "opened_on published_at published_by_id archived_at archived_by_id archive_reason "
        "current_update_id next_due_on rating_valid_until",
        "Recommendation_contributors": "recommendation_id organisation_id",
        "Recommendation_themes": "recommendation_id theme_id",
        "StatusUpdate": "key recommendation_id addressee_id kind as_of implementation_status "
        "confidence rated_on what_happened remaining next_steps issue response_action "
        "response_owner asked_for completed_on closing_reason successor_id reopening_reason "
        "public_text internal_note corrects_id based_on_id state author_id last_editor_id "
        "created_at submitted_at decided_at decided_by_id decision_note",
        "StatusUpdate_editors": "statusupdate_id user_id",
        "Addressee": "recommendation_id area_id organisation_id",
        "Response": "addressee_id position since due_on part_accepted reason recorded_at "
        "recorded_by_id",
        "Action": "recommendation_id slug title is_named_in_source owner started_on due_on done_on "
        "state dropped_reason",
        "TargetDateChange": "recommendation_id number old_date new_date reason requested_by_id "
        "requested_at state decided_by_id decided_at decision_note",
        "Evidence": "slug title kind citation url visibility reliability expires_on recorded_at "
        "recorded_by_id",
        "EvidenceCheck": "evidence_id by_id organisation_id at",
        "EvidenceLink": "evidence_id recommendation_id update_id stance why added_at added_by_id "
        "answer answered_at answered_by_id",
        "IndicatorLink": "recommendation_id indicator_id relation why",
        "Comment": "recommendation_id author_id at text",
        "ReportedStatus": "recommendation_id as_of words file_name file_sha256 recorded_at "
        "recorded_by_id",
    }.items()
    if label.lower() in apps.all_models["recommendations"]
}
"""What is given of each table, beside the id, in the order in which tables are written.

An earlier version that lacks a table goes without.
"""


@dataclass
class Store:
    """Rows by the label of their model. The same ``size`` and day give the same rows."""

    size: int
    each: int
    """Updates of one recommendation."""
    today: date = field(default_factory=timezone.localdate)
    chosen: Random = field(default_factory=lambda: Random(1))
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    last: Counter[str] = field(default_factory=Counter)
    people: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    organisations: int = 0
    areas: list[int] = field(default_factory=list)
    indicators: int = 0
    _days: dict[int, str] = field(default_factory=dict)

    def add(self, label: str, *values: Any) -> int:
        """Keep a row until ``flush``; the id that it gets."""
        self.last[label] += 1
        self.rows[label].append((self.last[label], *values))
        return self.last[label]

    def flush(self) -> None:
        """Write what waits; inside a transaction, since rows name each other."""
        for label, columns in COLUMNS.items():
            if self.rows[label]:
                insert(label, ["id", *columns], self.rows[label])
        self.rows.clear()

    def happens(self, share: float, least: int = 0) -> bool:
        """True for a share of what is asked; for so many of all, where a tenth is as many."""
        return self.chosen.random() < max(share, min(least / self.size, 0.1))

    def day(self, ago: int) -> str:
        """The day so many days ago; in the future where that is below zero."""
        if ago not in self._days:
            self._days[ago] = (self.today - timedelta(days=ago)).isoformat()
        return self._days[ago]

    def moment(self, ago: int) -> str:
        return f"{self.day(ago)} 09:00:00"

    def person(self, role: str) -> int:
        return self.chosen.choice(self.people[role])
