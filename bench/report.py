"""The text of one section: tables, what was wrong, the machine, settings and commands."""

import pathlib
import re
import statistics
import textwrap
from collections.abc import Callable

import machine
import zones
from contest import ECHO, Comparison, Contender, Contest

LOST_SHARE_MAX = 0.001
BUSY_MIN = 0.95  # the echo fills its core; if it cannot, others were using it
IDLE_SHARE_MAX = 0.01  # of the server's core, by all servers that are not asked

SIGNATURES = {
    "nsec": "Signed with ECDSA P-256, one key, NSEC; the file as Knot's signer writes it. ",
    "nsec3": "Signed with ECDSA P-256, one key, NSEC3 without iterations and salt; the file as "
    "Knot's signer writes it. ",
    "nsec3-opt-out": "Signed with ECDSA P-256, one key, NSEC3 with opt-out, without iterations and "
    "salt; the file as Knot's signer writes it. ",
}
ORDERS = {
    zones.TOGETHER: "all servers up, asked in turns",
    zones.ALONE: "one server up after the other, asked in turns with the echo",
    zones.STARTS: "each server started, asked once and stopped, in turns",
}


# --- figures --------------------------------------------------------------------------------


def spread(values: list[float], show: Callable[[float], str]) -> str:
    """The median, and the least and the most."""
    if not values:
        return "-"
    return f"{show(statistics.median(values))} ({show(min(values))}-{show(max(values))})"


def series(contender: Contender | None, asked: str, key: str) -> dict[str, float]:
    """A figure by round."""
    rounds = contender.rounds.get(asked, []) if contender is not None else []
    return {result["round"]: result[key] for result in rounds}


def values(contender: Contender, asked: str, key: str) -> list[float]:
    return list(series(contender, asked, key).values())


def ratios(one: dict[str, float], other: dict[str, float]) -> list[float]:
    """One figure over another, round by round, where both are there."""
    return [value / other[name] for name, value in one.items() if other.get(name, 0) > 0]


def thousands(value: float) -> str:
    return f"{value / 1000:.0f}k"


def hundredths(value: float) -> str:
    return f"{value:.2f}"


def whole(value: float) -> str:
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


# --- tables ---------------------------------------------------------------------------------


def yardstick(comparison: Comparison) -> Contender | None:
    """Whose user time the others' is compared with: gdnsd's, or the first peer's."""
    for key in ("gdnsd", "nsd", "knot", "bind", "pdns"):
        contender = comparison.contender(key)
        if contender is not None and contender.rounds:
            return contender
    return None


def draw(headings: list[str], rows: list[list[str]]) -> str:
    lines = [headings, ["---", *["--:"] * (len(headings) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def together_only(comparison: Comparison, figures: list[float]) -> str:
    """A ratio between two servers means something if they were asked in the same round."""
    if comparison.zone.how != zones.TOGETHER or not figures:
        return "-"
    return hundredths(statistics.median(figures))


def query_row(comparison: Comparison, contender: Contender, asked: str, width: int) -> list[str]:
    if not contender.rounds.get(asked) or contender.excuse:
        return [contender.title, contender.excuse or "no figures", *[""] * (width - 2)]
    cpu = ratios(
        series(contender, asked, "cpu_us"), series(comparison.contender(ECHO), asked, "cpu_us")
    )
    user = "server_user_us_per_query"
    over = ratios(series(contender, asked, user), series(yardstick(comparison), asked, user))
    return [
        contender.title,
        spread(values(contender, asked, "qps"), thousands),
        spread(values(contender, asked, user), hundredths),
        spread(values(contender, asked, "server_sys_us_per_query"), hundredths),
        hundredths(statistics.median(cpu)) if cpu else "-",
        together_only(comparison, over) if contender.key != ECHO else "-",
        f"{statistics.median(values(contender, asked, 'server_cores')) * 100:.0f} %",
        f"{statistics.median(values(contender, asked, 'reply_octets_mean')):.0f}",
    ]


def query_table(comparison: Comparison, asked: str) -> str:
    peer = yardstick(comparison)
    headings = ["server", "queries/s", "user us", "system us", "CPU / echo's"]
    headings += [f"user / {peer.title if peer else 'peer'}'s", "core busy", "reply octets"]
    rows = [query_row(comparison, one, asked, len(headings)) for one in comparison.contenders]
    return (f"{asked}:\n\n" if asked else "") + draw(headings, rows)


def load_table(comparison: Comparison) -> str:
    headings = ["server", "first answer after s", "PSS MB, loaded", "PSS MB, asked", "peak MB"]
    rows = []
    for contender in comparison.contenders:
        if not contender.loads_s:
            rows.append([contender.title, contender.excuse or "no figures", "", "", ""])
            continue
        several = len(contender.loads_s) > 1
        load = spread(contender.loads_s, hundredths) if several else whole(contender.loads_s[0])
        answered = whole(contender.answered_mb) if contender.answered_mb else "-"
        sizes = [whole(contender.loaded_mb), answered, whole(contender.peak_mb)]
        rows.append([contender.title, load, *sizes])
    return draw(headings, rows)


def count_table(comparison: Comparison) -> str:
    counted = [contender for contender in comparison.contenders if contender.counts]
    if not counted:
        return (
            "Cache and TLB misses are not told: this machine does not give its CPU's counters to\n"
            "`perf stat`."
        )
    headings = ["server", *(f"{words} a query" for words in machine.EVENTS.values())]
    rows = [
        [one.title, *(hundredths(one.counts[event]) for event in machine.EVENTS)] for one in counted
    ]
    return draw(headings, rows)


# --- words ----------------------------------------------------------------------------------


def faults(contender: Contender) -> str:
    """What was not as it should be with a server's answers, over all rounds; '' if nothing."""
    results = [result for rounds in contender.rounds.values() for result in rounds]
    keys = ("sent", "lost", "wrong", "wrong_rcode", "wrong_unsigned", "stray", "truncated")
    sums = {key: sum(result[key] for result in results) for key in keys}
    words = [f"{sums[key]} {key}" for key in ("wrong", "stray", "truncated") if sums[key]]
    if sums["wrong"]:
        unsigned = f"{sums['wrong_unsigned']} without RRSIG or proof"
        words[0] += f" ({sums['wrong_rcode']} rcode, {unsigned})"
    if sums["lost"] > LOST_SHARE_MAX * sums["sent"]:
        words.append(f"{sums['lost']} lost")
    return f"{contender.title}: {', '.join(words)} of {sums['sent']}" if words else ""


def crowd(comparison: Contest) -> str:
    """Cautions: the echo's core was not its own, or idle servers were not idle."""
    words = []
    echo = comparison.contender(ECHO)
    for asked in echo.rounds if echo is not None else []:
        busy = statistics.median(values(echo, asked, "server_cores"))
        if busy < BUSY_MIN:
            words.append(
                f"Something else ran beside it: the echo got {busy * 100:.0f} % of its core, so "
                "that queries/s are too low; CPU a query suffers less."
            )
            break
    if comparison.idle_share > IDLE_SHARE_MAX:
        words.append(
            f"While one server was asked, the idle ones used up to "
            f"{comparison.idle_share * 100:.1f} % of the core."
        )
    return f" **{' '.join(words)}**" if words else ""


def versions(comparison: Contest) -> str:
    texts = [
        contender.kind.version(contender.binary)
        for contender in comparison.contenders
        if contender.binary and contender.key != ECHO
    ]
    return "; ".join(text for text in texts if text)


def method(comparison: Comparison) -> str:
    options, zone = comparison.options, comparison.zone
    if zone.how == zones.STARTS:
        return (
            f"{comparison.runs} rounds, {ORDERS[zone.how]}; the median (and the least and the "
            "most) of the seconds from the start of the process, on one core. The peak is the "
            "largest VmHWM of a server's processes, or their PSS if that is more."
        )
    if comparison.dnssec_ok:
        edns = (
            "with EDNS (1232 octets) and DO; every 16th answer is searched for an RRSIG and, if it "
            "denies, for its proof"
        )
    else:
        edns = "with EDNS (1232 octets)" if options.edns else "without EDNS"
    return (
        f"{SIGNATURES.get(zone.signed, '')}Questions {edns}. {comparison.runs} rounds of "
        f"{comparison.seconds:g} s, {ORDERS[zone.how]}; medians (and the least and the most). CPU "
        "in microseconds a query, over exactly the generator's time; user and system are told "
        "apart by the kernel's tick, so a small user time is a coarse figure. Ratios are the "
        "medians of the rounds' own. PSS is that of all of a server's processes, the peak the "
        "largest VmHWM of one of them, or the PSS if that is more. The size of replies is their "
        "mean; the echo's are as large as onym's, or without onym as the first server's."
    )


def hide_paths(text: str, comparison: Contest) -> str:
    text = text.replace(str(comparison.folder), "DIR")
    if comparison.options.cache:
        text = text.replace(str(comparison.options.cache), "CACHE")
    return text.replace(str(pathlib.Path.cwd()) + "/", "")


def commands(comparison: Contest) -> str:
    core = comparison.options.server_core
    lines = [
        f"taskset -c {core} {' '.join(contender.command)}"
        for contender in comparison.contenders
        if contender.command
    ]
    if comparison.sample:
        generator = re.sub(r"--pid \d+( --pid \d+)*", "--pid PID...", " ".join(comparison.sample))
        lines.append(re.sub(r"--port \d+", "--port PORT", generator).replace(" --any-rcode", ""))
    return hide_paths("\n".join(lines), comparison)


def configurations(comparison: Contest) -> str:
    return "\n".join(
        f"{contender.title}:\n\n```\n{hide_paths(contender.config, comparison)}```\n"
        for contender in comparison.contenders
        if contender.config and not contender.kind.follows
    )


def fold(text: str, indent: str = "") -> str:
    """Lines of at most 100 columns, for who reads the source; all but the first indented."""
    return "\n".join(
        textwrap.wrap(
            text, 100, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
    )


def section(comparison: Comparison) -> str:
    zone, contenders = comparison.zone, comparison.contenders
    wrong = "; ".join(filter(None, map(faults, contenders))) or "none"
    size = "" if comparison.names == zone.names else f" **Only {comparison.names} names.**"
    settings = [
        f"- {one.title}: {one.kind.settings}." for one in contenders if one.binary
    ]
    tables = [query_table(comparison, asked) for asked in zone.questions]
    notes = []
    if zone.questions:
        notes = [count_table(comparison), f"Wrong, stray, truncated or lost: {wrong}."]
    used = "one core for the server, another for the generator"
    blocks = [
        f"## {zone.title}",
        fold(f"{zone.about}{size} {method(comparison)}{crowd(comparison)}"),
        *tables,
        load_table(comparison),
        *notes,
        fold(f"{machine.cpu_model()}, {machine.kernel()}; {used}. {versions(comparison)}."),
        "\n".join(fold(line, "  ") for line in settings),
        f"```sh\n{commands(comparison)}\n```",
        f"<details><summary>Configurations</summary>\n\n{configurations(comparison)}\n</details>",
    ]
    return "\n\n".join(blocks) + "\n"
