"""Equal questions of many clients, met by several workers: one walk.

The kernel deals clients' sockets out to the workers, so a crowd of sockets is met by all of them.
"""

import collections
import selectors
import socket
import threading
import time

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from conftest import free_port

CLIENTS = 1000
RESOLVE = """\
resolve:
  hints: {{a.root: ["{address}"]}}
  never_ask: []
  special_names: false
  minimise: false
  quiet: true
  port: {port}
"""


class World:
    """A root that knows everything, slowly; it counts what it is asked."""

    def __init__(self, address="127.53.200.1", delay_s=0.3):
        self.address, self.delay_s = address, delay_s
        self.port = free_port(address)
        self.asked = collections.Counter()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, self.port))
        self.ended = False
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def answer(self, query):
        name, rdtype = query.question[0].name.to_text().lower(), query.question[0].rdtype
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.AA
        if name.startswith("silent"):
            return None
        if name.startswith("bad"):
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif rdtype == dns.rdatatype.A:
            ttl = 0 if name.startswith("zero") else 60
            owner = query.question[0].name
            reply.answer.append(dns.rrset.from_text(owner, ttl, "IN", "A", "192.0.2.9"))
        return reply

    def run(self):
        waiting = []
        self.socket.settimeout(0.01)
        while not self.ended:
            try:
                octets, client = self.socket.recvfrom(4096)
                query = dns.message.from_wire(octets)
                self.asked[query.question[0].name.to_text().lower()] += 1
                reply = self.answer(query)
                if reply:
                    waiting.append((time.monotonic() + self.delay_s, reply.to_wire(), client))
            except TimeoutError:
                pass
            while waiting and waiting[0][0] <= time.monotonic():
                _, octets, client = waiting.pop(0)
                self.socket.sendto(octets, client)

    def close(self):
        self.ended = True
        self.thread.join()
        self.socket.close()

    def config(self):
        return RESOLVE.format(address=self.address, port=self.port)


@pytest.fixture
def world():
    made = World()
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
