/* SPDX-License-Identifier: BSD-3-Clause
 *
 * describe.c: what a file of bare numbers does not say, taken from where the numbers came from.
 */
#include "core/describe.h"

#include "core/recording.h"
#include "core/run.h"
#include "core/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_size(const lmp_format *f, char *text, size_t room)
{
    if (f->kind == LMP_MOVIE)
        snprintf(text, room, "%lld frames of %lld x %lld pixels of %lld values", (long long)f->n_times,
                 (long long)f->width, (long long)f->height, (long long)f->n_colours);
    else
        snprintf(text, room, "%lld channels of %lld samples", (long long)f->n_channels, (long long)f->n_times);
}

static lmp_status check_size(const lmp_recording *r, const lmp_format *like, lmp_error *err)
{
    char have[128], want[128];
    print_size(&r->source.stream.format, have, sizeof have);
    print_size(like, want, sizeof want);
    if (strcmp(have, want) == 0) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE, "%s has %s and cannot be described as %s", r->path, have, want);
}

static lmp_status take_channels(lmp_stream *stream, const lmp_format *like, lmp_error *err)
{
    lmp_channel *channels = calloc((size_t)like->n_channels + 1, sizeof *channels);
    if (channels == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for channels");
    for (int64_t i = 0; i < like->n_channels; i++) {
        channels[i] = like->channels[i];
        channels[i].scale = 0;
        channels[i].physical_min = channels[i].physical_max = 0;
        channels[i].digital_min = channels[i].digital_max = 0;
    }
    const lmp_status status = lmp_stream_set_channels(stream, channels, like->n_channels, err);
    free(channels);
    return status;
}

lmp_status recording_describe(lmp_recording *r, const lmp_stream *like, lmp_error *err)
{
    lmp_stream *mine = &r->source.stream;
    const lmp_format *f = &like->format;
    lmp_status status = check_size(r, f, err);
    if (status != LMP_OK) return status;
    mine->format.rate_hz = f->rate_hz;
    mine->format.start_unix_s = f->start_unix_s;
    mine->format.pixel_width_um = f->pixel_width_um;
    mine->format.pixel_height_um = f->pixel_height_um;
    status = lmp_stream_set_events(mine, like->events, like->n_events, err);
    if (status == LMP_OK && f->kind == LMP_SIGNALS) return take_channels(mine, f, err);
    if (status == LMP_OK) status = lmp_stream_set_frames(mine, f->frame_numbers, f->frame_times_s, err);
    return status;
}

lmp_status lmp_recording_describe(lmp_recording *recording, const lmp_recording *like, lmp_error *err)
{
    return recording_describe(recording, &like->source.stream, err);
}

lmp_status lmp_run_describe(const lmp_run *run, lmp_recording *written, lmp_error *err)
{
    for (int64_t i = 0; i < run->plan->n_steps; i++) {
        const plan_step *ps = &run->plan->steps[i];
        if (ps->plan.sink_path != NULL && strcmp(ps->plan.sink_path, written->path) == 0)
            return recording_describe(written, &ps->in, err);
    }
    return lmp_fail(err, LMP_ERR_USAGE, "%s is not what the run has written", written->path);
}
