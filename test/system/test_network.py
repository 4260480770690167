"""The machine's network changes under the daemon, in a network namespace of its own."""

import subprocess

import pytest

from conftest import wait_for, zone

IN_NAMESPACE = ("unshare", "-n", "sh", "-c", 'ip link set lo up; exec "$@"', "sh")
CHANGED = "the network has changed"


def change(daemon, *words):
    subprocess.run(["nsenter", "-t", str(daemon.process.pid), "-n", "ip", *words], check=True)


def skip_without_namespaces():
    if subprocess.run(["unshare", "-n", "true"], check=False, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("no network namespaces here")


def inside(daemon, *words):
    """What a program says that runs where the daemon does."""
    return subprocess.run(["nsenter", "-t", str(daemon.process.pid), "-n", *words], check=True,
                          stdout=subprocess.PIPE, text=True).stdout


def test_interface_that_takes_little(onym):
    """RFC 9715 3.1 R4: what the interface does not take in one piece is had over TCP."""
    skip_without_namespaces()
    wide = zone() + 'wide TXT "' + "y" * 250 + '" "' + "z" * 250 + '"\n'
    daemon = onym(zones={"example.test": wide}).start(wrap=IN_NAMESPACE)
    dig = ("dig", "@127.0.0.1", "-p", str(daemon.port), "+bufsize=1232", "+nocookie", "+timeout=5",
           "wide.example.test", "TXT")
    whole = inside(daemon, *dig, "+ignore")
    assert "flags: qr aa rd;" in whole and "z" * 250 in whole
    change(daemon, "link", "set", "lo", "mtu", "576")
    cut = inside(daemon, *dig, "+ignore")
    assert "flags: qr aa tc rd;" in cut and "ANSWER: 0" in cut and "udp: 1232" in cut
    assert "z" * 250 in inside(daemon, *dig)  # dig asks again by itself
    sent = inside(daemon, "cat", "/proc/net/snmp").splitlines()
    names, values = [line.split() for line in sent if line.startswith("Ip:")]
    # The TCP segments of loopback are cut to its MTU by TCP itself.
    assert dict(zip(names, values, strict=True))["FragCreates"] == "0"
    assert daemon.ctl("stats")["send_failed"] == 0
    assert daemon.stop() == 0


def test_network_change_is_followed(onym, root):
    skip_without_namespaces()
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
