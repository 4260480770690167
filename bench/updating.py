#!/usr/bin/python3
"""Updates (RFC 2136) a second that are on the disk, side by side: onym, Knot DNS, BIND.

    bench/updating.py build/onym [--rounds 5] [--seconds 3] [--zone 1000] [--clients 16]

Each server has the same zone of its own and is asked over TCP by as many clients as are told, each
of which sends its next update when the last was answered; every update adds one record at a new
name. The servers take turns, round by round. An update that is not answered with NOERROR ends the
run. At the end each server is asked by AXFR whether all are there. The table goes into
docs/benchmarks.md.
"""

import argparse
import pathlib
import re
import selectors
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, "/usr/lib/python3/dist-packages")

import dns.query
import dns.zone

import document
import machine

HOST, ORIGIN = "127.0.0.1", "example.test"
APEX = f"$ORIGIN {ORIGIN}.\n$TTL 300\n@ SOA ns1 admin 1 7200 3600 1209600 300\n@ NS ns1\n" \
       "ns1 A 192.0.2.1\n"
HERE = pathlib.Path(__file__).parent


def free_port() -> int:
    with socket.create_server((HOST, 0)) as probe:
        return probe.getsockname()[1]


class Server:
    def __init__(self, name: str, folder: pathlib.Path, program: str, zone: str):
        self.name, self.folder, self.port = name, folder, free_port()
        self.per_second: list[float] = []
        self.cpu_us: list[float] = []
        self.sent = 0
        folder.mkdir()
        (folder / "zone").write_text(zone)
        command = getattr(self, f"write_{name}")(program)
        self.version = self.ask_version(program)
        self.process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        start_new_session=True)
        for _ in range(200):
            try:
                socket.create_connection((HOST, self.port), 1).close()
                time.sleep(0.5)
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit(f"{name} does not start")

    def ask_version(self, program: str) -> str:
        words = {"onym": ["version"], "knot": ["-V"], "bind": ["-v"]}[self.name]
        text = subprocess.run([program, *words], capture_output=True, text=True, check=False)
        return re.search(r"\d+\.\d+(\.\d+)?", text.stdout + text.stderr).group()

    def write_onym(self, program: str) -> list[str]:
        (self.folder / "onym.yaml").write_text(
            f"version: 1\nstate: {self.folder}/state\n"
            f"listen: [{{addr: {HOST}, port: {self.port}}}]\n"
            "resolve: {default: none}\naccess: {transfer: [localhost]}\nlog: {level: warning}\n"
            f"zones: {{{ORIGIN}: {{file: zone, update: [localhost]}}}}\n")
        return [program, "serve", "-c", "onym.yaml"]

    def write_knot(self, program: str) -> list[str]:
        (self.folder / "knot.conf").write_text(
            f"server:\n  listen: {HOST}@{self.port}\n  rundir: {self.folder}\n"
            f"database:\n  storage: {self.folder}\n"
            f"acl:\n- id: us\n  address: {HOST}\n  action: [update, transfer]\n"
            f"zone:\n- domain: {ORIGIN}\n  storage: {self.folder}\n  file: zone\n  acl: us\n"
            "  zonefile-sync: -1\n  zonefile-load: difference\n")
        return [program, "-c", "knot.conf"]

    def write_bind(self, program: str) -> list[str]:
        (self.folder / "named.conf").write_text(
            f'options {{ directory "{self.folder}"; listen-on port {self.port} {{ {HOST}; }};\n'
            f'  listen-on-v6 {{ none; }}; pid-file "{self.folder}/pid"; session-keyfile none;\n'
            "  recursion no; dnssec-validation no; notify no; tcp-clients 200; };\ncontrols { };\n"
            f'zone "{ORIGIN}" {{ type primary; file "zone"; allow-update {{ {HOST}; }};\n'
            f"  allow-transfer {{ {HOST}; }}; }};\n")
        return [program, "-f", "-c", "named.conf"]

    def used_us(self) -> float:
        text = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = text.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 10000.0

    def stop(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def update(number: int) -> bytes:
    """One that adds an address at the name of this number."""
    def name(text: str) -> bytes:
        return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"
    record = name(f"u{number}.{ORIGIN}") + struct.pack("!HHIH4B", 1, 1, 60, 4, 192, 0, 2, 9)
    message = struct.pack("!6H", number & 0xffff, 5 << 11, 1, 0, 1, 0) + name(ORIGIN) + \
        struct.pack("!HH", 6, 1) + record
    return struct.pack("!H", len(message)) + message


def run(server: Server, clients: int, seconds: float) -> None:
    selector = selectors.DefaultSelector()
    connections = [socket.create_connection((HOST, server.port), 5) for _ in range(clients)]
    for connection in connections:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ)
        server.sent += 1
        connection.sendall(update(server.sent))
    before_us, began, done, waiting = server.used_us(), time.monotonic(), 0, clients
    while waiting:
        for key, _ in selector.select(10):
            reply = key.fileobj.recv(65536)
            if len(reply) < 14 or reply[5] & 15:
                raise SystemExit(f"{server.name}: an update was not accepted: {reply[:16].hex()}")
            done += 1
            if time.monotonic() - began < seconds:
                server.sent += 1
                key.fileobj.sendall(update(server.sent))
            else:
                waiting -= 1
    took = time.monotonic() - began
    server.per_second.append(done / took)
    server.cpu_us.append((server.used_us() - before_us) / done)
    for connection in connections:
        connection.close()


def check(server: Server, names: int) -> None:
    zone = dns.zone.from_xfr(dns.query.xfr(HOST, ORIGIN, port=server.port, relativize=False,
                                           lifetime=120), relativize=False)
    there = sum(1 for name in zone.nodes if name.to_text().startswith("u"))
    if there != server.sent:
        raise SystemExit(f"{server.name}: {there} of {server.sent} accepted updates are there")


def spread(values: list[float], digits: int = 0) -> str:
    middle, least, most = statistics.median(values), min(values), max(values)
    return f"{middle:.{digits}f} ({least:.{digits}f}-{most:.{digits}f})"


def section(servers: list[Server], options: argparse.Namespace) -> str:
    rows = "".join(f"| {server.name} {server.version} | {spread(server.per_second)} | "
                   f"{spread(server.cpu_us)} |\n" for server in servers)
    return (
        f"## Updates\n\nA zone of {options.zone} names, {options.clients} clients over TCP, each "
        "update a record at a new name, answered when it is on the disk; medians (and the least "
        "and the most).\n\n| server | updates a second | CPU, us an update |\n"
        f"| --- | --: | --: |\n{rows}\n{machine.cpu_model()}, {machine.kernel()}; "
        f"{options.rounds} rounds of {options.seconds:g} s, in turns. The zones grow by what was\n"
        "accepted.\n\n"
        "<details><summary>Commands</summary>\n\n```\n"
        f"bench/updating.py build/onym --rounds {options.rounds} "
        f"--seconds {options.seconds:g} --zone {options.zone} --clients {options.clients}\n```\n"
        "</details>\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("onym")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--zone", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=16)
    options = parser.parse_args()
    zone = APEX + "".join(f"h{i} A 192.0.2.{i % 256}\n" for i in range(options.zone))
    programs = {"onym": str(pathlib.Path(options.onym).resolve()),
                "knot": shutil.which("knotd", path="/usr/sbin:/usr/bin"),
                "bind": shutil.which("named", path="/usr/sbin:/usr/bin")}
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        servers = []
        try:
            for name, program in programs.items():
                servers.append(Server(name, pathlib.Path(folder) / name, program, zone))
            for turn in range(options.rounds):
                for server in servers[turn % 3:] + servers[:turn % 3]:
                    run(server, options.clients, options.seconds)
            for server in servers:
                check(server, options.zone)
        finally:
            for server in servers:
                server.stop()
    text = section(servers, options)
    path = HERE.parent / "docs" / "benchmarks.md"
    name = f"updates-{options.zone}"
    path.write_text(document.replace(path.read_text(), name, text, {}))
    print(text)


if __name__ == "__main__":
    main()
