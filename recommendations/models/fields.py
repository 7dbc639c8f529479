"""Column types that this app adds: safe lines, safe prose, and exact numbers."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations import periods
from recommendations.characters import INVALID, UNSEEN_CONTROLS

# Django's fields take type arguments for the checker only.
if TYPE_CHECKING:
    _CharField = models.CharField[str, str]
    TextColumn = models.TextField[str, str]
    _NumberField = models.Field[Decimal | int | str | None, Decimal | None]
else:
    _CharField, TextColumn, _NumberField = models.CharField, models.TextField, models.Field

SetType = TypeVar("SetType")
GetType = TypeVar("GetType")

PROSE_LENGTH = 20_000
"""Most characters that one text may have."""

# Characters that turn the direction of the text around them: they can make a title read as
# something else than what is stored.
_DIRECTION_OVERRIDES = "\u202a-\u202e\u2066-\u2069"
UNREADABLE = re.compile(f"{INVALID.pattern[:-1]}{_DIRECTION_OVERRIDES}{UNSEEN_CONTROLS}]")
"""What no text may hold, as a pattern of one character."""


def validate_readable(value: str) -> None:
    """Refuse invalid and unseen characters (``characters``) and direction overrides.

    The first is named.
    """
    if found := UNREADABLE.search(value):
        raise ValidationError(
            _("Character %(position)d (U+%(code)s) cannot be shown safely: remove it."),
            code="unreadable",
            params={"position": found.start() + 1, "code": f"{ord(found[0]):04X}"},
        )


def validate_single_line(value: str) -> None:
    """Refuse line breaks."""
    if "\n" in value or "\r" in value:
        raise ValidationError(_("Write this on one line."), code="several_lines")


def validate_period(code: str) -> None:
    """Refuse what is not an SDMX period."""
    try:
        periods.parse(code)
    except ValueError as error:
        raise ValidationError(str(error), code="period") from error


def validate_past(day: date) -> None:
    """Refuse a day that is still to come."""
    if day > timezone.localdate():
        raise ValidationError(_("The day must not be in the future."))


class LineField(_CharField):
    """One line of readable text, 200 characters unless told otherwise."""

    default_validators = [validate_readable, validate_single_line]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 200)
        super().__init__(*args, **kwargs)


class ProseField(TextColumn):
    """Readable text of several lines, bounded so that no page can be flooded."""

    default_validators = [validate_readable, MaxLengthValidator(PROSE_LENGTH)]


class RelatedField(models.ForeignKey[SetType, GetType]):
    """A row that this one rests on. It is protected, since nothing that is tracked is deleted.

    To migrations it is ``known_as`` Django’s own.
    """

    known_as = "ForeignKey"

    def __init__(
        self,
        to: Any,
        verbose_name: Any = None,
        on_delete: Any = models.PROTECT,
        *,
        related_name: str = "+",
        null: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            to, on_delete, verbose_name=verbose_name, related_name=related_name, null=null, **kwargs
        )

    def get_internal_type(self) -> str:
        return self.known_as

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, f"django.db.models.{self.known_as}", args, kwargs


class UniqueRelatedField(RelatedField[SetType, GetType], models.OneToOneField[SetType, GetType]):
    """The same, where no other row of its kind rests on it."""

    known_as = "OneToOneField"


class PersonField(RelatedField[SetType, GetType]):
    """Somebody with an account."""

    def __init__(
        self, verbose_name: Any = None, *, null: bool = False, to: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(to or settings.AUTH_USER_MODEL, verbose_name, null=null, **kwargs)


class ExactField(_NumberField):
    """A decimal number kept digit for digit: ``numeric`` on PostgreSQL, text on SQLite.

    SQLite keeps decimals as binary floats of 15 digits, so text is the only exact column there.
    Do not order or compare by this column in a query: text does not sort as numbers do.
    """

    MOST_DIGITS = 60

    description = _("Exact number")

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "numeric" if connection.vendor == "postgresql" else "text"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else Decimal(value)

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or value == "":
            return None
        if isinstance(value, float):
            raise ValidationError(
                _("A binary float is not exact. Enter text or a decimal."), code="inexact"
            )
        try:
            number = Decimal(value)
        except (InvalidOperation, TypeError, ValueError) as error:
            raise ValidationError(
                _("“%(value)s” is not a number."), code="invalid", params={"value": str(value)[:60]}
            ) from error
        if not number.is_finite():
            raise ValidationError(_("The number must be finite."), code="not_finite")
        # The exponent first: written out, 1E+999999999 alone would fill the memory.
        reach = abs(number.adjusted()), abs(int(number.as_tuple().exponent))
        if max(reach) > self.MOST_DIGITS or len(format(number, "f")) > self.MOST_DIGITS:
            raise ValidationError(
                _("At most %(most)d digits."), code="too_long", params={"most": self.MOST_DIGITS}
            )
        return number

    def get_prep_value(self, value: object) -> Decimal | None:
        return self.to_python(super().get_prep_value(value))

    def get_db_prep_value(
        self, value: object, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> Any:
        number = value if prepared else self.get_prep_value(value)
        if number is None or connection.vendor == "postgresql":
            return number
        return format(number, "f")

    def value_to_string(self, obj: models.Model) -> str:
        number = self.value_from_object(obj)
        return "" if number is None else format(number, "f")

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": forms.DecimalField, **kwargs})
