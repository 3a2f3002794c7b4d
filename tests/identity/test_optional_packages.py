"""Linkage without names and linkage on Spark can be deleted: the rest imports, links and lists its commands without them.

That no other module imports them is a contract of import-linter (`.importlinter`, "optional").
"""

import json
import os
import subprocess
import sys

WITHOUT = """
import json, sys

gone = ("throughway.identity.pprl", "throughway.identity.spark", "throughway.cli.pprl")
sys.modules.update(dict.fromkeys(gone))  # importing them now fails as if they were not there

import django

django.setup()
import throughway.identity.urls
from throughway.cli.link import link
from throughway.core.refusals import Refused
from throughway.identity.actions import linking

try:
    linking._pair_finder("local")
except Refused as refused:
    code = refused.code
with linking._pair_finder(None) as find:
    print(json.dumps({"commands": sorted(link.commands), "spark": code, "here": find.__name__}))
"""


def test_the_rest_works_without_the_optional_packages() -> None:
    settings = {**os.environ, "DJANGO_SETTINGS_MODULE": "throughway.site.settings"}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=False, env=settings
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert "review" in found["commands"]
    assert not {"encode", "keys", "secret"} & set(found["commands"])
    assert (found["spark"], found["here"]) == ("no_spark", "compare")
