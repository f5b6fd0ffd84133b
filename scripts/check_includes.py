# SPDX-License-Identifier: BSD-3-Clause
"""Includes point one way, every .c includes its own .h first, and only src/os talks to the operating system."""
import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Folder of src/ -> folders it may include besides itself and include/.
MAY = {
    "os": [],
    "kernels": [],
    "math": ["os", "kernels"],
    "core": ["os", "kernels"],
    "io": ["os", "core"],
    "common": ["os", "core", "math", "kernels"],
    "signal": ["os", "core", "math", "kernels"],
    "movie": ["os", "core", "math", "kernels"],
    "simulate": ["os", "core", "math", "kernels"],
    "score": ["os", "core", "math", "kernels"],
}
CATALOG = ["core", "io", "common", "signal", "movie", "simulate", "score"]
# These see include/ and their own folder only.
OUTSIDE = ["cli", "viewer/server", "python", "examples", "bench"]
# Measures the arithmetic alone, which no public function offers.
INSIDE = ["bench/in_memory.c", "bench/fft2.c", "bench/move_images.c"]
# Belong to src/os.
SYSTEM = re.compile(r"^(pthread|unistd|fcntl|dlfcn|dirent|poll|sched|sys/.*)\.h$")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def includes(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return [(number, *match.groups()) for number, line in enumerate(file, 1) if (match := INCLUDE.match(line))]


def check_source(path, complain):
    parts = path.split(os.sep)
    folder = parts[1] if len(parts) > 2 else None
    allowed = [folder, *MAY.get(folder, [])] if folder else CATALOG
    if folder and folder not in MAY:
        complain(path, 1, "src/%s has no place in the order of includes: add it to scripts/check_includes.py" % folder)
        return
    for number, kind, name in includes(path):
        if kind == '"' and name.split("/")[0] not in allowed:
            complain(path, number, "src/%s must not include %s" % (folder or "", name))
        if kind == "<" and SYSTEM.match(name) and folder != "os":
            complain(path, number, "<%s> belongs to src/os" % name)


def check_own_header_first(path, complain):
    header = os.path.splitext(path)[0] + ".h"
    if not os.path.exists(os.path.join(ROOT, header)):
        return
    first = includes(path)[0]
    if first[2] != os.path.relpath(header, path.split(os.sep)[0]):
        complain(path, first[0], "the first include must be its own header, not %s" % first[2])


def check_outside(path, complain):
    folder = os.path.dirname(path)
    for number, kind, name in includes(path):
        if kind == '"' and not os.path.exists(os.path.join(ROOT, folder, name)):
            complain(path, number, "%s/ sees only include/ and itself, not %s" % (folder, name))
    beside = os.path.splitext(os.path.basename(path))[0] + ".h"
    if path.endswith(".c") and os.path.exists(os.path.join(ROOT, folder, beside)) and includes(path)[0][2] != beside:
        complain(path, includes(path)[0][0], "the first include must be its own header, not %s" % includes(path)[0][2])


def main():
    found = []

    def complain(path, number, sentence):
        found.append("%s:%d: %s" % (path, number, sentence))

    def files(pattern):
        return sorted(os.path.relpath(p, ROOT) for p in glob.glob(os.path.join(ROOT, pattern), recursive=True))

    for path in files("src/**/*.[ch]"):
        check_source(path, complain)
        if path.endswith(".c"):
            check_own_header_first(path, complain)
    for folder in OUTSIDE:
        for path in set(files(folder + "/**/*.[ch]")) - set(INSIDE):
            check_outside(path, complain)
    print("\n".join(found) if found else "includes point one way")
    sys.exit(1 if found else 0)


main()
