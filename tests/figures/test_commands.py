"""``import_observations`` and ``fetch_world_bank`` at the command line."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from typing import Any, ClassVar
from unittest import mock
from urllib.parse import parse_qs, urlsplit

from django.core.management import CommandError, call_command

from recommendations.management import world_bank
from recommendations.models import ImportRun, Indicator, Observation
from tests.figures.base import FiguresTestCase
from tests.figures.files import long_csv


class ImportObservationsTests(FiguresTestCase):
    def test_a_dry_run_tells_and_writes_nothing(self) -> None:
        said = self.command(long_csv("NAM,2019,1", "Kenia,2019,2", "KEN,x,3"), "--dry-run")
        for words in (
            "1 new, 0 revised, 0 unchanged, 1 rejected, 1 of unknown areas",
            "Line 4:",
            "unknown area “Kenia” (1 rows); similar: Kenya (KEN)",
            "Nothing was written (dry run). Some rows cannot be imported. Correct them, or choose"
            " to skip them. (--leave-out)",
        ):
            self.assertIn(words, said)
        self.assertFalse(Observation.objects.exists())

    def test_written_once_with_source_and_vintage_then_nothing_to_do(self) -> None:
        options = ("--by=staff", "--source=An office", "--vintage=2020-02-01")
        self.assertIn("Imported.", self.command(long_csv("NAM,2019,1.25", "KEN,2019,2"), *options))
        run = ImportRun.objects.get()
        self.assertEqual((run.source, str(run.vintage)), ("An office", "2020-02-01"))
        # Values with other digits are counted and kept.
        said = self.command(long_csv("NAM,2019,1.3", "KEN,2019,2"), *options)
        self.assertIn("1 values are the same at the precision given; they are kept", said)
        self.assertIn("Nothing to do", said)

    def test_what_is_refused_names_the_option_that_would_let_it_in(self) -> None:
        bad = long_csv("NAM,2019,1", "Atlantis,2019,2")
        parts = b"Year,Region,GeoCode,Value\n2020,,,5\n2020,Erongo,KE,4\n"
        invalid = long_csv("NAM,2019,1,no\x81te", header="iso3,period,value,comment")
        contradicting = long_csv("NAM,2019,-4,%", header="iso3,period,value,unit")
        for content, arguments, words in (
            (bad, "--by=staff", "--leave-out"),
            (bad, "", "--by USERNAME"),
            (bad, "--by=nobody", "no active user"),
            (bad, "--by=viewer --leave-out", "You cannot"),
            (b"\xff\xd8\xff\xe0", "--by=staff", "figures.csv"),
            (contradicting, "--by=staff", "--reason TEXT"),
            (contradicting, "--by=staff --reason=Mistaken", "--accept-doubts"),
            (parts, "--by=staff", "(--area CODE)"),
            (parts, "--by=staff --area=NAM", "(--codes-are LIST or --leave-out)"),
            (
                parts,
                "--by=staff --area=NAM --codes-are=parts",
                "(--by USERNAME or --codes-are skip)",
            ),
            (parts, "--by=staff --codes-are=parts", "(--area CODE)"),
            (invalid, "--by=staff", "(--leave-out or --replace-characters)"),
            (bad, "--vintage=soon", "is not a day such as 2024-07-31"),
            (bad, "--by=a\0b", "(U+0000) cannot be shown safely"),
            (bad, "--slice=SEX --by=staff", "names no part. Write it like SEX=_T."),
        ):
            with self.subTest(arguments), self.assertRaisesMessage(CommandError, words):
                self.command(content, *arguments.split())
        for code in ("ONE", "TWO"):
            self.make_indicator(code, vocabulary_code="XX")
        for path, code, words in (
            ("x.csv", "NONE", "There is no indicator"),
            ("x.csv", "XX", "Several indicators have the code “XX”: ONE, TWO."),
            ("/nowhere/x.csv", "USE", "No such file"),
        ):
            with self.assertRaisesMessage(CommandError, words):
                call_command("import_observations", path, f"--indicator={code}")
        self.assertFalse(Observation.objects.exists())
        for content, arguments, told in (
            (bad, "--by=staff --leave-out", ["Imported."]),
            (
                contradicting,
                "--by=staff --reason=Mistaken --accept-doubts",
                ["The file contradicts the indicator:", "NAM, 2019: -4 is negative."],
            ),
            (
                parts,
                "--by=manager --area=NAM --codes-are=parts",
                [
                    "  Region: Dimension",
                    "  (none) → Namibia (NAM): The area that you state; 1 values",
                    "  KE Erongo → Erongo (NAM-KE): Added as a part of Namibia; 1 values",
                ],
            ),
            (invalid, "--by=staff --replace-characters", ["1 revised"]),
        ):
            said = self.command(content, *arguments.split())
            for words in told:
                self.assertIn(words, said)


class _Answers(BaseHTTPRequestHandler):
    """Speaks as the World Bank does: pages of figures, errors under status 200, bad moments."""

    pages: ClassVar[list[list[dict[str, Any]]]] = []
    failures: ClassVar[list[int]] = []
    """Statuses to answer with before the next good answer."""
    body: ClassVar[bytes | None] = None
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.failures:
            self.send_response(self.failures.pop(0))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = self.body if self.body is not None else self._page()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _page(self) -> bytes:
        number = int(parse_qs(urlsplit(self.path).query)["page"][0])
        head: dict[str, Any] = {"page": number, "pages": len(self.pages), "per_page": 2, "total": 9}
        head["lastupdated"] = "2024-05-30"
        return json.dumps([head, self.pages[number - 1]]).encode()

    def log_message(self, format: str, *args: Any) -> None:
        """Quietly."""


def figure(iso3: str, year: int, value: float | None) -> dict[str, Any]:
    return {
        "indicator": {"id": "XX.MADE.UP", "value": "Made up"},
        "country": {"id": iso3[:2], "value": iso3},
        "countryiso3code": iso3,
        "date": str(year),
        "value": value,
        "unit": "",
        "obs_status": "",
        "decimal": 0,
    }


class FetchTests(FiguresTestCase):
    def setUp(self) -> None:
        Indicator.objects.filter(pk=self.indicator.pk).update(vocabulary_code="XX.MADE.UP")
        first = [figure("NAM", 2019, 12.5), figure("NAM", 2018, None)]
        _Answers.pages = [first, [figure("KEN", 2019, 20)]]
        _Answers.failures, _Answers.body = [], None
        _Answers.asked = []
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.address = f"http://127.0.0.1:{server.server_address[1]}/v2"

    def fetch(self, *args: str) -> str:
        out, server = StringIO(), f"--server={self.address}"
        with mock.patch("urllib3.util.retry.Retry.sleep"):
            call_command("fetch_world_bank", "XX.MADE.UP", server, "--by=staff", *args, stdout=out)
        return out.getvalue()

    def test_all_pages_come_in_and_a_null_claims_nothing(self) -> None:
        said = self.fetch("--areas", "NAM", "KEN", "--since=2018")
        self.assertIn("2 new", said)
        self.assertEqual(set(self.held()), {("NAM", "2019"), ("KEN", "2019")})
        self.assertEqual(len(_Answers.asked), 2)
        self.assertIn("/v2/country/NAM;KEN/indicator/XX.MADE.UP?", _Answers.asked[0])
        self.assertIn("date=2018%3A", _Answers.asked[0])
        self.assertEqual(str(ImportRun.objects.get().vintage), "2024-05-30")
        self.assertIn("Nothing to do", self.fetch())

    def test_a_server_that_is_busy_is_asked_again_and_in_the_end_told(self) -> None:
        _Answers.failures = [503] * 10
        with self.assertRaisesMessage(CommandError, "gave no answer in 4 tries"):
            self.fetch()
        self.assertFalse(Observation.objects.exists())
        _Answers.failures = [404]
        with self.assertRaisesMessage(CommandError, "answered with status 404."):
            self.fetch()
        with (
            mock.patch.object(world_bank, "MOST_BYTES", 9),
            self.assertRaisesMessage(CommandError, "more than a page of figures"),
        ):
            self.fetch()
        _Answers.failures = [503, 429]
        self.assertIn("2 new", self.fetch())

    def test_an_error_under_status_200_and_an_answer_that_is_none(self) -> None:
        error = b'[{"message":[{"id":"120","key":"Invalid value","value":"No such series"}]}]'
        for body, words in (
            (error, "No such series"),
            (b"<html>Maintenance</html>", "no list of figures"),
            (b'[{"page":1,"pages":1},[{"indicator":', "no list of figures"),
        ):
            _Answers.body = body
            with self.subTest(words), self.assertRaisesMessage(CommandError, words):
                self.fetch()
        self.assertFalse(Observation.objects.exists())
