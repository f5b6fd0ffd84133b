# SPDX-License-Identifier: BSD-3-Clause
"""Processes and what they cost. Only the standard library is imported here and by who uses it: a child's peak begins with
its parent's."""
import os
import subprocess
import sys
import time
from collections import namedtuple

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("LIMPID_BUILD", os.path.join(ROOT, "build"))
LIMPID = os.path.join(BUILD, "limpid")

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
