# SPDX-License-Identifier: BSD-3-Clause
"""How much memory a command takes, as the system counts it, and the smallest limit it accepts.

Only the standard library is imported: a child's peak begins with that of the process it was forked from."""
import os
import subprocess

import check

MB = 1 << 20


def peak_bytes(words):
    """Highest resident memory of the command."""
    child = subprocess.Popen([check.LIMPID, *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = child.stderr.read().decode()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, said
    return usage.ru_maxrss * 1024


def smallest(words):
    """The limit that the refusal names, in bytes."""
    said = check.limpid(*words, "--memory", "1K", code=5).stderr
    return int(said.split("--memory ")[1].split("M")[0]) * MB
