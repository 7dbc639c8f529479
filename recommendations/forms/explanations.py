"""The sentence that a form says of a choice, with a link to the section of the help page."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recommendations.choices.terms import OF_CHOICES, OF_FIELDS, Term

_BY_CODES: Mapping[frozenset[str], Term] = {
    frozenset(choices.values): term for choices, term in OF_CHOICES.items()
}


class Explanation:
    """A help text that is worked out where it is shown, in the language of the reader."""

    def __init__(self, term: Term, more: str | Promise = "") -> None:
        self.term, self.more = term, more

    @property
    def link(self) -> SafeString:
        """To the section of the help page, also where a page shows another hint."""
        page = reverse("help-ratings" if self.term.is_rating else "help-choices")
        told = _("More: %(title)s") % {"title": self.term.title}
        return format_html('<a href="{}#{}">{}</a>', page, self.term.section, told)

    def __str__(self) -> str:
        told = " ".join(str(part) for part in (self.more, self.term.sentence) if part)
        return format_html("{} {}", told, self.link)


def explained(about: type[models.TextChoices] | str, more: str | Promise = "") -> Any:
    """The help text of a field of these choices, or of a field given as ``model.name``.

    ``more`` is what else this form says of the field, and comes first.
    """
    return Explanation(OF_FIELDS[about] if isinstance(about, str) else OF_CHOICES[about], more)


def explanation_of(field: Any) -> Any:
    """The same of a column of a model; nothing where it needs no explanation."""
    key = f"{field.model._meta.model_name}.{field.name}"
    if term := OF_FIELDS.get(key):
        return Explanation(term)
    codes = frozenset(str(code) for code, _label in field.flatchoices if code)
    found = _BY_CODES.get(codes) if codes else None
    return Explanation(found, field.help_text) if found else None
