"""The rules that one row can show, held by the database itself: no action and no form in between.

Each constraint is tried with all it speaks of set, with none of it, and with one thing missing.
Those of updates, evidence and figures stand in the files beside this one.
"""

import re
from pathlib import Path

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction

from recommendations.models import (
    Addressee,
    Area,
    ChainHead,
    Indicator,
    Organisation,
    Source,
    Target,
)
from tests.base import TrackerTestCase
from tests.models.constraints import BEFORE, NOW, TODAY, ConstraintTestCase, Rule, Values


class OtherConstraintTests(ConstraintTestCase):
    def test_a_recommendation_has_a_reference_that_fits_an_address(self) -> None:
        self.assert_rule(
            Rule(
                "recommendation_reference_is_slug",
                self.recommendation,
                holds=[{"reference": value} for value in ("DSR-3", "a", "111.10", "A_b-c.d")],
                breaks=[{"reference": value} for value in ("", "-1", "a b", "a/b", "ä", "<b>")],
            )
        )

    def test_a_recommendation_is_reported_every_1_to_60_months(self) -> None:
        self.assert_rule(
            Rule(
                "recommendation_interval_in_range",
                self.recommendation,
                holds=[{"interval_months": 1}, {"interval_months": 60}],
                breaks=[{"interval_months": 0}, {"interval_months": 61}],
            )
        )

    def test_publication_says_by_whom_and_when(self) -> None:
        self.assert_rule(
            Rule(
                "recommendation_published_together",
                self.recommendation,
                holds=[{}, {"published_at": NOW, "published_by": self.manager}],
                breaks=[{"published_at": NOW}, {"published_by": self.manager}],
            )
        )

    def test_archiving_says_by_whom_when_and_why(self) -> None:
        archived: Values = {
            "archived_at": NOW,
            "archived_by": self.manager,
            "archive_reason": "duplicate",
        }
        empty: Values = {"archived_at": None, "archived_by": None, "archive_reason": ""}
        self.assert_rule(
            Rule(
                "recommendation_archived_together",
                self.recommendation,
                holds=[{}, archived],
                breaks=[{**archived, missing: empty[missing]} for missing in archived],
            )
        )

    def test_amended_wording_has_a_reason(self) -> None:
        amended: Values = {"wording_amended_at": NOW, "wording_reason": "A slip of the printer."}
        self.assert_rule(
            Rule(
                "recommendation_amended_with_reason",
                self.recommendation,
                holds=[{}, amended],
                breaks=[{**amended, "wording_reason": ""}],
            )
        )

    def test_a_number_is_given_once_in_a_source(self) -> None:
        second = self.make_recommendation("Do another thing")
        with self.assertRaises(IntegrityError), transaction.atomic():
            self.write(second, {"number": self.recommendation.number})

    def test_a_source_dates_itself_or_says_that_the_day_is_unknown(self) -> None:
        self.assert_rule(
            Rule(
                "source_date_has_precision",
                self.source,
                holds=[
                    {"published_on": TODAY, "date_precision": "year"},
                    {"published_on": None, "date_precision": "unknown"},
                ],
                breaks=[
                    {"published_on": TODAY, "date_precision": "unknown"},
                    {"published_on": None, "date_precision": "year"},
                ],
            )
        )

    def test_an_inferred_date_says_why(self) -> None:
        self.assert_rule(
            Rule(
                "source_inferred_date_has_reason",
                self.source,
                holds=[
                    {"date_mark": "stated"},
                    {"date_mark": "inferred", "date_reason": "By ink."},
                ],
                breaks=[{"date_mark": "inferred"}],
            )
        )

    def test_an_organisation_ends_after_it_began(self) -> None:
        self.assert_rule(
            Rule(
                "organisation_valid_from_before_to",
                self.agency,
                holds=[
                    {},
                    {"valid_from": BEFORE},
                    {"valid_to": BEFORE},
                    {"valid_from": BEFORE, "valid_to": TODAY},
                    {"valid_from": TODAY, "valid_to": TODAY},
                ],
                breaks=[{"valid_from": TODAY, "valid_to": BEFORE}],
            )
        )

    def test_an_organisation_does_not_succeed_itself(self) -> None:
        self.assert_rule(
            Rule(
                "organisation_not_its_own_successor",
                self.agency,
                holds=[{"successor": None}, {"successor": self.ministry}],
                breaks=[{"successor": self.agency}],
            )
        )

    def test_an_addressee_is_an_area_or_an_organisation(self) -> None:
        area = self.make_area()
        row = Addressee.objects.create(recommendation=self.recommendation, area=area)
        self.assert_rule(
            Rule(
                "addressee_is_one_of_both",
                row,
                holds=[
                    {"area": area, "organisation": None},
                    {"area": None, "organisation": self.agency},
                ],
                breaks=[
                    {"area": area, "organisation": self.agency},
                    {"area": None, "organisation": None},
                ],
            )
        )

    def test_two_areas_share_no_code_and_may_both_lack_one(self) -> None:
        first = self.make_area("one", iso2="NA", iso3="NAM", m49="516")
        second = self.make_area("two")
        self.make_area("three")
        for name in ("iso2", "iso3", "m49"):
            with self.subTest(name), self.assertRaises(IntegrityError), transaction.atomic():
                self.write(second, {name: getattr(first, name)})

    def test_the_chain_has_one_head(self) -> None:
        head = ChainHead.objects.get()
        self.assert_rule(Rule("chain_head_is_one_row", head, holds=[{"id": 1}], breaks=[{"id": 2}]))
        with self.assertRaises(IntegrityError), transaction.atomic():
            ChainHead.objects.bulk_create([ChainHead(pk=2)])


class ValidationTests(TrackerTestCase):
    """The same rules where a form asks: a sentence instead of an error of the database."""

    def assert_refused(self, thing: models.Model, words: str) -> None:
        with self.assertRaises(ValidationError) as refusal:
            thing.full_clean()
        self.assertIn(words, str(refusal.exception))

    def test_the_broken_rule_is_told_in_words(self) -> None:
        cases: list[tuple[models.Model, str]] = [
            (
                Organisation(slug="x", name="X", valid_from=TODAY, valid_to=BEFORE),
                "must not be after",
            ),
            (
                Source(
                    slug="x", title="X", short_title="X", reference_prefix="X", published_on=TODAY
                ),
                "Enter the date and its precision, or neither.",
            ),
            (Addressee(recommendation=self.recommendation), "not both"),
            (
                Target(
                    indicator=self.make_indicator(),
                    area=self.make_area(),
                    kind="target",
                    period="2030",
                ),
                "Enter a value or describe the value in words.",
            ),
            (
                Indicator(
                    code="a b",
                    title="X",
                    definition="X",
                    unit="X",
                    measure="1",
                    direction="increase",
                ),
                "letters, digits, points and dashes",
            ),
        ]
        for thing, words in cases:
            with self.subTest(words):
                self.assert_refused(thing, words)

    def test_rows_that_hold_pass_on_both_engines(self) -> None:
        Organisation(slug="x", name="X", successor=self.agency).full_clean()
        Area(code="x", name="X", kind="group").full_clean()
        self.recommendation.full_clean()
        self.source.full_clean()
        self.agency.full_clean()


class CompletenessTests(TrackerTestCase):
    """A constraint that these files do not name is a constraint that nobody tried."""

    def test_every_constraint_is_tried(self) -> None:
        files = Path(__file__).parent.glob("test_*constraints.py")
        words = "".join(file.read_text() for file in files)
        tried = set(re.findall(r'"(\w+)"', words))
        tried |= {f"area_{field}_unique" for field in ("iso2", "iso3", "m49")}
        for model in apps.get_app_config("recommendations").get_models():
            for constraint in model._meta.constraints:
                with self.subTest(constraint.name):
                    self.assertTrue(constraint.name in tried)

    def test_the_database_holds_every_constraint(self) -> None:
        for model in apps.get_app_config("recommendations").get_models():
            with connection.cursor() as cursor:
                found = connection.introspection.get_constraints(cursor, model._meta.db_table)
            for constraint in model._meta.constraints:
                self.assertIn(constraint.name, found)
