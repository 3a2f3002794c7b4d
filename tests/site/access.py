"""Prints who may open which address: `python -m tests.site.access > tests/site/access.csv`."""

import os

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from tests.site.matrix import print_anew

    print_anew()
