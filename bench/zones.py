"""The zones that servers are compared on: a table of makers.

A row of ZONES makes a zone file and the questions for it, always the same ones (seeded). All names
are under bench.test. A question line is what bench-generator reads: name, type, expected rcode.
"""

import dataclasses
import random
from collections.abc import Callable, Iterator

ORIGIN = "bench.test"
NXDOMAIN_SHARE = 0.2  # of the questions to the large zones
HOSTERS = 1000  # name servers outside the zone that delegations share
GLUE_SHARE = 0.2  # delegations whose name servers are inside them, with glue
SPREAD = 0x9E3779B1  # odd: i * SPREAD mod 2^32 meets every number once, in no order

APEX = """\
$ORIGIN bench.test.
$TTL 3600
@ SOA ns1.bench.test. hostmaster.bench.test. 1 7200 900 1209600 300
@ NS ns1
@ NS ns2
ns1 A 192.0.2.1
ns1 AAAA 2001:db8::1
ns2 A 192.0.2.2
ns2 AAAA 2001:db8::2
"""

TEN = """\
@ MX 10 mail
@ MX 20 mail2
@ TXT "v=spf1 mx -all"
www A 192.0.2.10
www A 192.0.2.11
www A 192.0.2.12
www AAAA 2001:db8::10
www AAAA 2001:db8::11
mail A 192.0.2.20
mail AAAA 2001:db8::20
mail2 A 192.0.2.21
db A 192.0.2.40
web CNAME www
_xmpp._tcp SRV 5 0 5222 db
_xmpp._tcp SRV 5 0 5222 www
note TXT "one string" "and another one"
"""

# How often each question is asked, of 100.
TEN_MIX = [
    (28, "www.bench.test", "A", "NOERROR"),
    (14, "www.bench.test", "AAAA", "NOERROR"),
    (10, "mail.bench.test", "A", "NOERROR"),
    (6, "mail.bench.test", "AAAA", "NOERROR"),
    (6, "mail2.bench.test", "A", "NOERROR"),
    (4, "db.bench.test", "AAAA", "NOERROR"),  # no such type there
    (6, "web.bench.test", "A", "NOERROR"),  # a CNAME
    (6, "bench.test", "MX", "NOERROR"),
    (4, "bench.test", "NS", "NOERROR"),
    (2, "bench.test", "SOA", "NOERROR"),
    (3, "note.bench.test", "TXT", "NOERROR"),
    (3, "_xmpp._tcp.bench.test", "SRV", "NOERROR"),
    (8, "absent.bench.test", "A", "NXDOMAIN"),
]


@dataclasses.dataclass(frozen=True)
class Probe:
    """A question whose answer shows that the zone is served."""

    name: str
    kind: int  # the type's number
    rcode: int
    answers: int
    authorities: int


@dataclasses.dataclass(frozen=True)
class Zone:
    """One row. Both makers take the number of names."""

    title: str
    about: str
    names: int
    records: Callable[[int], Iterator[str]]  # text of the zone file, in pieces
    questions: Callable[[int], Iterator[str]]  # question lines, shuffled
    probe: Probe


def make_ten(_names: int) -> Iterator[str]:
    yield APEX
    yield TEN


def ask_ten(_names: int) -> Iterator[str]:
    lines = [f"{name} {kind} {rcode}" for n, name, kind, rcode in TEN_MIX for _ in range(n * 10)]
    random.Random(1).shuffle(lines)
    yield from lines


def label(number: int) -> str:
    """A label for a number, 2 to 9 characters, no two alike and neighbours far apart."""
    return f"h{number * SPREAD % 2**32:x}"


def chosen(names: int) -> Iterator[int]:
    """As many numbers as there are names; a share of them past the end, so absent."""
    dice = random.Random(2)
    for _ in range(names):
        number = dice.randrange(names)
        yield number + names if dice.random() < NXDOMAIN_SHARE else number


def make_hosts(names: int) -> Iterator[str]:
    yield APEX
    for i in range(names):
        yield f"{label(i)} A 10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}\n"


def ask_hosts(names: int) -> Iterator[str]:
    for i in chosen(names):
        yield f"{label(i)}.{ORIGIN} A {'NOERROR' if i < names else 'NXDOMAIN'}"


def make_delegations(names: int) -> Iterator[str]:
    yield APEX
    dice = random.Random(3)
    for i in range(names):
        cut = label(i)
        if dice.random() < GLUE_SHARE:
            yield f"{cut} NS ns1.{cut}\n{cut} NS ns2.{cut}\n"
            yield f"ns1.{cut} A 10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}\n"
            yield f"ns2.{cut} A 11.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}\n"
        else:
            hoster = dice.randrange(HOSTERS)
            yield f"{cut} NS ns1.hoster{hoster}.example.\n{cut} NS ns2.hoster{hoster}.example.\n"


def ask_delegations(names: int) -> Iterator[str]:
    for i in chosen(names):
        yield f"www.{label(i)}.{ORIGIN} A {'NOERROR' if i < names else 'NXDOMAIN'}"


ZONES = {
    "ten": Zone(
        title="Ten names",
        about="Asked for: addresses 68 %; MX, NS, SOA, TXT, SRV, a CNAME 24 %; absent names 8 %.",
        names=10,
        records=make_ten,
        questions=ask_ten,
        probe=Probe("www.bench.test", 1, 0, 3, -1),
    ),
    "hosts": Zone(
        title="A million hosts",
        about="An A record each. Asked for: all names alike, 20 % are not there.",
        names=1_000_000,
        records=make_hosts,
        questions=ask_hosts,
        probe=Probe(f"{label(1)}.{ORIGIN}", 1, 0, 1, -1),
    ),
    "delegations": Zone(
        title="A million delegations",
        about="Two NS records each: 80 % at one of 1000 hosters, 20 % inside with glue. Asked for: "
        "the address of www below each; 20 % are not there.",
        names=1_000_000,
        records=make_delegations,
        questions=ask_delegations,
        probe=Probe(f"www.{label(1)}.{ORIGIN}", 1, 0, 0, 2),
    ),
}
