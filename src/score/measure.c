/* SPDX-License-Identifier: BSD-3-Clause
 *
 * measure.c: one pass over result, recording before and truth, side by side.
 *
 * All three are cut into blocks of the same seconds. In every round the workers measure the channels of one block while
 * they read the next; a channel's samples are seen in order, so what comes out does not depend on the length of blocks
 * or the number of workers. If the channels' sums do not fit into memory at once, there are several passes over groups
 * of them.
 */
#include "score/measure.h"

#include "core/budget.h"
#include "core/lost_inputs.h"
#include "os/os.h"
#include "score/measure_pass.h"
#include "score/metrics.h"

#include <stdlib.h>
#include <string.h>

static lmp_status no_memory(lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to score a result");
}

/* ---- Jobs ---- */

static int64_t where_in(const input_channel *channel, int stream_number)
{
    const int64_t where[STREAMS] = {channel->result, channel->before, channel->truth};
    return where[stream_number];
}

/* The group's channels in the order of the file: an insertion, as they come nearly sorted. */
static void choose_lanes(measure_pass *p, int stream_number)
{
    measure_stream *s = &p->streams[stream_number];
    s->n_lanes = 0;
    for (int64_t slot = 0; slot < p->group_count && s->recording != NULL; slot++) {
        const int64_t lane = where_in(&p->in->channels[p->group_first + slot], stream_number);
        if (lane < 0) continue;
        int64_t at = s->n_lanes++;
        for (; at > 0 && s->lanes[at - 1] > lane; at--) {
            s->lanes[at] = s->lanes[at - 1];
            s->slots[at] = s->slots[at - 1];
        }
        s->lanes[at] = lane;
        s->slots[at] = slot;
    }
}

static lmp_status do_read(measure_pass *p, int stream_number, int64_t part, measure_room *room, lmp_error *err)
{
    measure_stream *s = &p->streams[stream_number];
    const int64_t block = p->block + 1;
    if (block >= p->n_blocks || s->recording == NULL || s->n_lanes == 0) return LMP_OK;
    const int64_t begin = s->cuts[block], n = s->cuts[block + 1] - begin;
    const int64_t from = n * part / p->n_readers, to = n * (part + 1) / p->n_readers;
    if (to == from) return LMP_OK;
    double *data = s->data[block % 2];
    for (int64_t i = 0; i < s->n_lanes; i++) room->pointers[i] = data + s->slots[i] * s->room + from;
    const lmp_read_request request = {
        .first = begin + from, .count = to - from, .n_lanes = s->n_lanes, .lanes = s->lanes, .out = room->pointers};
    const lmp_source *source = &s->recording->source;
    const uint64_t losses = os_lost_count();
    const lmp_status status = source->read(source->state, &request, p->budget, err);
    return lost_check(losses, status, err);
}

static lmp_status do_lane(measure_pass *p, int64_t slot, measure_room *room, lmp_error *err)
{
    meter_block block = {.ended = p->block + 1 == p->n_blocks};
    const int64_t b = p->block;
    if (b < 0) return LMP_OK;
    for (int i = 0; i < STREAMS; i++) {
        const measure_stream *s = &p->streams[i];
        if (s->recording == NULL || where_in(&p->in->channels[p->group_first + slot], i) < 0) continue;
        const double *values = s->data[b % 2] + slot * s->room;
        const int64_t count = s->cuts[b + 1] - s->cuts[b];
        if (i == STREAM_TRUTH) {
            block.truth = values;
            block.n_truth = count;
        } else {
            block.values[i] = values;
            block.first[i] = s->cuts[b];
            block.count[i] = count;
        }
    }
    return meter_lane_add(&p->meter, p->lanes[slot], &block, room->scratch, room->clean, p->budget, err);
}

static void do_job(void *user, int64_t i, int64_t worker)
{
    measure_pass *p = user;
    lmp_error error = {0};
    const int64_t n_reads = STREAMS * p->n_readers;
    const lmp_status status = i < n_reads
                                  ? do_read(p, (int)(i / p->n_readers), i % p->n_readers, &p->rooms[worker], &error)
                                  : do_lane(p, i - n_reads, &p->rooms[worker], &error);
    if (status == LMP_OK) return;
    os_mutex_lock(p->lock);
    if (i < p->failed_job) {
        p->failed_job = i;
        p->failed_status = status;
        p->failed = error;
    }
    os_mutex_unlock(p->lock);
}

/* ---- Groups ---- */

static lmp_status open_lanes(measure_pass *p, lmp_error *err)
{
    lmp_status status = LMP_OK;
    for (int i = 0; i < STREAMS; i++) choose_lanes(p, i);
    for (int64_t slot = 0; slot < p->group_count && status == LMP_OK; slot++) {
        const input_channel *channel = &p->in->channels[p->group_first + slot];
        const int64_t truth = p->streams[STREAM_TRUTH].recording != NULL ? channel->truth : -1;
        status = meter_lane_open(&p->meter, channel->before >= 0, truth, p->budget, &p->lanes[slot], err);
    }
    return status;
}

static void close_lanes(measure_pass *p)
{
    for (int64_t slot = 0; slot < p->group_count; slot++) {
        meter_lane_close(&p->meter, p->lanes[slot], p->budget);
        p->lanes[slot] = NULL;
    }
}

static lmp_status run_group(measure_pass *p, lmp_error *err)
{
    const int64_t left = p->in->n_channels - p->group_first;
    p->group_count = left < p->group_size ? left : p->group_size;
    lmp_status status = measure_let_kept_go(p->budget, err);
    if (status == LMP_OK) status = open_lanes(p, err);
    p->failed_job = INT64_MAX;
    p->failed_status = LMP_OK;
    /* The round before the first block only reads. */
    for (p->block = -1; p->block < p->n_blocks && status == LMP_OK; p->block++) {
        pool_run(p->workers, STREAMS * p->n_readers + p->group_count, do_job, NULL, p);
        status = p->failed_status;
        if (status != LMP_OK && err != NULL) *err = p->failed;
    }
    for (int64_t slot = 0; slot < p->group_count && status == LMP_OK; slot++) {
        const int64_t i = p->group_first + slot;
        status = meter_lane_finish(&p->meter, p->lanes[slot], p->in->channels[i].counts, p->budget,
                                   &p->out->channels[i], err);
    }
    close_lanes(p);
    return status;
}

static lmp_status run_groups(measure_pass *p, lmp_error *err)
{
    lmp_status status = pool_new(p->n_workers, &p->workers, err);
    p->n_readers = p->n_workers;
    for (p->group_first = 0; p->group_first < p->in->n_channels && status == LMP_OK; p->group_first += p->group_count)
        status = run_group(p, err);
    pool_free(p->workers);
    return status;
}

/* ---- Results ---- */

static lmp_status take_results(measure_pass *p, lmp_error *err)
{
    measures *out = p->out;
    const meter *m = &p->meter;
    void *memory = NULL;
    out->n_channels = p->in->n_channels;
    out->n_bands = p->streams[STREAM_TRUTH].recording != NULL ? p->in->n_bands : 0;
    out->n_tones = p->streams[STREAM_TRUTH].recording != NULL ? p->in->n_tones : 0;
    lmp_status status = lmp_take(p->budget, (size_t)out->n_channels * sizeof *out->channels, &memory, err);
    if (status != LMP_OK) return status;
    out->channels = memory;
    for (int i = 0; i < METER_SIDES; i++) {
        out->n_bins[i] = meter_bin_count(m, i);
        out->bin_hz[i] = meter_bin_hz(m, i);
    }
    for (int64_t c = 0; c < out->n_channels && status == LMP_OK; c++) {
        channel_values *v = &out->channels[c];
        status = lmp_take(p->budget, (size_t)(out->n_bands + 1) * sizeof *v->bands, &memory, err);
        if (status == LMP_OK) v->bands = memory;
        if (status == LMP_OK) status = measure_take_doubles(p->budget, out->n_tones, &v->transfer, err);
        for (int i = 0; i < METER_SIDES * METER_FAMILIES && status == LMP_OK; i++) {
            const int64_t n_lines = m->families[i % METER_FAMILIES].n_lines;
            status = lmp_take(p->budget, (size_t)(n_lines + 1) * sizeof(psd_line), &memory, err);
            if (status == LMP_OK) v->sides[i / METER_FAMILIES].lines[i % METER_FAMILIES] = memory;
        }
        for (int i = 0; i < METER_SIDES * SCAN_PARTS && status == LMP_OK; i++)
            status = measure_take_doubles(p->budget, out->n_bins[i / SCAN_PARTS],
                                          &v->sides[i / SCAN_PARTS].power[i % SCAN_PARTS], err);
    }
    return status;
}

/* Median over epochs of what the channels' swings sum up to. */
static void sum_extents(measure_pass *p)
{
    for (int i = 0; i < METER_SIDES; i++) {
        side_meter *s = &p->meter.sides[i];
        for (scan_part part = PART_SCAN; part < SCAN_PARTS; part++) {
            p->out->extent_uv[i][part] = UNKNOWN;
            if (s->epochs == NULL || s->n_extents == 0) continue;
            const double sum = metric_median(s->extent_sums[part], locked_extent_count(s->epochs, part));
            p->out->extent_uv[i][part] = sum / (double)s->n_extents;
        }
    }
}

static lmp_status tell_results(measure_pass *p, lmp_error *err)
{
    measures *out = p->out;
    const meter *m = &p->meter;
    out->has_times = p->in->has_times;
    out->has_before = p->streams[STREAM_BEFORE].recording != NULL;
    out->has_truth = m->truth != NULL;
    out->n_families = m->n_families;
    memcpy(out->families, m->families, sizeof out->families);
    if (m->sides[SIDE_RESULT].epochs != NULL) {
        out->n_epochs_averaged = locked_epoch_count(m->sides[SIDE_RESULT].epochs);
        out->n_grids = locked_grid_count(m->sides[SIDE_RESULT].epochs);
    }
    sum_extents(p);
    out->truth_filters = strdup(p->filters != NULL ? refilter_text(p->filters) : "");
    return out->truth_filters == NULL ? no_memory(err) : LMP_OK;
}

/* ---- The whole ---- */

static lmp_status run_pass(measure_pass *p, lmp_error *err)
{
    lmp_status status = measure_open(p, err);
    if (status == LMP_OK) status = take_results(p, err);
    if (status == LMP_OK) status = measure_fit(p, err);
    p->meter.n_bands = p->meter.truth != NULL ? p->out->n_bands : 0;
    p->meter.n_tones = p->meter.truth != NULL ? p->out->n_tones : 0;
    p->out->n_bands = p->meter.n_bands;
    p->out->n_tones = p->meter.n_tones;
    if (status == LMP_OK) status = run_groups(p, err);
    if (status == LMP_OK) status = tell_results(p, err);
    return status;
}

lmp_status measures_make(score_inputs *in, measures **made, lmp_error *err)
{
    measures *out = calloc(1, sizeof *out);
    if (out == NULL) return no_memory(err);
    lmp_status status = budget_new(in->engine->memory_limit, &out->budget, err);
    measure_pass p = {.in = in, .out = out, .budget = out->budget, .n_workers = 1};
    if (status == LMP_OK) {
        status = run_pass(&p, err);
        measure_close(&p);
        out->peak_bytes = budget_peak(out->budget);
    }
    if (status == LMP_OK)
        *made = out;
    else
        measures_free(out);
    return status;
}

void measures_free(measures *m)
{
    if (m == NULL) return;
    for (int64_t c = 0; m->channels != NULL && c < m->n_channels; c++) {
        channel_values *v = &m->channels[c];
        lmp_give(m->budget, v->bands);
        lmp_give(m->budget, v->transfer);
        for (int i = 0; i < METER_SIDES * METER_FAMILIES; i++)
            lmp_give(m->budget, v->sides[i / METER_FAMILIES].lines[i % METER_FAMILIES]);
        for (int i = 0; i < METER_SIDES * SCAN_PARTS; i++)
            lmp_give(m->budget, v->sides[i / SCAN_PARTS].power[i % SCAN_PARTS]);
    }
    if (m->budget != NULL) lmp_give(m->budget, m->channels);
    budget_free(m->budget);
    free(m->truth_filters);
    free(m);
}
