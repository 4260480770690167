"""Signed requests (RFC 8945), as dig, kdig and dnspython sign them."""

import base64
import socket
import subprocess
import threading
import time

import dns.message
import dns.query
import dns.rcode
import dns.tsig
import dns.tsigkeyring
import pytest

from conftest import HOST, ZONE
from world import World

SECRET = base64.b64encode(b"thirty-two octets are a good key").decode()
OTHER = base64.b64encode(b"what somebody else would sign by").decode()
ALGORITHMS = ["hmac-md5", "hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"]
KEYS = "keys:\n" + "".join(f'  "{name}.key": {{alg: {name}, secret: "{SECRET}"}}\n'
                           for name in ALGORITHMS)


def ring(name="hmac-sha256.key.", secret=SECRET, algorithm="hmac-sha256"):
    return dns.tsig.Key(name, secret, algorithm)


def asked(daemon, key, name="www.example.test", rdtype="A", tcp=False, source=None, **options):
    """What came of it: an RCODE and the TSIG's error, or an exception of dnspython's."""
    query = dns.message.make_query(name, rdtype, **options)
    query.use_tsig({key.name: key}, key.name, algorithm=key.algorithm)
    send = dns.query.tcp if tcp else dns.query.udp
    return send(query, HOST, port=daemon.port, timeout=5, source=source)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_dig_and_kdig_believe_us(onym, algorithm):
    daemon = onym(extra=KEYS).start()
    name = f"{algorithm}.key"
    for transport in ("+notcp", "+tcp"):
        dig = subprocess.run(
            ["dig", f"@{HOST}", "-p", str(daemon.port), transport, "-y",
             f"{algorithm}:{name}:{SECRET}", "www.example.test", "A"],
            capture_output=True, text=True, check=True, timeout=30)
        assert "192.0.2.2" in dig.stdout and "TSIG PSEUDOSECTION" in dig.stdout
        assert "verify" not in dig.stdout + dig.stderr, dig.stdout
    kdig = subprocess.run(
        ["kdig", f"@{HOST}", "-p", str(daemon.port), "-y", f"{algorithm}:{name}:{SECRET}",
         "www.example.test", "A"], capture_output=True, text=True, check=True, timeout=30)
    assert "192.0.2.2" in kdig.stdout and "WARNING" not in kdig.stdout + kdig.stderr


def test_who_is_not_known_is_told_why(onym):
    daemon = onym(extra=KEYS).start()
    with pytest.raises(dns.tsig.PeerBadKey):
        asked(daemon, ring("nobody."))
    with pytest.raises(dns.tsig.PeerBadKey):
        asked(daemon, ring(algorithm="hmac-sha512"))
    with pytest.raises(dns.tsig.PeerBadSignature):
        asked(daemon, ring(secret=OTHER))
    # A query without a signature is answered as ever.
    assert daemon.address() == "192.0.2.2"


@pytest.mark.parametrize("apart", [-400, 400])
def test_clocks_that_differ(onym, monkeypatch, apart):
    """BADTIME is signed, so a client learns by how much its clock is wrong (RFC 8945 5.2.3)."""
    daemon = onym(extra=KEYS).start()
    now = time.time()
    key = ring()
    query = dns.message.make_query("www.example.test", "A")
    query.use_tsig({key.name: key}, key.name, algorithm=key.algorithm)
    monkeypatch.setattr(time, "time", lambda: now + apart)
    wire = query.to_wire()
    monkeypatch.undo()
    reply = raw_udp(daemon, wire)
    assert dns.rcode.from_flags(int.from_bytes(reply[2:4], "big"), 0) == dns.rcode.NOTAUTH
    assert reply[-10:-6] == bytes((0, 18, 0, 6))  # BADTIME, and six octets of our time
    assert abs(int.from_bytes(reply[-6:], "big") - now) < 60
    with pytest.raises(dns.tsig.PeerBadTime):
        dns.message.from_wire(reply, keyring={key.name: key}, request_mac=query.mac)


def raw_udp(daemon, wire):
    """The octets of the reply, unread."""

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(5)
        line.sendto(wire, (HOST, daemon.port))
        return line.recv(65535)


def test_large_replies_keep_room_for_the_signature(onym):
    daemon = onym(extra=KEYS).start()
    reply = asked(daemon, ring(), "big.example.test", "TXT", use_edns=0, payload=1232)
    assert reply.flags & dns.flags.TC and reply.had_tsig
    reply = asked(daemon, ring(), "big.example.test", "TXT", tcp=True)
    assert len(reply.answer[0][0].strings) == 8 and reply.had_tsig


def test_late_replies_are_signed(onym):
    """What had to be asked for elsewhere, whose query is long gone when the answer comes."""
    world = World(lambda name, rdtype: [f"{name} 300 IN A 192.0.2.77"], delay_s=0.2)
    try:
        daemon = onym(extra=KEYS + world.config()).start()
        for tcp in (False, True):
            reply = asked(daemon, ring(), f"cold{tcp}.test", tcp=tcp)
            assert reply.had_tsig and reply.answer[0][0].to_text() == "192.0.2.77"
        # A reload takes the keys away while a reply is on its way: it is signed all the same.
        key = ring()
        query = dns.message.make_query("slow.test", "A")
        query.use_tsig({key.name: key}, key.name, algorithm=key.algorithm)
        world.delay_s = 1.5

        said = []
        client = threading.Thread(target=lambda: said.append(
            dns.query.udp(query, HOST, port=daemon.port, timeout=10)))
        client.start()
        time.sleep(0.3)
        daemon.path.write_text(daemon.path.read_text().replace(KEYS, ""))
        assert daemon.ctl("reload")["exit"] == 0
        client.join()
        assert said and said[0].had_tsig
        with pytest.raises(dns.tsig.PeerBadKey):
            asked(daemon, ring())
    finally:
        world.close()


def test_access_and_views_by_key(onym, tmp_path):
    """A key says who somebody is, wherever they are."""
    inner = tmp_path / "inner.zone"
    inner.write_text(ZONE.replace("192.0.2.", "10.0.0."))
    world = World(lambda name, rdtype: [f"{name} 300 IN A 192.0.2.77"])
    try:
        daemon = onym(extra=KEYS + f"""\
access: {{recurse: ["key:HMAC-sha512.key"]}}
views:
  inside:
    match: ["key:hmac-sha256.key", 127.0.0.2]
    zones: {{"example.test": {{file: "{inner}"}}}}
""" + world.config()).start()
        inside = asked(daemon, ring())
        assert inside.answer[0][0].to_text() == "10.0.0.2"
        assert daemon.address(source="127.0.0.2") == "10.0.0.2"
        other = ring("hmac-sha512.key.", algorithm="hmac-sha512")
        assert asked(daemon, other).answer[0][0].to_text() == "192.0.2.2"
        assert daemon.address() == "192.0.2.2"
        assert asked(daemon, other, "cold.test").answer[0][0].to_text() == "192.0.2.77"
        assert daemon.ask("cold2.test").rcode() == dns.rcode.REFUSED
        assert asked(daemon, ring(), "cold3.test").rcode() == dns.rcode.REFUSED
    finally:
        world.close()


def test_keys_that_are_wrong_stop_nothing(onym):
    """A reload with a secret that cannot be read changes nothing, and says what and where."""
    daemon = onym(extra=KEYS).start()
    good = daemon.path.read_text()
    daemon.path.write_text(good + "  lost: {secret: \"file:lost.secret\"}\n")
    reply = daemon.ctl("reload")
    assert reply["exit"] == 2 and "lost.secret" in str(reply)
    assert asked(daemon, ring()).had_tsig
    (daemon.folder / "lost.secret").write_text(SECRET + "\n")
    assert daemon.ctl("reload")["exit"] == 0
    assert asked(daemon, ring("lost.")).had_tsig
    shown = daemon.run("config", "show", "-c", str(daemon.path))
    assert SECRET not in shown.stdout and "file:lost.secret" in shown.stdout
