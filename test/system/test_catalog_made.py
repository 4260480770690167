"""Catalogs that are made here (RFC 9432): a list of our zones, for Knot, BIND and onym to take."""

import time

import dns.query
import dns.rdatatype
import dns.update
import dns.zone
import pytest

from conftest import HOST, ZONE, free_port, small_disk, wait_for
from secondaries import secondary

CATALOG = "catalog.test"
ACCESS = "access: {transfer: [localhost]}\n"


def chief(onym, ports=(), members="", zones=("a.test", "b.test"), more=""):
    """A primary with these zones and a catalog of them."""
    tell = "[" + ", ".join(f'"{HOST}:{port}"' for port in ports) + "]"
    lines = "".join(f"  {name}: {{file: zones/{name}.zone, notify: {tell}}}\n" for name in zones)
    daemon = onym(zones={}, extra=ACCESS + f"zones:\n{lines}  {CATALOG}: {{catalog: true, "
                  f"notify: {tell}{members}}}\n{more}")
    for name in zones:
        daemon.zone(name, ZONE)
    return daemon


def listed(daemon, name=CATALOG):
    """{zone: {property: [values]}} of the catalog as it is sent out, and its serial."""
    axfr = dns.query.xfr(HOST, name, port=daemon.port, relativize=False)
    zone = dns.zone.from_xfr(axfr, relativize=False)
    origin = name + "."
    assert zone.get_rdataset("version." + origin, "TXT")[0].strings == (b"2",)
    assert zone.get_rdataset(origin, "NS")[0].to_text() == "invalid."
    zones = {}
    for node, rdatasets in zone.nodes.items():
        words = node.to_text().split(".")
        pointer = rdatasets.get_rdataset(dns.rdataclass.IN, dns.rdatatype.PTR)
        if pointer and words[1] == "zones":
            row = zones.setdefault(pointer[0].to_text().rstrip("."), {"id": words[0]})
            for kind, type_ in (("group", "TXT"), ("coo", "PTR")):
                said = zone.get_rdataset(f"{kind}.{words[0]}.zones.{origin}", type_)
                if said:
                    row[kind] = sorted(one.to_text().strip('"').rstrip(".") for one in said)
    return zones, zone.get_rdataset(origin, "SOA")[0].serial


def test_all_that_has_a_file(onym):
    daemon = chief(onym).start()
    wait_for(lambda: daemon.ask(CATALOG, "SOA").answer, 10, daemon.log())
    zones, serial = listed(daemon)
    assert sorted(zones) == ["a.test", "b.test"] and serial == 1
    assert daemon.ctl("reload")["exit"] == 0
    assert listed(daemon) == (zones, 1)  # nothing is new
    for word in ("c.test", "d.test"):
        done = daemon.run("zone", "add", word, "www=192.0.2.2", "-c", str(daemon.path))
        assert done.returncode == 0, done.stdout + done.stderr
    wait_for(lambda: len(listed(daemon)[0]) == 4, 10, daemon.log())
    now, newer = listed(daemon)
    assert 2 <= newer <= 3 and now["a.test"] == zones["a.test"]
    daemon.kill()
    daemon.start()
    assert listed(daemon) == (now, newer)  # ids and serial are those from before
    status = next(row for row in daemon.ctl("status")["zones"] if row["name"] == CATALOG + ".")
    assert status["members"] == 4
    said = daemon.run("ctl", "status", "-c", str(daemon.path)).stdout
    assert "a catalog of 4 zones" in said, said
    log = daemon.run("zone", "log", CATALOG, "-c", str(daemon.path)).stdout
    assert "catalog" in log and "onym" in log, log


@pytest.mark.parametrize("kind", ["knot", "bind"])
def test_real_consumers(onym, tmp_path, kind):
    """They take what the catalog lists, hear of changes, and drop what it lists no more."""
    port = free_port()
    daemon = chief(onym, [port]).start()
    wait_for(lambda: daemon.ask(CATALOG, "SOA").answer, 10, daemon.log())
    with secondary(kind, tmp_path / kind, daemon, [CATALOG], port=port, catalog=CATALOG) as server:
        for zone in ("a.test", "b.test"):
            server.wait(zone, 1)
        daemon.zone("c.test", ZONE)
        text = daemon.path.read_text()
        daemon.path.write_text(text + "  c.test: {file: zones/c.test.zone}\n")
        assert daemon.ctl("reload")["exit"] == 0
        server.wait("c.test", 1)
        daemon.path.write_text(text)
        assert daemon.ctl("reload")["exit"] == 0
        wait_for(lambda: server.serial("c.test") is None, 20, server.log())
        assert server.serial("a.test") == 1


def test_ours_as_consumer(onym):
    """A zone that is reset is fetched anew; one that moves to another catalog stays as it is."""
    port = free_port()
    other = (f'  other.test: {{catalog: true, members: [nix.test], notify: ["{HOST}:{port}"]}}\n')
    daemon = chief(onym, [port], ", members: [a.test, b.test]", more=other).start()
    for name in (CATALOG, "other.test"):
        wait_for(lambda: daemon.ask(name, "SOA").answer, 10, daemon.log())
    assert listed(daemon, "other.test")[0] == {}
    consumer = onym(zones={}, port=port, extra="zones:\n" + "".join(
        f"  {name}: {{from: '{HOST}:{daemon.port}', catalog: true}}\n"
        for name in (CATALOG, "other.test"))).start()
    for zone in ("a.test", "b.test"):
        wait_for(lambda: consumer.address(f"www.{zone}") == "192.0.2.2", 20, consumer.log())

    def catalog_of(zone):
        rows = {row["name"]: row for row in consumer.ctl("status")["zones"]}
        return rows[zone + "."].get("catalog")
    before = listed(daemon)[0]["a.test"]["id"]
    first = daemon.path.read_text()
    wait_for(lambda: "zone a.test.: serial 1 taken" in consumer.log(), 20, consumer.log())
    text = first.replace("[a.test,", "[{zone: a.test, reset: 1},")
    daemon.path.write_text(text)
    assert daemon.ctl("reload")["exit"] == 0
    wait_for(lambda: consumer.log().count("zone a.test.: serial 1 taken") == 2, 20, "a.test")
    assert listed(daemon)[0]["a.test"]["id"] != before
    # RFC 9432 4.3.1: first the old one lets it go, then the new one has it too.
    going = text.replace("b.test]", "{zone: b.test, coo: other.test}]")
    daemon.path.write_text(going)
    assert daemon.ctl("reload")["exit"] == 0
    wait_for(lambda: listed(daemon)[0]["b.test"].get("coo") == ["other.test"], 10, daemon.log())
    daemon.path.write_text(going.replace("[nix.test]", "[b.test]"))
    assert daemon.ctl("reload")["exit"] == 0
    wait_for(lambda: catalog_of("b.test") == "other.test.", 20, consumer.log())
    assert "zone b.test.: serial 1 taken" in consumer.log()
    assert consumer.log().count("zone b.test.: serial 1 taken") == 1
    assert consumer.address("www.b.test") == "192.0.2.2"
    # What was fetched anew and was the same is in the state folder all the same.
    daemon.kill()
    consumer.kill()
    consumer.start()
    for zone in ("a.test", "b.test"):
        assert consumer.address(f"www.{zone}") == "192.0.2.2"


def test_members(onym):
    """By name and by what is below a name, the first entry that fits; groups; zones from primaries
    only by name; a view's catalog has the view's zones."""
    zones = ("a.test", "x.a.test", "y.x.a.test", "b.test", "c.test")
    members = (', members: [{zone: y.x.a.test, groups: [one, "two words"]}, "*.a.test", c.test, '
               'from.test, nix.test]')
    view = (f'  from.test: {{from: "{HOST}:1"}}\nviews:\n  inner: {{match: [127.0.0.2], zones: '
            f'{{v.test: {{file: "zones/a.test.zone"}}, {CATALOG}: {{catalog: true}}}}}}\n')
    daemon = chief(onym, members=members, zones=zones, more=view).start()
    wait_for(lambda: daemon.ask(CATALOG, "SOA").answer, 10, daemon.log())
    there, _ = listed(daemon)
    assert sorted(there) == ["c.test", "from.test", "x.a.test", "y.x.a.test"]
    assert there["y.x.a.test"]["group"] == ["one", "two words"]
    shown = daemon.run("config", "show", "-c", str(daemon.path)).stdout
    assert "catalog: true, members: [{" in shown.replace('"', ""), shown
    checked = daemon.run("check", str(daemon.path))
    assert checked.returncode == 0, checked.stdout


def test_nobody_else_changes_it(onym):
    daemon = chief(onym).start()
    wait_for(lambda: daemon.ask(CATALOG, "SOA").answer, 10, daemon.log())
    done = daemon.run("zone", "set", CATALOG, "x", "A", "192.0.2.1", "-y", "-c", str(daemon.path))
    assert done.returncode == 1 and "made of the zones" in done.stderr, done.stderr


def test_full_disk(onym, root):
    """What could not be listed is listed when there is room again, without a word from anybody."""
    daemon = chief(onym)
    with small_disk(daemon.state, "400k") as fill:
        daemon.start()
        wait_for(lambda: daemon.ask(CATALOG, "SOA").answer, 10, daemon.log())
        fill()
        text = daemon.path.read_text()
        for number in range(30):  # SQLite uses up the room that it has already
            daemon.zone(f"n{number}.test", ZONE)
            text += f"  n{number}.test: {{file: zones/n{number}.test.zone}}\n"
            daemon.path.write_text(text)
            daemon.ctl("reload")
            time.sleep(0.05)
            if "cannot be listed: the disk is full" in daemon.log():
                break
        assert "cannot be listed: the disk is full" in daemon.log()
        zones, serial = listed(daemon)
        assert len(zones) < number + 3  # the last good version
        (daemon.state / "filler").unlink()
        wait_for(lambda: len(listed(daemon)[0]) == number + 3, 12, daemon.log())
        assert listed(daemon)[1] == serial + 1
        daemon.stop()


def test_none_is_a_list_too(onym):
    daemon = onym(zones={}, extra=ACCESS + f"zones: {{{CATALOG}: {{catalog: true}}}}\n").start()
    wait_for(lambda: daemon.ask(CATALOG, "SOA").answer, 10, daemon.log())
    assert listed(daemon) == ({}, 1)


def test_with_a_digest(onym):
    daemon = chief(onym, members=", zonemd_generate: sha384").start()
    wait_for(lambda: daemon.ask(CATALOG, "SOA").answer, 10, daemon.log())
    axfr = dns.query.xfr(HOST, CATALOG, port=daemon.port, relativize=False)
    dns.zone.from_xfr(axfr, relativize=False).verify_digest()


@pytest.mark.parametrize("text,problem", [
    ("{file: x, catalog: true}", "is not read from a file"),
    ("{from: 192.0.2.1, catalog: true, members: [a.test]}", "no catalog of ours"),
    ("{catalog: true, update: [localhost]}", "it is made here"),
    ("{catalog: true, members: [{zone: a.test, groups: [x, x]}]}", "is there twice"),
    ("{catalog: true, members: [a..test]}", "is not the name of a zone"),
    ("{catalog: true, members: [{groups: [x]}]}", "zone"),
])
def test_configuration(onym, text, problem):
    daemon = onym(zones={}, extra=f"zones:\n  {CATALOG}: {text}\n")
    code, said = daemon.fail()
    assert code == 2 and problem in said, said
