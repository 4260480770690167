"""What there is to say about the machine, and whether it lets us count cache and TLB misses."""

import pathlib
import re
import shutil
import subprocess

EVENTS = {
    "instructions": "instructions",
    "cache-misses": "cache misses",
    "dTLB-load-misses": "TLB misses",
}


def cpu_model() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        name, _colon, value = line.partition(":")
        if name.strip() in ("model name", "Model"):
            return value.strip()
    return "unknown CPU"


def kernel() -> str:
    release = pathlib.Path("/proc/sys/kernel/osrelease").read_text()
    return "Linux " + re.match(r"[0-9.]*[0-9]", release).group()


def counting(pids: list[int], report: pathlib.Path) -> list[str]:
    """A command before another: while that runs, the events of these processes are counted."""
    command = ["perf", "stat", "-x", ",", "-e", ",".join(EVENTS), "-o", str(report)]
    return command + (["-p", ",".join(map(str, pids))] if pids else [])


def read_counts(report: pathlib.Path) -> dict[str, float]:
    """The counts of perf's report; empty if it could not count one of them."""
    counts = {}
    for line in report.read_text().splitlines():
        words = line.split(",")
        if len(words) > 2 and words[2].partition(":")[0] in EVENTS:
            try:
                counts[words[2].partition(":")[0]] = float(words[0])
            except ValueError:  # <not supported>, <not counted>
                return {}
    return counts if len(counts) == len(EVENTS) else {}


def has_counters(folder: pathlib.Path) -> bool:
    if shutil.which("perf") is None:
        return False
    report = folder / "counters"
    done = subprocess.run([*counting([], report), "true"], capture_output=True, check=False)
    return done.returncode == 0 and bool(read_counts(report))
