"""Files of evidence as they are given out: to whom, under which headers, and when not at all."""

from typing import Any
from unittest import mock

from django.conf import settings
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from recommendations.actions import recommendations
from recommendations.actions.evidence import changes as evidence_changes
from recommendations.actions.evidence import items as evidence_items
from recommendations.models import Evidence, StoredFile
from recommendations.storage import evidence as store
from tests.base import link_evidence
from tests.files import PNG, pdf, received
from tests.views.deciding import undone
from tests.views.pages import PageTestCase

SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
FRAMED = SANDBOX.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
LOG = "recommendations.views.evidence"
MISSING = ("missing", "Tell the site administrators. Uploading the same file again restores it.")
ALTERED = "The stored file differs from the uploaded file and cannot be downloaded."


def of(item: Evidence, number: int = 1) -> str:
    return reverse("evidence-file", args=[item.pk, number])


class FilesTestCase(PageTestCase):
    """An internal report, and a public letter under something published that came twice."""

    first, second = pdf("The letter as it came first."), pdf("The letter, signed.")

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.report = cls.make_evidence("A report", file=received("internal report.pdf"))
        draft = received("zq draft.pdf", cls.first)
        cls.letter = cls.make_evidence("The letter", visibility="public", file=draft)
        signed = received("zq signed.pdf", cls.second)
        evidence_changes.revise_file(
            evidence=cls.letter, by=cls.staff, expected_version=1, file=signed
        )
        link_evidence(to=cls.recommendation, by=cls.staff, evidence=cls.letter, stance="need")
        recommendations.publish_recommendation(recommendation=cls.recommendation, by=cls.manager)

    def setUp(self) -> None:
        super().setUp()
        # Some tests take bytes away; every test finds them there.
        received(content=self.first), received(content=self.second), received()
        self.path, self.letters = of(self.report), [of(self.letter, n) for n in range(4)]

    def kept(self, name: str, content: bytes) -> str:
        return of(self.make_evidence(name, file=received(name, content)))

    def assert_bytes(self, path: str, person: Any, content: bytes) -> None:
        response = self.get(path, person)
        self.assertEqual((response.status_code, response.getvalue()), (200, content))

    def assert_no_bytes(self, response: Any, status: int) -> None:
        self.assertEqual(response.status_code, status)
        self.assertNotIn(b"%PDF", response.getvalue())
        self.assertNotIn("ETag", response)


class WhoTests(FilesTestCase):
    def test_people_inside_get_what_they_may_see_whatever_its_number(self) -> None:
        for person in (self.staff, self.manager, self.auditor, self.administrator):
            self.assert_bytes(self.path, person, pdf())
            self.assert_bytes(self.letters[1], person, self.first)
            self.assert_bytes(self.letters[2], person, self.second)
        self.assert_no_bytes(self.get(self.path, self.viewer), 404)
        self.assert_bytes(self.letters[2], self.viewer, self.second)

    def test_without_public_pages_nobody_outside_gets_anything(self) -> None:
        for path in (self.path, self.letters[2], of(self.letter, 9), "/evidence/999/files/1/"):
            self.assert_turned_away(path)
            self.assert_no_bytes(self.get(path), 302)
            self.assert_no_bytes(self.get(path, self.stranger), 403)

    @override_settings(PUBLIC_PAGES=True)
    def test_with_public_pages_the_newest_file_of_a_public_item_as_long_as_it_is(self) -> None:
        newest = self.letters.pop(2)
        far = (of(self.letter, 10**30), f"/evidence/{10**30}/files/1/")
        for person in (None, self.stranger):
            self.assert_bytes(newest, person, self.second)
            for path in (*self.letters, self.path, *far):
                self.assert_no_bytes(self.get(path, person), 404)
                self.assert_no_bytes(self.client_for(person).head(path), 404)
        tag = self.client_for(None).head(newest)["ETag"]
        with undone():
            evidence_items.detach(link=self.letter.links.get(), by=self.manager)
            self.assert_no_bytes(self.get(newest), 404)
        item = Evidence.objects.get(pk=self.letter.pk)
        about: dict[str, Any] = {"evidence": item, "expected_version": item.version}
        evidence_changes.change_item(**about, by=self.staff, values={"visibility": "internal"})
        for headers in ({}, {"If-None-Match": tag}):
            for person in (None, self.viewer):
                response = self.client_for(person).get(newest, headers=headers)
                self.assert_no_bytes(response, 404)
        self.assert_bytes(newest, self.staff, self.second)

    def test_it_is_read_and_never_sent_to(self) -> None:
        for method in ("post", "put", "patch", "delete"):
            response = getattr(self.client_for(self.manager), method)(self.path)
            self.assertEqual(response.status_code, 405)


class HeaderTests(FilesTestCase):
    def assert_safe(self, response: Any, policy: str = SANDBOX, frame: str = "DENY") -> None:
        self.assertEqual(response["Content-Security-Policy"], policy)
        self.assertEqual(response["X-Content-Type-Options"], "nosniff")
        self.assertEqual(response["Cross-Origin-Resource-Policy"], "same-origin")
        self.assertEqual(response["X-Frame-Options"], frame)

    def test_saved_under_its_name_with_what_it_is(self) -> None:
        response = self.get(self.path, self.staff)
        self.assert_safe(response)
        tag = f'"{self.report.revisions.get().file_id}"'
        for name, value in (
            ("Content-Type", "application/pdf"),
            ("Content-Length", str(len(pdf()))),
            ("ETag", tag),
            ("Content-Disposition", 'attachment; filename="internal report.pdf"'),
        ):
            self.assertEqual(response[name], value)
        self.assertRegex(response["Cache-Control"], "private.*no-store|no-store.*private")
        self.assertTrue(response.streaming)
        head = self.client_for(self.staff).head(self.path)
        self.assertEqual((head.status_code, head.content), (200, b""))
        names = set(response.headers) - {"X-Request-ID"}
        self.assertEqual({n: response[n] for n in names}, {n: head[n] for n in names})
        response.getvalue()

    def test_shown_or_framed_only_where_asked_and_where_a_browser_can_do_no_harm(self) -> None:
        words, page = b"not bold</b> though, and neither a page\n", pdf("shown")
        for name, content, query, way in (
            ("a.png", PNG, {}, "attachment"),
            ("a.png", PNG, {"show": "1"}, "inline"),
            ("a.png", PNG, {"show": "x"}, "attachment"),
            ("a.png", PNG, {"beside": "1"}, ""),
            ("a.txt", words, {}, "attachment"),
            ("a.txt", words, {"show": "1"}, "inline"),
            ("a.txt", words, {"beside": "1"}, "framed"),
            ("a.pdf", page, {}, "attachment"),
            ("a.pdf", page, {"show": "1"}, "attachment"),
            ("a.pdf", page, {"beside": "1"}, "framed"),
        ):
            with self.subTest(name=name, query=query):
                response = self.get(self.kept(name, content), self.staff, **query)
                self.assertEqual(response.getvalue(), content)
                safe = (FRAMED, "SAMEORIGIN") if way == "framed" else ()
                self.assert_safe(response, *safe)
                if way:
                    said = f'{way.replace("framed", "inline")}; filename="{name}"'
                    self.assertEqual(response["Content-Disposition"], said)
                if name == "a.txt":
                    self.assertEqual(response["Content-Type"], "text/plain; charset=utf-8")
        self.assert_no_bytes(self.get(self.path, None, beside="1"), 302)

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_reads_no_internal_word_and_asks_anew_each_time(self) -> None:
        response = self.get(self.letters[2])
        self.assert_safe(response)
        self.assertEqual(response["Content-Disposition"], 'attachment; filename="the-letter-2.pdf"')
        self.assertNotIn("zq", str(response.headers))
        self.assertEqual(response["Cache-Control"], "no-cache")
        self.assertIn("Cookie", response["Vary"])
        response.getvalue()

    def test_who_has_it_already_gets_304_after_the_same_look(self) -> None:
        client = self.client_for(self.staff)
        tag = client.head(self.path)["ETag"]
        for sent, status in ((tag, 304), (f'"x", W/{tag}', 304), ("*", 304), ('"x"', 200)):
            with self.subTest(sent=sent):
                response = client.get(self.path, headers={"If-None-Match": sent})
                self.assertEqual((response.status_code, response["ETag"]), (status, tag))
                self.assert_safe(response)
                self.assertEqual(response.getvalue(), b"" if status == 304 else pdf())
                self.assertIn("no-store", response["Cache-Control"])
        for person, status in ((None, 302), (self.stranger, 403), (self.viewer, 404)):
            response = self.client_for(person).get(self.path, headers={"If-None-Match": tag})
            self.assert_no_bytes(response, status)

    def test_it_is_read_in_pieces(self) -> None:
        content = pdf("x" * 300_000)
        response = self.get(self.kept("long.pdf", content), self.staff)
        pieces = list(response.streaming_content)
        self.assertEqual(b"".join(pieces), content)
        self.assertEqual({len(piece) for piece in pieces[:-1]}, {store.CHUNK_BYTES})
        response.getvalue()

    @override_settings(EVIDENCE_ACCEL_PREFIX="/kept/")
    def test_the_server_before_us_is_told_where_it_lies_and_gets_the_same_headers(self) -> None:
        response = self.get(self.path, self.staff)
        self.assert_safe(response)
        sha256 = self.report.revisions.get().file_id
        self.assertEqual(response["X-Accel-Redirect"], f"/kept/{store.storage_name(sha256)}")
        self.assertEqual((response.content, response["Content-Type"]), (b"", "application/pdf"))
        self.assertIn("attachment", response["Content-Disposition"])
        self.assertEqual(response["ETag"], f'"{sha256}"')
        refused = self.get(self.path, self.viewer)
        self.assert_no_bytes(refused, 404)
        headers = {"If-None-Match": response["ETag"]}
        again = self.client_for(self.staff).get(self.path, headers=headers)
        self.assertEqual(again.status_code, 304)
        for answer in (refused, again):
            self.assertNotIn("X-Accel-Redirect", answer)

    @override_settings(
        EVIDENCE_ACCEL_PREFIX="/kept",
        STORAGES=settings.STORAGES
        | {"evidence": {"BACKEND": "django.core.files.storage.InMemoryStorage"}},
    )
    def test_what_lies_in_no_folder_is_given_by_ourselves(self) -> None:
        self.assert_bytes(self.kept("a.pdf", pdf()), self.staff, pdf())


class NotGivenTests(FilesTestCase):
    def refused(self, status: int, *words: str, **state: Any) -> None:
        """Every way of asking is answered with a page that says why, and with no byte."""
        sha256, client = self.report.revisions.get().file_id, self.client_for(self.staff)
        if state:
            StoredFile.objects.filter(pk=sha256).update(**state)
        headers = {"If-None-Match": f'"{sha256}"'}
        self.assert_no_bytes(client.get(self.path, headers=headers), status)
        self.assert_no_bytes(client.head(self.path), status)
        with override_settings(EVIDENCE_ACCEL_PREFIX="/kept"):
            self.assertNotIn("X-Accel-Redirect", client.get(self.path))
        response = client.get(self.path)
        self.assert_no_bytes(response, status)
        self.assertIn("text/html", response["Content-Type"])
        self.assertNotIn("sandbox", response["Content-Security-Policy"])
        text = self.read(self.path, self.staff, status=status)
        self.assert_words(text, "This file is not available", "Back to “A report”", *words)
        self.assert_no_bytes(self.get(self.path, self.viewer), 404)

    def test_what_is_known_of_it_beforehand(self) -> None:
        now, waits = timezone.now(), "This file awaits the virus scan and cannot be downloaded yet."
        rejected = "The virus scanner rejected this file. It cannot be downloaded."
        cases: tuple[tuple[int, tuple[str, ...], dict[str, Any]], ...] = (
            (404, MISSING, {"fault": "missing"}),
            (409, (ALTERED,), {"fault": "altered"}),
            (409, (waits, "Try again later."), {"fault": "", "scan": "waiting"}),
            (409, (rejected,), {"scan": "refused", "scan_note": "Eicar", "scanned_at": now}),
            (
                410,
                ("This file was redacted on", "stay on record"),
                {"redacted_at": now, "redacted_by": self.administrator},
            ),
        )
        for status, words, state in cases:
            with self.subTest(words[0]):
                self.refused(status, *words, **state)

    def test_found_missing_cut_off_or_grown_only_now(self) -> None:
        file = self.report.revisions.get().file
        path = settings.EVIDENCE_ROOT / store.storage_name(file.sha256)
        for content in (b"", pdf()[:-1], pdf() + b"x"):
            path.write_bytes(content)
            with self.assertLogs(LOG, "ERROR"):
                self.refused(409, ALTERED)
        store.delete_file(file.sha256)
        with self.assertLogs(LOG, "ERROR") as logged:
            self.refused(404, *MISSING)
        self.assertIn(file.sha256, logged.output[0])

    def test_a_storage_that_does_not_answer(self) -> None:
        broken = mock.patch.object(store, "stored_size", side_effect=OSError("secret"))
        with broken, self.assertLogs(LOG, "ERROR"):
            self.refused(503, "The file storage is not available at present.")

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_is_told_the_same_and_nothing_internal(self) -> None:
        file = self.letter.revisions.get(number=2).file_id
        told = {"scan": "refused", "scan_note": "zq note", "scanned_at": timezone.now()}
        StoredFile.objects.filter(pk=file).update(**told)
        response = self.get(self.letters[2])
        self.assert_no_bytes(response, 409)
        self.assertNotContains(response, "zq", status_code=409)
        self.assert_no_bytes(self.get(self.letters[1]), 404)
