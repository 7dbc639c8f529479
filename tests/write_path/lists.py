"""What the search for writes finds, and why each of it is none."""

ALLOWED = {
    "recommendations.charts.canvas Canvas.__init__: self.root.attrib.update": "SVG attributes",
    "recommendations.charts.canvas Canvas.finish: self.root.attrib.update": "SVG attributes",
    "recommendations.exports.briefings.word stock_template: document.save": "a file, as bytes",
    "recommendations.exports.briefings.word word_document: word.save": "a file, as bytes",
    "recommendations.exports.workbooks template_workbook: book.save": "a workbook, as bytes",
    "recommendations.exports.workbooks round_workbook: book.save": "a workbook, as bytes",
    "recommendations.guards.triggers _conditions: guard.delete": "a condition in SQL",
    "recommendations.guards.faults _rows: cursor.execute(sql)": "reads what is installed",
    "recommendations.guards.triggers install: cursor.execute(statement)": "defines triggers",
    "recommendations.guards.triggers _switch: cursor.execute(statement)": "defines triggers",
    "recommendations.storage.evidence save_file: store.save": "a file, into its storage",
    "recommendations.storage.archive ArchiveWriter.write: self._sha256.update": "a digest",
    "recommendations.storage.evidence write_error: store.save": "a byte, into a file",
    "recommendations.storage.evidence write_error: store.delete": "the same byte",
    "recommendations.storage.evidence delete_by_name: store.delete": "a file, out of its storage",
    "recommendations.views.updates.detail permitted_verbs: "
    "getattr(permissions, transition.permission)": "asks a permission",
    "tracker.postgresql.prepared Cursor.execute: "
    "super().execute(query, params, **options)": "what Django asks",
    "tracker.postgresql.prepared Cursor.execute: "
    "super().execute(query.making)": "the same, made ready",
    "tracker.postgresql.prepared Cursor.execute: "
    "super().execute(query.call, params, **options)": "the same, called by its name",
}
"""Calls by module, function and what is called, each with what it is instead of a write."""
