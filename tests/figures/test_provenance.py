"""Where figures come from is what the file or the person states, and an older edition gives way."""

from dataclasses import fields
from datetime import date
from typing import Any

from django.core.management import load_command_class

from recommendations.actions.imports.pipeline import flags_of
from recommendations.forms.imports import FiguresForm
from recommendations.models import AuditEvent, ImportRun, Observation
from recommendations.readers.statistics import world_bank as reader
from tests.figures.base import FigurePagesTestCase, FiguresTestCase
from tests.figures.files import long_csv, upload, world_bank
from tests.views.pages import words_of

OLD, NEW = date(2020, 1, 31), date(2024, 7, 1)
ONE, TWO = long_csv("NAM,2019,1"), long_csv("NAM,2019,2")


class InventedTests(FigurePagesTestCase):
    def test_the_form_is_empty_whatever_the_indicator_says_of_its_source(self) -> None:
        type(self.indicator).objects.filter(pk=self.indicator.pk).update(source="A known office.")
        page = self.get("/indicators/USE/import/", self.manager)
        form = page.context["form"]
        filled = {name: form[name].value() for name in form.fields if form[name].value()}
        self.assertEqual(filled, {})
        self.assertNotIn("A known office", page.content.decode().split("<main")[1])

    def test_nothing_is_recorded_that_nobody_stated(self) -> None:
        self.run_import(ONE)
        run = ImportRun.objects.get()
        self.assertEqual((run.source, run.vintage), ("", None))
        self.assertEqual(Observation.objects.get().source, "")

    def test_an_answer_of_the_api_names_its_day_and_no_publisher(self) -> None:
        content = (
            b'[{"page":1,"pages":1,"lastupdated":"2024-07-01"},[{"indicator":{"id":"X","value":""},'
            b'"country":{"id":"KE","value":"Kenya"},"countryiso3code":"KEN","date":"2019","value":1}]]'
        )
        plan = self.plan(content)
        self.assertEqual((plan.format, plan.source), (reader.API_CODE, ""))
        self.assertEqual(plan.vintage, NEW)


class SameQuestionsTests(FiguresTestCase):
    def test_the_page_and_the_line_that_it_gives_choose_the_same(self) -> None:
        sent: dict[str, object] = {
            "source": "An office",
            "vintage": "2020-01-31",
            "series": "X",
            "decimal": ",",
        }
        sent |= {"codes_are": "iso", "reason": "The same series", "slice-SEX": "_T"}
        sent |= {"area": "NAM", "format": "long", "value_column": "rate"}
        sent |= {"area_column": "land", "period_column": "jahr", "unread": ["id", "memo"]}
        sent |= {"date_order": "day_first", "frequency": "Q", "period": "2018"}
        ticked = {name for name in FiguresForm.base_fields if name.startswith("is_")}
        form = FiguresForm(
            {**sent, **dict.fromkeys(ticked, "on")}, is_file_kept=True, person=self.staff
        )
        self.assertTrue(form.is_valid(), form.errors)
        chosen = form.figure_options()
        asked = [each for each in fields(chosen) if each.metadata]  # by a field or an option
        empty = [each.name for each in asked if getattr(chosen, each.name) == each.default]
        self.assertEqual((empty, chosen.vintage, chosen.slice), ([], OLD, (("SEX", "_T"),)))
        command = load_command_class("recommendations", "import_observations")
        words = [
            flag if value is True else f"{flag}={value}" for flag, value in flags_of(chosen).items()
        ]
        parser = command.create_parser("manage.py", "import_observations")
        told = parser.parse_args(["figures.csv", "--indicator=USE", *words])
        self.assertEqual(command.chosen(vars(told)), chosen)


class OlderEditionTests(FigurePagesTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.run_import(cls(), TWO, source="An office", vintage=NEW)

    def value(self) -> int:
        return int(self.held()["NAM", "2019"] or 0)

    def test_it_does_not_replace_a_newer_value_and_the_plan_says_so(self) -> None:
        older = long_csv("NAM,2019,1", "KEN,2019,5")
        done = self.run_import(older, source="An office", vintage=OLD)
        self.assertEqual((done.new, done.revised, done.kept_newer), (1, 0, 1))
        self.assertEqual((done.newest, self.value()), (NEW, 2))
        run = ImportRun.objects.first()
        self.assertEqual((run.new, run.left_out), (1, 1))
        payload = AuditEvent.objects.latest("sequence").payload
        self.assertIn('"kept_newer":[null,1]', payload)
        self.assertIn('"vintage":[null,"2020-01-31"]', payload)

    def test_it_does_where_that_is_asked_for_and_the_log_says_so(self) -> None:
        done = self.run_import(ONE, vintage=OLD, allow_older=True)
        self.assertEqual((done.revised, done.replaced_newer, done.kept_newer), (1, 1, 0))
        self.assertEqual(self.value(), 1)
        payload = AuditEvent.objects.latest("sequence").payload
        self.assertIn('"replaced_newer":[null,1]', payload)
        self.assertIn('"allow_older":[null,true]', payload)

    def test_which_edition_is_older(self) -> None:
        """Than the value of Namibia in 2019, which is of ``NEW``; that of Kenya is typed."""
        stated = {("NAM", 2019): "1"}
        dated = world_bank([("NAM", "Namibia")], [2019], stated, updated="2023-01-01")
        self.observe("7")
        for content, vintage, (revised, kept, undated) in (
            (ONE, OLD, (0, 1, 0)),
            # The day that the file states counts as well.
            (dated, None, (0, 1, 0)),
            (ONE, NEW, (1, 0, 0)),
            (ONE, date(2025, 1, 1), (1, 0, 0)),
            # A file without a day revises and is told of; a value typed by hand has no edition.
            (ONE, None, (1, 0, 1)),
            (long_csv("KEN,2019,8"), OLD, (1, 0, 0)),
        ):
            plan = self.plan(content, vintage=vintage)
            with self.subTest(content=content, vintage=vintage):
                found = (plan.revised, plan.kept_newer, plan.undated)
                self.assertEqual(found, (revised, kept, undated))
                self.assertEqual(plan.changes_anything, bool(revised))
        events = AuditEvent.objects.count()
        self.run_import(ONE, vintage=OLD)
        self.assertEqual((AuditEvent.objects.count(), ImportRun.objects.count()), (events, 1))

    def test_a_newer_edition_that_left_a_value_alone_has_confirmed_it(self) -> None:
        newer = long_csv("NAM,2019,2", "KEN,2019,5")
        self.run_import(newer, source="An office", vintage=date(2025, 1, 1))
        between = self.run_import(ONE, source="An office", vintage=date(2024, 12, 1))
        self.assertEqual((between.kept_newer, self.value()), (1, 2))

    def test_the_page_keeps_it_until_the_box_is_ticked(self) -> None:
        def send(**values: Any) -> Any:
            sent = {"vintage": "2020-01-31", **values}
            return self.post("/indicators/USE/import/", self.manager, **sent)

        shown = send(move="look", file=upload(ONE).file)
        self.assert_words(
            words_of(shown),
            "1 recorded value is newer (source of 1 July 2024) "
            "and differs from the file. The recorded value stays, unless you choose to replace "
            "newer values",
            "Kept: recorded value is newer 1",
        )
        self.assertFalse(shown.context["may_import"])
        ticked = {"token": shown.context["token"], "is_allowing_older": "on"}
        again = send(move="look", **ticked)
        self.assert_words(words_of(again), "1 newer value (source of 1 July 2024) is replaced")
        done = send(move="import", seen=again.context["plan"].digest, **ticked)
        self.assertRedirects(done, self.indicator.get_absolute_url())
        self.assertEqual(self.value(), 1)


class LogTests(FigurePagesTestCase):
    """An import is in the log of each row that it wrote, of its indicator and recommendation."""

    def test_of_each_value_and_of_its_indicator(self) -> None:
        self.run_import(long_csv("NAM,2019,1", "KEN,2019,2"), source="An office")
        for row in Observation.objects.all():
            told = self.read("/audit/", self.auditor, object_type="observation", object_id=row.pk)
            self.assert_words(told, "Data imported", "An office")
        asked = {"object_type": "indicator", "object_id": self.indicator.pk}
        told = self.read("/audit/", self.auditor, **asked)
        self.assert_words(told, "Data imported", "An office")
        page = "/admin/recommendations/auditevent/"
        thing = f"recommendations.indicator:{self.indicator.pk}"
        self.assertIn("Data imported", self.read(page, self.administrator, thing=thing))
