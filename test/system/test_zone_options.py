"""What a reply says of its zone beside the records: version (RFC 9660) and expiry (RFC 7314)."""

import struct
import subprocess
import time

import dns.edns
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype

from conftest import HOST, wait_for, zone

ZONEVERSION = 19
EXPIRE = 9
SUB = "sub NS ns.sub\nns.sub A 192.0.2.9\n"


def asked(daemon, name, rdtype="A", tcp=False, options=(ZONEVERSION,), octets=b""):
    """The reply, and the octets of its options by their numbers."""
    query = dns.message.make_query(name, rdtype, use_edns=0, options=[
        dns.edns.GenericOption(code, octets) for code in options])
    send = dns.query.tcp if tcp else dns.query.udp
    reply = send(query, HOST, port=daemon.port, timeout=5)
    return reply, {int(option.otype): option.data for option in reply.options
                   if isinstance(option, dns.edns.GenericOption)}


def version(labels, serial):
    return struct.pack("!BBI", labels, 0, serial)


def test_version_of_all_that_a_zone_says(onym):
    daemon = onym(zones={"example.test": zone(4000000000) + SUB,
                         "deep.example.test": zone(5)}).start()
    for tcp in (False, True):
        for name, rdtype, rcode, said in (
                ("www.example.test", "A", "NOERROR", version(2, 4000000000)),
                ("www.example.test", "MX", "NOERROR", version(2, 4000000000)),
                ("none.example.test", "A", "NXDOMAIN", version(2, 4000000000)),
                ("www.sub.example.test", "A", "NOERROR", version(2, 4000000000)),
                ("www.deep.example.test", "A", "NOERROR", version(3, 5)),
                ("deep.example.test", "SOA", "NOERROR", version(3, 5)),
                ("elsewhere.test", "A", "REFUSED", None)):
            reply, options = asked(daemon, name, rdtype, tcp)
            assert dns.rcode.to_text(reply.rcode()) == rcode
            assert options.get(ZONEVERSION) == said, name
        reply, options = asked(daemon, "www.sub.example.test", tcp=tcp)
        assert not reply.flags & dns.flags.AA and reply.authority  # the referral
        assert ZONEVERSION not in asked(daemon, "www.example.test", tcp=tcp, options=())[1]
        # What a client says in it is not looked at.
        _, options = asked(daemon, "www.example.test", tcp=tcp, octets=b"\xff" * 9)
        assert options[ZONEVERSION] == version(2, 4000000000)


def test_version_follows_a_reload(onym):
    daemon = onym().start()
    assert asked(daemon, "www.example.test")[1][ZONEVERSION] == version(2, 1)
    daemon.zone("example.test", zone(2, "192.0.2.77"))
    assert daemon.ctl("reload")["ok"]
    reply, options = asked(daemon, "www.example.test")
    assert options[ZONEVERSION] == version(2, 2)
    assert reply.answer[0][0].to_text() == "192.0.2.77"


def expire_of(daemon, name="example.test"):
    reply = dns.query.udp(dns.message.make_query(name, "SOA"), HOST, port=daemon.port, timeout=5)
    return reply.answer[0][0].expire


def test_expire(onym):
    daemon = onym(extra="access: {transfer: [localhost]}\n").start()
    said = struct.pack("!I", expire_of(daemon))
    for tcp in (False, True):
        assert asked(daemon, "example.test", "SOA", tcp, (EXPIRE,))[1] == {EXPIRE: said}
        for name, rdtype in (("example.test", "NS"), ("www.example.test", "SOA")):
            assert asked(daemon, name, rdtype, tcp, (EXPIRE,))[1] == {}
    assert asked(daemon, "example.test", "AXFR", True, (EXPIRE,))[1] == {EXPIRE: said}
    assert asked(daemon, "example.test", "AXFR", True, ())[1] == {}


def test_what_is_left_to_a_secondary(onym):
    """RFC 7314 3: our own secondaries must not have it for longer than we do."""
    chief = onym(extra="access: {transfer: [localhost]}\n").start()
    daemon = onym(zones={}, extra="access: {transfer: [localhost]}\n"
                  f"zones: {{example.test: {{from: ['{HOST}:{chief.port}']}}}}\n").start()
    wait_for(lambda: daemon.address() == "192.0.2.2", what=daemon.log())
    time.sleep(2.2)
    whole = expire_of(chief)
    for rdtype, tcp in (("SOA", False), ("AXFR", True)):
        said = asked(daemon, "example.test", rdtype, tcp, (EXPIRE,))[1][EXPIRE]
        assert whole - 60 < struct.unpack("!I", said)[0] <= whole - 2
        assert asked(chief, "example.test", rdtype, tcp, (EXPIRE,))[1][EXPIRE] == \
            struct.pack("!I", whole)


def test_expire_as_dig_asks(onym):
    daemon = onym(extra="access: {transfer: [localhost]}\n").start()
    for words in (("SOA",), ("SOA", "+tcp"), ("IXFR=1", "+tcp"), ("IXFR=1", "+notcp")):
        dig = subprocess.run(["dig", f"@{HOST}", "-p", str(daemon.port), "example.test", *words,
                              "+expire", "+qr", "+all"],
                             capture_output=True, text=True, check=True, timeout=30)
        assert f"; EXPIRE: {expire_of(daemon)} " in dig.stdout, dig.stdout
