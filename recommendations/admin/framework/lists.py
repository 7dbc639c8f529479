"""What a list of the administration reads of its rows, and columns that lists have alike."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from itertools import chain
from operator import attrgetter
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList, ChangeListSearchForm
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from recommendations.admin.framework.keys import is_beyond
from recommendations.models.fields import validate_readable
from recommendations.queries.administration.beside import counts_by
from recommendations.queries.dates import short_day_text

Column = Callable[[Any], Any]
Words = str | Promise


class SearchForm(ChangeListSearchForm):
    """Words that a list is searched for; characters that no text holds are refused."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[SEARCH_VAR].validators.append(validate_readable)


class NarrowList(ChangeList):
    """A list that reads what it shows alone, and ``list_reads`` of its administration, if any.

    Only what is shown: actions on ticked rows read these whole.
    """

    search_form_class = SearchForm
    model_admin: Any
    filter_params: dict[str, list[str]]
    is_wrong = False
    """Whether the address asks for what no filter knows: then the list is empty."""

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The rows that the address asks for.

        Refused with a key that no column holds, and with words that cannot be looked for: Django
        would leave them out and show every row.
        """
        is_unread = bool(request.GET.get(SEARCH_VAR)) and not self.query
        if is_unread or any(map(is_beyond, chain.from_iterable(self.filter_params.values()))):
            raise IncorrectLookupParameters
        return super().get_queryset(request, *args, **kwargs)

    def get_results(self, request: HttpRequest) -> None:
        if (beside := self.model_admin.list_reads) is not None:
            columns = {f.name for f in self.opts.concrete_fields if not f.is_relation}
            shown = {getattr(each, "admin_order_field", each) for each in self.list_display}
            self.queryset = self.queryset.only(*(columns & shown), *beside)
        super().get_results(request)
        rows: Sequence[Any] = list(self.result_list)
        for each in self.list_display:
            if hasattr(each, "read_all"):
                each.read_all(rows)
        self.result_list = rows

    @property
    def may_go_on(self) -> bool:
        """Whether a page may follow that nobody counted."""
        is_last = self.page_num >= self.paginator.num_pages
        return self.paginator.is_capped and is_last and len(self.result_list) == self.list_per_page

    def empty(self, request: HttpRequest) -> None:
        """Show no row, and say that the address is wrong."""
        self.is_wrong = self.has_active_filters = True
        self.queryset = self.queryset.none()
        self.get_results(request)


def column(text: Column, label: Any, *, ordering: Any = None, empty: Words = "–") -> Column:
    """A column of a list: what ``text`` gives of a row; without a label under its field's."""

    @admin.display(description=label, ordering=ordering, empty_value=str(empty))
    def shown(row: Any) -> Any:
        return text(row)

    return shown


def beside(
    label: Words,
    read: Callable[[Sequence[Any]], Any],
    text: Column = lambda found: found,
    *,
    ordering: str | None = None,
    empty: Words = "–",
) -> Column:
    """A column of what ``read`` gives by their keys of all rows of a page, by one statement or so.

    ``text`` says it in words; of a row that it gives nothing of, the column is empty.
    """

    def shown(row: Any) -> Any:
        found = row.beside.get(shown)
        return None if found is None else text(found)

    def read_all(rows: Sequence[Any]) -> None:
        found = read(rows)
        for row in rows:
            vars(row).setdefault("beside", {})[shown] = found.get(row.pk)

    made = column(shown, label, ordering=ordering, empty=empty)
    made.read_all = read_all  # type: ignore[attr-defined]
    return made


def count(label: Words, counted: Callable[[], QuerySet[Any]], by: str) -> Column:
    """How many of the ``counted`` rows point to each by the column ``by``; 0 where none does."""

    def read(rows: Sequence[Any]) -> dict[Any, int]:
        keys = [row.pk for row in rows]
        counts = counts_by(counted(), by, keys)
        return {key: counts[key] for key in keys}

    return beside(label, read)


def day(path: str, label: Words | None = None, *, empty: Words = "–") -> Column:
    """A date, or the day of a time, as narrow columns of the site write it."""
    read = attrgetter(path)
    return column(lambda row: day_text(read(row)), label, ordering=_order(path), empty=empty)


def day_text(value: date | datetime | None) -> str | None:
    """A day, or the day of a time; nothing where there is none."""
    found = localtime(value).date() if isinstance(value, datetime) else value
    return narrow_day(found) if found else None


def moment(path: str, label: Words | None = None) -> Column:
    """The day and the minute of a time."""
    read = attrgetter(path)

    def text(row: Any) -> str | None:
        value: datetime | None = read(row)
        if value is None:
            return None
        found = localtime(value)
        told = {"day": short_day_text(found.date()), "time": date_format(found, "H:i")}
        return _unbroken(_("%(day)s, %(time)s") % told)

    return column(text, label, ordering=_order(path))


def _order(path: str) -> str:
    return path.replace(".", "__")


def narrow_day(day: date) -> str:
    """A day as narrow columns have it: not divided between lines."""
    return _unbroken(short_day_text(day))


def _unbroken(text: str) -> str:
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def yes_no(path: str, label: Words | None = None) -> Column:
    """A truth in words; of a date or a time whether there is one."""
    read = attrgetter(path)
    return column(lambda row: yes_or_no(read(row)), label, ordering=_order(path))


def yes_or_no(value: object) -> str:
    return _("Yes") if value else _("No")


def label_columns(model: type[Model], columns: Iterable[Any]) -> None:
    """Give columns without a label of their own that of the field they are ordered by."""
    for each in columns:
        if callable(each) and not hasattr(each, "short_description"):
            field: Any = model._meta.get_field(each.admin_order_field)
            each.short_description = field.verbose_name
