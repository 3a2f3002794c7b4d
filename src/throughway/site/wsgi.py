"""The WSGI application."""

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "throughway.site.settings")

application = get_wsgi_application()
# Every page's code, before the server's processes are forked: they share it, and no request waits for it.
import_module(settings.ROOT_URLCONF)
