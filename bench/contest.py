"""One zone's comparison: its files made, its servers started, asked in turns, and stopped.

  together  all up, each on a port of its own and pinned to one core; round after round, each set of
            questions to each server
  alone     one server after the other, each in turns with the echo
  starts    each started, asked once and stopped, round after round

The generator and this program itself are on another core than the servers. Queries per second and
system time drift with the machine's weather, so what counts is a figure beside the echo's of the
same round.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Iterator

import machine
import running
import servers
import signing
import zones

ECHO = "echo"
ONYM = "onym"
SIZING_S = 0.3  # one short run that finds the size of reply


@dataclasses.dataclass
class Contender:
    """A server in this comparison; `excuse` says why it has no figures."""

    key: str
    kind: servers.Server
    binary: str | None
    config: str = ""
    command: list[str] = dataclasses.field(default_factory=list)
    server: running.Running | None = None
    rounds: dict[str, list[dict]] = dataclasses.field(default_factory=dict)  # by set of questions
    loads_s: list[float] = dataclasses.field(default_factory=list)
    loaded_mb: float = 0.0  # PSS: when it has loaded, and when it has answered
    answered_mb: float = 0.0
    peak_mb: float = 0.0
    counts: dict[str, float] = dataclasses.field(default_factory=dict)  # events a query
    excuse: str = ""

    @property
    def title(self) -> str:
        return self.kind.title


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def write_small(path: pathlib.Path, text: str) -> None:
    """With three system calls: of a million files each one more is seconds."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    os.write(fd, text.encode())
    os.close(fd)


class Contest:
    """What every run has: a temporary folder, the contenders, the ports that they took."""

    def __init__(self, options: argparse.Namespace, folder: pathlib.Path):
        self.options = options
        self.folder = folder
        self.contenders: list[Contender] = []
        self.idle_share = 0.0  # the most of a core that the others used while one was asked
        self.sample: list[str] = []  # one command of the generator
        self.ports: set[int] = set()

    def contender(self, key: str) -> Contender | None:
        return next((one for one in self.contenders if one.key == key), None)

    def running(self) -> list[Contender]:
        return [contender for contender in self.contenders if contender.server is not None]

    def new_port(self) -> int:
        port = running.free_port(self.ports)
        self.ports.add(port)
        return port

    def drop(self, contender: Contender, excuse: str, details: str) -> None:
        say(f"{contender.key}: {excuse}: {details}")
        contender.excuse = excuse
        self.stop(contender)

    def stop(self, contender: Contender) -> None:
        if contender.server is not None:
            contender.server.stop()
            self.ports.discard(contender.server.port)
            contender.server = None


class Comparison(Contest):
    """The whole run of one zone: its files, its questions."""

    def __init__(self, options: argparse.Namespace, name: str, folder: pathlib.Path):
        super().__init__(options, folder)
        self.zone = zones.ZONES[name]
        self.names = min(options.names or self.zone.names, self.zone.names)
        self.seconds = options.seconds or self.zone.seconds
        self.runs = options.runs or self.zone.runs
        self.dnssec_ok = options.do or bool(self.zone.signed)
        self.zone_files = folder / "zones"
        self.queries = {
            title: folder / f"questions{number or ''}"
            for number, title in enumerate(self.zone.questions)
        }
        self.probes = self.zone.probes(self.names)
        given = {key: getattr(options, key.partition("-")[0]) for key in servers.SERVERS}
        for key in options.servers or self.zone.servers:
            kind = servers.SERVERS[key]
            self.contenders.append(Contender(key, kind, servers.find(kind.binary, given[key])))

    def run(self) -> None:
        self.make_files()
        os.sync()  # or it is written while the first ones are measured
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {self.options.generator_core})  # we shall not disturb servers
        try:
            {zones.TOGETHER: self.together, zones.ALONE: self.alone, zones.STARTS: self.starts}[
                self.zone.how
            ]()
        finally:
            for contender in self.contenders:
                self.stop(contender)
            os.sched_setaffinity(0, cores)

    # --- files ------------------------------------------------------------------------------

    def zone_names(self) -> Iterator[str]:
        if self.zone.many:
            return (zones.zone_name(i) for i in range(self.names))
        return iter([zones.ORIGIN])

    def make_files(self) -> None:
        say(f"making {self.zone.title.lower()}")
        self.zone_files.mkdir()
        if self.zone.many:
            for i, name in enumerate(self.zone_names()):
                write_small(self.zone_files / name, "".join(self.zone.records(i)))
        else:
            self.make_zone_file()
        for title, questions in self.zone.questions.items():
            with self.queries[title].open("w") as file:
                file.writelines(line + "\n" for line in questions(self.names))

    def make_zone_file(self) -> None:
        plain = self.folder / "plain" if self.zone.signed else self.zone_files / zones.ORIGIN
        with plain.open("w") as file:
            file.writelines(self.zone.records(self.names))
        if self.zone.signed:
            cache = self.options.cache or self.folder / "signed"
            signed = signing.sign(plain, zones.ORIGIN, self.zone.signed, cache)
            (self.zone_files / zones.ORIGIN).symlink_to(signed.resolve())
            plain.unlink()

    # --- starting and stopping --------------------------------------------------------------

    def start(self, contender: Contender, reply_octets: int = 0) -> None:
        """Starts it and takes its load time and memory; or gives it an excuse."""
        if contender.binary is None:
            contender.excuse = "not installed"
            return
        kind = contender.kind
        folder = self.folder / (kind.follows or contender.key)
        if not kind.follows:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        elif not folder.is_dir():
            contender.excuse = f"comes after {kind.follows}"
            return
        port = self.new_port()
        setup = servers.Setup(
            folder=folder,
            port=port,
            zone_names=self.zone_names,
            zone_files=self.zone_files,
            many=self.zone.many,
            signed=self.zone.signed,
            binary=contender.binary,
            reply_octets=reply_octets,
        )
        try:
            contender.config, contender.command = kind.write(setup)
            contender.server = running.Running(
                contender.command, self.options.server_core, folder, port
            )
            probes = [] if contender.key == ECHO else self.probes
            contender.server.wait_until_serving(probes, self.zone.start_s)
            contender.server.settle()
            self.look_at_memory(contender)
        except running.SlowStart as fault:
            self.drop(contender, f"did not serve within {self.zone.start_s:g} s", str(fault))
        except (running.ServerFault, subprocess.SubprocessError, OSError) as fault:
            self.drop(contender, "did not serve", str(fault))

    def look_at_memory(self, contender: Contender) -> None:
        server = contender.server
        contender.loads_s.append(server.load_s)
        contender.loaded_mb = server.pss_mb()
        contender.peak_mb = max(contender.peak_mb, contender.loaded_mb, server.peak_mb())
        say(
            f"{contender.key}: {server.load_s:.2f} s to the first answer, "
            f"{contender.loaded_mb:.0f} MB, peak {contender.peak_mb:.0f} MB"
        )

    # --- measuring --------------------------------------------------------------------------

    def generator_command(self, contender: Contender, asked: str, seconds: float) -> list[str]:
        options = self.options
        command = [str(options.generator), "--server", servers.HOST]
        command += ["--port", str(contender.server.port), "--queries", str(self.queries[asked])]
        command += ["--seconds", f"{seconds:g}", "--check", "--json"]
        if options.window:
            command += ["--window", str(options.window)]
        command += ["--edns"] * options.edns + ["--do"] * self.dnssec_ok
        if contender.key == ECHO:
            command += ["--any-rcode"]
        elif self.zone.signed:
            command += ["--signed"]
        for pid in contender.server.pids():
            command += ["--pid", str(pid)]
        return ["taskset", "-c", str(options.generator_core), *command]

    def ask(self, contender: Contender, asked: str, seconds: float, before: list[str]) -> dict:
        """One run of the generator, with a command before it or none."""
        command = self.generator_command(contender, asked, seconds)
        done = subprocess.run(
            [*before, *command], capture_output=True, text=True, timeout=seconds + 60, check=False
        )
        if done.returncode not in (0, 3):  # 3: there were wrong answers, they are counted
            raise running.ServerFault(done.stderr.strip())
        if done.stderr:
            say(f"{contender.key}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def reply_octets(self, contender: Contender) -> int:
        asked = next(iter(self.queries))
        return round(self.ask(contender, asked, SIZING_S, [])["reply_octets_mean"])

    def measure(self, contender: Contender, asked: str, name: str) -> None:
        """A round's part: figures of one server, into its rounds of this set of questions."""
        idle = [other.server for other in self.running() if other is not contender]
        before = sum(server.cpu_s() for server in idle)
        try:
            result = self.ask(contender, asked, self.seconds, [])
            self.sample = self.sample or self.generator_command(contender, asked, self.seconds)
            contender.answered_mb = contender.server.pss_mb()
            contender.peak_mb = max(
                contender.peak_mb, contender.answered_mb, contender.server.peak_mb()
            )
        except (running.ServerFault, subprocess.SubprocessError, OSError) as fault:
            self.drop(contender, "failed in the run", str(fault))
            return
        used = sum(server.cpu_s() for server in idle) - before
        self.idle_share = max(self.idle_share, used / self.seconds)
        result["cpu_us"] = result["server_user_us_per_query"] + result["server_sys_us_per_query"]
        result["round"] = name
        contender.rounds.setdefault(asked, []).append(result)
        say(
            f"{name}: {contender.key}: {result['qps']:.0f} queries/s, "
            f"{result['server_user_us_per_query']:.2f} us user, "
            f"{result['server_sys_us_per_query']:.2f} us system"
        )

    def count_events(self, contender: Contender) -> None:
        """One run more, under perf: not in the rounds, since counting costs something."""
        report = self.folder / "counters"
        before = machine.counting(contender.server.pids(), report)
        try:
            result = self.ask(contender, next(iter(self.queries)), self.seconds, before)
        except (running.ServerFault, subprocess.SubprocessError, OSError) as fault:
            say(f"{contender.key}: perf: {fault}")
            return
        counts = machine.read_counts(report)
        contender.counts = {event: n / result["answers_ever"] for event, n in counts.items()}

    # --- the ways to measure ----------------------------------------------------------------

    def start_echo(self) -> None:
        """Its replies are as large as onym's mean (or, without onym, as the first server's)."""
        echo = self.contender(ECHO)
        present = sorted(self.running(), key=lambda contender: contender.key != ONYM)
        if echo is not None and echo.server is None and present:
            self.start(echo, self.reply_octets(present[0]))

    def together(self) -> None:
        for contender in self.contenders:
            if contender.key != ECHO:
                self.start(contender)
        self.start_echo()
        for number in range(self.runs):
            for asked in self.queries:
                turn = self.running()
                first = number % max(len(turn), 1)  # nobody is always the first
                for contender in turn[first:] + turn[:first]:
                    self.measure(contender, asked, f"round {number + 1}")
        self.count_all()

    def count_all(self) -> None:
        if machine.has_counters(self.folder):
            for contender in self.running():
                self.count_events(contender)

    def alone(self) -> None:
        echo = self.contender(ECHO)
        counters = machine.has_counters(self.folder)
        for contender in self.contenders:
            if contender.key == ECHO:
                continue
            self.start(contender)
            if contender.server is None:
                continue
            self.start_echo()
            for number in range(self.runs):
                for asked in self.queries:
                    for one in (echo, contender):
                        if one is not None and one.server is not None:
                            self.measure(one, asked, f"{contender.key}, round {number + 1}")
            if counters and contender.server is not None:
                self.count_events(contender)
            self.stop(contender)

    def starts(self) -> None:
        for _ in range(self.runs):
            for contender in self.contenders:
                if not contender.excuse:
                    self.start(contender)
                    self.stop(contender)
