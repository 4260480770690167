"""Zones changed by UPDATE (RFC 2136): by the real clients, by messages that no client would send,
beside files that change, and with the power cut in the middle."""

import base64
import os
import random
import socket
import subprocess
import threading
import time

import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.tsigkeyring
import dns.update
import pytest

import secondaries
import peer
from conftest import HOST, ZONE, free_port, wait_for, zone

KILLS = 500 if os.environ.get("ONYM_TEST_FULL") else 25


def key_of(name, seed):
    return dns.tsig.Key(name, base64.b64encode(seed * 4), "hmac-sha256")


DHCP, CERTBOT, OTHER = (key_of(name, name.encode()) for name in ("dhcp.key.", "certbot.", "other."))


def secret(key):
    return base64.b64encode(key.secret).decode()


KEYS = "keys: {" + ", ".join(
    f'"{key.name.to_text()}": {{alg: hmac-sha256, secret: "{secret(key)}"}}'
    for key in (DHCP, CERTBOT, OTHER)) + "}\n"
BY_KEY = '["key:dhcp.key.", {by: "key:certbot.", acme: true}]'


def updated(daemon, update=BY_KEY, more="", origin="example.test"):
    """The zone may be changed."""
    text = daemon.path.read_text()
    daemon.path.write_text(text.replace(f'{origin}.zone"}}',
                                        f'{origin}.zone", update: {update}{more}}}'))
    return daemon


def changer(onym, update=BY_KEY, more="", extra="", **options):
    return updated(onym(extra=KEYS + "access: {transfer: [localhost]}\n" + extra, **options),
                   update, more).start()


def send(daemon, fill, key=DHCP, origin="example.test", tcp=False):
    """Sends an update that `fill` writes; its RCODE as a word."""
    signed = {"keyring": {key.name: key}, "keyname": key.name,
              "keyalgorithm": key.algorithm} if key else {}
    update = dns.update.Update(origin, **signed)
    fill(update)
    ask = dns.query.tcp if tcp else dns.query.udp
    reply = ask(update, HOST, port=daemon.port, timeout=20)
    assert reply.opcode() == dns.opcode.UPDATE and not reply.flags & dns.flags.RA
    return dns.rcode.to_text(reply.rcode())


def serial(daemon, origin="example.test"):
    return daemon.ask(origin, "SOA").answer[0][0].serial


# --- real clients

def nsupdate(daemon, *lines, arguments=(), key=DHCP, program="nsupdate"):
    name = key.name.to_text().rstrip(".")
    text = "\n".join([f"server {HOST} {daemon.port}", "zone example.test", *lines, "send", ""])
    command = [program, *arguments, "-y", f"hmac-sha256:{name}:{secret(key)}"]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=60,
                          check=False)


@pytest.mark.parametrize("program,arguments", [("nsupdate", ()), ("nsupdate", ("-v",)),
                                               ("knsupdate", ()), ("knsupdate", ("-v",))])
def test_real_clients(onym, program, arguments):
    daemon = changer(onym)
    done = nsupdate(daemon, "update add new.example.test. 60 A 192.0.2.9",
                    "update delete www.example.test.", arguments=arguments, program=program)
    assert done.returncode == 0, done.stdout + done.stderr
    assert daemon.address("new.example.test") == "192.0.2.9"  # at once, in every worker
    assert daemon.address() == "NXDOMAIN"
    assert serial(daemon) == 2
    refused = nsupdate(daemon, "prereq yxdomain nix.example.test.",
                       "update add a.example.test. 60 A 192.0.2.9", program=program)
    assert "NXDOMAIN" in refused.stdout + refused.stderr
    assert serial(daemon) == 2


# --- the rules of RFC 2136

def rules(*calls):
    """An update of these calls, (method, arguments ...)."""
    def fill(update):
        for name, *arguments in calls:
            getattr(update, name)(*arguments)
    return fill


@pytest.mark.parametrize("calls,rcode", [
    ([("present", "www")], "NOERROR"),
    ([("present", "nix")], "NXDOMAIN"),
    ([("absent", "nix")], "NOERROR"),
    ([("absent", "www")], "YXDOMAIN"),
    ([("present", "www", "A")], "NOERROR"),
    ([("present", "www", "TXT")], "NXRRSET"),
    ([("absent", "www", "TXT")], "NOERROR"),
    ([("absent", "www", "A")], "YXRRSET"),
    ([("present", "www", "A", "192.0.2.2")], "NOERROR"),
    ([("present", "www", "A", "192.0.2.3")], "NXRRSET"),
    ([("present", "www", "A", "192.0.2.2"), ("present", "www", "A", "192.0.2.3")], "NXRRSET"),
    ([("present", "two", "A", "192.0.2.3")], "NXRRSET"),  # half of what is there
    ([("present", "two", "A", "192.0.2.4"), ("present", "two", "A", "192.0.2.3")], "NOERROR"),
    ([("present", "elsewhere.example.", "A")], "NOTZONE"),
])
def test_prerequisites(onym, calls, rcode):
    daemon = changer(onym, zones={"example.test": ZONE + "two A 192.0.2.3\ntwo A 192.0.2.4\n"})
    assert send(daemon, rules(*calls, ("add", "fresh", 60, "A", "192.0.2.9"))) == rcode
    assert daemon.address("fresh.example.test") == ("192.0.2.9" if rcode == "NOERROR"
                                                    else "NXDOMAIN")
    assert serial(daemon) == (2 if rcode == "NOERROR" else 1)


def everything(daemon):
    """All but the SOA, as lines without TTLs."""
    return {(name.split(".example.test")[0], kind, ttl, data)
            for name, kind, ttl, data in secondaries.records(daemon.port, "example.test")
            if kind != "SOA"}


BEFORE = "x A 192.0.2.1\nx A 192.0.2.2\nx TXT a\nc CNAME x\nd DNAME x\n"


@pytest.mark.parametrize("calls,gone,come", [
    ([("delete", "x")], 3, 0),
    ([("delete", "x", "A")], 2, 0),
    ([("delete", "x", "A", "192.0.2.1")], 1, 0),
    ([("delete", "x", "A", "192.0.2.9")], 0, 0),
    ([("delete", "nix")], 0, 0),
    ([("add", "x", 3600, "A", "192.0.2.1")], 0, 0),  # it is there
    ([("add", "x", 60, "A", "192.0.2.9")], 2, 3),  # 3.4.2.2: all have the new TTL
    ([("add", "c", 3600, "A", "192.0.2.9")], 0, 0),  # beside a CNAME
    ([("add", "x", 3600, "CNAME", "c")], 0, 0),
    ([("add", "c", 3600, "CNAME", "ns1")], 1, 1),  # there is one at most
    ([("add", "d", 3600, "DNAME", "ns1")], 1, 1),
    ([("add", "c", 3600, "DNAME", "ns1")], 0, 0),
    ([("delete", "@")], 0, 0),  # the apex keeps its SOA and NS
    ([("delete", "@", "NS")], 0, 0),
    ([("delete", "@", "SOA")], 0, 0),
    ([("delete", "@", "NS", "ns1")], 0, 0),  # the last one
    ([("add", "@", 3600, "NS", "ns2"), ("delete", "@", "NS", "ns1")], 1, 1),
    ([("add", "n", 60, "A", "192.0.2.1"), ("delete", "n")], 0, 0),
    ([("delete", "x"), ("add", "x", 3600, "TXT", "b")], 3, 1),
    ([("replace", "x", 3600, "A", "192.0.2.2")], 1, 0),
])
def test_changes(onym, calls, gone, come):
    daemon = changer(onym, zones={"example.test": ZONE + BEFORE})
    before = everything(daemon)
    assert send(daemon, rules(*calls)) == "NOERROR"
    after = everything(daemon)
    assert (len(before - after), len(after - before)) == (gone, come)
    assert serial(daemon) == (2 if gone or come else 1)


def test_serials(onym):
    daemon = changer(onym)
    soa = "ns1.example.test. admin.example.test. {} 7200 3600 1209600 300"
    assert send(daemon, rules(("add", "@", 3600, "SOA", soa.format(50)))) == "NOERROR"
    assert serial(daemon) == 50
    assert send(daemon, rules(("add", "@", 3600, "SOA", soa.format(49)))) == "NOERROR"
    assert serial(daemon) == 50  # 3.4.2.2: not backwards
    assert send(daemon, rules(("add", "a", 60, "A", "192.0.2.1"))) == "NOERROR"
    assert serial(daemon) == 51


@pytest.mark.parametrize("policy,low", [("unixtime", 1700000000), ("date", 2026010100)])
def test_serial_policies(onym, policy, low):
    daemon = changer(onym, more=f", serial: {policy}")
    assert send(daemon, rules(("add", "a", 60, "A", "192.0.2.1"))) == "NOERROR"
    assert serial(daemon) >= low


@pytest.mark.parametrize("spoil,rcode", [
    (lambda wire: wire[:-1], "FORMERR"),  # a record cut short
    (lambda wire: wire + b"x", "FORMERR"),
    (lambda wire: wire[:4] + b"\0\2" + wire[6:], "FORMERR"),  # two zones
    (lambda wire: wire.replace(b"\0\6\0\1", b"\0\1\0\1", 1), "FORMERR"),  # the zone's type is A
    (lambda wire: wire.replace(b"\0\6\0\1", b"\0\6\0\3", 1), "NOTAUTH"),  # of another class
])
def test_messages_nobody_sends(onym, spoil, rcode):
    daemon = changer(onym, update="[localhost]")
    update = dns.update.Update("example.test")
    update.add("a", 60, "A", "192.0.2.1")
    assert ask_raw(daemon, spoil(update.to_wire())) == rcode
    assert serial(daemon) == 1


def ask_raw(daemon, wire):
    """The RCODE of the reply to these octets, whatever they are."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(10)
        client.connect((HOST, daemon.port))
        client.send(wire)
        return dns.rcode.to_text(client.recv(65536)[3] & 15)


@pytest.mark.parametrize("section,rdtype,rdclass,ttl,rdata,rcode", [
    (1, 1, 255, 1, b"", "FORMERR"),  # a prerequisite with a TTL
    (1, 1, 255, 0, b"\xc0\0\2\1", "FORMERR"),  # and one of ANY with data
    (1, 252, 255, 0, b"", "FORMERR"),
    (1, 1, 3, 0, b"\xc0\0\2\1", "FORMERR"),
    (2, 255, 1, 0, b"", "FORMERR"),  # ANY is nothing to add
    (2, 252, 255, 0, b"", "FORMERR"),
    (2, 1, 254, 5, b"\xc0\0\2\1", "FORMERR"),
    (2, 1, 1, 5, b"\xc0\0\2", "FORMERR"),  # half an address
    (2, 46, 255, 0, b"", "REFUSED"),  # signatures are not the client's
    (2, 47, 255, 0, b"", "REFUSED"),
    (2, 65280, 1, 5, b"", "NOERROR"),  # a type that nobody knows
])
def test_records_nobody_sends(onym, section, rdtype, rdclass, ttl, rdata, rcode):
    daemon = changer(onym, update="[localhost]")
    wire = bytearray(dns.update.Update("example.test").to_wire())
    wire[4 + 2 * section + 1] = 1
    wire += b"\1x\xc0\x0c" + rdtype.to_bytes(2, "big") + rdclass.to_bytes(2, "big")
    wire += ttl.to_bytes(4, "big") + len(rdata).to_bytes(2, "big") + rdata
    assert ask_raw(daemon, bytes(wire)) == rcode


def test_garbage_is_survived(onym):
    daemon = changer(onym, update="[localhost]")
    update = dns.update.Update("example.test")
    update.present("www", "A", "192.0.2.2")
    update.add("a", 60, "TXT", "hello")
    update.delete("b", "MX", "1 c.example.test.")
    good, dice = update.to_wire(), random.Random(1)
    for _ in range(2000):
        wire = bytearray(good)
        for _ in range(dice.randrange(1, 5)):
            wire[dice.randrange(12, len(wire))] = dice.randrange(256)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(wire, (HOST, daemon.port))
    assert send(daemon, rules(("add", "z", 60, "A", "192.0.2.1")), key=None) == "NOERROR"


# --- who may

def test_who_may_change_what(onym):
    daemon = changer(onym)
    add = rules(("add", "a", 60, "A", "192.0.2.1"))
    challenge = rules(("add", "_acme-challenge.www", 60, "TXT", "token"))
    assert send(daemon, add, key=None) == "REFUSED"
    assert send(daemon, add, key=OTHER) == "REFUSED"
    assert send(daemon, add, key=CERTBOT) == "REFUSED"
    assert send(daemon, rules(("delete", "_acme-challenge.www")), key=CERTBOT) == "REFUSED"
    assert send(daemon, challenge, key=CERTBOT) == "NOERROR"
    assert send(daemon, rules(("delete", "_acme-challenge.www", "TXT")), key=CERTBOT) == "NOERROR"
    assert send(daemon, add) == "NOERROR"
    assert send(daemon, add, origin="other.test") == "NOTAUTH"
    assert send(daemon, add, origin="www.example.test") == "NOTAUTH"
    wrong = dns.tsig.Key("dhcp.key.", base64.b64encode(b"not the secret of it"), "hmac-sha256")
    with pytest.raises(dns.tsig.PeerBadSignature):
        send(daemon, add, key=wrong)


def test_names_and_types(onym):
    daemon = changer(onym, update='[{by: localhost, names: ["*.dyn.example.test", '
                                  'host.example.test], types: [A, AAAA]}]')
    for name, kind, rcode in (("a.dyn", "A", "NOERROR"), ("b.a.dyn", "A", "NOERROR"),
                              ("dyn", "A", "REFUSED"), ("host", "A", "NOERROR"),
                              ("a.host", "A", "REFUSED"), ("a.dyn", "TXT", "REFUSED")):
        data = "192.0.2.1" if kind == "A" else "text"
        assert send(daemon, rules(("add", name, 60, kind, data)), key=None) == rcode, (name, kind)


def test_a_zone_that_nobody_may_change(onym):
    daemon = onym().start()
    assert send(daemon, rules(("add", "a", 60, "A", "192.0.2.1")), key=None) == "REFUSED"


def test_a_zone_that_was_signed_elsewhere(onym):
    signed = ZONE + ("@ RRSIG SOA 13 2 3600 20300101000000 20200101000000 1 example.test. AAAA\n"
                     "@ DNSKEY 257 3 13 AAAA\n")
    daemon = changer(onym, zones={"example.test": signed})
    assert send(daemon, rules(("add", "a", 60, "A", "192.0.2.1"))) == "REFUSED"


def test_views_have_their_own(onym):
    daemon = onym(extra=KEYS + "access: {transfer: [localhost]}\nviews:\n"
                  "  inside: {match: [127.0.0.2], zones: {example.test: {file: "
                  "inside.zone, update: [127.0.0.2]}}}\n")
    (daemon.folder / "inside.zone").write_text(zone(serial=100, www="192.0.2.100"))
    updated(daemon, update="[localhost]").start()
    update = dns.update.Update("example.test")
    update.add("a", 60, "A", "192.0.2.77")
    reply = dns.query.udp(update, HOST, port=daemon.port, source="127.0.0.2", timeout=10)
    assert reply.rcode() == 0
    assert daemon.address("a.example.test", source="127.0.0.2") == "192.0.2.77"
    assert daemon.address("a.example.test") == "NXDOMAIN"
    assert send(daemon, rules(("add", "a", 60, "A", "192.0.2.88")), key=None) == "NOERROR"
    daemon.kill()
    daemon.start()
    assert daemon.address("a.example.test", source="127.0.0.2") == "192.0.2.77"
    assert daemon.address("a.example.test") == "192.0.2.88"


# --- files beside it

def test_file_and_updates(onym):
    daemon = changer(onym)
    assert send(daemon, rules(("add", "dynamic", 60, "A", "192.0.2.9"))) == "NOERROR"
    daemon.zone("example.test", zone(serial=1) + "fresh A 192.0.2.30\n")  # the same serial
    assert daemon.ctl("reload")["exit"] == 0
    assert daemon.address("dynamic.example.test") == "192.0.2.9"
    assert daemon.address("fresh.example.test") == "192.0.2.30"
    assert serial(daemon) == 3
    daemon.zone("example.test", zone(serial=40, www="192.0.2.44"))
    assert daemon.ctl("reload")["exit"] == 0
    assert daemon.address("dynamic.example.test") == "192.0.2.9"
    assert daemon.address("fresh.example.test") == "NXDOMAIN"
    assert daemon.address() == "192.0.2.44"
    assert serial(daemon) == 40
    daemon.stop()
    daemon.start()
    assert daemon.address("dynamic.example.test") == "192.0.2.9" and serial(daemon) == 40


def test_conflicts_are_told(onym):
    daemon = changer(onym)
    assert send(daemon, rules(("delete", "www"))) == "NOERROR"
    daemon.zone("example.test", zone(serial=2, www="192.0.2.44"))
    reply = daemon.ctl("reload")
    assert "www.example.test. A: a record that was taken out of the file had been changed already" \
        in str(reply)
    assert daemon.address() == "192.0.2.44"


def test_a_file_changed_while_it_was_down(onym):
    daemon = changer(onym)
    assert send(daemon, rules(("add", "dynamic", 60, "A", "192.0.2.9"))) == "NOERROR"
    daemon.kill()
    daemon.zone("example.test", zone(serial=7, www="192.0.2.44"))
    daemon.start()
    assert daemon.address("dynamic.example.test") == "192.0.2.9"
    assert daemon.address() == "192.0.2.44" and serial(daemon) == 7


def test_a_broken_file_keeps_what_there_is(onym):
    daemon = changer(onym)
    assert send(daemon, rules(("add", "dynamic", 60, "A", "192.0.2.9"))) == "NOERROR"
    daemon.kill()
    daemon.zone("example.test", ZONE + "www A 192.0.2.300\n")
    daemon.start()
    assert daemon.address("dynamic.example.test") == "192.0.2.9"
    assert "the version before it (serial 2) stays" in daemon.log()


# --- secondaries

@pytest.mark.parametrize("kind", list(peer.KINDS))
def test_secondaries_get_what_has_changed(onym, tmp_path, kind):
    port = free_port()
    rich = ZONE + "".join(f"n{i} A 192.0.2.{i % 256}\n" for i in range(1000))
    daemon = onym(zones={"example.test": rich}, extra=KEYS + "access: {transfer: [localhost]}\n")
    updated(daemon, more=f', notify: ["{HOST}:{port}"]').start()
    with secondaries.secondary(kind, tmp_path / kind, daemon, ["example.test"], None,
                               port) as server:
        server.wait("example.test", 1)
        for number in range(2, 7):
            assert send(daemon, rules(("add", f"u{number}", 60, "A", "192.0.2.9"),
                                      ("delete", f"n{number}"))) == "NOERROR"
        server.wait("example.test", 6)
        assert server.records("example.test") == secondaries.records(daemon.port, "example.test")
    if kind != "powerdns":  # it asks for AXFR, unless its database says otherwise for the zone
        assert "transfer of what has changed in example.test. to 127.0.0.1" in daemon.log()


# --- many at once, and the end in the middle

def test_many_at_once(onym):
    daemon = changer(onym)
    rcodes = []

    def work(worker):
        for number in range(20):
            rcodes.append(send(daemon, rules(("add", f"w{worker}-{number}", 60, "A", "192.0.2.1")),
                               tcp=number % 2 == 0))
    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rcodes == ["NOERROR"] * 200
    assert serial(daemon) == 201
    names = {name for name, *_ in everything(daemon)}
    assert all(f"w{worker}-{number}" in names for worker in range(10) for number in range(20))
    metrics = daemon.run("ctl", "stats", "--prometheus", "-c", str(daemon.path)).stdout
    assert 'onym_updates_total{rcode="NOERROR"} 200\n' in metrics


def test_killed_at_any_moment(onym):
    """What was accepted is there again, and what was not is there whole or not at all."""
    daemon = changer(onym)
    dice, accepted, tried = random.Random(7), set(), 0
    for _ in range(KILLS):
        end = time.monotonic() + dice.uniform(0.01, 0.25)
        killer = threading.Timer(end - time.monotonic(), daemon.process.kill)
        killer.start()
        while True:
            tried += 1
            try:
                said = send(daemon, rules(("add", f"a{tried}", 60, "A", "192.0.2.1"),
                                          ("add", f"b{tried}", 60, "A", "192.0.2.2")),
                            tcp=True)
            except (OSError, EOFError, dns.exception.DNSException):
                break
            assert said == "NOERROR"
            accepted.add(tried)
        killer.join()
        daemon.process.wait()
        daemon.process = None
        daemon.start()
        names = {name for name, *_ in everything(daemon)}
        for number in range(1, tried + 1):
            both = {f"a{number}", f"b{number}"} & names
            assert len(both) == 2 if number in accepted else len(both) in (0, 2), number
    assert len(accepted) > KILLS
