"""Updates of a zone that comes from primaries: passed on to them (RFC 2136 6)."""

import base64
import contextlib
import socket
import struct
import threading
import time

import dns.edns
import dns.flags
import dns.message
import dns.opcode
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.tsig
import dns.update
import pytest

import secondaries
from conftest import HOST, ZONE, free_port, frame, wait_for
from primaries import primary


def key_of(name):
    return dns.tsig.Key(name, base64.b64encode(name.encode() * 4), "hmac-sha256")


CLIENT, CHIEF, OTHER = key_of("client.key."), key_of("chief.key."), key_of("other.key.")


def keys(*list_):
    return "keys: {" + ", ".join(
        f'"{key.name.to_text()}": {{alg: hmac-sha256, '
        f'secret: "{base64.b64encode(key.secret).decode()}"}}' for key in list_) + "}\n"


ACCESS = "access: {transfer: [localhost]}\n"


def middle(onym, remotes, update='["key:client.key."]', port=None, known=(CLIENT, CHIEF)):
    """A secondary of these primaries, which takes updates by the client's key."""
    words = ", ".join(f'"{remote}"' for remote in remotes)
    return onym(zones={}, port=port, extra=keys(*known) + ACCESS +
                f"zones:\n  example.test: {{from: [{words}], update: {update}}}\n")


def send(daemon, *calls, key=CLIENT, tcp=False, edns=False, timeout=20):
    """An update of these calls, (method, arguments ...): what comes back."""
    signed = {"keyring": {key.name: key}, "keyname": key.name,
              "keyalgorithm": key.algorithm} if key else {}
    update = dns.update.Update("example.test", **signed)
    for name, *arguments in calls:
        getattr(update, name)(*arguments)
    if edns:
        update.use_edns(0, payload=65535)
    ask = dns.query.tcp if tcp else dns.query.udp
    reply = ask(update, HOST, port=daemon.port, timeout=timeout)
    assert reply.opcode() == dns.opcode.UPDATE and reply.id == update.id
    assert bool(key) == reply.had_tsig
    return reply


def word(reply):
    return dns.rcode.to_text(reply.rcode())


def reason(reply):
    return [(option.code, option.text) for option in reply.options if option.otype == 15]


def serial(daemon):
    reply = daemon.ask("example.test", "SOA")
    return reply.answer[0][0].serial if reply.answer else None


def wait_serial(daemon, number):
    wait_for(lambda: serial(daemon) == number, 20, f"serial {number}\n{daemon.log()}")


ADD = ("add", "new", 60, "A", "192.0.2.9")


@pytest.mark.parametrize("signed", [False, True], ids=["plain", "tsig"])
@pytest.mark.parametrize("kind", ["knot", "bind"])
def test_real_primaries(onym, tmp_path, kind, signed):
    port = free_port()
    text = "@ SOA ns1 admin 1 3600 60 86400 300\n@ NS ns1\nns1 A 192.0.2.1\nwww A 192.0.2.2\n"
    with primary(kind, tmp_path / kind, {"example.test": text}, port, CHIEF if signed else None,
                 updates=True) as server:
        daemon = middle(onym, [f"{HOST}:{server.port}" + (" key:chief.key" if signed else "")],
                        port=port).start()
        wait_serial(daemon, 1)
        assert word(send(daemon, ADD)) == "NOERROR"
        wait_for(lambda: daemon.address("new.example.test") == "192.0.2.9", 20, daemon.log())
        # The primary's word, whatever it is.
        assert word(send(daemon, ("absent", "www"), ADD, tcp=True)) == "YXDOMAIN"
        many = [("add", f"m{i}", 60, "TXT", "x" * 200) for i in range(200)]
        assert word(send(daemon, *many, tcp=True, edns=True)) == "NOERROR"
        wait_for(lambda: daemon.ask("m199.example.test", "TXT").answer, 20, daemon.log())
        records = secondaries.records(server.port, "example.test") if not signed else None
        assert not records or records == secondaries.records(daemon.port, "example.test")


def test_who_may_what(onym):
    """Here who may, at the primary what. A client that it would not take is taken by our key."""
    chief = onym(extra=keys(CHIEF) + ACCESS)
    chief.path.write_text(chief.path.read_text().replace(
        '.zone"}', '.zone", update: [{by: "key:chief.key.", names: ["*.dyn.example.test"]}]}'))
    chief.start()
    daemon = middle(onym, [f"{HOST}:{chief.port} key:chief.key."],
                    known=(CLIENT, CHIEF, OTHER)).start()
    wait_serial(daemon, 1)
    inside = ("add", "a.dyn", 60, "A", "192.0.2.9")
    assert word(send(daemon, inside)) == "NOERROR"
    refused = send(daemon, ADD, edns=True)
    assert word(refused) == "REFUSED"
    assert reason(refused) == [(0, "so says the primary of the zone")]
    assert word(send(daemon, inside, key=OTHER)) == "REFUSED"
    assert word(send(daemon, inside, key=None)) == "REFUSED"
    wait_serial(daemon, 2)  # without NOTIFY: it is asked at once
    log = chief.run("zone", "log", "example.test", "-c", str(chief.path)).stdout
    assert "key:chief.key" in log and "client.key" not in log, log
    metrics = daemon.run("ctl", "stats", "--prometheus", "-c", str(daemon.path)).stdout
    assert 'onym_updates_forwarded_total{result="answered"} 2\n' in metrics


class Peer:
    """A primary in Python, of updates over TCP only: `answer(octets, connection)`."""

    def __init__(self, answer):
        self.server = socket.create_server((HOST, 0), backlog=300)
        self.port, self.answer, self.heard = self.server.getsockname()[1], answer, []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with contextlib.suppress(OSError, struct.error), connection:
            connection.settimeout(30)
            size = struct.unpack("!H", connection.recv(2, socket.MSG_WAITALL))[0]
            octets = connection.recv(size, socket.MSG_WAITALL)
            if octets[2] >> 3 & 15 == dns.opcode.UPDATE:
                self.heard.append(octets)
                self.answer(octets, connection)

    def close(self):
        self.server.close()


@pytest.fixture
def peer():
    made = []

    def make(answer):
        made.append(Peer(answer))
        return made[-1]

    yield make
    for one in made:
        one.close()


def header(octets, flags):
    """A reply without sections."""
    return octets[:2] + struct.pack("!H", 0x8000 | 5 << 11 | flags) + bytes(8)


def say(rcode):
    return lambda octets, connection: connection.sendall(frame(header(octets, rcode)))


def test_what_is_passed_on(onym, peer):
    """The update itself, with another ID, without the client's signature and OPT."""
    server = peer(say(0))
    daemon = middle(onym, [f"{HOST}:{server.port}"]).start()
    assert word(send(daemon, ADD, edns=True)) == "NOERROR"
    heard = dns.message.from_wire(server.heard[0])
    assert not heard.had_tsig and heard.edns < 0
    wanted = dns.update.Update("example.test")
    wanted.add(*ADD[1:])
    wanted.id = heard.id
    assert server.heard[0] == wanted.to_wire()


@pytest.mark.parametrize("answer,rcode,code,text", [
    (say(5), "REFUSED", 0, "so says the primary"),
    (say(9), "NOTAUTH", 0, "so says the primary"),
    (lambda octets, connection: None, "SERVFAIL", 23, "hung up"),
    (say(15), "15", 0, "so says the primary"),  # no RCODE that there is
    (lambda octets, connection: connection.sendall(b"\0\0"), "SERVFAIL", 0, "no answer at all"),
    (lambda octets, connection: say(0)(bytes([octets[0] ^ 1]) + octets[1:], connection),
     "SERVFAIL", 0, "no answer at all"),  # to something else
    (lambda octets, connection: connection.sendall(frame(b"\1" + octets)), "SERVFAIL", 0,
     "no answer at all"),
    (lambda octets, connection: connection.sendall(b"\0\x40" + bytes(9)), "SERVFAIL", 23,
     "hung up"),
])
def test_peers_that_fail(onym, peer, answer, rcode, code, text):
    server, spare = peer(answer), peer(say(0))
    daemon = middle(onym, [f"{HOST}:{server.port}", f"{HOST}:{spare.port}"]).start()
    reply = send(daemon, ADD, edns=True)
    assert word(reply) == rcode
    assert reason(reply)[0][0] == code and text in reason(reply)[0][1]
    assert len(server.heard) == 1 and not spare.heard  # it might be carried out twice


def test_another_signature(onym, peer):
    """A primary without our key, one that has it and does not sign, and one of another secret."""
    server = peer(say(0))
    daemon = middle(onym, [f"{HOST}:{server.port} key:chief.key"]).start()
    assert reason(send(daemon, ADD, edns=True))[0][1].startswith("the primary's answer is not sig")
    chief = onym(extra=keys(OTHER)).start()
    other = middle(onym, [f"{HOST}:{chief.port} key:chief.key"]).start()
    refused = send(other, ADD, edns=True)
    assert word(refused) == "SERVFAIL"
    assert reason(refused) == [(0, "the primary does not know our signature")]


def test_the_next_primary(onym, peer):
    """One that cannot be reached is passed over; when none can, the client is told."""
    good = peer(say(0))
    dead = [f"{HOST}:{free_port()}", "255.255.255.255"]
    daemon = middle(onym, dead + [f"{HOST}:{good.port}"]).start()
    assert word(send(daemon, ADD)) == "NOERROR" and len(good.heard) == 1
    lost = middle(onym, dead).start()
    reply = send(lost, ADD, edns=True)
    assert word(reply) == "SERVFAIL"
    assert reason(reply) == [(22, "no primary of the zone can be reached")]


def test_a_primary_that_takes_no_connection(onym, peer):
    """FORWARD_CONNECT_MS, then the next one."""
    good = peer(say(0))
    with socket.socket() as full, contextlib.ExitStack() as others:
        full.bind((HOST, 0))
        full.listen(0)
        for _ in range(3):  # who comes then waits for a place
            other = others.enter_context(socket.socket())
            other.setblocking(False)
            other.connect_ex(full.getsockname())
        daemon = middle(onym, [f"{HOST}:{full.getsockname()[1]}", f"{HOST}:{good.port}"]).start()
        began = time.monotonic()
        assert word(send(daemon, ADD)) == "NOERROR"
        assert 1.8 < time.monotonic() - began < 5


def test_a_silent_primary(onym, peer):
    """It holds nobody else's update, and FORWARDS_MAX of its own; FORWARD_ANSWER_MS later those
    who wait are told."""
    silent, good = peer(lambda octets, connection: time.sleep(30)), peer(say(0))
    daemon = onym(zones={}, extra=f"zones:\n  example.test: {{from: '{HOST}:{silent.port}', "
                  f"update: [localhost]}}\n  good.test: {{from: '{HOST}:{good.port}', "
                  "update: [localhost]}\n").start()

    def update(zone):
        message = dns.update.Update(zone)
        message.add(*ADD[1:])
        message.use_edns(0)
        return message
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect((HOST, daemon.port))
        sock.settimeout(15)
        began, wanted = time.monotonic(), 0
        for most in (200, 300):  # the second time there is no room for all of them
            for _ in range(most - wanted):
                sock.send(update("example.test").to_wire())
            wanted = most
            wait_for(lambda: len(silent.heard) == min(most, 256), 5, f"{len(silent.heard)} heard")
            if most == 200:
                assert word(dns.query.udp(update("good.test"), HOST, port=daemon.port,
                                          timeout=2)) == "NOERROR"
        replies = [dns.message.from_wire(sock.recv(4096)) for _ in range(44)]
        assert {reason(reply)[0][1] for reply in replies} == {
            "too many changes wait at this moment"}
        assert time.monotonic() - began < 8
        replies = [dns.message.from_wire(sock.recv(4096)) for _ in range(256)]
        assert 9 < time.monotonic() - began < 18
    assert {word(reply) for reply in replies} == {"SERVFAIL"}
    assert all("does not answer; whether" in reason(reply)[0][1] for reply in replies)
    assert len(silent.heard) == 256


def test_each_the_primary_of_the_other(onym):
    """An update that goes in a circle ends, and both go on."""
    ports = [free_port(), free_port()]
    pair = [onym(zones={}, port=ports[i], extra=f"zones:\n  example.test: {{from: "
                 f"'{HOST}:{ports[1 - i]}', update: [localhost]}}\n").start() for i in range(2)]
    reply = send(pair[0], ADD, key=None, edns=True)
    assert word(reply) == "SERVFAIL"
    assert word(send(pair[1], ADD, key=None)) == "SERVFAIL"


def test_malformed(onym, peer):
    server = peer(say(0))
    daemon = middle(onym, [f"{HOST}:{server.port}"], update="[localhost]").start()
    update = dns.update.Update("example.test")
    update.add(*ADD[1:])
    wire = update.to_wire()
    for bad in (wire[:-1], wire + b"x", wire[:9] + b"\7" + wire[10:]):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(5)
            sock.sendto(bad, (HOST, daemon.port))
            assert sock.recv(4096)[3] & 15 == dns.rcode.FORMERR
    assert not server.heard
    assert word(send(daemon, ADD, key=None)) == "NOERROR"


def test_stopped_and_reloaded_meanwhile(onym, peer):
    """A reload does not disturb what is under way; a stop does not wait for it."""
    go = threading.Event()

    def late(octets, connection):
        go.wait(20)
        connection.sendall(frame(header(octets, 0)))
    server = peer(late)
    daemon = middle(onym, [f"{HOST}:{server.port}"]).start()
    replies = []
    thread = threading.Thread(target=lambda: replies.append(word(send(daemon, ADD))))
    thread.start()
    wait_for(lambda: server.heard, 5, "the update")
    daemon.path.write_text(daemon.path.read_text() + "  more.test: {from: 255.255.255.255}\n")
    daemon.ctl("reload")
    go.set()
    thread.join()
    assert replies == ["NOERROR"]
    go.clear()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        update = dns.update.Update("example.test", keyring={CLIENT.name: CLIENT},
                                   keyname=CLIENT.name)
        update.add(*ADD[1:])
        sock.sendto(update.to_wire(), (HOST, daemon.port))
        wait_for(lambda: len(server.heard) == 2, 5, "the update")
    began = time.monotonic()
    daemon.stop()
    assert time.monotonic() - began < 3
    go.set()
