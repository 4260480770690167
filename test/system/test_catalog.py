"""Catalog zones (RFC 9432): the zones that a primary's catalog lists are taken, too."""

import json

import pytest

from conftest import HOST, free_port, wait_for
from primaries import primary

CATALOG, OTHER = "catalog.test", "other.test"


def soa(serial):
    return f"@ SOA ns1.example. admin.example. {serial} 3600 1 86400 300\n@ NS ns1.example.\n"


def member(serial=1):
    return soa(serial) + "www A 192.0.2.7\n"


def catalog(serial, members, version="2"):
    """members: {zone: id}, or {zone: (id, coo)}."""
    text = soa(serial).replace("ns1.example.", "invalid.") + f'version TXT "{version}"\n'
    for zone, said in members.items():
        ident, coo = said if isinstance(said, tuple) else (said, None)
        text += f"{ident}.zones PTR {zone}.\n"
        text += f"coo.{ident}.zones PTR {coo}.\n" if coo else ""
    return text


def consumer(onym, server_port, port, catalogs=(CATALOG,), zones=None):
    lists = "".join(f"  {name}: {{from: ['{HOST}:{server_port}'], catalog: true}}\n"
                    for name in catalogs)
    own = "".join(f"  {name}: {{file: zones/{name}.zone}}\n" for name in zones or {})
    daemon = onym(zones={}, port=port, extra=f"zones:\n{lists}{own}")
    for name, text in (zones or {}).items():
        daemon.zone(name, "$TTL 3600\n" + text)
    return daemon


def address(daemon, zone):
    return daemon.address(f"www.{zone}")


def serves(daemon, *zones):
    return all(address(daemon, zone) == "192.0.2.7" for zone in zones)


def wait_served(daemon, *zones):
    wait_for(lambda: serves(daemon, *zones), 20, f"{zones}\n{daemon.log()}")


def wait_gone(daemon, zone):
    wait_for(lambda: address(daemon, zone) == "REFUSED", 20, f"{zone}\n{daemon.log()}")


def status(daemon, zone):
    return next(row for row in daemon.ctl("status")["zones"] if row["name"] == zone + ".")


@pytest.mark.parametrize("kind", ["nsd", "knot", "bind"])
def test_members_come_and_go(onym, tmp_path, kind):
    zones = {CATALOG: catalog(1, {"a.test": "x1", "b.test": "x2"}),
             **{f"{name}.test": member() for name in "abc"}}
    port = free_port()
    with primary(kind, tmp_path / kind, zones, port) as server:
        daemon = consumer(onym, server.port, port).start()
        wait_served(daemon, "a.test", "b.test")
        assert address(daemon, "c.test") == "REFUSED"
        assert status(daemon, "a.test")["catalog"] == CATALOG + "."
        assert status(daemon, CATALOG)["members"] == 2
        server.change(CATALOG, catalog(2, {"b.test": "x2", "c.test": "x3"}))
        wait_served(daemon, "c.test")
        wait_gone(daemon, "a.test")
        assert serves(daemon, "b.test")
        assert "2 zones, 1 of them new, 1 gone" in daemon.log()
        # A member changes like any zone: by NOTIFY.
        server.change("b.test", member(2).replace("192.0.2.7", "192.0.2.8"))
        wait_for(lambda: address(daemon, "b.test") == "192.0.2.8", 20, daemon.log())


def test_knot_makes_one(onym, tmp_path):
    port = free_port()
    zones = {f"m{i}.test": member() for i in range(5)}
    with primary("knot", tmp_path / "knot", zones, port, catalog=CATALOG) as server:
        daemon = consumer(onym, server.port, port).start()
        wait_served(daemon, *zones)
        assert status(daemon, CATALOG)["members"] == 5


def test_without_the_primary(onym, tmp_path):
    """Killed, and started when the primary is gone: all is there with the first answer."""
    zones = {CATALOG: catalog(1, {"a.test": "x1", "b.test": "x2"}),
             **{f"{name}.test": member() for name in "ab"}}
    port = free_port()
    with primary("bind", tmp_path / "bind", zones, port) as server:
        daemon = consumer(onym, server.port, port).start()
        wait_served(daemon, "a.test", "b.test")
        daemon.kill()
    daemon.start()
    assert serves(daemon, "a.test", "b.test")


def test_broken(onym, tmp_path):
    zones = {CATALOG: catalog(1, {"a.test": "x1"}), **{f"{name}.test": member() for name in "ab"}}
    port = free_port()
    with primary("bind", tmp_path / "bind", zones, port) as server:
        daemon = consumer(onym, server.port, port).start()
        wait_served(daemon, "a.test")
        server.change(CATALOG, catalog(2, {"b.test": "x2"}) + "x2.zones PTR a.test.\n")
        wait_for(lambda: "catalog_problem" in status(daemon, CATALOG), 20, daemon.log())
        assert "x2.zones.catalog.test. has more than one PTR record" in daemon.log()
        assert serves(daemon, "a.test") and address(daemon, "b.test") == "REFUSED"
        server.change(CATALOG, catalog(3, {"b.test": "x2"}, version="3"))
        wait_for(lambda: "does not say version 2" in daemon.log(), 20, daemon.log())
        server.change(CATALOG, catalog(4, {"b.test": "x2"}))
        wait_served(daemon, "b.test")
        wait_gone(daemon, "a.test")
        assert "catalog_problem" not in status(daemon, CATALOG)


def test_the_configuration_has_it(onym, tmp_path):
    """What stands in the configuration stays what it is, and that is said once."""
    zones = {CATALOG: catalog(1, {"a.test": "x1", "own.test": "x2"}), "a.test": member(),
             "own.test": member()}
    port = free_port()
    own = {"own.test": member().replace("192.0.2.7", "192.0.2.99")}
    with primary("bind", tmp_path / "bind", zones, port) as server:
        daemon = consumer(onym, server.port, port, zones=own).start()
        wait_served(daemon, "a.test")
        assert address(daemon, "own.test") == "192.0.2.99"
        assert daemon.ctl("reload")["exit"] == 0
        assert daemon.log().count("lists own.test., which the configuration has") == 1
        # It leaves the catalog: that is nothing to the configuration's zone.
        server.change(CATALOG, catalog(2, {"a.test": "x1"}))
        wait_for(lambda: "1 zones, 0 of them new, 1 gone" in daemon.log(), 20, daemon.log())
        assert address(daemon, "own.test") == "192.0.2.99"


def test_another_id(onym, tmp_path):
    """RFC 9432 5.4: the zone begins anew, its history with it."""
    zones = {CATALOG: catalog(1, {"a.test": "x1"}), "a.test": member()}
    port = free_port()
    with primary("bind", tmp_path / "bind", zones, port) as server:
        daemon = consumer(onym, server.port, port).start()
        wait_served(daemon, "a.test")
        server.change("a.test", member(2) + "two A 192.0.2.2\n")
        wait_for(lambda: daemon.address("two.a.test") == "192.0.2.2", 20, daemon.log())

        def changes():
            return json.loads(daemon.run("zone", "log", "a.test", "--json", "-c",
                                         str(daemon.path)).stdout).get("changes", [])
        before = len(changes())
        assert before == 2
        server.change(CATALOG, catalog(2, {"a.test": "other"}))
        wait_for(lambda: "1 fetched anew" in daemon.log() and len(changes()) < before, 20,
                 daemon.log())
        assert serves(daemon, "a.test")
        server.change("a.test", member(3) + "three A 192.0.2.3\n")
        wait_for(lambda: daemon.address("three.a.test") == "192.0.2.3", 20, daemon.log())
        daemon.kill()
    daemon.start()
    assert daemon.address("three.a.test") == "192.0.2.3"


def test_from_one_to_the_other(onym, tmp_path):
    """RFC 9432 4.3.1: a catalog keeps what it has, unless it says who may have it."""
    zones = {CATALOG: catalog(1, {"a.test": "x1", "b.test": "x2"}), OTHER: catalog(1, {}),
             **{f"{name}.test": member() for name in "ab"}}
    port = free_port()
    with primary("bind", tmp_path / "bind", zones, port) as server:
        daemon = consumer(onym, server.port, port, (CATALOG, OTHER)).start()
        wait_served(daemon, "a.test", "b.test")
        server.change(OTHER, catalog(2, {"a.test": "y1", "b.test": "x2"}))
        wait_for(lambda: "other.test. lists b.test., which another catalog has" in daemon.log(), 20,
                 daemon.log())
        assert status(daemon, "a.test")["catalog"] == CATALOG + "."
        server.change(CATALOG, catalog(2, {"a.test": ("x1", OTHER), "b.test": ("x2", OTHER)}))
        wait_for(lambda: status(daemon, "a.test").get("catalog") == OTHER + ".", 20, daemon.log())
        assert status(daemon, "b.test")["catalog"] == OTHER + "." and serves(daemon, "b.test")
        server.change(CATALOG, catalog(3, {}))
        wait_for(lambda: "catalog catalog.test., serial 3: 0 zones" in daemon.log(), 20,
                 daemon.log())
        wait_served(daemon, "a.test", "b.test")


def test_many(onym, tmp_path):
    names = [f"m{i}.test" for i in range(1000)]
    zones = {CATALOG: catalog(1, {name: f"x{i}" for i, name in enumerate(names)}),
             **{name: member() for name in names}}
    port = free_port()
    with primary("knot", tmp_path / "knot", zones, port) as server:
        daemon = consumer(onym, server.port, port).start()
        wait_for(lambda: daemon.ctl("status")["counts"]["served"] == 1001, 40, daemon.log()[-3000:])
        assert serves(daemon, names[0], names[500], names[-1])
        server.change(CATALOG, catalog(2, {}))
        wait_for(lambda: daemon.ctl("status")["counts"]["zones"] == 1, 20, daemon.log()[-3000:])


def test_needs_a_primary(onym):
    daemon = onym(zones={"list.test": "$TTL 60\n" + catalog(1, {})})
    daemon.path.write_text(daemon.path.read_text().replace('.zone"}', '.zone", catalog: true}'))
    check = daemon.run("check", "-c", str(daemon.path))
    assert check.returncode != 0 and "is not read from a file" in check.stdout
