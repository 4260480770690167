"""Where walks begin: the root hints of the system."""

import pytest

from test_resolve import ROOT_HOST, World, asked

HINTS = f"""\
; as IANA writes it
.        3600000  NS  A.ROOT.
A.ROOT.  3600000  A   {ROOT_HOST}
"""


@pytest.fixture
def world(onym):
    return World(onym)


def with_hints_file(world, tmp_path, text, more=""):
    path = tmp_path / "root.hints"
    if text is not None:
        path.write_text(text)
    return path, world.onym(
        zones={},
        extra=f"resolve: {{port: {world.port}, hints_file: {path}, never_ask: [], "
              f"budget: {{time: 3s}}{more}}}\nhosts: {{files: []}}\ncache: {{size: 8MiB}}\n")


def test_hints_of_the_system(world, tmp_path):
    path, daemon = with_hints_file(world, tmp_path, HINTS)
    daemon.start()
    assert f"recursive (root hints: {path})" in daemon.log()
    assert daemon.ctl("status")["resolve"]["hints"] == str(path)
    assert asked(daemon, "www.lab") == ("NOERROR", ["192.0.2.1"])


def test_damaged_hints(world, tmp_path):
    path, daemon = with_hints_file(world, tmp_path, HINTS.replace("NS", "XS"))
    daemon.start()
    assert f"{path}:2:19: warning" in daemon.log()
    assert "recursive (root hints: built-in)" in daemon.log()
    assert daemon.ctl("status")["resolve"]["hints"] == "built-in"
    # Repaired, they count from the next reload on.
    path.write_text(HINTS)
    daemon.ctl("reload")
    assert daemon.ctl("status")["resolve"]["hints"] == str(path)
    assert asked(daemon, "www.lab") == ("NOERROR", ["192.0.2.1"])


def test_hints_of_the_configuration_count_more(world, tmp_path):
    more = f", hints: {{a.root: {ROOT_HOST}}}"
    _, daemon = with_hints_file(world, tmp_path, HINTS.replace("NS", "XS"), more)
    daemon.start()
    assert "root hints of this file" not in daemon.log()
    assert daemon.ctl("status")["resolve"]["hints"] == "configuration"
    assert asked(daemon, "www.lab") == ("NOERROR", ["192.0.2.1"])
