# SPDX-License-Identifier: BSD-3-Clause
"""The examples work, and the README says what is true: its C program is examples/clean.c, its shell lines run as printed."""
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


@case
def the_program_in_the_readme_is_the_example():
    with open(os.path.join(ROOT, "examples", "clean.c"), encoding="utf-8") as file:
        assert blocks("README.md", "c") == [file.read()]


@case
def the_shell_lines_in_the_readme_run_as_printed():
    """In a folder that has build/ and an empty demo/; make targets are what CI runs."""
    folder = scratch("readme")
    os.makedirs(os.path.join(folder, "demo"))
    os.symlink(BUILD, os.path.join(folder, "build"))
    lines = [line for block in blocks("README.md", "sh") for line in block.replace("\\\n", " ").splitlines()]
    words = [line for line in lines if line.strip() and not line.startswith(("make", "git", "cd", "#"))]
    assert len(words) >= 8, words
    script = "set -e\nPATH=$PWD/build:$PATH\n" + "\n".join(words)
    done = subprocess.run(["bash", "-c", script], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def chains_in(text):
    for line in text.splitlines():
        if line.startswith("limpid run IN") and "--chain" not in line and "..." not in line:
            yield re.split(r"\s{3,}", line)[0]


@case
def chains_in_the_pages_can_be_planned():
    """Every chain shown in README and docs is accepted for a recording of the kind it is meant for."""
    source = simulate("long.edf", "channels=32", "seconds=130", "heartbeat-uv=50")
    for page in ["README.md", "docs/recipes.md"]:
        with open(os.path.join(ROOT, page), encoding="utf-8") as file:
            for line in chains_in(file.read()):
                words = shlex.split(line)[2:]
                words[0] = source
                limpid("plan", *words)


@case
def chain_files_in_the_pages_can_be_planned():
    source = simulate("long.edf", "channels=32", "seconds=130", "heartbeat-uv=50")
    files = blocks("docs/recipes.md", "yaml")
    assert files
    for text in files:
        with open(scratch("chain.yaml"), "w") as file:
            file.write(text)
        limpid("plan", source, "--chain", scratch("chain.yaml"), "--out", scratch("out.bdf"))


check.main()
