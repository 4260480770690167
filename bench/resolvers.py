"""Resolvers side by side: a section of docs/benchmarks.md each, measured in the lab (lab.py).

  hits      all up and warmed with every name; asked in turns, round after round
  cold      all up, each zone's servers known to all; asked in turns for names that nobody was asked
            for before
  memory    one after the other: memory before every name was asked for, and after
  restarts  one after the other: onym with what it kept, the others empty; the time from the start
            until nine of ten answers are at hand

Two workers are hits once more, by servers with one thread and with two, which have both cores. Else
the server under test has a core for itself; the lab, the generator and this program share the
other, so the generator sleeps when it has nothing to do while the lab has. That a question is a hit
is not believed: the lab counts what it is asked.
"""

import argparse
import dataclasses
import itertools
import json
import os
import pathlib
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable

import lab
import resolver_peers
import running
import servers
import zones
from contest import ECHO, ONYM, Contender, Contest, say

CACHE_OCTETS = 2 << 30
START_S_MAX = 60
SIZING_S = 0.3
WARM_S_MAX = 900  # of a million names at what the slowest of them takes for each
# In flight: as many as fit into a server's socket buffer, and fewer for the first names of zones,
# which cost several questions each; more where the lab's servers are far away.
WARM, WARM_FAR, WARM_ZONES = 128, 256, 64
PATIENCE_MS = 10_000  # every resolver has given up by then
QUESTIONS_MAX = 2_000_000
SAMPLE = 20_000  # names that are asked for again, to see whether they were kept
RATE = 500
RATED_NAMES = 5000
READY_S = 3  # the generator has read some millions of questions by then
RESTART_S_MAX = 400
HIT_SHARE = 0.9
HIT_US = 5000  # far below the 20 ms to every server of the lab
QUESTIONS_EACH = 2.5  # a name, so that nine of ten were asked for at a pass's end


def zipf(names: int) -> Iterable[int]:
    """Numbers by chance: that of rank k as often as 1/k."""
    dice = random.Random(5)
    weights = list(itertools.accumulate(1 / rank for rank in range(1, names + 1)))
    order = list(range(names))
    dice.shuffle(order)
    return dice.choices(order, cum_weights=weights, k=min(10 * names, QUESTIONS_MAX))


def uniform(names: int) -> Iterable[int]:
    dice = random.Random(6)
    return (dice.randrange(names) for _ in range(min(2 * names, QUESTIONS_MAX)))


def question(number: int) -> str:
    return f"{lab.name(number)} A NOERROR\n"


class Resolution(Contest):
    """One section's run."""

    def __init__(self, options: argparse.Namespace, name: str, folder: pathlib.Path):
        super().__init__(options, folder)
        self.zone = SECTIONS[name]
        self.names = min(options.names or self.zone.names, self.zone.names)
        self.seconds = options.seconds or self.zone.seconds
        self.runs = options.runs or self.zone.runs
        self.lab: lab.Lab | None = None
        self.fresh = lab.ZONES  # the first name that nobody was asked for; before it: one each zone
        for key in options.servers or self.zone.servers:
            kind = resolver_peers.RESOLVERS[key]
            given = {"onym": options.onym, "bench-echo": options.echo}.get(kind.binary)
            self.contenders.append(Contender(key, kind, servers.find(kind.binary, given)))

    def run(self) -> None:
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {self.options.generator_core})
        onym = servers.find("onym", self.options.onym)
        if onym is None:
            raise running.ServerFault(f"no onym at {self.options.onym}: the lab is a part of it")
        try:
            self.lab = lab.Lab(
                onym, self.options.generator_core, self.folder, self.lab_names(), self.zone.faults
            )
            self.zone.measure(self)
        finally:
            for contender in self.contenders:
                self.stop(contender)
            if self.lab is not None:
                self.lab.stop()
            os.sched_setaffinity(0, cores)

    def lab_names(self) -> int:
        if self.zone.measure is cold:
            return lab.ZONES + self.names * self.runs * len(self.contenders)
        return lab.ZONES + self.names

    # --- starting ---------------------------------------------------------------------------

    def configure(self, contender: Contender, keep: bool = False, reply_octets: int = 0) -> int:
        """Writes its configuration, into the folder that it has if there is one. Its port."""
        folder = self.folder / contender.key
        folder.mkdir(exist_ok=True)
        unbound = self.contender("unbound")
        setup = resolver_peers.Setup(
            folder=folder,
            port=self.new_port(),
            binary=contender.binary,
            roots=lab.ROOTS,
            cache_octets=CACHE_OCTETS,
            threads=resolver_peers.THREADS.get(contender.key, 1),
            keep=keep,
            forward_port=unbound.server.port if unbound and unbound.server else 0,
            reply_octets=reply_octets,
        )
        contender.config, contender.command = contender.kind.write(setup)
        return setup.port

    def launch(self, contender: Contender, port: int) -> None:
        cores = self.zone.cores or self.options.server_core
        folder = self.folder / contender.key
        contender.server = running.Running(contender.command, cores, folder, port)

    def start(self, contender: Contender, keep: bool = False, reply_octets: int = 0) -> None:
        """Starts it and waits for its first answer; or gives it an excuse."""
        if contender.binary is None:
            contender.excuse = "not installed"
            return
        if contender.key == "dnsmasq" and not getattr(self.contender("unbound"), "server", None):
            contender.excuse = "forwards to Unbound, which is not up"
            return
        shutil.rmtree(self.folder / contender.key, ignore_errors=True)
        try:
            self.launch(contender, self.configure(contender, keep, reply_octets))
            probes = [zones.Probe(lab.name(0), 1, 0, 1, -1, recurse=True)]
            contender.server.wait_until_serving(
                probes if contender.key != ECHO else [], START_S_MAX
            )
        except (running.ServerFault, subprocess.SubprocessError, OSError) as fault:
            self.drop(contender, "did not serve", str(fault))

    def start_all(self, names: int) -> None:
        """All but the echo, and each warmed with so many names, from the first on."""
        for contender in self.contenders:
            if contender.key != ECHO:
                self.start(contender)
                self.warm(contender, 0, names)

    # --- asking -----------------------------------------------------------------------------

    def write(self, file: str, numbers: Iterable[int]) -> pathlib.Path:
        path = self.folder / file
        with path.open("w") as lines:
            lines.writelines(map(question, numbers))
        return path

    def generator(self, port: int, path: pathlib.Path, flags: list[str]) -> list[str]:
        options = self.options
        command = [str(options.generator), "--server", servers.HOST, "--port", str(port)]
        command += ["--queries", str(path), "--json", *flags]
        if options.window:
            command += ["--window", str(options.window)]
        return ["taskset", "-c", str(options.generator_core), *command]

    def command(self, contender: Contender, path: pathlib.Path, flags: list[str]) -> list[str]:
        """The generator's, for a server that is up."""
        kind = "--any-rcode" if contender.key == ECHO else "--recurse"
        command = self.generator(contender.server.port, path, ["--check", kind, *flags])
        for pid in contender.server.pids():
            command += ["--pid", str(pid)]
        return command

    def ask(self, contender: Contender, path: pathlib.Path, flags: list[str]) -> dict:
        """One run of the generator; with it how much of it the lab was asked."""
        before = self.lab.asked()
        command = self.command(contender, path, flags)
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=WARM_S_MAX + 60, check=False
        )
        if done.returncode not in (0, 3):  # 3: there were wrong answers, they are counted
            raise running.ServerFault(done.stderr.strip())
        if done.stderr:
            say(f"{contender.key}: {done.stderr.strip()}")
        result = json.loads(done.stdout)
        result["upstream"] = (self.lab.asked() - before) / max(result["answers_ever"], 1)
        return result

    def warm(self, contender: Contender, first: int, count: int) -> None:
        """Each name once, and all of them again if one had no answer."""
        if contender.server is None:
            return
        path = self.write("names", range(first, first + count))
        flags = ["--once", "--sleep", "--seconds", str(WARM_S_MAX)]
        many = WARM_FAR if self.zone.faults else WARM
        window = many if count > lab.ZONES else WARM_ZONES
        flags += ["--patience", str(PATIENCE_MS), "--window", str(window)]
        began = time.monotonic()
        try:
            missed = count
            for _ in range(2):
                result = self.ask(contender, path, flags)
                missed = count - result["received"]
                if not missed:
                    break
                say(f"{contender.key}: {result['lost']} lost, {result['wrong']} wrong")
        except (running.ServerFault, subprocess.SubprocessError, OSError) as fault:
            self.drop(contender, "failed when it was warmed", str(fault))
            return
        late = f", {missed} without a right answer" if missed else ""
        say(f"{contender.key}: {count} names in {time.monotonic() - began:.1f} s{late}")

    def measure(
        self, contender: Contender, path: pathlib.Path, flags: list[str], name: str
    ) -> None:
        """A round's part: figures of one server, into its rounds."""
        idle = [other.server for other in self.running() if other is not contender]
        before = sum(server.cpu_s() for server in idle)
        try:
            result = self.ask(contender, path, flags)
            self.sample = self.sample or self.command(contender, path, flags)
            contender.answered_mb = contender.server.pss_mb()
        except (running.ServerFault, subprocess.SubprocessError, OSError) as fault:
            self.drop(contender, "failed in the run", str(fault))
            return
        used = sum(server.cpu_s() for server in idle) - before
        if contender.key != "dnsmasq":  # whose Unbound is not idle
            self.idle_share = max(self.idle_share, used / result["seconds"])
        result["cpu_us"] = result["server_user_us_per_query"] + result["server_sys_us_per_query"]
        result["round"] = name
        contender.rounds.setdefault("", []).append(result)
        say(
            f"{name}: {contender.key}: {result['qps']:.0f} queries/s, "
            f"{result['server_user_us_per_query']:.2f} us user, "
            f"{result['server_sys_us_per_query']:.2f} us system, "
            f"p99 {result['latency_p99_us'] / 1000:.1f} ms, asked upstream {result['upstream']:.3f}"
        )

    def rounds(self) -> Iterable[tuple[str, Contender]]:
        """Each server in each round; nobody is always the first."""
        for number in range(self.runs):
            turn = self.running()
            first = number % max(len(turn), 1)
            for contender in turn[first:] + turn[:first]:
                yield f"round {number + 1}", contender


# --- the ways to measure --------------------------------------------------------------------


def hits(run: Resolution) -> None:
    run.start_all(run.names)
    path = run.write("questions", run.zone.questions(run.names))
    echo = run.contender(ECHO)
    present = sorted(run.running(), key=lambda contender: contender.key != ONYM)
    if echo is not None and present:
        size = run.ask(present[0], path, ["--seconds", str(SIZING_S)])["reply_octets_mean"]
        run.start(echo, reply_octets=round(size))
    flags = ["--seconds", f"{run.seconds:g}", *run.zone.flags]
    for name, contender in run.rounds():
        run.measure(contender, path, flags, name)


def cold(run: Resolution) -> None:
    run.start_all(lab.ZONES)
    flags = ["--once", "--sleep", "--seconds", str(WARM_S_MAX), *run.zone.flags]
    for name, contender in run.rounds():
        path = run.write("questions", range(run.fresh, run.fresh + run.names))
        run.fresh += run.names
        run.measure(contender, path, flags, name)


def memory(run: Resolution) -> None:
    for contender in run.contenders:
        run.start(contender)
        run.warm(contender, 0, lab.ZONES)
        if contender.server is None:
            continue
        contender.server.settle()
        contender.loaded_mb = contender.server.pss_mb()
        run.warm(contender, lab.ZONES, run.names)
        if contender.server is None:
            continue
        contender.server.settle()
        after = contender.server.pss_mb()
        dice = random.Random(7)
        numbers = [lab.ZONES + dice.randrange(run.names) for _ in range(min(run.names, SAMPLE))]
        path = run.write("sample", numbers)
        run.measure(contender, path, ["--once", "--sleep", "--seconds", "60"], "kept")
        contender.answered_mb = after
        run.stop(contender)


def restart_once(run: Resolution, contender: Contender, path: pathlib.Path, keep: bool) -> None:
    """The generator is there before the server, so that nothing of its start is missed."""
    port = run.configure(contender, keep)
    flags = ["--recurse", "--until-hits", str(HIT_SHARE), "--hit-us", str(HIT_US), "--sleep"]
    flags += ["--seconds", str(RESTART_S_MAX), "--window", "256"]
    command = run.generator(port, path, flags)
    run.sample = run.sample or command
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as generator:
        try:
            time.sleep(READY_S)
            run.launch(contender, port)
            told = generator.communicate(timeout=RESTART_S_MAX + 60)[0]
        finally:
            generator.kill()
    reached = json.loads(told)["hits_at_s"] if told else 0
    if not reached:
        run.drop(contender, f"not there after {RESTART_S_MAX} s", "")
        return
    contender.loads_s.append(reached - contender.server.began)
    contender.answered_mb = contender.server.pss_mb()
    say(f"{contender.key}: {contender.loads_s[-1]:.2f} s to {HIT_SHARE:.0%} hits")
    run.stop(contender)


def restarts(run: Resolution) -> None:
    numbers = random.Random(8)
    each = round(QUESTIONS_EACH * run.names)
    path = run.write("questions", (numbers.randrange(run.names) for _ in range(each)))
    for contender in run.contenders:
        keeps = contender.key == ONYM
        run.start(contender, keep=keeps)
        if keeps:
            run.warm(contender, 0, run.names)
        run.stop(contender)
        for _ in range(run.runs if keeps else 1):
            if not contender.excuse:
                restart_once(run, contender, path, keeps)


# --- the table ------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Section:
    """One row; what `names` are is the way's."""

    title: str
    about: str
    names: int
    measure: Callable[[Resolution], None]
    servers: tuple[str, ...] = ("onym", *resolver_peers.PEERS)
    questions: Callable[[int], Iterable[int]] = uniform
    flags: tuple[str, ...] = ()  # for the generator
    faults: str = ""  # of the lab's servers
    cores: str = ""  # for all servers; else the options'
    seconds: float = 2.5
    runs: int = 5


SECTIONS = {
    "hits-100k": Section(
        title="Resolvers: hits, a hundred thousand names",
        about="An A record each, in the cache of all; asked for by Zipf's law (s = 1).",
        names=100_000,
        measure=hits,
        servers=("onym", *resolver_peers.PEERS, "dnsmasq", "echo"),
        questions=zipf,
    ),
    "hits-1m": Section(
        title="Resolvers: hits, a million names",
        about="An A record each, in the cache of all; asked for all alike.",
        names=1_000_000,
        measure=hits,
        servers=("onym", *resolver_peers.PEERS, "echo"),
    ),
    "cold": Section(
        title="Resolvers: cold names",
        about="Names that nobody was asked for before, other ones for each server and round, in a "
        "thousand zones whose servers are known to all; no delay. 128 questions are in flight.",
        names=40_000,
        measure=cold,
    ),
    "cold-rtt": Section(
        title="Resolvers: cold names, 20 ms away",
        about="The same with 20 ms to every server and back, and every fiftieth question to one "
        f"lost. {RATE} names a second are asked for.",
        names=RATED_NAMES,
        measure=cold,
        flags=("--rate", str(RATE), "--patience", str(PATIENCE_MS), "--window", "8192"),
        faults="delay: 20ms, loss: 2%",
    ),
    "memory-1m": Section(
        title="Resolvers: memory for a million names",
        about="An A record each, asked for once, in zones whose servers are known already. PSS "
        "before and after; one round, since it does not drift. Then a sample of the names is asked "
        "for again: what is not in the cache any more, the lab is asked for.",
        names=1_000_000,
        measure=memory,
    ),
    "restart-cache": Section(
        title="Resolvers: from the start to 90 % hits",
        about="A million names, all alike, are asked for all the while, 256 questions in flight; "
        "the servers of the lab are 20 ms away, and what is answered within 5 ms is a hit. The "
        "time from the start of the process until a tenth of a second has nine hits of ten "
        "answers. onym starts with what it kept when it was stopped (`cache.keep`), the others "
        "with nothing, for they keep nothing; they have one round.",
        names=1_000_000,
        measure=restarts,
        faults="delay: 20ms",
    ),
    "two-workers": Section(
        title="Resolvers: hits, two workers",
        about="A hundred thousand names in the cache of all; asked for by Zipf's law (s = 1). The "
        "servers may use both cores, and the generator shares one of them.",
        names=100_000,
        measure=hits,
        servers=("onym", "onym-2", "unbound", "unbound-2"),
        questions=zipf,
        flags=("--sleep", "--sockets", "32", "--window", "256"),
        cores="0,1",
    ),
}
