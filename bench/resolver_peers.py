"""The resolvers that are compared: where each is found, its configuration, its command, settings.

Each is set up alike, as far as it lets itself: one thread, UDP and TCP on 127.0.0.1, the lab's root
servers for hints, servers on loopback may be asked, no validation, no rate limit, no query log, a
cache that all names fit into. Everything else is as it comes, minimised names among it.
"""

import dataclasses
import pathlib

import servers
from servers import HOST, Server, first_line, output

MIB = 1 << 20


@dataclasses.dataclass(frozen=True)
class Setup:
    """What a resolver shall have."""

    folder: pathlib.Path  # its own
    port: int
    binary: str
    roots: dict[str, list[str]]  # the root servers' names and addresses
    cache_octets: int
    threads: int = 1
    keep: bool = False  # what it has in its cache outlives it, where it can
    forward_port: int = 0  # for who only forwards: another resolver's
    reply_octets: int = 0  # for the echo

    def write_hints(self) -> pathlib.Path:
        """A root hints file (RFC 9609)."""
        path = self.folder / "hints"
        lines = [f". 3600000 NS {name}.\n" for name in self.roots]
        lines += [
            f"{name}. 3600000 A {address}\n"
            for name, addresses in self.roots.items()
            for address in addresses
        ]
        path.write_text("".join(lines))
        return path


def version_unbound(binary: str) -> str:
    return first_line([binary, "-V"]).replace("Version", "Unbound")


def version_kresd(binary: str) -> str:
    return first_line([binary, "-V"]).replace(", version", "")


def version_recursor(binary: str) -> str:
    words = output([binary, "--version"]).partition("(C)")[0].split()
    return f"PowerDNS Recursor {words[-1]}" if words else "PowerDNS Recursor"


def version_dnsmasq(binary: str) -> str:
    words = first_line([binary, "--version"]).split()
    return f"dnsmasq {words[2]}" if len(words) > 2 else "dnsmasq"


def write_onym(setup: Setup) -> tuple[str, list[str]]:
    hints = ", ".join(
        f'"{name}": [{", ".join(addresses)}]' for name, addresses in setup.roots.items()
    )
    config = f"""\
version: 1
workers: {setup.threads}
state: {setup.folder}
listen: [{{addr: {HOST}, port: {setup.port}, kinds: [udp, tcp]}}]
answers: {{minimal: true, rotate: true}}
resolve:
  hints: {{{hints}}}
  never_ask: []
  special_names: false
cache: {{size: {setup.cache_octets // MIB}MiB, keep: {str(setup.keep).lower()}}}
"""
    path = setup.folder / "onym.yaml"
    path.write_text(config)
    return config, [setup.binary, "serve", "-c", str(path)]


def write_unbound(setup: Setup) -> tuple[str, list[str]]:
    half = setup.cache_octets // MIB // 2
    config = f"""\
server:
  interface: {HOST}
  port: {setup.port}
  num-threads: {setup.threads}
  username: ""
  chroot: ""
  directory: "{setup.folder}"
  pidfile: ""
  use-syslog: no
  root-hints: "{setup.write_hints()}"
  module-config: "iterator"
  do-ip6: no
  do-not-query-localhost: no
  local-zone: "test." nodefault
  msg-cache-size: {half}m
  rrset-cache-size: {half}m
  outgoing-range: 8192
  num-queries-per-thread: 4096
remote-control:
  control-enable: no
"""
    path = setup.folder / "unbound.conf"
    path.write_text(config)
    return config, [setup.binary, "-d", "-p", "-c", str(path)]


def write_kresd(setup: Setup) -> tuple[str, list[str]]:
    config = f"""\
modules = {{ 'hints > iterate' }}
log_level('warning')
net.ipv6 = false
option('ALLOW_LOCAL', true)
net.listen('{HOST}', {setup.port}, {{ kind = 'dns' }})
cache.open({setup.cache_octets}, 'lmdb://{setup.folder}/cache')
hints.root_file('{setup.write_hints()}')
policy.add(policy.suffix(policy.PASS, {{ todname('test.') }}))
trust_anchors.remove('.')
"""
    path = setup.folder / "kresd.conf"
    path.write_text(config)
    return config, [setup.binary, "-n", "-c", str(path), str(setup.folder)]


def write_recursor(setup: Setup) -> tuple[str, list[str]]:
    entries = setup.cache_octets // 500
    config = f"""\
local-address={HOST}
local-port={setup.port}
threads={setup.threads}
pdns-distributes-queries=no
hint-file={setup.write_hints()}
dont-query=
dnssec=off
security-poll-suffix=
max-cache-entries={entries}
max-packetcache-entries={entries}
export-etc-hosts=off
socket-dir={setup.folder}
daemon=no
disable-syslog=yes
loglevel=3
quiet=yes
"""
    (setup.folder / "recursor.conf").write_text(config)
    return config, [setup.binary, f"--config-dir={setup.folder}"]


def write_bind(setup: Setup) -> tuple[str, list[str]]:
    config = f"""\
options {{
  directory "{setup.folder}";
  listen-on port {setup.port} {{ {HOST}; }};
  listen-on-v6 {{ none; }};
  pid-file none;
  lock-file none;
  session-keyfile "{setup.folder}/session.key";
  managed-keys-directory "{setup.folder}";
  recursion yes;
  recursive-clients 10000;
  dnssec-validation no;
  trust-anchor-telemetry no;
  empty-zones-enable no;
  max-cache-size {setup.cache_octets};
  querylog no;
}};
logging {{
  channel errors {{ stderr; severity error; }};
  category default {{ errors; }};
}};
controls {{ }};
zone "." {{ type hint; file "{setup.write_hints()}"; }};
"""
    path = setup.folder / "named.conf"
    path.write_text(config)
    threads = str(setup.threads)
    return config, [setup.binary, "-4", "-f", "-n", threads, "-U", threads, "-c", str(path)]


def write_dnsmasq(setup: Setup) -> tuple[str, list[str]]:
    config = f"""\
port={setup.port}
listen-address={HOST}
bind-interfaces
no-resolv
no-hosts
server={HOST}#{setup.forward_port}
cache-size={setup.cache_octets // 500}
dns-forward-max=4096
user=root
pid-file=
"""
    path = setup.folder / "dnsmasq.conf"
    path.write_text(config)
    return config, [setup.binary, "--keep-in-foreground", "--log-facility=-", f"--conf-file={path}"]


ONYM_SETTINGS = "rotation on, minimal answers on"
UNBOUND_SETTINGS = (
    "no validator module; `test.` is no local zone; more sockets and questions in flight than its "
    "default"
)

RESOLVERS = {
    "onym": Server("onym", "onym", servers.version_onym, write_onym, ONYM_SETTINGS),
    "unbound": Server("Unbound", "unbound", version_unbound, write_unbound, UNBOUND_SETTINGS),
    "kresd": Server(
        "Knot Resolver",
        "kresd",
        version_kresd,
        write_kresd,
        "no trust anchor; `test.` passes its policy of special names; its cache is a file on the "
        "disk of the run, read and written through memory",
    ),
    "recursor": Server(
        "PowerDNS Recursor",
        "pdns_recursor",
        version_recursor,
        write_recursor,
        "its packet cache on, as in its default; caches are limited by entries",
    ),
    "bind": Server(
        "BIND 9",
        "named",
        servers.version_bind,
        write_bind,
        "one thread; no empty zones; more recursive clients than its default",
    ),
    "dnsmasq": Server(
        "dnsmasq",
        "dnsmasq",
        version_dnsmasq,
        write_dnsmasq,
        "only forwards, to the Unbound of this run: a peer for hits and for nothing else",
    ),
    "onym-2": Server(
        "onym, two workers", "onym", lambda _binary: "", write_onym, "the same, `workers: 2`"
    ),
    "unbound-2": Server(
        "Unbound, two threads",
        "unbound",
        lambda _binary: "",
        write_unbound,
        "the same, `num-threads: 2`",
    ),
    "echo": servers.SERVERS["echo"],
}
THREADS = {"onym-2": 2, "unbound-2": 2}  # one for all others
PEERS = ("unbound", "kresd", "recursor", "bind")
