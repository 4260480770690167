"""docs/benchmarks.md: a head, a summary of the goals, and a section for each comparison.

Sections stand between markers; a run replaces its own and the summary's rows that it has figures
for, the rest stays. Order: that of the tables of zones and of resolvers.
"""

import re

import goals
import placing
import report
import resolvers
import zones

HEAD = """\
# Benchmarks

Each section is written by `bench/compare.py` and replaced by its next run (`make bench ZONE=hosts`;
all of them: `make bench-all`). Compare inside a section only: the machine's speed drifts.
"""
SUMMARY = "summary"
SECTION = re.compile(r"<!-- bench:([\w-]+) -->\n(.*?)<!-- /bench:\1 -->\n?", re.DOTALL)
HEADINGS = ["goal", "at most", "measured", "met"]


def take_rows(summary: str) -> dict[str, list[str]]:
    """The rows of the old summary by their goals."""
    table = {}
    for line in summary.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| ") and len(cells) == len(HEADINGS):
            table[cells[0]] = cells
    return table


def summary(old: dict[str, list[str]]) -> str:
    empty = ["not measured", "-"]
    rows = [
        [goal.title, goal.at_most, *old.get(goal.title, ["", "", *empty])[2:]]
        for goal in goals.GOALS
    ]
    return (
        "## Goals\n\nRatios, onym's figure over another, where no unit stands; the median of the "
        f"rounds (and the least and the most).\n\n{report.draw(HEADINGS, rows)}\n"
    )


def place(name: str) -> tuple[int, str]:
    """Where a section stands: a zone's variants (`ten-do`) after the zone itself."""
    order = [*zones.ZONES, *resolvers.SECTIONS, *placing.SECTIONS]
    fits = [key for key in order if name == key or name.startswith(key + "-")]
    return (order.index(max(fits, key=len)) if fits else len(order), name)


def replace(document: str, name: str, text: str, fresh: dict[str, list[str]]) -> str:
    """The document with this section and these rows of the summary."""
    sections = dict(SECTION.findall(document))
    rows = take_rows(sections.pop(SUMMARY, "")) | fresh
    sections[name] = text
    blocks = [(SUMMARY, summary(rows)), *sorted(sections.items(), key=lambda one: place(one[0]))]
    return HEAD + "".join(
        f"\n<!-- bench:{key} -->\n{body}<!-- /bench:{key} -->\n" for key, body in blocks
    )
