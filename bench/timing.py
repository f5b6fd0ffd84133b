# SPDX-License-Identifier: BSD-3-Clause
"""Processes and what they cost. Only the standard library is imported here and by who uses it: a child's peak begins with
its parent's."""
import json
import os
import subprocess
import sys
import time
from collections import namedtuple

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("LIMPID_BUILD", os.path.join(ROOT, "build"))
LIMPID = os.path.join(BUILD, "limpid")
PYTHON = "/usr/bin/python3"
ROUNDS = 5
ENOUGH_S = 8.0  # who needs longer than this runs once

# Wall and CPU seconds of all its threads, highest resident memory in bytes, what it printed.
Cost = namedtuple("Cost", "seconds cpu peak said")


def run(words):
    """The cost of a process, which must end well."""
    began = time.perf_counter()
    child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    said = child.stdout.read().decode()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit("bench: %s ended with %d" % (" ".join(words), child.returncode))
    return Cost(time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, said)


def whole(words):
    """The cost of a whole command."""
    cost = run(words)
    return {"seconds": cost.seconds, "cpu": cost.cpu, "peak": cost.peak}


def own_clock(words):
    """The cost as the process itself measures it; None if it lacks a module."""
    cost = run(words)
    said = json.loads(cost.said)
    if "absent" in said:
        return None
    return {"cpu": cost.cpu, **said, "peak": cost.peak}


def best(costs, by="seconds"):
    """The quickest round, with the highest peak of all."""
    return {**min(costs, key=lambda c: c[by]), "peak": max(c["peak"] for c in costs)}


def contest(contestants, rounds=ROUNDS, enough=ENOUGH_S, by="seconds"):
    """{name: cost} of functions that take turns, so that a busy machine is busy for all. What others have left to the disk
    is written before the clock starts."""
    costs = {name: [] for name in contestants}
    for number in range(rounds + 1):
        for name, function in contestants.items():
            if number > 0 and (costs[name] == [None] or costs[name][0]["seconds"] > enough):
                continue
            os.sync()
            costs[name].append(function())
    return {name: None if made == [None] else best(made[1:] or made, by) for name, made in costs.items()}
