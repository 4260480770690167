"""The table of places against libmaxminddb's own look-ups, with real databases: a hundred thousand
addresses in `make soak`, five thousand in `make test`."""

import os
import pathlib
import subprocess

import databases
from conftest import ONYM

PROGRAM = pathlib.Path(ONYM).resolve().parent / "test" / "policy" / "against-library"
COUNT = "100000" if os.environ.get("ONYM_TEST_FULL") == "1" else "5000"


def agree(*words):
    assert PROGRAM.exists(), f"no {PROGRAM}: build with -Dtests=true, as `make test` does"
    done = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, timeout=300,
                          check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    assert ", 0 wrong" in done.stdout


def test_countries():
    agree(COUNT, databases.country())


def test_cities_and_coordinates():
    agree("--points", COUNT, *databases.cities())
