"""A local copy of the root zone (RFC 8806): walks begin in it, and root servers are not asked."""

import os
import re
import time

import pytest

from conftest import wait_for
from test_resolve import ROOT, ROOT_HOST, World, asked

MORE = "new. NS ns.other.\n"


@pytest.fixture
def world(onym):
    return World(onym)


def copy_of(serial=1, expire=1209600, more=""):
    return ROOT.replace(" 1 7200 3600 1209600", f" {serial} 7200 3600 {expire}") + more


def put(path, text, age_s=0):
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    os.utime(fresh, (time.time() - age_s,) * 2)
    os.replace(fresh, path)


def with_copy(world, path, extra=""):
    return world.resolver(more=f", root_copy: {path}, root_copy_zonemd: false", extra=extra)


def asked_at_root(world):
    """How many questions the root server has had."""
    text = world.root.run("ctl", "stats", "--prometheus", "-c", str(world.root.path)).stdout
    return sum(int(line.split()[-1]) for line in text.splitlines()
               if line.startswith("onym_dns_requests_total"))


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "root.zone"
    put(path, copy_of())
    return path


def test_nobody_is_asked_what_the_copy_says(world, path):
    daemon = with_copy(world, path).start()
    assert f"recursive (root copy: {path}, serial 1; root hints: configuration)" in daemon.log()
    copy = daemon.ctl("status")["resolve"]["root_copy"]
    assert copy["file"] == str(path) and copy["serial"] == 1 and not copy["zonemd"]
    assert asked(daemon, "www.lab") == ("NOERROR", ["192.0.2.1"])
    assert asked(daemon, "alias.lab") == ("NOERROR", ["192.0.2.10", "www.other."])
    assert asked(daemon, "no-such-tld") == ("NXDOMAIN", [])
    assert asked(daemon, ".", "NS") == ("NOERROR", ["a.root."])
    assert asked_at_root(world) == 0
    said = daemon.run("ctl", "status", "-c", str(daemon.path)).stdout
    assert f"{path}, serial 1, expires " in said


def test_trace_begins_in_it(world, path):
    daemon = with_copy(world, path).start()
    for words in (("--server",), ()):
        done = daemon.run("trace", "www.lab", *words, "-c", str(daemon.path))
        assert done.returncode == 0, done.stderr
        assert ROOT_HOST not in done.stdout and "192.0.2.1" in done.stdout
    assert asked_at_root(world) == 0


def test_replaced_and_broken(world, path):
    daemon = with_copy(world, path).start()
    assert asked(daemon, "www.new")[0] == "NXDOMAIN"
    put(path, copy_of(serial=2, more=MORE))
    wait_for(lambda: "serial 2 is used now" in daemon.log(), what="the new copy")
    daemon.run("cache", "flush-tree", ".", "-c", str(daemon.path))
    assert asked(daemon, "www.new")[0] != "NXDOMAIN"  # the servers of `other` do not have it
    # What is broken changes nothing, by itself and by a reload.
    put(path, copy_of(serial=3).replace("SOA a.root.", "SOA"))
    wait_for(lambda: "the one before it stays" in daemon.log(), what="the broken copy")
    assert f"{path}:2:" in daemon.log()
    assert daemon.ctl("status")["resolve"]["root_copy"]["serial"] == 2
    reply = daemon.ctl("reload")
    assert reply["exit"] == 7 and "copy of the root zone cannot be used" in reply["error"]
    assert daemon.ctl("status")["resolve"]["root_copy"]["serial"] == 2
    assert asked(daemon, "www.lab") == ("NOERROR", ["192.0.2.1"])
    path.unlink()
    wait_for(lambda: daemon.log().count("the one before it stays") > 1, what="no copy at all")
    assert asked(daemon, "www.other") == ("NOERROR", ["192.0.2.10"])
    assert asked_at_root(world) == 0
    # Without the key the root servers are asked.
    daemon.path.write_text(daemon.path.read_text().replace(
        f", root_copy: {path}, root_copy_zonemd: false", ""))
    assert daemon.ctl("reload")["ok"]
    assert "root_copy" not in daemon.ctl("status")["resolve"]
    daemon.run("cache", "flush-tree", ".", "-c", str(daemon.path))
    assert asked(daemon, "www.lab") == ("NOERROR", ["192.0.2.1"])
    assert asked_at_root(world) > 0


def test_broken_at_the_start(world, path):
    """Names are found nevertheless: a copy that was fetched badly is no reason for no service."""
    put(path, copy_of().replace("SOA a.root.", "SOA"))
    daemon = with_copy(world, path).start()
    assert f"{path}:2:" in daemon.log() and "the root servers are asked" in daemon.log()
    assert "root_copy" not in daemon.ctl("status")["resolve"]
    assert asked(daemon, "www.lab") == ("NOERROR", ["192.0.2.1"])
    assert asked_at_root(world) > 0
    check = daemon.run("check", "-c", str(daemon.path))
    assert check.returncode != 0 and f"{path}:2:" in check.stdout + check.stderr
    put(path, copy_of(serial=4))
    wait_for(lambda: "serial 4 is used now" in daemon.log(), what="the repaired copy")


def test_a_digest_is_wanted_unless_told(world, path):
    daemon = world.resolver(more=f", root_copy: {path}").start()
    assert "ZONEMD" in daemon.log() and "the root servers are asked" in daemon.log()
    assert "root_copy" not in daemon.ctl("status")["resolve"]


def test_too_old(world, path):
    put(path, copy_of(expire=3600), age_s=4000)
    daemon = with_copy(world, path).start()
    assert re.search(r"this copy of the root is 40\d\d s old and expires after 3600 s",
                     daemon.log())
    assert "root_copy" not in daemon.ctl("status")["resolve"]
    assert asked(daemon, "www.lab") == ("NOERROR", ["192.0.2.1"])
    assert asked_at_root(world) > 0
    put(path, copy_of(serial=5))
    wait_for(lambda: "serial 5 is used now" in daemon.log(), what="the new copy")


def test_it_expires_while_it_is_used(world, path):
    put(path, copy_of(expire=3))
    daemon = with_copy(world, path).start()
    assert asked(daemon, "www.lab") == ("NOERROR", ["192.0.2.1"])
    assert asked_at_root(world) == 0
    wait_for(lambda: "root_copy" not in daemon.ctl("status")["resolve"], what="its end")
    daemon.run("cache", "flush-tree", ".", "-c", str(daemon.path))
    assert asked(daemon, "www.lab") == ("NOERROR", ["192.0.2.1"])
    assert asked_at_root(world) > 0


def test_views_have_it_too(world, path):
    daemon = with_copy(
        world, path, extra="views: {inner: {match: [127.0.0.5], resolve: {minimise: false}}}\n")
    daemon.start()
    assert asked(daemon, "www.lab", source="127.0.0.5") == ("NOERROR", ["192.0.2.1"])
    put(path, copy_of(serial=2, more=MORE))
    wait_for(lambda: "serial 2 is used now" in daemon.log(), what="the new copy")
    assert asked(daemon, "www.new", source="127.0.0.5")[0] != "NXDOMAIN"
    assert asked_at_root(world) == 0
