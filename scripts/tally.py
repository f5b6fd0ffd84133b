# SPDX-License-Identifier: BSD-3-Clause
"""tally.py FOLDER PART...: counts the cases in FOLDER/PART.tap and FOLDER/PART.json (a Meson test log whose programs
speak TAP), prints a table, every failure and every reason to skip, and as last line "N passed, N failed"."""
import collections
import json
import os
import re
import sys

LINE = re.compile(r"^(not )?ok\b *\d* *-? *(.*)$")
SKIP = re.compile(r"(?:^|\s)#\s*SKIP\b[ :]*(.*)$", re.IGNORECASE)

def read_tap(text):
    """What a TAP text says: (passed, [(failed name, what it said)], [(skipped name, why)], planned)."""
    passed, failed, skipped, planned, said = 0, [], [], 0, None
    for line in text.splitlines():
        plan = re.match(r"^1\.\.(\d+)", line)
        match = LINE.match(line)
        if plan:
            planned += int(plan[1])
        elif match is None:
            if said is not None and line.startswith("#"):
                said.append(line)
        else:
            said = None
            skip = SKIP.search(match[2])  # cmocka says "not ok 3 # SKIP name", others "ok 3 - name # SKIP why"
            name = match[2][:skip.start()].strip() if skip else match[2]
            if skip:
                skipped.append((name or skip[1], skip[1] if name else ""))
            elif match[1]:
                said = []
                failed.append((name, said))
            else:
                passed += 1
    return passed, failed, skipped, planned


def read_program(entry):
    """One program of a Meson test log: as read_tap(), the program itself being a case where its cases do not tell all."""
    passed, failed, skipped, planned = read_tap(entry.get("stdout", ""))
    seen = passed + len(failed) + len(skipped)
    result = entry["result"]
    said = (entry.get("stdout", "") + entry.get("stderr", "")).splitlines()[-40:]
    if result == "SKIP" and seen == 0:
        skipped.append((entry["name"], "the program asked for it"))
    elif result not in ("OK", "SKIP", "EXPECTEDFAIL") and not failed:
        failed.append(("ended with %s after %d of %d cases" % (result, seen, planned), said))
    elif planned > seen:
        failed.append(("told %d of %d cases" % (seen, planned), said))
    elif failed:
        failed[-1][1].extend(entry.get("stderr", "").splitlines()[-20:])
    elif seen == 0:
        passed = 1
    name = entry["name"].split(" / ")[-1]
    return passed, [(name + ": " + f, s) for f, s in failed], [(name + ": " + s, w) for s, w in skipped]


def read_part(folder, part):
    passed, failed, skipped = 0, [], []
    tap = os.path.join(folder, part + ".tap")
    if os.path.exists(tap):
        with open(tap, errors="replace") as file:
            passed, failed, skipped, _ = read_tap(file.read())
    log = os.path.join(folder, part + ".json")
    if os.path.exists(log):
        with open(log, errors="replace") as file:
            for line in file:
                more = read_program(json.loads(line))
                passed += more[0]
                failed += more[1]
                skipped += more[2]
    if passed + len(failed) + len(skipped) == 0:
        failed.append(("nothing was tested", []))
    return passed, failed, skipped


def seconds_of(folder, part):
    try:
        with open(os.path.join(folder, part + ".seconds")) as file:
            return file.read().strip()
    except OSError:
        return ""


def main():
    folder, parts = sys.argv[1], sys.argv[2:]
    told = {part: read_part(folder, part) for part in parts}
    for part, (_, failed, _) in told.items():
        for name, said in failed:
            print("\nFAILED %s: %s" % (part, name))
            print("\n".join("  " + line for line in said))
    reasons = collections.Counter((part, why or name) for part, told_of in told.items() for name, why in told_of[2])
    print("\n%-10s %8s %8s %8s %8s" % ("part", "passed", "failed", "skipped", "seconds"))
    for part, (passed, failed, skipped) in told.items():
        print("%-10s %8d %8d %8d %8s" % (part, passed, len(failed), len(skipped), seconds_of(folder, part)))
    for (part, why), count in sorted(reasons.items()):
        print("skipped in %s: %d (%s)" % (part, count, why))
    n_failed = sum(len(t[1]) for t in told.values())
    closing = "%d passed, %d failed" % (sum(t[0] for t in told.values()), n_failed)
    with open(os.path.join(folder, "closing"), "w") as file:
        file.write(closing + "\n")
    print("\n" + closing, flush=True)
    sys.exit(1 if n_failed else 0)


main()
