"""Databases of places in MaxMind's format, as far as the comparison needs it: read, and written
anew with other records behind the same tree.

The databases that the tests download are flat ({"country_code": "SG"}); gdnsd and Knot DNS know
GeoIP2's nested records alone ({"country": {"iso_code": "SG"}, "continent": {"code": "AS"}}). `nest`
makes the one into the other; no prefix and no country changes by it.

Format: https://maxmind.github.io/MaxMind-DB/ - a tree of nodes, each with two records of 24, 28 or
32 bits: a node, nothing, or a place in the data behind it.
"""

import pathlib
import random
import re
import struct

MARKER = b"\xab\xcd\xefMaxMind.com"
SEPARATOR = 16
COUNTRIES = pathlib.Path(__file__).resolve().parents[2] / "src" / "policy" / "countries.c"


def continents():
    """Country to continent, from our own table: a flat database does not say it."""
    return dict(re.findall(r'\{"([A-Z]{2})", "([A-Z]{2})", ', COUNTRIES.read_text()))


class Database:
    def __init__(self, path):
        self.octets = pathlib.Path(path).read_bytes()
        at = self.octets.rindex(MARKER)
        self.metadata = self.decode(at + len(MARKER), at + len(MARKER))[0]
        self.nodes = self.metadata["node_count"]
        self.bits = self.metadata["record_size"]
        self.size = self.bits // 4  # octets of a node
        self.data = self.nodes * self.size + SEPARATOR
        self.end = at

    def record(self, node, side):
        """What is on this side of a node."""
        at = node * self.size
        octets = self.octets
        if self.bits == 24:
            return int.from_bytes(octets[at + 3 * side:at + 3 * side + 3], "big")
        if self.bits == 32:
            return int.from_bytes(octets[at + 4 * side:at + 4 * side + 4], "big")
        high = octets[at + 3] >> 4 if side == 0 else octets[at + 3] & 15
        return high << 24 | int.from_bytes(octets[at + 4 * side:at + 4 * side + 3], "big")

    def decode(self, at, base):
        """(the value at this octet, where it ends); pointers count from `base`."""
        octets = self.octets
        control = octets[at]
        kind, at = control >> 5, at + 1
        if kind == 1:
            size, low = control >> 3 & 3, control & 7
            to = int.from_bytes(octets[at:at + size + 1], "big")
            if size < 3:
                to += (low << 8 * (size + 1)) + (0, 2048, 526336)[size]
            return self.decode(base + to, base)[0], at + size + 1
        if kind == 0:
            kind, at = octets[at] + 7, at + 1
        size = control & 31
        if size >= 29:
            more = size - 28
            size = (29, 285, 65821)[more - 1] + int.from_bytes(octets[at:at + more], "big")
            at += more
        if kind == 7:
            value = {}
            for _ in range(size):
                key, at = self.decode(at, base)
                value[key], at = self.decode(at, base)
            return value, at
        if kind == 11:
            items = []
            for _ in range(size):
                item, at = self.decode(at, base)
                items.append(item)
            return items, at
        if kind == 14:
            return bool(size), at
        part = octets[at:at + size]
        if kind == 2:
            return part.decode(), at + size
        if kind in (3, 15):
            return struct.unpack(">d" if kind == 3 else ">f", part)[0], at + size
        return int.from_bytes(part, "big", signed=kind == 8), at + size

    def find(self, octets):
        """(record, depth) of an address of 16 octets; IPv4 is below ::/96. Record None: nothing."""
        node = 0
        for depth in range(128):
            node = self.record(node, octets[depth // 8] >> 7 - depth % 8 & 1)
            if node >= self.nodes:
                break
        if node == self.nodes:
            return None, depth + 1
        return self.decode(node - self.nodes - SEPARATOR + self.data, self.data)[0], depth + 1

    def start_v4(self):
        node = 0
        for _ in range(96):
            if node < self.nodes:
                node = self.record(node, 0)
        return node

    def random_prefix(self, dice, v4):
        """The address and length of a prefix that stands in the tree, on a way taken by lot."""
        node, bits, depth = (self.start_v4() if v4 else 0), 0, 0
        length = 32 if v4 else 128
        while node < self.nodes and depth < length:
            side = dice.getrandbits(1)
            if self.record(node, side) == self.nodes:
                side ^= 1
            node = self.record(node, side)
            bits, depth = bits << 1 | side, depth + 1
        return (bits << length - depth).to_bytes(length // 8, "big"), depth


NUMBERS = {"node_count": 6, "build_epoch": 9}  # of the metadata; the others have 16 bits


def encode(value, number=6):
    """Text, whole numbers of this type, lists and maps of them."""
    def head(kind, size):
        first = kind << 5 if kind < 8 else 0
        extra = b"" if kind < 8 else bytes([kind - 7])
        if size < 29:
            return bytes([first | size]) + extra
        return bytes([first | 29]) + extra + bytes([size - 29])
    if isinstance(value, str):
        octets = value.encode()
        return head(2, len(octets)) + octets
    if isinstance(value, int):
        octets = value.to_bytes((value.bit_length() + 7) // 8, "big")
        return head(number, len(octets)) + octets
    if isinstance(value, list):
        return head(11, len(value)) + b"".join(map(encode, value))
    return head(7, len(value)) + b"".join(encode(key) + encode(item)
                                          for key, item in value.items())


def nest(source, target):
    """Writes the flat database of countries at `source` as GeoIP2 has them."""
    database = Database(source)
    continent = continents()
    data, places = bytearray(), {}  # of the new one; old place to new place

    def moved(record):
        if record <= database.nodes:
            return record
        if record not in places:
            flat, _ = database.decode(record - database.nodes - SEPARATOR + database.data,
                                      database.data)
            places[record] = database.nodes + SEPARATOR + len(data)
            code = flat["country_code"]
            nested = {"country": {"iso_code": code, "geoname_id": 1}}
            if code in continent:
                nested["continent"] = {"code": continent[code], "geoname_id": 1}
            data.extend(encode(nested))
        return places[record]

    tree = bytearray()
    for node in range(database.nodes):
        tree += struct.pack(">II", moved(database.record(node, 0)), moved(database.record(node, 1)))
    metadata = {key: value for key, value in database.metadata.items()
                if isinstance(value, (int, str, list))}
    metadata |= {"record_size": 32, "database_type": "GeoIP2-Country",
                 "description": {"en": "countries, nested"}}
    packed = b"".join(encode(key) + encode(value, NUMBERS.get(key, 5))
                      for key, value in metadata.items())
    head = bytes([7 << 5 | len(metadata)])
    pathlib.Path(target).write_bytes(tree + bytes(SEPARATOR) + data + MARKER + head + packed)


def addresses(database, dice, count):
    """So many addresses of 4 and 16 octets by turns: of prefixes of the database, both ends of
    them and their neighbours, and any at all. None of ::/96: nobody has those (RFC 4291 2.5.5.1),
    and in the tree it is IPv4."""
    made = 0
    while made < count:
        v4 = made % 2 == 0
        length = 4 if v4 else 16
        address, depth = database.random_prefix(dice, v4)
        number = int.from_bytes(address, "big")
        last = number + (1 << 8 * length - depth) - 1
        number = dice.choice((number, last, number - 1, last + 1, dice.randint(number, last),
                              dice.getrandbits(32) if v4 else
                              0x2 << 124 | dice.getrandbits(124)))
        octets = (number % (1 << 8 * length)).to_bytes(length, "big")
        if v4 or any(octets[:12]):
            made += 1
            yield octets


def random_dice(seed):
    return random.Random(seed)
