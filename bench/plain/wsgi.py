"""`bench.plain.wsgi:application`, on the database that DATABASE_URL names; its tables must be there."""

import os

import environ
from django.conf import settings
from django.core.wsgi import get_wsgi_application

DATABASE = {**environ.Env.db_url_config(os.environ["DATABASE_URL"]), "CONN_MAX_AGE": None}
settings.configure(
    DATABASES={"default": DATABASE},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework", "bench.plain"],
    MIDDLEWARE=[],
    ROOT_URLCONF="bench.plain.urls",
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="for-measurements-only",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
    REST_FRAMEWORK={"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]},
)
application = get_wsgi_application()
