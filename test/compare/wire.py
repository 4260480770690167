"""DNS messages as octets: questions made, replies read strictly, records made comparable.

dnspython would do for a few; a comparison reads some hundred thousand replies, and dnspython joins
duplicate records, which is one of the things to be compared. So this reads the wire itself, knows
no more than what equality needs, and refuses what no reply may have: a pointer that does not point
backwards, octets behind the last record, a count that is not so, an OPT that is not alone.

A record is a tuple (owner, type, class, TTL, rdata) with the names in it uncompressed and folded.
"""

import dataclasses
import struct

import dns.name
import dns.rdatatype

QR, AA, TC, RD, RA, AD, CD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0020, 0x0010
DO = 0x8000  # in OPT's TTL (RFC 3225)
TYPE_OPT = 41
HEADER = 12
PAYLOAD = 1232  # what we say we take (RFC 9715)
POINTERS_MAX = 127

# Where names stand in rdata: a number is so many octets, "n" a name, "s" a string with its length;
# what is behind the last one is taken as it is.
LAYOUTS = {
    "NS": "n", "MD": "n", "MF": "n", "CNAME": "n", "MB": "n", "MG": "n", "MR": "n", "PTR": "n",
    "DNAME": "n", "SOA": "nn", "MINFO": "nn", "RP": "nn", "MX": "2n", "AFSDB": "2n", "RT": "2n",
    "KX": "2n", "LP": "2n", "PX": "2nn", "SRV": "222n", "NAPTR": "22sssn", "SVCB": "2n",
    "HTTPS": "2n", "RRSIG": "99n", "NSEC": "n",
}
# RFC 3597 4: names in rdata of these types may be compressed, of others never.
COMPRESSIBLE = {int(dns.rdatatype.from_text(word)) for word in (
    "NS", "MD", "MF", "CNAME", "SOA", "MB", "MG", "MR", "PTR", "MINFO", "MX")}
LAYOUT_OF = {int(dns.rdatatype.from_text(word)): form for word, form in LAYOUTS.items()}


class Malformed(Exception):
    """These octets are no DNS message that anybody may send."""


@dataclasses.dataclass(frozen=True)
class Question:
    """What is asked. The name keeps its case and is in wire form."""

    name: bytes
    type: int
    rdclass: int = 1
    flags: int = 0  # RD, AD, CD
    dnssec_ok: bool = False

    def __str__(self) -> str:
        name = dns.name.from_wire(self.name, 0)[0].to_text()
        extra = "".join(f" +{word}" for word, bit in (("RD", RD), ("AD", AD), ("CD", CD))
                        if self.flags & bit)
        extra += " +DO" if self.dnssec_ok else ""
        rdclass = {1: "IN", 3: "CH", 4: "HS", 254: "NONE", 255: "ANY"}.get(self.rdclass)
        return f"{name} {rdclass or self.rdclass} {type_text(self.type)}{extra}"

    def folded(self) -> bytes:
        return self.name.lower()


def type_text(number: int) -> str:
    return dns.rdatatype.to_text(number)


def to_wire(text: str) -> bytes:
    """A name in zone file form to wire form."""
    return dns.name.from_text(text).to_wire()


def absolute(text: str) -> str:
    return text if text.endswith(".") else text + "."


def fold(rdtype: int, rdata: bytes) -> bytes:
    """Uncompressed rdata with the letters of its names folded."""
    reader = Reader(bytes(HEADER) + rdata)
    return reader.rdata(rdtype, len(rdata))


def to_text(wire: bytes) -> str:
    return dns.name.from_wire(wire, 0)[0].to_text()


def labels(wire: bytes) -> list[bytes]:
    """Labels from the first to the last, without the root's."""
    found, at = [], 0
    while wire[at]:
        found.append(wire[at + 1 : at + 1 + wire[at]])
        at += 1 + wire[at]
    return found


def join(parts: list[bytes]) -> bytes:
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def is_within(wire: bytes, top: bytes) -> bool:
    """At or below; both folded. Compared label by label: octets alone can deceive."""
    if not wire.endswith(top):
        return False
    above, at = labels(top), labels(wire)
    return at[len(at) - len(above) :] == above


def query(question: Question, ident: int, payload: int = PAYLOAD) -> bytes:
    """The octets to send; payload 0: without EDNS."""
    header = struct.pack("!6H", ident, question.flags, 1, 0, 0, 1 if payload else 0)
    asked = question.name + struct.pack("!HH", question.type, question.rdclass)
    ttl = DO if question.dnssec_ok else 0
    opt = b"\0" + struct.pack("!HHIH", TYPE_OPT, payload, ttl, 0) if payload else b""
    return header + asked + opt


@dataclasses.dataclass
class Reply:
    """What came back. `sections` are answer, authority and additional, without OPT."""

    octets: bytes
    ident: int
    flags: int
    rcode: int  # with the upper bits from OPT
    question: bytes  # as it stands there
    sections: list[list[tuple]]
    payload: int | None  # OPT's class; None: no OPT
    options: bytes
    compressed: set[int]  # types whose rdata had a pointer in it

    @property
    def aa(self) -> bool:
        return bool(self.flags & AA)

    @property
    def tc(self) -> bool:
        return bool(self.flags & TC)


class Reader:
    """A cursor over a message."""

    def __init__(self, octets: bytes):
        self.octets = octets
        self.at = HEADER
        self.compressed = set()

    def take(self, size: int) -> bytes:
        taken = self.octets[self.at : self.at + size]
        if len(taken) != size:
            raise Malformed("runs past the end")
        self.at += size
        return taken

    def name(self) -> bytes:
        """The name at the cursor, uncompressed, case as it is."""
        octets, at, parts, size, end, limit = self.octets, self.at, [], 1, None, self.at
        while True:
            if at >= len(octets):
                raise Malformed("a name runs past the end")
            first = octets[at]
            if first >= 0xC0:
                if at + 1 >= len(octets):
                    raise Malformed("a pointer runs past the end")
                end = at + 2 if end is None else end
                target = (first & 0x3F) << 8 | octets[at + 1]
                if target >= limit or target < HEADER:
                    raise Malformed("a pointer does not point backwards")
                at = limit = target
                continue
            if first > 63:
                raise Malformed("a label of an unknown kind")
            if first == 0:
                break
            parts.append(octets[at : at + 1 + first])
            size += 1 + first
            if size > 255:
                raise Malformed("a name over 255 octets")
            at += 1 + first
        self.at = at + 1 if end is None else end
        return b"".join(parts) + b"\0"

    def rdata(self, rdtype: int, size: int) -> bytes:
        """Rdata with its names uncompressed and folded."""
        end = self.at + size
        if end > len(self.octets):
            raise Malformed("rdata runs past the end")
        parts = []
        for field in LAYOUT_OF.get(rdtype, "") if size else "":
            if field == "n":
                start = self.at
                parts.append(self.name().lower())
                if len(parts[-1]) != self.at - start:
                    self.compressed.add(rdtype)
            elif field == "s":
                parts.append(self.take(1 + self.octets[self.at]))
            else:
                parts.append(self.take(int(field)))
        if self.at > end:
            raise Malformed("rdata is longer than it says")
        parts.append(self.take(end - self.at))
        return b"".join(parts)

    def record(self) -> tuple:
        owner = self.name().lower()
        rdtype, rdclass, ttl, size = struct.unpack("!HHIH", self.take(10))
        return owner, rdtype, rdclass, ttl, self.rdata(rdtype, size)


def read(octets: bytes) -> Reply:
    """Reads a whole reply. Raises Malformed."""
    if len(octets) < HEADER:
        raise Malformed("shorter than a header")
    ident, flags, *counts = struct.unpack("!6H", octets[:HEADER])
    if not flags & QR:
        raise Malformed("not a reply")
    reader = Reader(octets)
    for _ in range(counts[0]):
        reader.name()
        reader.take(4)
    question = octets[HEADER : reader.at]
    sections, opt = [], None
    for count in counts[1:]:
        records = [reader.record() for _ in range(count)]
        for record in [record for record in records if record[1] == TYPE_OPT]:
            if opt or len(sections) != 2 or record[0] != b"\0":
                raise Malformed("an OPT where none may be")
            opt = record
            records.remove(record)
        sections.append(records)
    if reader.at != len(octets):
        raise Malformed(f"{len(octets) - reader.at} octets behind the last record")
    rcode = flags & 15
    if opt:
        rcode |= opt[3] >> 24 << 4
    return Reply(octets, ident, flags, rcode, question, sections, opt[2] if opt else None,
                 opt[4] if opt else b"", reader.compressed)


def record_text(record: tuple) -> str:
    owner, rdtype, _rdclass, ttl, rdata = record
    try:
        text = dns.rdata.from_wire(1, rdtype, rdata, 0, len(rdata)).to_text()
    except Exception:  # for a person to read: whatever it is, show it
        text = f"\\# {len(rdata)} {rdata.hex()}"
    return f"{to_text(owner)} {ttl} {type_text(rdtype)} {text}"
