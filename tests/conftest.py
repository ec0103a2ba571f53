"""Every test leaves the machine as it found it."""

import gc
import os
import signal
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import hypothesis
import psutil
import pytest

from tests.reaper import reaper
from tests.servers import until

# No test asserts an absolute time, properties neither: the machines are shared.
hypothesis.settings.register_profile("brownout", deadline=None)
hypothesis.settings.load_profile("brownout")


def pytest_configure() -> None:
    """Let processes of tests have Ctrl-C as a terminal's have it.

    A shell that starts pytest in the background (`pytest &` in a script) has it ignored; children inherit it.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fail tests that share an id: xdist would run one of them, and call that all."""
    counts = Counter(item.nodeid for item in items)
    for item in items:
        if counts[item.nodeid] > 1:
            fail = partial(pytest.fail, f"{counts[item.nodeid]} tests have this id")
            item.runtest = fail  # type: ignore[method-assign]  # so that it fails where it would have run


@pytest.fixture(autouse=True, scope="session")
def nothing_outlives_pytest() -> Iterator[None]:
    """Processes of tests end with pytest, however it ends."""
    with reaper():
        yield


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail a test that leaves a process or a file descriptor behind; fixtures of a module may hold theirs."""
    me = psutil.Process()
    before = set(me.children())
    descriptors = _descriptors()
    yield
    if not _descriptors() <= descriptors:
        # It may close what nobody refers to. After every test it would take half of the time of them all.
        gc.collect()
    children = set(me.children()) - before
    assert not children, f"left behind: {[child.cmdline() for child in children]}"
    try:
        until(lambda: _descriptors() <= descriptors, "file descriptors to be closed", 2.0)
    except TimeoutError:
        pytest.fail(f"left open: {sorted(_descriptors() - descriptors)}")


def _descriptors() -> set[str]:
    """The open sockets and pipes of this process, where the system can name them."""
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        return set()
    links = (os.readlink(path) for path in folder.iterdir() if path.is_symlink())
    return {link for link in links if link.startswith(("socket:", "pipe:"))}
