"""Settings of somebody else's authorization server: nothing of ours, and a database of one file."""

import os

ALLOWED_HOSTS = ["127.0.0.1"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "foreign.sqlite3"}}
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "oauth2_provider"]
MIDDLEWARE = ["foreign_urls.ana_is_here"]
OAUTH2_PROVIDER = {
    "DEVICE_FLOW_INTERVAL": 1,
    "OAUTH_DEVICE_VERIFICATION_URI": f"http://127.0.0.1:{os.environ['FOREIGN_PORT']}/o/device/",
    "SCOPES": {"telemetry": "Tell of a printer's ink"},
}
ROOT_URLCONF = "foreign_urls"
SECRET_KEY = "of a server that lives for one test"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
USE_TZ = True
