"""Figures out of files of statistics: planned first, then brought in all at once."""

from recommendations.actions.figures.plans import (
    Choices,
    FiguresChanged,
    FiguresRefused,
    Plan,
    Revised,
    Unmatched,
    Upload,
)
from recommendations.actions.figures.running import plan, run

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
