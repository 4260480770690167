#!/usr/bin/python3
"""Whole zones out and changes in, side by side, while questions are answered.

    bench/transferring.py build/onym [--rounds 5] [--names 1000000] [--changes 100000]

Out: onym, NSD and Knot DNS serve one zone; a client takes all of it by AXFR, alone and while
another asks 20 000 questions a second.
In: onym, Knot DNS, NSD and BIND are secondaries of one primary (onym). In each round its file gets
another address at many names; each secondary in turn is asked as fast as it answers, first so, then
while it is told by NOTIFY, takes the difference by IXFR and serves it.
Servers and clients share all cores of the machine. The table goes into docs/benchmarks.md.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

import document
import machine
import servers

HOST, ORIGIN = "127.0.0.1", "bench.test"
RATE = 20_000
WINDOW_S = 2.0
WAIT_S = 120.0
MB = 1e6


def free_port() -> int:
    with socket.create_server((HOST, 0)) as probe:
        return probe.getsockname()[1]


def wire(name: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def zone_text(names: int, serial: int, changes: int) -> str:
    apex = (f"$ORIGIN {ORIGIN}.\n$TTL 3600\n@ SOA ns1 admin {serial} 7200 3600 1209600 300\n"
            "@ NS ns1\nns1 A 192.0.2.1\n")
    return apex + "".join(
        f"h{i} A 192.0.{i // 256 % 256}.{i % 256 if i >= changes else serial % 256}\n"
        for i in range(names))


def serial_of(port: int) -> int | None:
    question = struct.pack("!6H", 7, 0, 1, 0, 0, 0) + wire(ORIGIN) + struct.pack("!HH", 6, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(1)
        sock.connect((HOST, port))
        try:
            sock.send(question)
            reply = sock.recv(4096)
        except OSError:
            return None
    answers = struct.unpack("!H", reply[6:8])[0]
    if not answers:
        return None
    size = struct.unpack("!H", reply[len(question) + 10:len(question) + 12])[0]
    end = len(question) + 12 + size
    return struct.unpack("!I", reply[end - 20:end - 16])[0]


class Server:
    """One program in a folder of its own, as a primary of a file or as a secondary."""

    def __init__(self, name: str, folder: pathlib.Path, program: str, primary: int = 0,
                 zone: str = ""):
        self.name, self.folder, self.port, self.primary = name, folder, free_port(), primary
        self.figures: dict[str, list[float]] = {}
        folder.mkdir()
        if zone:
            (folder / "zone").write_text(zone)
        version = {"onym": servers.version_onym, "knot": servers.version_knot,
                   "nsd": servers.version_nsd, "bind": servers.version_bind}[name]
        self.title = version(program)
        self.command = getattr(self, f"write_{name}")(program)
        self.process = subprocess.Popen(
            self.command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=(folder / "log").open("w"), start_new_session=True)

    def write_onym(self, program: str) -> list[str]:
        zone = f"{{from: ['{HOST}:{self.primary}']}}" if self.primary else "{file: zone}"
        (self.folder / "onym.yaml").write_text(
            f"version: 1\nworkers: 1\nstate: {self.folder}/state\n"
            f"control: {self.folder}/control\n"
            f"listen: [{{addr: {HOST}, port: {self.port}}}]\n"
            "resolve: {default: none}\naccess: {transfer: [localhost]}\n"
            f"zones: {{{ORIGIN}: {zone}}}\n")
        return [program, "serve", "-c", "onym.yaml"]

    def write_knot(self, program: str) -> list[str]:
        text = (f"server:\n  listen: {HOST}@{self.port}\n  rundir: {self.folder}\n"
                f"  udp-workers: 1\ndatabase:\n  storage: {self.folder}\n")
        if self.primary:
            text += f"remote:\n- id: up\n  address: {HOST}@{self.primary}\n"
        text += (f"acl:\n- id: us\n  address: {HOST}\n  action: [transfer, notify]\n"
                 f"zone:\n- domain: {ORIGIN}\n  storage: {self.folder}\n  file: zone\n  acl: us\n"
                 "  zonefile-sync: -1\n" + ("  master: up\n" if self.primary else ""))
        (self.folder / "knot.conf").write_text(text)
        return [program, "-c", "knot.conf"]

    def write_nsd(self, program: str) -> list[str]:
        text = (f"server:\n  ip-address: {HOST}@{self.port}\n  server-count: 1\n  username: \"\"\n"
                f"  database: \"\"\n  zonesdir: \"{self.folder}\"\n  pidfile: \"\"\n"
                f"  xfrdfile: \"{self.folder}/xfrd\"\n  zonelistfile: \"{self.folder}/list\"\n"
                f"  xfrdir: \"{self.folder}\"\nremote-control:\n  control-enable: no\n"
                f"zone:\n  name: {ORIGIN}\n  zonefile: zone\n  provide-xfr: {HOST} NOKEY\n")
        if self.primary:
            text += f"  request-xfr: {HOST}@{self.primary} NOKEY\n  allow-notify: {HOST} NOKEY\n"
        (self.folder / "nsd.conf").write_text(text)
        return [program, "-d", "-c", "nsd.conf"]

    def write_bind(self, program: str) -> list[str]:
        zone = ("type secondary; masterfile-format raw; "
                f"primaries {{ {HOST} port {self.primary}; }}; allow-notify {{ {HOST}; }};")
        (self.folder / "named.conf").write_text(
            f'options {{ directory "{self.folder}"; listen-on port {self.port} {{ {HOST}; }};\n'
            '  listen-on-v6 { none; }; pid-file none; session-keyfile none; recursion no;\n'
            "  dnssec-validation no; notify no; };\ncontrols { };\n"
            f'zone "{ORIGIN}" {{ {zone} file "zone"; allow-transfer {{ {HOST}; }}; }};\n')
        return [program, "-f", "-n", "1", "-c", "named.conf"]

    def pids(self) -> list[int]:
        """It and what it has forked."""
        out = subprocess.run(["ps", "-o", "pid=", "-g", str(self.process.pid)], text=True,
                             capture_output=True, check=False).stdout
        return [int(pid) for pid in out.split()]

    def used_s(self) -> float:
        total = 0
        for pid in self.pids():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / os.sysconf("SC_CLK_TCK")

    def memory_mb(self, what: str) -> float:
        """VmRSS now or VmHWM, the most; of all its processes, so what they share counts twice."""
        total = 0.0
        for pid in self.pids():
            status = pathlib.Path(f"/proc/{pid}/status").read_text()
            found = re.search(rf"{what}:\s+(\d+)", status)  # one that has ended has none
            total += int(found.group(1)) * 1024 / MB if found else 0
        return total

    def forget_peak(self) -> None:
        for pid in self.pids():
            pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")

    def wait(self, serial: int) -> float:
        began = time.monotonic()
        while serial_of(self.port) != serial:
            if self.process.poll() is not None or time.monotonic() - began > WAIT_S:
                raise SystemExit(f"{self.name} does not serve serial {serial}: "
                                 + (self.folder / "log").read_text()[-2000:])
            time.sleep(0.005)
        return time.monotonic() - began

    def notify(self) -> None:
        message = struct.pack("!6H", 9, 4 << 11 | 1 << 10, 1, 0, 0, 0) + wire(ORIGIN) + \
            struct.pack("!HH", 6, 1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(message, (HOST, self.port))

    def note(self, figure: str, value: float) -> None:
        self.figures.setdefault(figure, []).append(value)

    def spread(self, figure: str, digits: int = 2) -> str:
        values = self.figures[figure]
        return (f"{statistics.median(values):.{digits}f} "
                f"({min(values):.{digits}f}-{max(values):.{digits}f})")

    def stop(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def take(port: int, records: int) -> float:
    """All of the zone by AXFR; the seconds that it took."""
    question = struct.pack("!6H", 3, 0, 1, 0, 0, 0) + wire(ORIGIN) + struct.pack("!HH", 252, 1)
    began = time.monotonic()
    got, room = 0, bytearray()
    with socket.create_connection((HOST, port), 10) as sock:
        sock.sendall(struct.pack("!H", len(question)) + question)
        while got < records + 1:  # the SOA is there twice
            chunk = sock.recv(1 << 20)
            if not chunk:
                raise SystemExit(f"the transfer ended after {got} of {records} records")
            room += chunk
            at = 0
            while len(room) - at >= 2:
                size = room[at] << 8 | room[at + 1]
                if len(room) - at < 2 + size:
                    break
                got += room[at + 8] << 8 | room[at + 9]
                at += 2 + size
            del room[:at]
    return time.monotonic() - began


class Questions:
    """bench-generator in the background."""

    def __init__(self, program: pathlib.Path, server: Server, path: pathlib.Path, seconds: float,
                 more: list[str]):
        self.process = subprocess.Popen(
            [str(program), "--server", HOST, "--port", str(server.port), "--queries", str(path),
             "--seconds", str(seconds), "--json", *more],
            stdout=subprocess.PIPE, text=True)
        time.sleep(0.55)  # it warms up for half a second

    def result(self) -> dict[str, float]:
        return json.loads(self.process.communicate(timeout=60)[0])


def measure_out(contenders: list[Server], options: argparse.Namespace, path: pathlib.Path) -> None:
    rate = ["--rate", str(RATE)]
    for turn in range(options.rounds):
        for server in contenders[turn % 3:] + contenders[:turn % 3]:
            before = server.used_s()
            server.note("alone", take(server.port, options.names + 3))
            server.note("cpu", server.used_s() - before)
            quiet = Questions(options.generator, server, path, WINDOW_S, rate).result()
            asked = Questions(options.generator, server, path, WINDOW_S, rate)
            server.note("asked", take(server.port, options.names + 3))
            busy = asked.result()
            server.note("p99 before", quiet["latency_p99_us"])
            server.note("p99 during", busy["latency_p99_us"])
            server.note("lost", busy["lost"])


def measure_in(contenders: list[Server], primary: Server, options: argparse.Namespace,
               path: pathlib.Path) -> None:
    for turn in range(options.rounds):
        serial = turn + 2
        (primary.folder / "new").write_text(zone_text(options.names, serial, options.changes))
        os.replace(primary.folder / "new", primary.folder / "zone")
        subprocess.run([options.onym, "ctl", "reload", "-c", "onym.yaml"], cwd=primary.folder,
                       check=True, capture_output=True, timeout=WAIT_S)
        primary.wait(serial)
        for server in contenders[turn % 4:] + contenders[:turn % 4]:
            before = Questions(options.generator, server, path, WINDOW_S, []).result()
            server.forget_peak()
            memory = server.memory_mb("VmRSS")
            asked = Questions(options.generator, server, path, WINDOW_S, [])
            server.notify()
            server.note("taken", server.wait(serial))
            during = asked.result()
            server.note("before", before["qps"])
            server.note("during", during["qps"])
            server.note("share", during["qps"] / before["qps"])
            server.note("lost", during["lost"])
            server.note("peak", server.memory_mb("VmHWM") / memory)


def section(out: list[Server], into: list[Server], options: argparse.Namespace) -> str:
    rows_out = "".join(
        f"| {s.title} | {s.spread('alone')} | {s.spread('cpu')} | {s.spread('asked')} | "
        f"{s.spread('p99 before', 0)} | {s.spread('p99 during', 0)} | {s.spread('lost', 0)} |\n"
        for s in out)
    rows_in = "".join(
        f"| {s.title} | {s.spread('taken')} | {s.spread('before', 0)} | {s.spread('during', 0)} | "
        f"{s.spread('share')} | {s.spread('peak')} |\n" for s in into)
    return (
        f"## Transfers\n\nA zone of {options.names} names. Medians (and the least and the most)."
        "\n\n"
        f"Out, by AXFR: alone, and while {RATE} questions a second are asked, whose latency is "
        "told.\n\n| server | alone, s | CPU, s | while asked, s | p99 before, us | p99 during, us "
        f"| lost |\n| --- | --: | --: | --: | --: | --: | --: |\n{rows_out}\n"
        f"In, by IXFR: {options.changes} names have another address (the primary is onym). Seconds "
        "from NOTIFY until it is served, while questions are asked as fast as they are answered; "
        f"questions answered a second in {WINDOW_S:g} s before and in {WINDOW_S:g} s from the "
        "NOTIFY on; the peak of memory over what there was before.\n\n"
        "| server | taken, s | before, 1/s | during, 1/s | share | peak |\n"
        f"| --- | --: | --: | --: | --: | --: |\n{rows_in}\n"
        f"{machine.cpu_model()}, {machine.kernel()}; {options.rounds} rounds, in turns. Servers "
        "and clients share two cores.\n\n<details><summary>Commands</summary>\n\n```\n"
        f"bench/transferring.py build/onym --rounds {options.rounds} --names {options.names} "
        f"--changes {options.changes}\n```\n</details>\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("onym")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--names", type=int, default=1_000_000)
    parser.add_argument("--changes", type=int, default=100_000)
    options = parser.parse_args()
    options.onym = str(pathlib.Path(options.onym).resolve())
    options.generator = pathlib.Path(options.onym).parent / "bench" / "bench-generator"
    programs = {"onym": options.onym, **{
        name: shutil.which(program, path="/usr/sbin:/usr/bin")
        for name, program in (("knot", "knotd"), ("nsd", "nsd"), ("bind", "named"))}}
    started: list[Server] = []
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        top = pathlib.Path(folder)
        questions = top / "questions"
        questions.write_text("".join(f"h{i * 7919 % options.names}.{ORIGIN} A NOERROR\n"
                                     for i in range(200_000)))

        def start(name: str, primary: int = 0, zone: str = "") -> Server:
            place = pathlib.Path(tempfile.mkdtemp(dir=top, prefix=name)) / "it"
            server = Server(name, place, programs[name], primary, zone)
            started.append(server)
            return server

        try:
            zone = zone_text(options.names, 1, options.changes)
            out = [start(name, zone=zone) for name in ("onym", "nsd", "knot")]
            for server in out:
                server.wait(1)
            measure_out(out, options, questions)
            for server in out[1:]:
                server.stop()
                started.remove(server)
            into = []
            for name in ("onym", "knot", "nsd", "bind"):
                into.append(start(name, primary=out[0].port))
                into[-1].wait(1)
            time.sleep(2)  # whatever they do behind that
            measure_in(into, out[0], options, questions)
            text = section(out, into, options)
        finally:
            for server in started:
                server.stop()
    path = pathlib.Path(__file__).parent.parent / "docs" / "benchmarks.md"
    path.write_text(document.replace(path.read_text(), "transfers", text, {}))
    print(text)


if __name__ == "__main__":
    main()
