/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_edf.c: EDF and BDF files, with annotations and gaps.
 */
#include "io/edf/edf.h"

#include "replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    replay_open(&lmp_io_edf, replay_put("a.edf", bytes, size));
    return 0;
}
