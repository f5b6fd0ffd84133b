/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/chosen_frames.h"

#include <math.h>
#include <stdlib.h>

int64_t frame_number(const lmp_format *format, int64_t i)
{
    return format->frame_numbers != NULL ? format->frame_numbers[i] : i;
}

double frame_time_s(const lmp_format *format, int64_t i)
{
    if (format->frame_times_s != NULL) return format->frame_times_s[i];
    return format->rate_hz > 0 ? (double)frame_number(format, i) / format->rate_hz : (double)NAN;
}

lmp_status choose_frames(const lmp_stream *in, int64_t first, int64_t count, int64_t step, lmp_stream *out,
                         lmp_error *err)
{
    const bool timed = in->format.frame_times_s != NULL || in->format.rate_hz > 0;
    int64_t *numbers = malloc((size_t)count * sizeof *numbers);
    double *times_s = malloc((size_t)count * sizeof *times_s);
    lmp_status status = numbers == NULL || times_s == NULL
                            ? lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the numbers of frames")
                            : LMP_OK;
    for (int64_t i = 0; i < count && status == LMP_OK; i++) {
        numbers[i] = frame_number(&in->format, first + i * step);
        times_s[i] = frame_time_s(&in->format, first + i * step);
    }
    if (status == LMP_OK) {
        out->format.n_times = count;
        out->format.rate_hz = in->format.rate_hz / (double)step;
        status = lmp_stream_set_frames(out, numbers, timed ? times_s : NULL, err);
    }
    free(numbers);
    free(times_s);
    return status;
}
