"""Names of run folders."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from brownout_results.record import RunFolderError, check_out, make_folder, slug
from brownout_results.record.folder_names import LABEL_LENGTH

STARTED = 1_700_000_000.9


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("retry-storm", "retry-storm"),
        ("a/b\\c:d", "a-b-c-d"),
        ("../../etc/passwd", "etc-passwd"),
        ("Über café", "Uber-cafe"),
        ("a日本b", "a-b"),
        ("日本", "run"),
        ("", "run"),
        ("...", "run"),
        ("  two\nlines ", "two-lines"),
        ("v1.2_final", "v1.2_final"),
        ("x" * 300, "x" * LABEL_LENGTH),
        ("x" * 79 + "/y", "x" * 79),
    ],
)
def test_a_label_becomes_a_plain_name(label: str, name: str) -> None:
    assert slug(label) == name


def test_a_folder_is_named_by_its_start_and_label(tmp_path: Path) -> None:
    assert make_folder(tmp_path / "new" / "runs", STARTED, "a/b").name == "20231114T221320Z-a-b"


def test_runs_begun_in_one_second_get_folders_of_their_own(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: make_folder(tmp_path, STARTED, "twin"), range(8)))

    names = {"20231114T221320Z-twin", *(f"20231114T221320Z-twin-{number}" for number in range(2, 9))}
    assert {folder.name for folder in made} == names


@pytest.mark.parametrize("make", [check_out, lambda out: make_folder(out, STARTED, "x")])
def test_a_file_in_the_place_of_the_folder_is_named_and_what_to_type(
    make: Callable[[Path], object], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")

    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(RunFolderError) as error:
            make(out)
        assert f'"{out}"' in str(error.value)
        assert "it is a file" in str(error.value)
        assert "--out DIR" in str(error.value)


def test_looking_whether_a_folder_can_be_made_leaves_nothing(tmp_path: Path) -> None:
    check_out(tmp_path / "runs")

    assert [*(tmp_path / "runs").iterdir()] == []
