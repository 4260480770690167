"""Zones given to secondaries: AXFR (RFC 5936) and IXFR (RFC 1995), as real ones ask for them."""

import base64
import subprocess

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.xfr
import dns.zone
import pytest

import secondaries
import peer
from conftest import HOST, ZONE, frame, read_frame, zone

KEY = dns.tsig.Key("transfer.key.", base64.b64encode(b"who may have all of our zones"),
                   "hmac-sha256")
SECRET = base64.b64encode(KEY.secret).decode()
KEYS = f'keys: {{"transfer.key": {{alg: hmac-sha256, secret: "{SECRET}"}}}}\n'
BY_KEY = KEYS + 'access: {transfer: ["key:transfer.key"]}\n'
BY_ADDRESS = "access: {transfer: [localhost]}\n"

# Whatever a zone can have that is told apart on the way: more than one message of records, names
# of all kinds, data that must not be touched, cuts with glue, types nobody knows.
RICH = ZONE + """\
@ MX 10 mail
@ TXT "of the apex"
@ CAA 0 issue "ca.example.net"
*.wild TXT "any"
a\\.dot A 192.0.2.10
\\000\\255 A 192.0.2.11
UPPER.Case A 192.0.2.12
deep.er.than.others AAAA 2001:db8::1
cut NS ns.cut
cut NS ns.elsewhere.example.
cut DS 12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
ns.cut A 192.0.2.13
ns.cut AAAA 2001:db8::13
alias CNAME www
tree DNAME elsewhere.example.
_http._tcp SRV 1 2 80 www
svc HTTPS 1 www alpn=h2,h3 ipv4hint=192.0.2.14
strange TYPE65280 \\# 3 010203
point NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:a@example.test!" .
""" + "".join(f"n{i} {i % 5 + 60} A 192.0.2.{i % 256}\n" for i in range(2000))


def content(text, origin="example.test"):
    return secondaries.flat(dns.zone.from_text("$TTL 3600\n" + text, origin, relativize=False))


@pytest.mark.parametrize("key", [None, KEY], ids=["plain", "tsig"])
@pytest.mark.parametrize("kind", list(peer.KINDS))
def test_secondary_has_all_of_it(onym, tmp_path, kind, key):
    daemon = onym(zones={"example.test": RICH}, extra=BY_KEY if key else BY_ADDRESS).start()
    with secondaries.secondary(kind, tmp_path / kind, daemon, ["example.test"], key) as server:
        server.wait("example.test", 1)
        assert server.records("example.test") == content(RICH)
    assert "transfer of example.test. to 127.0.0.1" in daemon.log()


def test_dig_and_kdig_have_it(onym):
    daemon = onym(zones={"example.test": RICH}, extra=BY_KEY).start()
    dig = subprocess.run(["dig", f"@{HOST}", "-p", str(daemon.port), "-y",
                          f"hmac-sha256:transfer.key:{SECRET}", "example.test", "AXFR"],
                         capture_output=True, text=True, check=True, timeout=60).stdout
    count = len(content(RICH)) + 1
    assert f"XFR size: {count} records" in dig, dig[-500:]
    assert "failed" not in dig.lower()
    kdig = subprocess.run(["kdig", f"@{HOST}", "-p", str(daemon.port), "-y",
                           f"hmac-sha256:transfer.key:{SECRET}", "example.test", "AXFR"],
                          capture_output=True, text=True, check=True, timeout=60).stdout
    assert f"{count} records" in kdig, kdig[-500:]


def transferred(daemon, name="example.test", key=None, **options):
    return secondaries.records(daemon.port, name, key, **options)


def test_nobody_may_unless_told(onym):
    daemon = onym().start()
    with pytest.raises(dns.xfr.TransferError) as problem:
        transferred(daemon)
    assert problem.value.rcode == dns.rcode.REFUSED
    query = dns.message.make_query("example.test", "AXFR", use_edns=0)
    reply = dns.query.tcp(query, HOST, port=daemon.port, timeout=5)
    assert [(option.code, option.text) for option in reply.options
            if option.otype == dns.edns.OptionType.EDE] == [(18, "zone transfer is not allowed")]


def test_key_and_address(onym):
    daemon = onym(extra=BY_KEY).start()
    assert transferred(daemon, key=KEY) == content(ZONE)
    with pytest.raises(dns.xfr.TransferError):
        transferred(daemon)
    other = dns.tsig.Key("transfer.key.", base64.b64encode(b"who may not"), "hmac-sha256")
    with pytest.raises(dns.tsig.PeerBadSignature):
        transferred(daemon, key=other)


def test_changed_rules_count_at_once(onym):
    daemon = onym(extra=BY_ADDRESS).start()
    assert transferred(daemon) == content(ZONE)
    daemon.extra = ""
    daemon.write()
    assert daemon.ctl("reload")["ok"]
    with pytest.raises(dns.xfr.TransferError):
        transferred(daemon)


def test_incremental(onym):
    """A client that has the newest gets the SOA alone; others get all of it (RFC 1995 4)."""
    daemon = onym(zones={"example.test": zone(serial=7)}, extra=BY_ADDRESS).start()
    same = list(dns.query.xfr(HOST, "example.test", rdtype="IXFR", serial=7, port=daemon.port,
                              relativize=False))
    assert [len(message.answer) for message in same] == [1]
    older = list(dns.query.xfr(HOST, "example.test", rdtype="IXFR", serial=6, port=daemon.port,
                               relativize=False))
    assert sum(len(rrset) for message in older for rrset in message.answer) == \
        len(content(ZONE)) + 1


def test_it_is_the_version_that_it_began_with(onym):
    """Whoever takes its time gets what there was, though the zone changes meanwhile."""
    big = ZONE + "".join(f'n{i} TXT "{"x" * 250}" "{"y" * 250}"\n' for i in range(30000))
    daemon = onym(zones={"example.test": big}, extra=BY_ADDRESS).start()
    with daemon.connect() as connection:
        connection.sendall(frame(dns.message.make_query("example.test", "AXFR")))
        first = read_frame(connection)
        assert first.answer[0].rdtype == dns.rdatatype.SOA
        daemon.zone("example.test", zone(serial=2, www="192.0.2.77"))
        assert daemon.ctl("reload")["ok"]
        assert daemon.address() == "192.0.2.77"
        count = len(first.answer)
        serials = {first.answer[0][0].serial}
        while True:
            message = read_frame(connection)
            count += sum(len(rrset) for rrset in message.answer)
            last = message.answer[-1]
            if last.rdtype == dns.rdatatype.SOA:
                serials.add(last[0].serial)
                break
        assert serials == {1} and count > 30000
        # The connection goes on, and the next one is the new version.
        connection.sendall(frame(dns.message.make_query("example.test", "AXFR")))
        assert read_frame(connection).answer[0][0].serial == 2


def test_hundred_at_once(onym):
    """A hundred secondaries, and queries are answered beside them."""
    big = ZONE + "".join(f'n{i} TXT "{"x" * 200}"\n' for i in range(2000))
    daemon = onym(zones={"example.test": big}, extra=BY_ADDRESS).start()
    expected = 2000 + len(content(ZONE)) + 1
    connections = []
    try:
        for _ in range(100):
            connections.append(daemon.connect())
            connections[-1].sendall(frame(dns.message.make_query("example.test", "AXFR")))
        for connection in connections:
            count, ends = 0, 0
            while ends < 2:
                message = read_frame(connection)
                assert message, f"cut after {count} records"
                count += sum(len(rrset) for rrset in message.answer)
                ends += sum(rrset.rdtype == dns.rdatatype.SOA for rrset in message.answer)
            assert count == expected
            assert daemon.address() == "192.0.2.2"
    finally:
        for connection in connections:
            connection.close()


def test_clients_that_go_away(onym):
    big = ZONE + "".join(f'n{i} TXT "{"x" * 250}" "{"y" * 250}"\n' for i in range(30000))
    daemon = onym(zones={"example.test": big}, extra=BY_ADDRESS).start()
    for _ in range(20):
        with daemon.connect() as connection:
            connection.sendall(frame(dns.message.make_query("example.test", "AXFR")))
            read_frame(connection)
    assert len(transferred(daemon)) == 30000 + len(content(ZONE))
    assert "broken off" in daemon.log()


def test_metrics(onym):
    daemon = onym(extra=BY_ADDRESS).start()
    transferred(daemon)
    text = daemon.run("ctl", "stats", "--prometheus", "-c", str(daemon.path)).stdout
    assert 'onym_xfr_total{dir="out",kind="axfr",result="sent"} 1' in text, text
