"""Figures from files of statistics: planned first, then imported all at once."""

from recommendations.actions.imports.figures.importer import (
    FigureImport,
    InterruptedImport,
    clear_left_over,
    undo_import,
)
from recommendations.actions.imports.figures.indicators import ASKED, MOST_CHOSEN, listed_series
from recommendations.actions.imports.figures.plans import (
    FigureOptions,
    FigurePlan,
    Obstacle,
    Series,
    remembered_import,
    remembered_options,
)
from recommendations.actions.imports.pipeline import ImportStep
