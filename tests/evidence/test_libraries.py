"""The estimator's libraries stay out of every process that does not estimate; which lock holds them: `tests/packaging`."""

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
ESTIMATORS = {"sklearn", "rdrobust", "diff_diff", "statsmodels", "plotnine", "matplotlib"}
SITE = """
import sys, django
django.setup()
import throughway.site.urls, throughway.evidence.tasks, throughway.cli
# What previews a study, and what publishes its finding; the estimate between them is in a process of its own.
import throughway.evidence.study_plan, throughway.evidence.student_rows, throughway.evidence.study_tables
import throughway.evidence.published_finding, throughway.evidence.estimator_process
print(*{name.partition(".")[0] for name in sys.modules})
"""


def test_the_site_and_the_command_line_import_no_estimator() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SITE], capture_output=True, text=True, cwd=PROJECT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "throughway.site.settings", "PYTHONPATH": str(PROJECT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not ESTIMATORS & set(done.stdout.split())
