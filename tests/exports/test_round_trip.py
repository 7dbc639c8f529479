"""What is exported imports unchanged into an empty tracker: the same rows, in all three formats."""

import io
import json
from datetime import date
from typing import Any

from django.utils import timezone
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from recommendations.actions.dates import set_first
from recommendations.actions.imports.openings import approve_batch
from recommendations.actions.imports.pipeline import ImportRefused, Upload
from recommendations.actions.imports.spreadsheet import SpreadsheetOptions
from recommendations.actions.imports.spreadsheet.plans import ColumnMap, propose
from recommendations.actions.recommendations import archive
from recommendations.actions.structure import add_part, add_relation
from recommendations.actions.updates.decisions import approve_update
from recommendations.choices import Confidence
from recommendations.columns import Field
from recommendations.exports import FORMATS
from recommendations.exports.recommendations import (
    COLUMNS as INTERNAL,
)
from recommendations.exports.recommendations import (
    recommendation_lines,
    recommendation_sheet,
)
from recommendations.filters.recommendations import TIES
from recommendations.models import (
    Addressee,
    Organisation,
    Recommendation,
    ReportedStatus,
    Source,
)
from recommendations.queries.listed import read_rows
from recommendations.readers import open_table
from recommendations.readers.tables import fold_text
from recommendations.views import lists
from tests.base import TrackerTestCase, World, link_evidence
from tests.depth import times
from tests.imports.openings import seen
from tests.imports.run import import_spreadsheet

TEXT = st.text(
    st.one_of(
        st.sampled_from("=+-@\uff1d\uff0b\uff0d\uff20'\"\t;,ab1 .5\n"),
        st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Cn", "Co", "Z")),
    ),
    min_size=1,
    max_size=30,
).map(lambda text: text.strip())
PROSE = TEXT.filter(bool)
LINE = TEXT.map(lambda text: " ".join(text.replace("\t", "-").split())).filter(bool)
DAY = st.dates(date(1990, 1, 1), date(2024, 1, 1))

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "external_id": LINE,
            "title": LINE,
            "summary": PROSE,
            "quoted_text": PROSE | st.just(""),
            "rationale": PROSE | st.just(""),
            "locator": LINE | st.just(""),
            "modality": st.sampled_from(["must", "may"]),
            "nature": st.sampled_from(["time_bound", "continuous"]),
            "priority": st.sampled_from(["high", "not_set"]),
            "interval_months": st.integers(1, 60),
            "opened_on": DAY | st.none(),
            "target_date": DAY | st.none(),
            "bodies": st.lists(
                st.sampled_from(["Agency; North", "Agency B", "=Body"]), unique=True, max_size=2
            ),
            "parts": st.lists(
                st.tuples(st.sampled_from(["a", "b", "ii"]), PROSE),
                unique_by=lambda part: part[0],
                max_size=2,
            ),
            "depends_on": st.booleans(),
            "related_to": st.booleans(),
            "words": st.none() | st.tuples(LINE, DAY | st.none(), PROSE | st.just("")),
        }
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda row: row["external_id"],
)


COLUMNS = (
    *("external_id", "title", "summary", "quoted_text", "rationale", "locator", "modality"),
    *("nature", "priority", "interval_months", "opened_on", "target_date"),
)


KINDS = (("depends_on", "depends_on"), ("related_to", "related"))
"""Columns of relations, and the kind that each holds."""


class RoundTripTests(World, TestCase):
    @settings(max_examples=times(12, 40), phases=(Phase.generate,))  # shrinking rows takes minutes
    @given(ROWS)
    def test_the_same_rows_come_out_of_another_tracker(self, rows: list[dict[str, Any]]) -> None:
        self.make_world()
        for name in ("Agency; North", "=Body"):
            Organisation.objects.create(slug=f"body-{len(name)}", name=name)
        made = [self._make(row) for row in rows]
        for row, one, following in zip(rows, made, made[1:], strict=False):
            self._relate(row, one, following)
        exported = {code: self._exported(code) for code in ("csv", "xlsx", "json")}
        before = exported["json"]
        for format_code, data in exported.items():
            self._leave()
            self._bring(data, f"list.{format_code}")
            self.assertEqual(self._there(), self._as_made(rows, made), format_code)
            self.assertEqual(
                self._rows(self._exported("json", self.other)), self._rows(before), format_code
            )
            self.assertEqual(self._bring(data, f"list.{format_code}", again=True), 0)

    def _there(self) -> list[dict[str, Any]]:
        """What the other tracker keeps, read from its tables: an export may leave columns out."""
        kept = Recommendation.objects.filter(source=self.other).order_by("number")
        return [
            {
                **{name: getattr(found, name) for name in COLUMNS},
                "parts": list(found.parts.living().values_list("label", "text")),
                "relations": set(found.relations.live().values_list("kind", "other__reference")),
                "bodies": {str(body) for body in found.contributors.all()},
                "addressees": {str(a) for a in Addressee.objects.filter(recommendation=found)},
                "words": list(found.reported_statuses.values_list("words", "as_of", "note")),
            }
            for found in kept
        ]

    @staticmethod
    def _as_made(rows: list[dict[str, Any]], made: list[Recommendation]) -> list[dict[str, Any]]:
        following = [*(one.reference for one in made[1:]), ""]
        return [
            {
                **{name: row[name] for name in COLUMNS},
                "parts": row["parts"],
                "relations": {(kind, other) for name, kind in KINDS if other and row[name]},
                "bodies": set(row["bodies"]),
                "addressees": set(row["bodies"]),
                "words": [row["words"]] if row["words"] else [],
            }
            for row, other in zip(rows, following, strict=True)
        ]

    def _relate(self, row: dict[str, Any], one: Recommendation, other: Recommendation) -> None:
        for name, kind in KINDS:
            if row[name]:
                values = {"recommendation": one, "other": other, "kind": kind}
                add_relation(by=self.manager, values=values)

    def _make(self, row: dict[str, Any]) -> Recommendation:
        values = {**row}
        parts = values.pop("parts")
        for name, _kind in KINDS:
            del values[name]
        bodies, words = values.pop("bodies"), values.pop("words")
        target = values.pop("target_date")
        made = self.make_recommendation(values.pop("title"), lead_officer=None, **values)
        named = [Organisation.objects.get(name=name) for name in bodies]
        made.contributors.set(named)
        Addressee.objects.bulk_create(Addressee(recommendation=made, organisation=b) for b in named)
        for label, text in parts:
            given = {"recommendation": made, "label": label, "text": text}
            add_part(by=self.manager, values=given)
        if target:
            set_first(recommendation=made, by=self.manager, new_date=target, reason="As agreed.")
        if words:
            ReportedStatus.objects.create(
                recommendation=made,
                words=words[0],
                as_of=words[1],
                note=words[2],
                file_name="old.csv",
                recorded_at=timezone.now(),
                recorded_by=self.manager,
            )
        return made

    def _leave(self) -> None:
        """Another tracker: a source of the same prefix that holds nothing yet."""
        taken = Source.objects.count()
        Source.objects.filter(reference_prefix="REP").update(reference_prefix=f"OLD{taken}")
        old = Recommendation.objects.filter(reference__startswith="REP-")
        for row in old:
            row.reference = f"OLD{taken}-{row.number}"
            row.save()
        self.other = Source.objects.create(
            slug=f"other-{taken}", title="Other", short_title="Other", reference_prefix="REP"
        )

    def _bring(self, data: bytes, name: str, *, again: bool = False) -> int:
        columns = propose(open_table(io.BytesIO(data), name).header)
        self.assertEqual(set(columns.values()) | {"x"}, IMPORTABLE | {"x"})
        try:
            done = import_spreadsheet(
                upload=Upload(io.BytesIO(data), name),
                source=self.other,
                by=self.manager,
                options=SpreadsheetOptions(ColumnMap(columns)),
            )
        except ImportRefused as refusal:
            self.fail(
                [(g.code.label, g.messages) for g in refusal.plan.groups if g.code.is_rejection]
            )
        return len(done.written) if again else 0

    def _exported(self, code: str, source: Source | None = None) -> bytes:
        today = timezone.localdate()
        listed = lists.recommendations(self.manager, today)
        found = listed.found if source is None else listed.found.filter(source=source)
        # What relates both ways is kept on the row that comes first.
        found = found.order_by(*TIES)
        lines = read_rows(
            found, recommendation_lines(self.manager, timezone.localdate()), batch=500
        )
        made = recommendation_sheet(lines, self.manager)
        return b"".join(FORMATS[code].write(made))

    @staticmethod
    def _rows(data: bytes) -> list[dict[str, Any]]:
        """All but where they are kept and when they came here."""
        return [
            {name: value for name, value in row.items() if name != "source"}
            for row in json.loads(data)
        ]


RATINGS = {fold_text(code): code for code in Confidence.values}

IMPORTABLE = {Field(column.name) for column in INTERNAL if column.name in Field.values}


class StatusRoundTripTests(TrackerTestCase):
    """Current statuses leave one source, and open another that has none."""

    def test_statuses_that_a_manager_exports_are_the_same_as_opening_statuses(self) -> None:
        statuses = (
            {"implementation_status": "in_progress", "confidence": "green"},
            {"implementation_status": "not_implemented", "closing_reason": "No law allows it."},
            {"implementation_status": "not_started", "confidence": "red", "asked_for": "Money."},
        )
        about = [self.make_recommendation(name, external_id=name) for name in "ABC"]
        self.make_recommendation("Without a status", external_id="D")
        archive(recommendation=self.recommendation, by=self.manager, reason="other")
        for number, (row, stated) in enumerate(zip(about, statuses, strict=True)):
            day = date(2024, 3, number + 1)
            rated = {"confidence": "not_rated", **stated, "as_of": day}
            update = self.make_submitted(row, what_happened=f"Line one.\nLine {number}.", **rated)
            for place in "ab":
                values = {"title": place, "kind": "web_page", "url": f"https://example.org/{place}"}
                link_evidence(to=update, by=self.staff, stance="supports", values=values)
            approve_update(update=update, by=self.manager)
        for code in ("csv", "xlsx", "json"):
            data = self.exported(self.source, code)
            other = Source.objects.create(
                slug=f"other-{code}", title="Other", short_title="Other", reference_prefix=code
            )
            header = open_table(io.BytesIO(data), f"list.{code}").header
            named = {name: code for name, code in propose(header).items() if name != "reference"}
            options = SpreadsheetOptions(ColumnMap(named, confidences=RATINGS, takes_over=True))
            upload = Upload(io.BytesIO(data), f"list.{code}")
            plan = import_spreadsheet(upload=upload, source=other, by=self.manager, options=options)
            assert plan.batch is not None
            approve_batch(batch=plan.batch, by=self.other_manager, seen=seen(plan.batch))
            self.assertEqual(self.stated(other), self.stated(self.source), code)
            self.assertEqual(
                Recommendation.objects.filter(source=other, current_update__kind="opening").count(),
                3,
            )

    def stated(self, source: Source) -> list[dict[str, Any]]:
        """What an export says of statuses."""
        names = (
            *("title", "latest_status_code", "latest_confidence_code", "latest_as_of"),
            *("latest_completed_on", "latest_progress", "evidence_addresses"),
        )
        rows = json.loads(self.exported(source, "json"))
        return [{name: row[name] for name in names} for row in rows]

    def exported(self, source: Source, code: str) -> bytes:
        found = lists.recommendations(self.manager, timezone.localdate()).found
        lines = read_rows(
            found.filter(source=source, is_archived=False),
            recommendation_lines(self.manager, timezone.localdate()),
            batch=500,
        )
        return b"".join(FORMATS[code].write(recommendation_sheet(lines, self.manager)))
