"""The same questions to onym, Unbound, Knot Resolver, PowerDNS Recursor and BIND as resolvers.

All walk the same little internet (recursion.py). Of each reply count the RCODE and the answer
section as a set; TTLs do not, since some are older than others. onym has to say what most of the
others say, or why it does not stands in KNOWN.

ONYM_TEST_FULL=1 asks 20 000 questions instead of 1000 and writes a part of docs/compare.md. They
are the same in every run; ONYM_SEED asks others, without a page.
"""

import collections
import dataclasses
import os
import random

import pytest

import page
import recursion
import wire
from questions import mix_case
from wire import Question, Reply

COUNT, COUNT_FULL = 1000, 20_000
SEED = 20260201
SHOWN_MAX = 20
NOERROR, SERVFAIL, NXDOMAIN = 0, 2, 3
A, NS, CNAME, SOA, PTR, MX, TXT, AAAA, SRV, DNAME, ANY = 1, 2, 5, 6, 12, 15, 16, 28, 33, 39, 255
TYPES = [(30, A), (14, AAAA), (8, MX), (8, TXT), (8, NS), (6, SOA), (8, CNAME), (5, PTR), (5, SRV),
         (8, ANY)]
LABELS = [b"www", b"mail", b"nothing", b"a", b"b", b"*", b"ns1", b"shop", b"xn--nxasmq6b", b"_tcp"]
NAME_OCTETS_MAX = 255

NAMES = [wire.to_wire(name) for name in """\
. test. example. nic.test. ns1.nic.test. nic.example. a.root-servers.net. root-servers.net. net.
home.test. www.home.test. mail.home.test. shop.home.test. ns1.home.test. wild.home.test.
x.wild.home.test. y.z.wild.home.test.
shop.example. www.shop.example. old.shop.example. ns1.shop.example. ns2.shop.example.
glueless.test. www.glueless.test. slow.example. www.slow.example. large.test. www.large.test.
rich.test. mail.rich.test. many.rich.test. _sip._tcp.rich.test. _tcp.rich.test. pointer.rich.test.
alias.rich.test. far.rich.test. chain.rich.test. gone.rich.test. gonefar.rich.test.
nowhere.rich.test. round.rich.test. circle.rich.test. big.rich.test.
wild.rich.test. x.wild.rich.test. there.wild.rich.test. x.there.wild.rich.test. y.z.wild.rich.test.
wildalias.rich.test. x.wildalias.rich.test.
moved.rich.test. www.moved.rich.test. shop.moved.rich.test. nothing.moved.rich.test.
a.b.c.d.e.rich.test. b.c.d.e.rich.test. e.rich.test.
sub.rich.test. deep.sub.rich.test. www.deep.sub.rich.test. up.deep.sub.rich.test.
inner.deep.sub.rich.test. www.inner.deep.sub.rich.test.""".split()]


# --- questions -----------------------------------------------------------------------------------

def label(dice: random.Random) -> bytes:
    if dice.random() < 0.6:
        return dice.choice(LABELS)
    return bytes(dice.choice(b"abcdefghijklmnopqrstuvwxyz0123456789-")
                 for _ in range(dice.choice([1, 2, 3, 8, 20, 63])))


def below(dice: random.Random, name: bytes, most: int) -> bytes:
    for _ in range(dice.randint(1, most)):
        first = label(dice)
        if len(name) + 1 + len(first) <= NAME_OCTETS_MAX:
            name = bytes([len(first)]) + first + name
    return name


def some_name(dice: random.Random) -> bytes:
    """One that is there, or a sibling, or below one, or far below."""
    name = dice.choice(NAMES)
    turn = dice.random()
    if turn < 0.5:
        return name
    if turn < 0.7:
        return below(dice, wire.join(wire.labels(name)[1:]), 1)
    return below(dice, name, 3 if turn < 0.95 else 60)


def make(count: int, seed: int) -> list[Question]:
    dice = random.Random(seed)
    weights, types = zip(*TYPES)
    made = {}
    while len(made) < count:
        name = some_name(dice)
        if dice.random() < 0.2:
            name = mix_case(dice, name)
        made.setdefault(Question(name, dice.choices(types, weights)[0], flags=wire.RD,
                                 dnssec_ok=dice.random() < 0.3))
    return list(made)


# --- what is compared ----------------------------------------------------------------------------

Said = tuple[int, frozenset]  # the RCODE, and records without their TTLs


def said(reply: Reply) -> Said:
    return reply.rcode, frozenset((owner, rdtype, rdclass, rdata) for owner, rdtype, rdclass, _ttl,
                                  rdata in reply.sections[0])


@dataclasses.dataclass
class Case:
    """A question and what each said."""

    question: Question
    replies: dict[str, Reply]

    @property
    def ours(self) -> Said:
        return said(self.replies["onym"])

    def theirs(self) -> collections.Counter:
        """What the others said, and how many of them."""
        return collections.Counter(said(reply) for key, reply in self.replies.items()
                                   if key != "onym")

    def most(self) -> list[Said]:
        """What most of them said; several if they are divided, none if no two agree."""
        counted = self.theirs()
        high = max(counted.values())
        return [words for words, n in counted.items() if n == high] if high > 1 else []


# Why onym says something else than most: name, when it holds, reason. As narrow as the reason.
KNOWN = []


def known(words: str):
    def add(predicate):
        KNOWN.append((predicate.__name__.replace("_", "-"), predicate, " ".join(words.split())))
        return predicate
    return add


@known("""QTYPE ANY at an alias, or below a DNAME: the CNAME is a record of the name, so that ANY
          asks for it and is not led on (RFC 1034 3.6.2), and one RRset is enough (RFC 8482 4.1).
          We and BIND stop there. Unbound and PowerDNS look at the target, take its RCODE, and give
          its records where they have them; Knot Resolver answers no ANY at all (SERVFAIL).""")
def any_at_an_alias(case: Case) -> bool:
    rcode, records = case.ours
    return case.question.type == ANY and rcode == NOERROR \
        and {record[1] for record in records} in ({CNAME}, {DNAME, CNAME}) \
        and any(records <= theirs for _rcode, theirs in case.theirs())


@known("""QTYPE ANY at a name with several RRsets: one of them is enough (RFC 8482 4.1), and we
          give what the cache has, be it less than there is. So do Unbound, PowerDNS and BIND, each
          with other RRsets in its cache; Knot Resolver answers no ANY at all.""")
def any_gets_less(case: Case) -> bool:
    rcode, records = case.ours
    return case.question.type == ANY and rcode == NOERROR and bool(records) \
        and any(records <= theirs for _rcode, theirs in case.theirs())


def explain(case: Case) -> str | None:
    """"equal", "no majority", the name of a known difference; None: unexplained."""
    most = case.most()
    if case.ours in most:
        return "equal"
    for name, holds, _words in KNOWN:
        if holds(case):
            return name
    return None if most else "no majority"


def described(case: Case) -> str:
    rows = [str(case.question)]
    for key, reply in case.replies.items():
        rows.append(f"  {recursion.title(key)}: rcode {reply.rcode}")
        rows += [f"    {wire.record_text(record)}" for record in sorted(reply.sections[0])]
    return "\n".join(rows)


def faults(question: Question, reply: Reply) -> list[str]:
    """What no reply of ours may be, whatever the others say."""
    found = []
    asked = question.name + question.type.to_bytes(2, "big") + question.rdclass.to_bytes(2, "big")
    if reply.question != asked:
        found.append("the question is not the one that was asked, octet for octet")
    if not reply.flags & wire.RA or not reply.flags & wire.RD or reply.aa or reply.flags & wire.AD:
        found.append("RA or RD is missing, or AA or AD is set")
    records = [record for section in reply.sections for record in section]
    if len(set(records)) != len(records):
        found.append("a record stands there twice")
    return [f"{question}: {fault}" for fault in found]


# --- the page ------------------------------------------------------------------------------------

def page_text(asked: int, counts: collections.Counter, apart: collections.Counter) -> str:
    versions = ", ".join(recursion.version(key) for key in recursion.OTHERS)
    rows = [page.RESOLVERS, "",
            "Written by `test/compare/test_resolvers.py` with ONYM_TEST_FULL=1, not by hand.", "",
            f"{asked} questions to onym, {versions},",
            "which all walk the little internet of `onym lab` with some zones more, from empty",
            "caches on. RCODE and answer section are compared, without TTLs; onym has to say what",
            "most of the others say.", "",
            f"| {asked} questions | onym |", "|---|---:|"]
    rows += [f"| {name} | {count} |" for name, count in counts.most_common()]
    rows += ["", "How often each of the others was not with most of them:", "",
             "| resolver | apart |", "|---|---:|"]
    rows += [f"| {recursion.title(key)} | {apart[key]} |" for key in recursion.OTHERS]
    rows += ["", "## The known differences", ""]
    for name, _holds, words in KNOWN:
        rows += [f"**{name}.**", words, ""]
    return "\n".join(rows)


# --- the test ------------------------------------------------------------------------------------

def test_resolvers(tmp_path, full):
    missing = [key for key in recursion.OTHERS if recursion.find(key) is None]
    if missing:
        pytest.skip("not installed: " + ", ".join(recursion.PACKAGES[key] for key in missing))
    seed = int(os.environ.get("ONYM_SEED", SEED))
    asked = make(COUNT_FULL if full else COUNT, seed)
    replies = {}
    with recursion.lab(tmp_path) as internet:
        for key in ("onym", *recursion.OTHERS):
            with recursion.running(key, internet) as peer:
                replies[key] = recursion.ask_all(peer, asked)
    cases = [Case(question, {key: told[question] for key, told in replies.items()})
             for question in asked]
    wrong = [fault for case in cases for fault in faults(case.question, case.replies["onym"])]
    assert not wrong, "\n".join([f"{len(wrong)} faults"] + wrong[:SHOWN_MAX])
    explained = [(case, explain(case)) for case in cases]
    counts = collections.Counter(name or "UNEXPLAINED" for _case, name in explained)
    apart = collections.Counter(key for case in cases if case.most() for key in recursion.OTHERS
                                if said(case.replies[key]) not in case.most())
    print(dict(counts), dict(apart))
    unexplained = [case for case, name in explained if name is None]
    assert not unexplained, "\n\n".join([f"{len(unexplained)} differences without explanation"]
                                        + [described(case) for case in unexplained[:SHOWN_MAX]])
    if full and seed == SEED:
        page.write(page.RESOLVERS, page_text(len(asked), counts, apart))
        assert not {name for name, _holds, _words in KNOWN} - set(counts)
