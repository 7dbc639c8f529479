"""The client's address: what the last trusted proxy saw, whatever the client writes itself."""

import os
from unittest import mock

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import RequestFactory, SimpleTestCase, override_settings
from hypothesis import given
from hypothesis import strategies as st

from tests.tracker.test_settings import start
from tracker.middleware import ClientAddressMiddleware, address_in, trusted_proxies


def proxies(value: str):
    with mock.patch.dict(os.environ, {"X": value}):
        return trusted_proxies("X")


INNER = "10.0.0.1"
OUTER = "10.0.0.2"
CLIENT = "198.51.100.7"

ADDRESSES = st.one_of(
    st.ip_addresses(v=4, network="198.51.0.0/16"),
    st.ip_addresses(v=6, network="2001:db8::/32"),
).map(str)
WRITTEN = st.one_of(
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40),
    st.lists(st.one_of(ADDRESSES, st.sampled_from([INNER, OUTER, "", "unknown"]))).map(", ".join),
)
"""What a client writes into a header: anything, or what looks like proxies of ours."""

HEADERS = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
    "HTTP_X_REQUEST_ID",
)


def arriving(value: str, peer: str, **headers: str):
    """The request as views find it, where `value` says whom the site trusts."""
    request = RequestFactory().get("/", REMOTE_ADDR=peer, **headers)
    with override_settings(TRUSTED_PROXIES=proxies(value)):
        ClientAddressMiddleware(lambda _request: HttpResponse())(request)
    return request


class UntrustedTests(SimpleTestCase):
    """Whatever an untrusted client puts in headers."""

    @given(peer=ADDRESSES, written=WRITTEN, value=st.sampled_from(["", "0", "unix", "10.0.0.0/8"]))
    def test_a_client_that_speaks_to_the_site_itself(self, peer, written, value):
        request = arriving(value, peer, **dict.fromkeys(HEADERS, written))
        self.assertEqual(request.META["REMOTE_ADDR"], peer)
        self.assertEqual([name for name in HEADERS if name in request.META], [])

    @given(seen=ADDRESSES, written=WRITTEN)
    def test_a_client_behind_one_proxy(self, seen, written):
        for value, peer in (("1", INNER), ("10.0.0.1", INNER), ("1", ""), ("unix", "")):
            said = f"{written}, {seen}"
            request = arriving(value, peer, HTTP_X_FORWARDED_FOR=said)
            self.assertEqual(request.META["REMOTE_ADDR"], seen)

    @given(seen=ADDRESSES, written=WRITTEN)
    def test_a_client_behind_two_proxies(self, seen, written):
        for value in ("2", "10.0.0.0/8"):
            said = f"{written},{seen}, {OUTER}"
            request = arriving(value, INNER, HTTP_X_FORWARDED_FOR=said)
            self.assertEqual(request.META["REMOTE_ADDR"], seen)

    @given(written=WRITTEN)
    def test_a_proxy_in_a_network_that_passes_on_what_is_no_address(self, written):
        said = f"{written}, unknown, {OUTER}"
        request = arriving("10.0.0.0/8", INNER, HTTP_X_FORWARDED_FOR=said)
        self.assertEqual(request.META["REMOTE_ADDR"], OUTER)


class TrustedTests(SimpleTestCase):
    def test_without_the_header_the_peer_is_the_client(self):
        for value in ("1", "10.0.0.0/8"):
            self.assertEqual(arriving(value, INNER).META["REMOTE_ADDR"], INNER)

    def test_a_proxy_that_is_not_on_the_list_is_the_client(self):
        request = arriving(INNER, INNER, HTTP_X_FORWARDED_FOR=f"{CLIENT}, {OUTER}")
        self.assertEqual(request.META["REMOTE_ADDR"], OUTER)

    def test_a_socket_is_trusted_only_where_it_is_named(self):
        for value, client in (("unix", CLIENT), ("1", CLIENT), ("10.0.0.0/8", ""), ("", "")):
            with self.subTest(value=value):
                request = arriving(value, "", HTTP_X_FORWARDED_FOR=CLIENT)
                self.assertEqual(request.META["REMOTE_ADDR"], client)

    def test_one_client_has_one_address(self):
        for entry, address in (
            ("192.0.2.1", "192.0.2.1"),
            (" 192.0.2.1:443\t", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("[2001:DB8:0::1]:443", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("fe80::1%eth0", ""),
            ("192.0.2.1 x", ""),
            ("192.0.2.256", ""),
            ("unknown", ""),
            ("[", ""),
            ("", ""),
        ):
            with self.subTest(entry=entry):
                self.assertEqual(address_in(entry), address)

    @override_settings(SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"))
    def test_the_scheme_is_what_a_trusted_proxy_says(self):
        for peer, said, is_secure in (
            (INNER, "https", True),
            (INNER, "http", False),
            (INNER, "https,http", False),
            (CLIENT, "https", False),
        ):
            with self.subTest(peer=peer, said=said):
                request = arriving(INNER, peer, HTTP_X_FORWARDED_PROTO=said)
                self.assertEqual(request.is_secure(), is_secure)

    def test_it_stands_above_everything_else(self):
        self.assertEqual(settings.MIDDLEWARE[0], "tracker.middleware.ClientAddressMiddleware")


class SettingTests(SimpleTestCase):
    def test_a_wrong_value_stops_the_start(self):
        for value, words in (
            ("-1", "a whole number, from 0 to 10"),
            ("11", "a whole number, from 0 to 10"),
            ("proxy.example", "an address, or a network such as 10.0.0.0/8"),
            ("1,2", "an address, or a network such as 10.0.0.0/8"),
            ("10.0.0.1/8", "an address, or a network such as 10.0.0.0/8"),
            ("0.0.0.0/0", "less than every address there is"),
            ("unix,::/0", "less than every address there is"),
            ("unix,,10.0.0.1", "names separated by single commas"),
        ):
            with self.subTest(value=value), self.assertRaises(ImproperlyConfigured) as refused:
                proxies(value)
            self.assertIn(f"; it should be {words}.", str(refused.exception))

    def test_the_scheme_of_a_proxy_needs_a_proxy(self):
        place = {"SECRET_KEY": "k" * 50, "ALLOWED_HOSTS": "tracker.example"}
        error = start(**place, SECURE_PROXY_SSL_HEADER="on")
        self.assertIn(
            "SECURE_PROXY_SSL_HEADER is on while no proxy is trusted; "
            "it should be used with TRUSTED_PROXIES.",
            error,
        )
        self.assertEqual(start(**place, SECURE_PROXY_SSL_HEADER="on", TRUSTED_PROXIES="unix"), "")
