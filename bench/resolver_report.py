"""The text of one section about resolvers: its table, what was wrong, settings and commands."""

import statistics
from collections.abc import Callable

import machine
import report
import resolvers
from contest import ECHO, ONYM, Contender
from report import hundredths, spread, thousands, values, whole
from resolvers import Resolution

USER, SYSTEM = "server_user_us_per_query", "server_sys_us_per_query"
Row = Callable[[Resolution, Contender], list[str]]


def milliseconds(microseconds: float) -> str:
    return f"{microseconds / 1000:.1f}"


def thousandths(value: float) -> str:
    return f"{value:.3f}"


def of_rounds(contender: Contender, key: str, show: Callable[[float], str]) -> str:
    return spread(values(contender, "", key), show)


def middle(contender: Contender, key: str, show: Callable[[float], str]) -> str:
    return show(statistics.median(values(contender, "", key)))


def over(run: Resolution, contender: Contender, key: str) -> str:
    """CPU over that of another, round by round."""
    other = run.contender(key)
    figures = report.ratios(
        report.series(contender, "", "cpu_us"), report.series(other, "", "cpu_us")
    )
    return hundredths(statistics.median(figures)) if figures and other is not contender else "-"


def cpu_cells(contender: Contender) -> list[str]:
    return [
        of_rounds(contender, "qps", thousands),
        of_rounds(contender, USER, hundredths),
        of_rounds(contender, SYSTEM, hundredths),
    ]


def hits_row(run: Resolution, contender: Contender) -> list[str]:
    asked = "-" if contender.key == ECHO else middle(contender, "upstream", thousandths)
    return [
        *cpu_cells(contender),
        over(run, contender, ECHO),
        over(run, contender, contender.key.removesuffix("-2")),
        asked,
        middle(contender, "reply_octets_mean", whole),
        whole(contender.answered_mb),
    ]


def cold_row(_run: Resolution, contender: Contender) -> list[str]:
    return [
        *cpu_cells(contender),
        of_rounds(contender, "cpu_us", hundredths),
        *(of_rounds(contender, f"latency_p{share}_us", milliseconds) for share in (50, 95, 99)),
        middle(contender, "upstream", hundredths),
    ]


def memory_row(run: Resolution, contender: Contender) -> list[str]:
    grown = contender.answered_mb - contender.loaded_mb
    kept = 1 - statistics.median(values(contender, "", "upstream"))
    return [
        whole(contender.loaded_mb),
        whole(contender.answered_mb),
        f"{grown * 1e6 / run.names:.0f}",
        f"{kept * 100:.1f} %",
    ]


def restart_row(_run: Resolution, contender: Contender) -> list[str]:
    return [
        spread(contender.loads_s, hundredths),
        str(len(contender.loads_s)),
        whole(contender.answered_mb),
    ]


CPU_HEADINGS = ["server", "answers/s", "user us", "system us"]
HITS_HEADINGS = ["CPU / echo's", "CPU / one thread's", "asked upstream", "reply octets", "PSS MB"]
COLD_HEADINGS = ["CPU us", "p50 ms", "p95 ms", "p99 ms", "asked upstream"]
TABLES: dict[Callable[[Resolution], None], tuple[list[str], Row]] = {
    resolvers.hits: (CPU_HEADINGS + HITS_HEADINGS, hits_row),
    resolvers.cold: (CPU_HEADINGS + COLD_HEADINGS, cold_row),
    resolvers.memory: (
        ["server", "PSS MB before", "after", "octets a name", "still in the cache"],
        memory_row,
    ),
    resolvers.restarts: (["server", "s to 90 % hits", "rounds", "PSS MB"], restart_row),
}


def table(run: Resolution) -> str:
    headings, make_row = TABLES[run.zone.measure]
    rows = []
    for contender in run.contenders:
        if contender.excuse or not (contender.rounds or contender.loads_s):
            empty = [""] * (len(headings) - 2)
            rows.append([contender.title, contender.excuse or "no figures", *empty])
        else:
            rows.append([contender.title, *make_row(run, contender)])
    return report.draw(headings, rows)


def method(run: Resolution) -> str:
    """How it was measured, for those ways that have rounds."""
    if run.zone.measure not in (resolvers.hits, resolvers.cold):
        return ""
    length = f" of {run.seconds:g} s" if run.zone.measure is resolvers.hits else ""
    return (
        f" {run.runs} rounds{length}, all servers up, asked in turns; medians (and the least and "
        "the most). CPU in microseconds an answer, over exactly the generator's time; user and "
        "system are told apart by the kernel's tick. Asked upstream are the questions that the "
        "lab's servers had, for each answer. What had no answer counts as answered after "
        f"{resolvers.PATIENCE_MS / 1000 if run.zone.faults else 0.25:g} s."
    )


def places(run: Resolution) -> str:
    if run.zone.cores:
        return "both cores for the servers; the lab and the generator on one of them"
    return (
        "one core for the server; the lab, which is all other servers, and the generator on the "
        "other"
    )


def section(run: Resolution) -> str:
    zone = run.zone
    size = "" if run.names == zone.names else f" **Only {run.names} names.**"
    wrong = "; ".join(filter(None, map(report.faults, run.contenders))) or "none"
    settings = [f"- {one.title}: {one.kind.settings}." for one in run.contenders if one.binary]
    lab_command = f"taskset -c {run.options.generator_core} {' '.join(run.lab.command)}"
    lab_text = f"The lab:\n\n```\n{run.lab.text}```\n"
    blocks = [
        f"## {zone.title}",
        report.fold(
            f"{zone.about}{size}{method(run)} RD is set and EDNS is not; NOERROR must come with RA "
            f"and a record.{report.crowd(run)}"
        ),
        table(run),
        f"Wrong, stray, truncated or lost: {wrong}.",
        report.fold(
            f"{machine.cpu_model()}, {machine.kernel()}; {places(run)}. {report.versions(run)}."
        ),
        "\n".join(report.fold(line, "  ") for line in settings),
        f"```sh\n{report.hide_paths(lab_command, run)}\n{report.commands(run)}\n```",
        f"<details><summary>Configurations</summary>\n\n{lab_text}\n{report.configurations(run)}\n"
        "</details>",
    ]
    return "\n\n".join(blocks) + "\n"


# --- figures for the goals ------------------------------------------------------------------


def octets_each(run: Resolution) -> list[float]:
    one = run.contender(ONYM)
    if one is None or not one.rounds:
        return []
    return [(one.answered_mb - one.loaded_mb) * 1e6 / run.names]


def workers_over_one(run: Resolution) -> list[float]:
    one, two = (report.series(run.contender(key), "", "cpu_us") for key in (ONYM, "onym-2"))
    return report.ratios(two, one)
