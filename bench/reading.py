"""Loading a standard's own files and a workbook, and looking at 1 GB of CSV: seconds of CPU, against a bare reader of the same file.

The peers read and keep nothing: DuckDB's `read_csv` and `read_json` write Parquet, lxml walks the elements, fastexcel makes an Arrow table. All files are
made of repeated records, so their bytes cost both sides the same. Alone it takes about ten minutes; `--set MEGABYTES=20` is a trial.
"""

import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.loading import CROSSWALK, write_csv
from bench.row import Row
from bench.town import town

MEGABYTES = 200  # of each file, unpacked
DAYS = 300  # of the sheet that is looked at: 1.03 GB
STUDENTS = 20_000

# Runs a command and prints its exit, the seconds of CPU and the peak in gigabytes, of that command alone.
RUN = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
spent = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([done.returncode, spent.ru_utime + spent.ru_stime, spent.ru_maxrss / 2**20]))
"""
DUCKDB = "import duckdb, sys; duckdb.sql(f\"COPY (SELECT * FROM {sys.argv[1]}) TO '{sys.argv[2]}' (FORMAT parquet)\")"
LXML = """
import sys
from lxml import etree
for _, element in etree.iterparse(sys.argv[1], events=("end",)):
    if element.tag.endswith("Event"):
        element.clear()
"""
FASTEXCEL = (
    "import fastexcel, sys; fastexcel.read_excel(sys.argv[1]).load_sheet(0, dtypes='string').to_arrow()"
)
EVENT = """<StudentSchoolAttendanceEvent><AttendanceEvent><EventDate>{day}</EventDate>
<AttendanceEventCategory>uri://ed-fi.org/AttendanceEventCategoryDescriptor#Excused Absence</AttendanceEventCategory>
</AttendanceEvent><StudentReference><StudentIdentity><StudentUniqueId>{student}</StudentUniqueId></StudentIdentity></StudentReference>
<SchoolReference><SchoolIdentity><SchoolId>255901001</SchoolId></SchoolIdentity></SchoolReference><SessionReference><SessionIdentity>
<SessionName>2025-2026 Fall</SessionName><SchoolYear>2025-2026</SchoolYear><SchoolReference><SchoolIdentity><SchoolId>255901001</SchoolId>
</SchoolIdentity></SchoolReference></SessionIdentity></SessionReference></StudentSchoolAttendanceEvent>
"""
CELL = '<c t="inlineStr"><is><t>{}</t></is></c>'


def spent(*command: str) -> tuple[float, float]:
    """Seconds of CPU and gigabytes at the peak of a command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *command], check=True, stdout=subprocess.PIPE, text=True
    )
    code, cpu, peak = json.loads(done.stdout)
    assert code == 0, command
    return float(cpu), float(peak)


def _until_full(texts: Iterator[str], write: Callable[[str], object]) -> None:
    """Writes texts until they are as many bytes as a file of the measurement has."""
    left = MEGABYTES * 10**6
    for text in texts:
        write(text)
        left -= len(text)
        if left <= 0:
            return


def _pairs() -> Iterator[tuple[int, str]]:
    """A student and a day of the school year 2025-26, each pair once."""
    for n in range(10**9):
        yield 600_000 + n % STUDENTS, f"2025-{9 + n // STUDENTS // 28 % 3:02}-{n // STUDENTS % 28 + 1:02}"


def roster(path: Path) -> str:
    """A bundle of students with their roles; most of it is their enrollments in classes, as in a real one. Its largest file, for the peer."""
    head = {
        "academicSessions": "title,type,startDate,endDate,parentSourcedId,schoolYear",
        "orgs": "name,type,identifier,parentSourcedId",
        "courses": "schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes",
        "classes": "title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods",
        "users": "enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,"
        "agentSourcedIds,grades,password",
        "enrollments": "classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate",
    }
    path.mkdir()
    rows = {
        "academicSessions": ["y,,,Year,schoolYear,2025-08-01,2026-06-30,,2026"],
        "orgs": ["s,,,Oak,school,1,"],
        "courses": ["c,,,,Algebra,A,,s,,"],
        "classes": [f"k{n},,,Algebra {n},,c,,scheduled,,s,y,,," for n in range(1000)],
        "users": [
            f"u{n},,,true,s,student,u{n},,Ana{n},Diaz{n},,{n},u{n}@example.org,,,,07,"
            for n in range(STUDENTS)
        ],
    }
    files = "".join(f"file.{name},bulk\n" for name in head)
    (path / "manifest.csv").write_text(
        f"propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\n{files}"
    )
    for name, columns in head.items():
        with (path / f"{name}.csv").open("w") as file:
            file.write(f"sourcedId,status,dateLastModified,{columns}\n")
            file.writelines(f"{row}\n" for row in rows.get(name, ()))
            if name == "enrollments":
                each = (
                    f"e{n},,,k{n // STUDENTS % 1000},s,u{n % STUDENTS},student,true,2025-08-20,2026-06-10\n"
                    for n in range(10**9)
                )
                _until_full(each, file.write)
    return str(path / "enrollments.csv")


def interchange(path: Path) -> str:
    with path.open("w") as file:
        file.write('<InterchangeStudentAttendance xmlns="http://ed-fi.org/5.2.0">\n')
        _until_full((EVENT.format(student=student, day=day) for student, day in _pairs()), file.write)
        file.write("</InterchangeStudentAttendance>\n")
    return str(path)


def resources(path: Path) -> str:
    def line(student: int, day: str) -> str:
        school = {"schoolId": 255901001}
        event = {
            "attendanceEventCategoryDescriptor": "uri://ed-fi.org/AttendanceEventCategoryDescriptor#Excused Absence", "eventDate": day,
            "schoolReference": school, "studentReference": {"studentUniqueId": str(student)},
            "sessionReference": {**school, "schoolYear": 2026, "sessionName": "2025-2026 Fall"},
        }  # fmt: skip
        return json.dumps(event) + "\n"

    path.mkdir()
    with (path / "studentSchoolAttendanceEvents.jsonl").open("w") as file:
        _until_full((line(*pair) for pair in _pairs()), file.write)
    return str(path / "studentSchoolAttendanceEvents.jsonl")


def workbook(path: Path) -> str:
    """One sheet, as large when unpacked; written as text, since a library would take longer than all else here."""
    cells = "".join
    around = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Days" sheetId="1" r:id="r1"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
        'Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in around.items():
            archive.writestr(name, text)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            head = cells(CELL.format(name) for name in ("student", "school", "day", "status"))
            sheet.write(
                f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1"/><sheetData><row>{head}</row>'.encode()
            )
            rows = (
                f"<row>{cells(map(CELL.format, (student, 'oak', f'{day[5:7]}/{day[8:]}/{day[:4]}', 'P')))}</row>"
                for student, day in _pairs()
            )
            _until_full(rows, lambda text: sheet.write(text.encode()))
            sheet.write(b"</sheetData></worksheet>")
    return str(path)


def measure() -> list[Row]:
    began, rows = time.monotonic(), []
    with town(1) as (community, (district,), _):
        crosswalk = community.crosswalks / "attendance.yaml"
        crosswalk.write_text(CROSSWALK.replace("format: csv", "format: xlsx"), encoding="utf-8")
        throughway = [sys.executable, "-m", "throughway", "--community", str(community.root)]
        parquet = str(community.root / "peer.parquet")
        kinds = {
            "oneroster": ("OneRoster", "roster", roster, "DuckDB read_csv", lambda p: ("-c", DUCKDB, f"'{p}'", parquet)),
            "edfi-xml": ("Ed-Fi XML", "days.xml", interchange, "lxml iterparse", lambda p: ("-c", LXML, p)),
            "edfi-jsonl": ("Ed-Fi JSON lines", "lines", resources, "DuckDB read_json", lambda p: ("-c", DUCKDB, f"'{p}'", parquet)),
            "xlsx": ("a workbook (unpacked)", "days.xlsx", workbook, "fastexcel to Arrow", lambda p: ("-c", FASTEXCEL, p)),
        }  # fmt: skip
        for format, (called, name, write, who, reads) in kinds.items():
            path = community.root / name
            bare, _ = spent(sys.executable, *reads(write(path)))
            mapped = ["--crosswalk", str(crosswalk)] if format == "xlsx" else []
            cpu, peak = spent(
                *throughway, "load", str(path), "--partner", district, "--format", format, *mapped
            )
            rows.append(
                Row(f"load {MEGABYTES} MB of {called}, mapped and checked; {peak:.2f} GB at the peak", _rate(cpu), f"{who}: {_rate(bare)}",
                    f"{bare / cpu:.2f} of its rate", "≤ 1 GB", peak <= 1)
            )  # fmt: skip
        sheet = community.root / "attendance.csv"
        write_csv(sheet, students=115_000, days=DAYS)
        seconds = time.monotonic()
        cpu, peak = spent(*throughway, "inspect", str(sheet))
        seconds = time.monotonic() - seconds
        rows.append(
            Row(f"inspect {sheet.stat().st_size / 10**9:.2f} GB of CSV; {peak:.2f} GB at the peak", f"{seconds:.0f} s ({cpu:.0f} of CPU)", "",
                "", "≤ 60 s", seconds <= 60)
        )  # fmt: skip
    print(f"{(time.monotonic() - began) / 60:.0f} minutes", file=sys.stderr)
    return rows


def _rate(seconds: float) -> str:
    return f"{MEGABYTES / seconds:.1f} MB for each second of CPU"
