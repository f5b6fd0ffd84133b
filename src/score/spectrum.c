/* SPDX-License-Identifier: BSD-3-Clause
 *
 * spectrum.c: the spectrum of one stretch of one channel.
 */
#include "core/budget.h"
#include "core/recording.h"
#include "os/os.h"
#include "score/psd.h"

#include <math.h>

enum { READ_AT_ONCE = 1 << 16 };

typedef struct work {
    lmp_recording *recording;
    int64_t channel, first, count;
    lmp_budget *budget;
    psd *p;
    psd_lane *lane;
    void *scratch, *samples;
    lmp_progress_fn *progress; /* NULL: nobody asks */
    void *user;
} work;

static lmp_status take_work(work *w, int64_t segment, lmp_error *err)
{
    const double rate_hz = w->recording->source.stream.format.rate_hz;
    const psd_options options = {.rate_hz = rate_hz, .keep_hz = rate_hz, .n = segment};
    lmp_status status = psd_open(&options, w->budget, &w->p, err);
    if (status == LMP_OK) status = psd_lane_open(w->p, w->budget, &w->lane, err);
    if (status == LMP_OK) status = lmp_take(w->budget, psd_scratch_bytes(w->p), &w->scratch, err);
    if (status == LMP_OK) status = lmp_take(w->budget, READ_AT_ONCE * sizeof(double), &w->samples, err);
    return status;
}

static void give_work(work *w)
{
    lmp_give(w->budget, w->samples);
    lmp_give(w->budget, w->scratch);
    if (w->lane != NULL) psd_lane_close(w->lane, w->budget);
    psd_close(w->p, w->budget);
}

static bool is_cancelled(const work *w, int64_t done)
{
    const lmp_progress p = {.fraction = (double)done / (double)w->count, .what = "measure the spectrum"};
    return w->progress != NULL && w->progress(w->user, &p) != 0;
}

static lmp_status add_samples(work *w, lmp_error *err)
{
    const lmp_source *source = &w->recording->source;
    span all = {.first = w->first, .count = w->count, .part = PART_FREE};
    const span_list spans = {.all = &all, .count = 1};
    lmp_status status = LMP_OK;
    for (int64_t done = 0; done < w->count && status == LMP_OK; done += READ_AT_ONCE) {
        const int64_t left = w->count - done, n = left < READ_AT_ONCE ? left : READ_AT_ONCE;
        const lmp_read_request request = {
            .first = w->first + done, .count = n, .n_lanes = 1, .lanes = &w->channel, .out = &w->samples};
        status = source->read(source->state, &request, w->budget, err);
        if (status == LMP_OK) psd_lane_add(w->p, w->lane, &spans, w->scratch, w->first + done, w->samples, n);
        if (status == LMP_OK && is_cancelled(w, done + n)) status = lmp_fail(err, LMP_CANCELLED, "cancelled");
    }
    return status;
}

static lmp_status check(const lmp_recording *recording, int64_t channel, int64_t first, int64_t count, int64_t segment,
                        lmp_error *err)
{
    const lmp_format *f = &recording->source.stream.format;
    if (f->kind != LMP_SIGNALS || channel < 0 || channel >= f->n_channels)
        return lmp_fail(err, LMP_ERR_USAGE, "there is no channel %lld in %s", (long long)channel, recording->path);
    if (first < 0 || count < 0 || first > f->n_times - count)
        return lmp_fail(err, LMP_ERR_USAGE, "%lld samples from %lld on were asked for, the recording has %lld",
                        (long long)count, (long long)first, (long long)f->n_times);
    if (!(f->rate_hz > 0))
        return lmp_fail(err, LMP_ERR_USAGE, "%s does not say its sampling rate: open it with one", recording->path);
    if (segment < 2 || segment > count)
        return lmp_fail(err, LMP_ERR_USAGE, "a segment of %lld samples was asked for: 2 to %lld are possible",
                        (long long)segment, (long long)count);
    return recording_check(recording, err);
}

lmp_status lmp_recording_spectrum(lmp_recording *recording, int64_t channel, int64_t first, int64_t count,
                                  int64_t segment, double *power, lmp_progress_fn *progress, void *user, lmp_error *err)
{
    const uint64_t losses = os_lost_count();
    work w = {
        .recording = recording, .channel = channel, .first = first, .count = count, .progress = progress, .user = user};
    lmp_status status = check(recording, channel, first, count, segment, err);
    if (status == LMP_OK) status = budget_new(recording->engine->memory_limit, &w.budget, err);
    if (status != LMP_OK) return status;
    status = take_work(&w, segment, err);
    if (status == LMP_OK) status = add_samples(&w, err);
    if (status == LMP_OK) psd_lane_power(w.p, w.lane, PART_FREE, power);
    give_work(&w);
    budget_free(w.budget);
    return recording_settle(recording, losses, status, err);
}
