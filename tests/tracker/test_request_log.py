"""One record for each request, which tells nothing of what people typed; ids of trusted proxies."""

import logging
from typing import Any

from django.test import override_settings

from recommendations.models import AuditEvent
from tests.views.pages import PageTestCase, client_of
from tracker.middleware import TrustedProxies

ID = "0123456789abcdef0123456789abcdef"


class RequestLogTests(PageTestCase):
    def logged(self, path: str, person: Any = None, level: str = "INFO", **given: Any) -> Any:
        with self.assertLogs("tracker.requests", level) as logged:
            response = client_of(person).get(path, **given)
        [record] = logged.records
        fields = vars(record)["fields"]
        self.assertEqual(fields["status"], response.status_code)
        self.assertGreaterEqual(fields.pop("milliseconds"), 0)
        return record, fields

    def test_method_route_status_and_person(self) -> None:
        path = f"/recommendations/{self.recommendation.reference}/"
        _record, fields = self.logged(f"{path}?text=Ann+Smith", self.staff)
        self.assertEqual(
            fields,
            {
                "method": "GET",
                "route": "/recommendations/<code:reference>/",
                "status": 200,
                "user": self.staff.pk,
            },
        )

    def test_nothing_that_was_typed_or_mailed_is_in_it(self) -> None:
        for path in ("/accounts/reset/MQ/abc-def/", "/Ann-Smith/", "/?q=Ann"):
            record, _fields = self.logged(path)
            for words in ("Ann", "abc-def"):
                self.assertNotIn(words, f"{record.getMessage()} {vars(record)['fields']}")

    def test_who_does_not_sign_in_has_no_number(self) -> None:
        _record, fields = self.logged("/accounts/login/")
        self.assertIsNone(fields["user"])

    def test_probes_are_told_of_in_debug_only(self) -> None:
        record, fields = self.logged("/healthz", level="DEBUG")
        self.assertEqual((record.levelno, fields["route"]), (logging.DEBUG, "/healthz"))


class RequestIdTests(PageTestCase):
    def id_of(self, given: str) -> str:
        answer = client_of(None).get("/healthz", HTTP_X_REQUEST_ID=given)
        return str(answer["X-Request-ID"])

    @override_settings(TRUSTED_PROXIES=TrustedProxies(count=1))
    def test_a_trusted_proxy_gives_the_id_if_it_is_well_formed(self) -> None:
        self.assertEqual(self.id_of(ID), ID)
        for given in ("short", "x" * 65, f"{ID[:-1]}<", f"{ID}\n", f"{ID},{ID}", f"{ID[:-1]}é"):
            with self.subTest(given=given):
                self.assertRegex(self.id_of(given), "^[0-9a-f]{32}$")
                self.assertNotEqual(self.id_of(given), given)

    def test_nobody_else_does(self) -> None:
        self.assertNotEqual(self.id_of(ID), ID)

    @override_settings(TRUSTED_PROXIES=TrustedProxies(count=1))
    def test_what_the_request_writes_carries_it(self) -> None:
        page = f"/recommendations/{self.recommendation.reference}/comments/"
        client_of(self.staff).post(page, {"text": "A word."}, HTTP_X_REQUEST_ID=ID)
        self.assertTrue(AuditEvent.objects.filter(request_id=ID).exists())
