"""Briefings in tests: what is given to the typesetter, and what a PDF holds."""

import io
import json
import re
from collections.abc import Collection, Iterator
from typing import Any
from unittest.mock import patch

import pikepdf

from recommendations.exports.briefings.typesetting import Document, as_json
from tests import shown_words

ARABIC = "ينبغي إنشاء نظام لإصدار شهادات المنتجات (DSR-2) بنسبة 25%."
CHINESE = "参与国应当建立产品认证体系 DSR-2。"

_ADDRESS = re.compile(r"https?://\S+")

TYPESET = "recommendations.views.briefings.typeset"


UNSEEN = {"address", "change", "kind", "lang", "shape", "style", "tone"}
"""What the typesetter draws, tags or links by, and nobody reads as words."""


def untypeset(document: Document) -> bytes:
    """In place of the PDF, what it is made of; its words are looked at as those of pages are."""
    made = as_json(document)
    for text in _runs_in(made):
        shown_words.look_at("briefing", _ADDRESS.sub("", text))
    return json.dumps(made, ensure_ascii=False).encode()


def untypeset_briefings() -> Any:
    """Briefings answer with what they are made of, which takes no time and can be read."""
    return patch(TYPESET, untypeset)


def texts_in(value: Any, but: Collection[str] = ()) -> Iterator[str]:
    """All texts of a briefing that was not typeset, ``but`` those under these names.

    A line is one text, however its words look.
    """
    if isinstance(value, str):
        yield value
    elif is_line(value):
        yield "".join(words_of_run(run) for run in value)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name not in but:
                yield from texts_in(each, but)
    elif isinstance(value, list):
        for each in value:
            yield from texts_in(each, but)


def _runs_in(value: Any) -> Iterator[str]:
    """Each run of words by itself, as a person or the site wrote it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name in value.keys() - UNSEEN:
            yield from _runs_in(value[name])
    elif isinstance(value, list):
        for each in value:
            yield from _runs_in(each)


def is_line(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and isinstance(value[0], dict)
        and "is_chip" in value[0]
    )


def words_of_run(run: dict[str, Any]) -> str:
    text = run["text"]
    return str(text["text"] if isinstance(text, dict) else text)


def pdf_of(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(content))


def tags_of(pdf: pikepdf.Pdf) -> list[str]:
    """The kinds of the elements of its structure, in the order in which they are read."""
    return list(_tags(pdf.Root.StructTreeRoot.K))


def languages_of(pdf: pikepdf.Pdf) -> set[str]:
    """The languages of the file, of its parts, and of runs of text within these."""
    runs = (
        each.operands[1]
        for page in pdf.pages
        for each in pikepdf.parse_content_stream(page, "BDC")
        if isinstance(each.operands[1], pikepdf.Dictionary)
    )
    return {str(each.Lang) for each in (*_dictionaries(pdf), *runs) if "/Lang" in each}


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[Any]:
    return (each for each in pdf.objects if isinstance(each, pikepdf.Dictionary))


def _tags(node: Any) -> Iterator[str]:
    if isinstance(node, pikepdf.Array):
        for each in node:
            yield from _tags(each)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield str(node.S)
        if "/K" in node:
            yield from _tags(node.K)
