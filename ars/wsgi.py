"""The WSGI application, served by granian."""

import os

from django.core.wsgi import get_wsgi_application

from ars.device_door import beside
from ars.intake import tidy

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ars.settings")

application = tidy(beside(get_wsgi_application()))
