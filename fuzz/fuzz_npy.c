/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_npy.c: NumPy arrays.
 */
#include "io/npy.h"

#include "replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    replay_open(&lmp_io_npy, replay_put("a.npy", bytes, size));
    return 0;
}
