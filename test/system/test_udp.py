"""Datagrams: from which address they leave, how large they are, what a burst does."""

import socket
import struct

import dns.flags
import dns.message
import pytest

from conftest import HOST, free_port, wait_for


def wildcard(onym, *hosts):
    port = free_port()
    listed = ", ".join(f'"{host}"' for host in hosts)
    return onym(port=port, listen=f"[{{addr: [{listed}], port: {port}}}]").start()


def test_the_answer_leaves_from_the_address_that_was_asked(onym):
    """IP_PKTINFO: a connected client hears nothing from another address."""
    daemon = wildcard(onym, "0.0.0.0", "::")
    for host in ("127.0.0.1", "127.0.0.2", "127.9.8.7", "::1"):
        for _ in range(5):
            assert daemon.address(host=host) == "192.0.2.2"
        assert daemon.address(host=host, tcp=True) == "192.0.2.2"


def test_a_burst_to_many_addresses(onym):
    """In one batch each answer has a sender of its own."""
    daemon = wildcard(onym, "0.0.0.0")
    clients = []
    for i in range(100):
        client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        client.settimeout(5)
        client.connect((f"127.0.1.{i + 1}", daemon.port))
        clients.append(client)
    query = dns.message.make_query("www.example.test", "A").to_wire()
    for client in clients:
        client.send(query)
    for client in clients:
        assert client.recv(4096)[:2] == query[:2]
        client.close()


def test_ipv6_stays_with_ipv6(onym):
    """V6ONLY: [::] alone does not take IPv4."""
    daemon = wildcard(onym, "::")
    assert daemon.address(host="::1") == "192.0.2.2"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(1)
        client.connect((HOST, daemon.port))
        client.send(b"x" * 20)
        with pytest.raises(ConnectionRefusedError):
            client.recv(512)


def test_a_burst(onym):
    """Many more than a batch, from many clients: everybody gets his own answer."""
    daemon = onym().start()
    clients = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(16)]
    for client in clients:
        client.settimeout(5)
        client.connect((HOST, daemon.port))
    base = dns.message.make_query("www.example.test", "A").to_wire()[2:]
    for i in range(20):
        for number, client in enumerate(clients):
            client.send(struct.pack("!H", number * 256 + i) + base)
    for number, client in enumerate(clients):
        ids = {struct.unpack("!H", client.recv(4096)[:2])[0] for _ in range(20)}
        assert ids == {number * 256 + i for i in range(20)}
        client.close()


def test_garbage_between_queries(onym):
    """What gets no answer leaves no gap: the others of its batch are answered."""
    daemon = onym(workers=1).start()
    query = dns.message.make_query("www.example.test", "A").to_wire()
    response = query[:2] + b"\x80" + query[3:]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.connect((HOST, daemon.port))
        for i in range(60):
            client.send(b"" if i % 3 == 0 else b"short")
            client.send(response)
            client.send(struct.pack("!H", i) + query[2:])
        ids = [struct.unpack("!H", client.recv(4096)[:2])[0] for _ in range(60)]
        assert sorted(ids) == list(range(60))
        client.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.recv(512)
    drops = daemon.ctl("stats")
    assert drops["dropped_response"] == 60 and drops["dropped_short"] == 60


def test_a_datagram_larger_than_a_slot(onym):
    daemon = onym().start()
    query = dns.message.make_query("www.example.test", "A").to_wire()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.connect((HOST, daemon.port))
        for size in (1536, 1537, 5000, 60000):
            client.send(query + b"\0" * (size - len(query)))
            client.recv(4096)  # whatever it says: it is said
        client.send(query)
        assert client.recv(4096)[:2] == query[:2]


def test_no_datagram_above_1232(onym):
    """RFC 9715 3.1: whatever the client offers, TC instead of a fragment."""
    daemon = onym().start()
    reply = daemon.ask("big.example.test", "TXT", use_edns=0, payload=4096)
    assert reply.flags & dns.flags.TC and len(reply.to_wire()) <= 1232
    assert not daemon.ask("big.example.test", "TXT", tcp=True).flags & dns.flags.TC


def test_a_client_without_a_port(onym, root):
    """A source port of 0 cannot be answered; the rest of the batch is."""
    daemon = onym(workers=1).start()
    query = dns.message.make_query("www.example.test", "A").to_wire()
    try:
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
    except PermissionError:
        pytest.skip("no raw sockets here")
    with raw, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.connect((HOST, daemon.port))
        header = struct.pack("!HHHH", 0, daemon.port, 8 + len(query), 0)
        for _ in range(5):
            raw.sendto(header + query, (HOST, 0))
            client.send(query)
        for _ in range(5):
            assert client.recv(4096)[:2] == query[:2]
    wait_for(lambda: daemon.ctl("stats")["send_failed"] == 5, what="five lost replies")
