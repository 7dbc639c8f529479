"""Briefings as Word documents, of the same blocks as the PDF, in the template of an office.

docxtpl fills it, which is installed besides (``requirements/word.txt``): names alone, in a sandbox,
with every text escaped. Where ``content`` stands the blocks are put.
"""

import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from typing import IO, Any, Final
from zipfile import BadZipFile, ZipFile

from django.template.defaultfilters import filesizeformat
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from recommendations.characters import without_unseen
from recommendations.exports.briefings.typesetting import (
    Bar,
    Document,
    Facts,
    Heading,
    Line,
    Note,
    Numbers,
    Points,
    Run,
    Table,
    Terms,
    Text,
    language_of,
)
from recommendations.readers import opening

DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

NAMES: Final = ("title", "reference", "day", "address", "audience", "demonstration", "content")
"""Placeholders that a template may have."""

MOST_PARTS, MOST_BYTES = 1_000, 50 * 1024 * 1024
"""Of a template as it is unpacked."""

_MAIN = b"wordprocessingml.document.main+xml"
_REFUSED_PART = re.compile(r"vbaproject|(^|/)(embeddings|activex|afchunk)", re.IGNORECASE)
_REFUSED_TEXT = re.compile(
    rb"<!DOCTYPE|<!ENTITY|macroEnabled|/(?:aFChunk|attachedTemplate|oleObject|control|subDocument)\""
    rb"|TargetMode\s*=\s*[\"']external|\b(?:DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE)\b|\x00",
    re.IGNORECASE,
)


def is_offered() -> bool:
    """Whether pages lead to Word documents: there is what they are made by."""
    return all(find_spec(name) for name in ("docxtpl", "docx"))


class TemplateRefused(Exception):
    """Why a file cannot be the template, in words for who uploads it."""


def check_template(file: IO[bytes]) -> None:
    """Refuse what is no plain Word document, or cannot be filled; ``TemplateRefused``."""
    found = opening.detect(file)
    if found is None or found.name != DOCX:
        raise TemplateRefused(_part_refused(str(found.label if found else file.name)))
    _check_parts(file)
    empty = Document("", "", "", "", "", "", "", ())
    file.seek(0)
    word_document(empty, file.read())


def _check_parts(file: IO[bytes]) -> None:
    """Nothing in it executes, refers to another place, or unpacks without end."""
    try:
        with ZipFile(file) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
                raise TemplateRefused(
                    _("Larger than %(most)s.") % {"most": filesizeformat(MOST_BYTES)}
                )
            for part in parts:
                data = archive.read(part) if part.filename.endswith((".xml", ".rels")) else b""
                if _REFUSED_PART.search(part.filename) or _REFUSED_TEXT.search(data):
                    raise TemplateRefused(_part_refused(part.filename))
            if _MAIN not in archive.read("[Content_Types].xml"):
                raise TemplateRefused(_part_refused("[Content_Types].xml"))
    except (BadZipFile, KeyError, ValueError, RuntimeError, NotImplementedError, OSError) as error:
        raise TemplateRefused(_part_refused(type(error).__name__)) from error


def _part_refused(part: str) -> str:
    return _(
        "The template must be a plain Word document without macros, embedded files and links to "
        "other files. Refused: %(part)s."
    ) % {"part": part[:100]}


@cache
def _environment() -> Any:
    """Jinja with names and conditions alone: no loop, call, attribute or filter."""
    from jinja2 import StrictUndefined, nodes
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    allowed: tuple[type[Any], ...] = (
        nodes.Template,
        nodes.Output,
        nodes.TemplateData,
        nodes.Name,
        nodes.If,
        nodes.Not,
        nodes.And,
        nodes.Or,
    )

    class Names(ImmutableSandboxedEnvironment):
        def from_string(self, source: Any, *args: Any, **kwargs: Any) -> Any:
            found = list(self.parse(source).find_all(nodes.Node))
            if others := [node for node in found if not isinstance(node, allowed)]:
                raise TemplateRefused(_part_refused(f"{{% {type(others[0]).__name__} %}}"))
            names = {node.name for node in found if isinstance(node, nodes.Name)}
            if unknown := sorted(names - set(NAMES)):
                raise TemplateRefused(
                    _("The template has unknown placeholders: %(names)s. Known are: %(known)s.")
                    % {"names": ", ".join(unknown), "known": ", ".join(NAMES)}
                )
            return super().from_string(source, *args, **kwargs)

    made = Names(autoescape=True, undefined=StrictUndefined)
    made.globals.clear()
    return made


@cache
def stock_template() -> bytes:
    """The template of a site that has no other: that of python-docx with the placeholders."""
    import docx

    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "{{ reference }} · {{ day }} {{ audience }}"
    document.sections[0].footer.paragraphs[0].text = "{{ address }}"
    document.add_paragraph("{%p if demonstration %}")
    document.add_paragraph("{{ demonstration }}", "Intense Quote")
    document.add_paragraph("{%p endif %}")
    document.add_paragraph("{{ title }}", "Title")
    document.add_paragraph("{{ content }}")
    outlet = io.BytesIO()
    document.save(outlet)
    return outlet.getvalue()


_HERE: Final = "\ue000content\ue000"
"""Stands for the blocks until they are there; of the private use area, which no text has."""


def word_document(document: Document, template: bytes) -> bytes:
    """The document in a template; ``TemplateRefused`` where that cannot be filled."""
    from docxtpl import DocxTemplate
    from jinja2 import TemplateError
    from lxml.etree import LxmlError

    told = {
        name: without_unseen(getattr(document, name))
        for name in NAMES
        if name not in ("title", "content")
    }
    told["title"] = without_unseen(f"{document.mark} {document.heading}").strip()
    made = DocxTemplate(io.BytesIO(template))
    try:
        made.render({**told, "content": _HERE}, _environment(), autoescape=True)
    except TemplateRefused:
        raise
    except (TemplateError, LxmlError, ValueError, KeyError) as error:
        raise TemplateRefused(_part_refused(str(error))) from error
    word = made.docx
    here = [each for each in word.paragraphs if each.text.strip() == _HERE]
    if len(here) != 1:
        raise TemplateRefused(
            _("The template needs one paragraph with the placeholder {{ content }} alone.")
        )
    _Blocks(word, here[0]._p.addprevious).put(document.blocks)
    here[0]._p.getparent().remove(here[0]._p)
    word.core_properties.title = told["title"]
    word.core_properties.author = _("Recommendation Tracker")
    word.core_properties.language = get_language() or ""
    outlet = io.BytesIO()
    word.save(outlet)
    return outlet.getvalue()


_TONES: Final[Mapping[str, str]] = {
    "blue": "2B4F94",
    "violet": "5D4694",
    "assured": "0B5C63",
    "green": "17633B",
    "amber": "7D4A00",
    "red": "A8231B",
    "grey": "525C68",
    "soft": "57616E",
    "none": "57616E",
}
"""As ``briefing.typ`` has them."""


class _Blocks:
    """Puts blocks into a document, each before the place that ``put_before`` knows."""

    def __init__(self, word: Any, put_before: Callable[[Any], None]) -> None:
        self.word, self.put_before = word, put_before
        self.styles = {style.name for style in word.styles}
        self.kinds: dict[type, Callable[[Any], None]] = {
            Heading: lambda block: self.paragraph([block.line], f"Heading {block.level}"),
            Text: lambda block: self.paragraphs(block.lines, "Body Text"),
            Note: lambda block: self.paragraphs(block.lines, "Intense Quote"),
            Facts: lambda block: self.terms(block.facts),
            Terms: lambda block: self.terms(block.terms),
            Numbers: self.numbers,
            Bar: lambda block: self.points((part.line,) for part in block.parts),
            Points: lambda block: self.points(block.points),
            Table: self.table,
        }

    def put(self, blocks: Iterable[Any]) -> None:
        for block in blocks:
            self.kinds[type(block)](block)

    def paragraphs(self, lines: Sequence[Line], style: str) -> None:
        for line in lines:
            self.paragraph([line], style)

    def points(self, points: Iterable[Sequence[Line]]) -> None:
        for lines in points:
            self.paragraph(lines, "List Bullet")

    def numbers(self, block: Any) -> None:
        self.paragraph([block.label], "Heading 4")
        self.points(
            ((Run(f"{each.number} ", is_strong=True),), *each.lines) for each in block.numbers
        )

    def terms(self, terms: Iterable[Any]) -> None:
        self.grid([[term.label, term.lines] for term in terms], ())

    def table(self, block: Any) -> None:
        self.grid(block.rows, [column.lines for column in block.columns])

    def paragraph(self, lines: Iterable[Line], style: str) -> None:
        paragraph = self.word.add_paragraph(style=self.style(style))
        self.put_before(paragraph._p)
        self.fill(paragraph, lines)

    def style(self, name: str) -> str | None:
        return name if name in self.styles else None

    def grid(
        self, rows: Sequence[Sequence[Sequence[Line]]], head: Sequence[Sequence[Line]]
    ) -> None:
        """A table, whose head is repeated on each page."""
        from docx.oxml import OxmlElement

        lines = [head, *rows] if head else list(rows)
        if not lines:
            return
        table = self.word.add_table(len(lines), len(lines[0]), self.style("Table Grid"))
        self.put_before(table._tbl)
        for row, cells in zip(table.rows, lines, strict=True):
            for cell, held in zip(row.cells, cells, strict=True):
                self.fill(cell.paragraphs[0], held, is_strong=cells is head)
        if head:
            table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        self.paragraph([], "Body Text")

    def fill(self, paragraph: Any, lines: Iterable[Line], *, is_strong: bool = False) -> None:
        from docx.oxml import OxmlElement

        lines = list(lines)
        text = "".join(run.text for line in lines for run in line)
        is_backwards = language_of(text) in ("ar", "he")
        if is_backwards:
            paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))
        for place, line in enumerate(lines):
            for number, run in enumerate(line):
                made = paragraph.add_run(without_unseen(run.text))
                if place and not number:
                    made._r.insert(0, OxmlElement("w:br"))
                self.dress(made, run, is_strong=is_strong)
                made.font.rtl = is_backwards or None
                if run.address:
                    self.link(paragraph, made, run.address)

    def dress(self, made: Any, run: Run, *, is_strong: bool) -> None:
        from docx.shared import RGBColor

        made.bold = run.is_strong or run.is_chip or is_strong or None
        made.font.strike = run.change == "removed" or None
        made.font.underline = run.change == "added" or bool(run.address) or None
        if tone := _TONES.get(run.tone or ("soft" if run.is_quiet else "")):
            made.font.color.rgb = RGBColor.from_string(tone)

    def link(self, paragraph: Any, made: Any, address: str) -> None:
        from docx.opc.constants import RELATIONSHIP_TYPE
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        key = paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), key)
        made._r.addprevious(link)
        link.append(made._r)
