"""Zones taken from primaries: real ones, and some that stall, lie and hang up."""

import base64
import contextlib
import json
import os
import random
import re
import socket
import sqlite3
import struct
import threading
import time

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.opcode
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.tsig
import dns.update
import dns.zone
import pytest

import secondaries
import peer
from conftest import HOST, ZONE, free_port, frame, wait_for, zone
from primaries import primary

KEY = dns.tsig.Key("transfer.key.", base64.b64encode(b"who may have all of our zones"),
                   "hmac-sha256")
SECRET = base64.b64encode(KEY.secret).decode()
KEYS = f'keys: {{"transfer.key": {{alg: hmac-sha256, secret: "{SECRET}"}}}}\n'
KILLS = 500 if os.environ.get("ONYM_TEST_FULL") else 25
ACCESS = "access: {transfer: [localhost]}\n"


def soa(number, refresh=3600, retry=1, expire=86400):
    return f"@ SOA ns1 admin {number} {refresh} {retry} {expire} 300\n@ NS ns1\nns1 A 192.0.2.1\n"


MANY = "".join(f"n{i} A 192.0.2.{i % 256}\n" for i in range(3000))


def taker(onym, remotes, port=None, extra=""):
    """A daemon whose zone comes from these primaries."""
    words = ", ".join(f'"{remote}"' for remote in remotes)
    daemon = onym(zones={}, port=port,
                  extra=KEYS + ACCESS + extra +
                  f"zones:\n  example.test: {{from: [{words}]}}\n")
    return daemon


def serial(daemon):
    reply = daemon.ask("example.test", "SOA")
    return reply.answer[0][0].serial if reply.answer else None


def wait_serial(daemon, number, seconds=20):
    wait_for(lambda: serial(daemon) == number, seconds, f"serial {number}\n{daemon.log()}")


def same(daemon, text):
    wanted = secondaries.flat(dns.zone.from_text("$TTL 3600\n" + text, "example.test",
                                                 relativize=False))
    assert secondaries.records(daemon.port, "example.test") == wanted


@pytest.mark.parametrize("key", [None, KEY], ids=["plain", "tsig"])
@pytest.mark.parametrize("kind", list(peer.KINDS))
def test_real_primaries(onym, tmp_path, kind, key):
    port = free_port()
    first = soa(1) + "www A 192.0.2.2\n" + MANY
    with primary(kind, tmp_path / kind, {"example.test": first}, port, key) as server:
        daemon = taker(onym, [f"{HOST}:{server.port}" + (" key:transfer.key" if key else "")],
                       port).start()
        wait_serial(daemon, 1)
        same(daemon, first)
        second = soa(2) + "www A 192.0.2.3\nfresh TXT new\n" + MANY
        server.change("example.test", second)
        wait_serial(daemon, 2)  # by NOTIFY: the refresh is an hour
        same(daemon, second)
        if kind in ("knot", "bind"):
            assert "serial 2 taken from " in daemon.log() and "what has changed" in daemon.log()
        daemon.kill()
    daemon.start()  # without a primary
    assert serial(daemon) == 2
    same(daemon, second)


def test_another_of_ours(onym, tmp_path):
    """onym from onym: NOTIFY, IXFR, TSIG."""
    port = free_port()
    chief = onym(zones={"example.test": zone(1)},
                 extra=KEYS + 'access: {transfer: ["key:transfer.key"]}\n')
    text = chief.path.read_text()
    chief.path.write_text(text.replace(
        '.zone"}', f'.zone", update: [localhost], notify: ["{HOST}:{port} key:transfer.key"]}}'))
    chief.start()
    daemon = taker(onym, [f"{HOST}:{chief.port} key:transfer.key"], port).start()
    wait_serial(daemon, 1)
    for number in range(2, 8):
        update = dns.update.Update("example.test")
        update.add(f"u{number}", 60, "A", "192.0.2.9")
        assert dns.query.udp(update, HOST, port=chief.port, timeout=10).rcode() == 0
    wait_serial(daemon, 7)
    assert "what has changed" in daemon.log()
    assert daemon.address("u7.example.test") == "192.0.2.9"
    status = daemon.ctl("status", zone="example.test")["zone"]
    assert status["transfer"]["primary"] == f"{HOST}:{chief.port}"
    assert status["transfer"]["failures"] == 0 and status["transfer"]["expires_s"] > 1000
    said = daemon.run("ctl", "status", "-c", str(daemon.path)).stdout
    assert f"from {HOST}:{chief.port}, confirmed" in said
    metrics = daemon.run("ctl", "stats", "--prometheus", "-c", str(daemon.path)).stdout
    assert 'onym_fetches_total{kind="axfr",result="done"} 1\n' in metrics


class Changer(threading.Thread):
    """Changes a zone all the time, so that each serial says what must be in it: `v` has the serial,
    and of the last ten serials there are a record `a` and a record `b` each."""

    def __init__(self, chief):
        super().__init__(daemon=True)
        self.chief, self.newest, self.ended, self.problem = chief, 1, False, None

    def run(self):
        try:
            while not self.ended:
                self.change(self.newest + 1)
                time.sleep(0.002)
        except Exception as problem:  # pylint: disable=broad-exception-caught
            self.problem = problem

    def change(self, fresh):
        update = dns.update.Update("example.test")
        update.replace("v", 60, "TXT", str(fresh))
        for letter in "ab":
            update.add(f"{letter}{fresh}", 60, "A", "192.0.2.9")
            update.delete(f"{letter}{fresh - 10}")
        reply = dns.query.tcp(update, HOST, port=self.chief.port, timeout=20)
        assert reply.rcode() == 0
        self.newest = fresh

    def check(self, daemon):
        """What the daemon has is one of the versions, whole; its serial."""
        transferred = dns.zone.from_xfr(dns.query.xfr(HOST, "example.test", port=daemon.port,
                                                      lifetime=20))
        number = transferred.find_rdataset("@", "SOA")[0].serial
        names = {name.to_text() for name in transferred}
        since = max(number - 9, 2)
        assert {name for name in names if name[0] in "ab" and name[1:].isdigit()} == {
            f"{letter}{i}" for letter in "ab" for i in range(since, number + 1)}, number
        if number > 1:
            text = transferred.find_rdataset("v", "TXT")[0].to_text()
            assert text == f'"{number}"', (text, number)
        assert number <= self.newest + 1
        return number


def test_killed_while_it_takes_zones(onym):
    """A primary that changes all the time: after each end there is one of its versions, whole and
    no older than what was served before, and the newest one comes."""
    port = free_port()
    chief = onym(zones={"example.test": zone(1)}, extra=ACCESS)
    chief.path.write_text(chief.path.read_text().replace(
        '.zone"}', f'.zone", update: [localhost], notify: ["{HOST}:{port}"]}}'))
    chief.start()
    daemon = taker(onym, [f"{HOST}:{chief.port}"], port).start()
    wait_serial(daemon, 1)
    changer, dice, before = Changer(chief), random.Random(11), 1
    changer.start()
    for _ in range(KILLS):
        time.sleep(dice.uniform(0.01, 0.2))
        with contextlib.suppress(dns.exception.DNSException):
            before = max(before, serial(daemon) or 0)
        daemon.kill()
        daemon.start()
        assert changer.check(daemon) >= before and changer.problem is None
    changer.ended = True
    changer.join()
    wait_serial(daemon, changer.newest)
    assert changer.check(daemon) == changer.newest > KILLS


# --- primaries that are none

class Liar:
    """A primary in Python: `answer(query, connection)` does what it likes; None: no answer."""

    def __init__(self, by_udp, by_tcp):
        self.port = free_port()
        self.by_udp, self.by_tcp, self.asked, self.ended = by_udp, by_tcp, [], False
        self.keyring = None
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((HOST, self.port))
        self.tcp = socket.create_server((HOST, self.port))
        for work in (self.run_udp, self.run_tcp):
            threading.Thread(target=work, daemon=True).start()

    def run_udp(self):
        while not self.ended:
            with contextlib.suppress(OSError, dns.exception.DNSException):
                wire, client = self.udp.recvfrom(65536)
                query = dns.message.from_wire(wire, keyring=self.keyring)
                self.asked.append(("udp", dns.rdatatype.to_text(query.question[0].rdtype)))
                reply = self.by_udp(query)
                if reply is not None:
                    self.udp.sendto(reply, client)

    def run_tcp(self):
        while not self.ended:
            with contextlib.suppress(OSError, struct.error, dns.exception.DNSException):
                connection, _ = self.tcp.accept()
                with connection:
                    size = struct.unpack("!H", connection.recv(2, socket.MSG_WAITALL))[0]
                    query = dns.message.from_wire(connection.recv(size, socket.MSG_WAITALL),
                                                  keyring=self.keyring)
                    self.asked.append(("tcp", dns.rdatatype.to_text(query.question[0].rdtype)))
                    self.by_tcp(query, connection)

    def close(self):
        self.ended = True
        self.udp.close()
        self.tcp.close()


@pytest.fixture
def liar():
    made = []

    def make(by_udp, by_tcp):
        made.append(Liar(by_udp, by_tcp))
        return made[-1]

    yield make
    for one in made:
        one.close()


def soa_reply(number):
    def answer(query):
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.AA
        reply.answer.append(dns.rrset.from_text(
            "example.test.", 3600, "IN", "SOA", f"ns1.example.test. admin.example.test. {number} "
            "1 1 1000 300"))
        return reply.to_wire()
    return answer


def axfr(number, *lines):
    """All of a zone in one message."""
    def answer(query, connection):
        reply = dns.message.make_response(query)
        first = dns.rrset.from_text("example.test.", 3600, "IN", "SOA", "ns1.example.test. "
                                    f"admin.example.test. {number} 1 1 1000 300")
        reply.answer = [first, dns.rrset.from_text("example.test.", 60, "IN", "NS", "ns.other.")]
        reply.answer += [dns.rrset.from_text(*line) for line in lines] + [first]
        connection.sendall(frame(reply.to_wire(max_size=65535)))
    return answer


def stall(_query, connection):
    connection.sendall(b"\x10\0half of a message")
    time.sleep(60)


def hang_up(query, connection):
    reply = dns.message.make_response(query)
    reply.answer = [dns.rrset.from_text("example.test.", 3600, "IN", "SOA", "ns1.example.test. "
                                        "admin.example.test. 9 1 1 1000 300")]
    connection.sendall(frame(reply))


def garbage(_query, connection):
    connection.sendall(b"\0\x40" + bytes(range(64)))


def refuse(query, connection):
    reply = dns.message.make_response(query)
    reply.set_rcode(dns.rcode.NOTAUTH)
    connection.sendall(frame(reply))


@pytest.mark.parametrize("by_tcp,problem", [
    (hang_up, "the primary hung up before the end"),
    (garbage, "a message is no answer to what was asked"),
    (refuse, "the primary refuses (NOTAUTH)"),
    (axfr(2, ("www.other.test.", 60, "IN", "A", "192.0.2.66")), "a record is not of the zone"),
    (axfr(2, ("c.example.test.", 60, "IN", "CNAME", "a."),
          ("c.example.test.", 60, "IN", "A", "192.0.2.66")), "CNAME and other data"),
])
def test_liars(onym, liar, by_tcp, problem):
    good = [True]
    server = liar(lambda query: soa_reply(1 if good[0] else 2)(query),
                  lambda query, connection: (axfr(1) if good[0] else by_tcp)(query, connection))
    daemon = taker(onym, [f"{HOST}:{server.port}"]).start()
    wait_serial(daemon, 1)
    good[0] = False
    wait_for(lambda: problem in daemon.log(), 15, f"{problem}\n{daemon.log()}")
    assert serial(daemon) == 1  # what was good stays
    status = daemon.ctl("status", zone="example.test")["zone"]["transfer"]
    assert problem in status["problem"] and status["failures"] >= 1
    good[0] = True
    wait_for(lambda: "a primary has it for us again" in daemon.log(), 15)


@pytest.mark.parametrize("signs,good", [
    (range(6), True), ((0, 5), True), ((0, 2, 5), True), ((1, 5), False), ((0, 4), False)])
def test_some_messages_are_signed(onym, liar, signs, good):
    """RFC 8945 5.3.1: of six messages these have a signature, by dnspython's reckoning."""
    def by_tcp(query, connection):
        context = None
        for number in range(6):
            reply = dns.message.make_response(query)
            first = dns.rrset.from_text("example.test.", 3600, "IN", "SOA", "ns1.example.test. "
                                        "admin.example.test. 9 600 1 1000 300")
            names = [dns.rrset.from_text(f"n{number}.example.test.", 60, "IN", "A", "192.0.2.7"),
                     dns.rrset.from_text("example.test.", 60, "IN", "NS", "ns.other.")]
            reply.answer = {0: [first, *names], 5: [first]}.get(number, names[:1])
            if number in signs:
                wire = reply.to_wire(multi=True, tsig_ctx=context)
                context = reply.tsig_ctx
            else:
                reply.tsig = None
                wire = reply.to_wire()
                if context:
                    context.update(wire)
            connection.sendall(frame(wire))
    server = liar(soa_reply(9), by_tcp)
    server.keyring = {KEY.name: KEY}
    daemon = taker(onym, [f"{HOST}:{server.port} key:transfer.key"]).start()
    if good:
        wait_serial(daemon, 9)
        assert daemon.address("n4.example.test") == "192.0.2.7"
    else:
        wait_for(lambda: "it is not signed by the key" in daemon.log(), 15, daemon.log())
        assert serial(daemon) is None


@pytest.mark.parametrize("by_tcp", [
    refuse,
    hang_up,
    pytest.param(stall, marks=pytest.mark.skipif(
        not os.environ.get("ONYM_TEST_FULL"), reason="takes 20 s: only at full size")),
])
def test_the_next_primary_helps(onym, liar, by_tcp):
    dead, good = liar(lambda query: None, by_tcp), liar(soa_reply(5), axfr(5))
    daemon = taker(onym, [f"{HOST}:{dead.port}", f"{HOST}:{good.port}"]).start()
    wait_serial(daemon, 5, 40)
    assert "no primary has it for us" not in daemon.log()  # as the other one has helped


def test_no_ixfr_is_no_reason(onym, liar):
    """RFC 1995 5: who cannot do IXFR is asked for AXFR."""
    number = [1]

    def by_tcp(query, connection):
        if query.question[0].rdtype == dns.rdatatype.IXFR:
            reply = dns.message.make_response(query)
            reply.set_rcode(dns.rcode.NOTIMP)
            connection.sendall(frame(reply))
        else:
            axfr(number[0])(query, connection)

    server = liar(lambda query: soa_reply(number[0])(query), by_tcp)
    daemon = taker(onym, [f"{HOST}:{server.port}"]).start()
    wait_serial(daemon, 1)
    number[0] = 2
    wait_serial(daemon, 2)
    assert ("tcp", "IXFR") in server.asked and server.asked.count(("tcp", "AXFR")) == 2


def test_whole_versions_of_a_large_zone(onym):
    """A whole zone that comes is held against the one that there is: only what differs is a change,
    and what is served is what was sent."""
    luck = random.Random(7)
    lines = [f"n{i} A 192.0.2.{i % 256}\n" for i in range(1500)] + \
        [f"d{i} NS ns.host.\nd{i} NS ns2.host.\n" for i in range(300)]
    chief = onym(zones={"example.test": "$TTL 3600\n" + soa(1) + "".join(lines)},
                 extra=ACCESS).start()
    daemon = taker(onym, [f"{HOST}:{chief.port}"]).start()
    wait_serial(daemon, 1)
    for number in range(2, 10):
        for _ in range(luck.choice((0, 3, 40))):
            place = luck.randrange(len(lines))
            lines[place] = luck.choice((
                f"n{place} A 192.0.2.{luck.randrange(256)}\n", f"new{place} TXT x\n",
                f"N{place} 60 MX 1 Mail.Example\n", f"d{place} NS NS.host.\n", ""))
        if number == 6:  # other TTLs: all of it, as if there had been nothing
            lines = [line.replace(" A ", " 77 A ") for line in lines]
        text = soa(number) + "".join(lines)
        chief.zone("example.test", "$TTL 3600\n" + text)
        assert chief.ctl("reload")["exit"] == 0
        daemon.run("ctl", "retransfer", "example.test", "-c", str(daemon.path))
        wait_serial(daemon, number)
        same(daemon, text)
    said = daemon.run("zone", "log", "example.test", "--json", "-c", str(daemon.path)).stdout
    changes = json.loads(said)["changes"]
    assert len(changes) == 9 and changes[0]["removed"] < 60
    assert [change["serial_to"] for change in changes] == list(range(9, 0, -1))
    daemon.kill()
    chief.kill()
    daemon.start()
    same(daemon, text)


def test_a_large_zone_becomes_none(onym, liar):
    """A zone of nothing but its SOA is none, beside a large version as without one."""
    many = [(f"n{i}.example.test.", 60, "IN", "A", "192.0.2.7") for i in range(1500)]
    good = [True]

    def empty(query, connection):
        reply = dns.message.make_response(query)
        first = dns.rrset.from_text("example.test.", 3600, "IN", "SOA", "ns1.example.test. "
                                    "admin.example.test. 2 1 1 1000 300")
        reply.answer = [first, first]
        connection.sendall(frame(reply))
    server = liar(lambda query: soa_reply(1 if good[0] else 2)(query),
                  lambda query, connection: (axfr(1, *many) if good[0] else empty)(query,
                                                                                   connection))
    daemon = taker(onym, [f"{HOST}:{server.port}"]).start()
    wait_serial(daemon, 1)
    good[0] = False
    wait_for(lambda: "no primary has it for us" in daemon.log(), 15, daemon.log())
    assert serial(daemon) == 1 and daemon.address("n1499.example.test") == "192.0.2.7"
    good[0] = True
    wait_for(lambda: "a primary has it for us again" in daemon.log(), 15, daemon.log())


def test_it_expires_and_comes_back(onym, liar):
    alive = [True]

    def by_udp(query):
        return soa(query) if alive[0] else None

    def soa(query):
        reply = dns.message.make_response(query)
        reply.answer.append(dns.rrset.from_text(
            "example.test.", 3600, "IN", "SOA",
            "ns1.example.test. admin.example.test. 1 1 1 4 300"))
        return reply.to_wire()

    def by_tcp(query, connection):
        if not alive[0]:
            return
        reply = dns.message.make_response(query)
        first = dns.rrset.from_text("example.test.", 3600, "IN", "SOA",
                                    "ns1.example.test. admin.example.test. 1 1 1 4 300")
        reply.answer = [first, dns.rrset.from_text("example.test.", 60, "IN", "NS", "ns.other."),
                        first]
        connection.sendall(frame(reply))

    server = liar(by_udp, by_tcp)
    daemon = taker(onym, [f"{HOST}:{server.port}"]).start()
    wait_serial(daemon, 1)
    alive[0] = False
    wait_for(lambda: daemon.ask("example.test", "SOA").rcode() == dns.rcode.SERVFAIL, 15)
    reply = daemon.ask("example.test", "SOA", use_edns=0)
    assert [option.code for option in reply.options if option.otype == 15] == [24]
    assert "has expired" in daemon.log()
    alive[0] = True
    wait_serial(daemon, 1, 15)


def telling(reply, seconds):
    """With EDNS EXPIRE (RFC 7314), if it was asked for and there is something to tell."""
    if seconds is not None:
        reply.use_edns(0, options=[dns.edns.GenericOption(9, struct.pack("!I", seconds))])
    return reply


def test_expire_is_asked_for(onym, liar):
    """RFC 7314 4: a copy is good for as long as the primary's is, which may have it from another
    one; not for less than it was before, while it is the same."""
    told, number, asked = [None], [1], []

    def answer(query, *lines):
        asked.append([option.otype for option in query.options])
        reply = dns.message.make_response(query)
        first = dns.rrset.from_text("example.test.", 3600, "IN", "SOA", "ns1.example.test. "
                                    f"admin.example.test. {number[0]} 3600 1 1000 300")
        reply.answer = [first, *lines, first] if lines else [first]
        return telling(reply, told[0])

    def by_tcp(query, connection):
        apex = dns.rrset.from_text("example.test.", 60, "IN", "NS", "ns.other.")
        connection.sendall(frame(answer(query, apex)))

    def left():
        return daemon.ctl("status", zone="example.test")["zone"]["transfer"]["expires_s"]

    def heard(low, high, count):
        daemon.run("ctl", "refresh", "example.test", "-c", str(daemon.path))
        wait_for(lambda: len(asked) >= count and low < left() <= high, 5, (left(), asked))
    server = liar(lambda query: answer(query).to_wire(), by_tcp)
    told[0] = 50
    daemon = taker(onym, [f"{HOST}:{server.port}"]).start()
    wait_serial(daemon, 1)
    assert 45 < left() <= 50 and asked == [[9]]
    told[0] = 500
    heard(490, 500, 2)
    told[0] = 100
    heard(490, 500, 3)  # the same version: no shorter than before
    told[0] = 5000
    heard(990, 1000, 4)  # never longer than the zone itself says
    told[0], number[0] = 100, 2
    heard(90, 100, 6)
    daemon.kill()
    server.close()
    daemon.start()
    assert 80 < left() <= 100
    option = dns.edns.GenericOption(9, b"")  # and what others are told by us
    query = dns.message.make_query("example.test", "SOA", use_edns=0, options=[option])
    reply = dns.query.udp(query, HOST, port=daemon.port, timeout=5)
    assert 80 < struct.unpack("!I", reply.options[0].data)[0] <= 100


def test_a_primary_without_edns(onym, liar):
    """FORMERR: it is asked without (RFC 6891 7)."""
    edns = []

    def old(query):
        edns.append(query.edns >= 0)
        reply = dns.message.make_response(query)
        reply.use_edns(-1)
        reply.set_rcode(dns.rcode.FORMERR)
        return reply.to_wire()
    server = liar(lambda query: old(query) if query.edns >= 0 else soa_reply(7)(query),
                  lambda query, connection: connection.sendall(frame(old(query)))
                  if query.edns >= 0 else axfr(7)(query, connection))
    daemon = taker(onym, [f"{HOST}:{server.port}"]).start()
    wait_serial(daemon, 7, 5)
    assert edns == [True] and "refuses" not in daemon.log()


class Silent:
    """A primary that takes connections and says nothing on them."""

    def __init__(self):
        self.server = socket.create_server((HOST, 0), backlog=300)
        self.port, self.taken = self.server.getsockname()[1], []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                self.taken.append(self.server.accept()[0])

    def close(self):
        for connection in [self.server, *self.taken]:
            connection.close()


@pytest.mark.parametrize("count,taken", [(1, 16), (3, 32)])
def test_silent_primaries_of_many_zones(onym, liar, count, taken):
    """They hold FETCH_TRANSFERS_PER_PRIMARY_MAX transfers each and FETCH_TRANSFERS_MAX in all;
    beside one of them another one's zone comes at once."""
    good, silent = liar(soa_reply(7), axfr(7)), [Silent() for _ in range(count)]
    zones = "".join(f"  a{i}.test: {{from: '{HOST}:{silent[i % count].port}'}}\n"
                    for i in range(200))
    daemon = onym(zones={}, extra=f"zones:\n{zones}  example.test: {{from: "
                  f"'{HOST}:{good.port}'}}\n").start()
    if count == 1:
        wait_serial(daemon, 7, 5)
    wait_for(lambda: sum(len(one.taken) for one in silent) >= taken, 5)
    time.sleep(0.5)
    assert sum(len(one.taken) for one in silent) == taken
    assert all(len(one.taken) <= 16 for one in silent)
    daemon.stop()
    for one in silent:
        one.close()


def test_out_of_the_line_to_the_next_primary(onym, liar):
    """Zones that waited in the line of a primary that then fails at once: the next one has them.
    They were lost once, for they counted as waiting still."""
    good, silent = liar(soa_reply(7), refuse), [Silent(), Silent()]
    zones = "".join(f"  a{i}.test: {{from: '{HOST}:{silent[i % 2].port}'}}\n" for i in range(60))
    daemon = onym(zones={}, extra=f"zones:\n{zones}  example.test: {{from: "
                  f"['255.255.255.255:53', '{HOST}:{good.port}']}}\n").start()
    wait_for(lambda: sum(len(one.taken) for one in silent) == 32, 5)
    wait_for(lambda: good.asked, 15)
    good.by_tcp = axfr(7)
    time.sleep(7)  # its turn has come again, and there is no place for it
    assert serial(daemon) is None and len(good.asked) == 1
    for one in silent:
        one.close()
    wait_serial(daemon, 7, 10)


def test_questions_to_a_silent_primary(onym, liar):
    """FETCH_PER_PRIMARY_MAX questions to one that has gone wait for an answer at once, no more."""
    alive = [True]
    many = 150

    def by_udp(query):
        return any_soa(query).to_wire() if alive[0] else None

    def any_soa(query):
        reply = dns.message.make_response(query)
        reply.answer.append(dns.rrset.from_text(
            query.question[0].name, 3600, "IN", "SOA", "ns.other. admin.other. 1 1 1 1000 300"))
        return reply

    def by_tcp(query, connection):
        reply, name = any_soa(query), query.question[0].name
        reply.answer += [dns.rrset.from_text(name, 60, "IN", "NS", "ns.other."), reply.answer[0]]
        connection.sendall(frame(reply))

    server = liar(by_udp, by_tcp)
    zones = "".join(f"  a{i}.test: {{from: '{HOST}:{server.port}'}}\n" for i in range(many))
    daemon = onym(zones={}, extra=f"zones:\n{zones}").start()
    wait_for(lambda: daemon.ctl("status")["counts"]["served"] == many, 15, "all zones")
    alive[0] = False
    before = len(server.asked)
    time.sleep(1.7)  # all are due by now, and none has been given up: FETCH_ANSWER_MS
    assert 32 <= len(server.asked) - before <= 64 + 3  # some may have been on their way


@pytest.mark.parametrize("ago,expired", [(0, False), (100, False), (1001, True),
                                         (40 * 365 * 86400, True), (-86400, False)])
def test_expired_while_it_was_down(onym, liar, ago, expired):
    """The last word of a primary was so long ago; longer than this machine is up, and than the
    clock says, too. No primary is there at the next start."""
    server = liar(soa_reply(1), axfr(1))
    daemon = taker(onym, [f"{HOST}:{server.port}"]).start()
    wait_serial(daemon, 1)
    daemon.stop()
    server.close()
    daemon.path.write_text(daemon.path.read_text().replace(str(server.port), str(free_port())))
    with sqlite3.connect(daemon.state / "history") as database:
        database.execute("UPDATE zones SET refreshed_s = ?", [int(time.time()) - ago])
    database.close()
    daemon.start()
    if expired:
        wait_for(lambda: daemon.ask("example.test", "SOA").rcode() == dns.rcode.SERVFAIL, 5)
        assert "has expired" in daemon.log()
        daemon.stop()
        daemon.start()  # and it stays that
        wait_for(lambda: daemon.ask("example.test", "SOA").rcode() == dns.rcode.SERVFAIL, 5)
    else:
        assert serial(daemon) == 1
        left = daemon.ctl("status", zone="example.test")["zone"]["transfer"]["expires_s"]
        assert 1000 - max(ago, 0) - 20 < left <= 1000 - max(ago, 0)


def test_notices(onym, liar):
    server = liar(soa_reply(1), axfr(1))
    daemon = taker(onym, [f"{HOST}:{server.port}"]).start()
    wait_serial(daemon, 1)

    def notify(name, source=HOST):
        query = dns.message.make_query(name, "SOA")
        query.set_opcode(dns.opcode.NOTIFY)
        query.flags |= dns.flags.AA
        reply = dns.query.udp(query, HOST, port=daemon.port, source=source, timeout=10)
        assert reply.opcode() == dns.opcode.NOTIFY
        return dns.rcode.to_text(reply.rcode())

    assert notify("example.test", "127.0.0.2") == "REFUSED"
    assert notify("other.test") == "NOTAUTH"
    assert notify("www.example.test") == "NOTAUTH"
    before = len(server.asked)
    for _ in range(500):
        assert notify("example.test") == "NOERROR"
    time.sleep(0.5)
    assert 1 <= len(server.asked) - before <= 50  # a storm is few questions


def test_many_zones_take_few_connections(onym):
    """RFC 7766 6.2.1. A port of ours is not free again for a minute."""
    names = [f"z{i}.test" for i in range(100)]
    chief = onym(extra=ACCESS, zones={name: ZONE for name in names}).start()
    daemon = onym(zones={}, extra="zones:\n" + "".join(
        f"  {name}: {{from: ['{HOST}:{chief.port}']}}\n" for name in names)).start()
    wait_for(lambda: daemon.ctl("status")["counts"]["served"] == len(names), 20, daemon.log())
    stats = chief.run("ctl", "stats", "--prometheus", "-c", str(chief.path)).stdout
    opened = int(re.search(r"onym_connections_accepted_total (\d+)", stats).group(1))
    assert opened <= 32, stats


def test_a_connection_that_was_closed(onym, liar):
    """The primary hangs up behind each zone: the next one is fetched over another connection."""
    def answer(query, connection):
        time.sleep(0.01)  # so that others wait
        name = query.question[0].name
        reply = dns.message.make_response(query)
        soa_text = "ns1.example.test. admin.example.test. 1 3600 1 1000 300"
        for kind, text in (("SOA", soa_text), ("NS", "ns1.example.test."), ("SOA", soa_text)):
            reply.answer.append(dns.rrset.from_text(name, 60, "IN", kind, text))
        connection.sendall(frame(reply.to_wire()))
    primary_ = liar(soa_reply(1), answer)
    names = [f"z{i}.test" for i in range(40)]
    daemon = onym(zones={}, extra="zones:\n" + "".join(
        f"  {name}: {{from: ['{HOST}:{primary_.port}']}}\n" for name in names)).start()
    wait_for(lambda: daemon.ctl("status")["counts"]["served"] == len(names), 20, daemon.log())
    assert "hung up" not in daemon.log()


def test_refresh_and_retransfer(onym, liar):
    number = [5]
    server = liar(lambda query: soa_slow(number[0])(query),
                  lambda query, connection: axfr_slow(number[0])(query, connection))

    def soa_slow(value):
        return lambda query: slow(query, value, [])

    def slow(query, value, more):
        reply = dns.message.make_response(query)
        first = dns.rrset.from_text("example.test.", 3600, "IN", "SOA", "ns1.example.test. "
                                    f"admin.example.test. {value} 3600 600 86400 300")
        reply.answer = [first] + more + ([first] if more else [])
        return reply.to_wire()

    def axfr_slow(value):
        apex = dns.rrset.from_text("example.test.", 60, "IN", "NS", "ns.other.")
        return lambda query, connection: connection.sendall(frame(slow(query, value, [apex])))

    daemon = taker(onym, [f"{HOST}:{server.port}"]).start()
    wait_serial(daemon, 5)
    number[0] = 6
    assert daemon.ctl("refresh", zone="example.test")["exit"] == 0
    wait_serial(daemon, 6)
    number[0] = 3  # backwards: only when told to
    assert daemon.ctl("refresh", zone="example.test")["exit"] == 0
    time.sleep(0.3)
    assert serial(daemon) == 6
    assert daemon.ctl("refresh", zone="example.test", whole=True)["exit"] == 0
    wait_serial(daemon, 3)
    assert daemon.ctl("refresh", zone="other.test")["exit"] == 5
    assert daemon.run("ctl", "refresh", "example.test", "-c", str(daemon.path)).returncode == 0
    assert daemon.run("ctl", "retransfer", "example.test", "-c", str(daemon.path)).returncode == 0


def test_check_has_no_file_to_read(onym):
    """`onym check` took the file that such a zone has not for one that cannot be read."""
    daemon = taker(onym, [f"{HOST}:1"])
    check = daemon.run("check", "-c", str(daemon.path))
    assert check.returncode == 0, check.stdout + check.stderr


def test_a_zone_that_is_not_there_yet(onym):
    port = free_port()
    daemon = taker(onym, [f"{HOST}:{port}"]).start()
    reply = daemon.ask("example.test", "SOA", use_edns=0)
    assert reply.rcode() == dns.rcode.SERVFAIL
    wait_for(lambda: "Connection refused" in daemon.log(), 10)
    status = daemon.ctl("status", zone="example.test")["zone"]
    assert status["state"] == "loading" and "Connection refused" in status["transfer"]["problem"]


@pytest.mark.parametrize("text,problem", [
    ("{}", "zone 'example.test' has no file"),
    ("{file: x.zone, from: 192.0.2.1}", "has a file and primaries"),
    ("{from: 192.0.2.1, update: [{by: localhost, types: [A]}]}", "passed on to its primary"),
    ("{from: ns.other}", "is not an address"),
])
def test_configuration(onym, text, problem):
    daemon = onym(zones={}, extra=f"zones:\n  example.test: {text}\n")
    code, said = daemon.fail()
    assert code == 2 and problem in said, said
