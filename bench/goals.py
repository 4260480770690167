"""What onym wants to reach, as a table: a goal, the section that measures it, a figure, its limit.

A figure is a list of values, one for each round or only one; its median counts. Most are ratios,
since those hold on other machines too. A goal without a limit is shown and not judged.
"""

import dataclasses
import statistics
from collections.abc import Callable

import placing
import report
import resolver_report
import resolvers
import zones
from contest import ECHO, ONYM, Contender, Contest
from resolver_peers import PEERS

USER = "server_user_us_per_query"
Figure = Callable[[Contest], list[float]]


def over_least(key: str, *peers: str) -> Figure:
    """A figure of onym's over the least of these peers' in the same round."""

    def figure(comparison: Contest) -> list[float]:
        least: dict[str, float] = {}
        for peer in peers:
            for name, value in report.series(comparison.contender(peer), "", key).items():
                least[name] = min(value, least.get(name, value))
        return report.ratios(report.series(comparison.contender(ONYM), "", key), least)

    return figure


def user_over(*peers: str) -> Figure:
    """onym's user time over the least of these peers'."""
    return over_least(USER, *peers)


def plain(key: str) -> Figure:
    """A figure of onym's as it is."""

    def figure(comparison: Contest) -> list[float]:
        return list(report.series(comparison.contender(ONYM), "", key).values())

    return figure


def start_s(comparison: Contest) -> list[float]:
    one = comparison.contender(ONYM)
    return one.loads_s if one else []


def cpu_over_echo(comparison: Contest) -> list[float]:
    one, echo = (report.series(comparison.contender(key), "", "cpu_us") for key in (ONYM, ECHO))
    return report.ratios(one, echo)


def absent_over_present(comparison: Contest) -> list[float]:
    """User time for names that are not there over that for names that are."""
    there, absent = list(comparison.zone.questions)[1:3]
    one = comparison.contender(ONYM)
    return report.ratios(report.series(one, absent, USER), report.series(one, there, USER))


def load_over(*peers: str) -> Figure:
    """The median load time over the least of these peers'."""

    def figure(comparison: Contest) -> list[float]:
        one = comparison.contender(ONYM)
        others = [comparison.contender(peer) for peer in peers]
        medians = [statistics.median(peer.loads_s) for peer in others if peer and peer.loads_s]
        if one is None or not one.loads_s or not medians:
            return []
        return [statistics.median(one.loads_s) / min(medians)]

    return figure


def memory_over(*peers: str) -> Figure:
    """PSS after the load over the least of these peers'."""

    def figure(comparison: Contest) -> list[float]:
        one = comparison.contender(ONYM)
        others = [comparison.contender(peer) for peer in peers]
        sizes = [peer.loaded_mb for peer in others if peer and peer.loads_s]
        if one is None or not one.loads_s or not sizes:
            return []
        return [one.loaded_mb / min(sizes)]

    return figure


def memory_mb(comparison: Contest) -> list[float]:
    one = comparison.contender(ONYM)
    return [one.loaded_mb] if one and one.loads_s else []


def again_ms(comparison: Contest) -> list[float]:
    again = comparison.contender("onym-again")
    return [late * 1000 for late in again.loads_s] if again else []


def peak_over_memory(comparison: Contest) -> list[float]:
    one = comparison.contender(ONYM)
    return [one.peak_mb / one.loaded_mb] if one and one.loaded_mb else []


def again_over_text(comparison: Contest) -> list[float]:
    """The load time out of the state folder over that from text, round by round."""
    one, again = comparison.contender(ONYM), comparison.contender("onym-again")
    if one is None or again is None:
        return []
    return [late / first for first, late in zip(one.loads_s, again.loads_s) if first > 0]


@dataclasses.dataclass(frozen=True)
class Goal:
    """`text` comes after the zone's title; the two together are the row's key in the document."""

    zone: str
    text: str
    figure: Figure
    limit: float | None

    @property
    def title(self) -> str:
        table = zones.ZONES | resolvers.SECTIONS | placing.SECTIONS
        return f"{table[self.zone].title}: {self.text}"

    @property
    def at_most(self) -> str:
        return "-" if self.limit is None else f"{self.limit:g}"

    def judge(self, figures: list[float]) -> str:
        if self.limit is None or not figures:
            return "-"
        return "yes" if statistics.median(figures) <= self.limit else "**no**"


def plain_goals(zone: str, load: float = 1.0) -> list[Goal]:
    """Of a large zone without signatures."""
    return [
        Goal(zone, "CPU over the echo's", cpu_over_echo, 1.2),
        Goal(zone, "user time over gdnsd's", user_over("gdnsd"), 0.5),
        Goal(zone, "load time over gdnsd's", load_over("gdnsd"), load),
        Goal(zone, "memory over gdnsd's", memory_over("gdnsd"), 1.0),
        Goal(zone, "peak over memory", peak_over_memory, None),
    ]


def signed_goals(zone: str) -> list[Goal]:
    peers = ("nsd", "knot", "bind", "pdns")
    return [
        Goal(zone, "CPU over the echo's", cpu_over_echo, 1.3),
        Goal(zone, "user time over the best peer's", user_over(*peers), 1.0),
    ]


def folder_goals(zone: str) -> list[Goal]:
    peers = ("gdnsd", "nsd", "knot")
    return [
        Goal(zone, "load time over the best peer's", load_over(*peers), 1.0),
        Goal(zone, "memory over the best peer's", memory_over(*peers), 1.0),
        Goal(zone, "load time from images over that from text", again_over_text, None),
    ]


def hits_goals(section: str) -> list[Goal]:
    return [
        Goal(section, "user time, us", plain(USER), 0.5),
        Goal(section, "CPU over the echo's", cpu_over_echo, 1.2),
        Goal(section, "user time over the best peer's", user_over(*PEERS), None),
    ]


GOALS = [
    Goal("ten", "CPU over the echo's", cpu_over_echo, 1.1),
    Goal("ten", "user time over gdnsd's", user_over("gdnsd"), 1.0),
    *plain_goals("hosts", load=0.67),
    Goal("hosts", "memory, MB", memory_mb, 110),
    *plain_goals("delegations"),
    Goal("delegations", "memory, MB", memory_mb, 240),
    *plain_goals("shared"),
    *signed_goals("hosts-nsec"),
    *signed_goals("hosts-nsec3"),
    Goal("hosts-nsec3", "user time of a denial over a positive answer's", absent_over_present, 2.0),
    *signed_goals("delegations-nsec"),
    *signed_goals("delegations-nsec3"),
    *folder_goals("zones100k"),
    *folder_goals("zones"),
    Goal("restart", "text, over the best peer", load_over("gdnsd", "nsd", "knot", "bind"), 0.67),
    Goal("restart", "image, ms", again_ms, 50),
    Goal("restart", "image over text", again_over_text, None),
    Goal("shared10m", "load time over gdnsd's", load_over("gdnsd"), 1.0),
    Goal("shared10m", "memory over gdnsd's", memory_over("gdnsd"), 1.0),
    Goal("shared10m", "peak over memory", peak_over_memory, None),
    *hits_goals("hits-100k"),
    *hits_goals("hits-1m"),
    Goal("cold", "CPU a name, us", plain("cpu_us"), 20),
    Goal("cold", "CPU over the best peer's", over_least("cpu_us", *PEERS), None),
    Goal("cold-rtt", "p50 over the best peer's", over_least("latency_p50_us", *PEERS), 1.0),
    Goal("cold-rtt", "p95 over the best peer's", over_least("latency_p95_us", *PEERS), 1.0),
    Goal("cold-rtt", "p99 over the best peer's", over_least("latency_p99_us", *PEERS), 1.0),
    Goal("memory-1m", "octets a name", resolver_report.octets_each, 200),
    Goal("restart-cache", "s", start_s, 2),
    Goal("restart-cache", "over the best peer's", load_over(*PEERS), None),
    Goal("two-workers", "CPU over one worker's", resolver_report.workers_over_one, 1.1),
    Goal("places", "ns of CPU time above a plain answer, at most", placing.Placing.worst_above,
         150),
    Goal("places", "million look-ups a second and core, at least", placing.Placing.slowest_lookup,
         None),
]


def has_wrong_answers(contender: Contender | None) -> bool:
    rounds = contender.rounds.values() if contender is not None else []
    return any(result["wrong"] for results in rounds for result in results)


def rows(comparison: Contest, name: str) -> dict[str, list[str]]:
    """The summary's rows that this section has figures for: goal, limit, measured, met."""
    table = {}
    for goal in GOALS:
        if goal.zone != name:
            continue
        figures = goal.figure(comparison)
        measured, met = "no figure", goal.judge(figures)
        if figures:
            several = len(figures) > 1
            measured = (
                report.spread(figures, report.hundredths)
                if several
                else report.hundredths(figures[0])
            )
        if comparison.names != comparison.zone.names:
            measured += f", {comparison.names} names"
        if has_wrong_answers(comparison.contender(ONYM)):
            met = "**no**: wrong answers"
        table[goal.title] = [goal.title, goal.at_most, measured, met]
    return table
