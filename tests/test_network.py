"""The tests cannot reach beyond this machine."""

import socket

import pytest
from django.test import SimpleTestCase
from pytest_socket import SocketConnectBlockedError


class NetworkTests(SimpleTestCase):
    # The refusal warns as well as raises, for code that swallows exceptions.
    @pytest.mark.filterwarnings("ignore:A test tried to use socket")
    def test_an_outside_address_is_refused_before_a_packet_leaves(self):
        # 192.0.2.0/24 is kept free for documentation.
        with pytest.raises(SocketConnectBlockedError), socket.socket() as outside:
            outside.connect(("192.0.2.1", 80))

    def test_this_machine_answers(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname()).close()
