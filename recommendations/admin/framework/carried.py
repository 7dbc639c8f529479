"""What one row that is added leaves to the next: the fields of its form that are mostly alike."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode

if TYPE_CHECKING:
    from recommendations.admin.framework.base import TrackedModelAdmin as Base
else:
    Base = object


class CarriesFields(Base):
    """“Save and add another” begins the next form with what ``carried`` names of the last."""

    carried: ClassVar[tuple[str, ...]] = ()

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        response = super().response_add(request, obj, post_url_continue)
        if "_addanother" in request.POST and response.has_header("Location"):
            # Django reads the first values of a form from its address.
            response["Location"] += f"?{urlencode(_values(obj, self.carried))}"
        return response


def _values(row: models.Model, names: tuple[str, ...]) -> dict[str, Any]:
    columns = [(name, row._meta.get_field(name)) for name in names]
    held = {name: column.value_from_object(row) for name, column in columns}  # type: ignore[union-attr]
    return {name: value for name, value in held.items() if value not in (None, "")}
