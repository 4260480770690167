"""One server while it runs: started in the foreground, asked until it serves, measured, stopped.

Whoever starts one stops it in a `finally`. Should this process be killed outright, the kernel sends
the server a SIGTERM in its stead (PR_SET_PDEATHSIG). What a server forks and leaves without a
parent comes to us (PR_SET_CHILD_SUBREAPER), so that we can end it and no zombie stays.
"""

import ctypes
import os
import pathlib
import secrets
import signal
import socket
import struct
import subprocess
import time

import zones

PORTS = range(5400, 5500)
STOP_S_MAX = 60  # of some gigabytes, freed one by one
POLL_S = 0.002
ANSWER_S_MAX = 0.2
QUIET_S = 1.0  # without CPU for so long: whatever it did after its start is done
QUIET_SHARE = 0.02  # of a core, is no CPU
SETTLE_S_MAX = 60
MEMORY_LEFT_MB = 1000  # less in the whole machine ends a start, before the kernel ends something
LOG_TAIL = 2000
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

libc = ctypes.CDLL(None)


class ServerFault(Exception):
    """A server did not start, did not serve the zone, or ended by itself."""


def free_port(taken: set[int]) -> int:
    """A port of 127.0.0.1 on which nobody listens, over UDP or TCP."""
    for port in PORTS:
        if port in taken:
            continue
        try:
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                with socket.socket(socket.AF_INET, kind) as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return port
    raise ServerFault(f"no free port from {PORTS.start} to {PORTS.stop - 1}")


def to_wire(name: str) -> bytes:
    labels = [part.encode() for part in name.split(".")]
    return b"".join(bytes([len(part)]) + part for part in labels) + b"\0"


def serves(port: int, probe: zones.Probe) -> bool:
    """Asks one real question and looks whether the answer is the zone's."""
    question = to_wire(probe.name) + struct.pack("!HH", probe.kind, 1)
    ident = secrets.randbelow(65536)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(ANSWER_S_MAX)
        sock.connect(("127.0.0.1", port))
        try:
            sock.send(struct.pack("!6H", ident, 0x100 * probe.recurse, 1, 0, 0, 0) + question)
            answer = sock.recv(4096)
        except OSError:  # a time-out, or nobody listens yet
            return False
    if len(answer) < 12:
        return False
    got, flags, _questions, answers, authorities, _additional = struct.unpack("!6H", answer[:12])
    return (
        got == ident
        and flags & 0x8000 != 0
        and flags & 15 == probe.rcode
        and answers == probe.answers
        and probe.authorities in (-1, authorities)
        and answer[12 : 12 + len(question)] == question
    )


def echoes(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(ANSWER_S_MAX)
        sock.connect(("127.0.0.1", port))
        try:
            sock.send(bytes(12))
            return len(sock.recv(4096)) >= 12
        except OSError:
            return False


def memory_available_mb() -> float:
    """What the machine can still give, page cache that may go included."""
    for line in pathlib.Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024 / 1e6
    return float("inf")


def process_table() -> dict[int, tuple[int, int]]:
    """Every process: its parent, and when it began (so that a reused pid is told apart)."""
    table = {}
    for folder in pathlib.Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            # after the command's name, which may hold anything, in parentheses
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        table[int(folder.name)] = (int(fields[1]), int(fields[19]))
    return table


def die_with_parent() -> None:
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def adopt_orphans() -> None:
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_process(pid: int) -> None:
    """The hard way; and takes its status if it has become our child."""
    try:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    except (ProcessLookupError, ChildProcessError):
        pass


class SlowStart(ServerFault):
    """It may still come up, but nobody waits any longer."""


class Running:
    """A started server. `load_s` is the time from its start to its first right answer."""

    def __init__(self, command: list[str], core: int | str, folder: pathlib.Path, port: int):
        self.port = port
        self.load_s = 0.0
        self.log = folder / "log"
        self.began = time.monotonic()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["taskset", "-c", str(core), *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C is ours alone; then we stop it
                preexec_fn=die_with_parent,
            )

    def fault(self, what: str) -> ServerFault:
        tail = self.log.read_text(errors="replace")[-LOG_TAIL:]
        return ServerFault(f"{what}; its log ends:\n{tail}")

    def wait_until_serving(self, probes: list[zones.Probe], start_s_max: float) -> None:
        """Until each probe has had its answer; without any (an echo) until something comes back."""
        for probe in probes or [None]:
            while not (echoes(self.port) if probe is None else serves(self.port, probe)):
                self.check_start(start_s_max)
                time.sleep(POLL_S)
        self.load_s = time.monotonic() - self.began

    def check_start(self, start_s_max: float) -> None:
        if self.process.poll() is not None:
            raise self.fault(f"it ended by itself with status {self.process.returncode}")
        if time.monotonic() - self.began > start_s_max:
            raise SlowStart(f"it does not serve all after {start_s_max:g} s")
        if memory_available_mb() < MEMORY_LEFT_MB:
            raise self.fault("the machine's memory was about to be full")

    def cpu_s(self) -> float:
        """CPU time of all its processes so far, in the steps of the kernel's clock (10 ms)."""
        ticks = 0
        for pid in self.pids():
            try:
                stat = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            ticks += int(stat[11]) + int(stat[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def settle(self) -> None:
        """Waits until it does nothing any more (after a load: putting away, writing behind)."""
        deadline = time.monotonic() + SETTLE_S_MAX
        while time.monotonic() < deadline:
            before = self.cpu_s()
            time.sleep(QUIET_S)
            if self.cpu_s() - before <= QUIET_SHARE * QUIET_S:
                return

    def pids(self) -> list[int]:
        """The server's process and all its descendants."""
        table = process_table()
        family = [self.process.pid]
        for pid in family:  # grows while it is walked
            family += [child for child, (parent, _began) in table.items() if parent == pid]
        return [pid for pid in family if pid in table]

    def pss_mb(self) -> float:
        """PSS of all its processes together: what they share counts once."""
        octets = 0
        for pid in self.pids():
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    octets += int(line.split()[1]) * 1024
        return octets / 1e6

    def peak_mb(self) -> float:
        """The most that one of its processes ever held (VmHWM). A sum would count twice what a
        fork shares."""
        most = 0
        for pid in self.pids():
            for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    most = max(most, int(line.split()[1]) * 1024)
        return most / 1e6

    def stop(self) -> None:
        """Asks it to end, waits, and ends what is left of its family the hard way."""
        table = process_table()
        family = {pid: table[pid] for pid in self.pids()}
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_S_MAX)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        table = process_table()
        for pid, (_parent, began) in family.items():
            if pid in table and table[pid][1] == began:
                end_process(pid)
