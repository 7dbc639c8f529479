"""Records what rows hold that earlier versions wrote without payloads; nothing in an empty database."""

from django.db import DEFAULT_DB_ALIAS, migrations

from recommendations.audit.baseline import record_baselines


def record(apps, schema_editor):
    if schema_editor.connection.alias == DEFAULT_DB_ALIAS:
        record_baselines(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0007_audit_rows"),
    ]

    operations = [
        # What was recorded stays: the chain is only ever added to.
        migrations.RunPython(record, migrations.RunPython.noop),
    ]
