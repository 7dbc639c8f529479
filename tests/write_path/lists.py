"""What the search for writes finds and why each of it stays, and what has yet to go."""

ALLOWED: dict[tuple[str, str, str], str] = {
    (
        "recommendations.charts.canvas",
        "Canvas.__init__",
        "self.root.attrib.update",
    ): "SVG attributes",
    ("recommendations.charts.canvas", "Canvas.finish", "self.root.attrib.update"): "SVG attributes",
    ("recommendations.exports.formats", "xlsx_file", "book.save"): "a workbook, into a file",
    ("recommendations.guards", "_create_sqlite", "guard.delete"): "a condition in SQL",
    ("recommendations.guards", "_create_postgresql", "guard.delete"): "a condition in SQL",
    ("recommendations.guards", "install", "cursor.execute(statement)"): "defines triggers",
    ("recommendations.guards", "_switch", "cursor.execute(statement)"): "defines triggers",
    ("recommendations.storage.evidence", "save_file", "store.save"): "a file, into its storage",
    (
        "recommendations.storage.evidence",
        "delete_by_name",
        "store.delete",
    ): "a file, out of its storage",
    (
        "recommendations.views.updates.detail",
        "permitted_verbs",
        "getattr(permissions, transition.permission)",
    ): "asks a permission",
}
"""Calls by module, function and what is called, each with what it is instead of a write of rows."""

KNOWN: set[tuple[str, str, str]] = {
    ("recommendations.admin.framework.base", "AuditedModelAdmin.save_formset", "formset.save"),
    ("recommendations.admin.framework.base", "AuditedModelAdmin.save_formset", "formset.save_m2m"),
    ("recommendations.admin.framework.base", "AuditedModelAdmin.save_model", "super().save_model"),
    ("recommendations.admin.framework.base", "AuditedModelAdmin.save_related", "form.save_m2m"),
    ("recommendations.admin.framework.base", "AuditedModelAdmin.save_related", "self.save_formset"),
    ("recommendations.admin.framework.bulk", "BulkAdmin.process_dataset", "resource.import_data"),
    ("recommendations.admin.framework.bulk", "ReferenceResource.do_instance_save", "instance.save"),
    (
        "recommendations.admin.people",
        "UserAdmin.user_change_password",
        "super().user_change_password",
    ),
    ("recommendations.admin.framework.edit_context", "settle", "thing.save"),
    ("recommendations.admin.framework.edit_context", "write", "thing.save"),
    (
        "recommendations.management.demo.direct_rows",
        "<module>",
        "from recommendations.actions.base import create",
    ),
    ("recommendations.management.demo.direct_rows", "_create_row", "person.groups.set"),
    ("recommendations.management.demo.direct_rows", "_create_row", "person.save"),
}
"""Writes outside the actions. Each goes once the administration, and the demonstration, call the
actions that write these rows."""
