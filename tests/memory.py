# SPDX-License-Identifier: BSD-3-Clause
"""A memory limit is kept: the highest resident memory of the whole process stays within the limit plus 32 MB for code,
libraries and metadata, from the smallest limit that is accepted upwards, for a recording larger than most of them.

Only the standard library is imported; see peaks.py."""
import check
from check import add, scratch, simulate
from peaks import peak_bytes, smallest

ALLOWANCE = 32 << 20

check.use_disk()  # files in memory would not be what a limit is for


def recording():
    return simulate("sim.edf", "channels=32", "seconds=120")  # 38 MB on the disk, 154 MB as numbers


def limit_is_kept(text, threads):
    words = ["run", recording(), *text.split(), "!", "write", scratch("out.bdf"), "--overwrite", "--threads", str(threads)]
    least = smallest(words)
    told = []
    for limit in sorted({least, 2 * least, 64 << 20, 256 << 20}):
        if limit < least:
            continue
        peak = peak_bytes([*words, "--memory", str(limit)])
        told.append("%.0f MB of %.0f MB" % (peak / 2**20, limit / 2**20))
        assert peak <= limit + ALLOWANCE, told[-1]
    print("# %s, %d threads: %s" % (text, threads, ", ".join(told)))


CHAINS = {
    "copy": "pick channels=all",
    "filters": "highpass hz=1 ! lowpass hz=70",
    "rates": "downsample factor=10",
    "reference": "highpass hz=1 ! reference",
    "eeg-fmri": "triggers ! complete-triggers ! align ! highpass hz=1 ! gradient ! lowpass hz=70",
}
for name, text in CHAINS.items():
    for threads in (1, 2, 7):
        add("%s with %d threads" % (name, threads), limit_is_kept, text, threads)

check.main()
