"""Sources and recommendations: their tables, queries over them, and the conditions of flags."""

from recommendations.models.recommendations.records import Recommendation, Source, SourceQuerySet
