"""Makes the Celery application the default one wherever Django runs, for nudges; roles, audit, the database's roles."""

from django.apps import AppConfig, apps
from django.contrib.admin import apps as admin
from django.db.models.signals import post_migrate

from ars import audit, database_roles, roles
from ars.celery import app


class ArsConfig(AppConfig):
    """The root."""

    name = "ars"
    celery = app

    def ready(self) -> None:
        # Groups are of this app, which comes after all of ours: their permissions are there by then.
        post_migrate.connect(roles.make, sender=apps.get_app_config("auth"))
        post_migrate.connect(audit.install, sender=apps.get_app_config("mfa"))  # the last one with a table of ours
        post_migrate.connect(database_roles.install, sender=apps.get_app_config("mfa"))


class BackOfficeConfig(admin.AdminConfig):
    """Django's admin with our own way in."""

    default = False
    default_site = "ars.back_door.BackOffice"
