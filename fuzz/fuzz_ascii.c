/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_ascii.c: images as tables of numbers in text files.
 */
#include "io/ascii.h"

#include "replay_frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const lmp_open_options plain = {.struct_size = sizeof plain};
    const char *path = replay_put("a.txt", bytes, size);
    (void)lmp_io_ascii.detect(bytes, size, path);
    replay_movie(&lmp_io_ascii, path, &plain, false);
    return 0;
}
