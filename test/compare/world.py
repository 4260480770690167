"""The zones that all servers are asked about.

`ours` puts the zones of test/compare/zones/ into a folder, the first one with the records that are
too many to type; `root` is the root zone of the outside data. `Content` reads a zone so that
questions.py knows what is there.
"""

import collections
import pathlib
import types

import dns.rdata
import dns.rdatatype
import dns.rdtypes.ANY.RP
import dns.rdtypes.nsbase
import dns.zone

import wire
from peers import Zone

HERE = pathlib.Path(__file__).resolve().parent
ORIGINS = ("example.test", "sub.example.test", "other.test", "wild.test", "hidden.test",
           "obsolete.test")
# Zones that a server refuses to load, and so is not asked about.
HIDDEN = ("hidden.test",)  # records below a DNAME
REFUSED_BY = {"nsd": HIDDEN, "knot": HIDDEN + ("obsolete.test",)}
# Types whose text every server reads. The others are handed to all as RFC 3597 writes them.
PLAIN = {dns.rdatatype.from_text(word) for word in (
    "A NS CNAME SOA PTR HINFO MX TXT AAAA SRV NAPTR DNAME DS SSHFP TLSA DNSKEY SVCB HTTPS CAA RP "
    "AFSDB RT KX LP LOC CERT").split()}

SERVER = "a-long-name-for-a-server-so-that-its-glue-does-not-fit"
HOST = "host-with-a-long-name"


# Types of RFC 1035 that dnspython does not read.
for word, base in (("MB", dns.rdtypes.nsbase.NSBase), ("MG", dns.rdtypes.nsbase.NSBase),
                   ("MR", dns.rdtypes.nsbase.NSBase), ("MINFO", dns.rdtypes.ANY.RP.RP)):
    dns.rdata.register_type(types.SimpleNamespace(**{word: type(word, (base,), {})}),
                            dns.rdatatype.from_text(word), word)


def many_records():
    """Answers, additional sections and glue that are too large for one datagram."""
    yield "$ORIGIN example.test."
    for i in range(6):
        yield f'large TXT "{i}{"a" * 250}"'
    yield "large A 192.0.2.95"
    yield "tolarge CNAME large"
    for i in range(1, 41):
        yield f"mx.big MX {i} {HOST}-{i}.big"
        yield f"{HOST}-{i}.big A 192.0.2.{i}"
    for i in range(1, 14):
        yield f"hugecut NS {SERVER}-{i}.hugecut"
        yield f"{SERVER}-{i}.hugecut A 192.0.2.{i}"
        yield f"{SERVER}-{i}.hugecut AAAA 2001:db8::{i}"
    for i in range(1, 21):  # NS alone do not fit
        yield f"widecut NS {'b' * 60}.{SERVER}-{i}.elsewhere.invalid."
    for i in range(1, 101):
        yield f"host{i} A 192.0.2.{i}"


def in_common_words(zone: dns.zone.Zone):
    """The zone's records as text that all servers read, the SOA first."""
    for name, ttl, rdata in sorted(zone.iterate_rdatas(),
                                   key=lambda row: row[2].rdtype != dns.rdatatype.SOA):
        plain = rdata.rdtype in PLAIN
        word = dns.rdatatype.to_text(rdata.rdtype) if plain else f"TYPE{int(rdata.rdtype)}"
        text = rdata.to_text() if plain else rdata.to_generic().to_text()
        yield f"{name.to_text()} {ttl} IN {word} {text}\n"


def parse(text: str, origin: str) -> dns.zone.Zone:
    return dns.zone.from_text(text, origin=wire.absolute(origin), relativize=False,
                              check_origin=False)


def ours(folder: pathlib.Path) -> tuple[list[Zone], list["Content"]]:
    zones, contents = [], []
    for origin in ORIGINS:
        text = (HERE / "zones" / f"{origin}.zone").read_text()
        if origin == ORIGINS[0]:
            text += "\n".join(many_records()) + "\n"
        path = folder / f"{origin}.zone"
        parsed = parse(text, origin)
        path.write_text("".join(in_common_words(parsed)))
        zones.append(Zone(origin, path))
        contents.append(Content(parsed.origin.to_wire(), records_of(parsed)))
    return zones, contents


def read(zone: Zone) -> "Content":
    parsed = dns.zone.from_file(str(zone.path), origin=wire.absolute(zone.origin),
                                relativize=False, check_origin=False)
    return Content(parsed.origin.to_wire(), records_of(parsed))


def root(data: pathlib.Path) -> tuple[Zone, "Content"]:
    """The root zone: a record a line, all absolute. Only names and types of it matter here."""
    path = data / "zones" / "root-20170821.zone"
    records, wires = [], {}
    for line in path.read_text().splitlines():
        owner, _ttl, _class, word, rdata = line.split(None, 4)
        if owner not in wires:
            wires[owner] = wire.to_wire(owner)
        names = wire.to_wire(rdata).lower() if word == "NS" else b""
        records.append((wires[owner], int(dns.rdatatype.from_text(word)), names))
    return Zone(".", path), Content(b"\0", records)


def records_of(read: dns.zone.Zone) -> list[tuple[bytes, int, bytes]]:
    """Owner as written, type, folded rdata."""
    return [(name.to_wire(), int(rdata.rdtype), wire.fold(int(rdata.rdtype), rdata.to_wire()))
            for name, _ttl, rdata in read.iterate_rdatas()]


def served_by(key: str, zones: list[Zone]) -> list[Zone]:
    return [zone for zone in zones if zone.origin not in REFUSED_BY.get(key, ())]


class Content:
    """What is in one zone, names in wire form and folded but for `owners`."""

    def __init__(self, origin: bytes, records: list[tuple[bytes, int, bytes]]):
        self.origin = origin
        self.owners = sorted({owner for owner, _type, _rdata in records})
        self.types = collections.defaultdict(set)    # folded owner -> types there
        self.rrsets = collections.defaultdict(list)  # (folded owner, type) -> [folded rdata]
        for owner, rdtype, rdata in records:
            self.types[owner.lower()].add(rdtype)
            self.rrsets[owner.lower(), rdtype].append(rdata)
        # Those that exist: owners and the empty non-terminals above them.
        self.names = {suffix for owner in self.types for suffix in self.suffixes(owner)}
        self.empty = sorted(self.names - set(self.types))
        self.cuts = sorted(name for name, there in self.types.items()
                           if dns.rdatatype.NS in there and name != origin)
        self.dnames = sorted(name for name, there in self.types.items()
                             if dns.rdatatype.DNAME in there)
        self.wildcards = sorted(name for name in self.names if name.startswith(b"\1*"))
        self.cut_set = set(self.cuts)
        self.hidden = collections.defaultdict(list)  # cut -> owners below it
        for owner in self.owners:
            cut = self.cut_above(owner.lower())
            if cut and cut != owner.lower():
                self.hidden[cut].append(owner)

    def suffixes(self, name: bytes) -> list[bytes]:
        """The name and those above it, the zone's own last."""
        parts = wire.labels(name)
        depth = len(parts) - len(wire.labels(self.origin))
        return [wire.join(parts[at:]) for at in range(depth + 1)]

    def cut_above(self, name: bytes) -> bytes | None:
        """The highest cut at or above the (folded) name."""
        return next((top for top in reversed(self.suffixes(name)) if top in self.cut_set), None)
