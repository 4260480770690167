"""TCP (RFC 7766, RFC 9210): framing, order, reuse, and the limits of base/limits.h."""

import os
import re
import select
import socket
import struct
import threading
import time

import dns.edns
import dns.message
import pytest

from conftest import HOST, TOP, frame, read_frame, wait_for

LIMITS = dict(re.findall(r"^#define (TCP_\w+)\s+\(?(\d+)(?: \* 1024)?",
                         (TOP / "src/base/limits.h").read_text(), re.M))
PER_ADDRESS = int(LIMITS["TCP_PER_ADDRESS_MAX"])
IDLE_S = int(LIMITS["TCP_IDLE_MS"]) / 1000
STALL_S = int(LIMITS["TCP_STALL_MS"]) / 1000


def query(name="www.example.test", rdtype="A", number=None, **options):
    message = dns.message.make_query(name, rdtype, **options)
    if number is not None:
        message.id = number
    return message


def ids(connection, count):
    return [read_frame(connection).id for _ in range(count)]


def is_closed(connection, seconds=5.0):
    connection.settimeout(seconds)
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def test_pipelining(onym):
    """Many queries in one segment; the answers come in their order."""
    daemon = onym().start()
    with daemon.connect() as client:
        client.sendall(b"".join(frame(query(number=i)) for i in range(1000)))
        assert ids(client, 1000) == list(range(1000))


def test_octet_by_octet(onym):
    daemon = onym().start()
    wire = frame(query(number=1)) + frame(query("big.example.test", "TXT", number=2))
    with daemon.connect() as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in wire:
            client.sendall(bytes([octet]))
            time.sleep(0.002)
        assert ids(client, 2) == [1, 2]


@pytest.mark.parametrize("cut", [1, 2, 3, 20])
def test_a_query_in_two_segments(onym, cut):
    daemon = onym().start()
    wire = frame(query(number=7))
    with daemon.connect() as client:
        for _ in range(3):
            client.sendall(wire + wire[:cut])
            assert ids(client, 1) == [7]
            client.sendall(wire[cut:])
            assert ids(client, 1) == [7]


def test_length_and_message_in_one_segment(onym):
    """RFC 7766 8: all that answers one segment leaves in one write."""
    daemon = onym().start()
    with daemon.connect() as client:
        client.sendall(frame(query(number=1)) * 5)
        time.sleep(0.3)
        octets = client.recv(65536)
        size = struct.unpack("!H", octets[:2])[0] + 2
        assert len(octets) == 5 * size


def test_half_closed(onym):
    """A client that has said all it has to say still gets all answers."""
    daemon = onym().start()
    with daemon.connect() as client:
        client.sendall(frame(query(number=3)) * 50)
        client.shutdown(socket.SHUT_WR)
        assert ids(client, 50) == [3] * 50
        assert read_frame(client) is None


def test_a_large_query(onym):
    """Up to 65535 octets, here an EDNS option that nobody knows."""
    daemon = onym().start()
    option = dns.edns.GenericOption(65001, b"x" * 65000)
    wire = query(number=9, use_edns=0, options=[option]).to_wire(max_size=65535)
    with daemon.connect() as client:
        for _ in range(3):
            client.sendall(frame(wire))
            assert ids(client, 1) == [9]


def test_garbage_ends_the_connection(onym):
    """What is no query gets no answer; who sends it is not listened to any longer. The answers to
    what came before it are sent."""
    daemon = onym().start()
    for garbage in (b"\0\0", b"\0\5hello", frame(query().to_wire()[:2] + b"\x80" + b"\0" * 9)):
        with daemon.connect() as client:
            client.sendall(frame(query(number=1)) * 2 + garbage + frame(query(number=2)))
            assert ids(client, 2) == [1, 1]
            assert is_closed(client)
    assert daemon.address(tcp=True) == "192.0.2.2"


def test_resets(onym):
    """Clients that vanish, in the middle of anything."""
    daemon = onym(workers=1).start()
    wire = frame(query("big.example.test", "TXT"))
    for i in range(60):
        client = daemon.connect()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.sendall(wire * (i * 10) + wire[:i % len(wire)])
        client.close()
    wait_for(lambda: daemon.ctl("stats")["tcp_connections_open"] == 0, what="an end of them all")
    assert daemon.address(tcp=True) == "192.0.2.2"


def test_many_at_once(onym):
    daemon = onym().start()

    def talk(results, number):
        with daemon.connect() as client:
            for i in range(100):
                client.sendall(frame(query(number=number * 100 + i)))
                results.append(read_frame(client).id == number * 100 + i)

    results = []
    threads = [threading.Thread(target=talk, args=(results, number)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 2000 and all(results)


def test_connections_of_one_address(onym):
    """Over all workers together; another address is not kept out."""
    daemon = onym().start()
    clients = [daemon.connect() for _ in range(PER_ADDRESS)]
    for client in clients:
        client.sendall(frame(query(number=1)))
        assert ids(client, 1) == [1]
    with daemon.connect() as client:
        assert is_closed(client)
    other = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    other.bind(("127.0.0.2", 0))
    other.settimeout(5)
    other.connect((HOST, daemon.port))
    other.sendall(frame(query(number=2)))
    assert ids(other, 1) == [2]
    other.close()
    stats = daemon.ctl("stats")
    assert stats["tcp_connections_refused"] == 1 and stats["tcp_connections_open"] >= PER_ADDRESS
    # A place that is given up is free again.
    clients.pop().close()

    def served():
        with daemon.connect() as client:
            try:
                client.sendall(frame(query(number=4)))
                return read_frame(client) is not None
            except ConnectionError:
                return False
    wait_for(served, what="a free place")
    for client in clients:
        client.close()


def test_when_all_places_are_taken(onym):
    """The longest idle connection makes room. (Few descriptors make few places.)"""
    daemon = onym(workers=1).start(wrap=["sh", "-c", 'ulimit -n 300; exec "$0" "$@"'])
    clients = []
    for number in range(60):
        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        client.bind((f"127.0.2.{number + 1}", 0))
        client.settimeout(5)
        client.connect((HOST, daemon.port))
        client.sendall(frame(query(number=number)))
        assert ids(client, 1) == [number]  # the newest is always served
        clients.append(client)
    places = daemon.ctl("stats")["tcp_connections_open"]
    assert places < 60
    assert all(is_closed(client) for client in clients[:60 - places])
    client = clients[-1]
    client.sendall(frame(query(number=5)))
    assert ids(client, 1) == [5]
    for client in clients:
        client.close()


def test_keepalive_tells_the_idle_time(onym):
    """RFC 7828 3.3.2: in units of 100 ms."""
    daemon = onym().start()
    option = dns.edns.GenericOption(11, b"")
    reply = daemon.ask("www.example.test", tcp=True, use_edns=0, options=[option])
    (told,) = [option for option in reply.options if option.otype == 11]
    assert struct.unpack("!H", told.to_wire())[0] == IDLE_S * 10
    assert not daemon.ask("www.example.test", use_edns=0, options=[option]).options


def resident_kb(daemon):
    with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as file:
        return int(re.search(r"^VmRSS:\s+(\d+)", file.read(), re.M).group(1))


def test_a_client_that_does_not_read(onym):
    """It is not read from any more after a while, others are served, memory stays small, and when
    it reads at last it has all its answers in order."""
    daemon = onym(workers=1).start()
    before = resident_kb(daemon)
    asked = 20000
    with daemon.connect() as client:
        client.setblocking(False)
        octets = b"".join(frame(query("big.example.test", "TXT", number=i)) for i in range(asked))
        sent = 0
        quiet = time.monotonic()
        while sent < len(octets) and time.monotonic() - quiet < 1:
            try:
                sent += client.send(octets[sent:sent + 65536])
                quiet = time.monotonic()
            except BlockingIOError:
                time.sleep(0.02)
        assert daemon.address(tcp=True) == "192.0.2.2"
        assert daemon.address() == "192.0.2.2"
        assert resident_kb(daemon) - before < 40 * 1024

        def send_the_rest():
            rest = octets[sent:]
            while rest:
                select.select([], [client], [])
                rest = rest[client.send(rest[:65536]):]
        sender = threading.Thread(target=send_the_rest)
        sender.start()
        reader = socket.socket(fileno=os.dup(client.fileno()))
        reader.settimeout(20)
        assert ids(reader, asked) == list(range(asked))
        sender.join()
        reader.close()


def test_time_limits(onym):
    """All in one, for each takes its ten seconds: an idle connection, one that trickles, one that
    does not read; and beside them one that goes on asking."""
    daemon = onym(workers=1).start()
    idle, trickling, stalled, busy = (daemon.connect() for _ in range(4))
    idle.sendall(frame(query(number=1)))
    assert ids(idle, 1) == [1]
    stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stalled.setblocking(False)
    wire = frame(query("big.example.test", "TXT")) * 1000
    while select.select([], [stalled], [], 0.5)[1]:
        stalled.send(wire)
    began = time.monotonic()
    ended = {}
    wire = frame(query(number=2))
    at = 0
    while len(ended) < 3 and time.monotonic() - began < 3 * IDLE_S:
        for name, client in (("idle", idle), ("trickling", trickling)):
            if name not in ended and select.select([client], [], [], 0)[0] and is_closed(client):
                ended[name] = time.monotonic() - began
        if "stalled" not in ended and daemon.ctl("stats")["tcp_connections_open"] < 4 - len(ended):
            ended["stalled"] = time.monotonic() - began
        if "trickling" not in ended and at < len(wire) - 1:
            try:
                trickling.sendall(wire[at:at + 1])
            except OSError:
                pass
            at += 1
        busy.sendall(frame(query(number=3)))
        assert ids(busy, 1) == [3]
        time.sleep(0.45)
    assert set(ended) == {"idle", "trickling", "stalled"}
    for name, seconds in ended.items():
        limit = STALL_S if name == "stalled" else IDLE_S
        assert limit - 1.5 < seconds < limit + 3, ended
    for client in (idle, trickling, stalled, busy):
        client.close()


def test_idle_connections_cost_little(onym):
    """RFC 9210 needs many; a connection at rest has no buffer."""
    daemon = onym(workers=1).start()
    before = resident_kb(daemon)
    clients = [daemon.connect() for _ in range(PER_ADDRESS)]
    for client in clients:
        client.sendall(frame(query(number=1)))
        assert ids(client, 1) == [1]
    assert resident_kb(daemon) - before < 8 * PER_ADDRESS
    for client in clients:
        client.close()
