"""``import_areas``: organisations, areas, their other names, or members of groups, from a file."""

from typing import Any

from recommendations.actions.imports.pipeline import Upload
from recommendations.actions.imports.reference import ReferenceImport, ReferenceOptions
from recommendations.management.imports import ImportCommand


class Command(ImportCommand):
    help = (
        "Import groups of countries with their members (columns group, group_name, member, from, "
        "to, year, source), other names of areas (area, alias, code_list), areas (code, name, "
        "kind …) or organisations (slug, name, kind …). Rejected rows stop the import unless they "
        "are skipped. What is recorded and not in the file stays."
    )
    CHOICES = ReferenceOptions

    def job(self, upload: Upload, options: dict[str, Any]) -> ReferenceImport:
        return ReferenceImport(upload, None, self.chosen(options))
