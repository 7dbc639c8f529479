"""Small files for tests: real enough for their type to be told by what they hold."""

import io
import zipfile
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from recommendations.actions.evidence.files import Received, receive

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00" + (
    b"\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)


def pdf(words: str = "One page.") -> bytes:
    """A PDF whose bytes are its own: other words, other digest."""
    return b"%PDF-1.4\n% " + words.encode() + b"\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"


def archive(**parts: str) -> bytes:
    """A ZIP of these parts; ``__`` in a name stands for a slash, ``_`` for a point."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as written:
        for name, text in parts.items():
            written.writestr(name.replace("__", "/").replace("_", "."), text)
    return held.getvalue()


def upload(
    name: str = "paper.pdf", content: bytes | None = None, content_type: str = "application/pdf"
) -> SimpleUploadedFile:
    """What a browser sends."""
    return SimpleUploadedFile(name, pdf() if content is None else content, content_type)


def received(name: str = "paper.pdf", content: bytes | None = None) -> Received:
    """A file whose bytes are in the storage."""
    sent: Any = upload(name, content)
    return receive(sent)
