"""Answers by place: what one costs more than a plain answer, and what looking a place up costs.

Both from memory, without the network (placed.c, places.c): the packets' way is the same for both
kinds, and what differs is a tenth of a microsecond, which sockets would drown. The databases are
those of the tests (test/system/databases.py): DB-IP's, https://db-ip.com, CC BY 4.0.
"""

import argparse
import dataclasses
import pathlib
import re
import statistics
import subprocess
import sys

import machine
import report


sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "test" / "system"))
import databases  # noqa: E402

PLAIN, PLACED = "plain.example.test", "placed.example.test"
BATCHES = (1, 8, 32)
CLIENTS = {"own": "the client's own address", "subnet": "told by a resolver (RFC 7871)"}

ZONE = """\
$TTL 300
@ SOA ns1 host 1 7200 3600 1209600 300
@ NS ns1
ns1 A 192.0.2.1
plain A 192.0.2.2
plain A 192.0.2.3
"""
CONFIG = """\
version: 1
resolve: {{default: none}}
access: {{ecs: [localhost]}}
places: {{databases: ["{database}"]}}
answers: {{rotate: false}}
zones:
  "example.test":
    file: example.test.zone
    routes:
      "placed":
        A:
          - {{where: {{country: SG}}, give: [192.0.2.10, 192.0.2.11]}}
          - {{where: {{country: [CA, US]}}, give: [192.0.2.20, 192.0.2.21]}}
          - {{where: {{continent: EU}}, give: [192.0.2.30, 192.0.2.31]}}
          - {{give: [192.0.2.98, 192.0.2.99]}}
"""


@dataclasses.dataclass(frozen=True)
class Section:
    title: str
    names: int = 0


SECTIONS = {"places": Section("Answers by place")}


class Placing:
    """One run of the section."""

    def __init__(self, options: argparse.Namespace, name: str, folder: pathlib.Path):
        self.zone, self.names = SECTIONS[name], SECTIONS[name].names
        self.folder = folder
        self.tools = pathlib.Path(options.echo).parent
        self.core = options.server_core
        self.runs = options.runs or 5
        self.seconds = options.seconds or 0.5
        self.ns: dict[tuple, list[float]] = {}  # by name, client and batch; one of each round
        self.lookups: dict[str, list[list[float]]] = {}  # by database: seconds, MB, v4 and v6 ns
        self.commands: list[str] = []

    def contender(self, _key: str) -> None:
        """No server takes part."""

    def call(self, *words: object) -> str:
        command = ["taskset", "-c", str(self.core), *map(str, words)]
        line = " ".join(command[3:]).replace(str(self.tools) + "/", "build/bench/")
        line = re.sub(r"(?<!\S)/\S*/", "", line)  # where the databases lie is nobody's matter
        if line not in self.commands:
            self.commands.append(line)
        return subprocess.run(command, check=True, capture_output=True, text=True,
                              cwd=self.folder).stdout

    def run(self) -> None:
        (self.folder / "example.test.zone").write_text(ZONE)
        (self.folder / "onym.yaml").write_text(CONFIG.format(database=databases.country()))
        for line in self.call(self.tools / "bench-placed", "onym.yaml", PLAIN, PLACED, self.runs,
                              self.seconds).splitlines():
            _, batch, name, client, ns = line.split()
            self.ns.setdefault((name, client, int(batch)), []).append(float(ns))
        kinds = {"countries": [databases.country()], "cities": ["--points", *databases.cities()]}
        for _ in range(self.runs):
            for kind, words in kinds.items():
                text = self.call(self.tools / "bench-places", *words)
                numbers = re.search(r"in ([\d.]+) s, (\d+) MB(?:.|\n)*IPv4: ([\d.]+) (?:.|\n)*"
                                    r"IPv6: ([\d.]+) ", text)
                self.lookups.setdefault(kind, []).append([float(one) for one in numbers.groups()])

    def above(self, client: str, batch: int) -> list[float]:
        """Nanoseconds of a placed answer above a plain one, round by round."""
        return [placed - plain for plain, placed in zip(self.ns["plain", client, batch],
                                                        self.ns["placed", client, batch])]

    def worst_above(self) -> list[float]:
        """Of the batch and kind of client that has the largest median."""
        return max((self.above(client, batch) for client in CLIENTS for batch in BATCHES),
                   key=statistics.median)

    def slowest_lookup(self) -> list[float]:
        """Millions a second, of the database and family that have the fewest."""
        return min(([1000 / one[family] for one in rounds] for rounds in self.lookups.values()
                    for family in (2, 3)), key=statistics.median)

    def section(self) -> str:
        def whole(value: float) -> str:
            return f"{value:.0f}"
        rows = [[CLIENTS[client], str(batch), report.spread(self.ns["plain", client, batch], whole),
                 report.spread(self.ns["placed", client, batch], whole),
                 report.spread(self.above(client, batch), whole)]
                for client in CLIENTS for batch in BATCHES]
        databases_rows = [[kind, *(report.spread([one[at] for one in rounds], show)
                                   for at, show in enumerate((report.hundredths, whole, whole,
                                                              whole)))]
                          for kind, rounds in self.lookups.items()]
        commands = "\n".join(self.commands)
        return (f"## {self.zone.title}\n\n"
                "Nanoseconds of CPU time, user and system together, that an answer of two "
                "addresses takes from memory,\nfor random clients of IPv4: a plain one, and one by "
                "the countries and continents of a database. Medians\n(and the least and the "
                "most). Load beside it shows in the spread.\n\n"
                + report.draw(["client", "batch", "plain", "placed", "above"], rows)
                + "\n\nDatabases of DB-IP, compiled for three countries and a continent (cities: "
                "and coordinates), and\nrandom addresses looked up.\n\n"
                + report.draw(["database", "compiled, s", "peak, MB", "IPv4, ns", "IPv6, ns"],
                              databases_rows)
                + f"\n\n{machine.cpu_model()}, {machine.kernel()}; {self.runs} rounds.\n\n"
                f"<details><summary>Commands</summary>\n\n```\n{commands}\n```\n</details>\n")
