"""Log records as JSON, one object a line, for whatever collects standard output."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from django.apps import apps


def request_id_of(record: logging.LogRecord) -> str:
    """Given by `extra={"request_id": …}`, else of the request Django attached, else under way."""
    if found := getattr(record, "request_id", None):
        return str(found)
    # Django attaches the request; its development server attaches a socket, which has no META.
    meta = getattr(getattr(record, "request", None), "META", {})
    if found := meta.get("REQUEST_ID"):
        return str(found)
    if not apps.ready:
        return ""
    # Here and not above: logging is set up before there are models to import.
    from recommendations.audit import request_id

    return request_id.get()


class JsonFormatter(logging.Formatter):
    """time (UTC), level, logger, message; request_id and exception where there is one.

    What a record was given as `extra={"fields": …}` follows by its own names.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := request_id_of(record):
            line["request_id"] = request_id
        line |= getattr(record, "fields", {})
        if record.exc_info:
            # Masked when the record was made (masking.py).
            line["exception"] = record.exc_text or self.formatException(record.exc_info)
        # ASCII only: a line break or direction mark in user input cannot fake a second record.
        return json.dumps(line, ensure_ascii=True)
