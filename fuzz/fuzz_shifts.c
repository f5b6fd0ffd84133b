/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_shifts.c: tables of shifts of any bytes: refused with a sentence, or finite numbers within the range.
 */
#include "movie/shifts_file.h"

#include "replay.h"

#include <math.h>

enum { FRAMES = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    double dy[FRAMES] = {(double)NAN}, dx[FRAMES] = {(double)NAN};
    lmp_error err = {0};
    if (size > 0 && bytes[0] == 0x93) return 0; /* an array: needs an engine, see fuzz_npy.c */
    const char *path = replay_put("shifts.csv", bytes, size);
    for (int64_t n = 1; n <= FRAMES; n += FRAMES - 1) {
        const lmp_status status = shifts_file_read("fuzz", path, NULL, n, dy, dx, &err);
        if (status != LMP_OK && err.text[0] == '\0') abort();
        for (int64_t i = 0; status == LMP_OK && i < n; i++)
            if (!(fabs(dy[i]) <= SHIFTS_FILE_MOST) || !(fabs(dx[i]) <= SHIFTS_FILE_MOST)) abort();
    }
    return 0;
}
