"""Reading where nothing can be written: a full disk, or a folder that is read-only."""

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db.backends.sqlite3 import base, features

UNWRITABLE = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
}


class DatabaseFeatures(features.DatabaseFeatures):
    # Django finds out in a transaction, once a thread, which waits for the write lock here. Every
    # SQLite since 3.38 (2022) has JSON.
    supports_json_field = True


class DatabaseWrapper(base.DatabaseWrapper):
    """Opens the file as it lies where SQLite cannot make the two files that it keeps beside it.

    In WAL mode even reading needs them. So the pages can be read; every change is refused as
    read-only. Only for the one request, and where the log beside the file holds nothing, since it
    is not looked at.
    """

    features_class = DatabaseFeatures

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            return super().get_new_connection(conn_params)
        except sqlite3.OperationalError as error:
            path, log = Path(conn_params["database"]), Path(f"{conn_params['database']}-wal")
            is_whole = path.exists() and (not log.exists() or log.stat().st_size == 0)
            if error.sqlite_errorcode & 0xFF not in UNWRITABLE or not is_whole:
                raise
        address = f"file:{quote(str(path))}?immutable=1"
        return super().get_new_connection({**conn_params, "database": address})
