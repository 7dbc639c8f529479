"""Where files lie: spreadsheets between two steps of an import, and the files of evidence."""

from recommendations.storage.imports import KEY, folder, forget_all, waiting

__all__ = ["KEY", "folder", "forget_all", "waiting"]
