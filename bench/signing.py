"""Signs a zone file, with the fastest signer that Debian has for it.

That is Knot's kzonesign: two threads sign 25 000 RRsets a second, ldns-signzone and dnssec-signzone
about 20 000 and 15 000 on the same two cores. Algorithm 13 (ECDSA P-256 with SHA-256), one key. The
signatures outlive every cache of signed files, since nobody here looks at their dates.

A signed file is kept in a folder under a name made of what went into it, so that the same zone is
signed once.
"""

import hashlib
import pathlib
import shutil
import subprocess
import tempfile

NSEC3 = """\
    nsec3: on
    nsec3-iterations: 0
    nsec3-salt-length: 0
"""

# The ways to sign, and what the signer's policy has for each.
POLICIES = {
    "nsec": "",
    "nsec3": NSEC3,
    "nsec3-opt-out": NSEC3 + "    nsec3-opt-out: on\n",
}

CONFIG = """\
template:
  - id: default
    storage: "{folder}"
    file: "{folder}/%s.zone"
policy:
  - id: bench
    algorithm: ecdsap256sha256
    single-type-signing: on
    cds-cdnskey-publish: none
    rrsig-lifetime: 3650d
    signing-threads: 2
{policy}zone:
  - domain: {origin}
    dnssec-signing: on
    dnssec-policy: bench
"""


class SigningFault(Exception):
    """There is no signer, or it refused."""


def digest(zone_file: pathlib.Path) -> str:
    with zone_file.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sign(zone_file: pathlib.Path, origin: str, how: str, cache: pathlib.Path) -> pathlib.Path:
    """The signed copy of a zone file: out of the cache, or made and put there."""
    recipe = hashlib.sha256((digest(zone_file) + origin + CONFIG + POLICIES[how]).encode())
    signed = cache / f"{origin}.{how}.{recipe.hexdigest()[:16]}"
    if signed.exists():
        return signed
    signer = shutil.which("kzonesign")
    if signer is None:
        raise SigningFault("kzonesign (package knot-dnssecutils) is not installed")
    cache.mkdir(parents=True, exist_ok=True)
    # In the cache's own folder, so that a rename can put it in its place in one step.
    with tempfile.TemporaryDirectory(prefix="signing-", dir=cache) as name:
        folder = pathlib.Path(name)
        (folder / f"{origin}.zone").symlink_to(zone_file.resolve())
        config = folder / "knot.conf"
        config.write_text(CONFIG.format(folder=folder, origin=origin, policy=POLICIES[how]))
        out = folder / "out"
        command = [signer, "-c", str(config), "-o", str(out), origin]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SigningFault(f"kzonesign: {done.stderr.strip() or done.stdout.strip()}")
        (out / f"{origin}.zone").rename(signed)
    return signed
