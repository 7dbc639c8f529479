"""What a list of the administration reads of its rows."""

from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest


class NarrowList(ChangeList):
    """A list that reads the columns which its administration names in ``list_reads`` alone.

    Only what is shown: actions on ticked rows read these whole.
    """

    model_admin: Any

    def get_results(self, request: HttpRequest) -> None:
        if self.model_admin.list_reads:
            self.queryset = self.queryset.only(*self.model_admin.list_reads)
        super().get_results(request)
