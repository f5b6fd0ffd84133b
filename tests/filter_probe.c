/* SPDX-License-Identifier: BSD-3-Clause
 *
 * filter_probe: runs one filtering or resampling step over doubles from standard input, for comparison with other
 * programs.
 *
 *   filter_probe STEP RATE "key=value ..." <doubles >doubles
 *
 * With a fourth word the input is cut into blocks of that length.
 */
#include "drive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const lmp_step lmp_step_highpass, lmp_step_lowpass, lmp_step_bandpass, lmp_step_notch, lmp_step_resample,
    lmp_step_upsample, lmp_step_downsample, lmp_step_erase;

static const lmp_step *const steps[] = {&lmp_step_highpass, &lmp_step_lowpass,  &lmp_step_bandpass,   &lmp_step_notch,
                                        &lmp_step_resample, &lmp_step_upsample, &lmp_step_downsample, &lmp_step_erase};

static const lmp_step *find_step(const char *name)
{
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (strcmp(steps[i]->name, name) == 0) return steps[i];
    return NULL;
}

/* All of standard input; NULL if memory is out. */
static double *read_doubles(int64_t *count)
{
    size_t room = 1 << 16, n = 0, got;
    double *values = malloc(room * sizeof *values);
    while (values && (got = fread(values + n, sizeof *values, room - n, stdin)) > 0) {
        n += got;
        if (n < room) continue;
        double *grown = realloc(values, (room *= 2) * sizeof *values);
        if (!grown) free(values);
        values = grown;
    }
    *count = (int64_t)n;
    return values;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: filter_probe STEP RATE \"key=value ...\" [BLOCK] <doubles >doubles\n");
        return 2;
    }
    const lmp_step *step = find_step(argv[1]);
    int64_t cuts[] = {argc > 4 ? strtoll(argv[4], NULL, 10) : 32768, 0}, count = 0;
    double *values = read_doubles(&count), rate_hz = strtod(argv[2], NULL);
    if (!step || !values || cuts[0] < 1) {
        fprintf(stderr, "filter_probe: no such step, no memory, or no block\n");
        free(values);
        return 2;
    }
    drive_signals in = {.rate_hz = rate_hz, .n_times = count, .n_lanes = 1, .lanes = &values}, out;
    lmp_error err = {0};
    int failed = drive_step(step, argv[3], &in, cuts, &out, &err) != LMP_OK;
    if (failed) {
        fprintf(stderr, "filter_probe: %s\n", err.text);
    } else {
        failed = fwrite(out.lanes[0], sizeof(double), (size_t)out.n_times, stdout) != (size_t)out.n_times;
        drive_free(&out);
    }
    free(values);
    return failed;
}
