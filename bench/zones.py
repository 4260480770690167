"""The zones that servers are compared on: a table of makers, and how each is measured.

A row of ZONES makes a zone file (or a folder of them) and the questions for it, always the same
ones (seeded). All names are under bench.test, but for those of the many small zones, which are
below test. A question line is what bench-generator reads: name, type, expected rcode.
"""

import dataclasses
import random
from collections.abc import Callable, Iterator

ORIGIN = "bench.test"
NXDOMAIN_SHARE = 0.2  # of the questions to the large zones
AAAA_EVERY = 5  # hosts: so many names have one AAAA record between them
DS_EVERY = 5  # delegations that are signed below, where the zone itself is signed
PROVIDERS = 10_000  # whose name servers delegations share
INSIDE_EVERY = 10  # providers whose name servers are hosts of the zone; the others are elsewhere
QUESTIONS_MAX = 2_000_000  # the generator holds them in memory
SPREAD = 0x9E3779B1  # odd: i * SPREAD mod 2^32 meets every number once, in no order
ZONE_PROBES = 64  # of many small zones, beside the first and the last in canonical order

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
    authorities: int  # -1: any number
    recurse: bool = False  # with RD


Questions = Callable[[int], Iterator[str]]  # question lines for so many names, shuffled

# How a zone is measured.
TOGETHER = "together"  # all servers up at once, asked in turns, round after round
ALONE = "alone"  # one server after the other, each in turns with the echo: for want of memory
STARTS = "starts"  # only started and stopped, in turns: the time to the first answer

# Who takes part.
EVERYONE = ("onym", "gdnsd", "nsd", "knot", "bind", "pdns", "echo")
SIGNED = ("onym", "nsd", "knot", "bind", "pdns", "echo")  # gdnsd serves no DNSSEC
QUICK = ("onym", "gdnsd", "nsd", "knot", "echo")  # where all would take too long
QUICK_SIGNED = ("onym", "nsd", "knot", "echo")
FOLDERS = ("onym", "onym-again", "gdnsd", "nsd", "knot", "echo")
STARTERS = ("onym", "onym-again", "gdnsd", "nsd", "knot", "bind", "pdns")


@dataclasses.dataclass(frozen=True)
class Zone:
    """One row. Makers take the number of names; `questions` are sets by title, "" for the first.

    With `many`, `records` makes one small zone instead: it takes the zone's number.
    """

    title: str
    about: str
    names: int
    records: Callable[[int], Iterator[str]]  # text of the zone file, in pieces
    questions: dict[str, Questions]
    probes: Callable[[int], list[Probe]]
    signed: str = ""  # how the zone is signed: a key of signing.POLICIES
    many: bool = False
    how: str = TOGETHER
    servers: tuple[str, ...] = EVERYONE
    seconds: float = 2.5  # of a run: 600 ticks of the kernel's to tell user from system
    runs: int = 5
    start_s: float = 300  # who does not serve by then is told so; ten million names take minutes


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


def chosen(names: int, share: float = NXDOMAIN_SHARE) -> Iterator[int]:
    """As many numbers as there are names; a share of them past the end, so absent."""
    dice = random.Random(2)
    for _ in range(min(names, QUESTIONS_MAX)):
        number = dice.randrange(names)
        yield number + names if dice.random() < share else number


def v4(first: int, i: int) -> str:
    return f"{first}.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}"


# --- hosts ----------------------------------------------------------------------------------


def make_hosts(names: int) -> Iterator[str]:
    yield APEX
    for i in range(names):
        yield f"{label(i)} A {v4(10, i)}\n"
        if i % AAAA_EVERY == 0:
            yield f"{label(i)} AAAA 2001:db8::{i >> 16:x}:{i & 65535:x}\n"


def host_lines(names: int, share: float) -> Iterator[str]:
    """A and AAAA by turns."""
    for turn, i in enumerate(chosen(names, share)):
        kind = "AAAA" if turn % 2 else "A"
        yield f"{label(i)}.{ORIGIN} {kind} {'NOERROR' if i < names else 'NXDOMAIN'}"


def ask_hosts(names: int) -> Iterator[str]:
    return host_lines(names, NXDOMAIN_SHARE)


def ask_present(names: int) -> Iterator[str]:
    """Addresses that are there, all of them."""
    for i in chosen(names, 0):
        yield f"{label(i)}.{ORIGIN} A NOERROR"


def ask_absent(names: int) -> Iterator[str]:
    for i in chosen(names, 1):
        yield f"{label(i)}.{ORIGIN} A NXDOMAIN"


def probe_hosts(_names: int) -> list[Probe]:
    return [Probe(f"{label(1)}.{ORIGIN}", 1, 0, 1, -1)]


# --- delegations ----------------------------------------------------------------------------


def make_cut(i: int) -> str:
    cut = label(i)
    return (
        f"{cut} NS ns1.{cut}\n{cut} NS ns2.{cut}\n"
        f"ns1.{cut} A {v4(10, i)}\nns2.{cut} A {v4(11, i)}\n"
    )


def make_delegations(names: int) -> Iterator[str]:
    yield APEX
    for i in range(names):
        yield make_cut(i)


def make_secure_delegations(names: int) -> Iterator[str]:
    """A share of them with a DS record: a digest of SHA-256 size (RFC 4509), made up."""
    yield APEX
    dice = random.Random(3)
    for i in range(names):
        yield make_cut(i)
        if i % DS_EVERY == 0:
            yield f"{label(i)} DS {i & 65535} 13 2 {dice.randbytes(32).hex()}\n"


def make_shared(names: int) -> Iterator[str]:
    yield APEX
    pairs = []
    for i in range(PROVIDERS):
        inside = i % INSIDE_EVERY == 0
        hosts = [f"ns{n}.p{i:x}{'' if inside else '.example.'}" for n in (1, 2)]
        pairs.append(hosts)
        if inside:
            yield f"{hosts[0]} A {v4(10, i)}\n{hosts[1]} A {v4(11, i)}\n"
    dice = random.Random(3)
    for i in range(names):
        one, two = pairs[dice.randrange(PROVIDERS)]
        yield f"{label(i)} NS {one}\n{label(i)} NS {two}\n"


def ask_delegations(names: int) -> Iterator[str]:
    for i in chosen(names):
        yield f"www.{label(i)}.{ORIGIN} A {'NOERROR' if i < names else 'NXDOMAIN'}"


def probe_delegations(_names: int) -> list[Probe]:
    return [Probe(f"www.{label(1)}.{ORIGIN}", 1, 0, 0, 2)]


# --- many small zones -----------------------------------------------------------------------


def zone_name(i: int) -> str:
    return f"{label(i)}.test"


def make_small(i: int) -> Iterator[str]:
    """The text of the zone of this number: four records."""
    yield (
        "$TTL 3600\n@ SOA ns1 hostmaster 1 7200 900 1209600 300\n@ NS ns1\n"
        f"ns1 A 192.0.2.1\nwww A {v4(10, i)}\n"
    )


def ask_small(names: int) -> Iterator[str]:
    """www and absent names, all in zones that are there."""
    for i in chosen(names):
        if i < names:
            yield f"www.{zone_name(i)} A NOERROR"
        else:
            yield f"absent.{zone_name(i - names)} A NXDOMAIN"


def probe_small(names: int) -> list[Probe]:
    """Some servers answer from the first zones while they still load the others."""
    dice = random.Random(4)
    order = sorted(zone_name(i) for i in range(names))
    some = {order[0], order[-1], *(dice.choice(order) for _ in range(ZONE_PROBES))}
    return [Probe(f"www.{name}", 1, 0, 1, -1) for name in sorted(some)]


# --- the table ------------------------------------------------------------------------------

HOSTS_ASKED = "Asked for: A and AAAA by turns, all names alike; 20 % are not there."
CUTS_ASKED = "Asked for: the address of www below each; 20 % are not there."

ZONES = {
    "ten": Zone(
        title="Ten names",
        about="Asked for: addresses 68 %; MX, NS, SOA, TXT, SRV, a CNAME 24 %; absent names 8 %.",
        names=10,
        records=make_ten,
        questions={"": ask_ten},
        probes=lambda _names: [Probe("www.bench.test", 1, 0, 3, -1)],
        seconds=4.0,  # user time is small: more ticks
    ),
    "hosts": Zone(
        title="A million hosts",
        about=f"An A record each, and an AAAA record at every fifth. {HOSTS_ASKED}",
        names=1_000_000,
        records=make_hosts,
        questions={"": ask_hosts},
        probes=probe_hosts,
    ),
    "delegations": Zone(
        title="A million delegations",
        about=f"Two NS records each, both below the cut, with an address each. {CUTS_ASKED}",
        names=1_000_000,
        records=make_delegations,
        questions={"": ask_delegations},
        probes=probe_delegations,
    ),
    "shared": Zone(
        title="A million delegations to ten thousand providers",
        about="Two NS records each, the pair of one provider. A tenth of the providers' pairs are "
        f"hosts of the zone, the others are elsewhere; no glue below the cuts. {CUTS_ASKED}",
        names=1_000_000,
        records=make_shared,
        questions={"": ask_delegations},
        probes=probe_delegations,
        servers=QUICK,
    ),
    "hosts-nsec": Zone(
        title="A million hosts, signed with NSEC",
        about=f"The hosts as above. {HOSTS_ASKED}",
        names=1_000_000,
        records=make_hosts,
        questions={"": ask_hosts},
        probes=probe_hosts,
        signed="nsec",
        servers=SIGNED,
        seconds=2.0,
    ),
    "hosts-nsec3": Zone(
        title="A million hosts, signed with NSEC3",
        about=f"The hosts as above. {HOSTS_ASKED}",
        names=1_000_000,
        records=make_hosts,
        questions={
            "": ask_hosts,
            "Only names that are there": ask_present,
            "Only absent names": ask_absent,
        },
        probes=probe_hosts,
        signed="nsec3",
        servers=QUICK_SIGNED,
        seconds=2.0,
    ),
    "delegations-nsec": Zone(
        title="A million delegations, signed with NSEC",
        about=f"The delegations as above, every fifth with a DS record. {CUTS_ASKED}",
        names=1_000_000,
        records=make_secure_delegations,
        questions={"": ask_delegations},
        probes=probe_delegations,
        signed="nsec",
        servers=QUICK_SIGNED,
        seconds=2.0,
    ),
    "delegations-nsec3": Zone(
        title="A million delegations, signed with NSEC3 and opt-out",
        about=f"The delegations as above, every fifth with a DS record. {CUTS_ASKED}",
        names=1_000_000,
        records=make_secure_delegations,
        questions={"": ask_delegations},
        probes=probe_delegations,
        signed="nsec3-opt-out",
        servers=QUICK_SIGNED,
        seconds=2.0,
    ),
    "zones100k": Zone(
        title="A hundred thousand small zones",
        about="Four records each, a file each, in one folder. Asked for: the address of www in "
        "each; 20 % of the names are not there.",
        names=100_000,
        records=make_small,
        questions={"": ask_small},
        probes=probe_small,
        many=True,
        how=ALONE,
        servers=FOLDERS,
        seconds=2.0,
        start_s=100,
    ),
    "zones": Zone(
        title="A million small zones",
        about="Like the hundred thousand. gdnsd and Knot DNS, which took the longest for those, "
        "are left out.",
        names=1_000_000,
        records=make_small,
        questions={"": ask_small},
        probes=probe_small,
        many=True,
        how=ALONE,
        servers=("onym", "onym-again", "nsd", "echo"),
        seconds=2.0,
        runs=2,  # eight minutes in all: a million files to make and to remove are half of them
        start_s=150,
    ),
    "restart": Zone(
        title="From the start to the first answer",
        about="The million hosts, from text; onym once more with what it kept in its state folder, "
        "its files in the page cache.",
        names=1_000_000,
        records=make_hosts,
        questions={},
        probes=probe_hosts,
        how=STARTS,
        servers=STARTERS,
    ),
    "shared10m": Zone(
        title="Ten million delegations to ten thousand providers",
        about=f"Like the million. {CUTS_ASKED}",
        names=10_000_000,
        records=make_shared,
        questions={"": ask_delegations},
        probes=probe_delegations,
        how=ALONE,
        servers=("onym", "gdnsd", "echo"),
        seconds=2.0,
    ),
}
