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
from tests.views.pages import PageTestCase

SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


def of(item: Evidence, number: int = 1) -> str:
    return reverse("evidence-file", args=[item.pk, number])


class FilesTestCase(PageTestCase):
    """An internal report, and a public letter under something published that came twice."""

    first, second = pdf("The letter as it came first."), pdf("The letter, signed.")

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.report = cls.make_evidence("A report", file=received("internal report.pdf"))
        cls.letter = cls.make_evidence(
            "The letter", visibility="public", file=received("zq draft.pdf", cls.first)
        )
        evidence_changes.revise_file(
            evidence=cls.letter,
            by=cls.staff,
            expected_version=1,
            file=received("zq signed.pdf", cls.second),
        )
        link_evidence(to=cls.recommendation, by=cls.staff, evidence=cls.letter, stance="need")
        recommendations.publish_recommendation(recommendation=cls.recommendation, by=cls.manager)

    def setUp(self) -> None:
        super().setUp()
        # Some tests take bytes away; every test finds them there.
        received(content=self.first), received(content=self.second), received()

    def body(self, path: str, person: Any = None, **query: Any) -> bytes:
        response = self.get(path, person, **query)
        self.assertEqual(response.status_code, 200)
        return response.getvalue()

    def assert_no_bytes(self, response: Any, status: int) -> None:
        self.assertEqual(response.status_code, status)
        self.assertNotIn(b"%PDF", response.getvalue())
        self.assertNotIn("ETag", response)


class WhoTests(FilesTestCase):
    def test_people_inside_get_what_they_may_see_whatever_its_number(self) -> None:
        for person in (self.staff, self.manager, self.auditor, self.administrator):
            with self.subTest(person=str(person)):
                self.assertEqual(self.body(of(self.report), person), pdf())
                self.assertEqual(self.body(of(self.letter, 1), person), self.first)
                self.assertEqual(self.body(of(self.letter, 2), person), self.second)

    def test_a_viewer_gets_files_of_public_items_alone(self) -> None:
        self.assert_no_bytes(self.get(of(self.report), self.viewer), 404)
        self.assertEqual(self.body(of(self.letter, 2), self.viewer), self.second)

    def test_without_public_pages_nobody_outside_gets_anything(self) -> None:
        for path in (
            of(self.report),
            of(self.letter, 2),
            of(self.letter, 9),
            "/evidence/999/files/1/",
        ):
            with self.subTest(path=path):
                self.assert_turned_away(path)
                self.assert_no_bytes(self.get(path), 302)
                self.assert_no_bytes(self.get(path, self.stranger), 403)

    @override_settings(PUBLIC_PAGES=True)
    def test_with_public_pages_the_newest_file_of_a_public_item(self) -> None:
        for person in (None, self.stranger):
            with self.subTest(person=str(person)):
                self.assertEqual(self.body(of(self.letter, 2), person), self.second)
                for path in (
                    of(self.letter, 1),
                    of(self.letter, 3),
                    of(self.letter, 0),
                    of(self.report),
                    of(self.letter, 10**30),
                    f"/evidence/{10**30}/files/1/",
                ):
                    self.assert_no_bytes(self.get(path, person), 404)
                    self.assert_no_bytes(self.client_for(person).head(path), 404)

    @override_settings(PUBLIC_PAGES=True)
    def test_an_address_that_was_copied_is_good_as_long_as_the_item_is_public(self) -> None:
        path = of(self.letter, 2)
        tag = self.client_for(None).head(path)["ETag"]
        item = Evidence.objects.get(pk=self.letter.pk)
        evidence_changes.change_item(
            evidence=item,
            by=self.staff,
            expected_version=item.version,
            values={"visibility": "internal"},
        )
        for headers in ({}, {"If-None-Match": tag}):
            self.assert_no_bytes(self.client.get(path, headers=headers), 404)
            self.assert_no_bytes(self.client_for(self.viewer).get(path, headers=headers), 404)
        self.assertEqual(self.body(path, self.staff), self.second)

    @override_settings(PUBLIC_PAGES=True)
    def test_nor_is_it_when_the_item_stands_under_nothing_any_more(self) -> None:
        evidence_items.detach(link=self.letter.links.get(), by=self.manager)
        self.assert_no_bytes(self.get(of(self.letter, 2)), 404)

    def test_it_is_read_and_never_sent_to(self) -> None:
        for method in ("post", "put", "patch", "delete"):
            response = getattr(self.client_for(self.manager), method)(of(self.report))
            self.assertEqual(response.status_code, 405)


class HeaderTests(FilesTestCase):
    def assert_safe(self, response: Any) -> None:
        self.assertEqual(response["Content-Security-Policy"], SANDBOX)
        self.assertEqual(response["X-Content-Type-Options"], "nosniff")
        self.assertEqual(response["Cross-Origin-Resource-Policy"], "same-origin")
        self.assertEqual(response["X-Frame-Options"], "DENY")

    def test_saved_under_its_name_with_what_it_is(self) -> None:
        response = self.get(of(self.report), self.staff)
        self.assert_safe(response)
        self.assertEqual(response["Content-Type"], "application/pdf")
        self.assertEqual(response["Content-Length"], str(len(pdf())))
        self.assertEqual(response["ETag"], f'"{self.report.revisions.get().file_id}"')
        self.assertEqual(
            response["Content-Disposition"], 'attachment; filename="internal report.pdf"'
        )
        for said in ("private", "no-store"):
            self.assertIn(said, response["Cache-Control"])
        self.assertTrue(response.streaming)
        response.getvalue()

    def test_shown_only_where_asked_for_and_where_a_browser_can_do_no_harm(self) -> None:
        shown = {"a.png": PNG, "a.txt": b"<b>not bold</b> though, and neither a page\n"[3:]}
        for name, content in {**shown, "a.pdf": pdf("shown")}.items():
            item = self.make_evidence(name, file=received(name, content))
            for query, is_shown in (
                ({}, False),
                ({"show": "1"}, name in shown),
                ({"show": "x"}, False),
            ):
                with self.subTest(name=name, query=query):
                    response = self.get(of(item), self.staff, **query)
                    self.assert_safe(response)
                    self.assertEqual(response.getvalue(), content)
                    way = "inline" if is_shown else "attachment"
                    self.assertEqual(response["Content-Disposition"], f'{way}; filename="{name}"')

    def test_framed_by_this_site_alone_and_still_in_its_sandbox(self) -> None:
        framed = SANDBOX.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
        for name, content, is_framed in (
            ("b.pdf", pdf("framed"), True),
            ("b.txt", b"Words alone.\n", True),
            ("b.png", PNG, False),
        ):
            with self.subTest(name=name):
                item = self.make_evidence(name, file=received(name, content))
                response = self.get(of(item), self.staff, beside="1")
                self.assertEqual(response.getvalue(), content)
                if not is_framed:
                    self.assert_safe(response)
                    continue
                self.assertEqual(response["Content-Security-Policy"], framed)
                self.assertEqual(response["X-Frame-Options"], "SAMEORIGIN")
                self.assertEqual(response["Content-Disposition"], f'inline; filename="{name}"')
        self.assert_no_bytes(self.get(of(self.report), None, beside="1"), 302)

    def test_text_is_text_and_nothing_else(self) -> None:
        item = self.make_evidence("Words", file=received("words.txt", "Größe".encode()))
        response = self.get(of(item), self.staff, show="1")
        self.assertEqual(response["Content-Type"], "text/plain; charset=utf-8")
        response.getvalue()

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_reads_no_internal_word_and_asks_anew_each_time(self) -> None:
        response = self.get(of(self.letter, 2))
        self.assert_safe(response)
        self.assertEqual(response["Content-Disposition"], 'attachment; filename="the-letter-2.pdf"')
        self.assertNotIn("zq", str(response.headers))
        self.assertEqual(response["Cache-Control"], "no-cache")
        self.assertIn("Cookie", response["Vary"])
        response.getvalue()

    def test_who_has_it_already_gets_304_after_the_same_look(self) -> None:
        path = of(self.report)
        tag = self.client_for(self.staff).head(path)["ETag"]
        client = self.client_for(self.staff)
        for sent, status in ((tag, 304), (f'"x", W/{tag}', 304), ("*", 304), ('"x"', 200)):
            with self.subTest(sent=sent):
                response = client.get(path, headers={"If-None-Match": sent})
                self.assertEqual(response.status_code, status)
                self.assertEqual(response["ETag"], tag)
                self.assert_safe(response)
                self.assertEqual(response.getvalue(), b"" if status == 304 else pdf())
                self.assertIn("no-store", response["Cache-Control"])
        for person, status in ((None, 302), (self.stranger, 403), (self.viewer, 404)):
            response = self.client_for(person).get(path, headers={"If-None-Match": tag})
            self.assert_no_bytes(response, status)

    def test_head_tells_all_and_gives_nothing(self) -> None:
        whole = self.get(of(self.report), self.staff)
        response = self.client_for(self.staff).head(of(self.report))
        self.assertEqual((response.status_code, response.content), (200, b""))
        names = set(whole.headers) - {"X-Request-ID"}
        self.assertEqual({n: whole[n] for n in names}, {n: response[n] for n in names})
        whole.getvalue()

    def test_it_is_read_in_pieces(self) -> None:
        content = pdf("x" * 300_000)
        item = self.make_evidence("Long", file=received("long.pdf", content))
        response = self.get(of(item), self.staff)
        pieces = list(response.streaming_content)
        self.assertEqual(b"".join(pieces), content)
        self.assertEqual({len(piece) for piece in pieces[:-1]}, {store.CHUNK_BYTES})
        response.getvalue()

    @override_settings(EVIDENCE_ACCEL_PREFIX="/kept/")
    def test_the_server_before_us_is_told_where_it_lies_and_gets_the_same_headers(self) -> None:
        response = self.get(of(self.report), self.staff)
        self.assert_safe(response)
        sha256 = self.report.revisions.get().file_id
        self.assertEqual(response["X-Accel-Redirect"], f"/kept/{store.storage_name(sha256)}")
        self.assertEqual((response.content, response["Content-Type"]), (b"", "application/pdf"))
        self.assertIn("attachment", response["Content-Disposition"])
        self.assertEqual(response["ETag"], f'"{sha256}"')
        self.assert_no_bytes(self.get(of(self.report), self.viewer), 404)
        self.assertNotIn("X-Accel-Redirect", self.get(of(self.report), self.viewer))
        again = self.client_for(self.staff).get(
            of(self.report), headers={"If-None-Match": response["ETag"]}
        )
        self.assertEqual(again.status_code, 304)
        self.assertNotIn("X-Accel-Redirect", again)

    @override_settings(
        EVIDENCE_ACCEL_PREFIX="/kept",
        STORAGES=settings.STORAGES
        | {"evidence": {"BACKEND": "django.core.files.storage.InMemoryStorage"}},
    )
    def test_what_lies_in_no_folder_is_given_by_ourselves(self) -> None:
        item = self.make_evidence("Elsewhere", file=received())
        self.assertEqual(self.body(of(item), self.staff), pdf())


class NotGivenTests(FilesTestCase):
    def refused(self, status: int, *words: str, **state: Any) -> None:
        """Every way of asking is answered with a page that says why, and with no byte."""
        if state:
            StoredFile.objects.filter(pk=self.report.revisions.get().file_id).update(**state)
        path = of(self.report)
        client = self.client_for(self.staff)
        tag = f'"{self.report.revisions.get().file_id}"'
        self.assert_no_bytes(client.get(path, headers={"If-None-Match": tag}), status)
        self.assert_no_bytes(client.head(path), status)
        with override_settings(EVIDENCE_ACCEL_PREFIX="/kept"):
            self.assertNotIn("X-Accel-Redirect", client.get(path))
        response = client.get(path)
        self.assert_no_bytes(response, status)
        self.assertIn("text/html", response["Content-Type"])
        self.assertNotIn("sandbox", response["Content-Security-Policy"])
        text = self.read(path, self.staff, status=status)
        self.assert_words(text, "This file is not available", "Back to “A report”", *words)
        self.assert_no_bytes(self.get(path, self.viewer), 404)

    def test_before_the_scanner_has_looked(self) -> None:
        self.refused(
            409,
            "This file awaits the virus scan and cannot be downloaded yet.",
            "Try again later.",
            scan="waiting",
        )

    def test_refused_by_the_scanner_afterwards(self) -> None:
        self.refused(
            409,
            "The virus scanner rejected this file. It cannot be downloaded.",
            scan="refused",
            scan_note="Eicar",
            scanned_at=timezone.now(),
        )

    def test_found_missing_or_altered_before(self) -> None:
        with self.subTest("missing"):
            self.refused(
                404,
                "missing",
                "Tell the site administrators. Uploading the same file again restores it.",
                fault="missing",
            )
        with self.subTest("altered"):
            self.refused(
                409,
                "The stored file differs from the uploaded file and cannot be downloaded.",
                fault="altered",
            )

    def test_redacted(self) -> None:
        self.refused(
            410,
            "This file was redacted on",
            "stay on record",
            redacted_at=timezone.now(),
            redacted_by=self.administrator,
        )

    def test_found_missing_only_now(self) -> None:
        store.delete_file(self.report.revisions.get().file_id)
        with self.assertLogs("recommendations.views.evidence.files", "ERROR") as logged:
            self.refused(
                404,
                "missing",
                "Tell the site administrators. Uploading the same file again restores it.",
            )
        self.assertIn(self.report.revisions.get().file_id, logged.output[0])

    def test_found_cut_off_or_grown_only_now(self) -> None:
        file = self.report.revisions.get().file
        path = settings.EVIDENCE_ROOT / store.storage_name(file.sha256)
        for content in (b"", pdf()[:-1], pdf() + b"x"):
            path.write_bytes(content)
            with self.assertLogs("recommendations.views.evidence.files", "ERROR"):
                self.refused(
                    409, "The stored file differs from the uploaded file and cannot be downloaded."
                )

    def test_a_storage_that_does_not_answer(self) -> None:
        broken = mock.patch.object(store, "stored_size", side_effect=OSError("secret"))
        with broken, self.assertLogs("recommendations.views.evidence.files", "ERROR"):
            self.refused(503, "The file storage is not available at present.")

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_is_told_the_same_and_nothing_internal(self) -> None:
        file = self.letter.revisions.get(number=2).file_id
        StoredFile.objects.filter(pk=file).update(
            scan="refused", scan_note="zq note", scanned_at=timezone.now()
        )
        response = self.get(of(self.letter, 2))
        self.assert_no_bytes(response, 409)
        self.assertNotContains(response, "zq", status_code=409)
        self.assert_no_bytes(self.get(of(self.letter, 1)), 404)
