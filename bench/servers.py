"""The servers that are compared: where each is found, its configuration, its command, its settings.

Each is set up alike, as far as it lets itself: one worker, one socket, UDP and TCP on 127.0.0.1,
the system's socket buffers, no rate limit, no query log, rotation of address records on, minimal
answers on. Where a server has no such switch, its `settings` says so.
"""

import dataclasses
import pathlib
import shutil
import subprocess
from collections.abc import Callable

HOST = "127.0.0.1"


@dataclasses.dataclass(frozen=True)
class Setup:
    """What a server shall serve: a zone file in a folder of its own."""

    folder: pathlib.Path
    port: int
    origin: str
    zone_file: pathlib.Path
    binary: str
    reply_octets: int  # for the echo


@dataclasses.dataclass(frozen=True)
class Server:
    """`write` puts the configuration into the folder and returns it and the command."""

    title: str
    binary: str
    version: Callable[[str], str]
    write: Callable[[Setup], tuple[str, list[str]]]
    settings: str


def output(command: list[str]) -> str:
    """All that it prints; whatever its status (`gdnsd version` ends with 2)."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    return done.stdout + done.stderr


def first_line(command: list[str]) -> str:
    return output(command).partition("\n")[0].strip()


def version_onym(binary: str) -> str:
    line = first_line([binary, "--version"])
    return line if line.startswith("onym") else "onym"


def version_nsd(binary: str) -> str:
    text = output([binary, "-v"])
    batches = ", built without recvmmsg" if "--disable-recvmmsg" in text else ""
    return text.partition("\n")[0].replace("NSD version", "NSD") + batches


def version_knot(binary: str) -> str:
    return first_line([binary, "-V"]).replace("knotd (Knot DNS), version", "Knot DNS")


def version_gdnsd(binary: str) -> str:
    return first_line([binary, "version"]).replace(" version", "")


def write_onym(setup: Setup) -> tuple[str, list[str]]:
    config = f"""\
version: 1
workers: 1
state: {setup.folder}
listen: [{{addr: {HOST}, port: {setup.port}, kinds: [udp, tcp]}}]
answers: {{minimal: true, rotate: true}}
zones: {{"{setup.origin}": {{file: {setup.zone_file}}}}}
"""
    path = setup.folder / "onym.yaml"
    path.write_text(config)
    return config, [setup.binary, "serve", "-c", str(path)]


def write_nsd(setup: Setup) -> tuple[str, list[str]]:
    config = f"""\
server:
  ip-address: {HOST}@{setup.port}
  server-count: 1
  reuseport: no
  username: ""
  database: ""
  zonesdir: "{setup.folder}"
  pidfile: "{setup.folder}/nsd.pid"
  xfrdfile: "{setup.folder}/xfrd.state"
  zonelistfile: "{setup.folder}/zone.list"
  xfrdir: "{setup.folder}"
  send-buffer-size: 0
  receive-buffer-size: 0
  round-robin: yes
  minimal-responses: yes
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: {setup.origin}
  zonefile: "{setup.zone_file}"
"""
    path = setup.folder / "nsd.conf"
    path.write_text(config)
    return config, [setup.binary, "-d", "-c", str(path)]


def write_knot(setup: Setup) -> tuple[str, list[str]]:
    config = f"""\
server:
    listen: {HOST}@{setup.port}
    rundir: "{setup.folder}/run"
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
    tcp-reuseport: off
    answer-rotation: on
log:
  - target: stderr
    any: warning
database:
    storage: "{setup.folder}/db"
zone:
  - domain: {setup.origin}
    file: "{setup.zone_file}"
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
"""
    (setup.folder / "run").mkdir()
    path = setup.folder / "knot.conf"
    path.write_text(config)
    return config, [setup.binary, "-c", str(path)]


def write_gdnsd(setup: Setup) -> tuple[str, list[str]]:
    config = f"""\
options => {{
  listen => {{ {HOST}:{setup.port} => {{ udp_threads = 1, tcp_threads = 1 }} }}
  run_dir => "{setup.folder}/run"
  state_dir => "{setup.folder}/state"
}}
"""
    zones = setup.folder / "zones"
    zones.mkdir()
    (zones / setup.origin).hardlink_to(setup.zone_file)  # a link of the soft kind it does not take
    (setup.folder / "config").write_text(config)
    return config, [setup.binary, "-c", str(setup.folder), "start"]


def write_echo(setup: Setup) -> tuple[str, list[str]]:
    command = [setup.binary, HOST, str(setup.port)]
    if setup.reply_octets:
        command += ["--reply-size", str(setup.reply_octets)]
    return "", command


SERVERS = {
    "onym": Server("onym", "onym", version_onym, write_onym, "rotation on, minimal answers on"),
    "nsd": Server(
        "NSD",
        "nsd",
        version_nsd,
        write_nsd,
        "`round-robin` and `minimal-responses` on, rate limit off; one of its processes answers",
    ),
    "knot": Server(
        "Knot DNS",
        "knotd",
        version_knot,
        write_knot,
        "`answer-rotation` on, no journal; no switch for minimal answers",
    ),
    "gdnsd": Server(
        "gdnsd",
        "gdnsd",
        version_gdnsd,
        write_gdnsd,
        "no switches needed: it always shuffles addresses and keeps answers minimal",
    ),
    "echo": Server(
        "bare echo",
        "bench-echo",
        lambda _binary: "",
        write_echo,
        "no DNS: every datagram goes back with QR set, cut or padded to one size",
    ),
}


def find(key: str, given: str | None) -> str | None:
    """The server's binary: the path given, or from PATH and the folders of daemons."""
    if given is not None:
        path = pathlib.Path(given)
        return str(path.resolve()) if path.is_file() else None
    return shutil.which(SERVERS[key].binary) or shutil.which(
        SERVERS[key].binary, path="/usr/sbin:/usr/local/sbin"
    )
