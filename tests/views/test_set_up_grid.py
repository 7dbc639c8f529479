"""The grid of recommendations: defaults, pasted rows, the preview, and all or nothing."""

from typing import Any
from unittest import mock

from django.core.exceptions import ValidationError
from django.test import TestCase

from recommendations.actions.recommendations import add_grid, add_recommendation
from recommendations.models import AuditEvent, Organisation, Recommendation, Source, User
from recommendations.queries.setup import MOST_ROWS, plan_grid
from tests.base import World
from tests.views.pages import PageTestCase, client_of, counting, words_of

PAGE = "/set-up/recommendations/"

DEFAULTS = {
    "source": "report",
    "default_lead": "Ministry A",
    "default_lead_officer": "Staff",
    "default_reviewer": "manager",
    "default_target_date": "2027-06-30",
    "default_interval_months": "3",
    "default_nature": "time_bound",
    "reason": "As the plan says.",
    "rows": "5",
}


class GridTestCase(PageTestCase):
    def send(self, move: str, person: User | None = None, **data: Any) -> Any:
        return self.post(PAGE, person or self.administrator, **{**DEFAULTS, **data, "move": move})

    def add(self, person: User | None = None, **data: Any) -> Any:
        """Preview, then add what that showed."""
        shown = self.send("preview", person, **data)
        self.assertEqual(shown.status_code, 200, words_of(shown))
        plan, form = shown.context["plan"], shown.context["form"]
        cells = {name: form[name].value() or "" for name in form.fields}
        cells |= {"rows": form.n_rows, "seen": plan.digest, "pasted": ""}
        return self.send("add", person, **cells)

    def added(self) -> list[Recommendation]:
        return list(Recommendation.objects.exclude(pk=self.recommendation.pk).order_by("number"))


class PageTests(GridTestCase):
    def test_it_begins_with_the_newest_source_or_the_one_of_the_address(self):
        Source.objects.create(slug="new", title="New", short_title="New", reference_prefix="NEW")
        for query, slug in (
            ({}, "new"),
            ({"source": "report"}, "report"),
            ({"source": "\0"}, "new"),
        ):
            form = self.get(PAGE, self.manager, **query).context["form"]
            self.assertEqual(form["source"].value(), slug)
            self.assertEqual(form["default_lead"].value(), "Ministry A")

    def test_it_asks_as_much_for_many_rows_as_for_one(self):
        counts = []
        for number in (1, 30):
            pasted = "\n".join(f"Title {each}" for each in range(number))
            self.send("preview", pasted=pasted)
            with counting() as captured:
                self.assertEqual(self.send("preview", pasted=pasted).status_code, 200)
            counts.append(len(captured))
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[1], 24)


class WithoutSourceTests(World, TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.make_world()
        Source.objects.all().delete()

    def test_it_leads_to_the_step_before(self):
        page = client_of(self.administrator).get(PAGE)
        self.assertContains(page, 'href="/set-up/source/"')
        self.assertNotContains(page, "Paste from a spreadsheet")


class PasteTests(GridTestCase):
    def test_twelve_titles_are_enough(self):
        self.add(pasted="\r\n".join(f"Recommendation {number}" for number in range(1, 13)))
        made = self.added()
        self.assertEqual([each.reference for each in made], [f"REP-{n}" for n in range(2, 14)])
        first = made[0]
        self.assertEqual(first.summary, "Recommendation 1")
        self.assertEqual((first.lead, first.lead_officer), (self.ministry, self.staff))
        self.assertEqual((first.reviewer, first.interval_months), (self.manager, 3))
        self.assertEqual(first.target_date.isoformat(), "2027-06-30")
        self.assertEqual(first.date_changes.get().reason, "As the plan says.")

    def test_cells_come_before_defaults(self):
        self.add(
            pasted="Ducts\tContinuous\tAgency B\tother_staff\tother_manager@example.org"
            "\t\t12\tShare."
        )
        [made] = self.added()
        self.assertEqual((made.nature, made.lead), ("continuous", self.agency))
        self.assertEqual((made.lead_officer, made.reviewer), (self.other_staff, self.other_manager))
        self.assertEqual((made.interval_months, made.summary), (12, "Share."))
        # The default of the date is for what ends.
        self.assertIsNone(made.target_date)

    def test_a_first_row_of_names_orders_the_columns(self):
        self.add(pasted="Target date\tRecommendation\tx\n31 December 2028\tConnect schools\ty")
        [made] = self.added()
        self.assertEqual((made.title, str(made.target_date)), ("Connect schools", "2028-12-31"))

    def test_quoted_cells_hold_tabs_and_line_breaks(self):
        self.add(pasted='"Connect\n\tschools"\n5" screens')
        self.assertEqual([each.title for each in self.added()], ["Connect schools", '5" screens'])

    def test_pasted_rows_follow_those_that_were_typed(self):
        self.add(title2="Typed", pasted="Pasted")
        self.assertEqual([each.title for each in self.added()], ["Typed", "Pasted"])

    def test_too_many_rows_are_refused_and_kept(self):
        text = "\n".join(f"Title {number}" for number in range(MOST_ROWS + 1))
        response = self.send("preview", pasted=text)
        self.assertEqual(response.status_code, 400)
        self.assert_words(words_of(response), f"At most {MOST_ROWS} rows at once.")
        self.assertContains(response, f"Title {MOST_ROWS}", status_code=400)


class RefusedTests(GridTestCase):
    def test_errors_name_row_and_column_and_nothing_is_added(self):
        for cells, words in (
            ({"lead_officer2": "Nobody"}, "Row 2, Lead officer: No active person"),
            ({"lead_officer2": "viewer"}, "Row 2, Lead officer: No active person"),
            ({"reviewer2": "staff"}, "Row 2, Reviewer: “staff” is not a manager"),
            ({"target_date2": "soon"}, "Row 2, First target date: “soon” is not a date"),
            ({"target_date2": "1/2/2027"}, "Row 2, First target date: numeric dates"),
            ({"interval_months2": "99"}, "Row 2, Reporting frequency (months): Enter a number"),
            ({"nature2": "eternal"}, "Row 2, Nature: Select a valid choice."),
            ({"title2": "", "lead2": "Agency B"}, "Row 2, Title: Enter the title."),
            ({"title2": "x" * 201}, "Row 2, Title: Ensure this value has at most 200"),
            ({"title2": "a\u202eb"}, "Row 2, Title: Character 2"),
            ({"pasted": "A\tB"}, "Row 3, Nature: Select a valid choice."),
            ({"default_lead_officer": "Nobody"}, "Row 1, Lead officer: No active person"),
            ({"title1": "", "title2": ""}, "Enter at least one title."),
            ({"reason": ""}, "Reason for the first target dates: This field is required."),
        ):
            with self.subTest(cells=cells):
                response = self.send("preview", **{"title1": "One", "title2": "Two", **cells})
                self.assertEqual(response.status_code, 400)
                self.assert_words(words_of(response), words)
                self.assertIsNone(response.context["plan"])
        self.assertEqual(self.added(), [])

    def test_a_name_that_two_people_have_is_refused(self):
        User.objects.filter(username="other_staff").update(first_name="Staff")
        response = self.send("preview", title1="One")
        self.assert_words(words_of(response), "Several people are called “Staff”.")

    def test_all_or_nothing(self):
        """What only the second row meets takes back the first."""
        before = AuditEvent.objects.count()
        rows = [{"title": "One", "lead": "New body"}, {"title": "Two"}]
        plan = plan_grid(self.source, rows, {}, self.administrator)
        refused = [mock.DEFAULT, ValidationError({"title": ["No."]})]
        name = "recommendations.actions.recommendations.add_recommendation"
        given: dict[str, Any] = {"rows": rows, "defaults": {}, "reason": "x"}
        with mock.patch(name, wraps=add_recommendation, side_effect=refused):
            errors = self.errors_of(
                lambda: add_grid(
                    source=self.source, by=self.administrator, expected=plan.digest, **given
                )
            )
        self.assertEqual(errors, ["title2"])
        self.assertEqual((self.added(), AuditEvent.objects.count()), ([], before))
        self.assertFalse(Organisation.objects.filter(name="New body").exists())

    def test_what_changed_since_the_preview_is_shown_again(self):
        given = {"title1": "One", "default_lead": "Fish board"}
        self.assertEqual(self.send("add", **given).status_code, 409)  # without a preview
        shown = self.send("preview", **given)
        other = self.send("add", seen=shown.context["plan"].digest, **{**given, "title1": "Two"})
        self.assert_words(words_of(other), "You changed entries after the preview.")
        Organisation.objects.create(slug="fish", name="Fish board")
        response = self.send("add", seen=shown.context["plan"].digest, **given)
        self.assertEqual(response.status_code, 409)
        self.assert_words(words_of(response), "Records changed since the preview.")
        self.assertEqual(self.added(), [])
        again = self.send("add", seen=response.context["plan"].digest, **given)
        self.assertEqual(again.status_code, 302)


class DefaultTests(GridTestCase):
    def test_an_empty_cell_shows_the_default_that_it_takes(self):
        response = self.send("preview", title1="One", title2="Two", nature2="continuous")
        form = response.context["form"]
        shown = [form[f"target_date{n}"].field.widget.attrs["placeholder"] for n in (1, 2)]
        self.assertEqual(shown, ["30 June 2027", ""])
        self.assertEqual(form["lead1"].field.widget.attrs["placeholder"], "Ministry A")

    def test_a_default_that_is_no_date_is_told_once(self):
        response = self.send("preview", title1="One", default_target_date="2027-99-99")
        self.assertEqual(response.status_code, 400)
        self.assert_words(words_of(response), "First target date: Enter a valid date.")


class OrganisationTests(GridTestCase):
    def test_a_new_organisation_is_told_and_added_once(self):
        data = {"title1": "One", "title2": "Two", "default_lead": "Fish board"}
        shown = self.send("preview", **data)
        self.assertEqual(words_of(shown).count("New organisation: Fish board"), 1)
        self.assertFalse(Organisation.objects.filter(name="Fish board").exists())
        self.assertRedirects(self.add(**data), "/set-up/")
        self.assertEqual({str(each.lead) for each in self.added()}, {"Fish board"})

    def test_a_manager_adds_recommendations_but_no_organisation(self):
        response = self.send("preview", self.manager, title1="One", default_lead="Fish board")
        self.assert_words(words_of(response), "An administrator adds organisations.")
        self.assertRedirects(self.add(self.manager, title1="One"), "/set-up/")


class MoreRowsTests(GridTestCase):
    def test_rows_are_added_and_what_was_typed_stays(self):
        response = self.send("more", title1="Kept", reviewer1="nobody at all")
        self.assertEqual(response.status_code, 200)
        form = response.context["form"]
        self.assertEqual((form.n_rows, form["title1"].value()), (10, "Kept"))
        self.assertEqual(form["reviewer1"].value(), "nobody at all")
        self.assertContains(response, 'name="rows" value="10"')

    def test_there_is_an_end(self):
        form = self.send("more", rows=str(MOST_ROWS)).context["form"]
        self.assertEqual(form.n_rows, MOST_ROWS)
