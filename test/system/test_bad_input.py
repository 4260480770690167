"""Octets that no client should send: the right RCODE or silence, and the daemon goes on.

`verdict` is a reader of queries of its own, written from the RFCs: what it says of a packet is what
onym must say. Everything is followed by a usual question that must be answered, and by the
fixture's look at what the sanitizers wrote.
"""

import os
import random
import socket
import struct
import time

import dns.message
import pytest

from conftest import HOST, frame

FULL = os.environ.get("ONYM_TEST_FULL") == "1"
RANDOM_PACKETS = 1_000_000 if FULL else 20_000
RANDOM_FRAMES = 50_000 if FULL else 2_000
BATCH = 64
WAIT_S = 5
SILENCE_S = 0.3
HEADER = 12
NOERROR, FORMERR, NOTIMP, REFUSED, NOTAUTH, BADVERS = 0, 1, 4, 5, 9, 16
NOTIFY, UPDATE = 4, 5  # opcodes
OPT, TSIG = 41, 250
POINTERS_MAX = 127
ANSWERED = "answered"  # a sound query: whatever its name and type deserve
SILENCE = "silence"

QUESTION = b"\3www\7example\4test\0\0\1\0\1"


def header(ident=0x1234, flags=0, counts=(1, 0, 0, 0)):
    return struct.pack("!6H", ident, flags, *counts)


def opt(payload=1232, version=0, options=b""):
    return b"\0" + struct.pack("!HHIH", OPT, payload, version << 16, len(options)) + options


def record(owner, rdtype, rdclass, rdata):
    return owner + struct.pack("!HHIH", rdtype, rdclass, 0, len(rdata)) + rdata


SOUND = header() + QUESTION
SOUND_EDNS = header(counts=(1, 0, 0, 1)) + QUESTION + opt()
COOKIE = struct.pack("!HH", 10, 8) + b"12345678"


# --- the oracle ----------------------------------------------------------------------------------

class Bad(Exception):
    """FORMERR."""


def skip_name(packet, at, pointers):
    """Behind the name (RFC 1035 4.1.4). `pointers`: that of a record, which may be compressed; it
    is only passed over, so that neither its length nor where it points to counts."""
    size = 0
    while at < len(packet):
        length = packet[at]
        if length >= 0xC0 and pointers:
            if at + 2 > len(packet):
                raise Bad
            return at + 2
        if length > 63:
            raise Bad
        size += 1 + length
        at += 1 + length
        if (size > 255 and not pointers) or at > len(packet):
            raise Bad
        if length == 0:
            return at
    raise Bad


def read_name(packet, at):
    """The same for a name that is read: pointers lead back from the run of labels they end, at most
    POINTERS_MAX (base/limits.h) of them, and 255 octets are all that it may have."""
    part, size, pointers, behind = at, 0, 0, None
    while at < len(packet):
        length = packet[at]
        if length >= 0xC0:
            pointers += 1
            if at + 2 > len(packet) or pointers > POINTERS_MAX:
                raise Bad
            target = struct.unpack("!H", packet[at : at + 2])[0] & 0x3FFF
            if target >= part:
                raise Bad
            behind = behind or at + 2
            at = part = target
            continue
        size += 1 + length
        at += 1 + length
        if length > 63 or size > 255 or at > len(packet):
            raise Bad
        if length == 0:
            return behind or at
    raise Bad


def check_tsig(packet, begin, rdclass, ttl, rdata_at):
    """RFC 8945 4.2: the record that begins there, which is the last."""
    read_name(packet, begin)
    at = read_name(packet, rdata_at)
    if rdclass != 255 or ttl or at + 10 > len(packet):
        raise Bad
    at += 10 + struct.unpack("!H", packet[at + 8 : at + 10])[0]
    other = struct.unpack("!H", packet[at + 4 : at + 6])[0] if at + 6 <= len(packet) else 0
    if at + 6 + other != len(packet):
        raise Bad


def read_options(rdata):
    """RFC 6891 6.1.2. Returns whether there is a cookie (RFC 7873 5.2.2: 8 or 16 to 40 octets)."""
    at, cookie, count = 0, False, 0
    while at < len(rdata):
        if at + 4 > len(rdata):
            raise Bad
        code, length = struct.unpack("!HH", rdata[at : at + 4])
        if at + 4 + length > len(rdata):
            raise Bad
        if code == 10 and not cookie and count < 16:  # base/limits.h: EDNS_OPTIONS_MAX
            if length != 8 and not 16 <= length <= 40:
                raise Bad
            cookie = True
        at += 4 + length
        count += 1
    return cookie


def read_records(packet, at):
    """All records behind the question. Returns (EDNS version or None, cookie?,
    check_tsig's arguments or None)."""
    counts = struct.unpack("!3H", packet[6:12])
    total, version, cookie, tsig = sum(counts), None, False, None
    for index in range(total):
        additional, begin = index >= counts[0] + counts[1], at
        at = skip_name(packet, at, pointers=True)
        if at + 10 > len(packet):
            raise Bad
        rdtype, rdclass, ttl, size = struct.unpack("!HHIH", packet[at : at + 10])
        rdata = packet[at + 10 : at + 10 + size]
        if len(rdata) < size:
            raise Bad
        at += 10 + size
        if rdtype == OPT:  # RFC 6891 6.1.1
            if not additional or version is not None or packet[begin] != 0:
                raise Bad
            version = ttl >> 16 & 0xFF
            cookie = version == 0 and read_options(rdata)
        elif rdtype == TSIG:  # RFC 8945 5.1
            if not additional or index + 1 < total:
                raise Bad
            tsig = (begin, rdclass, ttl, at - size)
    if at != len(packet):
        raise Bad
    return version, cookie, tsig


def verdict(packet):
    """SILENCE, ANSWERED or an RCODE."""
    if len(packet) < HEADER or packet[2] & 0x80:
        return SILENCE
    opcode = packet[2] >> 3 & 15
    if opcode not in (0, NOTIFY, UPDATE):
        return NOTIMP
    questions = struct.unpack("!H", packet[4:6])[0]
    try:
        if questions > 1:  # RFC 9619
            raise Bad
        at = HEADER
        if questions:
            at = skip_name(packet, at, pointers=False) + 4
            if at > len(packet):
                raise Bad
        version, cookie, tsig = read_records(packet, at)
        if tsig and questions and not version:
            check_tsig(packet, *tsig)
    except Bad:
        return FORMERR
    if version:
        return BADVERS
    if not questions:
        return NOERROR if cookie and not opcode else FORMERR  # RFC 7873 5.4
    if tsig:
        return NOTAUTH
    if opcode:  # of a zone's SOA, from nobody who may
        return (NOTAUTH, REFUSED) if packet[at - 4:at - 2] == b"\0\6" else FORMERR
    return ANSWERED


# --- looking at replies --------------------------------------------------------------------------

def rcode_of(reply):
    """With the upper bits, where the last record is an OPT; we put it there."""
    rcode = reply[3] & 15
    additional = struct.unpack("!H", reply[10:12])[0]
    if additional and rcode == 0 and b"\0\0\x29\4\xd0\1" in reply:
        rcode = BADVERS
    return rcode


def judge(packet, reply, most=1232):
    """A reply to this packet: its ID, QR, its opcode, the RCODE that the oracle says."""
    expected = verdict(packet)
    assert expected != SILENCE, f"a reply to {packet.hex()}: {reply.hex()}"
    assert HEADER <= len(reply) <= most, f"{packet.hex()} -> {reply.hex()}"
    assert reply[:2] == packet[:2] and reply[2] & 0x80, f"{packet.hex()} -> {reply.hex()}"
    assert reply[2] & 0x79 == packet[2] & 0x79, f"opcode, RD: {packet.hex()} -> {reply.hex()}"
    rcode = rcode_of(reply)
    if expected == ANSWERED:
        assert rcode not in (BADVERS, NOTAUTH), f"{packet.hex()} -> {reply.hex()}"
        dns.message.from_wire(reply)
    elif isinstance(expected, tuple):
        assert rcode in expected, f"{packet.hex()}: {rcode}, not one of {expected}"
    else:
        assert rcode == expected, f"{packet.hex()}: {rcode}, not {expected}"


class Line:
    """A UDP socket to the daemon."""

    def __init__(self, daemon):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
        self.socket.connect((HOST, daemon.port))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def silent(self, packet):
        """No reply, and the daemon is still there."""
        self.socket.send(packet)
        self.socket.settimeout(SILENCE_S)
        with pytest.raises(TimeoutError):
            self.socket.recv(65535)

    def rcode(self, packet):
        """What it says; the oracle agrees."""
        self.socket.send(packet)
        self.socket.settimeout(WAIT_S)
        reply = self.socket.recv(65535)
        judge(packet, reply)
        return rcode_of(reply)

    def batch(self, packets):
        """Sends them all at once and judges what comes back. IDs are their places."""
        waiting = {}
        for index, packet in enumerate(packets):
            packet = struct.pack("!H", index) + packet[2:] if len(packet) >= 2 else packet
            self.socket.send(packet)
            if verdict(packet) != SILENCE:
                waiting[index] = packet
        self.socket.settimeout(WAIT_S)
        while waiting:
            try:
                reply = self.socket.recv(65535)
            except TimeoutError:
                raise AssertionError(f"no reply to {[p.hex() for p in waiting.values()]}") from None
            index = struct.unpack("!H", reply[:2])[0]
            assert index in waiting, f"a reply to what deserves none: {reply.hex()}"
            judge(waiting.pop(index), reply)


def usual(daemon):
    """A usual question, both ways."""
    assert daemon.address() == "192.0.2.2"
    assert daemon.address(tcp=True) == "192.0.2.2"


# --- one kind after another ----------------------------------------------------------------------

def test_truncated(onym):
    """Every query cut at every place: below a header silence, else FORMERR."""
    daemon = onym().start()
    with Line(daemon) as line:
        for whole in (SOUND, SOUND_EDNS,
                      header(counts=(1, 0, 0, 1)) + QUESTION + opt(options=COOKIE)):
            cut = [whole[:size] for size in range(len(whole))]
            assert {verdict(packet) for packet in cut} == {SILENCE, FORMERR}
            line.batch(cut[:HEADER])
            line.batch(cut[HEADER:])
            assert line.rcode(whole) == NOERROR
    usual(daemon)


def test_oversized(onym):
    """Larger than anything that we take, up to what a datagram can be."""
    daemon = onym().start()
    with Line(daemon) as line:
        for size in (513, 1232, 1233, 1500, 1536, 1537, 4096, 16384, 65507):
            padded = SOUND + bytes(size - len(SOUND))
            assert line.rcode(padded) == FORMERR
            options = size - len(SOUND_EDNS) - 4
            padding = struct.pack("!HH", 12, options) + bytes(options)
            sound = header(counts=(1, 0, 0, 1)) + QUESTION + opt(options=padding)
            assert len(sound) == size
            line.socket.send(sound)  # sound, but no slot is that large: it may be cut, so FORMERR
            line.socket.settimeout(WAIT_S)
            assert rcode_of(line.socket.recv(65535)) in (NOERROR, FORMERR)
    usual(daemon)


def test_names_that_are_none(onym):
    """Pointers that loop, point forward, out, or back into the header; labels of other kinds."""
    daemon = onym().start()
    tail = b"\0\1\0\1"
    names = [b"\xc0\x0c", b"\xc0\x0d", b"\xc0\0", b"\xc0\x02", b"\xff\xff", b"\xc0\x0e\xc0\x0c",
             b"\3www\xc0\x0c", b"\3www\xc0\x10", b"\1a\xc0\xff", b"\x40", b"\x80", b"\x41a\0",
             b"\xc0", b"\x3f" + b"x" * 63 + b"\xc0\x0c", (b"\x3f" + b"x" * 63) * 4 + b"\0",
             b"\1a" * 128 + b"\0", b"\1a" * 700 + b"\0"]
    with Line(daemon) as line:
        for name in names:
            assert line.rcode(header() + name + tail) == FORMERR, name
        # In records behind the question pointers are allowed, yet none may lead astray.
        for name in names:
            packet = header(counts=(1, 0, 0, 1)) + QUESTION + record(name, 16, 1, b"\0")
            line.rcode(packet)
        longest = (b"\x3f" + b"x" * 63) * 3 + b"\x3d" + b"y" * 61 + b"\0"
        assert len(longest) == 255 and line.rcode(header() + longest + tail) == 5
    usual(daemon)


def test_counts(onym):
    """QDCOUNT 0 and 2 and more; counts that promise records which are not there."""
    daemon = onym().start()
    with Line(daemon) as line:
        assert line.rcode(header(counts=(0, 0, 0, 0))) == FORMERR
        assert line.rcode(header(counts=(0, 0, 0, 1)) + opt()) == FORMERR
        assert line.rcode(header(counts=(0, 0, 0, 1)) + opt(options=COOKIE)) == NOERROR
        assert line.rcode(header(counts=(2, 0, 0, 0)) + QUESTION * 2) == FORMERR
        assert line.rcode(header(counts=(65535, 0, 0, 0)) + QUESTION) == FORMERR
        for place in (1, 2, 3):
            for count in (1, 2, 65535):
                counts = [1, 0, 0, 0]
                counts[place] = count
                assert line.rcode(header(counts=counts) + QUESTION) == FORMERR
        assert line.rcode(header(counts=(0, 0, 0, 0)) + QUESTION) == FORMERR
        assert line.rcode(header(counts=(1, 65535, 65535, 65535)) + QUESTION + opt()) == FORMERR
    usual(daemon)


def test_records_in_a_query(onym):
    """OPT twice, in the wrong section, under a name; TSIG not last; rdata past the end."""
    daemon = onym().start()
    plain = record(b"\xc0\x0c", 1, 1, b"\xc0\0\2\1")
    tsig = record(b"\3key\0", TSIG, 255, b"\0" * 17)
    cases = [((1, 0, 0, 2), opt() * 2), ((1, 1, 0, 0), opt()), ((1, 0, 1, 0), opt()),
             ((1, 0, 0, 1), b"\1x" + opt()), ((1, 0, 0, 1), b"\xc0\x0c" + opt()[1:]),
             ((1, 0, 0, 2), tsig + opt()), ((1, 1, 0, 0), tsig), ((1, 0, 0, 1), plain[:-1]),
             ((1, 0, 0, 1), plain + b"x"), ((1, 0, 0, 1), opt()[:-2] + b"\xff\xff"),
             ((1, 0, 0, 1), opt(options=b"\0\3\0\1")), ((1, 0, 0, 1), opt(options=b"\0\3\0")),
             ((1, 0, 0, 1), opt(options=struct.pack("!HH", 10, 7) + b"1234567")),
             ((1, 0, 0, 1), opt(options=struct.pack("!HH", 10, 41) + b"x" * 41))]
    with Line(daemon) as line:
        for counts, records in cases:
            assert line.rcode(header(counts=counts) + QUESTION + records) == FORMERR, records
        # What is only unusual is answered.
        for counts, records in (((1, 1, 1, 1), plain * 3), ((1, 0, 0, 1), opt(payload=0)),
                                ((1, 0, 0, 2), plain + opt()),
                                ((1, 0, 0, 1), opt(options=b"\xff\xfe\0\0" * 200))):
            assert line.rcode(header(counts=counts) + QUESTION + records) == NOERROR, records
        assert line.rcode(header(counts=(1, 0, 0, 1)) + QUESTION + opt(version=1)) == BADVERS
        assert line.rcode(header(counts=(1, 0, 0, 1)) + QUESTION
                          + opt(version=255, options=b"junk")) == BADVERS
        assert line.rcode(header(counts=(1, 0, 0, 1)) + QUESTION + tsig) == NOTAUTH
        assert line.rcode(header(counts=(1, 0, 0, 2)) + QUESTION + opt() + tsig) == NOTAUTH
    usual(daemon)


def test_opcodes_and_flags(onym):
    """Opcodes that nobody knows: NOTIMP whatever follows them (RFC 8906 3.1.4); flags change
    nothing."""
    daemon = onym().start()
    with Line(daemon) as line:
        for opcode in set(range(1, 16)) - {NOTIFY, UPDATE}:
            for rest in (QUESTION, b"", QUESTION[:9], b"\xff" * 100):
                assert line.rcode(header(flags=opcode << 11) + rest) == NOTIMP
        for bit in (0x0400, 0x0200, 0x0100, 0x0080, 0x0040, 0x0020, 0x0010, 0x000F):
            assert line.rcode(header(flags=bit) + QUESTION) == NOERROR
    usual(daemon)


def test_no_reply_to_a_reply(onym):
    """QR=1, whatever else it is: two servers would talk forever."""
    daemon = onym().start()
    with Line(daemon) as line:
        for opcode in range(16):
            line.batch([header(flags=0x8000 | opcode << 11) + rest
                        for rest in (QUESTION, b"", b"\xff" * 40)])
        line.batch([header(flags=0x8000 | rcode) + QUESTION for rcode in range(16)])
        line.silent(header(flags=0x8580) + QUESTION)
        line.batch([b"x" * size for size in range(HEADER)])
        line.silent(b"")
        # Its own reply sent back to it.
        line.socket.send(SOUND_EDNS)
        line.socket.settimeout(WAIT_S)
        line.silent(line.socket.recv(65535))
    usual(daemon)


# --- anything ------------------------------------------------------------------------------------

def mutate(dice, packet):
    packet = bytearray(packet)
    for _ in range(dice.choice((1, 1, 2, 4, 16))):
        at = dice.randrange(len(packet))
        act = dice.randrange(6)
        if act == 0:
            packet[at] = dice.randrange(256)
        elif act == 1:
            packet[at] ^= 1 << dice.randrange(8)
        elif act == 2:
            del packet[at : at + dice.randrange(1, 8)]
        elif act == 3:
            packet[at:at] = dice.randbytes(dice.randrange(1, 8))
        elif act == 4:
            packet[at:at] = packet[dice.randrange(len(packet)) :][:32]
        else:
            packet[at] = dice.choice((0, 1, 12, 41, 63, 64, 0xC0, 0xFF))
        if not packet:
            break
    return bytes(packet)


def random_packet(dice, sound):
    """A third is noise, the rest was sound once."""
    kind = dice.random()
    if kind < 0.15:
        return dice.randbytes(dice.randrange(0, 100))
    if kind < 0.20:
        return dice.randbytes(dice.randrange(100, 1500))
    if kind < 0.35:  # noise behind a header that gets it further
        counts = [dice.choice((0, 1, 1, 2)) for _ in range(4)]
        return header(counts=counts) + dice.randbytes(dice.randrange(0, 80))
    return mutate(dice, dice.choice(sound))


def sound_queries():
    names = ["www.example.test.", "example.test.", "a.b.example.test.", "nowhere.invalid.", "."]
    queries = [SOUND, SOUND_EDNS, header(counts=(0, 0, 0, 1)) + opt(options=COOKIE)]
    for name in names:
        for rdtype in ("A", "SOA", "ANY", "TXT", "DS", "RRSIG", "AXFR"):
            queries.append(dns.message.make_query(name, rdtype).to_wire())
            queries.append(dns.message.make_query(name, rdtype, use_edns=0, want_dnssec=True,
                                                  pad=64).to_wire())
    update = header(flags=5 << 11, counts=(1, 0, 1, 0)) + QUESTION
    return queries + [update + record(b"\xc0\x0c", 1, 1, b"\xc0\0\2\1")]


def test_random_packets(onym):
    daemon = onym().start()
    dice = random.Random(int(os.environ.get("ONYM_SEED", "1")))
    sound = sound_queries()
    with Line(daemon) as line:
        for _ in range(RANDOM_PACKETS // BATCH + 1):
            line.batch([random_packet(dice, sound) for _ in range(BATCH)])
    usual(daemon)


# --- TCP -----------------------------------------------------------------------------------------

class Stream:
    """A TCP connection to the daemon."""

    def __init__(self, daemon):
        self.socket = daemon.connect()
        self.file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def read(self):
        """The next message, None at the end of the stream."""
        head = self.file.read(2)
        return self.file.read(struct.unpack("!H", head)[0]) if len(head) == 2 else None

    def rcode(self, packet):
        self.socket.sendall(frame(packet))
        reply = self.read()
        assert reply is not None, "the connection was closed"
        judge(packet, reply, 65535)
        return rcode_of(reply)

    def is_over(self):
        """Closed or reset by the daemon."""
        try:
            return self.read() is None
        except ConnectionError:
            return True


def test_tcp_half_frames(onym):
    """Connections that are given up in the middle of anything."""
    daemon = onym().start()
    whole = frame(SOUND)
    for cut in list(range(len(whole))) * 3:
        with Stream(daemon) as stream:
            stream.socket.sendall(whole[:cut])
    for cut in range(len(whole)):  # the client has said all it will, and hears no answer
        with Stream(daemon) as stream:
            stream.socket.sendall(whole[:cut])
            stream.socket.shutdown(socket.SHUT_WR)
            assert stream.is_over()
    with Stream(daemon) as stream:
        stream.socket.sendall(whole)
        stream.socket.shutdown(socket.SHUT_WR)
        judge(SOUND, stream.read(), 65535)
    usual(daemon)


def test_tcp_resets(onym):
    """Given up by RST with answers under way."""
    daemon = onym().start()
    query = frame(dns.message.make_query("big.example.test", "TXT").to_wire())
    for count in (1, 10, 300):
        for _ in range(20):
            with Stream(daemon) as stream:
                stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                         struct.pack("ii", 1, 0))
                stream.socket.sendall(query * count)
    usual(daemon)


def test_tcp_short_messages(onym):
    """Frames of 0 to 11 octets: nothing to answer; the connection may end, the daemon not."""
    daemon = onym().start()
    for size in range(HEADER):
        with Stream(daemon) as stream:
            stream.socket.sendall(frame(b"\0" * size) * 3 + frame(SOUND))
            reply = None
            try:
                reply = stream.read()
            except ConnectionError:
                pass
            if reply is not None:
                judge(SOUND, reply, 65535)
    usual(daemon)


def test_tcp_junk(onym):
    """65535 octets of it, and a stream without frames."""
    daemon = onym().start()
    dice = random.Random(2)
    with Stream(daemon) as stream:
        for first in (b"\0", b"\x08", b"\x7f"):  # flags that make it a query
            junk = b"\0\0" + first + dice.randbytes(65532)
            stream.rcode(junk)
            stream.rcode(SOUND + bytes(65535 - len(SOUND)))
        assert stream.rcode(SOUND) == NOERROR
    for _ in range(20):
        with Stream(daemon) as stream:
            try:
                stream.socket.sendall(dice.randbytes(200_000))
                stream.socket.shutdown(socket.SHUT_WR)
                while stream.read() is not None:
                    pass
            except OSError:  # it had enough of it
                pass
    usual(daemon)


def test_tcp_no_reply_to_a_reply(onym):
    daemon = onym().start()
    with Stream(daemon) as stream:
        reply = None
        try:
            stream.socket.sendall(frame(header(flags=0x8400) + QUESTION) * 10)
            stream.socket.sendall(frame(SOUND))
            reply = stream.read()
        except (ConnectionResetError, BrokenPipeError):
            pass  # it hung up at the first reply, with the rest unread
        if reply is not None:  # what comes first is for the query
            judge(SOUND, reply, 65535)
    usual(daemon)


def test_tcp_slow_octets(onym):
    """A query octet by octet is a query; many such clients hinder nobody."""
    daemon = onym().start()
    streams = [Stream(daemon) for _ in range(30)]
    whole = frame(SOUND_EDNS)
    for octet in whole[:-1]:
        for stream in streams:
            stream.socket.sendall(bytes([octet]))
        assert daemon.address() == "192.0.2.2"
        time.sleep(0.005)
    for stream in streams:
        stream.socket.sendall(whole[-1:])
        judge(SOUND_EDNS, stream.read(), 65535)
        stream.__exit__()
    usual(daemon)


def test_tcp_random_frames(onym):
    daemon = onym().start()
    dice = random.Random(int(os.environ.get("ONYM_SEED", "3")))
    sound = sound_queries()
    sent = 0
    while sent < RANDOM_FRAMES:
        with Stream(daemon) as stream:
            for index in range(100):
                packet = random_packet(dice, sound)
                if verdict(packet) == SILENCE:
                    continue  # whether that ends the connection is tested above
                stream.rcode(struct.pack("!H", index) + packet[2:])
                sent += 1
    usual(daemon)
