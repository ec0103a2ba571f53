"""Files that people name by mistake, told by their first bytes: what each is, and what to do. Pure.

A new kind is one row of KINDS.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

HEAD = 65_536
"""How much of a file is looked at."""

OTHER_TOOL = "brownout reads the files of Locust (--csv, --html, --json-file) and its own run folders"


@dataclass(frozen=True)
class Foreign:
    """A kind of file that is none of Locust's."""

    looks: re.Pattern[bytes]
    """What its first bytes match."""

    what: str
    """What it is, with an article."""

    remedy: str
    """What to do, as a sentence without its full stop."""


def _kind(looks: bytes, what: str, remedy: str = OTHER_TOOL) -> Foreign:
    return Foreign(re.compile(looks, re.DOTALL), what, remedy)


KINDS = (
    _kind(
        rb"version https://git-lfs\.github\.com/spec/",
        "a Git LFS pointer, not the file itself",
        "Fetch the file with: git lfs pull",
    ),
    _kind(
        rb"[./]*(?:\.git)?/annex/objects/",
        "a git-annex pointer, not the file itself",
        "Fetch the file with: git annex get",
    ),
    _kind(
        rb"PK\x03\x04.*(?:xl/work|\[Content_Types\]\.xml)",
        "an Excel workbook",
        "Save its sheet as CSV (File, Save As, CSV UTF-8), and name that file",
    ),
    _kind(
        rb"PK\x03\x04.{26}mimetypeapplication/vnd\.oasis\.opendocument",
        "an OpenDocument spreadsheet",
        "Save its sheet as CSV (File, Save As, Text CSV), and name that file",
    ),
    _kind(
        rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "a workbook of an old Excel",
        "Save its sheet as CSV (File, Save As, CSV UTF-8), and name that file",
    ),
    _kind(rb"BZh\d", "a bzip2 archive", "Decompress it with bunzip2, and name what was in it"),
    _kind(rb"\xfd7zXZ\x00", "an xz archive", "Decompress it with unxz, and name what was in it"),
    _kind(rb"\x28\xb5\x2f\xfd", "a Zstandard archive", "Decompress it with unzstd, and name what was in it"),
    _kind(rb"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Extract it, and name the folder that was in it"),
    _kind(rb"Rar!", "a RAR archive", "Extract it, and name the folder that was in it"),
    _kind(rb"PAR1", "a Parquet file", "Save it as CSV, and name that file"),
    _kind(rb"SQLite format 3\x00", "an SQLite database", "Save the tables as CSV, and name those files"),
    _kind(
        rb"%PDF-|\x89PNG|\xff\xd8\xff|GIF8",
        "a picture or a PDF of a report, which has no figures to read",
        "Name the files that it was made from",
    ),
    _kind(rb'"?timeStamp"?[,;\t]"?elapsed"?[,;\t]', "a result of JMeter (.jtl), not of Locust"),
    _kind(
        rb"\d{13}[,;\t]\d+[,;\t][^\r\n]*[,;\t](?:true|false)[,;\t]",
        "a result of JMeter (.jtl without a header), not of Locust",
    ),
    _kind(rb"\s*(?:<\?xml[^>]*>\s*)?<testResults\b", "a result of JMeter (.jtl), not of Locust"),
    _kind(rb"metric_name,timestamp,metric_value", "a result of k6 (--out csv), not of Locust"),
    _kind(
        rb'\s*\{"(?:type|metric|data)":.{0,300}"(?:Metric|Point)"',
        "a result of k6 (--out json), not of Locust",
    ),
    _kind(
        rb'\s*\{(?=.*"metrics"\s*:\s*\{)(?=.*"(?:iterations|iteration_duration|http_reqs|vus|data_sent|checks)")',
        "a summary of k6 (--summary-export), not of Locust",
    ),
    _kind(rb'\s*\{(?=.*"root_group"\s*:)', "a summary of k6, not of Locust"),
    _kind(rb'\s*\{(?=.*"latencies"\s*:)(?=.*"bytes_in"\s*:)', "a report of vegeta, not of Locust"),
    _kind(
        rb'\s*\{(?=.*"aggregate"\s*:)(?=.*"(?:counters|scenariosCreated)"\s*:)',
        "a report of Artillery, not of Locust",
    ),
    _kind(rb"response-time,DNS\+dialup,", "a result of hey, not of Locust"),
    _kind(rb"RUN\t[\w.]+\t|ASSERTION\t", "a log of Gatling (simulation.log), not of Locust"),
    _kind(rb"(?=.*(?:Apache JMeter Dashboard|JMeter))\s*<", "a dashboard of JMeter, not a report of Locust"),
    _kind(rb"(?=.*[Gg]atling)\s*<", "a report of Gatling, not of Locust"),
    _kind(
        rb"(?=.*brownout \xc2\xb7 )\s*<",
        "a report of brownout's own",
        "Name the run folder or the files that it was made from",
    ),
    _kind(
        rb"\[?\d{4}-\d\d-\d\d[ T][\d:,.]+\]? ?\S*/(?:INFO|WARNING|ERROR|DEBUG)/locust",
        "a log of Locust, which has no table of figures",
        "Run Locust with --csv PREFIX, and name the files that it writes",
    ),
    _kind(
        rb"\s*Type\s+Name\s+# reqs\s+# fails",
        "what Locust printed on its terminal, which has too few figures to compare",
        "Run Locust with --csv PREFIX, and name the files that it writes",
    ),
)


def foreign_kind(head: bytes) -> Foreign | None:
    """The kind of file that begins with these bytes; None if it may be one of Locust's."""
    head = head.removeprefix(b"\xef\xbb\xbf")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "replace").encode()
    return next((kind for kind in KINDS if kind.looks.match(head)), None)


def is_binary(head: bytes) -> bool:
    """Whether these bytes are no text at all, so that showing them tells nobody anything."""
    odd = sum(byte < 9 or 13 < byte < 32 for byte in head)
    return odd > max(2, len(head) // 100)
