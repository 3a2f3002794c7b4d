"""A connection to Spark that shows nothing: encrypted on disk and between machines, and silent."""

import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from throughway.core.refusals import Refused

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# What an engine says in an error may hold a name or a birth date. Without an appender Spark would take its own settings.
SILENT = """rootLogger.level = off
rootLogger.appenderRef.none.ref = none
appender.none.type = Null
appender.none.name = none
"""


def check_installed() -> None:
    """Refused where pyspark, Splink or Java is not on this machine."""
    if find_spec("pyspark") is None or find_spec("splink") is None:
        raise Refused(
            "Spark is not installed beside the platform; install its extra, `spark`, as the manual says of `link --spark`.",
            code="no_spark",
        )
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise Refused(
            "Spark needs Java 17 or newer; install it, or set JAVA_HOME to where it is.", code="no_java"
        )


@contextmanager
def connected(master: str, folder: Path) -> Iterator["SparkSession"]:
    """A session of the Spark at `master` (`local[4]`, `spark://host:7077`, `yarn`). What it needs on this machine's disk lies in
    `folder`. Memory, a cluster's secret and all else are as Spark's own configuration says.

    Refused where Spark does not start."""
    check_installed()
    from pyspark.sql import SparkSession

    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    (folder / "log4j2.properties").write_text(SILENT)
    building = SparkSession.builder.master(master).appName("throughway link")
    for name, value in _settings(master, folder).items():
        building = building.config(name, value)
    try:
        session = building.getOrCreate()
    except Exception as error:
        raise Refused(
            f"Spark does not start at {master} ({type(error).__name__}); look whether it runs there, and whether its secret"
            " (spark.authenticate.secret) stands in Spark's configuration here.",
            code="no_spark",
        ) from None
    try:
        yield session
    finally:
        session.stop()


def _settings(master: str, folder: Path) -> dict[str, str]:
    from splink.backends.spark import similarity_jar_location

    settings = {
        "spark.jars": similarity_jar_location(),
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder),
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile=file:{folder}/log4j2.properties",
        "spark.io.encryption.enabled": "true",  # what is shuffled, spilled or kept on disk
        "spark.authenticate": "true",  # what goes from machine to machine
        "spark.network.crypto.enabled": "true",
        "spark.eventLog.enabled": "false",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.maxResultSize": "0",  # all that is asked for is wanted, and narrow
    }
    if master.startswith("local"):
        settings["spark.sql.shuffle.partitions"] = str(4 * (os.cpu_count() or 1))
    return settings
