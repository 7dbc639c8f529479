"""Parts and relations in a spreadsheet: added and changed, never removed, by the rules of pages."""

from typing import Any
from unittest import TestCase, mock

from hypothesis import given
from hypothesis import strategies as st

from recommendations.actions import recommendations, structure
from recommendations.actions.imports.pipeline import ImportRefused
from recommendations.actions.imports.spreadsheet import (
    FindingCode,
    SpreadsheetImport,
    SpreadsheetPlan,
)
from recommendations.actions.imports.spreadsheet.related_records import circles
from recommendations.models import (
    AuditEvent,
    Part,
    RecommendationRelation,
    RecommendationState,
    Source,
)
from tests.audit.rows import changes_in
from tests.imports.test_imports import ImportTestCase

HEADER = ("id", "title", "Strands", "Depends on", "See also")


class PartsTests(ImportTestCase):
    def bring_parts(self, cell: str, **options: Any) -> SpreadsheetPlan:
        return self.bring(("A1", "Do A1", cell, "", ""), header=HEADER, **options)

    def look_at(self, cell: str) -> SpreadsheetPlan:
        return self.look(("A1", "Do A1", cell, "", ""), header=HEADER)

    def kept(self) -> list[tuple[str, int, str]]:
        living = Part.objects.living().filter(recommendation=self.found())
        return list(living.values_list("label", "position", "text"))

    def test_parts_are_added_changed_and_never_removed(self) -> None:
        shown = self.look_at("(a) Keep a register.\n(b) Publish it.")
        told = [(c.label, c.before, c.after) for c in shown.rows[0].changes]
        added = [("part (a)", "", "Keep a register."), ("part (b)", "", "Publish it.")]
        self.assertEqual(told, added)
        self.bring_parts("(a) Keep a register.\n(b) Publish it.", expected=shown.digest)
        event = AuditEvent.objects.get(verb="import")
        for part in Part.objects.all():
            self.assertIn("text", changes_in(event, part))
        self.bring_parts("(c) Inform users.\n(a) Keep a public register.")
        first = ("a", 1, "Keep a public register.")
        self.assertEqual(self.kept(), [first, ("b", 2, "Publish it."), ("c", 3, "Inform users.")])
        self.assertEqual(Part.objects.get(label="a").version, 2)
        self.assertEqual(RecommendationState.objects.get(pk=self.found().pk).parts, 3)
        events = AuditEvent.objects.count()
        self.assertFalse(self.bring_parts("(b) Publish it.").written)
        self.assertEqual(AuditEvent.objects.count(), events)
        # One that was removed may be named again.
        structure.remove_part(part=Part.objects.get(label="a"), by=self.manager)
        self.bring_parts("(a) Publish all.")
        self.assertIn(("a", 4, "Publish all."), self.kept())

    def test_what_is_no_part_is_told_with_row_and_column(self) -> None:
        too_many = "\n".join(f"({n}) Text." for n in range(27))
        for cell, words in (
            ("Keep a register.", "Strands: “Keep a register.” has no label"),
            ("(a) One.\n(a) Two.", "Strands: two parts have the same label"),
            ("(of-thirteen-c) One.", "Strands: Ensure this value has at most 12 characters"),
            (too_many, "Strands: A recommendation has at most 26 parts."),
        ):
            with self.subTest(words):
                [group] = self.look_at(cell).groups[:1]
                self.assertEqual((group.code, group.lines), (FindingCode.WRONG_CELL, [2]))
                self.assertIn(words, group.findings[0].message)
                with self.assertRaises(ImportRefused):
                    self.bring_parts(cell)

    def test_published_parts_are_kept_and_told(self) -> None:
        self.bring_parts("(a) Keep a register.")
        recommendations.publish_recommendation(recommendation=self.found(), by=self.manager)
        planned = self.bring_parts("(a) Another.\n(b) Publish it.")
        self.assertEqual(self.codes(planned)[FindingCode.WORDING_PUBLIC], [2])
        self.assertIn("parts (a), (b)", planned.groups[-1].findings[0].message)
        self.assertEqual(self.kept(), [("a", 1, "Keep a register.")])
        self.assertNotIn(
            FindingCode.WORDING_PUBLIC, self.codes(self.look_at("(a) Keep a register."))
        )


class RelationsTests(ImportTestCase):
    def rows(self, *rows: tuple[str, str, str]) -> list[tuple[str, ...]]:
        return [(number, f"Do {number}", "", *named) for number, *named in rows]

    def bring_rows(self, *rows: tuple[str, str, str], **options: Any) -> SpreadsheetPlan:
        return self.bring(*self.rows(*rows), header=HEADER, **options)

    def look_at(self, *rows: tuple[str, str, str]) -> SpreadsheetPlan:
        return self.look(*self.rows(*rows), header=HEADER)

    def kept(self) -> set[tuple[str, str, str]]:
        live = RecommendationRelation.objects.live()
        return set(live.values_list("recommendation__external_id", "kind", "other__external_id"))

    def test_rows_name_each_other_earlier_or_later(self) -> None:
        rows = (("A1", "A3; A2", ""), ("A2", "", "A3"), ("A3", "", "A2"))
        shown = self.look_at(*rows)
        told = [(c.label, c.after) for c in shown.rows[0].changes]
        self.assertEqual(told, [("Depends on", "A3"), ("Depends on", "A2")])
        self.bring_rows(*rows, expected=shown.digest)
        expected = {
            ("A1", "depends_on", "A2"),
            ("A1", "depends_on", "A3"),
            ("A2", "related", "A3"),
        }
        self.assertEqual(self.kept(), expected)
        self.assertFalse(self.bring_rows(*rows).written)
        self.assertFalse(self.bring_rows(("A1", "", ""), ("A3", "", "A2")).written)
        self.assertEqual(self.kept(), expected)

    def test_references_of_any_source_are_known(self) -> None:
        other = Source.objects.create(
            slug="other", title="Other", short_title="Other", reference_prefix="OTH"
        )
        self.make_recommendation("Elsewhere", source=other, external_id="there")
        self.bring_rows(("A1", "OTH-1; REP-1", ""))
        live = RecommendationRelation.objects.live()
        named = live.values_list("other__reference", flat=True)
        self.assertEqual(set(named), {"OTH-1", "REP-1"})

    def told(self, planned: SpreadsheetPlan, code: FindingCode) -> list[tuple[int, str]]:
        [group] = [each for each in planned.groups if each.code == code]
        return [(found.line, found.message) for found in group.findings]

    def test_what_does_not_exist_is_told_with_row_and_column_and_left_out(self) -> None:
        gone = self.make_recommendation("Gone", external_id="A9")
        recommendations.archive(recommendation=gone, by=self.manager, reason="duplicate")
        planned = self.bring_rows(("A1", "A2; A7", "A9"), ("A2", "", ""))
        told = self.told(planned, FindingCode.UNKNOWN_RELATION)
        self.assertEqual(told, [(2, "Depends on: A7"), (2, "See also: A9")])
        self.assertEqual(self.kept(), {("A1", "depends_on", "A2")})

    def test_a_circle_of_any_length_rejects_its_rows(self) -> None:
        itself = self.look_at(("A1", "A1", ""))
        told = [(2, "Depends on: Choose another recommendation.")]
        self.assertEqual(self.told(itself, FindingCode.WRONG_CELL), told)
        self.bring_rows(("A1", "", ""), ("A2", "A1", ""))
        rows = (("A1", "A4", ""), ("A3", "A2", ""), ("A4", "A3", ""), ("A5", "A4", ""))
        words = "Depends on: {} depends on {}, directly or through others"
        ends = ((2, "A4", "A1"), (3, "A2", "A3"), (4, "A3", "A4"))
        told = [(line, words.format(*names)) for line, *names in ends]
        self.assertEqual(self.told(self.look_at(*rows), FindingCode.WRONG_CELL), told)
        with self.assertRaises(ImportRefused):
            self.bring_rows(*rows)
        done = self.bring_rows(*rows, skip_rejected=True)
        self.assertEqual([row.record.name for row in done.written], ["A5"])
        self.assertEqual(self.codes(done)[FindingCode.UNKNOWN_RELATION], [5])
        self.assertEqual(self.kept(), {("A2", "depends_on", "A1")})

    def test_a_relation_that_another_adds_meanwhile_makes_the_plan_anew(self) -> None:
        self.bring_rows(("A1", "", ""), ("A2", "", ""))
        ends = {"recommendation": self.found("A2"), "other": self.found("A1")}
        values = {**ends, "kind": "depends_on"}
        plan = SpreadsheetImport.plan

        def planned(*args: Any) -> SpreadsheetPlan:
            made = plan(*args)
            if not self.kept():
                structure.add_relation(by=self.other_manager, values=values)
            return made

        meanwhile = mock.patch.object(SpreadsheetImport, "plan", autospec=True, side_effect=planned)
        with meanwhile, self.assertRaises(ImportRefused):
            self.bring_rows(("A1", "A2", ""))
        self.assertEqual(self.kept(), {("A2", "depends_on", "A1")})

    def test_what_is_planned_reads_relations_once(self) -> None:
        rows = [(f"B{n}", f"B{n + 1}" if n < 29 else "", "A1") for n in range(30)]
        with self.assertNumQueries(15):
            self.look_at(("A1", "", ""), *rows)


NODES = st.integers(0, 6)


class CirclesTests(TestCase):
    @given(st.lists(st.tuples(NODES, NODES), max_size=14))
    def test_two_share_a_circle_just_where_each_leads_to_the_other(self, edges: Any) -> None:
        reach = {n: {other for here, other in edges if here == n} for n in range(7)}
        for _step in range(7):
            for found in reach.values():
                for node in list(found):
                    found |= reach[node]
        groups = circles(edges)
        for here in range(7):
            for other in set(range(7)) - {here}:
                is_shared = here in groups and groups[here] == groups.get(other)
                self.assertEqual(is_shared, here in reach[other] and other in reach[here])

    def test_a_long_chain_and_a_long_ring(self) -> None:
        chain = [(n, n + 1) for n in range(20_000)]
        self.assertEqual(circles(chain), {})
        self.assertEqual(len(circles([*chain, (20_000, 0)])), 20_001)
