"""Equal questions of many clients, met by several workers: one walk.

The kernel deals clients' sockets out to the workers, so a crowd of sockets is met by all of them.
"""

import selectors
import socket
import time

import dns.message
import dns.rcode
import pytest

from world import World

CLIENTS = 1000


def say(name, rdtype):
    if name.startswith("silent"):
        return None
    if name.startswith("bad"):
        return dns.rcode.SERVFAIL
    ttl = 0 if name.startswith("zero") else 60
    return [f"{name} {ttl} IN A 192.0.2.9"] if rdtype == "A" else []


@pytest.fixture
def world():
    made = World(say, delay_s=0.3)
    yield made
    made.close()


class Crowd:
    """Clients with a socket each, on many addresses, so that none is over its share."""

    def __init__(self, port, count=CLIENTS):
        self.sockets = []
        self.selector = selectors.DefaultSelector()
        for index in range(count):
            client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            client.bind((f"127.0.{1 + index // 200}.{1 + index % 200}", 0))
            client.connect(("127.0.0.1", port))
            self.selector.register(client, selectors.EVENT_READ)
            self.sockets.append(client)

    def ask(self, name):
        for index, client in enumerate(self.sockets):
            client.send(dns.message.make_query(name, "A", id=index).to_wire())

    def replies(self, seconds):
        """All that come: until there is one for each, or the time is over."""
        replies, deadline = [], time.monotonic() + seconds
        while len(replies) < len(self.sockets) and time.monotonic() < deadline:
            for key, _ in self.selector.select(0.1):
                replies.append(dns.message.from_wire(key.fileobj.recv(4096)))
        return replies

    def close(self):
        for client in self.sockets:
            client.close()
        self.selector.close()


@pytest.fixture
def crowd():
    made = []

    def make(*arguments):
        made.append(Crowd(*arguments))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize("name, rcode", [("www.cold.test.", "NOERROR"),
                                         ("zero.cold.test.", "NOERROR"),
                                         ("bad.cold.test.", "SERVFAIL")])
def test_one_walk_for_a_crowd(onym, world, crowd, name, rcode):
    daemon = onym(extra=world.config()).start()
    clients = crowd(daemon.port)
    clients.ask(name)
    replies = clients.replies(15)
    assert len(replies) == CLIENTS
    assert sorted(reply.id for reply in replies) == list(range(CLIENTS))
    assert {dns.rcode.to_text(reply.rcode()) for reply in replies} == {rcode}
    if rcode == "NOERROR":
        assert {reply.answer[0][0].to_text() for reply in replies} == {"192.0.2.9"}
    assert world.asked[name] == 1


def test_stop_while_a_crowd_waits(onym, world, crowd):
    daemon = onym(extra=world.config()).start()
    clients = crowd(daemon.port, 200)
    clients.ask("silent.cold.test.")
    time.sleep(0.5)
    began = time.monotonic()
    assert daemon.stop() == 0
    assert time.monotonic() - began < 5
