/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_brainvision.c: BrainVision headers, markers and data. An input is the three files, parted by zero bytes.
 */
#include "io/brainvision/brainvision.h"

#include "replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const uint8_t *parts[3];
    size_t sizes[3];
    for (int i = 0; i < 3; i++) {
        const uint8_t *end = i < 2 && size > 0 ? memchr(bytes, 0, size) : NULL;
        parts[i] = bytes;
        sizes[i] = end == NULL ? size : (size_t)(end - bytes);
        bytes += end == NULL ? size : sizes[i] + 1;
        size -= end == NULL ? size : sizes[i] + 1;
    }
    (void)replay_put("a.vmrk", parts[1], sizes[1]);
    (void)replay_put("a.eeg", parts[2], sizes[2]);
    replay_open(&lmp_io_brainvision, replay_put("a.vhdr", parts[0], sizes[0]));
    return 0;
}
