"""Nothing that is named makes a traceback: a report, or a sentence with the file."""

import gzip
import io
import json
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brownout_results.report.html_page import page
from brownout_results.report.runs import LocustFilesRun
from brownout_results.report.runs.any_run import NotThisSourceError

REAL = Path(__file__).with_name("real")
NASTY = (
    *(
        "",
        "N/A",
        "nan",
        "inf",
        "-inf",
        "-1",
        "1e400",
        "1e308",
        "-0",
        "0x10",
        "9" * 400,
        "1_000",
        "１２",
        "\x00",
        '"',
        '""',
    ),
    *(
        ",",
        ";",
        "\t",
        "\r",
        "\n",
        "a\nb",
        "é\udce9",
        "\udcff\udcfe",
        "=1+1",
        "2024-01-01T00:00:00Z",
        "9999-12-31",
    ),
    *(
        "0001-01-01",
        "1700000000000",
        "99999999999999999999",
        "Aggregated",
        "Total",
        "None",
        "null",
        "[]",
        "{}",
    ),
)
TABLES = sorted(
    (path.parent.name, path.name)
    for path in REAL.glob("*/*.csv")
    if path.parent.name in ("2.47.0-full", "1.1", "0.9.0", "0.14.6-full")
)
PAGES = ["1.2.3", "2.15.1", "2.22.0", "2.47.0"]
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def is_answered(path: Path) -> None:
    """A report is made of the file, or a sentence names it."""
    try:
        run = LocustFilesRun.read(path)
    except NotThisSourceError as error:
        told = str(error)
        assert path.name.split(".")[0].split("_")[0] in told
        assert told.strip().endswith((".", "?"))
        return
    for name in run.phases:
        run.phase_facts(name)
    document = run.report("now")
    assert len(document.sentences) >= 1
    assert page(document)
    json.dumps(run.summary(), allow_nan=False)


def answered(files: dict[str, bytes], named: str) -> None:
    with TemporaryDirectory() as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        is_answered(Path(folder) / named)


@st.composite
def changed_tables(draw: st.DrawFn) -> tuple[str, bytes]:
    """A real table with some cells, rows and bytes of it changed."""
    folder, name = draw(st.sampled_from(TABLES))
    lines = (REAL / folder / name).read_text().splitlines()
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(lines) - 1))
        what = draw(st.sampled_from(["cell", "cell", "cell", "drop", "double", "swap", "cut", "header"]))
        if what == "cell":
            cells = lines[place].split(",")
            cells[draw(st.integers(0, len(cells) - 1))] = draw(st.sampled_from(NASTY))
            lines[place] = ",".join(cells)
        elif what == "drop" and len(lines) > 1:
            del lines[place]
        elif what == "double":
            lines.insert(place, lines[place])
        elif what == "swap":
            other = draw(st.integers(0, len(lines) - 1))
            lines[place], lines[other] = lines[other], lines[place]
        elif what == "cut":
            lines[place] = lines[place][: draw(st.integers(0, max(len(lines[place]) - 1, 0)))]
        else:
            lines.insert(place, lines[0])
    return name, "\n".join(lines).encode("utf-8", "surrogateescape")


@FEW
@given(changed_tables(), st.sampled_from(["", ".gz"]))
def test_a_table_with_changes_is_read_or_refused_in_a_sentence(table: tuple[str, bytes], end: str) -> None:
    name, data = table
    answered({f"{name}{end}": gzip.compress(data) if end else data}, f"{name}{end}")


@FEW
@given(changed_tables(), changed_tables(), st.booleans())
def test_tables_beside_each_other_are_read_or_refused_in_a_sentence(
    one: tuple[str, bytes], other: tuple[str, bytes], by_prefix: bool
) -> None:
    answered(
        {one[0]: one[1], other[0]: other[1]},
        one[0].split("_", maxsplit=1)[0] + "_stats.csv" * (not by_prefix),
    )


@FEW
@given(st.sampled_from(PAGES), st.data())
def test_a_page_with_changes_is_read_or_refused_in_a_sentence(version: str, data: st.DataObject) -> None:
    text = (REAL / f"html-{version}" / "locust.html").read_text()
    for _ in range(data.draw(st.integers(1, 4))):
        begin = data.draw(st.integers(0, len(text)))
        length = data.draw(st.sampled_from([0, 1, 5, 40, 4000]))
        text = text[:begin] + data.draw(st.sampled_from(NASTY)) + text[begin + length :]

    answered({"x.html": text.encode("utf-8", "surrogateescape")}, "x.html")


@FEW
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=6,
    ),
    st.sampled_from(
        ["num_requests", "num_reqs_per_sec", "response_times", "name", "history", "start_time", "total_rps"]
    ),
    st.sampled_from(["x.json", "x.html"]),
)
def test_an_export_with_any_value_in_it_is_read_or_refused_in_a_sentence(
    value: object, key: str, name: str
) -> None:
    if name == "x.json":
        document = json.loads((REAL / "2.47.0" / "locust.json").read_text())
        document[0] |= {key: value}
        text = json.dumps(document)
    else:
        text = (REAL / "html-2.47.0" / "locust.html").read_text()
        begin = text.index("{", text.index("templateArgs"))
        told, end = json.JSONDecoder().raw_decode(text, begin)
        told["requests_statistics"][0] |= {key: value}
        told["history"][0] |= {"time": value, "user_count": value}
        text = text[:begin] + json.dumps(told | {key: value}) + text[end:]

    answered({name: text.encode()}, name)


@FEW
@given(
    st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from(
        [
            b"",
            b"\xff\xfe",
            b"\x1f\x8b\x08",
            b"PK\x03\x04",
            b"sep=;\n",
            b"Type;Name;Request Count;Failure Count;50%\n",
        ]
    ),
    st.sampled_from(["x_stats.csv", "x_stats_history.csv", "x.html", "x.json", "x.csv.gz", "x.zip", "x"]),
)
def test_any_bytes_are_read_or_refused_in_a_sentence(data: bytes, start: bytes, name: str) -> None:
    answered({name: start + data}, name)


@pytest.mark.parametrize("name", ["x_stats.csv", "x.html", "x.json"])
def test_an_archive_with_anything_in_it_is_refused_in_a_sentence(name: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, b"\xff\x00\x01")
    whole = out.getvalue()

    for length in range(0, len(whole), 7):
        answered({"x.zip": whole[: length or None]}, "x.zip")
