"""Open data: what the public reads, in four forms for other programs, and as long as it is."""

import csv
import io
import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import SimpleTestCase, TestCase, override_settings
from django.utils import timezone
from frictionless import Package, system
from lxml import etree
from rdflib import DCAT, DCTERMS, Graph, Namespace, URIRef

from recommendations.actions import indicators, recommendations
from recommendations.api.resources import RESOURCES
from recommendations.exports.open_data import CATALOGUE, IATI, PACKAGE, SDMX, Known
from recommendations.models import AuditEvent, Indicator, OpenDataRelease, OpenDataText
from recommendations.queries.updates.published import PUBLIC
from recommendations.views.open_data import TABLES, write_files
from tests.audit.filled import write_filled
from tests.base import days_ago
from tests.edits import edit, redact
from tests.views.marked import HIDDEN_FIGURE, MarkedTestCase
from tests.views.markers import MARKER
from tests.views.pages import PageTestCase, client_of
from tracker import env

SCHEMA = Path(__file__).parents[1] / "exports/iati/iati-activities-schema.xsd"
SPDX = Namespace("http://spdx.org/rdf/terms#")
LICENCE = "https://example.org/licence"
SET = override_settings(
    PUBLIC_PAGES=True,
    OPEN_DATA_PUBLISHER="Office of X",
    OPEN_DATA_LICENCE=LICENCE,
    IATI_ORGANISATION="XM-DAC-1",
    IATI_ORGANISATION_TYPE="10",
    IATI_ACTIVITY="XM-DAC-1-A",
    IATI_START=date(2020, 1, 1),
)
EXPORTS = {
    "recommendations": "/recommendations/export/",
    "evidence": "/evidence/export/",
    "indicators": "/indicators/export/",
    "areas": "/areas/export/",
    "sources": "/api/v1/sources/?format=csv",
}
"""Where pages and programs find the same lists."""
PARTS = "/api/v1/recommendations/{}/parts/?format=csv"


def release(folder: Path, **options: Any) -> str:
    out = io.StringIO()
    call_command("release_open_data", str(folder), stdout=out, **options)
    return out.getvalue()


@contextmanager
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name) / "open-data"


def rows_of(data: bytes | str) -> list[dict[str, str]]:
    text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
    return list(csv.DictReader(io.StringIO(text, newline="")))


def contents(at: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in at.iterdir()}


@SET
class FormTests(TestCase):
    """The demonstration, with values that are missing, in words, derived or of a part."""

    @classmethod
    def setUpTestData(cls) -> None:
        write_filled()

    def setUp(self) -> None:
        super().setUp()
        self.folder = self.enterContext(folder())
        release(self.folder)

    def rows(self, name: str) -> list[dict[str, str]]:
        return rows_of((self.folder / name).read_bytes())

    def read(self, address: str) -> list[dict[str, str]]:
        answer: Any = client_of(None).get(address)
        return rows_of(b"".join(answer.streaming_content))

    def assert_same_rows(self, name: str, expected: list[dict[str, str]]) -> None:
        found = self.rows(f"{name}.csv")
        self.assertTrue(found, name)
        self.assertCountEqual(found, expected, name)

    def test_its_tables_are_the_lists_that_the_public_reads_figure_by_figure(self) -> None:
        public = [each.address for each in RESOURCES if each.list.is_open(PUBLIC)]
        self.assertEqual({table.name for table in TABLES}, {each.split("/")[-2] for each in public})
        for name, address in EXPORTS.items():
            self.assert_same_rows(name, self.read(address))
        for name, outer, key, below in (
            ("responses", "recommendations", "reference", "/recommendations/{}/responses/export/"),
            (
                "parts",
                "recommendations",
                "reference",
                PARTS,
            ),
            ("observations", "indicators", "code", "/indicators/{}/export/"),
        ):
            keys = [row[key] for row in self.rows(f"{outer}.csv")]
            rows = [row for each in keys for row in self.read(below.format(each))]
            self.assert_same_rows(name, rows)

    def test_frictionless_finds_each_value_of_the_type_that_the_package_says(self) -> None:
        with system.use_context(trusted=True):
            report = Package(str(self.folder / PACKAGE)).validate()
        self.assertTrue(report.valid, report.to_summary())
        told = json.loads((self.folder / PACKAGE).read_text())
        self.assertEqual(told["licenses"], [{"path": LICENCE}])
        self.assertIn("Demonstration", told["description"])
        fields = {each["name"]: each for each in told["resources"][1]["schema"]["fields"]}
        self.assertEqual(
            (fields["target_date"]["type"], fields["target_date"]["title"]), ("date", "Target date")
        )

    def test_the_catalogue_has_every_file_with_its_digest(self) -> None:
        with warnings.catch_warnings():
            # The parser uses what it tells others to use no longer.
            warnings.simplefilter("ignore", DeprecationWarning)
            graph = Graph().parse(data=(self.folder / CATALOGUE).read_text(), format="json-ld")
        [(_page, licence)] = {
            (subject, value)
            for subject, value in graph.subject_objects(DCTERMS.license)
            if (subject, None, DCAT.Catalog) in graph
        }
        self.assertEqual(licence, URIRef(LICENCE))
        found = {}
        for each in graph.subjects(None, DCAT.Distribution):
            checksum = graph.value(each, SPDX.checksum)
            found[str(graph.value(each, DCTERMS.title))] = str(
                graph.value(checksum, SPDX.checksumValue)
            )
            self.assertTrue(str(graph.value(each, DCAT.downloadURL)).startswith("http"))
        self.assertEqual(found.keys() | {CATALOGUE}, contents(self.folder).keys())
        released = OpenDataRelease.objects.earliest("-pk")
        for name, sha256 in found.items():
            self.assertEqual(released.files[name][1].lower(), sha256.lower(), name)

    def test_iati_and_sdmx_have_every_value_and_nothing_in_place_of_a_missing_one(self) -> None:
        tree = etree.parse(self.folder / IATI)
        etree.XMLSchema(etree.parse(SCHEMA)).assertValid(tree)
        rows = self.rows("observations.csv")
        told = [row for row in rows if row["value"] or row["text"]]
        self.assertTrue(told and len(told) < len(rows))
        said = [
            (result.xpath("string(indicator/reference/@code)"), *_said(actual))
            for result in tree.iter("result")
            for actual in result.iter("actual")
        ]
        names: tuple[str, ...] = ("indicator", "area_code", "value")
        self.assertCountEqual(said, [tuple(row[name] for name in names) for row in told])
        concepts = ("INDICATOR", "REF_AREA", "TIME_PERIOD", "BREAKDOWN", "OBS_VALUE", "OBS_STATUS")
        names = ("indicator", "area_code", "period", "dimensions", "value", "status")
        self.assertEqual(
            [[row[name] for name in concepts] for row in self.rows(SDMX)],
            [[row[name] for name in names] for row in rows],
        )
        self.assertTrue(all(row["status"] for row in rows))


def _said(actual: Any) -> tuple[str, str]:
    return actual.xpath("string(dimension[@name='area']/@value)"), actual.get("value", "")


def _day(at: datetime | None, today: date) -> date:
    return at.date() if at else today


@SET
class ReleaseTests(PageTestCase):
    def setUp(self) -> None:
        super().setUp()
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        self.folder = self.enterContext(folder())

    def files(self) -> dict[str, int]:
        names = [*OpenDataRelease.objects.earliest("-pk").files]
        return {name: self.get(f"/data/{name}").status_code for name in names}

    def test_the_same_entry_gives_the_same_bytes_on_any_day_and_is_one_release(self) -> None:
        self.make_approved(self.recommendation, as_of=days_ago(1), public_text="On its way.")
        first = release(self.folder)
        made = contents(self.folder)
        later = self.folder.parent / "later"
        tomorrow = timezone.localdate() + timedelta(days=40)
        with patch("django.utils.timezone.localdate", lambda at=None: _day(at, tomorrow)):
            said = release(later)
        self.assertIn("Nothing changed", said)
        self.assertEqual(first.splitlines()[-1], said.splitlines()[-1])
        self.assertEqual(contents(later), made)
        [found] = OpenDataRelease.objects.all()
        events = AuditEvent.objects.filter(verb="release_open_data")
        self.assertEqual((events.count(), found.changes), (1, {}))
        self.assertEqual(found.sequence, events.get().sequence - 1)

    def test_a_release_says_what_changed_for_readers_outside_alone(self) -> None:
        release(self.folder)
        self.make_submitted(self.recommendation)
        self.assertEqual(self._next().changes, {})
        self.make_approved(self.recommendation, as_of=days_ago(1), public_text="On its way.")
        counted = {"added": 0, "changed": 1, "removed": 0, "named": ["REP-1"]}
        self.assertEqual(self._next().changes, {"recommendations": counted})
        self.assertContains(self.get("/data/"), "0 added, 1 changed, 0 removed")

    def _next(self) -> OpenDataRelease:
        release(self.folder)
        return OpenDataRelease.objects.earliest("-pk")

    def test_the_page_gives_the_files_of_the_last_release_with_their_digests(self) -> None:
        self.assertIn("No open data released yet", self.read("/data/"))
        release(self.folder, by=self.administrator.username)
        page = self.get("/data/")
        found = OpenDataRelease.objects.get()
        self.assertEqual(found.released_by, self.administrator)
        for name, data in contents(self.folder).items():
            self.assertContains(page, f'href="/data/{name}"')
            self.assertContains(page, found.files[name][1])
            answer: Any = self.get(f"/data/{name}")
            self.assertEqual(b"".join(answer.streaming_content), data, name)
        self.assertContains(page, LICENCE)
        self.assertContains(self.get("/"), 'href="/data/"')
        for name in ("rows", "nothing.csv"):
            self.assertEqual(self.get(f"/data/{name}").status_code, 404)
        with override_settings(PUBLIC_PAGES=False):
            for path in ("/data/", f"/data/{PACKAGE}"):
                self.assertEqual(self.get(path, self.manager).status_code, 404)

    def test_what_is_no_longer_public_is_withheld_at_once(self) -> None:
        indicator = self.make_indicator(is_published=True)
        where = {"area": self.make_area("X"), "period": "2019", "by": self.manager}
        indicators.observe(indicator=indicator, values={"value": "5"}, **where)
        release(self.folder)
        indicators.observe(indicator=indicator, values={"value": "6"}, **where)
        # The value before is shown beside it.
        self.assertEqual(set(self.files().values()), {200})
        for withheld, act in (
            ({SDMX, IATI, "observations.csv", "indicators.csv"}, partial(self._hide, indicator)),
            ({"recommendations.csv", "sources.csv"}, self._unpublish),
        ):
            with self.subTest(withheld):
                release(self.folder)
                self.assertEqual(set(self.files().values()), {200})
                act()
                gone = {name for name, code in self.files().items() if code == 404}
                self.assertEqual(gone, withheld)
                self.assertContains(self.get("/data/"), "Withheld", len(withheld))
                release(self.folder)
                self.assertEqual(set(self.files().values()), {200})

    def _unpublish(self) -> None:
        recommendations.unpublish_recommendation(
            recommendation=self.recommendation, by=self.manager, reason="Withdrawn."
        )

    def _hide(self, indicator: Indicator) -> None:
        edit(indicator, self.administrator, is_published=False)

    def test_a_redaction_takes_the_files_away(self) -> None:
        self.make_approved(self.recommendation, as_of=days_ago(1), public_text="Call Xanthippe.")
        release(self.folder)
        self.assertTrue(OpenDataText.objects.filter(text__contains="Xanthippe").exists())
        redact("Xanthippe", self.administrator)
        self.assertEqual(set(self.files().values()), {404})
        release(self.folder)
        self.assertEqual(set(self.files().values()), {200})
        self.assertNotIn("Xanthippe", (self.folder / "recommendations.csv").read_text())

    def test_a_folder_of_others_and_a_fault_leave_everything_as_it_was(self) -> None:
        self.folder.mkdir()
        (self.folder / "letter.txt").write_text("Dear Sir")
        with self.assertRaisesMessage(CommandError, "is not empty"):
            release(self.folder)
        (self.folder / "letter.txt").unlink()
        release(self.folder)
        made = contents(self.folder)
        self.make_approved(self.recommendation, as_of=days_ago(1), public_text="On its way.")
        with (
            patch("recommendations.actions.open_data._pieces", side_effect=OSError(28, "Full")),
            self.assertRaisesMessage(CommandError, "Full"),
        ):
            release(self.folder)
        self.assertEqual(contents(self.folder), made)
        self.assertEqual([each.name for each in self.folder.parent.iterdir()], ["open-data"])
        self.assertEqual(OpenDataRelease.objects.count(), 1)
        with (
            override_settings(PUBLIC_PAGES=False),
            self.assertRaisesMessage(CommandError, "public"),
        ):
            release(self.folder)
        with self.assertRaisesMessage(CommandError, "administrator"):
            release(self.folder, by=self.manager.username)

    def test_without_its_settings_iati_is_left_out_with_a_sentence(self) -> None:
        with override_settings(IATI_ACTIVITY="", IATI_START=None):
            said = release(self.folder)
        self.assertIn("iati.xml is left out. It needs IATI_ACTIVITY, IATI_START.", said)
        self.assertFalse((self.folder / IATI).exists())


@SET
class InternalTests(MarkedTestCase):
    def test_no_file_has_a_word_or_a_figure_that_is_not_public(self) -> None:
        with folder() as at:
            at.mkdir()
            write_files(at, Known(1, "0", timezone.now()))
            told = "\n".join(data.decode() for data in contents(at).values())
        there = set(MARKER.findall(told.lower())) & self.planter.internal.keys()
        self.assertEqual({self.planter.internal[word] for word in there}, set())
        self.assertTrue(self.planter.seen(told))
        self.assertNotIn(HIDDEN_FIGURE, told)


class SettingTests(SimpleTestCase):
    def test_an_address_and_a_day_are_refused_unless_they_are_one(self) -> None:
        for read, right, wrong in (
            (env.address, "https://example.org/by/4.0/", "javascript:alert(1)"),
            (env.day, "2020-01-31", "31/1/2020"),
        ):
            with patch.dict("os.environ", {"X": right}):
                self.assertEqual(str(read("X")), right)
            with patch.dict("os.environ", {"X": wrong}), self.assertRaises(ImproperlyConfigured):
                read("X")
            self.assertFalse(read("X"))
