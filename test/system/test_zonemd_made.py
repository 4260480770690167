"""ZONEMD records that are made (`zonemd_generate`), and those of zones from primaries, which are
verified before anybody sees the zone. dnspython computes what they should be."""

import json
import os
import subprocess
import time

import dns.query
import dns.rcode
import dns.update
import dns.zone
import dns.zonetypes
import pytest

from conftest import HOST, ONYM, ZONE, free_port, wait_for, zone
from test_zonemd import signed

ACCESS = "access: {transfer: [localhost]}\n"


def maker(onym, words="sha384", text=ZONE):
    daemon = onym(zones={"example.test": text}, extra=ACCESS)
    daemon.path.write_text(daemon.path.read_text().replace(
        '.zone"}', f'.zone", update: [localhost], zonemd_generate: {words}}}'))
    return daemon


def taken(daemon, algorithm=1):
    """The zone as it is sent out; it has one digest, which is right."""
    axfr = dns.query.xfr(HOST, "example.test", port=daemon.port, relativize=False)
    there = dns.zone.from_xfr(axfr, relativize=False)
    there.verify_digest()
    records = there.get_rdataset(there.origin, "ZONEMD")
    soa = there.get_rdataset(there.origin, "SOA")
    assert len(records) == 1 and records[0].hash_algorithm == algorithm
    assert records[0].serial == soa[0].serial and records.ttl == soa.ttl
    return soa[0].serial


def run(daemon, *words):
    done = subprocess.run([ONYM, *words, "-c", str(daemon.path)], timeout=60, capture_output=True,
                          text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def update(daemon, name):
    change = dns.update.Update("example.test")
    change.add(name, 60, "A", "192.0.2.9")
    assert dns.query.tcp(change, HOST, port=daemon.port, timeout=20).rcode() == dns.rcode.NOERROR


@pytest.mark.parametrize("word,algorithm", [("sha384", 1), ("sha512", 2)])
def test_of_every_version(onym, word, algorithm):
    """By file, by UPDATE, by command, by a file beside changes, and after a restart."""
    daemon = maker(onym, word, ZONE + "@ 300 ZONEMD 1 1 1 " + "ab" * 48 + "\n").start()
    assert taken(daemon, algorithm) == 1
    daemon.zone("example.test", zone(5))
    assert daemon.ctl("reload")["exit"] == 0
    assert taken(daemon, algorithm) == 5
    update(daemon, "one")
    assert taken(daemon, algorithm) == 6
    run(daemon, "zone", "set", "example.test", "two", "A", "192.0.2.9", "-y")
    assert taken(daemon, algorithm) == 7
    daemon.zone("example.test", zone(20) + "three A 192.0.2.9\n")
    reply = daemon.ctl("reload")
    assert reply["exit"] == 0 and not reply["problems"], reply
    assert taken(daemon, algorithm) == 20
    assert [daemon.address(f"{name}.example.test") for name in ("one", "two", "three")] \
        == ["192.0.2.9"] * 3
    daemon.kill()
    os.utime(daemon.zones["example.test"], (time.time() - 60,) * 2)
    daemon.start()
    assert taken(daemon, algorithm) == 20
    assert daemon.ctl("reload")["counts"]["unchanged"] == 1
    log = json.loads(run(daemon, "zone", "log", "example.test", "--json"))
    first = next(change for change in log["changes"] if change["serial_to"] == 6)
    run(daemon, "zone", "undo", "example.test", str(first["number"]), "-y")  # not the newest
    assert taken(daemon, algorithm) == 21
    assert daemon.address("one.example.test") == "NXDOMAIN"
    assert daemon.ctl("reload")["counts"]["unchanged"] == 1


def test_switched_on_and_off(onym):
    """An image of the other kind is not used; changes that others have made stay."""
    daemon = maker(onym, "none").start()
    words = daemon.path.read_text()
    for changed in (False, True):
        if changed:
            update(daemon, "one")
        daemon.path.write_text(words.replace("generate: none", "generate: sha384"))
        assert daemon.ctl("reload")["exit"] == 0
        taken(daemon)
        daemon.stop()
        daemon.start()
        taken(daemon)
        daemon.path.write_text(words)
        assert daemon.ctl("reload")["exit"] == 0
        assert not daemon.ask("example.test", "ZONEMD").answer
        assert daemon.address() == "192.0.2.2"
        daemon.stop()
        daemon.start()
        assert not daemon.ask("example.test", "ZONEMD").answer
    assert daemon.address("one.example.test") == "192.0.2.9"


def test_secondaries_have_it_by_ixfr(onym):
    """Ours verifies it with every difference."""
    port = free_port()
    chief = maker(onym)
    chief.path.write_text(chief.path.read_text().replace(
        "update:", f'notify: ["{HOST}:{port}"], update:'))
    chief.start()
    daemon = onym(zones={}, port=port, extra=ACCESS + f"zones:\n  example.test: {{from: "
                  f"'{HOST}:{chief.port}', zonemd: true}}\n").start()
    for number in range(2, 8):
        update(chief, f"n{number}")
        wait_for(lambda: daemon.address(f"n{number}.example.test") == "192.0.2.9", 20,
                 daemon.log())
        assert taken(daemon) == taken(chief) == number
    assert "what has changed" in daemon.log()
    assert daemon.ctl("reload")["counts"]["unchanged"] == 1


def test_refused_on_entry(onym):
    """A zone whose digest is wrong is not taken, by IXFR or AXFR; the version before it stays. A
    primary that has it right helps."""
    liar, good = onym(zones={"example.test": signed(ZONE)}, extra=ACCESS), None
    liar.start()
    good = onym(zones={"example.test": signed(zone(2, "192.0.2.20"))}, extra=ACCESS)
    daemon = onym(zones={}, extra=ACCESS + f"zones:\n  example.test: {{from: ["
                  f"'{HOST}:{liar.port}', '{HOST}:{good.port}'], zonemd: true}}\n").start()
    wait_for(lambda: daemon.address() == "192.0.2.2", 20, daemon.log())
    liar.zone("example.test", signed(zone(2, "192.0.2.20")).replace("192.0.2.20", "192.0.2.66"))
    liar.ctl("reload")
    daemon.run("ctl", "refresh", "example.test", "-c", str(daemon.path))
    wait_for(lambda: "no primary has it for us" in daemon.log(), 20, daemon.log())
    assert daemon.address() == "192.0.2.2"
    status = daemon.ctl("status", zone="example.test")["zone"]["transfer"]
    assert "Connection refused" in status["problem"]  # the last of them is down
    good.start()
    daemon.run("ctl", "refresh", "example.test", "-c", str(daemon.path))
    wait_for(lambda: daemon.address() == "192.0.2.20", 20, daemon.log())
    daemon.kill()
    daemon.start()
    wait_for(lambda: daemon.address() == "192.0.2.20", 20, daemon.log())


@pytest.mark.parametrize("text,problem", [
    (ZONE, "no ZONEMD record"),
    (signed(ZONE).replace("192.0.2.2\n", "192.0.2.3\n"), "SHA-384 digest"),
])
def test_never_served(onym, text, problem):
    chief = onym(zones={"example.test": text}, extra=ACCESS).start()
    daemon = onym(zones={}, extra=f"zones:\n  example.test: {{from: '{HOST}:{chief.port}', "
                  "zonemd: true}\n").start()
    wait_for(lambda: problem in daemon.log(), 20, daemon.log())
    assert daemon.address() == "SERVFAIL"


def test_asked_for_later(onym):
    """What was taken when nobody asked for that is looked at again."""
    chief = onym(zones={"example.test": ZONE}, extra=ACCESS).start()
    words = f"zones:\n  example.test: {{from: '{HOST}:{chief.port}'}}\n"
    daemon = onym(zones={}, extra=words).start()
    wait_for(lambda: daemon.address() == "192.0.2.2", 20, daemon.log())
    daemon.stop()
    daemon.path.write_text(daemon.path.read_text().replace("'}\n", "', zonemd: true}\n"))
    daemon.start()
    wait_for(lambda: "no ZONEMD record" in daemon.log(), 20, daemon.log())
    assert daemon.address() == "SERVFAIL"
    chief.zone("example.test", signed(ZONE))
    chief.ctl("reload")
    wait_for(lambda: daemon.address() == "192.0.2.2", 20, daemon.log())


def test_configuration(onym):
    daemon = onym(zones={}, extra=f"zones:\n  example.test: {{from: '{HOST}', "
                  "zonemd_generate: sha384}\n")
    code, said = daemon.fail()
    assert code == 2 and "its primary's to make" in said, said
    rrsig = "@ RRSIG SOA 8 2 60 20300101000000 20200101000000 1 example.test. AAAA\n"
    signed_ = maker(onym, text=ZONE + rrsig)
    told = signed_.run("check", str(signed_.path))
    assert told.returncode == 2 and "but the zone is signed" in told.stdout, told
