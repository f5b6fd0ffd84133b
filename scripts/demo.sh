#!/bin/bash
# Makes an EEG-fMRI recording whose truth is known, corrects it, and says how close to the truth the result is.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p demo

say() {
    echo
    echo "\$ $*"
    PATH=$PWD/build:$PATH "$@"
}

say limpid simulate eeg-fmri demo/sim.edf channels=32 seconds=120 clock-ratio=12 missing=3,1 extra=2 \
    tones=3.3,11.9 drift-uv=100 electrode-noise-uv=0.5 --overwrite
say limpid info demo/sim.edf
say limpid eeg-fmri demo/sim.edf demo/clean.bdf --report demo/report.html --truth demo/sim.truth.bdf --overwrite
say limpid score demo/clean.bdf --truth demo/sim.truth.bdf

cat <<'END'

demo/sim.edf          as the amplifier recorded it, gradient artifact and all
demo/sim.truth.bdf    the same without artifacts
demo/clean.bdf        corrected; demo/report.html shows both: open it in a browser
Next: README.md for the commands, docs/recipes.md for your own recording.
END
