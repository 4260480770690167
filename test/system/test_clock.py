"""A clock that jumps: dates follow it, and what waits or lasts does not."""

import base64
import json
import struct
import time

import dns.message
import dns.query
import dns.rcode
import dns.tsig
import pytest

from conftest import HOST, preload, wait_for
from test_transfer_in import axfr, liar, soa_reply, taker  # pylint: disable=unused-import
from test_update import send

KEY = dns.tsig.Key("clock.key.", base64.b64encode(b"what time is it, and whose"), "hmac-sha256")
YEAR_S = 365 * 86400


class Clock:
    """The clock of one daemon: `jump(seconds)` says by how much it is wrong from now on."""

    def __init__(self, folder):
        self.path = folder / "offset"
        self.jump(0)
        self.environment = preload("clock.c", folder, CLOCK_OFFSET_FILE=self.path)

    def jump(self, seconds):
        with open(self.path, "r+b" if self.path.exists() else "wb") as file:
            file.write(struct.pack("=q", seconds))


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path)


def changes(daemon):
    done = daemon.run("zone", "log", "example.test", "--json", "-c", str(daemon.path))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["changes"]


def test_dates_that_go_backwards(onym, clock):
    """History is in the order of what was done, whatever the dates; log, diff and undo work."""
    daemon = onym(extra="access: {transfer: [localhost]}\n")
    daemon.path.write_text(daemon.path.read_text().replace('.zone"}',
                                                           '.zone", update: [localhost]}'))
    daemon.environment = clock.environment
    daemon.start()
    jumps = [0, 80 * YEAR_S, -3 * 86400, -60 * YEAR_S, 0]  # 2106 and more; before 1970
    for number, jump in enumerate(jumps, 1):
        clock.jump(jump)
        assert send(daemon, lambda update, n=number: update.add(f"a{n}", 60, "A", "192.0.2.1"),
                    key=None) == "NOERROR"
    assert [change["serial_to"] for change in changes(daemon)] == [6, 5, 4, 3, 2]
    for words in (["log", "example.test"], ["diff", "example.test", "2"],
                  ["undo", "example.test", "2", "-y"]):
        done = daemon.run("zone", *words, "-c", str(daemon.path))
        assert done.returncode == 0, done.stderr
    assert daemon.address("a2.example.test") == "NXDOMAIN"
    daemon.stop()
    clock.jump(80 * YEAR_S)
    daemon.start()
    assert daemon.address("a4.example.test") == "192.0.2.1"
    assert daemon.address("a2.example.test") == "NXDOMAIN"
    assert send(daemon, lambda update: update.add("b", 60, "A", "192.0.2.1"),
                key=None) == "NOERROR"
    assert {change["serial_to"] for change in changes(daemon)} >= {7, 8}


def test_badtime_says_the_time(onym, clock):
    """RFC 8945 5.2.3: who is wrong can learn by how much."""
    secret = base64.b64encode(KEY.secret).decode()
    daemon = onym(extra=f'keys: {{"clock.key": {{alg: hmac-sha256, secret: "{secret}"}}}}\n')
    daemon.environment = clock.environment
    daemon.start()
    for jump, good in ((0, True), (200, True), (3600, False), (-3600, False), (0, True)):
        clock.jump(jump)
        query = dns.message.make_query("www.example.test", "A")
        query.use_tsig(KEY)
        if good:
            reply = dns.query.udp(query, HOST, port=daemon.port, timeout=5)
            assert reply.had_tsig and reply.rcode() == 0
            continue
        with pytest.raises(dns.tsig.PeerBadTime):
            dns.query.udp(query, HOST, port=daemon.port, timeout=5)
        wire = raw(daemon, query.to_wire())
        assert wire[3] & 15 == dns.rcode.NOTAUTH
        error, size = struct.unpack("!HH", wire[-10:-6])
        assert (error, size) == (18, 6)
        assert abs(int.from_bytes(wire[-6:], "big") - (time.time() + jump)) < 10


def raw(daemon, wire):
    with dns.query.socket_factory(2, 2, 0) as client:
        client.settimeout(5)
        client.connect((HOST, daemon.port))
        client.send(wire)
        return client.recv(4096)


def test_expiry_does_not_jump(onym, clock, liar):  # pylint: disable=redefined-outer-name
    """A zone of a primary's lasts as long as it lasts, and is as old as it is."""
    server = liar(soa_reply(1), axfr(1))
    daemon = taker(onym, [f"{HOST}:{server.port}"])
    daemon.environment = clock.environment
    daemon.start()
    wait_for(lambda: daemon.ask("example.test", "SOA").answer, 10)
    server.close()
    for jump in (20 * YEAR_S, -40 * YEAR_S):
        clock.jump(jump)
        time.sleep(1.5)  # its refresh is over meanwhile, and nobody answers
        assert daemon.ask("example.test", "SOA").answer, daemon.log()
        left = daemon.ctl("status", zone="example.test")["zone"]["transfer"]["expires_s"]
        assert 900 < left <= 1000
    assert "has expired" not in daemon.log()
