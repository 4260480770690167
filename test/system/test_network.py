"""The machine's network changes under the daemon, in a network namespace of its own."""

import subprocess

import pytest

from conftest import wait_for

IN_NAMESPACE = ("unshare", "-n", "sh", "-c", 'ip link set lo up; exec "$@"', "sh")
CHANGED = "the network has changed"


def change(daemon, *words):
    subprocess.run(["nsenter", "-t", str(daemon.process.pid), "-n", "ip", *words], check=True)


def test_network_change_is_followed(onym, root):
    if subprocess.run(["unshare", "-n", "true"], check=False, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("no network namespaces here")
    daemon = onym(extra="resolve: {quiet: true}\n").start(wrap=IN_NAMESPACE)
    assert CHANGED not in daemon.log()
    change(daemon, "link", "add", "left", "type", "veth", "peer", "name", "right")
    change(daemon, "addr", "add", "192.0.2.1/24", "dev", "left")
    change(daemon, "link", "set", "left", "up")
    wait_for(lambda: CHANGED in daemon.log(), what="the first change")
    for metric in range(50):
        change(daemon, "route", "add", "198.51.100.0/24", "dev", "left", "metric", str(metric + 1))
    wait_for(lambda: daemon.log().count(CHANGED) >= 2, what="the second change")
    assert daemon.log().count(CHANGED) < 20  # not once for each
    assert daemon.ctl("status")["state"] == "serving"
    assert daemon.stop() == 0
