"""Figures from files of statistics: planned first, then imported all at once."""

from recommendations.actions.imports.figures.importer import import_figures, plan_figures
from recommendations.actions.imports.figures.plans import (
    FigureOptions,
    FigurePlan,
    ImportStep,
    Obstacle,
)
from recommendations.actions.imports.figures.remembered import (
    remembered_import,
    remembered_options,
)
from recommendations.actions.imports.figures.staging import InterruptedImport, clear_left_over
from recommendations.actions.imports.figures.undoing import undo_import
