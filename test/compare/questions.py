"""Questions about zones, drawn from a seed: the same seed gives the same questions.

A question is a name of some kind (a row of KINDS: one that exists, one that does not, something
that a wildcard makes, at or below a cut, below a DNAME, an empty non-terminal, ...) and a type: one
that is there, one that is elsewhere, or an odd one. Some are asked in mixed case, with other flags
or in another class.
"""

import random

import dns.rdatatype

import wire
from world import Content

# Meta types and numbers without a meaning belong to it: what is said to them is compared, too.
TYPES_KNOWN = sorted({int(value) for value in dns.rdatatype.RdataType} - {0})
TYPES_COMMON = [1, 28, 2, 5, 6, 15, 16, 33, 12, 39, 43, 64, 65, 255, 257, 35]
TYPES_ODD = [0, 3, 4, 10, 24, 30, 41, 46, 47, 48, 50, 51, 128, 200, 249, 250, 251, 253, 254, 103,
             1000, 32769, 65280, 65534, 65535]
CLASSES = [1] * 97 + [3, 4, 255]
LABELS = [b"a", b"b", b"www", b"mail", b"x", b"ns1", b"nx", b"_tcp", b"*", b"host7", b"zz-top",
          b"0", b"\0", b"\xff\xfe", b"a.b", b"UPPER", b"x" * 63, b"under", b"wild", b"ent"]
FLAGS = [0] * 16 + [wire.RD, wire.CD, wire.AD, wire.RD | wire.CD | wire.AD]
NAME_OCTETS_MAX = 255


class Draw:
    """The dice and what is in the zones: what each maker of a name works with."""

    def __init__(self, contents: list[Content], seed: int):
        self.dice = random.Random(seed)
        self.contents = contents
        self.content = contents[0]
        self.targets = [sorted({name for (_owner, rdtype), rdatas in content.rrsets.items()
                                for name in targets(rdtype, rdatas)}) for content in contents]

    def turn(self) -> None:
        """Chooses the zone of the next question, the larger ones more often."""
        weights = [len(content.owners) ** 0.5 for content in self.contents]
        self.content = self.dice.choices(self.contents, weights)[0]

    def label(self) -> bytes:
        if self.dice.random() < 0.7:
            return self.dice.choice(LABELS)
        size = self.dice.choice([1, 2, 3, 8, 20, 63])
        return bytes(self.dice.choice(b"abcdefghijklmnopqrstuvwxyz0123456789-")
                     for _ in range(size))

    def below(self, name: bytes, most: int = 3) -> bytes:
        """One to `most` labels put before a name, as far as they fit."""
        for _ in range(self.dice.randint(1, most)):
            label = self.label()
            if len(name) + 1 + len(label) <= NAME_OCTETS_MAX:
                name = bytes([len(label)]) + label + name
        return name

    def owner(self) -> bytes:
        return self.dice.choice(self.content.owners)

    def one_of(self, names: list[bytes]) -> bytes:
        """A name of these; the zone may have none."""
        return self.dice.choice(names) if names else self.owner()


def targets(rdtype: int, rdatas: list[bytes]):
    """The names that records mention."""
    form = wire.LAYOUT_OF.get(rdtype, "")
    if "n" not in form or "s" in form:
        return
    skip = sum(int(field) for field in form[: form.index("n")])
    for rdata in filter(None, rdatas):
        reader = wire.Reader(bytes(wire.HEADER) + rdata[skip:])
        yield reader.name()


def exists(draw: Draw) -> bytes:
    return draw.owner()


def beside(draw: Draw) -> bytes:
    """A sibling of a name, most likely not there."""
    parts = wire.labels(draw.owner())
    if len(parts) <= len(wire.labels(draw.content.origin)):
        return draw.below(draw.content.origin, 1)
    return wire.join([draw.label()] + parts[1:])


def under(draw: Draw) -> bytes:
    return draw.below(draw.owner())


def wildcard(draw: Draw) -> bytes:
    """Something that a wildcard makes; sometimes with "*" inside, or the wildcard itself."""
    name = draw.one_of(draw.content.wildcards)
    parts = wire.labels(name)
    if draw.dice.random() < 0.1 or b"*" not in parts:
        return name
    at = parts.index(b"*")
    return draw.below(wire.join(parts[at + 1 :]))


def at_cut(draw: Draw) -> bytes:
    return draw.one_of(draw.content.cuts)


def below_cut(draw: Draw) -> bytes:
    cut = draw.one_of(draw.content.cuts)
    hidden = draw.content.hidden.get(cut)
    return draw.dice.choice(hidden) if hidden and draw.dice.random() < 0.5 else draw.below(cut)


def below_dname(draw: Draw) -> bytes:
    """Below a DNAME: anything, or a name that is there behind it, or too long for it."""
    dname = draw.one_of(draw.content.dnames)
    dice = draw.dice.random()
    if dice < 0.5:
        return draw.below(dname)
    if dice < 0.9:
        parts = wire.labels(draw.owner())
        parts = parts[: max(1, len(parts) - len(wire.labels(draw.content.origin)))]
        parts = parts[: draw.dice.randint(1, len(parts))] if parts else [b"www"]
        name = wire.join(parts + wire.labels(dname))
        return name if len(name) <= NAME_OCTETS_MAX else draw.below(dname)
    return draw.below(dname, 40)


def at_dname(draw: Draw) -> bytes:
    return draw.one_of(draw.content.dnames)


def empty(draw: Draw) -> bytes:
    return draw.one_of(draw.content.empty)


def below_empty(draw: Draw) -> bytes:
    return draw.below(draw.one_of(draw.content.empty), 2)


def target(draw: Draw) -> bytes:
    return draw.one_of(draw.targets[draw.contents.index(draw.content)])


def deep(draw: Draw) -> bytes:
    return draw.below(draw.owner(), 60)


def above(draw: Draw) -> bytes:
    """The root, a name over the apex, or one of another tree: not ours."""
    parts = wire.labels(draw.content.origin)
    names = [wire.join(parts[at:]) for at in range(1, len(parts) + 1)]
    names.append(draw.below(b"\7invalid\0"))
    return draw.dice.choice(names)


def apex(draw: Draw) -> bytes:
    return draw.content.origin


KINDS = [(16, exists), (10, beside), (8, under), (16, wildcard), (8, at_cut), (14, below_cut),
         (12, below_dname), (3, at_dname), (5, empty), (4, below_empty), (8, target), (3, deep),
         (2, above), (2, apex)]


def mix_case(dice: random.Random, name: bytes) -> bytes:
    """Letters in either case; length octets are below 64, so they are no letters."""
    return bytes(octet ^ 0x20 if 65 <= octet & 0xDF <= 90 and dice.random() < 0.5 else octet
                 for octet in name)


def choose_type(draw: Draw, name: bytes) -> int:
    dice = draw.dice.random()
    there = draw.content.types.get(name.lower())
    if dice < 0.35 and there:
        return draw.dice.choice(sorted(there))
    if dice < 0.85:
        return draw.dice.choice(TYPES_COMMON)
    if dice < 0.95:
        return draw.dice.choice(TYPES_KNOWN)
    return draw.dice.choice(TYPES_ODD)


def make(contents: list[Content], count: int, seed: int) -> list[wire.Question]:
    """So many different questions about these zones."""
    draw = Draw(contents, seed)
    weights = [weight for weight, _ in KINDS]
    makers = [maker for _, maker in KINDS]
    made = {}
    misses = 0
    while len(made) < count and misses < 10 * count:
        draw.turn()
        name = draw.dice.choices(makers, weights)[0](draw)
        if draw.dice.random() < 0.2:
            name = mix_case(draw.dice, name)
        question = wire.Question(name, choose_type(draw, name), draw.dice.choice(CLASSES),
                                 draw.dice.choice(FLAGS))
        misses += question in made
        made.setdefault(question)
    return list(made)
