"""`make demo`: the whole tour runs without a network, shows what it says, and leaves nothing."""

import os
import re
import subprocess

import pytest

from conftest import ONYM, TOP


def run_demo(program):
    return subprocess.run([TOP / "tools" / "leash", TOP / "tools" / "demo"], text=True,
                          env=dict(os.environ, ONYM=str(program)), capture_output=True,
                          timeout=120, check=False)


@pytest.fixture(scope="module")
def tour():
    """[what is said, what is shown]: the parts of the output."""
    if not os.access(ONYM, os.X_OK):
        pytest.skip(f"no {ONYM}: build it, or set ONYM")
    done = run_demo(os.path.abspath(ONYM))
    assert done.returncode == 0, done
    assert done.stderr == "" and "(exit " not in done.stdout.replace("(exit 10)", ""), done.stdout
    parts = re.split(r"^# (?=[A-Z.])", done.stdout, flags=re.M)
    folder = re.search(r"serve -c (\S+)/onym\.yaml", done.stdout).group(1)
    assert not os.path.exists(folder)
    return parts


def part(tour, beginning):
    found, = [text for text in tour if text.startswith(beginning)]
    return found


def test_own_zones(tour):
    text = part(tour, "A server for zones of its own")
    assert re.search(r"flags: qr aa rd", text) and "192.0.2." in text
    assert "NXDOMAIN" in text and "the server has stopped" in text


def test_recursive(tour):
    text = part(tour, "Recursive (RD=1)")
    assert "flags: qr rd ra," in text
    assert re.search(r"^www\.shop\.example\. +\d+ IN A +192\.0\.2\.2$", text, re.M)


def test_iterative(tour):
    text = part(tour, "Iterative (RD=0)")
    assert "(a referral), flags: qr ra," in text and "ANSWER" not in text.split("$")[1]
    assert re.search(r"^home\.test\. +\d+ IN NS +ns1\.home\.test\.$", text, re.M | re.I)
    assert re.search(r"^ns1\.home\.test\. +\d+ IN A +127\.53\.2\.1$", text, re.M | re.I)


def test_non_recursive(tour):
    text = part(tour, "Non-recursive (RD=0)")
    assert "flags: qr aa ra," in text and "192.0.2." in text
    text = part(tour, "... and at the time")
    assert "flags: qr ra," in text and "192.0.2.2" in text


def test_traces(tour):
    alone, running = part(tour, "A trace"), part(tour, "The same in the running server")
    for text in (alone, running):
        assert "needs ns2.shop.example. A" in text
        assert re.search(r"^  www\.glueless\.test\. \d+ A 192\.0\.2\.3$", text, re.M)
    counts = [int(re.search(r"^NOERROR  (\d+) packets", text, re.M).group(1))
              for text in (alone, running)]
    assert counts[0] > counts[1] > 0
    assert "the server has stopped" in running


def test_server_that_does_not_start():
    done = run_demo("/bin/false")
    assert done.returncode == 1 and "the server did not start" in done.stderr
