"""Well-formed SVG: numbers kept short, characters that XML cannot hold replaced."""

import re
from typing import Final
from xml.etree import ElementTree

from django.utils.safestring import SafeString

Value = str | float | None

# Everything but the characters of XML 1.0, section 2.2. Half of a surrogate pair is none either.
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """The text with what XML cannot hold shown as U+FFFD."""
    return _NOT_XML.sub("\ufffd", text)


def length(value: float) -> str:
    """A coordinate with two decimals at most: a hundredth of a pixel is never seen."""
    short = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short


def add(
    parent: ElementTree.Element, tag: str, text: str = "", /, **attributes: Value
) -> ElementTree.Element:
    """Append an element. ``stroke_width`` is written ``stroke-width``; None is left out."""
    found = ElementTree.SubElement(parent, tag, written(attributes))
    if text:
        found.text = clean(text)
    return found


def written(attributes: dict[str, Value]) -> dict[str, str]:
    """Attributes as XML has them."""
    return {
        name.rstrip("_").replace("_", "-"): (
            clean(value) if isinstance(value, str) else length(value)
        )
        for name, value in attributes.items()
        if value is not None
    }


def markup(root: ElementTree.Element) -> SafeString:
    """The element as text that is safe in HTML and in a file of its own."""
    return SafeString(ElementTree.tostring(root, encoding="unicode"))
