"""The names under which files of evidence are saved."""

from typing import Any

from django.test import SimpleTestCase

from recommendations.models import Evidence, EvidenceRevision, StoredFile
from recommendations.views.evidence import download_name


class NameTests(SimpleTestCase):
    def name(self, original: str, media_type: str = "application/pdf", **values: Any) -> str:
        item = Evidence(slug="internal-word", title=values.pop("title", "A title"))
        revision = EvidenceRevision(
            evidence=item, number=3, original_name=original, file=StoredFile(media_type=media_type)
        )
        return download_name(revision, is_inside=values.pop("is_inside", True))

    def test_the_ending_is_that_of_what_it_is(self) -> None:
        for original, media_type, expected in (
            ("report.pdf", "application/pdf", "report.pdf"),
            ("REPORT.PDF", "application/pdf", "REPORT.PDF"),
            ("report", "application/pdf", "report.pdf"),
            ("report.exe", "application/pdf", "report.exe.pdf"),
            ("photo.JPEG", "image/jpeg", "photo.JPEG"),
            ("photo.html", "image/png", "photo.html.png"),
            ("table.csv", "text/plain", "table.csv"),
            ("run.bat", "text/plain", "run.bat.txt"),
            ("page.html", "text/plain", "page.html.txt"),
            ("x.pdf", "application/x-gone", "x.pdf.bin"),
        ):
            with self.subTest(original):
                self.assertEqual(self.name(original, media_type), expected)

    def test_no_system_takes_it_for_anything_else(self) -> None:
        for original, expected in (
            ("CON", "file-CON.pdf"),
            ("nul.pdf", "file-nul.pdf"),
            ("Com1.txt.pdf", "file-Com1.txt.pdf"),
            ("lpt¹.pdf", "file-lpt¹.pdf"),
            ("console.pdf", "console.pdf"),
            (".htaccess", "htaccess.pdf"),
            ("-rf.pdf", "rf.pdf"),
            ("~$x.pdf", "$x.pdf"),
            ("..", "file.pdf"),
            ("---", "file.pdf"),
            ("../../etc/passwd", "passwd.pdf"),
            ("C:\\temp\\a.pdf", "a.pdf"),
            ('a"b;<c>|d*?%41.pdf', "a_b;_c__d___41.pdf"),
            ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"),
            ("a\u202efdp.exe", "afdp.exe.pdf"),
            ("a.pdf. ", "a.pdf"),
        ):
            with self.subTest(original):
                self.assertEqual(self.name(original), expected)

    def test_the_public_gets_one_of_our_own(self) -> None:
        for title, expected in (
            ("The law of 2026", "the-law-of-2026-3.pdf"),
            ("法律", "evidence-3.pdf"),
            ("x" * 300, f"{'x' * 60}-3.pdf"),
        ):
            self.assertEqual(self.name("secret.pdf", title=title, is_inside=False), expected)
