"""The include edges of the house: who may see whom, and in which places a library's header may stand.

Usage: includes.py [ROOT]. Prints each violation as file:line and exits with 1 when there is one.
"""

import pathlib
import re
import sys

# A module may include the headers of these modules and its own.
ALLOWED = {
    "base": set(),
    "model": {"base"},
    "directus": {"model", "base"},
    "repo": {"model", "base"},
    "postgres": {"model", "base"},
    "config": {"model", "base"},
    "sync": {"directus", "repo", "postgres", "config", "model", "base"},
    "cli": {"sync", "directus", "repo", "postgres", "config", "model", "base"},
    "main": {"cli", "base"},
}

# A library's header stands only beneath one of these.
LIBRARIES = {
    r"curl/.*|curl\.h": ["src/directus/"],
    r"git2(/.*)?\.h": ["src/repo/"],
    r"libpq-fe\.h|libpq/.*|libpq-events\.h": ["src/postgres/"],
    r"zlib\.h": ["src/repo/loose_guard.c"],
    r"xxhash\.h|xxh3\.h": ["src/model/digest.c"],
    r"(cjson/)?cJSON\.h": ["src/base/json.c"],
    r"cmocka\.h": ["tests/unit/unit.h", "tests/support/"],
}

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')


def violations(root):
    files = sorted(path for path in (root / "src").rglob("*") if path.suffix in (".c", ".h", ".in"))
    for path in files:
        name = path.relative_to(root).as_posix()
        module = name.split("/")[1] if name.count("/") > 1 else "main"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(line)
            if match:
                for reason in faults(name, module, match.group(1)):
                    yield f"{name}:{number}: {reason}"


def faults(name, module, header):
    for pattern, places in LIBRARIES.items():
        if re.fullmatch(pattern, header) and not any(name.startswith(place) for place in places):
            yield f"{header} may only be included in {', '.join(places)}"
    if header.startswith("."):
        yield f"{header}: includes start at src/"
    target = header.split("/")[0]
    if "/" in header and target in ALLOWED and target not in ALLOWED[module] | {module}:
        yield f"{module} may not include {header}: includes go one way"


def self_check():
    """The check itself must see a wrong edge of each kind."""
    assert list(faults("src/model/plan.c", "model", "directus/read.h"))
    assert list(faults("src/directus/read.c", "directus", "repo/repo.h"))
    assert list(faults("src/directus/read.c", "directus", "config/config.h"))
    assert list(faults("src/sync/import.c", "sync", "libpq-fe.h"))
    assert list(faults("src/sync/import.c", "sync", "curl/curl.h"))
    assert list(faults("src/model/canon.c", "model", "xxhash.h"))
    assert list(faults("src/base/json_value.c", "base", "cJSON.h"))
    assert not list(faults("src/sync/import.c", "sync", "directus/read.h"))
    assert not list(faults("src/base/json.c", "base", "cJSON.h"))


def main():
    self_check()
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    found = list(violations(root))
    print("\n".join(found) if found else "every include goes its way")
    return 1 if found else 0


sys.exit(main())
