"""The set-up of a site: source, people, invitations, and the grid of recommendations."""

from datetime import timedelta
from typing import Any
from unittest import mock

from axes.models import AccessAttempt
from django.core.exceptions import ValidationError
from django.urls import reverse

from recommendations.actions import people
from recommendations.actions.oversight.sign_ins import FREE_TRIES
from recommendations.actions.recommendations import add_grid, add_recommendation
from recommendations.choices import Role
from recommendations.models import (
    AuditEvent,
    Invitation,
    Organisation,
    OutgoingMail,
    Recommendation,
    Source,
    User,
)
from recommendations.queries.people import token_of
from recommendations.queries.setup import MOST_ROWS, plan_grid
from tests.base import make_person
from tests.views.pages import PageTestCase, client_of, counting, words_of

SOURCE, PEOPLE = "/set-up/source/", "/set-up/people/"


class StepTestCase(PageTestCase):
    def assert_told(self, path: str, table: Any) -> None:
        """What is wrong is said beside it, and nothing is written."""
        events = AuditEvent.objects.count()
        for data, words in table:
            with self.subTest(data=data):
                response = self.post(path, self.administrator, **data)
                self.assertEqual(response.status_code, 400)
                self.assert_words(words_of(response), words)
        self.assertEqual(AuditEvent.objects.count(), events)

    def invite(self, email: str = "one@example.org", **values: Any) -> Invitation:
        return people.invite(
            **{"by": self.administrator, "email": email, "role": Role.VIEWER, **values}
        )


class SourceTests(StepTestCase):
    def test_what_is_wrong_is_said_beside_it(self):
        self.assert_told(
            SOURCE,
            (
                ({"title": "", "reference_prefix": "RBR"}, "Enter the title of the source."),
                ({"title": "A", "reference_prefix": ""}, "Enter the prefix of the references."),
                ({"title": "A", "reference_prefix": "REP"}, "already exists"),
                ({"title": "A", "reference_prefix": "R B"}, "valid “slug”"),
                ({"title": "A", "reference_prefix": "RB", "url": "no"}, "Enter a valid URL."),
            ),
        )

    def test_a_manager_is_told_who_does_it(self):
        for path, told, button, data in (
            (SOURCE, "adds sources", "Add source", {"title": "A", "reference_prefix": "AAA"}),
            (PEOPLE, "invites people", "Send invitations", {"email1": "a@example.org"}),
        ):
            text = self.read(path, self.manager)
            self.assert_words(text, f"An administrator {told}. Administrator")
            self.assert_no_words(text, button)
            roles = {"role1": Role.STAFF, "role2": Role.STAFF, "role3": Role.STAFF}
            self.assertEqual(self.post(path, self.manager, **data, **roles).status_code, 403)
        self.assertEqual((Source.objects.count(), Invitation.objects.count()), (1, 0))


class PeopleTests(StepTestCase):
    THREE = {"role1": Role.STAFF, "role2": Role.MANAGER, "role3": Role.STAFF}

    def test_people_are_invited_together(self):
        given: dict[str, Any] = {"email1": "one@example.org", "email2": "two@example.org"}
        given |= {"organisation1": self.agency.pk, "organisation2": self.ministry.pk}
        given |= {"is_mailed": "on", **self.THREE}
        response = self.post(PEOPLE, self.administrator, **given)
        self.assertRedirects(response, f"{PEOPLE}#invitations", fetch_redirect_response=False)
        made = Invitation.objects.order_by("email")
        self.assertEqual([each.role for each in made], [Role.STAFF, Role.MANAGER])
        bodies = [each.organisation for each in made]
        self.assertEqual(bodies, [self.agency, self.ministry])
        self.assertEqual(OutgoingMail.objects.exclude(invitation=None).count(), 2)
        text = self.read(PEOPLE, self.administrator)
        self.assert_words(text, "2 invitations are on their way.", "one@example.org Policy staff")

    def test_what_is_wrong_names_the_row_and_nobody_is_invited(self):
        one = {"email1": "one@example.org", **self.THREE}
        self.assert_told(
            PEOPLE,
            (
                ({**one, "email2": "nowhere"}, "Enter a valid email address."),
                ({**one, "email3": "ONE@example.org"}, "entered twice"),
                ({**one, "email2": "staff@example.org"}, "person with this address has an account"),
                (self.THREE, "Enter an email address"),
                (
                    {**one, "organisation1": self.agency.pk, "new_organisation": "Ministry"},
                    "Choose “No organisation” above for the people of the new organisation.",
                ),
            ),
        )

    def test_whoever_invited_sees_the_link_and_nobody_else_while_it_works(self):
        token = token_of(self.invite(is_mailed=False).token_salt)
        other = make_person("boss", Role.ADMINISTRATOR)
        self.assertContains(self.get(PEOPLE, self.administrator), f"/invitations/{token}/")
        for person in (other, self.manager):
            self.assertNotContains(self.get(PEOPLE, person), token)
        self.invite("two@example.org", by=other)
        people.deactivate(person=other, by=self.administrator)
        text = self.read(PEOPLE, self.administrator)
        self.assert_words(text, "Inviter no longer active", "Invite again for a new link")
        made = Invitation.objects.get(email="one@example.org")
        ago = timedelta(days=30)
        days = {"invited_at": made.invited_at - ago, "expires_at": made.expires_at - ago}
        Invitation.objects.filter(pk=made.pk).update(**days)
        page = self.get(PEOPLE, self.administrator)
        self.assert_words(words_of(page), "Expired")
        self.assertNotContains(page, token)

    def test_withdrawing_is_asked_first(self):
        made = self.invite()
        page = f"/set-up/invitations/{made.pk}/withdraw/"
        self.assert_words(self.read(page, self.administrator), "one@example.org", "no longer works")
        self.assertRedirects(self.post(page, self.administrator), PEOPLE)
        made.refresh_from_db()
        self.assertIsNotNone(made.withdrawn_at)
        self.assertEqual(self.post(page, self.administrator).status_code, 404)


class LinkTests(StepTestCase):
    """The page behind the link; what makes one invalid is asked of the action."""

    ACCOUNT = {
        "first_name": "Ana",
        "last_name": "Diaz",
        "username": "ana.diaz",
        "password1": "a long word for tests",
        "password2": "a long word for tests",
    }

    def setUp(self) -> None:
        super().setUp()
        self.made = self.invite("ana.diaz@example.org", role=Role.STAFF, organisation=self.ministry)
        self.path = reverse("invitation", args=[token_of(self.made.token_salt)])

    def test_it_says_who_invites_whom_and_leaves_no_trace(self):
        before = AuditEvent.objects.count()
        response = self.get(self.path)
        told = "Create account", "Administrator invited ana.diaz@example.org"
        self.assert_words(words_of(response), *told, "Policy staff", "Ministry A")
        self.assertIn("no-store", response["Cache-Control"])
        self.assertEqual(AuditEvent.objects.count(), before)

    def test_what_is_wrong_is_said_beside_it_and_counts_as_no_try(self):
        for wrong, words in (
            ({"password2": "another"}, "password fields didn’t match"),
            ({"password1": "12345", "password2": "12345"}, "too common"),
            ({"username": "staff"}, "already exists"),
            ({"first_name": ""}, "This field is required"),
        ):
            with self.subTest(wrong=wrong):
                response = self.post(self.path, **{**self.ACCOUNT, **wrong})
                self.assertEqual(response.status_code, 400)
                self.assert_words(words_of(response), words)
                self.assertNotContains(response, "a long word", status_code=400)
        self.assertFalse(AccessAttempt.objects.exists())

    def refused(self) -> int:
        return AuditEvent.objects.filter(verb="refuse_invitation").count()

    def test_a_dead_link_says_so_at_once_and_what_is_sent_is_refused_on_record(self):
        self.assert_refused(self.viewer, "signed in as Viewer")
        client_of(None).post(self.path, self.ACCOUNT)
        self.assert_refused(None, "already used")
        self.assertEqual(self.post(self.path).status_code, 409)  # also where it is incomplete
        self.assertEqual(self.refused(), 3)
        response = self.get("/invitations/nothing/")
        self.assertEqual(response.status_code, 404)
        self.assert_words(words_of(response), "No invitation has this link.")

    def assert_refused(self, person: User | None, words: str) -> None:
        before = self.refused()
        self.assert_words(self.read(self.path, person, status=410), words)
        self.assertEqual(self.refused(), before)
        response = self.post(self.path, person, **self.ACCOUNT)
        self.assertEqual(response.status_code, 409)
        self.assert_words(words_of(response), words)
        self.assertEqual(self.refused(), before + 1)

    def test_links_are_tried_as_passwords_are_but_whoever_gets_in_is_not_counted(self):
        for answer, tries in ((302, FREE_TRIES - 1), (429, FREE_TRIES)):
            for _time in range(tries):
                self.assertEqual(self.post("/invitations/x/", **self.ACCOUNT).status_code, 404)
            response = self.post(self.path, **self.ACCOUNT)
            self.assertEqual(response.status_code, answer)
            self.assertEqual(AccessAttempt.objects.exists(), answer == 429)
        self.assertTrue(response["Retry-After"])


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

    def test_too_many_rows_are_refused_and_kept(self):
        text = "\n".join(f"Title {number}" for number in range(MOST_ROWS + 1))
        response = self.send("preview", pasted=text)
        self.assertEqual(response.status_code, 400)
        self.assert_words(words_of(response), f"At most {MOST_ROWS} rows at once.")
        self.assertContains(response, f"Title {MOST_ROWS}", status_code=400)

    def test_quoted_cells_hold_tabs_and_line_breaks(self):
        self.add(pasted='"Connect\n\tschools"\n5" screens')
        self.assertEqual([each.title for each in self.added()], ["Connect schools", '5" screens'])


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

    def test_a_name_that_two_people_have_is_refused(self):
        User.objects.filter(username="other_staff").update(first_name="Staff")
        response = self.send("preview", title1="One")
        self.assert_words(words_of(response), "Several people are called “Staff”.")


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
