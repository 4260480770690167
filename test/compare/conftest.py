"""What the comparisons share: outside data, zones, and servers that run for a whole file."""

import os
import pathlib

import pytest

import peers
import world

TOP = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def data() -> pathlib.Path:
    """The outside data; tests of it are skipped where there is none."""
    path = (TOP / os.environ.get("ONYM_DATA", "../shared/data")).resolve()
    if not (path / "ferret").is_dir():
        pytest.skip(f"no outside data at {path} (ONYM_DATA)")
    return path


@pytest.fixture(scope="session")
def full() -> bool:
    return os.environ.get("ONYM_TEST_FULL") == "1"


@pytest.fixture(scope="session")
def ours(tmp_path_factory):
    """(zones, contents) of test/compare/zones."""
    return world.ours(tmp_path_factory.mktemp("zones"))


@pytest.fixture(scope="module")
def onym(ours):
    """onym with our zones and full answers."""
    with peers.running("onym", ours[0]) as peer:
        yield peer
