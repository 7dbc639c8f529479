"""JSON of ``dumpdata`` with times to the microsecond; Django's own cuts them to milliseconds.

The audit log has them whole, so a database that was dumped otherwise does not agree with it.
"""

from datetime import datetime
from typing import Any

from django.core.serializers import json
from django.core.serializers.json import DjangoJSONEncoder

Deserializer = json.Deserializer


class ExactEncoder(DjangoJSONEncoder):
    def default(self, o: object) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


class Serializer(json.Serializer):
    def _init_options(self) -> None:
        super()._init_options()  # type: ignore[misc]
        self.json_kwargs["cls"] = ExactEncoder
