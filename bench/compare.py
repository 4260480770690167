#!/usr/bin/python3
"""Compares onym with other authoritative servers and with a bare echo, over loopback.

  bench/compare.py --zone ten --servers onym,nsd,knot,gdnsd,echo --runs 5 --seconds 3 \\
      --onym build/onym --out docs/benchmarks.md

All servers are started beforehand, each on a port of its own and pinned to one core; then they
are measured in turns, round after round, by bench-generator on another core. Queries per second
and system time drift with the machine's weather, so what counts is a figure beside the echo's of
the same round: medians are taken over rounds. The section of the zone in --out is replaced, the
rest of it stays.
"""

import argparse
import dataclasses
import json
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile

import running
import servers
import zones

ECHO = "echo"
SIZING_S = 0.3  # one short run that finds the size of reply
LOST_SHARE_MAX = 0.001
BUSY_MIN = 0.95  # the echo fills its core; if it cannot, others were using it
DOCUMENT_HEAD = """\
# Benchmarks

Each section is written by `bench/compare.py` and replaced by its next run. Compare inside a section
only.

"""


@dataclasses.dataclass
class Contender:
    """A server in this comparison; `excuse` says why it has no figures."""

    key: str
    binary: str | None
    config: str = ""
    command: list[str] = dataclasses.field(default_factory=list)
    server: running.Running | None = None
    rounds: list[dict] = dataclasses.field(default_factory=list)
    memory_mb: tuple[float, float] = (0.0, 0.0)
    excuse: str = ""


class Comparison:
    """The whole run: a temporary folder, the contenders, the questions."""

    def __init__(self, options: argparse.Namespace, folder: pathlib.Path):
        self.options = options
        self.folder = folder
        self.zone = zones.ZONES[options.zone]
        self.names = options.names or self.zone.names
        self.zone_file = folder / "bench.test.zone"
        self.queries = folder / "questions"
        self.ports: set[int] = set()
        given = {key: getattr(options, key) for key in servers.SERVERS}
        self.contenders = [Contender(key, servers.find(key, given[key])) for key in options.servers]

    # --- starting and stopping --------------------------------------------------------------

    def make_files(self) -> None:
        with self.zone_file.open("w") as file:
            file.writelines(self.zone.records(self.names))
        with self.queries.open("w") as file:
            file.writelines(line + "\n" for line in self.zone.questions(self.names))

    def start(self, contender: Contender, reply_octets: int) -> None:
        if contender.binary is None:
            contender.excuse = "not installed"
            return
        folder = self.folder / contender.key
        folder.mkdir()
        port = running.free_port(self.ports)
        self.ports.add(port)
        setup = servers.Setup(
            folder, port, zones.ORIGIN, self.zone_file, contender.binary, reply_octets
        )
        contender.config, contender.command = servers.SERVERS[contender.key].write(setup)
        say(f"starting {contender.key}")
        contender.server = running.Running(
            contender.command, self.options.server_core, folder, port
        )
        try:
            contender.server.wait_until_serving(
                None if contender.key == ECHO else self.zone.probe
            )
        except running.ServerFault as fault:
            self.drop(contender, "did not serve the zone", str(fault))

    def start_all(self) -> None:
        """The echo last: its replies are as large as onym's mean (or another's, without onym)."""
        for contender in self.contenders:
            if contender.key != ECHO:
                self.start(contender, 0)
        order = sorted(self.running(), key=lambda contender: contender.key != "onym")
        for contender in self.contenders:
            if contender.key == ECHO:
                size = self.reply_octets(order[0]) if order else 0
                self.start(contender, size)

    def drop(self, contender: Contender, excuse: str, details: str) -> None:
        say(f"{contender.key}: {excuse}: {details}")
        contender.excuse = excuse
        if contender.server is not None:
            contender.server.stop()
            contender.server = None

    def stop_all(self) -> None:
        for contender in self.contenders:
            if contender.server is not None:
                contender.server.stop()
                contender.server = None

    def running(self) -> list[Contender]:
        return [contender for contender in self.contenders if contender.server is not None]

    # --- measuring --------------------------------------------------------------------------

    def generator_command(self, contender: Contender, seconds: float) -> list[str]:
        options = self.options
        port = str(contender.server.port)
        command = ["taskset", "-c", str(options.generator_core), str(options.generator)]
        command += ["--server", servers.HOST, "--port", port, "--queries", str(self.queries)]
        command += ["--seconds", f"{seconds:g}", "--check", "--json"]
        if options.window:
            command += ["--window", str(options.window)]
        command += ["--edns"] * options.edns + ["--do"] * options.do
        command += ["--any-rcode"] * (contender.key == ECHO)
        for pid in contender.server.pids():
            command += ["--pid", str(pid)]
        return command

    def measure(self, contender: Contender, seconds: float) -> dict:
        command = self.generator_command(contender, seconds)
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=seconds + 60, check=False
        )
        if done.returncode not in (0, 3):  # 3: there were wrong answers, they are counted
            raise running.ServerFault(done.stderr.strip())
        if done.stderr:
            say(f"{contender.key}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def reply_octets(self, contender: Contender) -> int:
        return round(self.measure(contender, SIZING_S)["reply_octets_mean"])

    def measure_all(self) -> None:
        for number in range(self.options.runs):
            turn = self.running()
            start = number % max(len(turn), 1)  # nobody is always the first
            for contender in turn[start:] + turn[:start]:
                self.measure_round(contender, number)

    def measure_round(self, contender: Contender, number: int) -> None:
        try:
            result = self.measure(contender, self.options.seconds)
            contender.memory_mb = contender.server.memory_mb()
        except (running.ServerFault, OSError) as fault:
            self.drop(contender, "failed in the run", str(fault))
            return
        result["cpu_us"] = result["server_user_us_per_query"] + result["server_sys_us_per_query"]
        result["round"] = number
        contender.rounds.append(result)
        say(
            f"round {number + 1}: {contender.key}: {result['qps']:.0f} queries/s, "
            f"{result['server_user_us_per_query']:.2f} us user, "
            f"{result['server_sys_us_per_query']:.2f} us system"
        )


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# --- reporting ------------------------------------------------------------------------------


def median(contender: Contender, key: str) -> float:
    return statistics.median(result[key] for result in contender.rounds)


def spread(contender: Contender, key: str, show) -> str:
    values = [result[key] for result in contender.rounds]
    return f"{show(statistics.median(values))} ({show(min(values))}-{show(max(values))})"


def thousands(value: float) -> str:
    return f"{value / 1000:.0f}k"


def hundredths(value: float) -> str:
    return f"{value:.2f}"


def times_echo(contender: Contender, contenders: list[Contender]) -> str:
    """The whole CPU for a query over the echo's of the same round."""
    floor = {
        result["round"]: result["cpu_us"]
        for echo in contenders
        if echo.key == ECHO
        for result in echo.rounds
    }
    ratios = [
        result["cpu_us"] / floor[result["round"]]
        for result in contender.rounds
        if floor.get(result["round"], 0) > 0
    ]
    return f"{statistics.median(ratios):.2f}" if ratios else "-"


HEADINGS = [
    "server",
    "queries/s",
    "user us",
    "system us",
    "CPU / echo's",
    "core busy",
    "load s",
    "RSS MB",
    "PSS MB",
    "reply octets",
]


def row(contender: Contender, comparison: Comparison) -> list[str]:
    title = servers.SERVERS[contender.key].title
    if not contender.rounds or contender.excuse:
        return [title, contender.excuse or "no figures"] + [""] * (len(HEADINGS) - 2)
    rss, pss = contender.memory_mb
    return [
        title,
        spread(contender, "qps", thousands),
        spread(contender, "server_user_us_per_query", hundredths),
        spread(contender, "server_sys_us_per_query", hundredths),
        times_echo(contender, comparison.contenders),
        f"{median(contender, 'server_cores') * 100:.0f} %",
        f"{comparison.load_s[contender.key]:.1f}",
        f"{rss:.1f}",
        f"{pss:.1f}",
        f"{median(contender, 'reply_octets_mean'):.0f}",
    ]


def faults(contender: Contender) -> str:
    """What was not as it should be with a server's answers, over all rounds; '' if nothing."""
    sums = {
        key: sum(result[key] for result in contender.rounds)
        for key in ("sent", "lost", "wrong", "stray", "truncated")
    }
    words = [f"{sums[key]} {key}" for key in ("wrong", "stray", "truncated") if sums[key]]
    if sums["lost"] > LOST_SHARE_MAX * sums["sent"]:
        words.append(f"{sums['lost']} lost")
    title = servers.SERVERS[contender.key].title
    return f"{title}: {', '.join(words)} of {sums['sent']}" if words else ""


def crowd(comparison: Comparison) -> str:
    """A caution, if the echo's core was not its own."""
    for contender in comparison.contenders:
        if contender.key == ECHO and contender.rounds:
            busy = median(contender, "server_cores")
            if busy < BUSY_MIN:
                return (
                    f"\n**Something else ran beside it: the echo got {busy * 100:.0f} % of its "
                    "core,\nso that queries/s are too low; CPU a query suffers less.**"
                )
    return ""


def cpu_model() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        name, _colon, value = line.partition(":")
        if name.strip() in ("model name", "Model"):
            return value.strip()
    return "unknown CPU"


def kernel() -> str:
    release = pathlib.Path("/proc/sys/kernel/osrelease").read_text()
    return "Linux " + re.match(r"[0-9.]*[0-9]", release).group()


def hide_paths(text: str, comparison: Comparison) -> str:
    return text.replace(str(comparison.folder), "DIR").replace(str(pathlib.Path.cwd()) + "/", "")


def commands(comparison: Comparison, sample: list[str]) -> str:
    core = comparison.options.server_core
    lines = [
        f"taskset -c {core} {' '.join(contender.command)}"
        for contender in comparison.contenders
        if contender.command
    ]
    generator = re.sub(r"--pid \d+( --pid \d+)*", "--pid PID...", " ".join(sample))
    generator = re.sub(r"--port \d+", "--port PORT", generator).replace(" --any-rcode", "")
    return hide_paths("\n".join([*lines, generator]), comparison)


def table(comparison: Comparison) -> str:
    rows = [HEADINGS, ["---"] + ["--:"] * (len(HEADINGS) - 1)]
    rows += [row(contender, comparison) for contender in comparison.contenders]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in rows)


def configurations(comparison: Comparison) -> str:
    parts = [
        f"{servers.SERVERS[contender.key].title}:\n\n```\n"
        f"{hide_paths(contender.config, comparison)}```\n"
        for contender in comparison.contenders
        if contender.config
    ]
    return "\n".join(parts)


def section(comparison: Comparison, sample: list[str]) -> str:
    options, zone = comparison.options, comparison.zone
    known = [contender for contender in comparison.contenders if contender.binary is not None]
    versions = [servers.SERVERS[one.key].version(one.binary) for one in known]
    settings = [
        f"- {servers.SERVERS[one.key].title}: {servers.SERVERS[one.key].settings}." for one in known
    ]
    wrong = "; ".join(text for text in map(faults, comparison.contenders) if text) or "none"
    edns = "with EDNS and DO" if options.do else "with EDNS" if options.edns else "without EDNS"
    count = "" if comparison.names == zone.names else f" Here {comparison.names} of them."
    return f"""\
## {zone.title}

{zone.about}{count}
Questions {edns}. {options.runs} rounds of {options.seconds:g} s, the servers in turns; medians
(and the least and the most). CPU in microseconds a query; user and system are told apart by the
kernel's tick, so a small user time is a coarse figure. RSS and PSS of all of a server's processes
after the last round. The size of replies is their mean; the echo's are as large as onym's, or
without onym as the first server's.{crowd(comparison)}

{table(comparison)}

Wrong, stray, truncated or lost: {wrong}.

{cpu_model()}, {kernel()}. {"; ".join(version for version in versions if version)}.
One core for the server, another for the generator.

{chr(10).join(settings)}

```sh
{commands(comparison, sample)}
```

<details><summary>Configurations</summary>

{configurations(comparison)}
</details>
"""


def replace_section(document: str, name: str, text: str) -> str:
    """The document with the text between the markers of that name; added at its end if new."""
    begin, end = f"<!-- bench:{name} -->", f"<!-- /bench:{name} -->"
    block = f"{begin}\n{text}{end}"
    before, found, rest = document.partition(begin)
    if not found:
        return f"{document.rstrip()}\n\n{block}\n" if document else f"{DOCUMENT_HEAD}{block}\n"
    _old, closed, after = rest.partition(end)
    if not closed:
        sys.exit(f"compare.py: {begin} without {end}")
    return before + block + after


# --- the command ----------------------------------------------------------------------------


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    everyone = ",".join(servers.SERVERS)
    parser.add_argument("--zone", choices=zones.ZONES, default="ten")
    parser.add_argument("--names", type=int, help="so many names instead of the zone's own number")
    parser.add_argument("--servers", default=everyone, help=f"default: {everyone}")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--window", type=int, help="questions in flight (the generator's default)")
    parser.add_argument("--edns", action="store_true")
    parser.add_argument("--do", action="store_true")
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--generator-core", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, help="the document; default: standard output")
    parser.add_argument("--onym", default="build/onym", help="path of the binary")
    for key in ("nsd", "knot", "gdnsd"):
        parser.add_argument(f"--{key}", help="path of the binary; default: the installed one")
    parser.add_argument(
        "--tools",
        type=pathlib.Path,
        help="folder of bench-generator and bench-echo; default: bench beside the onym binary",
    )
    options = parser.parse_args()
    options.servers = options.servers.split(",")
    for key in options.servers:
        if key not in servers.SERVERS:
            parser.error(f"no such server: {key} (there are: {everyone})")
    if options.runs < 1 or options.seconds <= 0:
        parser.error("at least one run and some time are needed")
    tools = (options.tools or pathlib.Path(options.onym).parent / "bench").resolve()
    options.generator = tools / "bench-generator"
    options.echo = str(tools / "bench-echo")
    if not options.generator.is_file():
        parser.error(f"{options.generator} is not there: build with -Dbenchmarks=true")
    return options


def marker(options: argparse.Namespace) -> str:
    return options.zone + ("-do" if options.do else "-edns" if options.edns else "")


def compare(options: argparse.Namespace, folder: pathlib.Path) -> str:
    comparison = Comparison(options, folder)
    comparison.make_files()
    try:
        comparison.start_all()
        present = comparison.running()
        if not present:
            sys.exit("compare.py: no server runs")
        sample = comparison.generator_command(present[0], options.seconds)
        comparison.load_s = {one.key: one.server.load_s for one in present}
        comparison.measure_all()
    finally:
        comparison.stop_all()
    return section(comparison, sample)


def main() -> None:
    options = parse_options()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: sys.exit(1))
    running.adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        text = compare(options, pathlib.Path(folder))
    if options.out is None:
        print(text)
        return
    document = options.out.read_text() if options.out.exists() else ""
    options.out.write_text(replace_section(document, marker(options), text))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
