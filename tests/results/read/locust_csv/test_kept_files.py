"""Locust's files as people kept them: in other encodings, with other separators, compressed, in archives."""

import gzip
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from brownout_results.read.locust_csv import LocustCsvError, LocustRun, read
from brownout_results.read.locust_csv.foreign import KINDS, foreign_kind
from brownout_results.read.locust_csv.spelling import encoding_of, spelling_of
from tests.results.read.locust_csv.files import history, stats

STEADY = history([(second, name, 10 * second, second) for second in range(6) for name in ("/a;b,c", "")])
TABLE = stats([("/a;b,c", 50, 5), ("", 50, 5)])
FAILURES = 'Method,Name,Error,Occurrences\r\nGET,"/a;b,c","boom, 1,5 times",5\r\n'
FILES = {"stats": TABLE, "stats_history": STEADY, "failures": FAILURES}


def with_cells(change: Callable[[str], str], between: str) -> Callable[[str], bytes]:
    """A table whose numbers are changed and whose cells stand between something else, as Excel writes it."""
    import csv

    def made(text: str) -> bytes:
        out = io.StringIO(newline="")
        writer = csv.writer(out, delimiter=between)
        for row in csv.reader(io.StringIO(text, newline="")):
            writer.writerow([change(cell) if re.fullmatch(r"[\d.]+", cell) else cell for cell in row])
        return out.getvalue().encode()

    return made


def german(number: str) -> str:
    return number.replace(".", ",")


KEPT: dict[str, Callable[[str], bytes]] = {
    "UTF-16 of Excel and PowerShell": lambda text: text.encode("utf-16"),
    "UTF-16 the other way": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "UTF-32": lambda text: text.encode("utf-32"),
    "semicolons": with_cells(str, ";"),
    "semicolons and decimal commas": with_cells(german, ";"),
    "semicolons and decimal commas in UTF-16": lambda text: (
        with_cells(german, ";")(text).decode().encode("utf-16")
    ),
    "tabs": with_cells(str, "\t"),
    "tabs and decimal commas": with_cells(german, "\t"),
    "a first line for Excel": lambda text: b"sep=,\r\n" + text.encode(),
    "a first line for a German Excel": lambda text: b"\xef\xbb\xbfsep=;\r\n" + with_cells(german, ";")(text),
    "gzip": lambda text: gzip.compress(text.encode()),
    "gzip in two members": lambda text: gzip.compress(text[:90].encode()) + gzip.compress(text[90:].encode()),
    "gzip of UTF-16 with semicolons": lambda text: gzip.compress(
        with_cells(german, ";")(text).decode().encode("utf-16")
    ),
}


def is_whole(found: LocustRun) -> None:
    (part,) = found.endpoints
    assert (part.name, found.total.requests, found.total.failed) == ("/a;b,c", 50, 5)
    assert part.ok_in.tolist() == [9] * 5
    assert found.total.mean_ms == 11.5
    assert found.total.percentiles_ms == {50: 10, 95: 20, 100: 30}
    assert [(one.error, one.occurrences) for one in found.failures] == [("boom, 1,5 times", 5)]
    assert found.problems == []


@pytest.mark.parametrize("end", ["", ".gz"])
@pytest.mark.parametrize("how", KEPT)
def test_files_are_read_however_they_were_kept(how: str, end: str, tmp_path: Path) -> None:
    for kind, text in FILES.items():
        (tmp_path / f"x_{kind}.csv{end}").write_bytes(KEPT[how](text))

    for path in (
        tmp_path,
        tmp_path / "x",
        tmp_path / f"x_stats.csv{end}",
        tmp_path / f"x_stats_history.csv{end}",
    ):
        found = read(path)
        is_whole(found)
        assert found.name == "x"


@pytest.mark.parametrize("how", ["semicolons and decimal commas", "a first line for Excel"])
def test_lines_keep_their_numbers(how: str, tmp_path: Path) -> None:
    broken = STEADY.replace("\r\n", "\r\n\r\n", 1).replace("1700000003,", "1700000003,oops,extra,", 1)
    (tmp_path / "x_stats_history.csv").write_bytes(KEPT[how](broken))
    line = 1 + KEPT[how](broken).splitlines().index(
        next(one for one in KEPT[how](broken).splitlines() if b"oops" in one)
    )

    assert read(tmp_path / "x").problems == [
        f"x_stats_history.csv: a line can't be read: line {line}; it is left out"
    ]


def test_a_thousand_with_a_point_and_a_decimal_comma_is_a_thousand(tmp_path: Path) -> None:
    table = stats([("/a", 1500, 5), ("", 1500, 5)]).replace("1500", "1.500").replace("11.5", "1.011,5")
    (tmp_path / "x_stats.csv").write_text("\n".join(";".join(_row(line)) for line in table.splitlines()))

    found = read(tmp_path / "x")

    assert (found.total.requests, found.total.mean_ms) == (1500, 1011.5)


def _row(line: str) -> list[str]:
    cells = line.replace("1.011,5", "1.011#5").split(",")
    return [cell.replace("#", ",") for cell in cells]


def test_a_gzip_file_that_was_cut_off_gives_the_rows_before(tmp_path: Path) -> None:
    whole = gzip.compress(STEADY.encode(), 0)
    (tmp_path / "x_stats_history.csv.gz").write_bytes(whole[: len(whole) * 2 // 3])

    assert 0 < read(tmp_path / "x").total.requests < 50


def zipped(path: Path, names: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in names.items():
            archive.writestr(name, text)
    return path


def tarred(path: Path, names: dict[str, str]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, text in names.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return path


@pytest.mark.parametrize("below", ["", "artifact/results/", "../../", "C:\\runs\\"])
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_an_archive_of_one_run_is_that_run(
    pack: Callable[[Path, dict[str, str]], Path], below: str, tmp_path: Path
) -> None:
    junk = {"__MACOSX/._x_stats.csv": "junk", "readme.md": "not read"}
    archive = pack(
        tmp_path / "run.zip", {f"{below}x_{kind}.csv": text for kind, text in FILES.items()} | junk
    )

    found = read(archive)

    is_whole(found)
    assert (found.path, found.name) == (archive, "x")
    assert {file.parent for file in found.files} == {tmp_path}


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ({"a/x_stats.csv": TABLE, "b/x_stats.csv": TABLE}, r'run\.zip" has files in 2 folders \("a", "b"\)'),
        ({"a_stats.csv": TABLE, "b_stats.csv": TABLE}, r'run\.zip" has the files of 2 runs'),
        ({"readme.md": "nothing"}, r'run\.zip" contains no CSV, JSON or HTML'),
        ({"x_stats.csv": "a,b\r\n"}, r"run\.zip/x_stats\.csv\" is not a CSV file of Locust's"),
    ],
)
def test_an_archive_of_anything_else_says_what_to_do(
    names: dict[str, str], told: str, tmp_path: Path
) -> None:
    with pytest.raises(LocustCsvError, match=told):
        read(zipped(tmp_path / "run.zip", names))


WORKBOOK = {"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"}
LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab\nsize 12345\n"
FOREIGN: dict[str, str | bytes | dict[str, str]] = {
    "an Excel workbook. Save its sheet as CSV": WORKBOOK,
    "a Git LFS pointer, not the file itself. Fetch the file with: git lfs pull": LFS,
    "a git-annex pointer": "/annex/objects/MD5E-s1--abc.csv\n",
    "a result of JMeter (.jtl)": "timeStamp,elapsed,label,responseCode,success\n1,2,a,200,true\n",
    "a result of JMeter (.jtl without": "1700000000000,12,GET /,200,OK,Thread 1-1,text,true,,5\n",
    "a result of JMeter": '<?xml version="1.0" encoding="UTF-8"?>\n<testResults version="1.2">\n',
    "a summary of k6 (--summary-export)": json.dumps(
        {"metrics": {"http_reqs": {"count": 5, "rate": 1.0}, "vus": {"value": 1}}, "root_group": {}}, indent=4
    ),
    "a summary of k6": json.dumps({"root_group": {"name": ""}, "metrics": {"my_trend": {}}}),
    "a result of k6 (--out csv)": "metric_name,timestamp,metric_value,check\nhttp_reqs,1700000000,1,\n",
    "a result of k6 (--out json)": '{"type":"Metric","data":{"name":"http_reqs"},"metric":"http_reqs"}\n',
    "a report of vegeta": '{"latencies":{"total":1,"mean":2},"bytes_in":{"total":5},"requests":5}',
    "a report of Artillery": '{"aggregate":{"counters":{"http.requests":5}}}',
    "a log of Gatling": "RUN\tSimulation\tsim\t1700000000000\t \t3.9\n",
    "a log of Locust": "[2024-01-02 03:04:05,678] host/INFO/locust.main: Starting Locust 2.20\n",
    "what Locust printed": " Type     Name      # reqs      # fails |  Avg\n--------|\n",
    "an xz archive": b"\xfd7zXZ\x00\x00",
    "an SQLite database": b"SQLite format 3\x00\x10\x00",
    "a picture or a PDF": b"%PDF-1.7\n%\xe2\xe3",
}


@pytest.mark.parametrize("name", ["x_stats.csv", "results.jtl", "summary.json", "run.xlsx", "run.html"])
@pytest.mark.parametrize("told", FOREIGN)
def test_what_is_no_file_of_locust_s_is_named_for_what_it_is(told: str, name: str, tmp_path: Path) -> None:
    content = FOREIGN[told]
    path = tmp_path / name
    if isinstance(content, dict):
        zipped(path, content)
    else:
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    with pytest.raises(LocustCsvError, match=re.escape(f'"{path}" is {told}')) as error:
        read(path)

    assert str(error.value).isprintable() or "\n" in str(error.value)
    assert "\ufffd" not in str(error.value)


def test_every_kind_says_what_to_do_and_none_takes_locust_s_own_files() -> None:
    assert all(kind.remedy and not kind.remedy.endswith(".") for kind in KINDS)
    assert [foreign_kind(text.encode()) for text in FILES.values()] == [None] * 3
    assert foreign_kind((Path(__file__).parent / "real/2.47.0/locust.json").read_bytes()) is None
    assert foreign_kind((Path(__file__).parent / "real/html-2.47.0/locust.html").read_bytes()) is None


def test_no_binary_junk_is_in_a_message(tmp_path: Path) -> None:
    (tmp_path / "x_stats.csv").write_bytes(bytes(range(256)) * 9)

    with pytest.raises(LocustCsvError, match="it is no text") as error:
        read(tmp_path / "x")

    assert "\\x" not in str(error.value)


WORDS = {
    "cp1252": [
        "connexion refusée par l’ordinateur hôte",
        "Verbindung verweigert für Größe",
        "Größe",
        "é",
        "/produit/été",
        "conexión rechazada por el servidor",
        "Não foi possível fazer conexão",
        "naïve café — déjà vu 5 €",
        "kunne ikke åbne, økonomi",
        "25 °C, 100 µs",
    ],
    "gb18030": ["/登录,首页", "登录", "由于目标计算机积极拒绝，无法连接。", "订单", "查询用户信息接口"],
    "cp932": ["接続が拒否されました", "ログイン失敗", "対象"],
    "cp949": ["연결이 거부되었습니다", "대상 컴퓨터에서 연결을 거부했으므로 연결하지 못했습니다"],
    "big5": ["連線被拒絕，因為目標電腦", "查詢使用者資料"],
    "cp1251": ["соединение отклонено", "Подключение не установлено, т.к. компьютер отверг запрос"],
    "cp1250": ["połączenie odrzucone: żądanie"],
    "cp1254": ["Bağlantı kurulamadı", "İstek başarısız"],
    "cp1253": ["Δεν ήταν δυνατή η σύνδεση"],
}


@pytest.mark.parametrize(
    ("encoding", "text"), [(one, text) for one, texts in WORDS.items() for text in texts]
)
def test_words_of_other_systems_are_read_as_they_were_meant(encoding: str, text: str) -> None:
    data = text.encode(encoding)
    strange = data.decode("utf-8", "surrogateescape")

    assert data.decode(encoding_of(data)) == text
    assert [spelling_of([strange, "/a"])(one) for one in (strange, "/a", "/登录")] == [text, "/a", "/登录"]


def test_failures_of_a_french_windows_are_read_as_they_were_meant(tmp_path: Path) -> None:
    refused = "[WinError 10061] connexion refusée par l’ordinateur hôte"
    failures = f'Method,Name,Error,Occurrences\r\nGET,/été,"{refused}",5\r\n'
    for kind, text in {"stats": stats([("/été", 50, 5), ("", 50, 5)]), "failures": failures}.items():
        (tmp_path / f"x_{kind}.csv").write_bytes(text.encode("cp1252"))

    found = read(tmp_path / "x")

    assert [part.name for part in found.endpoints] == ["/été"]
    assert [(one.name, one.error) for one in found.failures] == [("/été", refused)]


def test_an_old_report_of_a_french_windows_is_read_as_it_was_meant(tmp_path: Path) -> None:
    page = (Path(__file__).parent / "real/html-2.8.6/locust.html").read_text("utf-8")
    refused = "connexion refusée par l’ordinateur hôte"
    (tmp_path / "x.html").write_bytes(page.replace("503 Server Error", refused).encode("cp1252"))

    found = read(tmp_path / "x.html")

    assert all(failure.error.startswith(refused) for failure in found.failures)


def test_halves_of_letters_in_json_are_question_marks(tmp_path: Path) -> None:
    document = json.loads((Path(__file__).parent / "real/2.47.0/locust.json").read_text("utf-8"))
    document[0]["name"] = "/\ud83d/\udce9"
    (tmp_path / "x.json").write_text(json.dumps(document))

    names = [part.name for part in read(tmp_path / "x.json").endpoints]

    assert any(name.startswith("/?/") for name in names)
    assert "".join(names).encode()


def test_a_folder_with_something_else_in_it_says_what_that_is(tmp_path: Path) -> None:
    (tmp_path / "results.jtl").write_text("timeStamp,elapsed,label\n1,2,a\n")

    with pytest.raises(LocustCsvError, match=r'no file of a run; "results.jtl" in it is a result of JMeter'):
        read(tmp_path)


def test_a_pointer_beside_a_table_is_left_out_and_named(tmp_path: Path) -> None:
    (tmp_path / "x_stats.csv").write_text(TABLE)
    (tmp_path / "x_stats_history.csv").write_text(LFS)

    found = read(tmp_path / "x")

    assert found.total.requests == 50
    assert found.problems[0].startswith("x_stats_history.csv is a Git LFS pointer, not the file itself")
