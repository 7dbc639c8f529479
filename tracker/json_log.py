"""Log records as JSON, one object a line, for whatever collects standard output."""

import json
import logging
from datetime import UTC, datetime
from typing import Any


def request_id_of(record: logging.LogRecord) -> str | None:
    """The id given by `extra={"request_id": …}`, else that of the request Django attached."""
    found = getattr(record, "request_id", None)
    if found is None:
        found = getattr(getattr(record, "request", None), "request_id", None)
    return None if found is None else str(found)


class JsonFormatter(logging.Formatter):
    """time (UTC), level, logger, message; request_id and exception where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := request_id_of(record):
            line["request_id"] = request_id
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        # ASCII only: a line break or direction mark in user input cannot fake a second record.
        return json.dumps(line, ensure_ascii=True)
