#!/usr/bin/python3
"""Compares onym with other name servers and with a bare echo, over loopback.

  bench/compare.py --zone hosts --onym build/onym --out docs/benchmarks.md
  bench/compare.py --zone all --cache /var/tmp/signed --onym build/onym --out docs/benchmarks.md
  bench/compare.py --zone ten,hosts --names 20000 --runs 2     a quick look, to standard output
  bench/compare.py --zone resolvers --onym build/onym      as root: the lab has port 53

Zones, who takes part and how each is measured: zones.py. How a run goes: contest.py. Resolvers are
measured in sections of their own, which --zone takes as well: resolvers.py. Answers by place are
another one, `places`: placing.py.
"""

import argparse
import pathlib
import signal
import sys
import tempfile
import time

import contest
import document
import goals
import placing
import report
import resolver_peers
import resolver_report
import resolvers
import running
import servers
import signing
import zones

SECTIONS = zones.ZONES | resolvers.SECTIONS | placing.SECTIONS


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--zone",
        default="ten",
        help=f"some of {','.join(SECTIONS)}; or all (of the zones), or resolvers "
        "(default: ten)",
    )
    parser.add_argument("--names", type=int, help="so many names instead of the zone's own number")
    parser.add_argument("--servers", help="some of them (default: the zone's)")
    parser.add_argument("--runs", type=int, help="rounds (default: the zone's)")
    parser.add_argument("--seconds", type=float, help="length of a run (default: the zone's)")
    parser.add_argument("--window", type=int, help="questions in flight (the generator's default)")
    parser.add_argument("--edns", action="store_true")
    parser.add_argument("--do", action="store_true", help="signed zones are asked so anyhow")
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--generator-core", type=int, default=1)
    parser.add_argument("--cache", type=pathlib.Path, help="folder that keeps signed zone files")
    parser.add_argument("--out", type=pathlib.Path, help="the document; default: standard output")
    parser.add_argument("--onym", default="build/onym", help="path of the binary")
    for key in ("nsd", "knot", "gdnsd", "bind", "pdns"):
        parser.add_argument(f"--{key}", help="path of the binary; default: the installed one")
    parser.add_argument(
        "--tools",
        type=pathlib.Path,
        help="folder of bench-generator and bench-echo; default: bench beside the onym binary",
    )
    options = parser.parse_args()
    groups = {"all": list(zones.ZONES), "resolvers": list(resolvers.SECTIONS)}
    options.zones = groups.get(options.zone) or options.zone.split(",")
    options.servers = options.servers.split(",") if options.servers else None
    everyone = servers.SERVERS | resolver_peers.RESOLVERS
    for words, table in ((options.zones, SECTIONS), (options.servers or [], everyone)):
        for word in words:
            if word not in table:
                parser.error(f"there is no {word}, but {', '.join(table)}")
    too_few = options.runs is not None and options.runs < 1
    if too_few or (options.seconds is not None and options.seconds <= 0):
        parser.error("at least one run and some time are needed")
    tools = (options.tools or pathlib.Path(options.onym).parent / "bench").resolve()
    options.generator = tools / "bench-generator"
    options.echo = str(tools / "bench-echo")
    if not options.generator.is_file():
        parser.error(f"{options.generator} is not there: build with -Dbenchmarks=true")
    return options


def compare(options: argparse.Namespace, name: str) -> None:
    """One section, into the document or to standard output."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        if name in placing.SECTIONS:
            comparison = placing.Placing(options, name, pathlib.Path(folder))
            comparison.run()
            text = comparison.section()
        elif name in resolvers.SECTIONS:
            comparison = resolvers.Resolution(options, name, pathlib.Path(folder))
            comparison.run()
            text = resolver_report.section(comparison)
        else:
            comparison = contest.Comparison(options, name, pathlib.Path(folder))
            comparison.run()
            text = report.section(comparison)
    fresh = goals.rows(comparison, name)
    if options.out is None:
        print(text)
        print(report.draw(document.HEADINGS, list(fresh.values())))
        return
    old = options.out.read_text() if options.out.exists() else ""
    marker = name + ("-do" if options.do else "-edns" if options.edns else "")
    options.out.write_text(document.replace(old, marker, text, fresh if marker == name else {}))


def main() -> None:
    options = parse_options()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: sys.exit(1))
    running.adopt_orphans()
    failed = []
    for name in options.zones:
        began = time.monotonic()
        try:
            compare(options, name)
        except (running.ServerFault, signing.SigningFault, OSError) as fault:
            contest.say(f"{name}: {fault}")
            failed.append(name)
        contest.say(f"{name}: {time.monotonic() - began:.0f} s")
    if failed:
        sys.exit(f"compare.py: without figures: {', '.join(failed)}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
