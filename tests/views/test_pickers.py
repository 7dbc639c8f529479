"""A field that chooses a row: a select of up to 100 rows, and a search beyond."""

import re
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from recommendations.choices import Role
from recommendations.models import Organisation, Recommendation, StatusUpdate, User
from recommendations.pickers import MOST_FOUND, MOST_OPTIONS, PICKERS
from tests import factories
from tests.base import GuardedTransactionTestCase, make_person
from tests.views.pages import PageTestCase, client_of

LIST = "/recommendations/"
SELECTED = '<option value="{}" selected>Lead 050</option>'


def add_leads(world: Any, count: int) -> list[Recommendation]:
    """So many more recommendations, each with a lead, an officer and an addressee of its own."""
    there = Organisation.objects.count()
    numbers = range(there, there + count)
    bodies = Organisation.objects.bulk_create(
        Organisation(slug=f"lead-{n:03}", name=f"Lead {n:03}") for n in numbers
    )
    people = User.objects.bulk_create(
        User(username=f"officer-{n}", first_name="Olga", last_name=f"Number {n:03}")
        for n in numbers
    )
    found = factories.recommendations(world, count)
    for row, body, person in zip(found, bodies, people, strict=True):
        row.lead, row.lead_officer = body, person
    Recommendation.objects.bulk_update(found, ["lead", "lead_officer"])
    return found


class PickerTestCase(PageTestCase):
    count = MOST_OPTIONS + 1

    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_world()
        cls.found = add_leads(cls, cls.count - 1)
        cls.found += factories.recommendations(cls, 3)  # led by the ministry
        cls.chosen = Organisation.objects.get(slug="lead-050")
        assert len(PICKERS["leads"].rows(cls.manager, {})) == cls.count

    def listed(self, status: int = 200, **asked: Any) -> tuple[Any, str]:
        """The list as a manager filters it, and the HTML of the field of leads."""
        page = self.get(LIST, self.manager, **asked)
        self.assertEqual(page.status_code, status)
        return page, str(page.context["listing"].filter.form["lead"])

    def pick(self, name: str, person: Any = None, status: int = 200, **asked: Any) -> list[str]:
        response = self.get(reverse("pick", args=[name]), person, **asked)
        self.assertEqual(response.status_code, status)
        return [label for _value, label in response.json()["options"]] if status == 200 else []


class AtTheLimitTests(PickerTestCase):
    count = MOST_OPTIONS

    def test_a_hundred_rows_are_options_as_in_any_form_whatever_is_searched(self) -> None:
        _page, html = self.listed(**{"lead-words": "Lead organisation", "find": "lead"})
        options = "".join(
            f'\n  <option value="{row.pk}">{row}</option>\n'
            for row in Organisation.objects.filter(led_recommendations__isnull=False).distinct()
        )
        first = '\n  <option value="" selected>Any</option>\n'
        self.assertEqual(html, f'<select name="lead" id="id_lead">{first}{options}\n</select>')
        self.assertEqual(html.count("<option"), MOST_OPTIONS + 1)
        _page, html = self.listed(lead=self.chosen.pk)
        self.assertIn(SELECTED.format(self.chosen.pk), html)


class BeyondTests(PickerTestCase):
    def test_the_next_row_makes_it_a_search(self) -> None:
        _page, html = self.listed()
        self.assertIn('name="lead-words"', html)
        self.assertEqual(re.findall(r"<option[^>]*>[^<]*", html), ['<option value="" selected>Any'])

    def test_words_find_rows_without_script_and_keep_what_else_is_asked(self) -> None:
        asked = {"lead-words": "lead-05 lead", "find": "lead", "text": "Recommendation", "lead": ""}
        page, html = self.listed(**asked)
        self.assertEqual(len(re.findall(r"Lead 05\d", html)), 10)
        for shown in ("10 results.", 'value="lead-05 lead"'):
            self.assertIn(shown, html)
        self.assertEqual(page.context["listing"].filter.form["text"].value(), "Recommendation")
        self.assertIn('<details class="filters" open>', page.content.decode())
        self.assertEqual(len(page.context["page"]), 50)  # a search filters nothing yet
        for words, count, told in (
            ("xyzzy", 0, "No results."),
            ("lead", MOST_FOUND, "The first 20 results are shown."),
        ):
            _page, html = self.listed(**{"lead-words": words})
            self.assertEqual(len(re.findall(r"Lead \d\d\d", html)), count)
            self.assertIn(told, html)

    def test_a_value_outside_the_rows_is_refused(self) -> None:
        idle = Organisation.objects.create(slug="idle", name="Leads nothing")
        for value in (idle.pk, "0", "-1", "x", "9" * 30, "²"):
            with self.subTest(value=value):
                _page, html = self.listed(400, lead=value)
                self.assertNotIn("Leads nothing", html)

    def test_the_filter_asks_and_weighs_as_much_for_four_hundred_rows(self) -> None:
        asked, sizes = [], []
        for more in (0, 3 * MOST_OPTIONS):
            add_leads(self, more)
            cache.clear()  # rows of factories leave no event
            client = client_of(self.manager)
            with CaptureQueriesContext(connection) as captured:
                page = client.get(LIST)
            asked.append(len(captured))
            sizes.append(len(str(page.context["listing"].filter.form)))
            [sql] = [query["sql"] for query in captured if "picked_label" in query["sql"]]
            self.assertLess(len(sql), 4000)
            self.assertIn("LIMIT 101", sql)
        self.assertEqual((asked[0], sizes[0]), (asked[1], sizes[1]))


@override_settings(PUBLIC_PAGES=True)
class AddressTests(PickerTestCase):
    """Where words are sent to while they are typed; who may ask is in the table of refusals."""

    def test_the_first_rows_that_hold_all_words(self) -> None:
        for name, words, first in (
            ("leads", "LEAD-05", ["Lead 050"]),
            ("leads", "lead-07 lead", ["Lead 070"]),
            ("leads", "xyzzy", []),
            ("leads", "a\0b % _", []),
            ("officers", "olga 099", ["Olga Number 099"]),
        ):
            self.assertEqual(self.pick(name, self.viewer, words=words)[:1], first)
        answer = self.get(reverse("pick", args=["leads"]), self.manager).json()
        self.assertEqual(len(answer["options"]), MOST_FOUND)
        self.assertIn("The first 20", answer["told"])
        self.pick("passwords", self.manager, 404)
        self.pick("leads", self.manager, 400, words="x" * 201)

    def test_names_are_as_the_rows_have_them(self) -> None:
        for name, picker in PICKERS.items():
            rows = picker.rows(self.manager, {"of": "REP-1", "indicator": "1"})
            with self.subTest(name=name):
                for (value, label), row in zip(picker.options(rows[:5]), rows[:5], strict=True):
                    self.assertEqual(value, str(getattr(row, picker.key)))
                    if name not in ("areas", "respondents"):
                        self.assertEqual(label, str(row))

    def test_the_public_is_told_sources_of_what_is_published_alone(self) -> None:
        for name in PICKERS:
            with self.subTest(name=name):
                found = self.pick(name, None, 200 if name == "sources" else 403, words="e")
                self.assertEqual(found, ["Report"] if name == "sources" else [])
        Recommendation.objects.update(published_at=None, published_by=None)
        for person, found in ((None, []), (self.stranger, []), (self.viewer, ["Report"])):
            self.assertEqual(self.pick("sources", person), found)

    def test_an_author_is_suggested_only_to_who_may_give_the_draft_away(self) -> None:
        update = self.make_submitted(self.make_recommendation())
        other = make_person("colleague", Role.STAFF, self.ministry)
        asked = {"update": update.pk, "words": "colleague"}
        for person, found in ((self.staff, True), (self.manager, True), (self.other_staff, False)):
            self.assertEqual(self.pick("authors", person, **asked), [str(other)] * found)
        self.assertEqual(self.pick("authors", self.staff, update="x"), [])


class UpdateFormTests(PickerTestCase):
    """The form of an update beside more than a hundred recommendations, addressees and authors."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        Recommendation.objects.update(lead_officer=cls.staff)
        cls.own = Recommendation.objects.get(reference="REP-102")

    def send(self, name: str, *args: Any, **typed: Any) -> Any:
        data = {key.replace("__", "-"): value for key, value in typed.items()}
        return self.post(reverse(name, args=args), self.staff, **data)

    def new(self, **typed: Any) -> Any:
        key = "0b6f1f3e-8a3c-4f6e-9d55-1f6f0c1c2d3e"
        path = {"implementation_status": "superseded", "as_of": "2026-11-20", "basis": "0"}
        return self.send("update-new", "REP-102", key=key, **path, **typed)

    def test_a_successor_is_looked_for_without_script_and_nothing_typed_is_lost(self) -> None:
        page = self.new(
            what_happened="It is replaced.", successor__words="REP-10", find="successor"
        )
        self.assertEqual(page.status_code, 400)
        html = page.content.decode()
        self.assertIn("It is replaced.", html)
        self.assertIn("Choose an option from the list", html)
        found = re.findall(r"<option value=.\d+.[^>]*>(REP-\d+)", html)
        self.assertEqual(found, ["REP-10", "REP-100", "REP-101", "REP-103"])  # not its own

    def test_a_choice_stands_and_words_or_another_are_never_dropped_unseen(self) -> None:
        page = self.new(what_happened="It is replaced.", successor__words="REP-10")
        self.assertIn("results", str(page.context["form"].errors["successor"]))
        for value in (self.own.pk, "0", "x"):
            with self.subTest(value=value):
                page = self.new(what_happened="x", successor=value)
                self.assertIn("successor", page.context["form"].errors)
        chosen = Recommendation.objects.get(reference="REP-7")
        self.new(what_happened="x", successor__words="REP-10", successor=chosen.pk)
        self.assertEqual(StatusUpdate.objects.get().successor, chosen)


@override_settings(PUBLIC_PAGES=True)
class KeptOptionsTests(GuardedTransactionTestCase):
    """Options of filters are read once for each event, and never shared between audiences."""

    def read(self, person: Any = None) -> tuple[str, int]:
        """What the list offers as sources and leads, and how many statements asked for that."""
        with CaptureQueriesContext(connection) as captured:
            form = client_of(person).get(LIST).context["listing"].filter.form
        offered = [str(form[name]) for name in ("source", "lead") if name in form.fields]
        return "".join(offered), sum("picked_label" in query["sql"] for query in captured)

    def test_they_are_read_again_after_the_next_event_alone_and_for_each_audience(self) -> None:
        self.make_recommendation()
        for reader, is_offered, statements in (
            (self.manager, True, 1),
            (None, False, 1),
            (self.stranger, False, 0),
            (self.viewer, True, 0),
        ):
            offered, asked = self.read(reader)
            self.assertEqual(self.source.short_title in offered, is_offered)
            self.assertLessEqual(asked, statements)
        self.make_recommendation(lead=self.agency)
        offered, asked = self.read(self.manager)
        self.assertIn(self.agency.name, offered)
        self.assertEqual(asked, 1)
