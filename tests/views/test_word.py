"""Briefings as Word documents: the words of the PDF, in the template of an office."""

import io
import zipfile
from typing import Any
from unittest.mock import patch

import docx
from django.core.files.uploadedfile import SimpleUploadedFile

from recommendations.exports.briefings import word
from recommendations.exports.briefings.word import stock_template
from recommendations.models import Recommendation, User, WordTemplate
from tests.base import days_ago
from tests.briefings.documents import UNSEEN, texts_in
from tests.views.test_briefings import ALL, ONE, BriefingTestCase

PAGE = "/set-up/word/"


def document_of(content: bytes) -> Any:
    return docx.Document(io.BytesIO(content))


def words_in(document: Any) -> str:
    """All words of the body, those of tables and links too."""
    return "\n".join(
        "".join(node.text or "" for node in paragraph.iter() if node.tag.endswith("}t"))
        for paragraph in document.element.body.iter()
        if paragraph.tag.endswith("}p")
    )


def template_with(*paragraphs: str) -> bytes:
    made = docx.Document()
    for text in paragraphs:
        made.add_paragraph(text)
    outlet = io.BytesIO()
    made.save(outlet)
    return outlet.getvalue()


def with_part(data: bytes, name: str, text: bytes, base: bytes = stock_template()) -> bytes:
    """A document in which one part has other bytes, or is there besides."""
    outlet = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(base)) as old, zipfile.ZipFile(outlet, "w", 8) as new:
        for part in old.namelist():
            held = old.read(part)
            new.writestr(part, held.replace(data, text) if part == name and data else held)
        if name not in old.namelist():
            new.writestr(name, text)
    return outlet.getvalue()


LINKED = (
    b"</Relationships>",
    "word/_rels/document.xml.rels",
    b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    b'relationships/image" Target="https://example.org/x.png" TargetMode="External"/>'
    b"</Relationships>",
)


class WordTests(BriefingTestCase):
    def word(self, path: str, person: User | None = None) -> Any:
        response = self.get(path, person, format="docx")
        self.assertEqual(response["Content-Type"], word.DOCX)
        self.assertRegex(response["Content-Disposition"], r'attachment; filename=".*\.docx"')
        return document_of(response.content)

    def upload(self, data: bytes | None, person: User | None = None, name: str = "a.docx") -> Any:
        sent: dict[str, Any] = {"is_stock": "on"} if data is None else {}
        if data is not None:
            sent["file"] = SimpleUploadedFile(name, data)
        return self.post(PAGE, person or self.administrator, **sent)

    def test_it_says_what_the_pdf_says_whatever_signs_a_text_holds(self) -> None:
        self.make_approved(self.recommendation, as_of=days_ago(3), public_text="A & <b> {{ x }}")
        Recommendation.objects.update(title="Do <it> & {{ 7*7 }} ينبغي")
        for path in ALL:
            with self.subTest(path):
                found = self.word(path, self.viewer)
                told = words_in(found)
                made = self.made(path, self.viewer)
                for text in texts_in(made["blocks"], UNSEEN):
                    for line in text.split("\n"):
                        self.assertIn(" ".join(line.split()), " ".join(told.split()))
                self.assertIn("Internal", found.sections[0].header.paragraphs[0].text)
        self.assertIn("Do <it> & {{ 7*7 }}", words_in(self.word(ONE, self.viewer)))

    def test_an_office_has_its_own_template_and_may_take_it_away(self) -> None:
        told = ("Office of X", "{%p if audience %}", "For us", "{%p endif %}")
        own = template_with(*told, "{{ content }}", "{{ day }}")
        self.upload(own)
        self.assertContains(self.get("/", self.administrator), f'href="{PAGE}"')
        found = words_in(self.word(ONE, self.viewer))
        self.assertIn("Office of X\nFor us\n", found)
        self.assertContains(self.get(PAGE, self.administrator), "a.docx")
        self.assertEqual(self.get(f"{PAGE}template.docx", self.administrator).content, own)
        row = WordTemplate.objects.get()
        self.upload(None)
        row.refresh_from_db()
        self.assertEqual(row.removed_by, self.administrator)
        self.assertNotIn("Office of X", words_in(self.word(ONE, self.viewer)))
        self.assertEqual(self.upload(own, self.manager).status_code, 403)

    def test_what_is_no_plain_template_is_refused_with_the_reason(self) -> None:
        bomb = with_part(b"", "word/media/a.xml", b" " * (word.MOST_BYTES + 1))
        place, body = "{{ content }}", "word/document.xml"
        for name, data, reason in (
            ("macros", with_part(b"", "word/vbaProject.bin", b"x"), "without macros"),
            ("a link", with_part(*LINKED), "document.xml.rels"),
            ("an object", with_part(b"", "word/embeddings/a.bin", b"x"), "embeddings"),
            ("an entity", with_part(b"<w:body", body, b"<!ENTITY x><w:body"), body),
            ("too large", bomb, "Larger than"),
            ("a text", b"Words", "without macros"),
            ("unknown", template_with(place, "{{ budget }} {{ head }}"), "budget, head"),
            ("a loop", template_with(place, "{% for x in title %}{% endfor %}"), "For"),
            ("a call", template_with(place, "{{ title.__class__ }}"), "Getattr"),
            ("broken", template_with(place, "{{ title"), "Refused"),
            ("no place", template_with("{{ title }}"), "one paragraph"),
            ("neither", b"", "file"),
        ):
            with self.subTest(name):
                response = self.upload(data)
                self.assertEqual(response.status_code, 400)
                self.assertContains(response, reason, status_code=400)
        self.assertFalse(WordTemplate.objects.exists())

    def test_without_its_packages_the_site_says_so_and_offers_none(self) -> None:
        with patch.object(word, "find_spec", return_value=None):
            response = self.get(ONE, self.viewer, format="docx")
            self.assertContains(response, "not installed", status_code=501)
            self.assertEqual(self.get(PAGE, self.administrator).status_code, 501)
            self.assertNotContains(self.get("/", self.manager), "Briefing (Word)")
        self.assertContains(self.get("/", self.manager), "Briefing (Word)")
