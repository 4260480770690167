"""The internet that resolvers are measured in: `onym lab`, with as many names as a run wants.

Root, one top-level domain and up to a thousand zones below it, each zone on two of 64 addresses of
127.53.0.0/16, port 53 (peers look nowhere else, so a run is root's). It counts what it is asked,
which tells hits from misses whatever a resolver says of itself.
"""

import json
import pathlib
import signal
import subprocess

import running

ROOTS = {"a.root-servers.net": ["127.53.0.1"], "b.root-servers.net": ["127.53.0.2"]}
ZONES = 1000
START_S_MAX = 120
STOP_S_MAX = 20

WORLD = """\
seed: 1
port: 53
zones:
  ".":
    ttl: 1d
    servers: {{a.root-servers.net: 127.53.0.1, b.root-servers.net: 127.53.0.2}}
  "test":
    ttl: 1d
    servers: {{ns1.nic.test: 127.53.1.1, ns2.nic.test: 127.53.1.2}}
  "z%d.test":
    repeat: {zones}
    ttl: 1d
    servers: {{"ns1.z%d.test": 127.53.16.0/27, "ns2.z%d.test": 127.53.17.0/27}}
    generate: {{count: {each}, name: "host%d", type: A}}
"""


def name(number: int) -> str:
    """The name of this number: the first ZONES of them are in a zone each, and so on."""
    return f"host{number // ZONES}.z{number % ZONES}.test"


class Lab:
    """The lab while it runs. Who starts it stops it in a `finally`."""

    def __init__(self, binary: str, core: int, folder: pathlib.Path, names: int, faults: str):
        self.text = WORLD.format(zones=ZONES, each=-(-names // ZONES))
        if faults:
            self.text += f"faults:\n  127.53.0.0/16: {{{faults}}}\n"
        path = folder / "lab.yaml"
        path.write_text(self.text)
        self.command = [binary, "lab", "--json", str(path)]
        self.log = folder / "lab.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["taskset", "-c", str(core), *self.command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                preexec_fn=running.die_with_parent,
            )
        try:
            self.wait_for("ready")
        except running.ServerFault:
            self.stop()
            raise

    def wait_for(self, event: str) -> dict:
        """The next object of this event on its stdout."""
        for line in self.process.stdout:
            told = json.loads(line)
            if told["event"] == event:
                return told
        raise running.ServerFault(f"the lab ended; its log: {self.log.read_text()}")

    def asked(self) -> int:
        """How many questions all its servers have had so far."""
        self.process.send_signal(signal.SIGUSR1)
        total = self.wait_for("total")
        return total["udp"] + total["tcp"]

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.communicate(timeout=STOP_S_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
