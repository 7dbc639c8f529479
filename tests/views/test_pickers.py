"""A field that chooses a row: a select of up to 100 rows, and a search beyond."""

import re

from django.core.cache import cache
from django.db import connection
from django.test import TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from recommendations.choices import Role
from recommendations.models import Addressee, Organisation, Recommendation, StatusUpdate, User
from recommendations.pickers.kinds import PICKERS
from recommendations.pickers.rows import MOST_FOUND, MOST_OPTIONS
from tests import factories
from tests.base import GuardedTransactionTestCase, World, make_person
from tests.updates import begin_draft

LIST = "/recommendations/"


def add_leads(world, count):
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


class PickerTestCase(World, TestCase):
    count = MOST_OPTIONS + 1

    @classmethod
    def setUpTestData(cls):
        cls.make_world()
        cls.found = add_leads(cls, cls.count - 1)
        cls.found += factories.recommendations(cls, 3)  # led by the ministry
        assert len(PICKERS["leads"].rows(cls.manager, {})) == cls.count

    def read(self, path, person=None, status=200, **asked):
        self.client.logout()
        if person is not None:
            self.client.force_login(person)
        response = self.client.get(path, asked)
        self.assertEqual(response.status_code, status)
        return response

    def field_of(self, response, name):
        """The HTML of one field of the filter."""
        return str(response.context["listing"].filter.form[name])

    def pick(self, name, person=None, status=200, **asked):
        response = self.read(reverse("pick", args=[name]), person, status, **asked)
        return [label for _value, label in response.json()["options"]] if status == 200 else None


class AtTheLimitTests(PickerTestCase):
    count = MOST_OPTIONS

    def test_a_hundred_rows_are_options_as_in_any_form(self):
        html = self.field_of(self.read(LIST, self.manager), "lead")
        options = "".join(
            f'\n  <option value="{row.pk}">{row}</option>\n'
            for row in Organisation.objects.filter(led_recommendations__isnull=False).distinct()
        )
        first = '\n  <option value="" selected>Any</option>\n'
        self.assertEqual(html, f'<select name="lead" id="id_lead">{first}{options}\n</select>')
        self.assertEqual(html.count("<option"), MOST_OPTIONS + 1)

    def test_one_that_is_chosen_is_selected(self):
        chosen = Organisation.objects.get(slug="lead-050")
        html = self.field_of(self.read(LIST, self.manager, lead=chosen.pk), "lead")
        self.assertIn(f'<option value="{chosen.pk}" selected>Lead 050</option>', html)

    def test_words_for_a_search_that_there_is_not_change_nothing(self):
        page = self.read(LIST, self.manager, **{"lead-words": "Lead organisation", "find": "lead"})
        self.assertNotIn("picker", self.field_of(page, "lead"))


class BeyondTests(PickerTestCase):
    def test_the_next_row_makes_it_a_search(self):
        html = self.field_of(self.read(LIST, self.manager), "lead")
        self.assertIn('name="lead-words"', html)
        self.assertEqual(re.findall(r"<option[^>]*>[^<]*", html), ['<option value="" selected>Any'])

    def test_what_is_chosen_is_shown_and_kept(self):
        chosen = Organisation.objects.get(slug="lead-050")
        page = self.read(LIST, self.manager, lead=chosen.pk)
        html = self.field_of(page, "lead")
        self.assertIn(f'<option value="{chosen.pk}" selected>Lead 050</option>', html)
        self.assertEqual([str(row.lead) for row in page.context["page"]], ["Lead 050"])

    def test_words_find_rows_without_script_and_keep_what_else_is_asked(self):
        asked = {"lead-words": "lead-05 lead", "find": "lead", "text": "Recommendation", "lead": ""}
        page = self.read(LIST, self.manager, **asked)
        html = self.field_of(page, "lead")
        self.assertEqual(len(re.findall(r"Lead 05\d", html)), 10)
        self.assertIn("10 results.", html)
        self.assertIn('value="lead-05 lead"', html)
        self.assertEqual(page.context["listing"].filter.form["text"].value(), "Recommendation")
        self.assertIn('<details class="filters" open>', page.content.decode())
        self.assertEqual(len(page.context["page"]), 50)  # a search filters nothing yet

    def test_words_that_nothing_holds_are_answered_so(self):
        page = self.read(LIST, self.manager, **{"lead-words": "xyzzy"})
        self.assertIn("No results.", self.field_of(page, "lead"))

    def test_more_than_fit_are_the_first_of_more(self):
        html = self.field_of(self.read(LIST, self.manager, **{"lead-words": "lead"}), "lead")
        self.assertEqual(len(re.findall(r"Lead \d\d\d", html)), MOST_FOUND)
        self.assertIn("The first 20 results are shown.", html)

    def test_a_value_outside_the_rows_is_refused(self):
        idle = Organisation.objects.create(slug="idle", name="Leads nothing")
        for value in (idle.pk, "0", "-1", "x", "9" * 30, "²"):
            with self.subTest(value=value):
                page = self.read(LIST, self.manager, 400, lead=value)
                self.assertNotIn("Leads nothing", self.field_of(page, "lead"))

    def test_a_chosen_row_is_asked_for_by_its_key_alone(self):
        chosen = Organisation.objects.get(slug="lead-050")
        with CaptureQueriesContext(connection) as captured:
            self.read(LIST, self.manager, lead=chosen.pk)
        asked = [query["sql"] for query in captured if "led_recommendations" in query["sql"]]
        self.assertEqual(asked, [])


class GrowthTests(PickerTestCase):
    """The filter of the list at 100, 101 and 400 rows a field."""

    @classmethod
    def setUpTestData(cls):
        cls.make_world()
        cls.asked, cls.sizes = {}, {}
        there = 0
        for count in (MOST_OPTIONS, MOST_OPTIONS + 1, 4 * MOST_OPTIONS):
            add_leads(cls, count - there)
            there = count
            client = cls.client_class()
            client.force_login(cls.manager)
            cache.clear()  # rows of factories leave no event
            with CaptureQueriesContext(connection) as captured:
                page = client.get(LIST)
            cls.asked[count] = [query["sql"] for query in captured]
            cls.sizes[count] = len(str(page.context["listing"].filter.form))

    def test_statements_are_the_same(self):
        self.assertEqual(len({len(queries) for queries in self.asked.values()}), 1)
        for queries in self.asked.values():
            of_choices = [sql for sql in queries if "picked_label" in sql]
            self.assertEqual(len(of_choices), 1)
            self.assertLess(len(of_choices[0]), 4000)
            self.assertIn("LIMIT 101", of_choices[0])

    def test_the_page_does_not_grow(self):
        self.assertLess(self.sizes[101], self.sizes[100])
        self.assertEqual(self.sizes[400], self.sizes[101])


@override_settings(PUBLIC_PAGES=True)
class AddressTests(PickerTestCase):
    """Where words are sent to while they are typed."""

    def test_the_first_rows_that_hold_all_words(self):
        self.assertEqual(self.pick("leads", self.manager, words="LEAD-05")[0], "Lead 050")
        self.assertEqual(self.pick("leads", self.manager, words="lead-07 lead")[0], "Lead 070")
        self.assertEqual(self.pick("leads", self.manager, words="xyzzy"), [])
        self.assertEqual(self.pick("officers", self.viewer, words="olga 099"), ["Olga Number 099"])

    def test_at_most_twenty_are_told_and_how_many(self):
        self.client.force_login(self.manager)
        answer = self.client.get(reverse("pick", args=["leads"])).json()
        self.assertEqual(len(answer["options"]), MOST_FOUND)
        self.assertIn("The first 20", answer["told"])

    def test_names_are_as_the_rows_have_them(self):
        for name, picker in PICKERS.items():
            rows = picker.rows(self.manager, {"of": "REP-1", "indicator": "1"})
            with self.subTest(name=name):
                for (value, label), row in zip(picker.options(rows[:5]), rows[:5], strict=True):
                    self.assertEqual(value, str(getattr(row, picker.key)))
                    if name not in ("areas", "respondents"):
                        self.assertEqual(label, str(row))

    def test_the_public_learns_nothing_that_it_cannot_see(self):
        for name in PICKERS:
            with self.subTest(name=name):
                found = self.pick(name, None, 200 if name == "sources" else 403, words="e")
                self.assertEqual(found, ["Report"] if name == "sources" else None)

    def test_a_source_of_what_is_unpublished_is_suggested_to_nobody_outside(self):
        Recommendation.objects.update(published_at=None, published_by=None)
        self.assertEqual(self.pick("sources", None), [])
        self.assertEqual(self.pick("sources", self.stranger), [])
        self.assertEqual(self.pick("sources", self.viewer), ["Report"])

    def test_each_is_open_to_whom_its_field_is(self):
        may = {
            "leads": self.viewer,
            "ever-leads": self.viewer,
            "themes": self.viewer,
            "others": self.manager,
            "officers": self.viewer,
            "places": self.viewer,
            "bodies": self.viewer,
            "actors": self.auditor,
            "successors": self.staff,
            "authors": self.staff,
            "areas": self.staff,
            "file-areas": self.staff,
            "addressees": self.staff,
            "all-sources": self.manager,
            "respondents": self.manager,
            "people": self.manager,
            "heirs": self.manager,
            "new-leads": self.manager,
            "deputies": self.staff,
            "new-officers": self.manager,
            "new-reviewers": self.manager,
            "all-themes": self.manager,
            "organisations": self.administrator,
        }
        self.assertEqual({"sources", *may}, set(PICKERS))
        for name, person in may.items():
            with self.subTest(name=name):
                self.pick(name, person)
                self.pick(name, self.stranger, 403)
        for name in ("actors", "successors", "authors", "all-sources", "respondents", "people"):
            with self.subTest(name=name, person="viewer"):
                self.pick(name, self.viewer, 403)

    @override_settings(PUBLIC_PAGES=False)
    def test_nobody_outside_asks_where_there_are_no_public_pages(self):
        self.pick("sources", None, 403)
        self.pick("sources", self.stranger, 403)
        self.pick("sources", self.viewer)

    def test_what_there_is_not_and_too_many_words_are_refused(self):
        self.pick("passwords", self.manager, 404)
        self.pick("leads", self.manager, 400, words="x" * 201)
        self.assertEqual(self.pick("leads", self.manager, words="a\0b % _"), [])

    def test_an_author_is_suggested_only_to_who_may_give_the_draft_away(self):
        found = self.make_recommendation()
        update = self.make_submitted(found)
        other = make_person("colleague", Role.STAFF, self.ministry)
        path = {"update": update.pk, "words": "colleague"}
        self.assertEqual(self.pick("authors", self.staff, **path), [str(other)])
        self.assertEqual(self.pick("authors", self.manager, **path), [str(other)])
        self.assertEqual(self.pick("authors", self.other_staff, **path), [])
        self.assertEqual(self.pick("authors", self.staff, update="x"), [])


class UpdateFormTests(PickerTestCase):
    """The form of an update beside more than a hundred recommendations, addressees and authors."""

    def send(self, name, *args, **typed):
        self.client.force_login(self.staff)
        data = {key.replace("__", "-"): value for key, value in typed.items()}
        return self.client.post(reverse(name, args=args), data)

    def new(self, **typed):
        key = "0b6f1f3e-8a3c-4f6e-9d55-1f6f0c1c2d3e"
        path = {"implementation_status": "superseded", "as_of": "2026-11-20", "basis": "0"}
        return self.send("update-new", "REP-102", key=key, **path, **typed)

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        Recommendation.objects.update(lead_officer=cls.staff)

    def test_a_successor_is_looked_for_without_script_and_nothing_typed_is_lost(self):
        words = {"successor-words": "REP-10", "find": "successor"}
        page = self.new(what_happened="It is replaced.", **words)
        self.assertEqual(page.status_code, 400)
        html = page.content.decode()
        self.assertIn("It is replaced.", html)
        self.assertIn("Choose an option from the list", html)
        found = re.findall(r"<option value=.\d+.[^>]*>(REP-\d+)", html)
        self.assertEqual(found, ["REP-10", "REP-100", "REP-101", "REP-103"])  # not its own

    def test_words_without_a_choice_are_never_dropped_unseen(self):
        page = self.new(what_happened="It is replaced.", successor__words="REP-10")
        self.assertIn("results", str(page.context["form"].errors["successor"]))

    def test_a_choice_stands_whatever_words_led_to_it(self):
        chosen = Recommendation.objects.get(reference="REP-7")
        self.new(what_happened="x", successor__words="REP-10", successor=chosen.pk)
        self.assertEqual(StatusUpdate.objects.get().successor, chosen)

    def test_itself_and_what_there_is_not_are_refused(self):
        own = Recommendation.objects.get(reference="REP-102")
        for value in (own.pk, "0", "x"):
            with self.subTest(value=value):
                page = self.new(what_happened="x", successor=value)
                self.assertIn("successor", page.context["form"].errors)

    def test_an_author_is_looked_for_with_what_stands_in_the_form(self):
        for n in range(MOST_OPTIONS):
            make_person(f"colleague-{n}", Role.STAFF, self.ministry)
        Recommendation.objects.update(lead=self.ministry)
        found = Recommendation.objects.get(reference="REP-102")
        update = begin_draft(recommendation=found, by=self.staff, values={})
        page = self.send(
            "update-save",
            update.pk,
            what_happened="Half done.",
            version=update.version,
            basis="0",
            find="to",
            to__words="colleague-77",
        )
        html = page.content.decode()
        self.assertIn("Half done.", html)
        self.assertIn(">Colleague-77</option>", html)
        self.assertNotIn(">Colleague-76</option>", html)

    def test_an_addressee_of_many_is_looked_for(self):
        found = Recommendation.objects.get(reference="REP-102")
        bodies = Organisation.objects.all()
        Addressee.objects.bulk_create(
            Addressee(recommendation=found, organisation=body) for body in bodies
        )
        path = reverse("update-new", args=["REP-102"])
        few = self.read(path, self.staff).content.decode()
        self.assertNotIn(">Lead 050</option>", few)
        page = self.read(path, self.staff, **{"addressee-words": "lead 05", "find": "addressee"})
        self.assertEqual(len(re.findall(r">Lead 05\d</option>", page.content.decode())), 10)
        self.assertEqual(
            self.pick("addressees", self.staff, of="REP-102", words="lead 050"), ["Lead 050"]
        )

    def test_it_asks_as_much_beside_a_hundred_as_beside_four_hundred(self):
        asked, sizes = set(), set()
        for _size in (104, 404):
            cache.clear()
            self.client.force_login(self.staff)
            with CaptureQueriesContext(connection) as captured:
                page = self.client.get(reverse("update-new", args=["REP-102"]))
            asked.add(len(captured))
            sizes.add(len(str(page.context["form"])))
            factories.recommendations(self, 300)
            factories.add_evidence(self, 100)
        self.assertEqual(len(asked), 1)
        self.assertEqual(len(sizes), 1)


@override_settings(PUBLIC_PAGES=True)
class KeptOptionsTests(GuardedTransactionTestCase):
    """Options of filters are read once for each event, and never shared between audiences."""

    def read(self, person=None):
        """What the list offers as sources and leads, and how many statements asked for that."""
        client = self.client_class()
        if person is not None:
            client.force_login(person)
        with CaptureQueriesContext(connection) as captured:
            form = client.get(LIST).context["listing"].filter.form
        offered = [str(form[name]) for name in ("source", "lead") if name in form.fields]
        return "".join(offered), sum("picked_label" in query["sql"] for query in captured)

    def test_they_are_read_again_after_the_next_event_alone(self):
        self.make_recommendation()
        self.assertEqual(self.read(self.manager)[1], 1)
        self.assertEqual(self.read(self.viewer)[1], 0)
        self.make_recommendation(lead=self.agency)
        offered, asked = self.read(self.manager)
        self.assertIn(self.agency.name, offered)
        self.assertEqual(asked, 1)

    def test_the_public_is_offered_nothing_that_was_read_for_others(self):
        self.make_recommendation()
        self.assertIn(self.source.short_title, self.read(self.manager)[0])
        self.assertNotIn(self.source.short_title, self.read()[0])
        self.assertNotIn(self.source.short_title, self.read(self.stranger)[0])
        self.assertIn(self.source.short_title, self.read(self.viewer)[0])
