"""A hundred secondaries of one zone, and the four real ones among them: all follow each change."""

import concurrent.futures
import contextlib
import selectors
import socket
import threading
import time

import dns.message
import dns.opcode
import dns.query
import dns.update
import dns.versioned
import dns.xfr

import secondaries
import peer
from conftest import HOST, ZONE, free_port, wait_for

COUNT = 100
CHANGES = 3
SOON_S = 15  # a sanitized daemon on a busy machine, and a hundred clients in Python


class Crowd:
    """Clients that hear NOTIFY, answer it, and take by IXFR what has changed."""

    def __init__(self, port):
        self.port, self.ended = port, False
        self.selector = selectors.DefaultSelector()
        self.zones, self.sockets, self.took = [], [], []
        for number in range(COUNT):
            self.sockets.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            self.sockets[-1].bind((HOST, 0))
            self.selector.register(self.sockets[-1], selectors.EVENT_READ, number)
            self.zones.append(dns.versioned.Zone("example.test"))
        self.told = [threading.Lock() for _ in range(COUNT)]
        self.pool = concurrent.futures.ThreadPoolExecutor(16)
        self.thread = threading.Thread(target=self.run)

    def ports(self):
        return [one.getsockname()[1] for one in self.sockets]

    def start(self):
        self.thread.start()

    def run(self):
        while not self.ended:
            for key, _ in self.selector.select(0.05):
                octets, client = key.fileobj.recvfrom(4096)
                notice = dns.message.from_wire(octets)
                reply = dns.message.make_response(notice)
                reply.set_opcode(dns.opcode.NOTIFY)
                key.fileobj.sendto(reply.to_wire(), client)
                self.took.append(self.pool.submit(self.take, key.data))

    def take(self, number):
        """One transfer: the whole zone at first, then what has changed since."""
        with self.told[number]:
            query, serial = dns.xfr.make_query(self.zones[number])
            dns.query.inbound_xfr(HOST, self.zones[number], query, port=self.port,
                                  timeout=SOON_S, lifetime=SOON_S)
            return serial is not None

    def serials(self):
        return {serial_of(zone) for zone in self.zones}

    def close(self):
        self.ended = True
        if self.thread.ident:
            self.thread.join()
        self.pool.shutdown()
        for one in self.sockets:
            one.close()


def serial_of(zone):
    with zone.reader() as reader:
        soa = reader.get("@", "SOA")
        return soa[0].serial if soa else None


class Asker(threading.Thread):
    """Asks all the time; how long each answer took."""

    def __init__(self, daemon):
        super().__init__(daemon=True)
        self.daemon_asked, self.took, self.ended = daemon, [], False

    def run(self):
        while not self.ended:
            began = time.monotonic()
            assert self.daemon_asked.address() == "192.0.2.2"
            self.took.append(time.monotonic() - began)


def change(daemon, number):
    update = dns.update.Update("example.test")
    update.replace("v", 60, "TXT", str(number))
    update.delete(f"n{number}")
    assert dns.query.tcp(update, HOST, port=daemon.port, timeout=20).rcode() == 0


def test_all_of_them_follow(onym, tmp_path):
    rich = ZONE + "".join(f"n{i} A 192.0.2.{i}\n" for i in range(200))
    daemon = onym(zones={"example.test": rich}, extra="access: {transfer: [localhost]}\n")
    crowd, real = Crowd(daemon.port), {kind: free_port() for kind in peer.KINDS}
    told = ", ".join(f'"{HOST}:{port}"' for port in crowd.ports() + list(real.values()))
    daemon.path.write_text(daemon.path.read_text().replace(
        '.zone"}', f'.zone", update: [localhost], notify: [{told}]}}'))
    asker = Asker(daemon)
    with contextlib.ExitStack() as stack:
        stack.callback(crowd.close)
        daemon.start()
        crowd.start()
        for kind, port in real.items():
            real[kind] = stack.enter_context(secondaries.secondary(
                kind, tmp_path / kind, daemon, ["example.test"], None, port))
        for server in real.values():
            server.wait("example.test", 1)
        wait_for(lambda: crowd.serials() == {1}, SOON_S, "the first version")
        asker.start()
        for number in range(2, 2 + CHANGES):
            began = time.monotonic()
            change(daemon, number)
            wait_for(lambda: crowd.serials() == {number}, SOON_S, f"{crowd.serials()}")
            print(f"serial {number}: {COUNT} after {time.monotonic() - began:.2f} s", end=", ")
            for server in real.values():
                server.wait("example.test", number)
            print(f"all after {time.monotonic() - began:.2f} s")
        asker.ended = True
        asker.join()
        print(f"{len(asker.took)} answers meanwhile, the latest after {max(asker.took):.3f} s")
        assert len(asker.took) > 10 and max(asker.took) < 2
        wanted = secondaries.records(daemon.port, "example.test")
        for server in real.values():
            assert server.records("example.test") == wanted
        # And nobody took the whole zone for a change: the clients said what they have.
        assert [one.result() for one in crowd.took].count(True) >= COUNT * CHANGES
    for zone in crowd.zones:
        with zone.reader() as reader:
            assert reader.get("v", "TXT")[0].strings == (str(1 + CHANGES).encode(),)
            assert reader.get("n2", "A") is None and reader.get("n100", "A")
            assert sum(len(rdataset) for _, rdataset in reader) == len(wanted)
    assert daemon.log().count("transfer of what has changed in example.test.") >= COUNT * CHANGES
