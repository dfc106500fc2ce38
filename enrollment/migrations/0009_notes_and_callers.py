"""Notes by staff, how callers are verified, and what people and plans are found by."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("enrollment", "0008_key_expiry"),
        ("printers", "0008_found_by"),
    ]

    operations = [
        migrations.CreateModel(
            name="CallerCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "how",
                    models.CharField(
                        choices=[("code", "by code"), ("facts", "by an order and the last charge")], max_length=5
                    ),
                ),
                ("code_hash", models.CharField(blank=True, max_length=64)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("verified_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "permissions": [("without_callercheck", "Can act for a customer who does not call")],
                "default_permissions": ("add", "view"),
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("text", models.CharField(max_length=2000)),
                ("pinned", models.BooleanField(default=False, help_text="Stays at the top of the customer's page.")),
                (
                    "follow_up_on",
                    models.DateField(blank=True, help_text="When somebody is to look at it again.", null=True),
                ),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("key", models.UUIDField(help_text="Made with the page: sent twice, it is one note.", unique=True)),
            ],
            options={
                "default_permissions": ("add", "view"),
            },
        ),
        migrations.AddIndex(
            model_name="address",
            index=models.Index(
                django.db.models.functions.comparison.Collate(
                    django.db.models.functions.text.Reverse(
                        models.Func(
                            models.F("phone"),
                            models.Value("\\D"),
                            models.Value(""),
                            models.Value("g"),
                            function="regexp_replace",
                        )
                    ),
                    "C",
                ),
                condition=models.Q(("phone", ""), _negated=True),
                name="address_phone_backwards",
            ),
        ),
        migrations.AddIndex(
            model_name="plan",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.search.SearchVector("nickname", config="simple"), name="plan_words_of_nickname"
            ),
        ),
        migrations.AddIndex(
            model_name="plan",
            index=models.Index(
                django.db.models.functions.comparison.Collate(
                    django.db.models.functions.text.Upper("expected_serial"), "C"
                ),
                condition=models.Q(("expected_serial", ""), _negated=True),
                name="plan_serial_as_typed",
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.search.SearchVector("full_name", config="simple"), name="user_words_of_name"
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                django.db.models.functions.comparison.Collate(django.db.models.functions.text.Lower("email"), "C"),
                name="user_email_as_typed",
            ),
        ),
        migrations.AddField(
            model_name="callercheck",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="callercheck",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="caller_checks", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="callercheck",
            name="verified_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="note",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="note",
            name="done_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="note",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="notes", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="callercheck",
            index=models.Index(fields=["user", "-at"], name="caller_check_user_newest"),
        ),
        migrations.AddConstraint(
            model_name="callercheck",
            constraint=models.CheckConstraint(
                condition=models.Q(("how", "facts"), models.Q(("code_hash", ""), _negated=True), _connector="OR"),
                name="code_of_a_caller_is_kept_hashed",
            ),
        ),
        migrations.AddConstraint(
            model_name="callercheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("verified_at", None), ("verified_by", None)),
                    models.Q(("verified_at__isnull", False), ("verified_by__isnull", False)),
                    _connector="OR",
                ),
                name="verified_caller_was_heard_by_somebody",
            ),
        ),
        migrations.AddIndex(
            model_name="note",
            index=models.Index(fields=["user", "-at"], name="note_user_newest"),
        ),
        migrations.AddIndex(
            model_name="note",
            index=models.Index(
                condition=models.Q(("done_at", None), ("follow_up_on__isnull", False)),
                fields=["follow_up_on"],
                name="note_follow_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="note",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="note_says_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="note",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at", None), ("done_by", None)),
                    models.Q(("done_at__isnull", False), ("done_by__isnull", False), ("follow_up_on__isnull", False)),
                    _connector="OR",
                ),
                name="only_a_follow_up_is_done_and_by_somebody",
            ),
        ),
    ]
