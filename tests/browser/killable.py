"""The site in a process that can be killed, as the power fails, and started again.

It is a fork of the tests: it has their settings and their database, and needs no time to begin.
"""

import os
import signal
import socket
from contextlib import closing

from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import connection, connections
from django.test.testcases import QuietWSGIRequestHandler

from tests.processes import until

HOST = "127.0.0.1"


class KillableSite:
    """At one address whenever it runs. While it does not, whoever asks is refused at once."""

    def __init__(self) -> None:
        with closing(socket.create_server((HOST, 0))) as free:
            self.port: int = free.getsockname()[1]
        self.process = 0

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Begin to serve, and wait until it answers."""
        # Two processes never share a connection, nor a pool of these.
        connections.close_all()
        if connection.vendor == "postgresql":
            connection.close_pool()
        self.process = os.fork()
        if not self.process:
            try:
                server = ThreadedWSGIServer((HOST, self.port), QuietWSGIRequestHandler)
                server.set_app(WSGIHandler())
                server.serve_forever()
            finally:
                os._exit(1)
        until(self._is_up, "a server")

    def kill(self) -> None:
        """End it with nothing said to it."""
        if self.process:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
            self.process = 0

    def _is_up(self) -> bool:
        with closing(socket.socket()) as line:
            return line.connect_ex((HOST, self.port)) == 0
