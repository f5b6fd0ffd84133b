# SPDX-License-Identifier: BSD-3-Clause
"""The examples work, and the pages say what is true: their C programs are those of examples/, their shell lines run as
printed, what they show is what comes out."""
import csv
import io
import os
import re
import shlex
import subprocess

import check
from check import ROOT, case, limpid, read_bytes, scratch, simulate

BUILD = os.path.dirname(check.LIMPID)


def blocks(page, language):
    with open(os.path.join(ROOT, page), encoding="utf-8") as file:
        return re.findall(r"^```%s\n(.*?)^```" % language, file.read(), re.DOTALL | re.MULTILINE)


@case
def clean_does_what_the_preset_does():
    source = simulate("sim.edf", "channels=4", "seconds=20")
    subprocess.run([os.path.join(BUILD, "examples", "example_clean"), source, scratch("clean.bdf")], check=True, timeout=60)
    limpid("eeg-fmri", source, scratch("preset.bdf"))
    assert read_bytes(scratch("clean.bdf")) == read_bytes(scratch("preset.bdf"))


@case
def clean_says_what_is_wrong():
    program = os.path.join(BUILD, "examples", "example_clean")
    done = subprocess.run([program, scratch("none.edf"), scratch("out.bdf")], capture_output=True, text=True, timeout=60)
    assert done.returncode == 4 and "none.edf" in done.stderr, done


@case
def a_plugin_is_a_step_like_the_others():
    plugin = ["--plugin", os.path.join(BUILD, "examples", "gain.so")]
    source = simulate("sim.edf", "channels=4", "seconds=20")
    assert "decibels" in limpid("help", "gain", *plugin).stdout
    limpid("run", source, *plugin, "gain", "db=20", "!", "write", scratch("gain.npy"))
    limpid("run", source, "scale", "factor=10", "!", "write", scratch("scale.npy"))
    assert read_bytes(scratch("gain.npy")) == read_bytes(scratch("scale.npy"))
    done = limpid("run", source, *plugin, "gain", "db=999", "!", "write", scratch("loud.npy"), code=2)
    assert "db=999" in done.stderr


def example(name, *words):
    program = os.path.join(BUILD, "examples", "example_" + name)
    return subprocess.run([program, *words], capture_output=True, text=True, timeout=60)


@case
def series_reads_frames_and_reduces():
    movie = scratch("series.npy")
    limpid("simulate", "series", movie, "frames=230", "height=40", "width=50")
    done = example("series", movie, scratch("by-program.npy"))
    assert done.returncode == 0, done
    limpid("run", movie, "reduce", "stat=mean,std", "!", "write", scratch("by-command.npy"))
    assert read_bytes(scratch("by-program.npy")) == read_bytes(scratch("by-command.npy"))
    limpid("run", movie, "traces", "!", "write", scratch("means.csv"))
    with open(scratch("means.csv"), encoding="utf-8") as file:
        wanted = [(row["frame"], "%.6f" % float(row["all"])) for row in csv.DictReader(file)]
    assert [tuple(line.split()) for line in done.stdout.splitlines()] == wanted and len(wanted) == 230


@case
def series_says_what_is_wrong():
    done = example("series", scratch("none.npy"), scratch("out.npy"))
    assert done.returncode == 4 and "none.npy" in done.stderr, done


@case
def the_programs_in_the_pages_are_the_examples():
    for page, name in [("README.md", "clean.c"), ("docs/recipes.md", "series.c")]:
        with open(os.path.join(ROOT, "examples", name), encoding="utf-8") as file:
            assert blocks(page, "c") == [file.read()], page


# For builds with a sanitizer: smaller recordings where no number of them is shown.
SMALLER_MOVIES = {r"frames=\d+ height=240 width=320": "frames=60 height=120 width=160"}
SMALLER = {**SMALLER_MOVIES, "frames=300 height=128 width=160": "frames=60 height=64 width=80", "channels=8 seconds=60": "channels=3 seconds=30"}


def run_lines(lines, folder, smaller):
    for pattern, size in smaller.items() if "CHECK_SHORT" in os.environ else ():
        lines, n = re.subn(pattern, size, lines)
        assert n > 0, "nothing with %s is simulated any more" % pattern
    script = "set -e\nPATH=%s:$PATH\n%s" % (shlex.quote(BUILD), lines)
    done = subprocess.run(["bash", "-c", script], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done


@case
def the_shell_lines_in_the_readme_run_as_printed():
    """In a folder that has an empty demo/; make targets are what CI runs."""
    folder = scratch("readme")
    os.makedirs(os.path.join(folder, "demo"))
    lines = [line for block in blocks("README.md", "sh") for line in block.replace("\\\n", " ").splitlines()]
    words = [line for line in lines if line.strip() and not line.startswith(("make ", "git ", "cd ", "#"))]
    assert len(words) >= 20, words
    run_lines("\n".join(words), folder, SMALLER)


def table(text):
    return list(csv.reader(io.StringIO(text)))


@case
def the_recipes_for_image_series_run_as_printed():
    """One after the other in an empty folder; the time courses shown are those that come out, the numbers told are true."""
    folder = scratch("recipes")
    os.makedirs(folder)
    done = run_lines("\n".join(blocks("docs/recipes.md", "sh")), folder, SMALLER_MOVIES)
    assert "cell_00007.png" in done.stderr, done.stderr

    def result(name):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return table(file.read())

    [shown], made = [table(block) for block in blocks("docs/recipes.md", "csv")], result("traces.csv")
    assert len(shown) >= 3 and shown[0] == made[0] and len(made) == 301, shown
    for row, wanted in zip(shown[1:], made[1:]):  # the simulation uses the machine's own sine
        assert len(row) == len(wanted) and all(abs(float(a) - float(b)) <= 1 for a, b in zip(row, wanted)), (row, wanted)
    assert [row[2] for row in result("zones.csv") if row[0] == "field"] == ["1200"]
    assert [row[0] for row in result("sound.csv")][7:10] == ["6", "8", "9"]
    assert result("late.csv")[1][:2] == ["20", "0.6666666666666666"], result("late.csv")[1]
    assert "280 frames" in limpid("info", os.path.join(folder, "background.tif")).stdout
    assert "130 frames" in limpid("info", os.path.join(folder, "part.tif")).stdout
    assert "128 high x 100 wide" in limpid("info", os.path.join(folder, "eleven.npy")).stdout


def chains_in(text):
    for line in text.splitlines():
        if line.startswith("limpid run IN") and "--chain" not in line and "..." not in line:
            yield re.split(r"\s{3,}", line)[0]


@case
def chains_in_the_pages_can_be_planned():
    """Every chain shown in README and docs is accepted for a recording of the kind it is meant for."""
    source = simulate("long.edf", "channels=32", "seconds=130", "heartbeat-uv=50", "rate=2000")
    for page in ["README.md", "docs/recipes.md"]:
        with open(os.path.join(ROOT, page), encoding="utf-8") as file:
            for line in chains_in(file.read()):
                words = shlex.split(line)[2:]
                words[0] = source
                limpid("plan", *words)


@case
def chain_files_in_the_pages_can_be_planned():
    source = simulate("long.edf", "channels=32", "seconds=130", "heartbeat-uv=50", "rate=2000")
    files = blocks("docs/recipes.md", "yaml")
    assert files
    for text in files:
        with open(scratch("chain.yaml"), "w") as file:
            file.write(text)
        limpid("plan", source, "--chain", scratch("chain.yaml"), "--out", scratch("out.bdf"))


check.main()
