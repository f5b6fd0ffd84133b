# SPDX-License-Identifier: BSD-3-Clause
"""soak_kill.py SECONDS: runs are killed at random moments; the output's name must hold the old file, the new file, or
nothing, and the input must stay as it was."""
import os
import random
import subprocess
import sys
import time

import check
from check import add, limpid, read_bytes, scratch, simulate

SECONDS = float(sys.argv.pop(1)) if len(sys.argv) > 1 else 60


def kill_at_random(with_old_file):
    source, out = simulate("sim.edf", "channels=8", "seconds=30"), scratch("out.bdf")
    words = ["run", source, "highpass", "!", "lowpass", "!", "write", out, "--overwrite", "--progress", "none"]
    before = read_bytes(source)
    began = time.monotonic()
    limpid(*words)
    whole_s, new = time.monotonic() - began, read_bytes(out)
    end, kills, finished = time.monotonic() + SECONDS / 2, 0, 0
    chance = random.Random(1)
    while time.monotonic() < end:
        if with_old_file:
            with open(out, "wb") as file:
                file.write(b"old")
        elif os.path.exists(out):
            os.remove(out)
        run = subprocess.Popen([check.LIMPID, *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        time.sleep(chance.uniform(0, 1.2 * whole_s))
        run.kill()
        run.wait()
        kills += 1
        found = read_bytes(out) if os.path.exists(out) else None
        finished += found == new
        assert found in (new, b"old" if with_old_file else None), "half an output after %d kills" % kills
        assert read_bytes(source) == before
        for name in os.listdir(scratch()):
            if name not in ("sim.edf", "sim.truth.bdf", "sim.truth.json", "out.bdf") and not name.startswith(("out.bdf.", "out.limpid", "sim.")):
                os.remove(scratch(name))
    print("# %d kills, %d of them too late" % (kills, finished))
    assert 0 < finished < kills or kills < 10, "the kills never came at an interesting moment"


add("an output is whole or absent", kill_at_random, False)
add("an output is the new or the old one", kill_at_random, True)
check.main()
