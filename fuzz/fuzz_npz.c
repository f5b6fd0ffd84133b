/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_npz.c: arrays in zip files. What is deflated may turn out to be damaged while it is read.
 */
#include "io/array/npz.h"

#include "replay_frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *path = replay_put("a.npz", bytes, size);
    const lmp_open_options largest = {.struct_size = sizeof largest},
                           named = {.struct_size = sizeof largest, .dataset = "a", .salvage = 1};
    replay_movie(&lmp_io_npz, path, &largest, true);
    replay_movie(&lmp_io_npz, path, &named, true);
    return 0;
}
