"""A little world of Python for tests that resolve: servers that say what a function says.

    world = World(lambda name, rdtype: ["www.cold.test. 60 IN A 192.0.2.9"])
    daemon = onym(extra=world.config())

A function gets the name in small letters and the type, and returns records of the answer section,
an RCODE, or None: no reply at all.
"""

import collections
import socket
import threading
import time

import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset

from conftest import free_port

CONFIG = """\
resolve:
  hints: {{a.root: ["{address}"]}}
  never_ask: []
  special_names: false
  minimise: false
  quiet: true
  port: {port}
"""


class World:
    """A server at one address of loopback; it counts what it is asked."""

    def __init__(self, say, address="127.53.200.1", delay_s=0.0, port=None):
        self.say, self.address, self.delay_s = say, address, delay_s
        self.port = port or free_port(address)
        self.asked = collections.Counter()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, self.port))
        self.socket.settimeout(0.01)
        self.ended = False
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def answer(self, query):
        name = query.question[0].name.to_text().lower()
        self.asked[name] += 1
        said = self.say(name, dns.rdatatype.to_text(query.question[0].rdtype))
        if said is None:
            return None
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.AA
        if isinstance(said, int):
            reply.set_rcode(said)
            return reply.to_wire()
        for line in said:
            owner, ttl, rdclass, rdtype, rdata = line.split(None, 4)
            reply.answer.append(dns.rrset.from_text(owner, int(ttl), rdclass, rdtype, rdata))
        return reply.to_wire()

    def run(self):
        waiting = collections.deque()
        while not self.ended:
            try:
                octets, client = self.socket.recvfrom(4096)
                reply = self.answer(dns.message.from_wire(octets))
                if reply:
                    waiting.append((time.monotonic() + self.delay_s, reply, client))
            except TimeoutError:
                pass
            while waiting and waiting[0][0] <= time.monotonic():
                _, reply, client = waiting.popleft()
                self.socket.sendto(reply, client)

    def close(self):
        self.ended = True
        self.thread.join()
        self.socket.close()

    def config(self):
        """With this one as the root, which knows everything."""
        return CONFIG.format(address=self.address, port=self.port)
