"""As ``exact_json``, with one object a line: a file of any size is read object by object."""

from django.core.serializers import jsonl

from tracker.exact_json import ExactEncoder

Deserializer = jsonl.Deserializer


class Serializer(jsonl.Serializer):
    def _init_options(self) -> None:
        super()._init_options()  # type: ignore[misc]
        self.json_kwargs["cls"] = ExactEncoder
