"""Status, confidence and target dates month by month: what was in force then, as known now."""
