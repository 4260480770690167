"""The servers that are compared: where each is found, its configuration, its command, its settings.

Each is set up alike, as far as it lets itself: one worker, one socket, UDP and TCP on 127.0.0.1,
the system's socket buffers, no rate limit, no query log, rotation of address records on, minimal
answers on. Where a server has no such switch, its `settings` says so.
"""

import dataclasses
import pathlib
import shutil
import subprocess
from collections.abc import Callable, Iterator

HOST = "127.0.0.1"


# What a signed zone's NSEC3PARAM says, for who wants to be told: opt-out is bit 0 of the flags.
NSEC3_PARAMETERS = {"nsec3": "1 0 0 -", "nsec3-opt-out": "1 1 0 -"}


@dataclasses.dataclass(frozen=True)
class Setup:
    """What a server shall serve: one zone file, or the many in a folder, named as their zones."""

    folder: pathlib.Path  # the server's own
    port: int
    zone_names: Callable[[], Iterator[str]]
    zone_files: pathlib.Path
    many: bool
    signed: str
    binary: str
    reply_octets: int  # for the echo

    def zones(self, row: str) -> Iterator[str]:
        """A row for each zone, filled in with its name and file."""
        for name in self.zone_names():
            yield row.format(name=name, file=self.zone_files / name)

    def write_zones(self, name: str, row: str) -> pathlib.Path:
        """A file of these rows, apart from the configuration: there may be a million."""
        path = self.folder / name
        with path.open("w") as file:
            file.writelines(self.zones(row))
        return path


@dataclasses.dataclass(frozen=True)
class Server:
    """`write` puts the configuration into the folder and returns it and the command."""

    title: str
    binary: str
    version: Callable[[str], str]
    write: Callable[..., tuple[str, list[str]]]  # takes a Setup
    settings: str
    follows: str = ""  # another server, whose folder it takes over as that one left it


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


def version_bind(binary: str) -> str:
    return " ".join(first_line([binary, "-v"]).split("-", 1)[0].split()[:2])


def version_pdns(binary: str) -> str:
    words = output([binary, "--version"]).partition("\n")[0].split()
    return f"PowerDNS {words[words.index('Server') + 1]}" if "Server" in words else "PowerDNS"


def write_onym(setup: Setup) -> tuple[str, list[str]]:
    name = next(setup.zone_names())
    zones = (
        f"zone_folders: [{setup.zone_files}]"
        if setup.many
        else f'zones: {{"{name}": {{file: {setup.zone_files / name}}}}}'
    )
    config = f"""\
version: 1
workers: 1
state: {setup.folder}
listen: [{{addr: {HOST}, port: {setup.port}, kinds: [udp, tcp]}}]
answers: {{minimal: true, rotate: true}}
resolve: {{default: none}}
{zones}
"""
    path = setup.folder / "onym.yaml"
    path.write_text(config)
    return config, [setup.binary, "serve", "-c", str(path)]


def write_nsd(setup: Setup) -> tuple[str, list[str]]:
    zones = setup.write_zones("zones.conf", 'zone:\n  name: {name}\n  zonefile: "{file}"\n')
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
include: "{zones}"
"""
    path = setup.folder / "nsd.conf"
    path.write_text(config)
    return config, [setup.binary, "-d", "-c", str(path)]


def write_knot(setup: Setup) -> tuple[str, list[str]]:
    zones = setup.folder / "zones.conf"
    with zones.open("w") as file:
        file.write("zone:\n")
        file.writelines(setup.zones("  - domain: {name}\n"))
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
template:
  - id: default
    storage: "{setup.zone_files}"
    file: "%s"
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
include: "{zones}"
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
    (setup.folder / "zones").symlink_to(setup.zone_files)  # a folder, a file it does not take so
    (setup.folder / "config").write_text(config)
    return config, [setup.binary, "-c", str(setup.folder), "start"]


def write_bind(setup: Setup) -> tuple[str, list[str]]:
    zones = setup.write_zones("zones.conf", 'zone "{name}" {{ type primary; file "{file}"; }};\n')
    config = f"""\
options {{
  directory "{setup.folder}";
  listen-on port {setup.port} {{ {HOST}; }};
  listen-on-v6 {{ none; }};
  pid-file "{setup.folder}/named.pid";
  session-keyfile "{setup.folder}/session.key";
  recursion no;
  dnssec-validation no;
  minimal-responses yes;
  notify no;
  querylog no;
  zone-statistics none;
}};
logging {{
  channel errors {{ stderr; severity error; }};
  category default {{ errors; }};
}};
controls {{ }};
include "{zones}";
"""
    path = setup.folder / "named.conf"
    path.write_text(config)
    return config, [setup.binary, "-f", "-n", "1", "-U", "1", "-c", str(path)]


def write_pdns(setup: Setup) -> tuple[str, list[str]]:
    zones = setup.write_zones("named.conf", 'zone "{name}" {{ type master; file "{file}"; }};\n')
    database = setup.folder / "dnssec.sqlite3"
    config = f"""\
launch=bind
bind-config={zones}
bind-dnssec-db={database if setup.signed else ""}
local-address={HOST}
local-port={setup.port}
receiver-threads=1
distributor-threads=1
socket-dir={setup.folder}
guardian=no
daemon=no
disable-syslog=yes
loglevel=3
"""
    (setup.folder / "pdns.conf").write_text(config)
    folder = f"--config-dir={setup.folder}"
    if setup.signed:  # it looks for signatures only in zones that it is told are signed
        name = next(setup.zone_names())
        tool = shutil.which("pdnsutil") or "pdnsutil"
        steps = [["create-bind-db", str(database)], ["set-presigned", name]]
        if setup.signed in NSEC3_PARAMETERS:
            steps.insert(1, ["set-nsec3", name, NSEC3_PARAMETERS[setup.signed]])
        for step in steps:
            subprocess.run([tool, folder, *step], capture_output=True, check=True)
    return config, [setup.binary, folder]


def write_echo(setup: Setup) -> tuple[str, list[str]]:
    command = [setup.binary, HOST, str(setup.port)]
    if setup.reply_octets:
        command += ["--reply-size", str(setup.reply_octets)]
    return "", command


SERVERS = {
    "onym": Server("onym", "onym", version_onym, write_onym, "rotation on, minimal answers on"),
    "onym-again": Server(
        "onym, started again",
        "onym",
        lambda _binary: "",
        write_onym,
        "the same, with the state folder that the one before it left; files in the page cache",
        follows="onym",
    ),
    "gdnsd": Server(
        "gdnsd",
        "gdnsd",
        version_gdnsd,
        write_gdnsd,
        "no switches needed: it always shuffles addresses and keeps answers minimal",
    ),
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
    "bind": Server(
        "BIND 9",
        "named",
        version_bind,
        write_bind,
        "`minimal-responses` on, random order of records as in its default, one thread",
    ),
    "pdns": Server(
        "PowerDNS",
        "pdns_server",
        version_pdns,
        write_pdns,
        "`bind` backend; one receiver that asks the backend itself (no distributor threads: what "
        "the cache has not, costs less so); its packet cache on, as in its default: an answer "
        "given in the last 20 s is not looked up again",
    ),
    "echo": Server(
        "bare echo",
        "bench-echo",
        lambda _binary: "",
        write_echo,
        "no DNS: every datagram goes back with QR set, cut or padded to one size",
    ),
}


def find(binary: str, given: str | None) -> str | None:
    """A server's binary: the path given, or from PATH and the folders of daemons."""
    if given is not None:
        path = pathlib.Path(given)
        return str(path.resolve()) if path.is_file() else None
    return shutil.which(binary) or shutil.which(binary, path="/usr/sbin:/usr/local/sbin")
