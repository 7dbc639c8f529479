"""nginx in front of two instances that share PostgreSQL and a bucket, as deploy/ sets them up."""

import gzip
import http.client
import socket
import ssl
from contextlib import closing
from unittest import mock

import pytest

from recommendations.models import EvidenceRevision
from recommendations.storage.evidence import storage_name
from tests.base import PASSWORD
from tests.deployment.base import DeployedTestCase
from tests.deployment.processes import HOST, METRICS_TOKEN
from tests.deployment.visitor import Answer, Visitor, static_files
from tests.depth import times
from tests.files import pdf
from tests.processes import until
from tests.storage.backends import BUCKET
from tests.updates import begin_draft

MEGABYTE = 2**20


@pytest.mark.usefixtures("with_bucket")
class TlsTests(DeployedTestCase):
    def test_plain_http_is_sent_to_the_same_page_over_tls(self) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", self.deployment.http)) as line:
            line.request("GET", "/review/?page=2", headers={"Host": HOST})
            answer = line.getresponse()
        self.assertEqual(answer.status, 301)
        self.assertEqual(answer.headers["Location"], f"https://{HOST}/review/?page=2")

    def test_a_host_that_is_not_the_sites_is_not_answered(self) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", self.deployment.http)) as line:
            line.request("GET", "/", headers={"Host": "other.example"})
            with self.assertRaises(http.client.RemoteDisconnected):
                line.getresponse()
        visitor = self.visitor()
        another = mock.patch("tests.deployment.visitor.HOST", "other.example")
        with another, self.assertRaises(ssl.SSLError):
            visitor.get("/healthz")

    def test_signing_in_sets_cookies_that_travel_over_tls_alone(self) -> None:
        self.give_password(self.staff)
        visitor = self.visitor()
        answer = visitor.sign_in("staff", PASSWORD)
        self.assertEqual((answer.status, answer.headers["Location"]), (302, "/my-work/"))
        cookies = answer.headers.get_all("Set-Cookie", [])
        names = {cookie.partition("=")[0] for cookie in cookies}
        self.assertLessEqual({"csrftoken", "sessionid"}, names)
        for cookie in cookies:
            self.assertIn("; Secure", cookie)
        self.assertIn("max-age=3600", answer.headers["Strict-Transport-Security"])
        self.assertIn("My work", visitor.get("/my-work/").text)
        # The other instance knows the session as well: requests go to both in turn.
        self.assertEqual({visitor.get("/my-work/").status for _ in range(4)}, {200})

    def test_what_is_for_this_machine_alone_is_not_there_for_others(self) -> None:
        visitor, token = self.visitor(), {"Authorization": f"Bearer {METRICS_TOKEN}"}
        self.assertEqual(visitor.get("/healthz").text, "ok\n")
        for path in ("/metrics", "/metrics?x=1", "/readyz", "//metrics", "/x/../metrics"):
            with self.subTest(path):
                self.assertEqual(visitor.get(path, **token).status, 404)
        for path in ("/metrics", "/readyz"):
            # A busy machine is not ready at once.
            until(lambda path=path: self.status_of(path, token) == 200, path)

    def status_of(self, path: str, token: dict[str, str]) -> int:
        """What an instance answers to this machine."""
        with closing(self.deployment.instances[0].connection()) as line:
            line.request("GET", path, headers={"Host": HOST, **token})
            return line.getresponse().status

    def test_a_request_has_one_id_in_both_logs_and_in_the_answer(self) -> None:
        given = self.visitor().get("/nowhere/", X_Request_ID="a" * 32).headers["X-Request-ID"]
        self.assertRegex(given, r"^[0-9a-f]{32}$")
        self.assertNotEqual(given, "a" * 32)
        lines = [line for one in self.deployment.instances for line in one.lines()]
        [line] = [line for line in lines if line.get("request_id") == given]
        self.assertEqual((line["logger"], line["status"]), ("tracker.requests", 404))
        request = self.deployment.request_for(given)
        self.assertEqual((request["route"], request["status"]), ("", "404"))


CANARY = "Kanarie-4711x"
LINKS = (
    f"/invitations/{CANARY}/",
    f"/accounts/reset/NQ/{CANARY}/",
    f"/calendar/{CANARY}.ics",
    f"/unsubscribe/{CANARY}/",
    f"/search/suggestions/?q={CANARY}",
    f"/static/{CANARY}.css",
    f"/{CANARY}/",
)
"""Addresses with what is known to few: tokens that were mailed, words that people look for."""


@pytest.mark.usefixtures("with_bucket")
class SecretTests(DeployedTestCase):
    """Whatever becomes of a request, no log has what it brought."""

    def ask(self, visitor: Visitor) -> list[Answer]:
        query = {f"{path}{'&' if '?' in path else '?'}x={CANARY}" for path in LINKS}
        came_from = {"Referer": f"https://{HOST}/invitations/{CANARY}/"}
        answers = [visitor.get(path, **came_from) for path in sorted(query)]
        answers += [visitor.post(path, {"text": CANARY}, **came_from) for path in LINKS]
        # Refused without a token, by nginx, and by gunicorn.
        answers += [visitor.post(path, {"csrfmiddlewaretoken": ""}) for path in LINKS]
        answers += [visitor.states_length(path, 261 * MEGABYTE) for path in LINKS]
        return [*answers, visitor.get(f"/x?{CANARY * 600}")]

    def test_no_log_has_a_token_or_a_word_that_was_sent(self) -> None:
        codes = {answer.status for answer in self.ask(self.visitor())}
        self.assertLessEqual({302, 403, 404, 413, 414}, codes)
        port = self.deployment.instances[0].port
        with closing(socket.create_connection(("127.0.0.1", port))) as plain:
            plain.sendall(f"GET {LINKS[0]}\r\n\r\n".encode())
            self.assertIn(b" 400 ", plain.recv(4096))
        with closing(http.client.HTTPConnection("127.0.0.1", self.deployment.http)) as line:
            line.request("GET", LINKS[0], headers={"Host": HOST})
            line.getresponse().read()
        for host in ("other.example", "127.0.0.1"):
            with closing(http.client.HTTPConnection("127.0.0.1", self.deployment.http)) as line:
                line.request("GET", LINKS[0], headers={"Host": host})
                with self.assertRaises(http.client.RemoteDisconnected):
                    line.getresponse()
        given = self.visitor().get(LINKS[0]).headers
        request = self.deployment.request_for(given["X-Request-ID"])
        self.assertEqual(request["route"], "/invitations/<str:token>/")
        self.assertNotIn("X-Route", given)
        for instance in self.deployment.instances:
            self.addCleanup(instance.start)
            instance.kill()
        self.assertLessEqual({502}, {answer.status for answer in self.ask(self.visitor())})
        logs = self.deployment.logs()
        said = [line for line in logs.splitlines() if CANARY.casefold() in line.casefold()]
        self.assertFalse(said, said[:3])
        for words in (
            "Forbidden (",
            "Invalid HTTP request line: \\u2026",
            '"status": "502"',
            '"status": "413"',
        ):
            self.assertIn(words, logs)


@pytest.mark.usefixtures("with_bucket")
class StaticFileTests(DeployedTestCase):
    def test_they_come_from_nginx_compressed_and_are_kept_for_ever(self) -> None:
        visitor = self.visitor()
        files = static_files(visitor.get("/accounts/login/").text)
        self.assertTrue(files)
        for path in files:
            with self.subTest(path):
                plain, packed = visitor.get(path), visitor.get(path, Accept_Encoding="gzip")
                self.assertEqual((plain.status, packed.status), (200, 200))
                self.assertEqual(
                    plain.headers["Cache-Control"], "public, max-age=31536000, immutable"
                )
                self.assertEqual(plain.headers["X-Content-Type-Options"], "nosniff")
                if packed.headers["Content-Encoding"]:
                    self.assertEqual(gzip.decompress(packed.content), plain.content)
        style = next(path for path in files if path.endswith(".css"))
        packed = visitor.get(style, Accept_Encoding="gzip")
        self.assertEqual(packed.headers["Content-Encoding"], "gzip")
        self.assertEqual(packed.headers["Vary"], "Accept-Encoding")

    def test_nothing_else_lies_there(self) -> None:
        visitor = self.visitor()
        for path in (
            "/static/staticfiles.json",
            "/static/",
            "/static/css",
            "/static../tracker.log",
        ):
            with self.subTest(path):
                self.assertIn(visitor.get(path).status, (301, 403, 404))


@pytest.mark.usefixtures("with_bucket")
class EvidenceTests(DeployedTestCase):
    def test_a_file_goes_to_the_bucket_and_comes_back_to_who_may_read_it(self) -> None:
        update = begin_draft(recommendation=self.make_recommendation(), by=self.staff)
        content = pdf("through nginx " * 100_000)
        staff = self.signed_in(self.staff)
        files = [("evidence-uploads", "paper.pdf", content)]
        sent = staff.post(f"/updates/{update.pk}/evidence/", {"evidence-stance": "supports"}, files)
        self.assertEqual(sent.status, 302)
        revision = EvidenceRevision.objects.get()
        [held] = self.s3.list_objects_v2(Bucket=BUCKET)["Contents"]
        self.assertEqual(held["Key"], storage_name(revision.file_id))
        path = f"/evidence/{revision.evidence_id}/files/1/"
        answer = staff.get(path)
        self.assertEqual((answer.status, answer.content), (200, content))
        self.assertIn("sandbox", answer.headers["Content-Security-Policy"])
        refused = self.visitor().get(path)
        self.assertEqual(refused.status, 302)
        self.assertTrue(refused.headers["Location"].startswith("/accounts/login/"))
        self.assertEqual(self.signed_in(self.viewer).get(path).status, 404)

    def test_a_spreadsheet_that_came_to_one_instance_is_known_to_the_other(self) -> None:
        manager = self.signed_in(self.manager)
        files = [("file", "list.csv", b"Title,Summary\nDo it,Soon\n")]
        answer = manager.post("/recommendations/import/", {"source": self.source.slug}, files)
        self.assertEqual(answer.status, 302)
        path = answer.headers["Location"]
        self.assertEqual([manager.get(path).status for _time in range(4)], [200] * 4)

    def test_a_form_beyond_all_limits_is_refused_before_it_is_sent(self) -> None:
        answer = self.signed_in(self.staff).states_length("/my-work/", 261 * MEGABYTE)
        self.assertEqual(answer.status, 413)
        self.assertIn("What you sent is too large", answer.text)
        self.assertIn("default-src 'none'", answer.headers["Content-Security-Policy"])

    def test_a_form_beyond_its_own_limit_is_refused_by_the_site(self) -> None:
        staff = self.signed_in(self.staff)
        for _time in range(times(2, 5)):
            # It answers unread, while nginx is still sending.
            answer = staff.post("/accounts/login/", {"username": "x" * 8 * MEGABYTE})
            self.assertEqual(answer.status, 413)
            self.assertIsNotNone(answer.headers["X-Request-ID"])


@pytest.mark.usefixtures("with_bucket")
class ThrottleTests(DeployedTestCase):
    def test_wrong_passwords_from_one_address_do_not_keep_out_another(self) -> None:
        self.give_password(self.auditor)
        attacker = self.visitor("127.0.0.2")
        answers = [
            attacker.sign_in("auditor", "wrong", X_Forwarded_For=f"192.0.2.{number}").status
            for number in range(times(20, 50))
        ]
        self.assertNotIn(302, answers)
        self.assertNotEqual(answers[-1], 200)
        with self.subTest("the attacker stays out with the right one, whatever is claimed"):
            claims = {"X_Forwarded_For": "127.0.0.3", "X_Real_IP": "127.0.0.3"}
            claims["Forwarded"] = "for=127.0.0.3"
            self.assertNotEqual(attacker.sign_in("auditor", PASSWORD, **claims).status, 302)
        self.assertEqual(self.visitor("127.0.0.3").sign_in("auditor", PASSWORD).status, 302)
