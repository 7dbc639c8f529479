"""Parts of addresses that are more than a number or a slug."""

from django.urls import register_converter


class CodeConverter:
    """A reference or a code: letters, digits, points and dashes."""

    regex = r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(CodeConverter, "code")
