"""Files that lie in a folder: nginx sends them where the site has allowed it, and only there."""

import hashlib
from contextlib import closing

import pytest

from recommendations.models import Evidence
from recommendations.storage.evidence import storage_name
from tests.deployment.base import DeployedTestCase
from tests.deployment.processes import HOST
from tests.deployment.visitor import Answer
from tests.files import pdf
from tests.updates import begin_draft

CONTENT = pdf("sent by nginx " * 100_000)
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.mark.usefixtures("with_folder")
class EvidenceFolderTests(DeployedTestCase):
    def setUp(self) -> None:
        super().setUp()
        update = begin_draft(recommendation=self.make_recommendation(), by=self.staff)
        self.person = self.signed_in(self.staff)
        files = [("evidence-uploads", "paper.pdf", CONTENT)]
        path = f"/updates/{update.pk}/evidence/"
        sent = self.person.post(path, {"evidence-stance": "supports"}, files)
        self.assertEqual(sent.status, 302)
        self.path = f"/evidence/{Evidence.objects.get().pk}/files/1/"

    def test_the_site_sends_no_byte_itself(self) -> None:
        headers = {"Host": HOST, "X-Forwarded-Proto": "https", "Cookie": self.person.cookie_header}
        with closing(self.deployment.instances[0].connection()) as line:
            line.request("GET", self.path, headers=headers)
            answer = line.getresponse()
            self.assertEqual((answer.status, answer.read()), (200, b""))
        where = f"/evidence-files/{storage_name(DIGEST)}"
        self.assertEqual(answer.headers["X-Accel-Redirect"], where)

    def test_who_may_read_it_gets_it_with_all_headers_of_the_site(self) -> None:
        answer = self.person.get(self.path)
        self.assertEqual((answer.status, answer.content), (200, CONTENT))
        expected = {
            "Content-Type": "application/pdf",
            "Content-Disposition": 'attachment; filename="paper.pdf"',
            "Cache-Control": "no-cache, private, no-store",
            "ETag": f'"{DIGEST}"',
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Referrer-Policy": "same-origin",
            "Strict-Transport-Security": "max-age=3600",
        }
        self.assertEqual({name: self.only(answer, name) for name in expected}, expected)
        self.assertIn("sandbox", self.only(answer, "Content-Security-Policy"))
        self.assertRegex(self.only(answer, "X-Request-ID"), "^[0-9a-f]{32}$")

    def test_a_part_of_it_and_what_one_has_already(self) -> None:
        part = self.person.get(self.path, Range="bytes=0-7")
        self.assertEqual((part.status, part.content), (206, CONTENT[:8]))
        again = self.person.get(self.path, If_None_Match=f'"{DIGEST}"')
        self.assertEqual((again.status, again.content), (304, b""))

    def test_who_may_not_read_it_gets_nothing(self) -> None:
        self.assert_refused(self.visitor().get(self.path), 302)
        self.assert_refused(self.signed_in(self.viewer).get(self.path), 404)

    def test_it_has_no_address_of_its_own(self) -> None:
        for person in (self.visitor(), self.person):
            for path in self.paths_of_the_folder():
                with self.subTest(path):
                    self.assert_refused(person.get(path), 404)

    @staticmethod
    def paths_of_the_folder() -> list[str]:
        name = storage_name(DIGEST)
        return [
            f"/evidence-files/{name}",
            f"//evidence-files/{name}",
            f"/x/../evidence-files/{name}",
            f"/static/../evidence-files/{name}",
            f"/%65vidence-files/{name}",
            f"/nginx-pages/../evidence-files/{name}",
        ]

    def test_a_visitor_cannot_ask_for_it_by_a_header(self) -> None:
        answer = self.visitor().get("/", X_Accel_Redirect=f"/evidence-files/{storage_name(DIGEST)}")
        self.assertNotIn(CONTENT[:64], answer.content)

    def assert_refused(self, answer: Answer, status: int) -> None:
        self.assertEqual(answer.status, status)
        self.assertNotIn(CONTENT[:64], answer.content)

    @staticmethod
    def only(answer: Answer, name: str) -> str:
        """The value of a header that is there once."""
        [value] = answer.headers.get_all(name, [])
        return value
