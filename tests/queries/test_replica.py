"""Which database a page is read from, told by what is known of the copy; a real one is asked in
tests/deployment/test_replica.py."""

import time
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.core.exceptions import MiddlewareNotUsed
from django.db import OperationalError
from django.http import Http404, HttpResponse
from django.test import RequestFactory, SimpleTestCase

from recommendations.middleware import OwnWritesMiddleware
from recommendations.models import Source
from recommendations.queries import replica
from recommendations.queries.cache import Version
from recommendations.queries.replica import ReplicaRouter, _Watch, read_page
from recommendations.views import conditional

COPY = Version(7, "a" * 64)


class ReadTests(SimpleTestCase):
    def setUp(self) -> None:
        self.watch = _Watch(checked_at=time.monotonic() + 60)
        for name, value in (("_watch", self.watch), ("one_moment", self.one_moment)):
            patch = mock.patch.object(replica, name, value)
            patch.start()
            self.addCleanup(patch.stop)

    @contextmanager
    def one_moment(self) -> Any:
        yield COPY

    def test_whoever_wrote_what_it_lacks_and_all_where_it_is_behind_read_the_database(self) -> None:
        for last_own, behind, expected in (
            (0, 0, (COPY, "replica")),
            (7, 0, (COPY, "replica")),
            (8, 0, (None, "own write")),
            (0, 61, (None, "behind")),
        ):
            self.watch.seconds_behind = behind
            self.assertEqual(read_page(last_own, lambda version: version), expected)

    def test_a_fault_in_the_middle_of_a_page_reads_it_anew_and_leaves_the_copy_alone(self) -> None:
        asked = []

        def read(version: Version | None) -> Version | None:
            asked.append(version)
            if version:
                raise OperationalError("conflict with recovery")
            return version

        with self.assertLogs(replica.logger):
            self.assertEqual(read_page(0, read), (None, "fault"))
        self.assertEqual(asked, [COPY, None])
        self.assertEqual(read_page(0, read), (None, "fault"))
        self.assertEqual(asked, [COPY, None, None])
        self.watch.rests_until = 0
        self.assertEqual(read_page(0, lambda version: version), (COPY, "replica"))

    def test_what_is_no_fault_of_it_is_raised(self) -> None:
        def read(version: Version | None) -> None:
            raise Http404

        with self.assertRaises(Http404):
            read_page(0, read)


class RouterTests(SimpleTestCase):
    def test_reads_go_to_the_copy_while_a_page_is_read_and_writes_never(self) -> None:
        router = ReplicaRouter()
        self.assertIsNone(router.db_for_read(Source))
        token = replica._is_reading.set(True)
        try:
            self.assertEqual(router.db_for_read(Source), "replica")
            self.assertEqual(router.db_for_write(Source), "default")
        finally:
            replica._is_reading.reset(token)

    def test_nothing_is_migrated_there(self) -> None:
        self.assertIs(ReplicaRouter().allow_migrate("replica", "recommendations"), False)
        self.assertIsNone(ReplicaRouter().allow_migrate("default", "recommendations"))


class OwnWriteTests(SimpleTestCase):
    def answer(self, method: str, last: Any = COPY) -> Any:
        request = getattr(RequestFactory(), method)("/")
        found = mock.patch.object(conditional, "version_of", side_effect=[last])
        with mock.patch.object(replica, "is_configured", return_value=True), found:
            return OwnWritesMiddleware(lambda _request: HttpResponse())(request)

    def sent_back(self, response: HttpResponse) -> int:
        request = RequestFactory().get("/")
        request.COOKIES = {name: morsel.value for name, morsel in response.cookies.items()}
        return conditional.last_own_event(request)

    def test_a_browser_remembers_how_far_the_record_was_after_it_wrote(self) -> None:
        self.assertEqual(self.sent_back(self.answer("post")), 7)
        self.assertEqual(self.sent_back(self.answer("get")), 0)
        # Where that cannot be asked it reads the database itself; what is made up is nothing.
        self.assertGreater(self.sent_back(self.answer("post", OperationalError())), 2**40)
        forged = HttpResponse()
        forged.set_cookie(conditional.LAST_OWN, "99:forged")
        self.assertEqual(self.sent_back(forged), 0)

    def test_a_site_without_a_copy_has_no_such_cookie(self) -> None:
        with self.assertRaises(MiddlewareNotUsed):
            OwnWritesMiddleware(lambda _request: HttpResponse())
