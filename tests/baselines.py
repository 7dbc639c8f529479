"""Rows that a test wrote past the actions, told to the record as they stand."""

from recommendations import audit
from recommendations.audit.rewind import BASELINE, replay
from recommendations.audit.snapshots import plain, recorded_fields, untold


def record_baselines() -> None:
    """Write one event for each table with rows that the record does not account for."""
    with audit.entry(by=None) as entry:
        for model in audit.tracked_models():
            label, act = model._meta.label_lower, audit.BulkAct(entry)
            fields = {field.name: field for field in recorded_fields(model)}
            keys = list(model._base_manager.order_by("pk").values_list("pk", flat=True))
            told, rows = replay(label, list(map(str, keys))), audit.stored(model, keys)
            for row, holds in zip(rows, audit.snapshots(rows), strict=True):
                known = told.get(str(row.pk))
                for name, field in fields.items():
                    if known is None:
                        may_hold = [None]
                    else:
                        may_hold = [known[name]] if name in known else untold(field)
                    if name in holds and plain(holds[name]) in may_hold:
                        del holds[name]
                act.add(row, {}, holds)
            if not act.is_empty:
                act.record(BASELINE, "", {}, object_type=label)
