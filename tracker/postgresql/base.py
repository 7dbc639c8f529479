"""Connections that keep plans, and were found to answer whatever happened to the server."""

from collections import deque
from collections.abc import Sequence
from typing import Any

from django.db.backends.postgresql import base, operations

from tracker.postgresql.prepared import Cursor, Prepared

TRIES = 3
"""Connections asked for, at most; after the first that does not answer all are new."""


class Latest(deque[Any]):
    """Gives out first what came back last.

    So few connections serve few requests, and these have their plans: to plan what one page asks
    takes 20 to 30 ms, on each connection anew. In turn all would be used equally seldom.
    """

    popleft = deque.pop


class DatabaseOperations(operations.DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: str, params: Any) -> Any:
        """What was asked, also where the server was only told the name of it."""
        if isinstance(sql, Prepared):
            return self.compose_sql(sql, params)
        return super().last_executed_query(cursor, sql, params)


class DatabaseWrapper(base.DatabaseWrapper):
    """Tries each connection before a request gets it.

    The server ends its connections together, when it restarts or an administrator says so. So where
    one is broken the pool makes all of them anew; trying them one by one, with the pauses that the
    pool makes in between, would take longer than a request waits.
    """

    ops_class = DatabaseOperations

    def get_connection_params(self) -> dict[str, Any]:
        return {**super().get_connection_params(), "cursor_factory": Cursor}

    @property
    def pool(self) -> Any:
        """The pool of this process."""
        pool = super().pool
        if pool and not isinstance(pool._pool, Latest):
            with pool._lock:
                pool._pool = Latest(pool._pool)
        return pool

    @staticmethod
    def prepared(statement: str, types: Sequence[str]) -> str:
        """The statement, which each connection plans once; ``types`` are those of its values."""
        return Prepared(statement, types)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        for _try in range(TRIES):
            connection = super().get_new_connection(conn_params)
            if not self.pool or self._answers(connection):
                return connection
            self.pool.putconn(connection)
            self.pool.drain()
        raise self.Database.OperationalError("the server ends every connection")

    def _answers(self, connection: Any) -> bool:
        try:
            self.pool.check_connection(connection)
        except self.Database.Error:
            return False
        return True
