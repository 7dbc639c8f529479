"""Figures out of files of statistics: planned first, then brought in all at once."""

from recommendations.actions.imports.figures.importer import plan, run
from recommendations.actions.imports.figures.plans import (
    Choices,
    FiguresChanged,
    FiguresRefused,
    Plan,
    Revised,
    Unmatched,
    Upload,
)

__all__ = [
    "Choices",
    "FiguresChanged",
    "FiguresRefused",
    "Plan",
    "Revised",
    "Unmatched",
    "Upload",
    "plan",
    "run",
]
