"""Where servers differ from us and why: the list, and what compares two replies.

What is compared (`Pair.aspects`): RCODE, AA, TC; the answer as a set; authority where the answer is
empty or only aliases; additional without OPT. Of a truncated reply only the first two count.

An explanation covers some aspects of some servers' replies under a condition that is as narrow as
its reason. A pair is explained when every aspect in which it differs is covered. Nothing else is
let through: an unexplained difference is a fault of ours until somebody has thought about it and
written it down here.
"""

import dataclasses
from collections.abc import Callable
from functools import cached_property

import wire
from proofs import Proof
from wire import Question, Reply
from world import Content

NS, CNAME, SOA, NAPTR, DNAME, RRSIG, NSEC, NSEC3, ANY = 2, 5, 6, 35, 39, 46, 47, 50, 255
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, YXDOMAIN, NOTAUTH = 0, 1, 2, 3, 4, 5, 6, 9
CHAIN_MAX = 12  # base/limits.h
ALL = ("nsd", "knot", "bind")
SECTIONS = ("answer", "authority", "additional")


def kind(record: tuple) -> int:
    """The type; of an RRSIG what it covers."""
    return int.from_bytes(record[4][:2], "big") if record[1] == RRSIG else record[1]


@dataclasses.dataclass
class Pair:
    """One question, our reply and that of `who`."""

    question: Question
    ours: Reply
    theirs: Reply
    who: str
    contents: list[Content]
    minimal: bool = False  # both were told to say no more than is needed

    @cached_property
    def aspects(self) -> frozenset[str]:
        found = {word for word in ("rcode", "aa", "tc")
                 if getattr(self.ours, word) != getattr(self.theirs, word)}
        if not (self.ours.tc and self.theirs.tc):
            found |= {word for word in SECTIONS if self.counts(word) and
                      self.needed(self.ours, word) != self.needed(self.theirs, word)}
        return frozenset(found)

    def needed(self, reply: Reply, section: str) -> list[tuple]:
        """A section, sorted; beside a signed answer without the zone's NS, but with all proofs."""
        records = reply.sections[SECTIONS.index(section)]
        if section == "authority" and self.question.dnssec_ok and reply.sections[0]:
            records = [record for record in records if not self.is_optional_ns(record)]
        return sorted(records)

    def is_optional_ns(self, record: tuple) -> bool:
        return kind(record) == NS and any(record[0] == content.origin for content in self.contents)

    def counts(self, section: str) -> bool:
        """Authority beside an answer is a matter of taste (RFC 1034 4.3.2 step 6 allows it)."""
        if section != "authority" or self.question.dnssec_ok:
            return True
        if self.question.type in (CNAME, DNAME, ANY):
            return not self.ours.sections[0] and not self.theirs.sections[0]
        return all(record[1] in (CNAME, DNAME)
                   for reply in (self.ours, self.theirs) for record in reply.sections[0])

    def section(self, word: str) -> tuple[set, set]:
        """Ours and theirs."""
        index = SECTIONS.index(word)
        return set(self.ours.sections[index]), set(self.theirs.sections[index])

    @cached_property
    def chain(self) -> list[tuple]:
        """The aliases of our answer, in the order in which they were followed: CNAME records."""
        cnames = {record[0]: record for record in self.ours.sections[0] if record[1] == CNAME}
        steps, name = [], self.question.folded()
        while name in cnames and cnames[name] not in steps:
            steps.append(cnames[name])
            name = cnames[name][4]
        return steps

    def zone_of(self, name: bytes) -> Content | None:
        above = [content for content in self.contents if wire.is_within(name, content.origin)]
        return max(above, key=lambda content: len(content.origin)) if above else None

    @cached_property
    def before_crossing(self) -> set | None:
        """Our answer up to the alias that leads from one zone of ours into another; None: none."""
        steps = []
        for step in self.chain:
            steps.append(step)
            here, there = self.zone_of(step[0]), self.zone_of(step[4])
            if there is not here and there is not None:
                owners = {step[0] for step in steps}
                return {record for record in self.ours.sections[0]
                        if record in steps
                        or kind(record) == CNAME and record[0] in owners
                        or kind(record) == DNAME and any(wire.is_within(owner, record[0])
                                                         and owner != record[0]
                                                         for owner in owners)}
        return None

    @property
    def last_name(self) -> bytes:
        """Where our chain of aliases ends."""
        return self.chain[-1][4] if self.chain else self.question.folded()

    def proof(self, reply: Reply) -> Proof:
        """What a reply proves about the last name."""
        zone = self.zone_of(self.last_name)
        return Proof(reply.sections[1], zone.origin if zone else b"\0")

    def names_on_the_way(self) -> list[bytes]:
        """That of the question and the target of each alias."""
        return [self.question.folded()] + [step[4] for step in self.chain]

    @cached_property
    def goes_in_a_circle(self) -> bool:
        """Our chain comes back to a name that was there before, or a DNAME's target is below the
        DNAME, so that the names grow as long as there is room."""
        names = [step[0] for step in self.chain]
        return bool(self.chain) and (
            self.chain[-1][4] in names or len(names) >= CHAIN_MAX or
            any(record[1] == DNAME and wire.is_within(record[4], record[0])
                for record in self.ours.sections[0]))


@dataclasses.dataclass(frozen=True)
class Explanation:
    name: str
    who: tuple[str, ...]
    aspects: frozenset[str]
    holds: Callable[[Pair], bool]
    words: str


EXPLANATIONS: list[Explanation] = []


def explains(who: tuple[str, ...], aspects: str, words: str):
    """Adds the decorated predicate to the list, under its own name."""

    def add(predicate: Callable[[Pair], bool]):
        EXPLANATIONS.append(Explanation(predicate.__name__.replace("_", "-"), who,
                                        frozenset(aspects.split()), predicate,
                                        " ".join(words.split())))
        return predicate

    return add


def explain(pair: Pair) -> list[str] | None:
    """The names of the explanations that cover the pair's differences; None: some are not."""
    left, names = set(pair.aspects), []
    for explanation in EXPLANATIONS:
        if pair.who in explanation.who and left & explanation.aspects and explanation.holds(pair):
            names.append(explanation.name)
            left -= explanation.aspects
    return None if left else names


# --- questions that are no usual questions -------------------------------------------------------

@explains(ALL, "rcode aa tc answer authority additional",
          """QTYPE 0, OPT and the meta types 128 to 250 (NXNAME, TKEY, TSIG, and those that mean
          nothing yet) are no types that a name can have (RFC 6895 3.1, RFC 9824 3.5): we say
          FORMERR with EDE 30. NSD and Knot answer as if it were a usual type that is nowhere; BIND
          does for some and not for others.""")
def type_that_no_name_has(pair: Pair) -> bool:
    rdtype = pair.question.type
    return (rdtype in (0, 41) or 128 <= rdtype <= 250) and pair.ours.rcode == FORMERR


@explains(ALL, "rcode aa tc answer authority additional",
          """MAILA and MAILB (RFC 1035 3.2.3) ask for mail agents, whose records RFC 973 replaced
          by MX: NOTIMP from us and mostly from BIND; NSD and Knot look for a type of that
          number.""")
def mail_type(pair: Pair) -> bool:
    return pair.question.type in (253, 254) and pair.ours.rcode == NOTIMP


@explains(ALL, "rcode aa tc answer authority additional",
          """A transfer over UDP: AXFR has no meaning there (RFC 5936 4.2 leaves the RCODE open):
          we say FORMERR as BIND does, NSD NOTIMP. IXFR we refuse as we refuse every transfer;
          servers that know transfers say NOTAUTH where the name is no zone of theirs (RFC 1995 4
          allows the client to fall back in each case).""")
def transfer_over_udp(pair: Pair) -> bool:
    return pair.question.type in (251, 252) and pair.ours.rcode in (FORMERR, REFUSED)


@explains(ALL, "rcode aa tc answer authority additional",
          """QCLASS ANY: an answer is never authoritative, since other classes may have more (RFC
          1034 3.7.1). We answer from class IN without AA. BIND says FORMERR, Knot sets AA, NSD
          leaves out authority and additional.""")
def class_any(pair: Pair) -> bool:
    return pair.question.rdclass == 255 and not pair.ours.aa


@explains(ALL, "answer additional tc",
          """QTYPE ANY, and RRSIG, which asks for as much: RFC 8482 4.1 lets one RRset be enough.
          With full answers we give all of them; NSD and Knot give one over UDP, so that theirs
          also fits where ours is truncated. BIND gives all of them and no additional section. With
          minimal answers we give one, too.""")
def any_gets_less(pair: Pair) -> bool:
    ours, theirs = pair.section("answer")
    return pair.question.type in (RRSIG, ANY) and pair.question.rdclass == 1 \
        and pair.ours.rcode == pair.theirs.rcode \
        and (theirs <= ours or pair.ours.tc or pair.minimal)


@explains(("nsd", "knot"), "rcode answer authority additional tc",
          """QTYPE ANY below a DNAME: the CNAME that is made there is a record of the name, so that
          ANY asks for it and is not redirected, as RFC 1034 3.6.2 and 4.3.2 3a have it for any
          CNAME. We and BIND stop there; NSD and Knot go on to the target.""")
def any_follows_dname(pair: Pair) -> bool:
    ours, theirs = pair.section("answer")
    return pair.question.type == ANY and len(pair.chain) == 1 \
        and any(record[1] == DNAME for record in ours) and (ours <= theirs or pair.theirs.tc)


# --- aliases -------------------------------------------------------------------------------------

@explains(("knot", "bind"), "rcode answer authority additional tc",
          """An alias leads from one zone of ours into another. RFC 1034 4.3.2 3a goes back to step
          1, which chooses the zone anew: we and NSD go on there, and the RCODE is that of the last
          name (RFC 6604 3). Knot and BIND (without recursion) stop at the end of the zone, Knot
          with a referral where the other zone is a child.""")
def alias_into_another_zone(pair: Pair) -> bool:
    theirs = pair.section("answer")[1]
    return pair.before_crossing is not None and theirs == pair.before_crossing \
        and pair.theirs.rcode in (NOERROR, YXDOMAIN)


@explains(ALL, "rcode answer tc",
          """Aliases in a circle, or without an end. We stop where the chain comes back to itself
          or after 12 steps, with what we have and NOERROR. BIND 9.18 says SERVFAIL, Knot repeats
          the circle up to its limit, NSD stops a DNAME of its own target after one step. No RFC
          says; the client finds out by itself (RFC 1034 5.2.2).""")
def circle(pair: Pair) -> bool:
    return pair.goes_in_a_circle and pair.ours.rcode in (NOERROR, YXDOMAIN) \
        and pair.theirs.rcode in (NOERROR, SERVFAIL)


@explains(("knot",), "rcode answer authority additional",
          """A chain of aliases: Knot gives the first five CNAMEs, we up to twelve (CHAIN_MAX), NSD
          and BIND more than our longest. The client goes on from there (RFC 1034 5.2.2).""")
def chain_is_cut(pair: Pair) -> bool:
    ours, theirs = pair.section("answer")
    return len(pair.chain) > 5 and theirs < ours and pair.theirs.rcode == NOERROR \
        and sum(record[1] == CNAME for record in theirs) == 5


@explains(ALL, "answer authority additional rcode",
          """The types that may stand beside a CNAME (RFC 4035 2.5: RRSIG, NSEC; RFC 2181 10.1:
          SIG, KEY, NXT) are not asked of its target by some: NSD for NSEC3, BIND for SIG, KEY,
          NXT, RRSIG and NSEC, Knot for RRSIG and NSEC give NODATA or the CNAME alone. RFC 1034
          4.3.2 3a knows no such exception: the type is not there, so the alias is followed.""")
def denial_type_at_alias(pair: Pair) -> bool:
    types = {"nsd": (50,), "bind": (24, 25, 30, 46, 47, 50), "knot": (46, 47)}
    ours, theirs = pair.section("answer")
    return pair.question.type in types[pair.who] and bool(pair.chain) and theirs < ours


@explains(("knot",), "rcode answer authority additional",
          """YXDOMAIN: RFC 6672 2.2 ends the answer there. Knot goes on at the DNAME's target
          without the labels that did not fit, takes the RCODE of what it finds and adds a SOA.""")
def goes_on_after_yxdomain(pair: Pair) -> bool:
    ours, theirs = pair.section("answer")
    return pair.ours.rcode == YXDOMAIN and ours <= theirs and not pair.ours.sections[1]


@explains(("knot",), "rcode answer authority additional",
          """A wildcard owns a DNAME, which RFC 6672 3.3 leaves open. To us the name "*" is its
          owner as it is, and what stands below "*" itself is redirected; so BIND. Knot takes the
          name that was asked for its owner, which is then a CNAME beside a DNAME.""")
def wildcard_dname(pair: Pair) -> bool:
    ours, theirs = pair.section("answer")
    name = pair.question.folded()
    return any(record[1] == DNAME and record[0].startswith(b"\1*") for record in ours) \
        and any(record[1] == DNAME and record[0] == name for record in theirs)


@explains(ALL, "tc rcode answer authority additional",
          """A chain of long names fits into 1232 octets as we compress it; the other server needs
          more and truncates, or (Knot) leaves out the SOA that should end it.""")
def ours_is_smaller(pair: Pair) -> bool:
    no_room = pair.theirs.tc or (pair.who == "knot" and not pair.theirs.sections[1]
                                 and len(pair.theirs.octets) > wire.PAYLOAD - 100)
    return no_room and not pair.ours.tc and len(pair.ours.octets) > 800 \
        and pair.section("answer")[1] <= pair.section("answer")[0] and len(pair.chain) > 1


# --- referrals -----------------------------------------------------------------------------------

@explains(("nsd", "bind"), "tc additional",
          """Glue of the servers in the delegated domain does not fit: TC (RFC 9471 3.1). NSD 4.6
          and BIND 9.18 are older than that rule and send what fits.""")
def glue_does_not_fit(pair: Pair) -> bool:
    return pair.ours.tc and not pair.theirs.tc and pair.question.rdclass == 1 \
        and any(record[1] == NS for record in pair.ours.sections[1]) \
        and all(record[1] in (CNAME, DNAME) for record in pair.ours.sections[0])


@explains(("bind",), "additional",
          """A referral to servers whose addresses are this zone's own data, not glue. RFC 1034
          4.3.2 3b puts "whatever addresses are available" there, and no later RFC asks for them
          (RFC 9471 is about glue). We, NSD and Knot add them.""")
def address_that_is_no_glue(pair: Pair) -> bool:
    ours, theirs = pair.section("additional")
    zone = pair.zone_of(pair.question.folded())
    return theirs < ours and not pair.ours.sections[0] and zone is not None \
        and all(zone.cut_above(record[0]) is None for record in ours - theirs)


@explains(("bind",), "aa answer authority additional",
          """NSEC of a cut: it stands in the parent (RFC 4034 4), but the exception from the
          referral is DS alone (RFC 4035 3.1.4.1). We, NSD and Knot refer; BIND answers.""")
def nsec_of_cut(pair: Pair) -> bool:
    zone = pair.zone_of(pair.question.folded())
    return pair.question.type == NSEC and zone is not None and not pair.ours.aa \
        and pair.question.folded() in zone.cuts


# --- proofs --------------------------------------------------------------------------------------

def differs_by_proofs(pair: Pair) -> bool:
    ours, theirs = pair.section("authority")
    return pair.question.dnssec_ok and {kind(record) for record in ours ^ theirs} <= {NSEC, NSEC3}


@explains(("nsd",), "authority",
          """Names below an owner of NSEC3: no name of the zone, so nothing is its own closest
          encloser (RFC 5155 7.2.8). NSD takes it for one and gives a proof that stops there.""")
def below_nsec3_owner(pair: Pair) -> bool:
    zone = pair.zone_of(pair.last_name)
    return differs_by_proofs(pair) and zone is not None and any(
        zone.types.get(name, {0}) <= {NSEC3, RRSIG} for name in zone.suffixes(pair.last_name)[1:])


@explains(("nsd",), "authority",
          """NODATA at a wildcard that is asked for by its own name: its NSEC3 is all the proof that
          is needed (RFC 5155 7.2.3). NSD adds that of the name above.""")
def asked_for_a_wildcard(pair: Pair) -> bool:
    ours, theirs = pair.section("authority")
    above = pair.last_name[2:]
    return differs_by_proofs(pair) and pair.last_name.startswith(b"\1*") and ours < theirs \
        and pair.proof(pair.ours).matches(pair.last_name) and pair.proof(pair.theirs).matches(above)


@explains(("nsd",), "authority",
          """A wildcard without the type, met by way of a DNAME: NSD gives an NSEC that does not
          cover the name (RFC 4035 3.1.3.4). Ours does.""")
def name_not_covered(pair: Pair) -> bool:
    return differs_by_proofs(pair) and any(record[1] == DNAME for record in pair.ours.sections[0]) \
        and pair.proof(pair.ours).covers(pair.last_name) \
        and not pair.proof(pair.theirs).covers(pair.last_name)


@explains(("knot",), "authority tc",
          """A name that begins with an asterisk, does not exist, and is answered by a wildcard
          above: it needs the proof of every expansion (RFC 4035 3.1.3.3, RFC 5155 7.2.6). Knot
          takes it for the wildcard itself and gives none.""")
def asterisk_is_no_wildcard(pair: Pair) -> bool:
    ours, theirs = pair.section("authority")
    return differs_by_proofs(pair) and (theirs < ours or pair.ours.tc) \
        and any(name.startswith(b"\1*") for name in pair.names_on_the_way())


@explains(("knot",), "authority",
          """A wildcard that owns nothing, but has names below it: that it exists without the type
          is shown by what covers it (RFC 4035 3.1.3.4), besides what covers the name. Knot leaves
          it out with NSEC.""")
def wildcard_that_owns_nothing(pair: Pair) -> bool:
    ours, theirs = pair.section("authority")
    zone = pair.zone_of(pair.last_name)
    return differs_by_proofs(pair) and theirs < ours and zone is not None and any(
        pair.proof(pair.ours).is_empty_non_terminal(name) for name in zone.empty
        if name.startswith(b"\1*"))


@explains(("knot",), "authority",
          """NSEC of a name that a wildcard stands for, where the wildcard's NSEC is also what
          covers the name: Knot does not put it a second time under its own name, where it is
          proof.""")
def nsec_by_a_wildcard(pair: Pair) -> bool:
    ours, theirs = pair.section("authority")
    answered = {record[4] for record in pair.ours.sections[0] if record[1] == NSEC}
    return differs_by_proofs(pair) and theirs < ours and pair.question.type in (NSEC, ANY) \
        and {record[4] for record in ours - theirs if record[1] == NSEC} <= answered


# --- additional ----------------------------------------------------------------------------------

def named_by(records: list[tuple], types: tuple[int, ...] = ()) -> set[bytes]:
    """The names that records (of these types) mention."""
    found = set()
    for _owner, rdtype, _class, _ttl, rdata in records:
        if types and rdtype not in types:
            continue
        form = wire.LAYOUT_OF.get(rdtype, "")
        if "n" in form and "s" not in form:
            skip = sum(int(field) for field in form[: form.index("n")])
            reader = wire.Reader(bytes(wire.HEADER) + rdata[skip:])
            found |= {reader.name() for _ in range(form.count("n"))}
    return found


@explains(ALL, "additional",
          """Minimal answers: beside a positive answer we add no addresses but those that SVCB and
          HTTPS save a question with (RFC 9460 4.1). The other servers still add those of NS, and
          some of MX and SRV; BIND none to SVCB and HTTPS.""")
def minimal_additional(pair: Pair) -> bool:
    return pair.minimal and bool(pair.ours.sections[0]) and pair.ours.rcode == NOERROR \
        and (not pair.ours.sections[2] or pair.question.type in (64, 65))


@explains(ALL, "additional",
          """The zone's NS beside a positive answer are allowed and not needed (RFC 1034 4.3.2),
          and their addresses come along. With full answers we always add them, NSD and BIND not to
          DS and DNSKEY, Knot to nothing but a question for NS; BIND adds no addresses to a
          SOA.""")
def addresses_of_optional_ns(pair: Pair) -> bool:
    ours, theirs = pair.section("additional")
    hosts = named_by([record for record in pair.ours.sections[1] if record[1] == NS])
    return bool(pair.ours.sections[0]) and theirs <= ours \
        and pair.section("authority")[1] <= pair.section("authority")[0] \
        and {record[0] for record in ours - theirs} <= hosts


@explains(("knot",), "additional",
          """Knot puts an address that comes from a wildcard under the wildcard's own name, where
          it helps nobody (RFC 4592 3.3.1 wants the name that was looked for), and addresses below
          a cut beside MX and SRV records: they are glue and not ours to give but in a referral
          (RFC 2181 5.4.1).""")
def wildcard_owner_and_glue(pair: Pair) -> bool:
    ours, theirs = pair.section("additional")
    zone = pair.zone_of(pair.question.folded())
    hosts = named_by([record for record in pair.ours.sections[1] if record[1] == NS])
    made = {record[2:] for record in theirs - ours if record[0].startswith(b"\1*")}
    return zone is not None and bool(pair.ours.sections[0]) \
        and all(record[0].startswith(b"\1*") or zone.cut_above(record[0])
                for record in theirs - ours) \
        and bool(theirs - ours) and all(record[0] in hosts or record[2:] in made
                                        for record in ours - theirs)


@explains(("nsd", "knot"), "additional",
          """Signatures leave no room for all addresses that a referral may bring. Which of the
          optional ones are left out (RFC 2181 9) is each server's choice: we pass over what does
          not fit and go on with what does.""")
def no_room_for_all_addresses(pair: Pair) -> bool:
    ours, theirs = pair.section("additional")
    hosts = named_by(pair.ours.sections[1], (NS,))
    return pair.question.dnssec_ok and bool(hosts) \
        and {record[0] for record in ours ^ theirs} <= hosts \
        and max(len(pair.ours.octets), len(pair.theirs.octets)) > wire.PAYLOAD - 100


@explains(("bind",), "additional",
          """SVCB in AliasMode: RFC 9460 4.1 asks for the records of the TargetName, which we give;
          BIND also goes on to the target of those.""")
def svcb_alias_is_followed(pair: Pair) -> bool:
    ours, theirs = pair.section("additional")
    hosts = named_by(pair.ours.sections[0], (64, 65))
    second = named_by([record for record in ours | theirs if record[0] in hosts], (64, 65))
    return pair.question.type in (64, 65) and all(record[0] in second for record in theirs - ours) \
        and all(record[0] in hosts and record[1] in (64, 65) for record in ours - theirs)


@explains(("bind",), "additional",
          """NAPTR: RFC 3403 4.2.1 lets the SRV records or addresses of the replacement be added,
          by its flags. BIND does; nobody else.""")
def additional_of_naptr(pair: Pair) -> bool:
    ours, theirs = pair.section("additional")
    return pair.question.type == NAPTR and ours <= theirs


@explains(("nsd", "knot"), "additional",
          """Addresses of the hosts that AFSDB, RT, KX, LP, NAPTR, PX or SVCB records mention: RFC
          1035 3.3 and each type's own RFC only recommend them. We add them for AFSDB, RT, KX (RFC
          1183, 2230) and SVCB, HTTPS (RFC 9460 4.1), NSD and Knot for fewer types.""")
def addresses_of_rare_types(pair: Pair) -> bool:
    ours, theirs = pair.section("additional")
    hosts = named_by(pair.ours.sections[0], (18, 21, 36, 64, 65, 107)) \
        | named_by([record for record in pair.ours.sections[1] if record[1] == NS])
    return theirs <= ours and pair.question.type in (18, 21, 36, 64, 65, 107) \
        and {record[0] for record in ours - theirs} <= hosts | {pair.question.folded()}
