"""What a file is told by: what it holds, whatever it is called and however it is broken."""

import io
import tracemalloc
import zipfile
import zlib

from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from recommendations.readers.opening import SAFE, TYPES, detect
from tests.files import GIF, PNG, archive, pdf

ODF = "application/vnd.oasis.opendocument"

GOOD: dict[str, tuple[bytes, ...]] = {
    "pdf": (pdf(),),
    "png": (PNG,),
    "jpg": (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(20),),
    "gif": (GIF, GIF.replace(b"89a", b"87a")),
    "webp": (b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(20),),
    "tif": (b"II*\x00\x08\x00\x00\x00", b"MM\x00*\x00\x00\x00\x08"),
    "txt": (
        *(b"Plain words.\n", b"\x0c", b"<- an arrow", b"<bold claim"),
        b"x < 3 and <b>bold</b> in the middle",
        "Größe, 法律, \U0001f4c8".encode(),
        *("Größe".encode("latin-1"), "Größe".encode("utf-16")),
        *("\ufeffName;Value\r\n".encode(), b"\xfe\xff" + "法律".encode("utf-16-be")),
    ),
    "docx": (archive(word__document_xml="x", word__styles_xml="x"),),
    "xlsx": (archive(xl__workbook_xml="x"),),
    "pptx": (archive(ppt__presentation_xml="x"),),
    "odt": (archive(mimetype=f"{ODF}.text"),),
    "ods": (archive(mimetype=f"{ODF}.spreadsheet"),),
    "odp": (archive(mimetype=f"{ODF}.presentation"),),
    "mp3": (b"ID3\x04\x00\x00\x00\x00\x00\x00",),
    "mp4": (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41", b"\x00\x00\x00\x18ftypM4A \x00"),
    "zip": (archive(a_txt="x"), archive(mimetype="application/epub+zip")),
    "html": (
        b"<!DOCTYPE html><p>x",
        b"  \r\n<HTML>",
        b"\xef\xbb\xbf<script>alert(1)</script>",
        "<script>alert(1)</script>".encode("utf-16"),
        b"<!--x--><img src=x onerror=alert(1)>",
        b"<b>bold</b>",
        b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>',
    ),
    "svg": (
        b"<svg onload=alert(1)>",
        b'<?xml version="1.0"?>\n<!DOCTYPE svg>\n<svg/>',
        b"<!DOCTYPE svg PUBLIC>",
    ),
    "xml": (b'<?xml version="1.0"?><feed/>',),
    "docm": (
        archive(word__document_xml="x", word__vbaProject_bin="x"),
        archive(xl__workbook_xml="x", xl__VBAPROJECT_BIN="x"),
        archive(mimetype=f"{ODF}.text", Basic__Standard__Module1_xml="x"),
        archive(mimetype=f"{ODF}.text", Scripts__python__x_py="x"),
    ),
}
"""Of each type that is told, what it is told by."""

NOTHING = {
    "a Windows program": b"MZ\x90\x00\x03\x00\x00\x00",
    "a program": b"\x7fELF\x02\x01\x01\x00",
    "an older Office file": bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16),
    "a packed file": b"\x1f\x8b\x08\x00" + bytes(8),
    "a picture of a telephone": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
    "a film that is no MP4": b"\x00\x00\x00\x14ftypqt  \x00",
    "sound in the place of a picture": b"RIFF\x24\x00\x00\x00WAVEfmt ",
    "a WebP without its frame": b"XXXX\x24\x00\x00\x00WEBPVP8 ",
    "a PDF that begins later": b"\x00\n%PDF-1.4",
    "half a UTF-16 character": b"\xff\xfea",
    "NUL in text": b"words\x00words",
    "an escape in text": b"words\x1b[31m",
    "the beginning of an archive": b"PK\x03\x04",
    "an archive cut off": archive(word__document_xml="x" * 500)[:-30],
    "an archive cut off early": archive(word__document_xml="x" * 500)[:200],
}


def told(content: bytes) -> str:
    found = detect(io.BytesIO(content))
    return found.code if found else ""


def one_part(
    packed: bytes, *, name: bytes = b"mimetype", method: int = zipfile.ZIP_DEFLATED, size: int = 50
) -> bytes:
    """An archive of one part that states a size of its own choice."""
    sizes = len(packed).to_bytes(4, "little") + size.to_bytes(4, "little")
    how = b"\x14\0\0\0" + method.to_bytes(2, "little") + bytes(8) + sizes
    local = b"PK\x03\x04" + how + len(name).to_bytes(2, "little") + bytes(2) + name + packed
    entry = b"PK\x01\x02\x14\0" + how + len(name).to_bytes(2, "little") + bytes(16) + name
    counts, where = b"\1\0\1\0", len(local).to_bytes(4, "little")
    end = b"PK\x05\x06" + bytes(4) + counts + len(entry).to_bytes(4, "little") + where + bytes(2)
    return local + entry + end


class TypeTests(SimpleTestCase):
    def test_each_type_is_told_by_what_it_holds_or_is_nothing_known(self) -> None:
        self.assertEqual(set(GOOD), set(TYPES))
        for code, contents in {**GOOD, "": NOTHING.values()}.items():
            for content in contents:
                with self.subTest(code=code, content=content[:24]):
                    self.assertEqual(told(content), code)

    def test_what_can_act_is_not_shown_or_not_taken_unless_a_site_says_so(self) -> None:
        self.assertEqual(set(TYPES) - set(SAFE), {"zip", "html", "svg", "xml", "docm"})
        shown = {kind.code for kind in TYPES.values() if kind.is_shown}
        self.assertEqual(shown, {"png", "jpg", "gif", "webp", "txt"})

    def test_two_things_at_once_are_what_they_begin_as(self) -> None:
        word = archive(word__document_xml="x")
        for content, code in (
            (b"GIF89a/*" + GIF[8:] + b"*/=1;document.title='ran'", "gif"),
            (PNG + b"<script>alert(1)</script>", "png"),
            (pdf() + word, "pdf"),
            (b"words\n" + word, ""),
        ):
            self.assertEqual(told(content), code)


class ArchiveTests(SimpleTestCase):
    """An archive is told by its list of parts; what it says of itself is not believed."""

    def test_nothing_is_unpacked(self) -> None:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        swollen = packer.compress(bytes(50 * 1024 * 1024)) + packer.flush()
        for name, code in ((b"mimetype", "zip"), (b"word/document.xml", "docx")):
            content = one_part(swollen, name=name)
            tracemalloc.start()
            self.assertEqual(told(content), code)
            _now, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            self.assertLess(peak, 2 * 1024 * 1024)

    def test_a_part_that_cannot_be_unpacked_breaks_nothing(self) -> None:
        for method in (0, 8, 9, 12, 14, 99):
            for packed in (b"", b"\xff" * 40):
                with self.subTest(method=method, packed=packed):
                    self.assertIn(told(one_part(packed, method=method)), ("", "zip"))

    def test_a_list_without_end_is_not_read(self) -> None:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as written:
            for number in range(20):
                written.writestr(f"{number}" + "x" * 60_000, "")
        self.assertEqual(told(held.getvalue()), "")


def _changed(content: bytes, changes: list[tuple[int, int]], cut: int) -> bytes:
    changed = bytearray(content)
    for place, value in changes:
        changed[place % len(changed)] = value
    return bytes(changed[: len(changed) - cut % len(changed)])


_ANY_GOOD = st.sampled_from([content for contents in GOOD.values() for content in contents])
_CHANGES = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=8)


class AnythingTests(SimpleTestCase):
    @given(st.binary(max_size=600))
    def test_any_bytes_are_something_or_nothing_and_never_an_error(self, content: bytes) -> None:
        self.assertIn(told(content), ("", *TYPES))

    @given(_ANY_GOOD, _CHANGES, st.integers(0, 200))
    def test_nor_are_files_that_were_damaged(
        self, content: bytes, changes: list[tuple[int, int]], cut: int
    ) -> None:
        self.assertIn(told(_changed(content, changes, cut)), ("", *TYPES))

    @given(
        st.text(
            st.characters(exclude_categories=("Cc", "Cs")) | st.sampled_from("\t\n\r"), min_size=1
        ),
        st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    )
    def test_text_stays_text(self, text: str, encoding: str) -> None:
        self.assertEqual(told(f"In words: {text}".encode(encoding)), "txt")
