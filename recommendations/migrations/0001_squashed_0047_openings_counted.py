import uuid

import django.contrib.auth.models
import django.contrib.auth.validators
import django.core.validators
import django.db.models.deletion
import django.db.models.lookups
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import recommendations.models.fields
import recommendations.models.search
from recommendations.migrations._at_once import CreateModels


class Migration(migrations.Migration):
    """The tables of a new site at once; a site that began before takes the steps that it replaces."""

    replaces = [
        ("recommendations", "0001_initial"),
        ("recommendations", "0002_daily_work"),
        ("recommendations", "0003_evidence_files"),
        ("recommendations", "0004_areas"),
        ("recommendations", "0005_import_runs"),
        ("recommendations", "0006_constraint_messages"),
        ("recommendations", "0007_audit_rows"),
        ("recommendations", "0008_baseline"),
        ("recommendations", "0009_contradictions_confirmed"),
        ("recommendations", "0010_value_confirmations"),
        ("recommendations", "0011_verifications"),
        ("recommendations", "0012_baseline_of_passwords"),
        ("recommendations", "0013_mail_queue"),
        ("recommendations", "0014_reset_requests"),
        ("recommendations", "0015_staged_imports"),
        ("recommendations", "0016_lighter_bulk_writes"),
        ("recommendations", "0017_kept_state"),
        ("recommendations", "0018_evidence_by_title"),
        ("recommendations", "0019_events_by_verb_and_request"),
        ("recommendations", "0020_search_documents"),
        ("recommendations", "0021_orders_of_lists"),
        ("recommendations", "0022_late_pages_and_sorts"),
        ("recommendations", "0023_open_items"),
        ("recommendations", "0024_glossary_labels"),
        ("recommendations", "0025_status_codes_and_demonstration"),
        ("recommendations", "0026_undecided_responses"),
        ("recommendations", "0027_accepted_part_message"),
        ("recommendations", "0028_draft_entries"),
        ("recommendations", "0029_parts_of_sources"),
        ("recommendations", "0030_saved_views"),
        ("recommendations", "0031_themes"),
        ("recommendations", "0032_parts"),
        ("recommendations", "0033_relations"),
        ("recommendations", "0034_invitations"),
        ("recommendations", "0035_calendar_addresses"),
        ("recommendations", "0036_watches"),
        ("recommendations", "0037_reporting_rounds"),
        ("recommendations", "0038_reminders"),
        ("recommendations", "0039_recommendation_marks"),
        ("recommendations", "0040_deputies"),
        ("recommendations", "0041_undone_imports"),
        ("recommendations", "0042_sign_offs"),
        ("recommendations", "0043_opening_statuses"),
        ("recommendations", "0044_how_files_were_read"),
        ("recommendations", "0045_decisions_of_updates"),
        ("recommendations", "0046_status_in_force"),
        ("recommendations", "0047_openings_counted"),
    ]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Action",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="last changed"
                            ),
                        ),
                        (
                            "recommendation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="actions",
                                to="recommendations.recommendation",
                                verbose_name="recommendation",
                            ),
                        ),
                        (
                            "slug",
                            models.SlugField(max_length=60, unique=True, verbose_name="short name"),
                        ),
                        (
                            "title",
                            recommendations.models.fields.LineField(
                                max_length=300, verbose_name="title"
                            ),
                        ),
                        (
                            "is_named_in_source",
                            models.BooleanField(default=False, verbose_name="named in the source"),
                        ),
                        (
                            "owner",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=200, verbose_name="owner"
                            ),
                        ),
                        (
                            "started_on",
                            models.DateField(blank=True, null=True, verbose_name="started on"),
                        ),
                        ("due_on", models.DateField(blank=True, null=True, verbose_name="due on")),
                        (
                            "done_on",
                            models.DateField(blank=True, null=True, verbose_name="completed on"),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("not_started", "Not started"),
                                    ("in_progress", "In progress"),
                                    ("done", "Completed"),
                                    ("dropped", "Cancelled"),
                                ],
                                default="not_started",
                                max_length=12,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "dropped_reason",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="reason for cancellation"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "action",
                        "verbose_name_plural": "actions",
                        "ordering": ("recommendation", "due_on", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("done_on__isnull", False), ("state", "done")),
                                    models.Q(
                                        models.Q(("state", "done"), _negated=True),
                                        ("done_on__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="action_done_has_day",
                                violation_error_message="Only a completed action has a completion date.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state", "dropped"),
                                        models.Q(("dropped_reason", ""), _negated=True),
                                    ),
                                    models.Q(
                                        models.Q(("state", "dropped"), _negated=True),
                                        ("dropped_reason", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="action_dropped_has_reason",
                                violation_error_message="Only a cancelled action has a reason for cancellation.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "in_progress"), _negated=True),
                                    ("started_on__isnull", False),
                                    _connector="OR",
                                ),
                                name="action_begun_has_start",
                                violation_error_message="An action in progress needs a start date.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("started_on__isnull", True),
                                    ("done_on__isnull", True),
                                    ("started_on__lte", models.F("done_on")),
                                    _connector="OR",
                                ),
                                name="action_days_in_order",
                                violation_error_message="The completion date must not be before the start date.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Addressee",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "removed_at",
                            models.DateTimeField(
                                blank=True, editable=False, null=True, verbose_name="removed at"
                            ),
                        ),
                        (
                            "removed_by",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="removed by",
                            ),
                        ),
                        (
                            "recommendation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="addressees",
                                to="recommendations.recommendation",
                                verbose_name="recommendation",
                            ),
                        ),
                        (
                            "area",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="addressed_by",
                                to="recommendations.area",
                                verbose_name="area",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="addressed_by",
                                to="recommendations.organisation",
                                verbose_name="organisation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "addressee",
                        "verbose_name_plural": "addressees",
                        "ordering": ("recommendation", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("area__isnull", False), ("organisation__isnull", True)
                                    ),
                                    models.Q(
                                        ("area__isnull", True), ("organisation__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="addressee_is_one_of_both",
                                violation_error_message="Choose an area or an organisation, not both.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("area__isnull", False), ("removed_at__isnull", True)
                                ),
                                fields=("recommendation", "area"),
                                name="addressee_area_once",
                                violation_error_message="This area is already an addressee.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("organisation__isnull", False), ("removed_at__isnull", True)
                                ),
                                fields=("recommendation", "organisation"),
                                name="addressee_organisation_once",
                                violation_error_message="This organisation is already an addressee.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("removed_at__isnull", True), ("removed_by__isnull", True)
                                    ),
                                    models.Q(
                                        ("removed_at__isnull", False), ("removed_by__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="addressee_removed_together",
                                violation_error_message="Enter the person, the date and the other details together, or none of them.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Area",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="last changed"
                            ),
                        ),
                        ("code", models.SlugField(max_length=40, unique=True, verbose_name="code")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("all", "All areas"),
                                    ("region", "Region"),
                                    ("country", "Country or territory"),
                                    ("group", "Group of countries"),
                                ],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "name",
                            recommendations.models.fields.LineField(
                                help_text="In English. Shown if there is no name in the reader’s language.",
                                max_length=200,
                                verbose_name="name",
                            ),
                        ),
                        (
                            "name_ar",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=200, verbose_name="name in Arabic"
                            ),
                        ),
                        (
                            "name_zh",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=200, verbose_name="name in Chinese"
                            ),
                        ),
                        (
                            "name_fr",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=200, verbose_name="name in French"
                            ),
                        ),
                        (
                            "name_ru",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=200, verbose_name="name in Russian"
                            ),
                        ),
                        (
                            "name_es",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=200, verbose_name="name in Spanish"
                            ),
                        ),
                        (
                            "iso2",
                            models.CharField(
                                blank=True, max_length=2, verbose_name="ISO 3166-1 alpha-2"
                            ),
                        ),
                        (
                            "iso3",
                            models.CharField(
                                blank=True, max_length=3, verbose_name="ISO 3166-1 alpha-3"
                            ),
                        ),
                        ("m49", models.CharField(blank=True, max_length=3, verbose_name="UN M49")),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parts",
                                to="recommendations.area",
                                verbose_name="part of",
                            ),
                        ),
                        (
                            "notes",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="notes"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "area",
                        "verbose_name_plural": "areas",
                        "ordering": ("name", "pk"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("iso2", ""), _negated=True),
                                fields=("iso2",),
                                name="area_iso2_unique",
                                violation_error_message="Another area has this ISO 3166-1 alpha-2 code.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("iso3", ""), _negated=True),
                                fields=("iso3",),
                                name="area_iso3_unique",
                                violation_error_message="Another area has this ISO 3166-1 alpha-3 code.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("m49", ""), _negated=True),
                                fields=("m49",),
                                name="area_m49_unique",
                                violation_error_message="Another area has this UN M49 code.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("iso2__regex", "^([A-Z]{2})?$"),
                                    ("iso3__regex", "^([A-Z]{3})?$"),
                                    ("m49__regex", "^([0-9]{3})?$"),
                                ),
                                name="area_codes_have_their_form",
                                violation_error_message="ISO 3166-1 codes are two and three capital letters, UN M49 codes three digits.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AreaAlias",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "removed_at",
                            models.DateTimeField(
                                blank=True, editable=False, null=True, verbose_name="removed at"
                            ),
                        ),
                        (
                            "removed_by",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="removed by",
                            ),
                        ),
                        (
                            "area",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="aliases",
                                to="recommendations.area",
                                verbose_name="area",
                            ),
                        ),
                        (
                            "alias",
                            recommendations.models.fields.LineField(
                                max_length=200, verbose_name="name or code"
                            ),
                        ),
                        (
                            "code_list",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("iso3", "ISO 3166-1 alpha-3"),
                                    ("iso2", "ISO 3166-1 alpha-2"),
                                    ("m49", "UN M49"),
                                    ("own", "Codes of this site"),
                                    ("world_bank", "World Bank"),
                                    ("owid", "Our World in Data"),
                                    ("eurostat", "Eurostat"),
                                ],
                                max_length=10,
                                verbose_name="code list",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "other name or code",
                        "verbose_name_plural": "other names and codes",
                        "ordering": ("area", "code_list", "alias", "pk"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("removed_at__isnull", True)),
                                fields=("code_list", "alias"),
                                name="area_alias_once",
                                violation_error_message="This name or code already identifies an area.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("removed_at__isnull", True), ("removed_by__isnull", True)
                                    ),
                                    models.Q(
                                        ("removed_at__isnull", False), ("removed_by__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="area_alias_removed_together",
                                violation_error_message="Enter the person, the date and the other details together, or none of them.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AuditEvent",
                    fields=[
                        (
                            "sequence",
                            models.BigIntegerField(
                                primary_key=True, serialize=False, verbose_name="number"
                            ),
                        ),
                        ("at", models.DateTimeField(db_index=True, verbose_name="at")),
                        (
                            "actor",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                        ("verb", models.CharField(max_length=40, verbose_name="action recorded")),
                        (
                            "object_type",
                            models.CharField(max_length=60, verbose_name="type of record"),
                        ),
                        (
                            "object_id",
                            models.CharField(max_length=64, verbose_name="record number"),
                        ),
                        (
                            "recommendation",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="events",
                                to="recommendations.recommendation",
                                verbose_name="recommendation",
                            ),
                        ),
                        (
                            "request_id",
                            models.CharField(blank=True, max_length=64, verbose_name="request"),
                        ),
                        (
                            "reason",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="recommendations.audittext",
                                verbose_name="reason",
                            ),
                        ),
                        ("payload", models.TextField(verbose_name="payload")),
                        (
                            "previous_hash",
                            models.CharField(max_length=64, verbose_name="hash before"),
                        ),
                        ("hash", models.CharField(max_length=64, verbose_name="hash")),
                    ],
                    options={
                        "verbose_name": "event",
                        "verbose_name_plural": "events",
                        "ordering": ("-sequence",),
                        "indexes": [
                            models.Index(
                                fields=["object_type", "object_id"], name="event_of_object"
                            ),
                            models.Index(fields=["verb", "-sequence"], name="event_by_verb"),
                            models.Index(
                                condition=models.Q(("request_id", ""), _negated=True),
                                fields=["request_id"],
                                name="event_of_request",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AuditRow",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "event",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="rows",
                                to="recommendations.auditevent",
                                verbose_name="event",
                            ),
                        ),
                        (
                            "object_type",
                            models.CharField(max_length=60, verbose_name="type of record"),
                        ),
                        (
                            "object_id",
                            models.CharField(max_length=64, verbose_name="record number"),
                        ),
                        (
                            "recommendation",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="recommendations.recommendation",
                                verbose_name="recommendation",
                            ),
                        ),
                        ("changes", models.TextField(verbose_name="changes")),
                    ],
                    options={
                        "verbose_name": "row of a bulk event",
                        "verbose_name_plural": "rows of bulk events",
                        "ordering": ("pk",),
                        "indexes": [
                            models.Index(
                                condition=models.Q(("recommendation__isnull", False)),
                                fields=["recommendation"],
                                name="audit_row_of_recommendation",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("object_id", "object_type", "event"),
                                name="audit_row_is_once_in_an_event",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AuditText",
                    fields=[
                        (
                            "digest",
                            models.CharField(max_length=64, primary_key=True, serialize=False),
                        ),
                        ("salt", models.CharField(blank=True, max_length=32)),
                        ("text", models.TextField(blank=True)),
                        ("redacted_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "verbose_name": "recorded text",
                        "verbose_name_plural": "recorded texts",
                    },
                ),
                migrations.CreateModel(
                    name="CalendarAddress",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="last changed"
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="calendar_addresses",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="person",
                            ),
                        ),
                        (
                            "token_salt",
                            models.CharField(
                                editable=False, max_length=32, verbose_name="salt of the link"
                            ),
                        ),
                        (
                            "token_digest",
                            models.CharField(
                                editable=False,
                                max_length=64,
                                unique=True,
                                verbose_name="digest of the link",
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        (
                            "revoked_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="revoked at"),
                        ),
                        (
                            "revoked_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="revoked by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "calendar address",
                        "verbose_name_plural": "calendar addresses",
                        "ordering": ("-created_at", "-pk"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("revoked_at__isnull", True)),
                                fields=("person",),
                                name="calendar_address_once_for_a_person",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("revoked_at__isnull", True), ("revoked_by__isnull", True)
                                    ),
                                    models.Q(
                                        ("revoked_at__isnull", False), ("revoked_by__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="calendar_address_revoked_together",
                                violation_error_message="Enter the person, the date and the other details together, or none of them.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ChainHead",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("last_sequence", models.BigIntegerField(default=0)),
                        ("last_at", models.DateTimeField(null=True)),
                        ("last_hash", models.CharField(blank=True, max_length=64)),
                    ],
                    options={
                        "verbose_name": "latest hash of the audit log",
                        "verbose_name_plural": "latest hash of the audit log",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("pk", 1)), name="chain_head_is_one_row"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Comment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "recommendation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="comments",
                                to="recommendations.recommendation",
                                verbose_name="recommendation",
                            ),
                        ),
                        (
                            "update",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="comments",
                                to="recommendations.statusupdate",
                                verbose_name="status update",
                            ),
                        ),
                        (
                            "author",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="comments",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="author",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="at")),
                        ("text", recommendations.models.fields.ProseField(verbose_name="text")),
                        (
                            "mentions",
                            models.ManyToManyField(
                                blank=True,
                                related_name="mentioned_in",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="people mentioned",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "comment",
                        "verbose_name_plural": "comments",
                        "ordering": ("-at", "-pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("text", ""), _negated=True),
                                name="comment_says_something",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Deputy",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="last changed"
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deputies",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="person",
                            ),
                        ),
                        (
                            "deputy",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deputy_for",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="deputy",
                            ),
                        ),
                        ("starts_on", models.DateField(verbose_name="first day")),
                        ("ends_on", models.DateField(verbose_name="last day")),
                        (
                            "reason",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=200, verbose_name="reason"
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(editable=False, verbose_name="recorded at"),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="recorded by",
                            ),
                        ),
                        (
                            "ended_at",
                            models.DateTimeField(
                                blank=True, editable=False, null=True, verbose_name="ended early at"
                            ),
                        ),
                        (
                            "ended_by",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="ended early by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "deputy",
                        "verbose_name_plural": "deputies",
                        "ordering": ("-starts_on", "-pk"),
                        "indexes": [
                            models.Index(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=["deputy", "ends_on"],
                                name="deputy_not_ended",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("person", models.F("deputy")), _negated=True),
                                name="deputy_is_somebody_else",
                                violation_error_message="Choose another person as deputy.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("starts_on__lte", models.F("ends_on"))),
                                name="deputy_ends_after_it_starts",
                                violation_error_message="The last day must not be before the first.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("ended_at__isnull", True), ("ended_by__isnull", True)
                                    ),
                                    models.Q(
                                        ("ended_at__isnull", False), ("ended_by__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="deputy_ended_together",
                                violation_error_message="Enter the person, the date and the other details together, or none of them.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DraftEntries",
                    fields=[
                        (
                            "update",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="draft_entries",
                                serialize=False,
                                to="recommendations.statusupdate",
                                verbose_name="update",
                            ),
                        ),
                        ("content", models.JSONField(verbose_name="content")),
                        ("number", models.PositiveIntegerField(default=1, verbose_name="number")),
                    ],
                    options={
                        "verbose_name": "entries of a draft",
                        "verbose_name_plural": "entries of drafts",
                        "ordering": ("update",),
                    },
                ),
                migrations.CreateModel(
                    name="Evidence",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="last changed"
                            ),
                        ),
                        (
                            "slug",
                            models.SlugField(max_length=60, unique=True, verbose_name="short name"),
                        ),
                        (
                            "title",
                            recommendations.models.fields.LineField(
                                max_length=300, verbose_name="title"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("document", "Document"),
                                    ("web_page", "Web page"),
                                    ("dataset", "Dataset"),
                                    ("statement", "Statement"),
                                    ("photograph", "Photograph"),
                                    ("source_passage", "Passage of the source"),
                                ],
                                max_length=20,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "description",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="summary"
                            ),
                        ),
                        (
                            "url",
                            models.URLField(blank=True, max_length=500, verbose_name="address"),
                        ),
                        (
                            "citation",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="citation"
                            ),
                        ),
                        (
                            "publisher",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=200, verbose_name="publisher"
                            ),
                        ),
                        (
                            "effective_on",
                            models.DateField(blank=True, null=True, verbose_name="effective date"),
                        ),
                        (
                            "effective_precision",
                            models.CharField(
                                choices=[
                                    ("day", "day"),
                                    ("month", "month"),
                                    ("year", "year"),
                                    ("unknown", "Unknown"),
                                ],
                                default="unknown",
                                max_length=10,
                                verbose_name="precision",
                            ),
                        ),
                        (
                            "retrieved_on",
                            models.DateField(blank=True, null=True, verbose_name="retrieved on"),
                        ),
                        (
                            "expires_on",
                            models.DateField(blank=True, null=True, verbose_name="expires on"),
                        ),
                        (
                            "reliability",
                            models.CharField(
                                choices=[
                                    ("completely_reliable", "Completely reliable"),
                                    ("usually_reliable", "Usually reliable"),
                                    ("fairly_reliable", "Fairly reliable"),
                                    ("not_usually_reliable", "Not usually reliable"),
                                    ("unreliable", "Unreliable"),
                                    ("not_judged", "Not assessed"),
                                ],
                                default="not_judged",
                                max_length=24,
                                verbose_name="reliability",
                            ),
                        ),
                        (
                            "visibility",
                            models.CharField(
                                choices=[("internal", "Internal"), ("public", "Published")],
                                default="internal",
                                max_length=10,
                                verbose_name="visibility",
                            ),
                        ),
                        (
                            "last_revision",
                            models.PositiveIntegerField(
                                default=0, editable=False, verbose_name="number of files"
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(editable=False, verbose_name="recorded at"),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="recorded by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "evidence item",
                        "verbose_name_plural": "evidence",
                        "ordering": ("title", "pk"),
                        "indexes": [
                            models.Index(fields=["title", "id"], name="evidence_by_title"),
                            models.Index(
                                fields=["visibility", "title", "id"], name="evidence_by_visibility"
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("url", ""), _negated=True),
                                    models.Q(("citation", ""), _negated=True),
                                    ("last_revision__gt", 0),
                                    _connector="OR",
                                ),
                                name="evidence_can_be_looked_up",
                                violation_error_message="Enter a web address or a citation.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("effective_on__isnull", True),
                                        ("effective_precision", "unknown"),
                                    ),
                                    models.Q(
                                        ("effective_on__isnull", False),
                                        models.Q(("effective_precision", "unknown"), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="evidence_date_has_precision",
                                violation_error_message="Enter the effective date and its precision, or neither.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("expires_on__isnull", True),
                                    ("effective_on__isnull", True),
                                    ("expires_on__gte", models.F("effective_on")),
                                    _connector="OR",
                                ),
                                name="evidence_expires_after_effective",
                                violation_error_message="The expiry date must not be before the effective date.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EvidenceCheck",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "removed_at",
                            models.DateTimeField(
                                blank=True, editable=False, null=True, verbose_name="removed at"
                            ),
                        ),
                        (
                            "removed_by",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="removed by",
                            ),
                        ),
                        (
                            "evidence",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="checks",
                                to="recommendations.evidence",
                                verbose_name="evidence",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="recommendations.organisation",
                                verbose_name="verifier’s organisation at the time",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="at")),
                        (
                            "revision",
                            models.PositiveIntegerField(
                                default=0, editable=False, verbose_name="verified file"
                            ),
                        ),
                        (
                            "note",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="note"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "evidence verification",
                        "verbose_name_plural": "evidence verifications",
                        "ordering": ("-at", "-pk"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("removed_at__isnull", True)),
                                fields=("evidence", "by", "revision"),
                                name="check_once_by_a_person",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("removed_at__isnull", True), ("removed_by__isnull", True)
                                    ),
                                    models.Q(
                                        ("removed_at__isnull", False), ("removed_by__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="check_removed_together",
                                violation_error_message="Enter the person, the date and the other details together, or none of them.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EvidenceLink",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "removed_at",
                            models.DateTimeField(
                                blank=True, editable=False, null=True, verbose_name="removed at"
                            ),
                        ),
                        (
                            "removed_by",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="removed by",
                            ),
                        ),
                        (
                            "evidence",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="links",
                                to="recommendations.evidence",
                                verbose_name="evidence",
                            ),
                        ),
                        (
                            "recommendation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="evidence_links",
                                to="recommendations.recommendation",
                                verbose_name="recommendation",
                            ),
                        ),
                        (
                            "update",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="evidence_links",
                                to="recommendations.statusupdate",
                                verbose_name="status update",
                            ),
                        ),
                        (
                            "observation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="evidence_links",
                                to="recommendations.observation",
                                verbose_name="observation",
                            ),
                        ),
                        (
                            "response",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="evidence_links",
                                to="recommendations.response",
                                verbose_name="response",
                            ),
                        ),
                        (
                            "stance",
                            models.CharField(
                                choices=[
                                    ("supports", "Supports"),
                                    ("undermines", "Contradicts"),
                                    ("background", "Context"),
                                    ("need", "Rationale"),
                                ],
                                max_length=12,
                                verbose_name="stance",
                            ),
                        ),
                        (
                            "is_placed_by_source",
                            models.BooleanField(default=False, verbose_name="cited by the source"),
                        ),
                        (
                            "why",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="relevance"
                            ),
                        ),
                        ("added_at", models.DateTimeField(editable=False, verbose_name="added at")),
                        (
                            "added_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="added by",
                            ),
                        ),
                        (
                            "answer",
                            recommendations.models.fields.ProseField(
                                blank=True, editable=False, verbose_name="answer"
                            ),
                        ),
                        (
                            "answered_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="answered at"
                            ),
                        ),
                        (
                            "answered_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="answered by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "evidence link",
                        "verbose_name_plural": "evidence links",
                        "ordering": ("pk",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("observation__isnull", True),
                                        ("recommendation__isnull", False),
                                        ("response__isnull", True),
                                        ("update__isnull", True),
                                    ),
                                    models.Q(
                                        ("observation__isnull", True),
                                        ("recommendation__isnull", True),
                                        ("response__isnull", True),
                                        ("update__isnull", False),
                                    ),
                                    models.Q(
                                        ("observation__isnull", False),
                                        ("recommendation__isnull", True),
                                        ("response__isnull", True),
                                        ("update__isnull", True),
                                    ),
                                    models.Q(
                                        ("observation__isnull", True),
                                        ("recommendation__isnull", True),
                                        ("response__isnull", False),
                                        ("update__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="link_has_one_target",
                                violation_error_message="Link the evidence to exactly one record.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("recommendation__isnull", False),
                                        ("stance__in", ["need", "background"]),
                                    ),
                                    models.Q(
                                        ("recommendation__isnull", True),
                                        ("stance__in", ["supports", "undermines", "background"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="link_stance_fits_target",
                                violation_error_message="Evidence for a recommendation is its rationale or context. Only a claim can be supported or contradicted.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("answer", ""),
                                        ("answered_at__isnull", True),
                                        ("answered_by__isnull", True),
                                    ),
                                    models.Q(
                                        ("answered_at__isnull", False),
                                        ("answered_by__isnull", False),
                                        ("stance", "undermines"),
                                        models.Q(("answer", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="link_answer_together",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("removed_at__isnull", True), ("removed_by__isnull", True)
                                    ),
                                    models.Q(
                                        ("removed_at__isnull", False), ("removed_by__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="link_removed_together",
                                violation_error_message="Enter the person, the date and the other details together, or none of them.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("recommendation__isnull", False), ("removed_at__isnull", True)
                                ),
                                fields=("evidence", "recommendation"),
                                name="link_recommendation_once",
                                violation_error_message="This evidence is already linked to this recommendation.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("removed_at__isnull", True), ("update__isnull", False)
                                ),
                                fields=("evidence", "update"),
                                name="link_update_once",
                                violation_error_message="This evidence is already linked to this update.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("observation__isnull", False), ("removed_at__isnull", True)
                                ),
                                fields=("evidence", "observation"),
                                name="link_observation_once",
                                violation_error_message="This evidence is already linked to this value.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("removed_at__isnull", True), ("response__isnull", False)
                                ),
                                fields=("evidence", "response"),
                                name="link_response_once",
                                violation_error_message="This evidence is already linked to this response.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EvidenceRevision",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "evidence",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="revisions",
                                to="recommendations.evidence",
                                verbose_name="evidence",
                            ),
                        ),
                        ("number", models.PositiveIntegerField(verbose_name="number")),
                        (
                            "file",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="revisions",
                                to="recommendations.storedfile",
                                verbose_name="file",
                            ),
                        ),
                        (
                            "original_name",
                            recommendations.models.fields.LineField(
                                max_length=200, verbose_name="original name"
                            ),
                        ),
                        (
                            "note",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=200, verbose_name="changes in this file"
                            ),
                        ),
                        ("added_at", models.DateTimeField(verbose_name="added at")),
                        (
                            "added_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="added by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "file of an evidence item",
                        "verbose_name_plural": "files of evidence",
                        "ordering": ("evidence", "-number"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("evidence", "number"), name="revision_number_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("number__gt", 0)),
                                name="revision_counts_from_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("original_name", ""), _negated=True),
                                name="revision_has_a_name",
                                violation_error_message="Enter the name of the file.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="GroupMembership",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "removed_at",
                            models.DateTimeField(
                                blank=True, editable=False, null=True, verbose_name="removed at"
                            ),
                        ),
                        (
                            "removed_by",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="removed by",
                            ),
                        ),
                        (
                            "group",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="memberships",
                                to="recommendations.area",
                                verbose_name="group",
                            ),
                        ),
                        (
                            "member",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="member_of",
                                to="recommendations.area",
                                verbose_name="member",
                            ),
                        ),
                        (
                            "valid_from",
                            models.DateField(blank=True, null=True, verbose_name="valid from"),
                        ),
                        (
                            "valid_to",
                            models.DateField(blank=True, null=True, verbose_name="valid to"),
                        ),
                        (
                            "source",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=300, verbose_name="source"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "member of a group",
                        "verbose_name_plural": "members of groups",
                        "ordering": ("group", "member", "valid_from", "pk"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("removed_at__isnull", True)),
                                fields=("group", "member", "valid_from"),
                                name="membership_once",
                                violation_error_message="This area is already a member from that day.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("removed_at__isnull", True), ("valid_from__isnull", True)
                                ),
                                fields=("group", "member"),
                                name="membership_without_beginning_once",
                                violation_error_message="This area is already a member.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("group", models.F("member")), _negated=True),
                                name="membership_is_of_another",
                                violation_error_message="A group cannot be a member of itself.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_from__isnull", True),
                                    ("valid_to__isnull", True),
                                    ("valid_from__lte", models.F("valid_to")),
                                    _connector="OR",
                                ),
                                name="membership_days_in_order",
                                violation_error_message="The last day is before the first.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("removed_at__isnull", True), ("removed_by__isnull", True)
                                    ),
                                    models.Q(
                                        ("removed_at__isnull", False), ("removed_by__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="membership_removed_together",
                                violation_error_message="Enter the person, the date and the other details together, or none of them.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ImportRun",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "indicator",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="imports",
                                to="recommendations.indicator",
                                verbose_name="indicator",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="at")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                        (
                            "file_name",
                            recommendations.models.fields.LineField(
                                max_length=200, verbose_name="name of the file"
                            ),
                        ),
                        (
                            "file_sha256",
                            models.CharField(max_length=64, verbose_name="SHA-256 of the file"),
                        ),
                        ("format", models.CharField(max_length=20, verbose_name="format")),
                        (
                            "series",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=200, verbose_name="series in the file"
                            ),
                        ),
                        (
                            "source",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=300, verbose_name="source"
                            ),
                        ),
                        (
                            "vintage",
                            models.DateField(
                                blank=True, null=True, verbose_name="last updated by its source"
                            ),
                        ),
                        ("new", models.PositiveIntegerField(verbose_name="new")),
                        ("revised", models.PositiveIntegerField(verbose_name="revised")),
                        ("unchanged", models.PositiveIntegerField(verbose_name="unchanged")),
                        ("left_out", models.PositiveIntegerField(verbose_name="skipped")),
                        (
                            "reading",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                editable=False,
                                verbose_name="how the file was read",
                            ),
                        ),
                        (
                            "undone_at",
                            models.DateTimeField(
                                blank=True, editable=False, null=True, verbose_name="undone at"
                            ),
                        ),
                        (
                            "undone_by",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="undone by",
                            ),
                        ),
                        (
                            "undo_reason",
                            recommendations.models.fields.ProseField(
                                blank=True,
                                default="",
                                editable=False,
                                max_length=2000,
                                verbose_name="reason for undoing",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "data import",
                        "verbose_name_plural": "data imports",
                        "ordering": ("-at", "-pk"),
                        "indexes": [
                            models.Index(
                                condition=models.Q(("undone_at__isnull", False)),
                                fields=["undone_at"],
                                name="import_run_undone",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("file_sha256__regex", "^[0-9a-f]{64}$")),
                                name="import_run_digest_is_sha256",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("new__gt", 0), ("revised__gt", 0), _connector="OR"
                                ),
                                name="import_run_changed_something",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("undo_reason", ""),
                                        ("undone_at__isnull", True),
                                        ("undone_by__isnull", True),
                                    ),
                                    models.Q(
                                        ("undone_at__gte", models.F("at")),
                                        ("undone_at__isnull", False),
                                        ("undone_by__isnull", False),
                                        models.Q(("undo_reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="import_run_undone_together",
                                violation_error_message="Enter the person, the date and the other details together, or none of them.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Indicator",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="last changed"
                            ),
                        ),
                        ("code", models.CharField(max_length=40, unique=True, verbose_name="code")),
                        (
                            "title",
                            recommendations.models.fields.LineField(
                                max_length=300, verbose_name="title"
                            ),
                        ),
                        (
                            "definition",
                            recommendations.models.fields.ProseField(verbose_name="definition"),
                        ),
                        (
                            "unit",
                            recommendations.models.fields.LineField(
                                max_length=80, verbose_name="unit"
                            ),
                        ),
                        (
                            "measure",
                            models.CharField(
                                choices=[
                                    ("1", "Unit"),
                                    ("2", "Percentage"),
                                    ("3", "Nominal"),
                                    ("4", "Ordinal"),
                                    ("5", "Qualitative"),
                                ],
                                max_length=1,
                                verbose_name="measure",
                            ),
                        ),
                        (
                            "direction",
                            models.CharField(
                                choices=[
                                    ("increase", "Desired direction: increase"),
                                    ("decrease", "Desired direction: decrease"),
                                    ("maintain", "Desired direction: maintain"),
                                    ("none_stated", "No desired direction stated"),
                                ],
                                max_length=12,
                                verbose_name="desired direction",
                            ),
                        ),
                        (
                            "reporting",
                            models.CharField(
                                choices=[("periodic", "Periodic"), ("cumulative", "Cumulative")],
                                default="periodic",
                                max_length=12,
                                verbose_name="reporting type",
                            ),
                        ),
                        (
                            "level",
                            models.CharField(
                                choices=[
                                    ("1", "Output"),
                                    ("2", "Outcome"),
                                    ("3", "Impact"),
                                    ("9", "Other"),
                                ],
                                default="9",
                                max_length=1,
                                verbose_name="result level",
                            ),
                        ),
                        (
                            "decimals",
                            models.PositiveSmallIntegerField(
                                default=0, verbose_name="decimals shown"
                            ),
                        ),
                        (
                            "source",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="source"
                            ),
                        ),
                        (
                            "method",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="method"
                            ),
                        ),
                        (
                            "limitations",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="limitations"
                            ),
                        ),
                        (
                            "frequency",
                            models.CharField(
                                choices=[
                                    ("A", "Annual"),
                                    ("S", "Half-yearly"),
                                    ("Q", "Quarterly"),
                                    ("M", "Monthly"),
                                    ("I", "Irregular or one-off"),
                                ],
                                default="I",
                                max_length=1,
                                verbose_name="frequency",
                            ),
                        ),
                        (
                            "vocabulary",
                            recommendations.models.fields.LineField(
                                blank=True,
                                help_text="The organisation that maintains the code list.",
                                max_length=200,
                                verbose_name="vocabulary",
                            ),
                        ),
                        (
                            "vocabulary_code",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=200, verbose_name="code in the code list"
                            ),
                        ),
                        (
                            "vocabulary_uri",
                            models.URLField(blank=True, verbose_name="address in the code list"),
                        ),
                        (
                            "is_published",
                            models.BooleanField(default=False, verbose_name="published"),
                        ),
                        (
                            "asks_confirmation",
                            models.BooleanField(
                                default=False,
                                help_text="A second person confirms values entered by hand or without a named statistical office. On by default for a published indicator.",
                                verbose_name="values need confirmation",
                            ),
                        ),
                        (
                            "movement",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "Not known"),
                                    ("towards", "Favourable"),
                                    ("against", "Unfavourable"),
                                    ("still", "Unchanged"),
                                ],
                                editable=False,
                                max_length=8,
                                verbose_name="movement",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "indicator",
                        "verbose_name_plural": "indicators",
                        "ordering": ("code",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("code__regex", "^[A-Za-z0-9][A-Za-z0-9._-]*$")),
                                name="indicator_code_is_slug",
                                violation_error_message="A code has letters, digits, points and dashes only.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IndicatorLink",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "removed_at",
                            models.DateTimeField(
                                blank=True, editable=False, null=True, verbose_name="removed at"
                            ),
                        ),
                        (
                            "removed_by",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="removed by",
                            ),
                        ),
                        (
                            "recommendation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="indicator_links",
                                to="recommendations.recommendation",
                                verbose_name="recommendation",
                            ),
                        ),
                        (
                            "indicator",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="links",
                                to="recommendations.indicator",
                                verbose_name="indicator",
                            ),
                        ),
                        (
                            "relation",
                            models.CharField(
                                choices=[
                                    ("outcome", "Outcome indicator"),
                                    ("delivery", "Output or process indicator"),
                                    ("context", "Context indicator"),
                                ],
                                max_length=10,
                                verbose_name="role",
                            ),
                        ),
                        (
                            "why",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="relevance"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "indicator link",
                        "verbose_name_plural": "indicator links",
                        "ordering": ("pk",),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("removed_at__isnull", True)),
                                fields=("recommendation", "indicator"),
                                name="indicator_link_once",
                                violation_error_message="This indicator is already linked to this recommendation.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("removed_at__isnull", True), ("removed_by__isnull", True)
                                    ),
                                    models.Q(
                                        ("removed_at__isnull", False), ("removed_by__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="indicator_link_removed_together",
                                violation_error_message="Enter the person, the date and the other details together, or none of them.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Invitation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="last changed"
                            ),
                        ),
                        (
                            "email",
                            models.EmailField(
                                blank=True, max_length=254, verbose_name="email address"
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("Viewer", "Viewer"),
                                    ("Policy staff", "Policy staff"),
                                    ("Manager", "Manager"),
                                    ("Auditor", "Auditor"),
                                    ("Administrator", "Administrator"),
                                ],
                                max_length=20,
                                verbose_name="role",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="invitations",
                                to="recommendations.organisation",
                                verbose_name="organisation",
                            ),
                        ),
                        (
                            "token_salt",
                            models.CharField(
                                editable=False, max_length=32, verbose_name="salt of the link"
                            ),
                        ),
                        (
                            "token_digest",
                            models.CharField(
                                editable=False,
                                max_length=64,
                                unique=True,
                                verbose_name="digest of the link",
                            ),
                        ),
                        (
                            "invited_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="invitations_made",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="invited by",
                            ),
                        ),
                        ("invited_at", models.DateTimeField(verbose_name="invited at")),
                        ("expires_at", models.DateTimeField(verbose_name="expires at")),
                        (
                            "accepted_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="accepted at"),
                        ),
                        (
                            "accepted_by",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="invitation",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="accepted by",
                            ),
                        ),
                        (
                            "withdrawn_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="withdrawn at"
                            ),
                        ),
                        (
                            "withdrawn_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="withdrawn by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "invitation",
                        "verbose_name_plural": "invitations",
                        "ordering": ("-invited_at", "-pk"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("accepted_at__isnull", True),
                                    ("withdrawn_at__isnull", True),
                                    models.Q(("email", ""), _negated=True),
                                ),
                                fields=("email",),
                                name="invitation_once_for_an_address",
                                violation_error_message="An open invitation for this address exists already.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("expires_at__gt", models.F("invited_at"))),
                                name="invitation_expires_after_it_was_made",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("accepted_at__isnull", True), ("accepted_by__isnull", True)
                                    ),
                                    models.Q(
                                        ("accepted_at__isnull", False),
                                        ("accepted_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="invitation_accepted_together",
                                violation_error_message="Enter the person, the date and the other details together, or none of them.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("withdrawn_at__isnull", True),
                                        ("withdrawn_by__isnull", True),
                                    ),
                                    models.Q(
                                        ("withdrawn_at__isnull", False),
                                        ("withdrawn_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="invitation_withdrawn_together",
                                violation_error_message="Enter the person, the date and the other details together, or none of them.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("accepted_at__isnull", True),
                                    ("withdrawn_at__isnull", True),
                                    _connector="OR",
                                ),
                                name="invitation_ends_in_one_way",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="NotificationSettings",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="last changed"
                            ),
                        ),
                        (
                            "person",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="notification_settings",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="person",
                            ),
                        ),
                        (
                            "frequency",
                            models.CharField(
                                choices=[
                                    ("daily", "At most one message a day"),
                                    ("weekly", "At most one message a week"),
                                    ("none", "No reminders"),
                                ],
                                default="daily",
                                max_length=10,
                                verbose_name="reminders",
                            ),
                        ),
                        (
                            "quiet_monday",
                            models.BooleanField(default=False, verbose_name="quiet on Mondays"),
                        ),
                        (
                            "quiet_tuesday",
                            models.BooleanField(default=False, verbose_name="quiet on Tuesdays"),
                        ),
                        (
                            "quiet_wednesday",
                            models.BooleanField(default=False, verbose_name="quiet on Wednesdays"),
                        ),
                        (
                            "quiet_thursday",
                            models.BooleanField(default=False, verbose_name="quiet on Thursdays"),
                        ),
                        (
                            "quiet_friday",
                            models.BooleanField(default=False, verbose_name="quiet on Fridays"),
                        ),
                        (
                            "quiet_saturday",
                            models.BooleanField(default=False, verbose_name="quiet on Saturdays"),
                        ),
                        (
                            "quiet_sunday",
                            models.BooleanField(default=False, verbose_name="quiet on Sundays"),
                        ),
                    ],
                    options={
                        "verbose_name": "notification settings",
                        "verbose_name_plural": "notification settings",
                        "ordering": ("person", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("quiet_friday", True),
                                    ("quiet_monday", True),
                                    ("quiet_saturday", True),
                                    ("quiet_sunday", True),
                                    ("quiet_thursday", True),
                                    ("quiet_tuesday", True),
                                    ("quiet_wednesday", True),
                                    _negated=True,
                                ),
                                name="notifications_leave_a_day",
                                violation_error_message="Leave at least one day of the week, or turn reminders off.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Observation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "period",
                            models.CharField(
                                max_length=10,
                                validators=[recommendations.models.fields.validate_period],
                                verbose_name="period",
                            ),
                        ),
                        ("first_day", models.DateField(editable=False, verbose_name="first day")),
                        ("last_day", models.DateField(editable=False, verbose_name="last day")),
                        (
                            "dimensions",
                            recommendations.models.fields.LineField(
                                blank=True,
                                help_text="For example SEX=F|AGE=Y15T24.",
                                max_length=200,
                                verbose_name="dimensions",
                            ),
                        ),
                        (
                            "value",
                            recommendations.models.fields.ExactField(
                                blank=True, null=True, verbose_name="value"
                            ),
                        ),
                        (
                            "text",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=200, verbose_name="value in words"
                            ),
                        ),
                        (
                            "numerator",
                            recommendations.models.fields.ExactField(
                                blank=True, null=True, verbose_name="numerator"
                            ),
                        ),
                        (
                            "denominator",
                            recommendations.models.fields.ExactField(
                                blank=True, null=True, verbose_name="denominator"
                            ),
                        ),
                        (
                            "obs_status",
                            models.CharField(
                                choices=[
                                    ("A", "Normal"),
                                    ("B", "Time series break"),
                                    ("E", "Estimated"),
                                    ("F", "Forecast"),
                                    ("I", "Imputed"),
                                    ("M", "Missing value"),
                                    ("P", "Provisional"),
                                    ("U", "Low reliability"),
                                ],
                                default="A",
                                max_length=1,
                                verbose_name="observation status",
                            ),
                        ),
                        (
                            "source_status",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("D", "Definition differs"),
                                    ("G", "Experimental value"),
                                    ("H", "Missing value; holiday or weekend"),
                                    ("J", "Derogation"),
                                    ("K", "Data included in another category"),
                                    ("L", "Missing value; data exist but were not collected"),
                                    ("M", "Missing value; data cannot exist"),
                                    ("N", "Not significant"),
                                    ("O", "Missing value"),
                                    ("Q", "Missing value; suppressed"),
                                    ("S", "Strike or other special event"),
                                    ("V", "Unvalidated value"),
                                    ("W", "Includes data from another category"),
                                ],
                                default="",
                                max_length=1,
                                verbose_name="status code of the source",
                            ),
                        ),
                        (
                            "is_lower_bound",
                            models.BooleanField(default=False, verbose_name="lower bound"),
                        ),
                        (
                            "is_approximate",
                            models.BooleanField(default=False, verbose_name="approximate"),
                        ),
                        ("is_derived", models.BooleanField(default=False, verbose_name="derived")),
                        ("is_assumed", models.BooleanField(default=False, verbose_name="assumed")),
                        (
                            "comment",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="comment"
                            ),
                        ),
                        (
                            "source",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=300, verbose_name="source"
                            ),
                        ),
                        (
                            "revision",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="revision"
                            ),
                        ),
                        (
                            "indicator",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="observations",
                                to="recommendations.indicator",
                                verbose_name="indicator",
                            ),
                        ),
                        (
                            "area",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="observations",
                                to="recommendations.area",
                                verbose_name="area",
                            ),
                        ),
                        (
                            "import_run",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="observations",
                                to="recommendations.importrun",
                                verbose_name="import",
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(editable=False, verbose_name="recorded at"),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="recorded by",
                            ),
                        ),
                        (
                            "asks_confirmation",
                            models.BooleanField(
                                default=False, editable=False, verbose_name="confirmation required"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "observation",
                        "verbose_name_plural": "observations",
                        "ordering": (
                            "indicator",
                            "area",
                            "period",
                            "dimensions",
                            "-revision",
                            "pk",
                        ),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("indicator", "area", "period", "dimensions", "revision"),
                                name="observation_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("obs_status", "M"), _negated=True),
                                    models.Q(("text", ""), ("value__isnull", True)),
                                    _connector="OR",
                                ),
                                name="observation_missing_has_no_value",
                                violation_error_message="A missing value has no number.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("obs_status", "M"),
                                    ("value__isnull", False),
                                    models.Q(("text", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="observation_says_something",
                                violation_error_message="Enter a value, words, or the status “Missing value”.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("source_status", ""),
                                    models.Q(
                                        ("obs_status", "M"),
                                        ("source_status__in", ["H", "L", "M", "O", "Q"]),
                                    ),
                                    models.Q(
                                        ("obs_status", "A"),
                                        models.Q(
                                            ("source_status__in", ["H", "L", "M", "O", "Q"]),
                                            _negated=True,
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="observation_source_status_fits",
                                violation_error_message="The source’s code does not fit the observation status.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("first_day__lte", models.F("last_day"))),
                                name="observation_days_in_order",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ObservationConfirmation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "observation",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="confirmation",
                                to="recommendations.observation",
                                verbose_name="observation",
                            ),
                        ),
                        ("confirmed_at", models.DateTimeField(verbose_name="confirmed at")),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="confirmed by",
                            ),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="recorded by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "confirmation of a value",
                        "verbose_name_plural": "confirmations of values",
                        "ordering": ("pk",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("recorded_by__isnull", True),
                                    models.Q(
                                        ("confirmed_by", models.F("recorded_by")), _negated=True
                                    ),
                                    _connector="OR",
                                ),
                                name="confirmation_by_second_person",
                                violation_error_message="You cannot confirm a value that you recorded.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OpeningBatch",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "source",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="opening_batches",
                                to="recommendations.source",
                                verbose_name="source",
                            ),
                        ),
                        (
                            "file_name",
                            recommendations.models.fields.LineField(
                                max_length=300, verbose_name="file"
                            ),
                        ),
                        (
                            "file_sha256",
                            models.CharField(max_length=64, verbose_name="SHA-256 of the file"),
                        ),
                        (
                            "stated_on",
                            models.DateField(
                                null=True, verbose_name="date stated for the whole file"
                            ),
                        ),
                        (
                            "digest",
                            models.CharField(max_length=64, verbose_name="SHA-256 of its rows"),
                        ),
                        ("submitted_at", models.DateTimeField(verbose_name="submitted")),
                        (
                            "submitted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="submitted by",
                            ),
                        ),
                        ("decided_at", models.DateTimeField(null=True, verbose_name="approved")),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="approved by",
                            ),
                        ),
                        (
                            "decision_note",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="decision note"
                            ),
                        ),
                        ("undone_at", models.DateTimeField(null=True, verbose_name="undone")),
                        (
                            "undone_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="undone by",
                            ),
                        ),
                        (
                            "undone_reason",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="reason for undoing"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "batch of opening statuses",
                        "verbose_name_plural": "batches of opening statuses",
                        "ordering": ("-submitted_at", "-pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("digest__regex", "^[0-9a-f]{64}$"),
                                    ("file_sha256__regex", "^[0-9a-f]{64}$"),
                                ),
                                name="opening_batch_digests_are_sha256",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("decided_at__isnull", True),
                                        ("decided_by__isnull", True),
                                        ("decision_note", ""),
                                    ),
                                    models.Q(
                                        ("decided_at__isnull", False), ("decided_by__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="opening_batch_decided_together",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("decided_by__isnull", True),
                                    models.Q(
                                        ("decided_by", models.F("submitted_by")), _negated=True
                                    ),
                                    _connector="OR",
                                ),
                                name="opening_batch_decided_by_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("undone_at__isnull", True),
                                        ("undone_by__isnull", True),
                                        ("undone_reason", ""),
                                    ),
                                    models.Q(
                                        ("undone_at__isnull", False),
                                        ("undone_by__isnull", False),
                                        models.Q(("undone_reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="opening_batch_undone_together",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OpeningRow",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "batch",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="rows",
                                to="recommendations.openingbatch",
                                verbose_name="batch",
                            ),
                        ),
                        ("number", models.PositiveIntegerField(verbose_name="row of the file")),
                        (
                            "recommendation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="opening_rows",
                                to="recommendations.recommendation",
                                verbose_name="recommendation",
                            ),
                        ),
                        ("as_of", models.DateField(verbose_name="as of")),
                        (
                            "implementation_status",
                            models.CharField(
                                choices=[
                                    ("not_started", "Not started"),
                                    ("in_progress", "In progress"),
                                    ("partly_implemented", "Partially implemented"),
                                    ("implemented", "Implemented"),
                                    ("not_implemented", "Not implemented"),
                                    ("no_longer_applicable", "No longer applicable"),
                                    ("superseded", "Superseded"),
                                ],
                                max_length=24,
                                verbose_name="implementation status",
                            ),
                        ),
                        (
                            "confidence",
                            models.CharField(
                                choices=[
                                    ("green", "On track"),
                                    ("amber", "At risk"),
                                    ("red", "Off track"),
                                    ("not_rated", "Not rated"),
                                ],
                                default="not_rated",
                                max_length=12,
                                verbose_name="delivery confidence",
                            ),
                        ),
                        ("completed_on", models.DateField(null=True, verbose_name="completed on")),
                        (
                            "words",
                            recommendations.models.fields.LineField(
                                max_length=300, verbose_name="original status"
                            ),
                        ),
                        (
                            "note",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="status comment"
                            ),
                        ),
                        (
                            "evidence",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="evidence addresses"
                            ),
                        ),
                        ("left_out_at", models.DateTimeField(null=True, verbose_name="left out")),
                        (
                            "left_out_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="left out by",
                            ),
                        ),
                        (
                            "left_out_reason",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="reason for leaving the row out"
                            ),
                        ),
                        (
                            "draft",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="recommendations.statusupdate",
                                verbose_name="draft made of the row",
                            ),
                        ),
                        ("undone_at", models.DateTimeField(null=True, verbose_name="undone")),
                    ],
                    options={
                        "verbose_name": "row of opening statuses",
                        "verbose_name_plural": "rows of opening statuses",
                        "ordering": ("batch", "number"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("batch", "number"), name="opening_row_once"
                            ),
                            models.UniqueConstraint(
                                fields=("batch", "recommendation"),
                                name="opening_row_of_one_recommendation",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("implementation_status", ""), _negated=True),
                                name="opening_row_has_status",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("completed_on__isnull", True),
                                    ("completed_on__lte", models.F("as_of")),
                                    _connector="OR",
                                ),
                                name="opening_row_completed_by_as_of",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "implementation_status__in",
                                            frozenset(
                                                [
                                                    "not_implemented",
                                                    "no_longer_applicable",
                                                    "superseded",
                                                ]
                                            ),
                                        ),
                                        _negated=True,
                                    ),
                                    ("confidence", "not_rated"),
                                    _connector="OR",
                                ),
                                name="opening_row_closed_is_not_rated",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("left_out_at__isnull", True),
                                        ("left_out_by__isnull", True),
                                        ("left_out_reason", ""),
                                    ),
                                    models.Q(
                                        ("left_out_at__isnull", False),
                                        ("left_out_by__isnull", False),
                                        models.Q(("left_out_reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="opening_row_left_out_together",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("draft__isnull", True),
                                    ("left_out_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="opening_row_draft_of_left_out",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Organisation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="last changed"
                            ),
                        ),
                        (
                            "slug",
                            models.SlugField(
                                max_length=60, unique=True, verbose_name="short name for addresses"
                            ),
                        ),
                        (
                            "name",
                            recommendations.models.fields.LineField(
                                max_length=200, verbose_name="name"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("government", "Government body"),
                                    ("international", "International organisation"),
                                    ("company", "Company"),
                                    ("academic", "Academic body"),
                                    ("civil_society", "Civil society"),
                                    ("other", "Other"),
                                ],
                                default="other",
                                max_length=20,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "valid_from",
                            models.DateField(blank=True, null=True, verbose_name="exists from"),
                        ),
                        (
                            "valid_to",
                            models.DateField(blank=True, null=True, verbose_name="existed until"),
                        ),
                        (
                            "successor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="predecessors",
                                to="recommendations.organisation",
                                verbose_name="succeeded by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "organisation",
                        "verbose_name_plural": "organisations",
                        "ordering": ("name", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_from__isnull", True),
                                    ("valid_to__isnull", True),
                                    ("valid_from__lte", models.F("valid_to")),
                                    _connector="OR",
                                ),
                                name="organisation_valid_from_before_to",
                                violation_error_message="“Exists from” must not be after “existed until”.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("successor__isnull", True),
                                    models.Q(("successor", models.F("pk")), _negated=True),
                                    _connector="OR",
                                ),
                                name="organisation_not_its_own_successor",
                                violation_error_message="An organisation cannot succeed itself.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OutgoingMail",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "message_id",
                            models.CharField(
                                max_length=255, unique=True, verbose_name="Message-ID"
                            ),
                        ),
                        ("queued_at", models.DateTimeField(verbose_name="queued at")),
                        (
                            "to",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="to",
                            ),
                        ),
                        (
                            "invitation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="recommendations.invitation",
                                verbose_name="invitation",
                            ),
                        ),
                        (
                            "reminder",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mails",
                                to="recommendations.reminder",
                                verbose_name="reminder",
                            ),
                        ),
                        (
                            "address",
                            models.EmailField(blank=True, max_length=254, verbose_name="address"),
                        ),
                        ("language", models.CharField(max_length=12, verbose_name="language")),
                        (
                            "site",
                            models.CharField(
                                blank=True, max_length=300, verbose_name="address of the site"
                            ),
                        ),
                        (
                            "subject",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=300, verbose_name="subject"
                            ),
                        ),
                        ("lines", models.JSONField(blank=True, default=list, verbose_name="lines")),
                        ("quoted", models.TextField(blank=True, verbose_name="quoted text")),
                        (
                            "path",
                            models.CharField(
                                blank=True, max_length=500, verbose_name="path of the link"
                            ),
                        ),
                        (
                            "link",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=200, verbose_name="link"
                            ),
                        ),
                        (
                            "is_asked_for",
                            models.BooleanField(default=True, verbose_name="can be turned off"),
                        ),
                        (
                            "sets_password",
                            models.BooleanField(
                                default=False, verbose_name="the link sets a password"
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("queued", "Queued"),
                                    ("sent", "Sent"),
                                    ("dropped", "Not sent: no recipient"),
                                    ("dead", "Not delivered"),
                                    ("given_up", "Abandoned"),
                                ],
                                default="queued",
                                max_length=20,
                                verbose_name="state",
                            ),
                        ),
                        ("due_at", models.DateTimeField(verbose_name="due at")),
                        (
                            "failures",
                            models.PositiveSmallIntegerField(
                                default=0, verbose_name="failed tries"
                            ),
                        ),
                        (
                            "error",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=300, verbose_name="error"
                            ),
                        ),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                    ],
                    options={
                        "verbose_name": "outgoing mail",
                        "verbose_name_plural": "outgoing mail",
                        "ordering": ("-queued_at", "-pk"),
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "queued")),
                                fields=["due_at"],
                                name="mail_to_be_sent",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_at", None), ("state__in", ["dead", "queued"])),
                                    models.Q(
                                        ("ended_at__isnull", False),
                                        models.Q(("state__in", ["dead", "queued"]), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="mail_has_an_end_once_it_ended",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["dead", "queued"]),
                                    models.Q(
                                        ("address", ""),
                                        ("error", ""),
                                        ("quoted", ""),
                                        ("subject", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="ended_mail_has_no_words",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Part",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="last changed"
                            ),
                        ),
                        (
                            "removed_at",
                            models.DateTimeField(
                                blank=True, editable=False, null=True, verbose_name="removed at"
                            ),
                        ),
                        (
                            "removed_by",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="removed by",
                            ),
                        ),
                        (
                            "recommendation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parts",
                                to="recommendations.recommendation",
                                verbose_name="recommendation",
                            ),
                        ),
                        (
                            "label",
                            recommendations.models.fields.LineField(
                                help_text="A letter or a number, such as a or 1.",
                                max_length=12,
                                verbose_name="label",
                            ),
                        ),
                        (
                            "position",
                            models.PositiveSmallIntegerField(default=1, verbose_name="position"),
                        ),
                        (
                            "text",
                            recommendations.models.fields.ProseField(
                                help_text="What this part asks for, in your own words. Shown to the public.",
                                verbose_name="text",
                            ),
                        ),
                        (
                            "amended_at",
                            models.DateTimeField(
                                blank=True,
                                editable=False,
                                null=True,
                                verbose_name="text amended at",
                            ),
                        ),
                        (
                            "amendment_reason",
                            recommendations.models.fields.ProseField(
                                blank=True,
                                help_text="Required if the recommendation is or was published. Shown to the public.",
                                verbose_name="reason for the amended text",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "part",
                        "verbose_name_plural": "parts",
                        "ordering": ("recommendation", "position", "pk"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("removed_at__isnull", True)),
                                fields=("recommendation", "label"),
                                name="part_label_once",
                                violation_error_message="The recommendation already has a part with this label.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("label", ""), _negated=True),
                                    models.Q(("text", ""), _negated=True),
                                ),
                                name="part_has_label_and_text",
                                violation_error_message="Enter the label and the text of the part.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("amended_at__isnull", True),
                                    models.Q(("amendment_reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="part_amended_with_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("removed_at__isnull", True), ("removed_by__isnull", True)
                                    ),
                                    models.Q(
                                        ("removed_at__isnull", False), ("removed_by__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="part_removed_together",
                                violation_error_message="Enter the person, the date and the other details together, or none of them.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PartCompletion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "removed_at",
                            models.DateTimeField(
                                blank=True, editable=False, null=True, verbose_name="removed at"
                            ),
                        ),
                        (
                            "removed_by",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="removed by",
                            ),
                        ),
                        (
                            "update",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="completions",
                                to="recommendations.statusupdate",
                                verbose_name="status update",
                            ),
                        ),
                        (
                            "part",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="completions",
                                to="recommendations.part",
                                verbose_name="part",
                            ),
                        ),
                        ("added_at", models.DateTimeField(editable=False, verbose_name="added at")),
                        (
                            "added_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="added by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "completed part",
                        "verbose_name_plural": "completed parts",
                        "ordering": ("update", "part", "pk"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("removed_at__isnull", True)),
                                fields=("update", "part"),
                                name="part_completed_once_by_update",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("removed_at__isnull", True), ("removed_by__isnull", True)
                                    ),
                                    models.Q(
                                        ("removed_at__isnull", False), ("removed_by__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="part_completion_removed_together",
                                violation_error_message="Enter the person, the date and the other details together, or none of them.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReadModel",
                    fields=[
                        (
                            "name",
                            models.CharField(max_length=40, primary_key=True, serialize=False),
                        ),
                        ("digest", models.CharField(max_length=64)),
                    ],
                    options={
                        "verbose_name": "read model",
                        "verbose_name_plural": "read models",
                    },
                ),
                migrations.CreateModel(
                    name="Recommendation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="last changed"
                            ),
                        ),
                        (
                            "source",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="recommendations",
                                to="recommendations.source",
                                verbose_name="source",
                            ),
                        ),
                        (
                            "number",
                            models.PositiveIntegerField(
                                editable=False, verbose_name="number in the source"
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(
                                editable=False, max_length=40, unique=True, verbose_name="reference"
                            ),
                        ),
                        (
                            "external_id",
                            recommendations.models.fields.LineField(
                                blank=True,
                                help_text="As in the office's own list. Stored as text, so 111.1 and 111.10 differ.",
                                max_length=80,
                                verbose_name="external number",
                            ),
                        ),
                        (
                            "title",
                            recommendations.models.fields.LineField(
                                max_length=200, verbose_name="title"
                            ),
                        ),
                        (
                            "summary",
                            recommendations.models.fields.ProseField(
                                help_text="In your own words. Shown to the public.",
                                verbose_name="summary",
                            ),
                        ),
                        (
                            "quoted_text",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="wording of the source"
                            ),
                        ),
                        (
                            "locator",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=200, verbose_name="location in the source"
                            ),
                        ),
                        (
                            "quoted_sha256",
                            models.CharField(blank=True, editable=False, max_length=64),
                        ),
                        (
                            "wording_amended_at",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                        (
                            "wording_reason",
                            recommendations.models.fields.ProseField(
                                blank=True,
                                help_text="Required if the wording changes after publication.",
                                verbose_name="reason for the amended wording",
                            ),
                        ),
                        (
                            "modality",
                            models.CharField(
                                choices=[
                                    ("must", "must"),
                                    ("should", "should"),
                                    ("should_jointly", "should jointly"),
                                    ("should_consider", "should consider"),
                                    ("may", "may"),
                                ],
                                max_length=20,
                                verbose_name="level of obligation",
                            ),
                        ),
                        (
                            "nature",
                            models.CharField(
                                choices=[
                                    ("time_bound", "Time-bound"),
                                    ("continuous", "Continuous"),
                                ],
                                max_length=12,
                                verbose_name="nature",
                            ),
                        ),
                        (
                            "rationale",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="rationale"
                            ),
                        ),
                        (
                            "priority",
                            models.CharField(
                                choices=[
                                    ("high", "High"),
                                    ("medium", "Medium"),
                                    ("low", "Low"),
                                    ("not_set", "Not set"),
                                ],
                                default="not_set",
                                max_length=10,
                                verbose_name="priority",
                            ),
                        ),
                        (
                            "lead",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="led_recommendations",
                                to="recommendations.organisation",
                                verbose_name="lead organisation",
                            ),
                        ),
                        (
                            "lead_officer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="officer_of",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="lead officer",
                            ),
                        ),
                        (
                            "reviewer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reviewer_of",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="reviewer",
                            ),
                        ),
                        (
                            "target_date",
                            models.DateField(
                                blank=True, editable=False, null=True, verbose_name="target date"
                            ),
                        ),
                        (
                            "review_on",
                            models.DateField(
                                blank=True,
                                help_text="For continuous recommendations.",
                                null=True,
                                verbose_name="next periodic review",
                            ),
                        ),
                        (
                            "interval_months",
                            models.PositiveSmallIntegerField(
                                default=6,
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(60),
                                ],
                                verbose_name="reporting frequency (months)",
                            ),
                        ),
                        (
                            "opened_on",
                            models.DateField(editable=False, verbose_name="tracked since"),
                        ),
                        (
                            "published_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="published since"
                            ),
                        ),
                        (
                            "published_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "archived_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="archived at"
                            ),
                        ),
                        (
                            "archived_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "archive_reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("closed", "Closed and reported"),
                                    ("duplicate", "Duplicate of another recommendation"),
                                    ("entered_in_error", "Entered in error"),
                                    ("source_withdrawn", "Withdrawn by its source"),
                                    ("other", "Other"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("archive_note", recommendations.models.fields.ProseField(blank=True)),
                        (
                            "current_update",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="recommendations.statusupdate",
                                verbose_name="latest approved update",
                            ),
                        ),
                        (
                            "next_due_on",
                            models.DateField(
                                editable=False, null=True, verbose_name="next update due"
                            ),
                        ),
                        (
                            "rating_valid_until",
                            models.DateField(
                                editable=False,
                                null=True,
                                verbose_name="confidence rating valid until",
                            ),
                        ),
                        (
                            "contributors",
                            models.ManyToManyField(
                                blank=True,
                                related_name="contributed_recommendations",
                                to="recommendations.organisation",
                                verbose_name="contributing organisations",
                            ),
                        ),
                        (
                            "themes",
                            models.ManyToManyField(
                                blank=True,
                                related_name="recommendations",
                                to="recommendations.theme",
                                verbose_name="themes",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "recommendation",
                        "verbose_name_plural": "recommendations",
                        "ordering": ("source", "number", "pk"),
                        "indexes": [
                            models.Index(fields=["next_due_on"], name="recommendation_by_due"),
                            models.Index(fields=["target_date"], name="recommendation_by_target"),
                            models.Index(fields=["title"], name="recommendation_by_title"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("source", "number"), name="recommendation_number_once"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("external_id", ""), _negated=True),
                                fields=("source", "external_id"),
                                name="recommendation_external_id_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("reference__regex", "^[A-Za-z0-9][A-Za-z0-9._-]*$")
                                ),
                                name="recommendation_reference_is_slug",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("interval_months__gte", 1), ("interval_months__lte", 60)
                                ),
                                name="recommendation_interval_in_range",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("published_at__isnull", True),
                                        ("published_by__isnull", True),
                                    ),
                                    models.Q(
                                        ("published_at__isnull", False),
                                        ("published_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="recommendation_published_together",
                                violation_error_message="Enter the person, the date and the other details together, or none of them.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("archive_reason", ""),
                                        ("archived_at__isnull", True),
                                        ("archived_by__isnull", True),
                                    ),
                                    models.Q(
                                        ("archived_at__isnull", False),
                                        ("archived_by__isnull", False),
                                        models.Q(("archive_reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="recommendation_archived_together",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("wording_amended_at__isnull", True),
                                    models.Q(("wording_reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="recommendation_amended_with_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RecommendationMark",
                    fields=[
                        (
                            "recommendation",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="mark",
                                serialize=False,
                                to="recommendations.recommendation",
                                verbose_name="recommendation",
                            ),
                        ),
                        ("sequence", models.BigIntegerField()),
                    ],
                    options={
                        "verbose_name": "mark of a recommendation",
                        "verbose_name_plural": "marks of recommendations",
                    },
                ),
                migrations.CreateModel(
                    name="RecommendationRelation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "removed_at",
                            models.DateTimeField(
                                blank=True, editable=False, null=True, verbose_name="removed at"
                            ),
                        ),
                        (
                            "removed_by",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="removed by",
                            ),
                        ),
                        (
                            "recommendation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="relations",
                                to="recommendations.recommendation",
                                verbose_name="recommendation",
                            ),
                        ),
                        (
                            "other",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="relations_from",
                                to="recommendations.recommendation",
                                verbose_name="other recommendation",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("depends_on", "Depends on"), ("related", "Related to")],
                                max_length=12,
                                verbose_name="relation",
                            ),
                        ),
                        (
                            "why",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="explanation"
                            ),
                        ),
                        ("added_at", models.DateTimeField(editable=False, verbose_name="added at")),
                        (
                            "added_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="added by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "relation between recommendations",
                        "verbose_name_plural": "relations between recommendations",
                        "ordering": ("recommendation", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("recommendation", models.F("other")), _negated=True
                                ),
                                name="relation_not_to_itself",
                                violation_error_message="Choose another recommendation.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "related"), _negated=True),
                                    ("recommendation__lt", models.F("other")),
                                    _connector="OR",
                                ),
                                name="relation_related_is_stored_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("removed_at__isnull", True)),
                                fields=("recommendation", "other", "kind"),
                                name="relation_once",
                                violation_error_message="This relation already exists.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("removed_at__isnull", True), ("removed_by__isnull", True)
                                    ),
                                    models.Q(
                                        ("removed_at__isnull", False), ("removed_by__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="relation_removed_together",
                                violation_error_message="Enter the person, the date and the other details together, or none of them.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RecommendationState",
                    fields=[
                        (
                            "recommendation",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="kept",
                                serialize=False,
                                to="recommendations.recommendation",
                                verbose_name="recommendation",
                            ),
                        ),
                        (
                            "source",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="recommendations.source",
                            ),
                        ),
                        ("source_title", models.CharField(max_length=60)),
                        ("number", models.PositiveIntegerField()),
                        ("nature", models.CharField(max_length=12)),
                        ("priority_rank", models.PositiveSmallIntegerField(null=True)),
                        ("theme_names", models.TextField(blank=True)),
                        (
                            "lead",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="recommendations.organisation",
                            ),
                        ),
                        ("target_date", models.DateField(null=True)),
                        ("is_published", models.BooleanField()),
                        ("is_archived", models.BooleanField()),
                        ("status", models.CharField(blank=True, max_length=24)),
                        ("status_rank", models.PositiveSmallIntegerField()),
                        ("confidence", models.CharField(blank=True, max_length=12)),
                        ("as_of", models.DateField(null=True)),
                        ("is_approved_by_import", models.BooleanField()),
                        ("assurance_rank", models.PositiveSmallIntegerField(null=True)),
                        ("public_assurance_rank", models.PositiveSmallIntegerField(null=True)),
                        ("parts", models.PositiveSmallIntegerField()),
                        ("parts_done", models.PositiveSmallIntegerField()),
                        ("evidence_for", models.PositiveIntegerField()),
                        ("evidence_against", models.PositiveIntegerField()),
                        ("evidence_answered", models.PositiveIntegerField()),
                        ("contradicted_since", models.DateTimeField(null=True)),
                        ("support_ends_on", models.DateField(null=True)),
                        ("public_evidence_for", models.PositiveIntegerField()),
                        ("public_evidence_against", models.PositiveIntegerField()),
                        ("public_evidence_answered", models.PositiveIntegerField()),
                        ("public_contradicted_since", models.DateTimeField(null=True)),
                        ("public_support_ends_on", models.DateField(null=True)),
                        ("reported_status", models.CharField(blank=True, max_length=24)),
                        ("submitted", models.PositiveIntegerField()),
                        ("has_date_request", models.BooleanField()),
                        ("asks_decision", models.BooleanField()),
                        ("first_date", models.DateField(null=True)),
                        ("date_moves", models.PositiveIntegerField()),
                        ("measures", models.PositiveIntegerField()),
                        ("public_measures", models.PositiveIntegerField()),
                        ("addressed", models.PositiveIntegerField()),
                        ("said_accepted", models.PositiveIntegerField()),
                        ("said_in_part", models.PositiveIntegerField()),
                        ("said_neither", models.PositiveIntegerField()),
                        ("said_no", models.PositiveIntegerField()),
                        ("open_since", models.DateField(null=True)),
                        ("update_due_on", models.DateField(null=True)),
                        ("date_overdue_after", models.DateField(null=True)),
                        ("rating_out_of_date_after", models.DateField(null=True)),
                        ("open_without_date_since", models.DateField(null=True)),
                        ("review_past_after", models.DateField(null=True)),
                        ("evidence_gap_after", models.DateField(null=True)),
                        ("public_evidence_gap_after", models.DateField(null=True)),
                        ("response_overdue_after", models.DateField(null=True)),
                        ("action_overdue_after", models.DateField(null=True)),
                        ("has_indicator_against", models.BooleanField()),
                        ("has_no_lead", models.BooleanField()),
                        ("has_no_officer", models.BooleanField()),
                    ],
                    options={
                        "verbose_name": "computed state",
                        "verbose_name_plural": "computed states",
                        "db_table": "recommendations_state",
                        "indexes": [
                            models.Index(
                                fields=[
                                    "source_title",
                                    "source",
                                    "number",
                                    "recommendation",
                                    "is_archived",
                                    "is_published",
                                ],
                                name="state_in_order",
                            ),
                            models.Index(
                                condition=models.Q(("is_archived", False)),
                                fields=["number", "source_title", "source", "recommendation"],
                                name="state_by_number_of_all",
                            ),
                            models.Index(
                                condition=models.Q(("is_archived", False)),
                                fields=["source", "number", "recommendation"],
                                name="state_by_number",
                            ),
                            models.Index(
                                condition=models.Q(("is_archived", False)),
                                fields=["source", "status_rank", "number", "recommendation"],
                                name="state_by_status_rank",
                            ),
                            models.Index(
                                django.db.models.lookups.IsNull(models.F("target_date"), True),
                                models.OrderBy(models.F("target_date")),
                                models.F("source_title"),
                                models.F("source"),
                                models.F("number"),
                                models.F("recommendation"),
                                condition=models.Q(("is_archived", False)),
                                name="state_by_target_date",
                            ),
                            models.Index(
                                django.db.models.lookups.IsNull(models.F("target_date"), True),
                                models.OrderBy(models.F("target_date"), descending=True),
                                models.F("source_title"),
                                models.F("source"),
                                models.F("number"),
                                models.F("recommendation"),
                                condition=models.Q(("is_archived", False)),
                                name="state_by_target_date_down",
                            ),
                            models.Index(
                                models.F("status"),
                                django.db.models.lookups.IsNull(models.F("target_date"), True),
                                models.OrderBy(models.F("target_date")),
                                models.F("source_title"),
                                models.F("source"),
                                models.F("number"),
                                models.F("recommendation"),
                                condition=models.Q(("is_archived", False)),
                                name="state_by_status_and_date",
                            ),
                            models.Index(
                                django.db.models.lookups.IsNull(models.F("as_of"), True),
                                models.OrderBy(models.F("as_of")),
                                models.F("source_title"),
                                models.F("source"),
                                models.F("number"),
                                models.F("recommendation"),
                                condition=models.Q(("is_archived", False)),
                                name="state_by_reported",
                            ),
                            models.Index(
                                django.db.models.lookups.IsNull(models.F("as_of"), True),
                                models.OrderBy(models.F("as_of"), descending=True),
                                models.F("source_title"),
                                models.F("source"),
                                models.F("number"),
                                models.F("recommendation"),
                                condition=models.Q(("is_archived", False)),
                                name="state_by_reported_down",
                            ),
                            models.Index(
                                django.db.models.lookups.IsNull(
                                    models.F("contradicted_since"), True
                                ),
                                models.OrderBy(models.F("contradicted_since")),
                                models.F("source_title"),
                                models.F("source"),
                                models.F("number"),
                                models.F("recommendation"),
                                condition=models.Q(("is_archived", False)),
                                name="state_by_contradicted",
                            ),
                            models.Index(
                                django.db.models.lookups.IsNull(
                                    models.F("contradicted_since"), True
                                ),
                                models.OrderBy(models.F("contradicted_since"), descending=True),
                                models.F("source_title"),
                                models.F("source"),
                                models.F("number"),
                                models.F("recommendation"),
                                condition=models.Q(("is_archived", False)),
                                name="state_by_contradicted_down",
                            ),
                            models.Index(
                                django.db.models.lookups.IsNull(models.F("assurance_rank"), True),
                                models.OrderBy(models.F("assurance_rank")),
                                models.F("source_title"),
                                models.F("source"),
                                models.F("number"),
                                models.F("recommendation"),
                                condition=models.Q(("is_archived", False)),
                                name="state_by_assurance",
                            ),
                            models.Index(
                                django.db.models.lookups.IsNull(models.F("assurance_rank"), True),
                                models.OrderBy(models.F("assurance_rank"), descending=True),
                                models.F("source_title"),
                                models.F("source"),
                                models.F("number"),
                                models.F("recommendation"),
                                condition=models.Q(("is_archived", False)),
                                name="state_by_assurance_down",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("is_archived", False),
                                    models.Q(
                                        ("submitted__gt", 0),
                                        ("has_date_request", True),
                                        _connector="OR",
                                    ),
                                ),
                                fields=["source"],
                                include=("submitted", "has_date_request"),
                                name="state_waiting",
                            ),
                            models.Index(
                                django.db.models.lookups.IsNull(models.F("priority_rank"), True),
                                models.OrderBy(models.F("priority_rank")),
                                models.F("source_title"),
                                models.F("source"),
                                models.F("number"),
                                models.F("recommendation"),
                                condition=models.Q(("is_archived", False)),
                                name="state_by_priority",
                            ),
                            models.Index(
                                django.db.models.lookups.IsNull(models.F("priority_rank"), True),
                                models.OrderBy(models.F("priority_rank"), descending=True),
                                models.F("source_title"),
                                models.F("source"),
                                models.F("number"),
                                models.F("recommendation"),
                                condition=models.Q(("is_archived", False)),
                                name="state_by_priority_down",
                            ),
                            models.Index(
                                condition=models.Q(("is_archived", False)),
                                fields=["source", "status", "confidence"],
                                include=(
                                    "recommendation",
                                    "number",
                                    "nature",
                                    "lead",
                                    "is_published",
                                    "as_of",
                                    "has_date_request",
                                    "asks_decision",
                                    "open_since",
                                    "update_due_on",
                                    "rating_out_of_date_after",
                                    "date_overdue_after",
                                    "contradicted_since",
                                    "public_contradicted_since",
                                    "open_without_date_since",
                                    "review_past_after",
                                    "evidence_gap_after",
                                    "has_indicator_against",
                                    "response_overdue_after",
                                    "action_overdue_after",
                                    "has_no_lead",
                                    "has_no_officer",
                                    "assurance_rank",
                                ),
                                name="state_tally",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Redaction",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="at")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                        ("reason", models.TextField(verbose_name="reason")),
                        (
                            "digest",
                            models.CharField(
                                max_length=64, verbose_name="digest of the redacted text"
                            ),
                        ),
                        (
                            "file",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="redaction",
                                to="recommendations.storedfile",
                                verbose_name="file",
                            ),
                        ),
                        ("places", models.PositiveIntegerField(verbose_name="places changed")),
                    ],
                    options={
                        "verbose_name": "redaction",
                        "verbose_name_plural": "redactions",
                        "ordering": ("-at", "-pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True),
                                name="redaction_has_reason",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Reminder",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reminders",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="person",
                            ),
                        ),
                        ("day", models.DateField(verbose_name="day")),
                        ("told_until", models.DateTimeField(verbose_name="told until")),
                        (
                            "roles",
                            models.CharField(blank=True, max_length=100, verbose_name="roles"),
                        ),
                        (
                            "content",
                            models.JSONField(blank=True, default=dict, verbose_name="content"),
                        ),
                    ],
                    options={
                        "verbose_name": "reminder",
                        "verbose_name_plural": "reminders",
                        "ordering": ("-day", "-pk"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("person", "day"), name="reminder_once_a_day"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReportedStatus",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "recommendation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reported_statuses",
                                to="recommendations.recommendation",
                                verbose_name="recommendation",
                            ),
                        ),
                        ("as_of", models.DateField(blank=True, null=True, verbose_name="as of")),
                        (
                            "words",
                            recommendations.models.fields.LineField(
                                max_length=300, verbose_name="original status"
                            ),
                        ),
                        (
                            "implementation_status",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("not_started", "Not started"),
                                    ("in_progress", "In progress"),
                                    ("partly_implemented", "Partially implemented"),
                                    ("implemented", "Implemented"),
                                    ("not_implemented", "Not implemented"),
                                    ("no_longer_applicable", "No longer applicable"),
                                    ("superseded", "Superseded"),
                                ],
                                max_length=24,
                                verbose_name="mapped to",
                            ),
                        ),
                        (
                            "note",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="status comment"
                            ),
                        ),
                        (
                            "file_name",
                            recommendations.models.fields.LineField(
                                max_length=300, verbose_name="file"
                            ),
                        ),
                        (
                            "file_sha256",
                            models.CharField(max_length=64, verbose_name="SHA-256 of the file"),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(editable=False, verbose_name="recorded at"),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="recorded by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "imported status",
                        "verbose_name_plural": "imported statuses",
                        "ordering": ("recommendation", "-as_of", "-pk"),
                    },
                ),
                migrations.CreateModel(
                    name="ReportingRound",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("key", models.UUIDField(editable=False, unique=True, verbose_name="key")),
                        (
                            "name",
                            recommendations.models.fields.LineField(
                                max_length=120, verbose_name="name"
                            ),
                        ),
                        ("as_of", models.DateField(verbose_name="as of")),
                        ("reply_by", models.DateField(verbose_name="reply by")),
                        (
                            "query",
                            recommendations.models.fields.LineField(
                                blank=True, editable=False, max_length=2000, verbose_name="filter"
                            ),
                        ),
                        ("sent_at", models.DateTimeField(editable=False, verbose_name="sent at")),
                        (
                            "sent_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="sent by",
                            ),
                        ),
                        (
                            "closed_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="closed at"
                            ),
                        ),
                        (
                            "closed_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="closed by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "reporting round",
                        "verbose_name_plural": "reporting rounds",
                        "ordering": ("-sent_at", "-pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("name", ""), _negated=True),
                                name="round_has_name",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reply_by__gte", models.F("as_of"))),
                                name="round_replies_from_its_day",
                                violation_error_message="“Reply by” must not be before “as of”.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("closed_at__isnull", True), ("closed_by__isnull", True)
                                    ),
                                    models.Q(
                                        ("closed_at__isnull", False), ("closed_by__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="round_closed_together",
                                violation_error_message="Enter the person, the date and the other details together, or none of them.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Request",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="requests",
                                to="recommendations.reportinground",
                                verbose_name="reporting round",
                            ),
                        ),
                        (
                            "recommendation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="requests",
                                to="recommendations.recommendation",
                                verbose_name="recommendation",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="requests",
                                to="recommendations.organisation",
                                verbose_name="organisation",
                            ),
                        ),
                        (
                            "not_asked",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("no_lead", "No lead organisation"),
                                    ("closed", "Closed"),
                                    ("archived", "Archived"),
                                ],
                                max_length=12,
                                verbose_name="not asked because",
                            ),
                        ),
                        (
                            "found",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("approved", "Approved"),
                                    ("awaiting", "Awaiting review"),
                                    ("missing", "No update"),
                                ],
                                editable=False,
                                max_length=12,
                                verbose_name="found at closing",
                            ),
                        ),
                        (
                            "found_update",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="recommendations.statusupdate",
                                verbose_name="update found at closing",
                            ),
                        ),
                        (
                            "found_submitted_at",
                            models.DateTimeField(
                                editable=False,
                                null=True,
                                verbose_name="submission of the update found at closing",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "request",
                        "verbose_name_plural": "requests",
                        "ordering": ("round", "recommendation", "pk"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("round", "recommendation"), name="request_once_in_a_round"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("not_asked", ""), ("organisation__isnull", False)),
                                    models.Q(
                                        ("not_asked", "no_lead"), ("organisation__isnull", True)
                                    ),
                                    ("not_asked__in", ["closed", "archived"]),
                                    _connector="OR",
                                ),
                                name="request_is_asked_of_an_organisation",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("found__in", ["", "missing"]),
                                        ("found_submitted_at__isnull", True),
                                        ("found_update__isnull", True),
                                    ),
                                    models.Q(
                                        ("found__in", ["approved", "awaiting"]),
                                        ("found_submitted_at__isnull", False),
                                        ("found_update__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="request_found_with_its_update",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("not_asked", ""), ("found", ""), _connector="OR"
                                ),
                                name="request_found_where_asked",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ResetRequest",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="at")),
                        (
                            "address_digest",
                            models.CharField(max_length=64, verbose_name="digest of the address"),
                        ),
                        (
                            "client_digest",
                            models.CharField(max_length=64, verbose_name="digest of the client"),
                        ),
                    ],
                    options={
                        "verbose_name": "request for a new password",
                        "verbose_name_plural": "requests for a new password",
                        "ordering": ("-at", "-pk"),
                        "indexes": [
                            models.Index(fields=["address_digest", "at"], name="reset_for_address"),
                            models.Index(fields=["client_digest", "at"], name="reset_from_client"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Response",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "addressee",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="responses",
                                to="recommendations.addressee",
                                verbose_name="addressee",
                            ),
                        ),
                        (
                            "position",
                            models.CharField(
                                choices=[
                                    ("awaiting", "No response yet"),
                                    ("accepted", "Accepted"),
                                    ("accepted_in_part", "Partially accepted"),
                                    ("accepted_in_principle", "Accepted in principle"),
                                    ("rejected", "Rejected"),
                                    ("under_consideration", "Under consideration"),
                                    ("noted", "Noted"),
                                    ("not_for_us", "Not applicable to addressee"),
                                    ("withdrawn", "Response withdrawn"),
                                ],
                                max_length=24,
                                verbose_name="response",
                            ),
                        ),
                        ("since", models.DateField(verbose_name="since")),
                        (
                            "due_on",
                            models.DateField(
                                blank=True,
                                help_text="While a response is awaited.",
                                null=True,
                                verbose_name="response due on",
                            ),
                        ),
                        (
                            "part_accepted",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="accepted part"
                            ),
                        ),
                        (
                            "reason",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="reason"
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(editable=False, verbose_name="recorded at"),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="recorded by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "response",
                        "verbose_name_plural": "responses",
                        "ordering": ("addressee", "-pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("position", "accepted_in_part"),
                                        models.Q(("part_accepted", ""), _negated=True),
                                    ),
                                    models.Q(
                                        models.Q(("position", "accepted_in_part"), _negated=True),
                                        ("part_accepted", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="response_part_is_named",
                                violation_error_message="Enter the accepted part of a partial acceptance. Leave it empty for any other response.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("position", "rejected"), _negated=True),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="response_rejection_has_reason",
                                violation_error_message="Enter the reason for the rejection.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("due_on__isnull", True),
                                    ("position", "awaiting"),
                                    _connector="OR",
                                ),
                                name="response_due_only_while_awaited",
                                violation_error_message="Only an awaited response has a due date.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RoundExtension",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="extensions",
                                to="recommendations.reportinground",
                                verbose_name="reporting round",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="recommendations.organisation",
                                verbose_name="organisation",
                            ),
                        ),
                        (
                            "old_day",
                            models.DateField(
                                editable=False, verbose_name="previous day to reply by"
                            ),
                        ),
                        ("new_day", models.DateField(verbose_name="new day to reply by")),
                        ("reason", recommendations.models.fields.ProseField(verbose_name="reason")),
                        (
                            "extended_at",
                            models.DateTimeField(editable=False, verbose_name="extended at"),
                        ),
                        (
                            "extended_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="extended by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "extension",
                        "verbose_name_plural": "extensions",
                        "ordering": ("-extended_at", "-pk"),
                        "indexes": [
                            models.Index(
                                fields=["round", "organisation"], name="extension_of_a_round"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("new_day__gt", models.F("old_day"))),
                                name="extension_is_later",
                                violation_error_message="The new day must be after the present day to reply by.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True),
                                name="extension_has_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RoundReminder",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reminders",
                                to="recommendations.reportinground",
                                verbose_name="reporting round",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="round_reminders",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="person",
                            ),
                        ),
                        ("day", models.DateField(verbose_name="day")),
                        (
                            "reminded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="reminded by",
                            ),
                        ),
                        (
                            "requests",
                            models.ManyToManyField(
                                editable=False,
                                related_name="reminders",
                                to="recommendations.request",
                                verbose_name="requests",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "reminder of a round",
                        "verbose_name_plural": "reminders of rounds",
                        "ordering": ("-day", "-pk"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("round", "person", "day"), name="round_reminder_once_a_day"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SavedView",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="last changed"
                            ),
                        ),
                        (
                            "removed_at",
                            models.DateTimeField(
                                blank=True, editable=False, null=True, verbose_name="removed at"
                            ),
                        ),
                        (
                            "removed_by",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="removed by",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="saved_views",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="owner",
                            ),
                        ),
                        (
                            "name",
                            recommendations.models.fields.LineField(
                                max_length=80, verbose_name="name"
                            ),
                        ),
                        (
                            "query",
                            recommendations.models.fields.LineField(
                                max_length=2000, verbose_name="filter"
                            ),
                        ),
                        (
                            "is_shared",
                            models.BooleanField(
                                default=False,
                                help_text="Everyone with a role sees the view above the list.",
                                verbose_name="shared",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "saved view",
                        "verbose_name_plural": "saved views",
                        "ordering": ("name", "pk"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("removed_at__isnull", True)),
                                fields=("owner", "name"),
                                name="saved_view_name_once",
                                violation_error_message="You already have a view of this name.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("query", ""), _negated=True),
                                name="saved_view_has_filter",
                                violation_error_message="Set a filter or an order in the list first.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("removed_at__isnull", True), ("removed_by__isnull", True)
                                    ),
                                    models.Q(
                                        ("removed_at__isnull", False), ("removed_by__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="saved_view_removed_together",
                                violation_error_message="Enter the person, the date and the other details together, or none of them.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SearchDocument",
                    fields=[
                        (
                            "recommendation",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="document",
                                serialize=False,
                                to="recommendations.recommendation",
                                verbose_name="recommendation",
                            ),
                        ),
                        ("title", recommendations.models.search.WordsField()),
                        ("public_title", recommendations.models.search.WordsField(blank=True)),
                        ("public", recommendations.models.search.WordsField(blank=True)),
                        ("inside", recommendations.models.search.WordsField()),
                        ("office", recommendations.models.search.WordsField()),
                    ],
                    options={
                        "verbose_name": "search document",
                        "verbose_name_plural": "search documents",
                    },
                ),
                migrations.CreateModel(
                    name="SignOff",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "source",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sign_offs",
                                to="recommendations.source",
                                verbose_name="source",
                            ),
                        ),
                        (
                            "recommendation",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="own_sign_offs",
                                to="recommendations.recommendation",
                                verbose_name="recommendation",
                            ),
                        ),
                        ("as_of", models.DateField(verbose_name="status as of")),
                        (
                            "remark",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="remark"
                            ),
                        ),
                        (
                            "signed_content",
                            models.TextField(editable=False, verbose_name="signed content"),
                        ),
                        (
                            "digest",
                            models.CharField(editable=False, max_length=64, verbose_name="SHA-256"),
                        ),
                        (
                            "sequence",
                            models.BigIntegerField(editable=False, verbose_name="audit log entry"),
                        ),
                        (
                            "record_hash",
                            models.CharField(
                                editable=False, max_length=64, verbose_name="hash of this entry"
                            ),
                        ),
                        (
                            "signed_at",
                            models.DateTimeField(editable=False, verbose_name="signed at"),
                        ),
                        (
                            "signed_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="signed by",
                            ),
                        ),
                        (
                            "recommendations",
                            models.ManyToManyField(
                                editable=False,
                                related_name="sign_offs",
                                to="recommendations.recommendation",
                                verbose_name="recommendations",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "sign-off",
                        "verbose_name_plural": "sign-offs",
                        "ordering": ("-signed_at", "-pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("recommendation__isnull", True), ("source__isnull", False)
                                    ),
                                    models.Q(
                                        ("recommendation__isnull", False), ("source__isnull", True)
                                    ),
                                    _connector="OR",
                                ),
                                name="sign_off_of_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("signed_content", ""), _negated=True),
                                    models.Q(("digest", ""), _negated=True),
                                    models.Q(("record_hash", ""), _negated=True),
                                ),
                                name="sign_off_has_content_and_digests",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("sequence__gte", 1)),
                                name="sign_off_after_an_entry",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Source",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="last changed"
                            ),
                        ),
                        (
                            "slug",
                            models.SlugField(
                                max_length=60, unique=True, verbose_name="short name for addresses"
                            ),
                        ),
                        (
                            "title",
                            recommendations.models.fields.LineField(
                                max_length=300, verbose_name="title"
                            ),
                        ),
                        (
                            "short_title",
                            recommendations.models.fields.LineField(
                                max_length=80, verbose_name="short title"
                            ),
                        ),
                        (
                            "author",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=200, verbose_name="author"
                            ),
                        ),
                        (
                            "publisher",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=200, verbose_name="publisher"
                            ),
                        ),
                        (
                            "published_on",
                            models.DateField(blank=True, null=True, verbose_name="date"),
                        ),
                        (
                            "date_precision",
                            models.CharField(
                                choices=[
                                    ("day", "day"),
                                    ("month", "month"),
                                    ("year", "year"),
                                    ("unknown", "Unknown"),
                                ],
                                default="unknown",
                                max_length=10,
                                verbose_name="precision",
                            ),
                        ),
                        (
                            "date_mark",
                            models.CharField(
                                choices=[("stated", "stated"), ("inferred", "inferred")],
                                default="stated",
                                max_length=10,
                                verbose_name="how obtained",
                            ),
                        ),
                        (
                            "date_reason",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="reason for this date"
                            ),
                        ),
                        (
                            "language",
                            models.CharField(blank=True, max_length=12, verbose_name="language"),
                        ),
                        ("url", models.URLField(blank=True, verbose_name="address")),
                        (
                            "text_sha256",
                            models.CharField(
                                blank=True, max_length=64, verbose_name="SHA-256 of the text"
                            ),
                        ),
                        (
                            "reference_prefix",
                            models.SlugField(
                                max_length=20,
                                unique=True,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^[A-Za-z0-9][A-Za-z0-9._-]*$",
                                        "Begin with a letter or a digit.",
                                    )
                                ],
                                verbose_name="reference prefix",
                            ),
                        ),
                        (
                            "column_map",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                editable=False,
                                verbose_name="spreadsheet column map",
                            ),
                        ),
                        (
                            "last_number",
                            models.PositiveIntegerField(
                                default=0, editable=False, verbose_name="last number assigned"
                            ),
                        ),
                        (
                            "is_demonstration",
                            models.BooleanField(
                                default=False,
                                editable=False,
                                help_text="Its recommendations are fictional and marked as demonstration data.",
                                verbose_name="demonstration source",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "source",
                        "verbose_name_plural": "sources",
                        "ordering": ("title", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("date_precision", "unknown"),
                                        ("published_on__isnull", True),
                                    ),
                                    models.Q(
                                        ("published_on__isnull", False),
                                        models.Q(("date_precision", "unknown"), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="source_date_has_precision",
                                violation_error_message="Enter the date and its precision, or neither.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("date_mark", "inferred"), _negated=True),
                                    models.Q(("date_reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="source_inferred_date_has_reason",
                                violation_error_message="Give the reason for the inferred date.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SourcePart",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "source",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="parts",
                                to="recommendations.source",
                                verbose_name="source",
                            ),
                        ),
                        ("part", models.PositiveIntegerField()),
                        ("sequence", models.BigIntegerField()),
                    ],
                    options={
                        "verbose_name": "computed state of a source",
                        "verbose_name_plural": "computed states of sources",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("source", "part"), name="source_part_is_marked_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StagedFigure",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "period",
                            models.CharField(
                                max_length=10,
                                validators=[recommendations.models.fields.validate_period],
                                verbose_name="period",
                            ),
                        ),
                        ("first_day", models.DateField(editable=False, verbose_name="first day")),
                        ("last_day", models.DateField(editable=False, verbose_name="last day")),
                        (
                            "dimensions",
                            recommendations.models.fields.LineField(
                                blank=True,
                                help_text="For example SEX=F|AGE=Y15T24.",
                                max_length=200,
                                verbose_name="dimensions",
                            ),
                        ),
                        (
                            "value",
                            recommendations.models.fields.ExactField(
                                blank=True, null=True, verbose_name="value"
                            ),
                        ),
                        (
                            "text",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=200, verbose_name="value in words"
                            ),
                        ),
                        (
                            "numerator",
                            recommendations.models.fields.ExactField(
                                blank=True, null=True, verbose_name="numerator"
                            ),
                        ),
                        (
                            "denominator",
                            recommendations.models.fields.ExactField(
                                blank=True, null=True, verbose_name="denominator"
                            ),
                        ),
                        (
                            "obs_status",
                            models.CharField(
                                choices=[
                                    ("A", "Normal"),
                                    ("B", "Time series break"),
                                    ("E", "Estimated"),
                                    ("F", "Forecast"),
                                    ("I", "Imputed"),
                                    ("M", "Missing value"),
                                    ("P", "Provisional"),
                                    ("U", "Low reliability"),
                                ],
                                default="A",
                                max_length=1,
                                verbose_name="observation status",
                            ),
                        ),
                        (
                            "source_status",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("D", "Definition differs"),
                                    ("G", "Experimental value"),
                                    ("H", "Missing value; holiday or weekend"),
                                    ("J", "Derogation"),
                                    ("K", "Data included in another category"),
                                    ("L", "Missing value; data exist but were not collected"),
                                    ("M", "Missing value; data cannot exist"),
                                    ("N", "Not significant"),
                                    ("O", "Missing value"),
                                    ("Q", "Missing value; suppressed"),
                                    ("S", "Strike or other special event"),
                                    ("V", "Unvalidated value"),
                                    ("W", "Includes data from another category"),
                                ],
                                default="",
                                max_length=1,
                                verbose_name="status code of the source",
                            ),
                        ),
                        (
                            "is_lower_bound",
                            models.BooleanField(default=False, verbose_name="lower bound"),
                        ),
                        (
                            "is_approximate",
                            models.BooleanField(default=False, verbose_name="approximate"),
                        ),
                        ("is_derived", models.BooleanField(default=False, verbose_name="derived")),
                        ("is_assumed", models.BooleanField(default=False, verbose_name="assumed")),
                        (
                            "comment",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="comment"
                            ),
                        ),
                        (
                            "source",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=300, verbose_name="source"
                            ),
                        ),
                        (
                            "revision",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="revision"
                            ),
                        ),
                        (
                            "staged",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="figures",
                                to="recommendations.stagedimport",
                                verbose_name="import",
                            ),
                        ),
                        ("observation", models.BigIntegerField(verbose_name="observation")),
                        ("area", models.BigIntegerField(verbose_name="area")),
                        ("changes", models.TextField(verbose_name="changes")),
                    ],
                    options={
                        "verbose_name": "value of an import in progress",
                        "verbose_name_plural": "values of imports in progress",
                        "ordering": ("pk",),
                    },
                ),
                migrations.CreateModel(
                    name="StagedImport",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "indicator",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="recommendations.indicator",
                                verbose_name="indicator",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                        (
                            "file_name",
                            recommendations.models.fields.LineField(
                                max_length=200, verbose_name="name of the file"
                            ),
                        ),
                        ("begun_at", models.DateTimeField(verbose_name="started at")),
                        ("touched_at", models.DateTimeField(verbose_name="last active")),
                        ("host", models.CharField(max_length=255, verbose_name="machine")),
                        ("process", models.PositiveIntegerField(verbose_name="process number")),
                        (
                            "is_imported",
                            models.BooleanField(default=False, verbose_name="imported"),
                        ),
                    ],
                    options={
                        "verbose_name": "import in progress",
                        "verbose_name_plural": "imports in progress",
                        "ordering": ("pk",),
                    },
                ),
                migrations.CreateModel(
                    name="StagedText",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "staged",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="texts",
                                to="recommendations.stagedimport",
                                verbose_name="import",
                            ),
                        ),
                        ("digest", models.CharField(max_length=64, verbose_name="digest")),
                        ("salt", models.CharField(max_length=32, verbose_name="salt")),
                        ("text", models.TextField(verbose_name="text")),
                    ],
                    options={
                        "verbose_name": "text of an import in progress",
                        "verbose_name_plural": "texts of imports in progress",
                        "ordering": ("pk",),
                    },
                ),
                migrations.CreateModel(
                    name="StatusUpdate",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="last changed"
                            ),
                        ),
                        ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "recommendation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="updates",
                                to="recommendations.recommendation",
                                verbose_name="recommendation",
                            ),
                        ),
                        (
                            "addressee",
                            models.ForeignKey(
                                blank=True,
                                help_text="If empty, the overall status.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="updates",
                                to="recommendations.addressee",
                                verbose_name="addressee",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("regular", "Update"),
                                    ("no_change", "No change"),
                                    ("correction", "Correction"),
                                    ("retraction", "Retraction"),
                                    ("opening", "Opening status"),
                                ],
                                default="regular",
                                max_length=12,
                                verbose_name="kind",
                            ),
                        ),
                        ("as_of", models.DateField(verbose_name="as of")),
                        (
                            "implementation_status",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("not_started", "Not started"),
                                    ("in_progress", "In progress"),
                                    ("partly_implemented", "Partially implemented"),
                                    ("implemented", "Implemented"),
                                    ("not_implemented", "Not implemented"),
                                    ("no_longer_applicable", "No longer applicable"),
                                    ("superseded", "Superseded"),
                                ],
                                max_length=24,
                                verbose_name="implementation status",
                            ),
                        ),
                        (
                            "confidence",
                            models.CharField(
                                choices=[
                                    ("green", "On track"),
                                    ("amber", "At risk"),
                                    ("red", "Off track"),
                                    ("not_rated", "Not rated"),
                                ],
                                default="not_rated",
                                max_length=12,
                                verbose_name="delivery confidence",
                            ),
                        ),
                        (
                            "rated_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="confidence rated on"
                            ),
                        ),
                        (
                            "what_happened",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="progress since the last update"
                            ),
                        ),
                        (
                            "remaining",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="remaining work"
                            ),
                        ),
                        (
                            "next_steps",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="next steps"
                            ),
                        ),
                        (
                            "issue",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="issue"
                            ),
                        ),
                        (
                            "response_action",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="corrective action"
                            ),
                        ),
                        (
                            "response_owner",
                            recommendations.models.fields.LineField(
                                blank=True,
                                max_length=200,
                                verbose_name="owner of the corrective action",
                            ),
                        ),
                        (
                            "asked_for",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="decision or support needed"
                            ),
                        ),
                        (
                            "completed_on",
                            models.DateField(blank=True, null=True, verbose_name="completed on"),
                        ),
                        (
                            "review_on",
                            models.DateField(
                                blank=True, null=True, verbose_name="next periodic review"
                            ),
                        ),
                        (
                            "closing_reason",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="reason for closing"
                            ),
                        ),
                        (
                            "successor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="recommendations.recommendation",
                                verbose_name="replaced by",
                            ),
                        ),
                        (
                            "reopening_reason",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="reason for reopening"
                            ),
                        ),
                        (
                            "public_text",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="public summary"
                            ),
                        ),
                        (
                            "internal_note",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="internal note"
                            ),
                        ),
                        (
                            "corrects",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="corrections",
                                to="recommendations.statusupdate",
                            ),
                        ),
                        (
                            "retracts",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="retractions",
                                to="recommendations.statusupdate",
                            ),
                        ),
                        (
                            "based_on",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="recommendations.statusupdate",
                            ),
                        ),
                        (
                            "opening_row",
                            models.OneToOneField(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="status_update",
                                to="recommendations.openingrow",
                                verbose_name="row that it was taken over from",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("submitted", "Awaiting review"),
                                    ("returned", "Returned"),
                                    ("approved", "Approved"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="draft",
                                editable=False,
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "author",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="updates",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="author",
                            ),
                        ),
                        (
                            "last_editor",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "created_at",
                            models.DateTimeField(editable=False, verbose_name="started"),
                        ),
                        (
                            "submitted_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="submitted"
                            ),
                        ),
                        (
                            "decided_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="decided"),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decisions",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="decided by",
                            ),
                        ),
                        (
                            "decision_note",
                            recommendations.models.fields.ProseField(
                                blank=True, editable=False, verbose_name="decision note"
                            ),
                        ),
                        (
                            "contradictions_confirmed",
                            models.PositiveSmallIntegerField(
                                default=0,
                                editable=False,
                                help_text="Confirmed at approval. Also 0 for approvals from before this was asked.",
                                verbose_name="open contradictions at approval",
                            ),
                        ),
                        (
                            "editors",
                            models.ManyToManyField(
                                editable=False,
                                related_name="edited_updates",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "status update",
                        "verbose_name_plural": "status updates",
                        "ordering": ("-as_of", "-decided_at", "-pk"),
                        "indexes": [
                            models.Index(
                                fields=["recommendation", "addressee", "state", "-as_of"],
                                name="update_of_scope",
                            ),
                            models.Index(fields=["state", "submitted_at"], name="update_queue"),
                            models.Index(fields=["author", "state"], name="update_of_author"),
                            models.Index(
                                condition=models.Q(
                                    ("addressee__isnull", True), ("state", "approved")
                                ),
                                fields=["recommendation", "-as_of", "-decided_at", "-id"],
                                include=(
                                    "implementation_status",
                                    "confidence",
                                    "rated_on",
                                    "kind",
                                    "opening_row",
                                ),
                                name="update_in_force",
                            ),
                            models.Index(
                                condition=models.Q(("state", "approved")),
                                fields=["decided_at"],
                                include=("author", "decided_by", "submitted_at"),
                                name="update_decisions",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("decided_at__isnull", True),
                                        ("decided_by__isnull", True),
                                        ("decision_note", ""),
                                        models.Q(
                                            ("state__in", ["approved", "returned"]), _negated=True
                                        ),
                                    ),
                                    models.Q(
                                        ("decided_at__isnull", False),
                                        ("decided_by__isnull", False),
                                        ("state__in", ["approved", "returned", "withdrawn"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="update_decision_together",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("decided_by__isnull", True),
                                    models.Q(
                                        models.Q(("decided_by", models.F("author")), _negated=True),
                                        models.Q(
                                            ("decided_by", models.F("last_editor")), _negated=True
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="update_decided_by_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "returned"), _negated=True),
                                    models.Q(("decision_note", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="update_returned_with_note",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("contradictions_confirmed", 0),
                                    ("state", "approved"),
                                    _connector="OR",
                                ),
                                name="update_confirms_at_approval",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state__in", ["submitted", "approved"]), _negated=True
                                    ),
                                    models.Q(
                                        ("submitted_at__isnull", False),
                                        models.Q(("implementation_status", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="update_submitted_is_dated",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("corrects__isnull", False),
                                        ("kind", "correction"),
                                        ("retracts__isnull", True),
                                    ),
                                    models.Q(
                                        ("corrects__isnull", True),
                                        ("kind", "retraction"),
                                        ("retracts__isnull", False),
                                    ),
                                    models.Q(
                                        ("corrects__isnull", True),
                                        ("kind__in", ["regular", "no_change", "opening"]),
                                        ("retracts__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="update_kind_has_its_target",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("addressee__isnull", True),
                                        ("kind", "opening"),
                                        ("opening_row__isnull", False),
                                        ("state__in", ["submitted", "approved"]),
                                    ),
                                    models.Q(
                                        models.Q(("kind", "opening"), _negated=True),
                                        ("opening_row__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="update_opening_has_its_row",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("implementation_status", "implemented"), _negated=True
                                    ),
                                    models.Q(("state", "approved"), _negated=True),
                                    ("kind__in", ["opening", "retraction"]),
                                    ("completed_on__isnull", False),
                                    _connector="OR",
                                ),
                                name="update_implemented_has_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "approved"), _negated=True),
                                    ("completed_on__isnull", True),
                                    ("completed_on__lte", models.F("as_of")),
                                    _connector="OR",
                                ),
                                name="update_completed_by_as_of",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "implementation_status__in",
                                            frozenset(
                                                [
                                                    "not_implemented",
                                                    "no_longer_applicable",
                                                    "superseded",
                                                ]
                                            ),
                                        ),
                                        _negated=True,
                                    ),
                                    models.Q(("state", "approved"), _negated=True),
                                    ("confidence", "not_rated"),
                                    _connector="OR",
                                ),
                                name="update_closed_is_not_rated",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "implementation_status__in",
                                            ["not_implemented", "no_longer_applicable"],
                                        ),
                                        _negated=True,
                                    ),
                                    models.Q(("state", "approved"), _negated=True),
                                    ("kind__in", ["opening", "retraction"]),
                                    models.Q(("closing_reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="update_closed_has_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("implementation_status", "superseded"), _negated=True
                                    ),
                                    models.Q(("state", "approved"), _negated=True),
                                    ("kind__in", ["opening", "retraction"]),
                                    ("successor__isnull", False),
                                    _connector="OR",
                                ),
                                name="update_superseded_has_successor",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("implementation_status", "partly_implemented"),
                                        _negated=True,
                                    ),
                                    models.Q(("state", "approved"), _negated=True),
                                    ("kind__in", ["opening", "retraction"]),
                                    models.Q(("remaining", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="update_partly_names_the_rest",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("confidence", "red"), _negated=True),
                                    models.Q(("state", "approved"), _negated=True),
                                    ("kind__in", ["opening", "retraction"]),
                                    models.Q(("asked_for", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="update_red_asks",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("confidence", "amber"), _negated=True),
                                    models.Q(("state", "approved"), _negated=True),
                                    ("kind__in", ["opening", "retraction"]),
                                    models.Q(
                                        ("issue", ""),
                                        ("response_action", ""),
                                        ("response_owner", ""),
                                        _connector="OR",
                                        _negated=True,
                                    ),
                                    _connector="OR",
                                ),
                                name="update_amber_answers",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "approved")),
                                fields=("corrects",),
                                name="update_corrected_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "approved")),
                                fields=("retracts",),
                                name="update_retracted_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StoredFile",
                    fields=[
                        (
                            "sha256",
                            models.CharField(
                                max_length=64,
                                primary_key=True,
                                serialize=False,
                                verbose_name="SHA-256",
                            ),
                        ),
                        ("size", models.PositiveBigIntegerField(verbose_name="size in bytes")),
                        (
                            "media_type",
                            models.CharField(
                                max_length=100, verbose_name="type, detected from the content"
                            ),
                        ),
                        ("stored_at", models.DateTimeField(verbose_name="stored at")),
                        (
                            "scan",
                            models.CharField(
                                choices=[
                                    ("not_asked", "Not scanned for viruses"),
                                    ("waiting", "Awaiting virus scan"),
                                    ("clean", "Scanned, no virus found"),
                                    ("refused", "Rejected by the virus scanner"),
                                ],
                                default="not_asked",
                                max_length=10,
                                verbose_name="virus scan",
                            ),
                        ),
                        (
                            "scan_note",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=200, verbose_name="scanner result"
                            ),
                        ),
                        (
                            "scanned_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="scanned at"),
                        ),
                        (
                            "fault",
                            models.CharField(
                                blank=True,
                                choices=[("missing", "Missing"), ("altered", "Altered")],
                                max_length=8,
                                verbose_name="fault",
                            ),
                        ),
                        (
                            "compared_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="last compared with the digest"
                            ),
                        ),
                        (
                            "redacted_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="redacted at"),
                        ),
                        (
                            "redacted_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="redacted by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "stored file",
                        "verbose_name_plural": "stored files",
                        "ordering": ("-stored_at", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                                name="file_digest_is_sha256",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("size__gt", 0)), name="file_is_not_empty"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("scan__in", ("clean", "refused")),
                                        ("scanned_at__isnull", False),
                                    ),
                                    models.Q(
                                        ("scan__in", ("not_asked", "waiting")),
                                        ("scanned_at__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="file_scan_together",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("redacted_at__isnull", True), ("redacted_by__isnull", True)
                                    ),
                                    models.Q(
                                        ("redacted_at__isnull", False),
                                        ("redacted_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="file_redacted_together",
                                violation_error_message="Enter the person, the date and the other details together, or none of them.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Target",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "indicator",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="targets",
                                to="recommendations.indicator",
                                verbose_name="indicator",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("baseline", "Baseline"), ("target", "Target")],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "area",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="recommendations.area",
                                verbose_name="area",
                            ),
                        ),
                        (
                            "period",
                            models.CharField(
                                max_length=10,
                                validators=[recommendations.models.fields.validate_period],
                                verbose_name="period",
                            ),
                        ),
                        (
                            "value",
                            recommendations.models.fields.ExactField(
                                blank=True, null=True, verbose_name="value"
                            ),
                        ),
                        (
                            "text",
                            recommendations.models.fields.LineField(
                                blank=True, max_length=200, verbose_name="value in words"
                            ),
                        ),
                        (
                            "mark",
                            models.CharField(
                                choices=[
                                    ("stated", "stated"),
                                    ("assumed", "assumed"),
                                    ("derived", "derived"),
                                ],
                                default="stated",
                                max_length=10,
                                verbose_name="how obtained",
                            ),
                        ),
                        (
                            "comment",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="comment"
                            ),
                        ),
                        (
                            "replaces",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="replaced_by",
                                to="recommendations.target",
                                verbose_name="replaces",
                            ),
                        ),
                        (
                            "reason",
                            recommendations.models.fields.ProseField(
                                blank=True, verbose_name="reason for the change"
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(editable=False, verbose_name="recorded at"),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="recorded by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "baseline or target",
                        "verbose_name_plural": "baselines and targets",
                        "ordering": ("indicator", "period", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("value__isnull", False),
                                    models.Q(("text", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="target_says_something",
                                violation_error_message="Enter a value or describe the value in words.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("replaces__isnull", True),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="target_change_has_reason",
                                violation_error_message="Give the reason for replacing the earlier value.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TargetDateChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "recommendation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="date_changes",
                                to="recommendations.recommendation",
                                verbose_name="recommendation",
                            ),
                        ),
                        ("number", models.PositiveIntegerField(editable=False, verbose_name="row")),
                        (
                            "old_date",
                            models.DateField(
                                blank=True, editable=False, null=True, verbose_name="previous date"
                            ),
                        ),
                        (
                            "new_date",
                            models.DateField(
                                blank=True,
                                help_text="If empty, the target date is removed.",
                                null=True,
                                verbose_name="new date",
                            ),
                        ),
                        ("reason", recommendations.models.fields.ProseField(verbose_name="reason")),
                        (
                            "requested_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="requested by",
                            ),
                        ),
                        (
                            "requested_at",
                            models.DateTimeField(editable=False, verbose_name="requested at"),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("requested", "Awaiting decision"),
                                    ("approved", "Approved"),
                                    ("rejected", "Rejected"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="requested",
                                editable=False,
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="decided by",
                            ),
                        ),
                        (
                            "decided_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="decided at"
                            ),
                        ),
                        (
                            "decision_note",
                            recommendations.models.fields.ProseField(
                                blank=True, editable=False, verbose_name="decision note"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "date change",
                        "verbose_name_plural": "date changes",
                        "ordering": ("recommendation", "number", "pk"),
                        "indexes": [
                            models.Index(fields=["state", "requested_at"], name="date_change_queue")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("recommendation", "number"), name="date_change_row_once"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "requested")),
                                fields=("recommendation",),
                                name="date_change_one_request",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True),
                                name="date_change_has_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("new_date__isnull", False), ("old_date__isnull", True)
                                    ),
                                    models.Q(
                                        ("new_date__isnull", True), ("old_date__isnull", False)
                                    ),
                                    models.Q(
                                        ("new_date__isnull", False),
                                        ("old_date__isnull", False),
                                        models.Q(("old_date", models.F("new_date")), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="date_change_changes_something",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("decided_at__isnull", True),
                                        ("decided_by__isnull", True),
                                        ("decision_note", ""),
                                        ("state", "requested"),
                                    ),
                                    models.Q(
                                        models.Q(("state", "requested"), _negated=True),
                                        ("decided_at__isnull", False),
                                        ("decided_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="date_change_decision_together",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("number", 0),
                                    ("decided_by__isnull", True),
                                    models.Q(
                                        ("state", "withdrawn"),
                                        ("decided_by", models.F("requested_by")),
                                    ),
                                    models.Q(
                                        models.Q(("state", "withdrawn"), _negated=True),
                                        models.Q(
                                            ("decided_by", models.F("requested_by")), _negated=True
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="date_change_decided_by_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "rejected"), _negated=True),
                                    models.Q(("decision_note", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="date_change_rejected_with_note",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("number", 0), _negated=True),
                                    models.Q(
                                        ("new_date__isnull", False),
                                        ("old_date__isnull", True),
                                        ("state", "approved"),
                                    ),
                                    _connector="OR",
                                ),
                                name="date_change_first_sets_a_date",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Theme",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="last changed"
                            ),
                        ),
                        (
                            "slug",
                            models.SlugField(
                                max_length=60, unique=True, verbose_name="short name for addresses"
                            ),
                        ),
                        (
                            "name",
                            recommendations.models.fields.LineField(
                                error_messages={"unique": "A theme with this name already exists."},
                                max_length=80,
                                unique=True,
                                verbose_name="name",
                            ),
                        ),
                        (
                            "description",
                            recommendations.models.fields.ProseField(
                                blank=True,
                                help_text="Which recommendations have this theme.",
                                verbose_name="description",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "theme",
                        "verbose_name_plural": "themes",
                        "ordering": ("name", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("name", ""), _negated=True),
                                name="theme_has_name",
                                violation_error_message="Enter the name of the theme.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="User",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, editable=False, verbose_name="version"
                            ),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="last changed"
                            ),
                        ),
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        (
                            "last_login",
                            models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                        ),
                        (
                            "is_superuser",
                            models.BooleanField(
                                default=False,
                                help_text="Designates that this user has all permissions without explicitly assigning them.",
                                verbose_name="superuser status",
                            ),
                        ),
                        (
                            "username",
                            models.CharField(
                                error_messages={
                                    "unique": "A user with that username already exists."
                                },
                                help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                                max_length=150,
                                unique=True,
                                validators=[
                                    django.contrib.auth.validators.UnicodeUsernameValidator()
                                ],
                                verbose_name="username",
                            ),
                        ),
                        (
                            "first_name",
                            models.CharField(blank=True, max_length=150, verbose_name="first name"),
                        ),
                        (
                            "last_name",
                            models.CharField(blank=True, max_length=150, verbose_name="last name"),
                        ),
                        (
                            "email",
                            models.EmailField(
                                blank=True, max_length=254, verbose_name="email address"
                            ),
                        ),
                        (
                            "is_staff",
                            models.BooleanField(
                                default=False,
                                help_text="Designates whether the user can log into this admin site.",
                                verbose_name="staff status",
                            ),
                        ),
                        (
                            "is_active",
                            models.BooleanField(
                                default=True,
                                help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                                verbose_name="active",
                            ),
                        ),
                        (
                            "date_joined",
                            models.DateTimeField(
                                default=django.utils.timezone.now, verbose_name="date joined"
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="people",
                                to="recommendations.organisation",
                                verbose_name="organisation",
                            ),
                        ),
                        (
                            "language",
                            models.CharField(
                                blank=True,
                                help_text="If empty, the browser’s language is used.",
                                max_length=12,
                                verbose_name="language",
                            ),
                        ),
                        (
                            "wants_mail",
                            models.BooleanField(default=True, verbose_name="receives email"),
                        ),
                        (
                            "is_demonstration",
                            models.BooleanField(
                                default=False,
                                help_text="Entries by this person are marked as demonstration data.",
                                verbose_name="demonstration account",
                            ),
                        ),
                        (
                            "groups",
                            models.ManyToManyField(
                                blank=True,
                                help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.group",
                                verbose_name="groups",
                            ),
                        ),
                        (
                            "user_permissions",
                            models.ManyToManyField(
                                blank=True,
                                help_text="Specific permissions for this user.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.permission",
                                verbose_name="user permissions",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "user",
                        "verbose_name_plural": "users",
                        "ordering": ("username", "pk"),
                        "abstract": False,
                    },
                    managers=[
                        ("objects", django.contrib.auth.models.UserManager()),
                    ],
                ),
                migrations.CreateModel(
                    name="Verification",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="at")),
                        ("is_quick", models.BooleanField(verbose_name="quick")),
                        ("sequence", models.BigIntegerField(verbose_name="last event")),
                        ("hash", models.CharField(max_length=64, verbose_name="hash")),
                        ("faults", models.PositiveIntegerField(verbose_name="faults")),
                        ("seconds", models.PositiveIntegerField(verbose_name="seconds")),
                    ],
                    options={
                        "verbose_name": "verification",
                        "verbose_name_plural": "verifications",
                        "ordering": ("-at", "-pk"),
                    },
                ),
                migrations.CreateModel(
                    name="Watch",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "removed_at",
                            models.DateTimeField(
                                blank=True, editable=False, null=True, verbose_name="removed at"
                            ),
                        ),
                        (
                            "removed_by",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="removed by",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="watches",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="person",
                            ),
                        ),
                        (
                            "recommendation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="recommendations.recommendation",
                                verbose_name="recommendation",
                            ),
                        ),
                        (
                            "source",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="recommendations.source",
                                verbose_name="source",
                            ),
                        ),
                        (
                            "view",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="recommendations.savedview",
                                verbose_name="saved view",
                            ),
                        ),
                        (
                            "indicator",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="recommendations.indicator",
                                verbose_name="indicator",
                            ),
                        ),
                        ("since", models.DateTimeField(verbose_name="watched since")),
                    ],
                    options={
                        "verbose_name": "watched item",
                        "verbose_name_plural": "watched items",
                        "ordering": ("-since", "-pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("indicator__isnull", True),
                                        ("recommendation__isnull", False),
                                        ("source__isnull", True),
                                        ("view__isnull", True),
                                    ),
                                    models.Q(
                                        ("indicator__isnull", True),
                                        ("recommendation__isnull", True),
                                        ("source__isnull", False),
                                        ("view__isnull", True),
                                    ),
                                    models.Q(
                                        ("indicator__isnull", True),
                                        ("recommendation__isnull", True),
                                        ("source__isnull", True),
                                        ("view__isnull", False),
                                    ),
                                    models.Q(
                                        ("indicator__isnull", False),
                                        ("recommendation__isnull", True),
                                        ("source__isnull", True),
                                        ("view__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="watch_is_of_one_item",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("removed_at__isnull", True), ("removed_by__isnull", True)
                                    ),
                                    models.Q(
                                        ("removed_at__isnull", False), ("removed_by__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="watch_removed_together",
                                violation_error_message="Enter the person, the date and the other details together, or none of them.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("recommendation__isnull", False), ("removed_at__isnull", True)
                                ),
                                fields=("person", "recommendation"),
                                name="watch_recommendation_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("removed_at__isnull", True), ("source__isnull", False)
                                ),
                                fields=("person", "source"),
                                name="watch_source_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("removed_at__isnull", True), ("view__isnull", False)
                                ),
                                fields=("person", "view"),
                                name="watch_view_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("indicator__isnull", False), ("removed_at__isnull", True)
                                ),
                                fields=("person", "indicator"),
                                name="watch_indicator_once",
                            ),
                        ],
                    },
                ),
            ]
        )
    ]
