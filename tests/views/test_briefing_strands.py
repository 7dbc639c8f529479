"""Parts, themes and relations in the briefings of a recommendation and of its source."""

from django.test import override_settings

from recommendations.actions import recommendations, relations, themes
from tests.actions.test_parts import PartTestCase
from tests.views.test_briefings import ONE, SOURCE, BriefingTestCase


class StrandsTests(BriefingTestCase, PartTestCase):
    def add_theme(self, name: str) -> None:
        theme = themes.add_theme(by=self.manager, values={"name": name})
        self.recommendation.refresh_from_db()
        self.recommendation = recommendations.revise_recommendation(
            recommendation=self.recommendation,
            by=self.manager,
            expected_version=self.recommendation.version,
            values={"themes": [*self.recommendation.themes.all(), theme]},
        )

    def table(self, path: str, heading: str) -> list[list[str]]:
        """The texts of the table below a heading."""
        blocks = self.made(path, self.viewer)["blocks"]
        at = [block.get("text") for block in blocks].index(heading)
        table = next(block for block in blocks[at:] if block["kind"] == "Table")
        return [[cell["text"] for cell in row] for row in table["rows"]]

    def test_each_part_with_its_state(self) -> None:
        self.approve(self.submitted(0, 2))
        self.assertIn("2 of 4 parts complete", self.text(ONE, self.viewer))
        rows = self.table(ONE, "Parts")
        self.assertEqual([row[0] for row in rows], [f"({x}) Strand {x}." for x in "abcd"])
        is_complete = [row[1].startswith("Complete as of") for row in rows]
        self.assertEqual(is_complete, [True, False, True, False])
        self.assertEqual(rows[1][1], "Not complete")

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_gets_parts_and_no_themes_and_relations(self) -> None:
        self.add_theme("Standards")
        self.relate("depends_on")
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        text = self.text(ONE)
        self.assertIn("0 of 4 parts complete", text)
        for words in ("Standards", "Lay the cable", "Themes and relations"):
            self.assertNotIn(words, text)

    def relate(self, kind: str) -> None:
        other = self.make_recommendation("Lay the cable")
        values = {"recommendation": self.recommendation, "other": other, "kind": kind}
        relations.add_relation(by=self.manager, values=values)

    def test_themes_and_relations_with_what_blocks(self) -> None:
        self.add_theme("Standards")
        self.relate("depends_on")
        text = self.text(ONE, self.viewer)
        self.assertIn("Themes | Standards", text)
        self.assertIn("Depends on | REP-2 Lay the cable (No report yet)", text)
        other = self.recommendation.relations.live().get().other
        recommendations.archive(recommendation=other, by=self.manager, reason="duplicate")
        self.assertIn("(closed without being implemented: Archived:", self.text(ONE, self.viewer))

    def test_a_source_counts_by_theme_and_says_how_many_are_left_out(self) -> None:
        self.assertNotIn("By theme", self.text(SOURCE, self.viewer))
        for name in "ABCDEFG":
            self.add_theme(f"Theme {name}")
        rows = self.table(SOURCE, "By theme")
        self.assertEqual([row[0] for row in rows], [f"Theme {x}" for x in "ABCD"])
        self.assertIn("has 3 further themes", self.text(SOURCE, self.viewer))
