# SPDX-License-Identifier: BSD-3-Clause
"""Text files of the project: UTF-8, no tabs, no CR, no space at line ends, a newline at the end; C files say their licence
first; no open ends and no path of one machine."""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TEXT = (".c", ".h", ".py", ".sh", ".md", ".build", ".txt", ".yaml", ".yml", ".json", ".options")
NAMES = ("Makefile", "LICENSE", "run", ".gitignore", ".clang-format")
SPDX = "SPDX-License-Identifier: BSD-3-Clause"
# Written so that this file does not match itself.
OPEN_END = re.compile(r"\b(TO[D]O|FIX[M]E|X[X]X)\b")
MACHINE = re.compile(r"(?<![\w.])/(wor[k]|roo[t]|hom[e])/\w|/tm[p]/bash")


def project_files():
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0"):
        corpus = name.startswith(("fuzz/corpus/", "tests/data/"))
        if name and not corpus and os.path.exists(os.path.join(ROOT, name)):
            if name.endswith(TEXT) or os.path.basename(name) in NAMES:
                yield name


def faults(name):
    with open(os.path.join(ROOT, name), "rb") as file:
        raw = file.read()
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        yield 1, "not UTF-8: %s" % error
        return
    if text and not text.endswith("\n"):
        yield text.count("\n") + 1, "no newline at the end"
    if name.endswith((".c", ".h")) and SPDX not in text.split("\n", 1)[0]:
        yield 1, "the first line must say %s" % SPDX
    for number, line in enumerate(text.split("\n"), 1):
        if "\r" in line:
            yield number, "carriage return"
        if "\t" in line and os.path.basename(name) != "Makefile":
            yield number, "tab"
        if line != line.rstrip():
            yield number, "space at the end of the line"
        if OPEN_END.search(line):
            yield number, "an open end: finish it or drop it"
        if MACHINE.search(line):
            yield number, "a path of one machine"


def main():
    found = ["%s:%d: %s" % (name, *fault) for name in sorted(project_files()) for fault in faults(name)]
    print("\n".join(found) if found else "text is tidy")
    sys.exit(1 if found else 0)


main()
