"""Every case of the Ferret data set, asked of one onym with full answers."""

import collections

import pytest

import ferret
import peers

CASES = 1268
ALL = {"bind", "nsd", "knot", "powerdns"}

# Cases in which the four servers form several groups and we stand beside them all.
GROWS = """a DNAME whose target is below itself: the name grows with each step, and each server
stops elsewhere: NSD after 1, Knot after 5, BIND where 512 octets end, PowerDNS with SERVFAIL. We
stop after CHAIN_MAX (12) steps with what we have"""
ALONE = {620: GROWS, 2670: GROWS}


@pytest.fixture(scope="module")
def cases(data, tmp_path_factory):
    return ferret.load(data, tmp_path_factory.mktemp("ferret"))


@pytest.fixture(scope="module")
def views(cases):
    """{case number: what onym answers}."""
    with peers.running("onym", [case.zone for case in cases]) as onym:
        found = {}
        for case in cases:
            reply = onym.ask(case.question, payload=0)  # as the data set was made: without EDNS
            found[case.number] = ferret.view(reply.rcode, reply.flags, reply.sections)
        return found


def described(case: ferret.Case, ours: ferret.View) -> str:
    rows = [f"case {case.number}: {case.question}", case.zone.path.read_text(), "onym:",
            ours.text()]
    for group in case.groups:
        rows += [" ".join(group.servers) + ":", group.view.text()]
    return "\n".join(rows)


def is_unanimous(case: ferret.Case) -> bool:
    return len(case.groups) == 1 and set(case.groups[0].servers) == ALL


def test_data_is_whole(cases):
    assert len(cases) == CASES
    assert sum(is_unanimous(case) for case in cases) == 1000


def test_unanimous(cases, views):
    """Where all four agree there is one right answer."""
    wrong = [case for case in cases
             if is_unanimous(case) and views[case.number] != case.groups[0].view]
    assert not wrong, f"{len(wrong)} wrong\n" + "\n\n".join(
        described(case, views[case.number]) for case in wrong[:20])


def test_divided(cases, views):
    """Where they form groups, landing in any will do."""
    landed, alone = collections.Counter(), []
    for case in [case for case in cases if not is_unanimous(case)]:
        group = next((group for group in case.groups if group.view == views[case.number]), None)
        if group:
            landed["with " + " ".join(group.servers)] += 1
        else:
            alone.append(case)
    for words, count in landed.most_common():
        print(f"{count:5} {words}")
    print(f"{len(alone):5} alone: {[case.number for case in alone]}")
    assert {case.number for case in alone} == set(ALONE), "\n\n".join(
        described(case, views[case.number]) for case in alone if case.number not in ALONE)
