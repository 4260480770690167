"""docs/compare.md: one part for each file of comparisons, each begun by its heading."""

import re

from peers import TOP

PAGE = TOP / "docs" / "compare.md"
SERVERS = "# The same questions to other servers"
RESOLVERS = "# The same questions to other resolvers"
ORDER = (SERVERS, RESOLVERS)


def parts(text: str) -> dict[str, str]:
    """Each heading's text, the heading with it."""
    found = re.split(r"^(?=# )", text, flags=re.MULTILINE)
    return {part.partition("\n")[0]: part for part in found if part.strip()}


def write(heading: str, text: str) -> None:
    """Replaces this part; the others stay."""
    all_parts = parts(PAGE.read_text()) if PAGE.exists() else {}
    all_parts[heading] = text
    PAGE.write_text("\n".join(all_parts[key].rstrip("\n") + "\n"
                              for key in ORDER if key in all_parts))
