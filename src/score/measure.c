/* SPDX-License-Identifier: BSD-3-Clause
 *
 * measure.c: one pass over result, recording before and truth, side by side.
 *
 * All three are cut into blocks of the same seconds. In every round the workers measure the channels of one block while
 * they read the next; a channel's samples are seen in order, so what comes out does not depend on the length of blocks or
 * the number of workers. If the channels' sums do not fit into memory at once, there are several passes over groups of
 * them.
 */
#include "score/measure.h"

#include "core/budget.h"
#include "core/pool.h"
#include "os/os.h"
#include "score/metrics.h"

#include <stdlib.h>
#include <string.h>

enum { STREAM_RESULT = SIDE_RESULT, STREAM_BEFORE = SIDE_BEFORE, STREAM_TRUTH, STREAMS };

#define LONGEST_BLOCK_S  8.0
#define SHORTEST_BLOCK_S 0.25

/* One of the recordings, cut into blocks. */
typedef struct stream {
    lmp_recording *recording; /* NULL: there is none */
    double         start_s, rate_hz;
    int64_t        n_times;
    int64_t       *cuts; /* n_blocks + 1 */
    int64_t        room; /* samples of the longest block */
    /* Of the group that is measured: */
    int64_t       *lanes; /* channels in the file, ascending */
    int64_t       *slots; /* the channel of the group each belongs to */
    int64_t        n_lanes;
    double        *data[2]; /* group x room */
} stream;

typedef struct worker_room {
    void   *scratch;
    double *clean;
    void  **pointers;
} worker_room;

typedef struct pass {
    score_inputs *in;
    measures     *out;
    meter         meter;
    refilter     *filters;
    lmp_budget   *budget;
    stream        streams[STREAMS];
    int64_t       n_blocks, group_size, group_first, group_count;
    meter_lane  **lanes; /* of the group */
    pool         *workers;
    worker_room  *rooms;
    int64_t       n_workers;
    int64_t       block;     /* that is measured in this round; the one behind it is read */
    int64_t       n_readers; /* jobs per stream */
    os_mutex     *lock;      /* guards the failure */
    int64_t       failed_job;
    lmp_status    failed_status;
    lmp_error     failed;
} pass;

static lmp_status no_memory(lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to score a result");
}

/* ---- Opening ---- */

static stream stream_of(lmp_recording *recording, double start_s)
{
    if (recording == NULL) return (stream){0};
    const lmp_format *f = lmp_recording_get_format(recording);
    return (stream){.recording = recording, .start_s = start_s, .rate_hz = f->rate_hz, .n_times = f->n_times};
}

static lmp_status open_side(pass *p, meter_side side, lmp_error *err)
{
    const stream *s = &p->streams[side];
    const side_options options = {.rate_hz = s->rate_hz,
                                  .start_s = s->start_s,
                                  .n_times = s->n_times,
                                  .times = p->in->has_times ? &p->in->times : NULL,
                                  .with_null = side == SIDE_RESULT};
    return meter_open_side(&p->meter, side, &options, p->budget, err);
}

/* The times of a scan that is not in the result are of no use. */
static lmp_status open_sides(pass *p, lmp_error *err)
{
    lmp_error why = {0};
    lmp_status status = open_side(p, SIDE_RESULT, &why);
    if (status == LMP_ERR_INPUT && p->in->has_times) {
        score_warn(p->in, "The times of the scan do not fit the result (%s), so nothing is said about the scan.", why.text);
        p->in->has_times = false;
        p->meter.n_families = 0;
        memset(p->meter.families, 0, sizeof p->meter.families);
        meter_close_sides(&p->meter, p->budget);
        status = open_side(p, SIDE_RESULT, &why);
    }
    if (status == LMP_OK && p->streams[STREAM_BEFORE].recording != NULL) {
        status = open_side(p, SIDE_BEFORE, &why);
        if (status == LMP_ERR_INPUT) {
            score_warn(p->in, "The recording before processing is not measured: %s.", why.text);
            p->streams[STREAM_BEFORE] = (stream){0};
            p->meter.sides[SIDE_BEFORE].is_there = false;
            status = LMP_OK;
        }
    }
    if (status != LMP_OK && err != NULL) *err = why;
    return status;
}

static void drop_truth(pass *p)
{
    refilter_close(p->filters, p->budget);
    p->filters = NULL;
    free(p->streams[STREAM_TRUTH].cuts);
    p->streams[STREAM_TRUTH] = (stream){0};
}

/* The truth through the result's own filters; where that is not possible there is no comparison. */
static lmp_status open_filters(pass *p, lmp_error *err)
{
    const stream *s = &p->streams[STREAM_RESULT];
    if (p->streams[STREAM_TRUTH].recording == NULL) return LMP_OK;
    lmp_error why = {0};
    char *others = NULL;
    const json_t *chain = json_object_get(p->in->record, "parameters");
    const lmp_status status = refilter_open(p->in->engine, chain, p->in->truth, p->budget, &p->filters, &others, &why);
    if (status == LMP_ERR_MEMORY) {
        if (err != NULL) *err = why;
        return status;
    }
    if (status != LMP_OK) {
        score_warn(p->in, "The result's filters cannot be repeated on the truth (%s), so the two are not compared.", why.text);
        drop_truth(p);
        return LMP_OK;
    }
    if (p->in->record == NULL)
        score_warn(p->in, "Which filters the result went through is not known: the truth is compared as it is.");
    if (others[0] != '\0')
        score_warn(p->in, "The truth did not go through these steps of the chain: %s. What they change counts as error.", others);
    free(others);
    const double rate_hz = refilter_format(p->filters)->rate_hz;
    if (fabs(rate_hz - s->rate_hz) > 1e-9 * s->rate_hz) {
        score_warn(p->in, "The truth has %g samples per second behind the filters, the result %g: the two are not compared.", rate_hz,
                   s->rate_hz);
        drop_truth(p);
    }
    return LMP_OK;
}

/* ---- Blocks ---- */

static int64_t clamp(double sample, int64_t n_times)
{
    return sample <= 0 ? 0 : sample >= (double)n_times ? n_times : (int64_t)sample;
}

/* Without a truth, which must be filtered from its start, nothing before the result matters. */
static double begin_s(const pass *p)
{
    return p->streams[STREAM_TRUTH].recording != NULL ? 0 : p->streams[STREAM_RESULT].start_s;
}

static double end_s(const pass *p)
{
    double last_s = 0;
    for (int i = 0; i < STREAMS; i++) {
        const stream *s = &p->streams[i];
        if (s->recording != NULL) last_s = fmax(last_s, s->start_s + (double)s->n_times / s->rate_hz);
    }
    return last_s;
}

static lmp_status cut_streams(pass *p, double block_s, lmp_error *err)
{
    const double from_s = begin_s(p), length_s = end_s(p) - from_s;
    p->n_blocks = (int64_t)fmax(ceil(length_s / block_s), 1);
    for (int i = 0; i < STREAMS; i++) {
        stream *s = &p->streams[i];
        free(s->cuts);
        s->cuts = calloc((size_t)p->n_blocks + 1, sizeof *s->cuts);
        if (s->cuts == NULL) return no_memory(err);
        s->room = 0;
        for (int64_t b = 0; b <= p->n_blocks && s->recording != NULL; b++) {
            const double at_s = from_s + (double)b * block_s - s->start_s;
            s->cuts[b] = b == p->n_blocks ? s->n_times : clamp(ceil(at_s * s->rate_hz), s->n_times);
            if (b > 0 && s->cuts[b] - s->cuts[b - 1] > s->room) s->room = s->cuts[b] - s->cuts[b - 1];
        }
    }
    return LMP_OK;
}

static lmp_status open_comparison(pass *p, lmp_error *err)
{
    const stream *result = &p->streams[STREAM_RESULT], *truth = &p->streams[STREAM_TRUTH];
    compare_close(p->meter.truth, p->budget);
    p->meter.truth = NULL;
    if (truth->recording == NULL) return LMP_OK;
    const compare_options options = {.rate_hz = result->rate_hz,
                                     .n_result = result->n_times,
                                     .spans = &p->meter.sides[SIDE_RESULT].spans,
                                     .filters = p->filters,
                                     .bands = p->in->bands,
                                     .n_bands = p->in->n_bands,
                                     .tones_hz = p->in->tones_hz,
                                     .n_tones = p->in->n_tones,
                                     .result_cuts = result->cuts,
                                     .truth_cuts = truth->cuts,
                                     .n_blocks = p->n_blocks};
    lmp_error why = {0};
    const lmp_status status = compare_open(&options, p->budget, &p->meter.truth, &why);
    if (status == LMP_ERR_INPUT) {
        score_warn(p->in, "The result is not compared with the truth: %s.", why.text);
        drop_truth(p);
        return LMP_OK;
    }
    if (status != LMP_OK && err != NULL) *err = why;
    return status;
}

/* ---- Memory ---- */

static int64_t longest_room(const pass *p)
{
    int64_t room = 1;
    for (int i = 0; i < STREAMS; i++)
        if (p->streams[i].room > room) room = p->streams[i].room;
    return room;
}

enum { OVERHEAD = 128 }; /* bytes that one allocation may cost beyond its size */

static uint64_t bytes_of_workers(const pass *p)
{
    const size_t of_one = meter_scratch_bytes(&p->meter) + (size_t)longest_room(p) * sizeof(double) +
                          (size_t)p->in->n_channels * sizeof(void *) + 3 * OVERHEAD;
    return (uint64_t)p->n_workers * of_one;
}

/* What reading a block of every stream takes for a while. */
static uint64_t bytes_of_reading(const pass *p)
{
    uint64_t bytes = 0;
    for (int i = 0; i < STREAMS; i++)
        if (p->streams[i].recording != NULL)
            bytes += (uint64_t)p->streams[i].room * p->streams[i].recording->source.bytes_per_time + OVERHEAD;
    return bytes;
}

/* Two blocks of every stream. */
static uint64_t bytes_of_blocks(const pass *p, int64_t group)
{
    uint64_t bytes = 0;
    for (int i = 0; i < STREAMS; i++) bytes += 2 * ((uint64_t)(p->streams[i].room * group) * sizeof(double) + OVERHEAD);
    return bytes;
}

static uint64_t bytes_of_group(const pass *p, int64_t group)
{
    enum { PIECES_OF_LANE = 32 };
    return (uint64_t)group * (meter_lane_bytes(&p->meter) + PIECES_OF_LANE * OVERHEAD) + bytes_of_blocks(p, group);
}

static uint64_t bytes_in_all(const pass *p, int64_t group)
{
    const uint64_t used = budget_limit(p->budget) - budget_room(p->budget);
    return used + bytes_of_workers(p) + bytes_of_group(p, group) + bytes_of_reading(p);
}

/* Even groups, as large as fit; 0 if not even one channel does. */
static int64_t largest_group(const pass *p)
{
    const int64_t n = p->in->n_channels;
    for (int64_t n_groups = 1; n_groups <= n; n_groups = n_groups < 8 ? n_groups + 1 : 2 * n_groups) {
        const int64_t group = (n + n_groups - 1) / n_groups;
        if (bytes_in_all(p, group) <= budget_limit(p->budget)) return group;
    }
    return bytes_in_all(p, 1) <= budget_limit(p->budget) ? 1 : 0;
}

static lmp_status try_block(pass *p, double block_s, lmp_error *err)
{
    lmp_status status = cut_streams(p, block_s, err);
    if (status == LMP_OK) status = open_comparison(p, err);
    if (status == LMP_OK) p->group_size = largest_group(p);
    return status;
}

/* Shorter blocks first, then groups, then fewer workers. */
static lmp_status fit(pass *p, lmp_error *err)
{
    const int64_t asked = p->in->engine->block_length;
    const double given_s = asked > 0 ? (double)asked / p->streams[STREAM_RESULT].rate_hz : 0;
    for (p->n_workers = p->in->engine->threads; p->n_workers >= 1; p->n_workers /= 2) {
        for (double block_s = given_s > 0 ? given_s : LONGEST_BLOCK_S; block_s >= SHORTEST_BLOCK_S || given_s > 0; block_s /= 2) {
            const lmp_status status = try_block(p, block_s, err);
            if (status != LMP_OK) return status;
            const bool is_shortest = given_s > 0 || block_s / 2 < SHORTEST_BLOCK_S;
            if (p->group_size == p->in->n_channels || (is_shortest && p->group_size > 0)) return LMP_OK;
            if (is_shortest) break;
        }
    }
    char limit[16];
    p->n_workers = 1;
    return lmp_fail(err, LMP_ERR_MEMORY, "scoring this result needs at least --memory %lluM, %s were allowed",
                    (unsigned long long)(bytes_in_all(p, 1) >> 20) + 1, budget_print_size((double)budget_limit(p->budget), limit));
}

/* The budget keeps what was given back for reuse, even where it is larger than what is asked for next. The plan of memory
 * is exact only if it starts with nothing kept. */
static lmp_status let_kept_go(lmp_budget *budget, lmp_error *err)
{
    const uint64_t room = budget_room(budget);
    const lmp_status status = budget_reserve(budget, (size_t)room, err);
    if (status == LMP_OK) budget_release(budget, (size_t)room);
    return status;
}

static lmp_status take_doubles(lmp_budget *budget, int64_t count, double **made, lmp_error *err)
{
    void *memory = NULL;
    const lmp_status status = lmp_take(budget, (size_t)(count > 0 ? count : 1) * sizeof(double), &memory, err);
    if (status == LMP_OK) *made = memory;
    return status;
}

static lmp_status take_rooms(pass *p, lmp_error *err)
{
    lmp_status status = let_kept_go(p->budget, err);
    p->rooms = calloc((size_t)p->n_workers, sizeof *p->rooms);
    p->lanes = calloc((size_t)p->group_size, sizeof *p->lanes);
    if (p->rooms == NULL || p->lanes == NULL) return no_memory(err);
    for (int64_t w = 0; w < p->n_workers && status == LMP_OK; w++) {
        worker_room *r = &p->rooms[w];
        void *pointers = NULL;
        status = lmp_take(p->budget, meter_scratch_bytes(&p->meter) + 1, &r->scratch, err);
        if (status == LMP_OK) status = take_doubles(p->budget, longest_room(p), &r->clean, err);
        if (status == LMP_OK) status = lmp_take(p->budget, (size_t)p->in->n_channels * sizeof(void *), &pointers, err);
        r->pointers = pointers;
    }
    for (int i = 0; i < STREAMS && status == LMP_OK; i++) {
        stream *s = &p->streams[i];
        if (s->recording == NULL) continue;
        s->lanes = calloc((size_t)p->group_size, sizeof *s->lanes);
        s->slots = calloc((size_t)p->group_size, sizeof *s->slots);
        if (s->lanes == NULL || s->slots == NULL) return no_memory(err);
        for (int k = 0; k < 2 && status == LMP_OK; k++)
            status = take_doubles(p->budget, p->group_size * s->room, &s->data[k], err);
    }
    return status;
}

static void give_rooms(pass *p)
{
    for (int64_t w = 0; p->rooms != NULL && w < p->n_workers; w++) {
        lmp_give(p->budget, p->rooms[w].scratch);
        lmp_give(p->budget, p->rooms[w].clean);
        lmp_give(p->budget, p->rooms[w].pointers);
    }
    for (int i = 0; i < STREAMS; i++) {
        stream *s = &p->streams[i];
        for (int k = 0; k < 2; k++) lmp_give(p->budget, s->data[k]);
        free(s->lanes);
        free(s->slots);
        free(s->cuts);
    }
    free(p->rooms);
    free(p->lanes);
}

/* ---- Jobs ---- */

static int64_t where_in(const input_channel *channel, int stream_number)
{
    const int64_t where[STREAMS] = {channel->result, channel->before, channel->truth};
    return where[stream_number];
}

/* The group's channels in the order of the file: an insertion, as they come nearly sorted. */
static void choose_lanes(pass *p, int stream_number)
{
    stream *s = &p->streams[stream_number];
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

static lmp_status do_read(pass *p, int stream_number, int64_t part, worker_room *room, lmp_error *err)
{
    stream *s = &p->streams[stream_number];
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
    return source->read(source->state, &request, p->budget, err);
}

static lmp_status do_lane(pass *p, int64_t slot, worker_room *room, lmp_error *err)
{
    meter_block block = {.ended = p->block + 1 == p->n_blocks};
    const int64_t b = p->block;
    if (b < 0) return LMP_OK;
    for (int i = 0; i < STREAMS; i++) {
        const stream *s = &p->streams[i];
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
    pass *p = user;
    lmp_error error = {0};
    const int64_t n_reads = STREAMS * p->n_readers;
    const lmp_status status = i < n_reads ? do_read(p, (int)(i / p->n_readers), i % p->n_readers, &p->rooms[worker], &error)
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

static lmp_status open_lanes(pass *p, lmp_error *err)
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

static void close_lanes(pass *p)
{
    for (int64_t slot = 0; slot < p->group_count; slot++) {
        meter_lane_close(&p->meter, p->lanes[slot], p->budget);
        p->lanes[slot] = NULL;
    }
}

static lmp_status run_group(pass *p, lmp_error *err)
{
    const int64_t left = p->in->n_channels - p->group_first;
    p->group_count = left < p->group_size ? left : p->group_size;
    lmp_status status = let_kept_go(p->budget, err);
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
        status = meter_lane_finish(&p->meter, p->lanes[slot], p->in->channels[i].counts, p->budget, &p->out->channels[i], err);
    }
    close_lanes(p);
    return status;
}

static lmp_status run_groups(pass *p, lmp_error *err)
{
    lmp_status status = pool_new(p->n_workers, &p->workers, err);
    p->n_readers = p->n_workers;
    for (p->group_first = 0; p->group_first < p->in->n_channels && status == LMP_OK; p->group_first += p->group_count)
        status = run_group(p, err);
    pool_free(p->workers);
    return status;
}

/* ---- Results ---- */

static lmp_status take_results(pass *p, lmp_error *err)
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
        if (status == LMP_OK) status = take_doubles(p->budget, out->n_tones, &v->transfer, err);
        for (int i = 0; i < METER_SIDES * METER_FAMILIES && status == LMP_OK; i++) {
            const int64_t n_lines = m->families[i % METER_FAMILIES].n_lines;
            status = lmp_take(p->budget, (size_t)(n_lines + 1) * sizeof(psd_line), &memory, err);
            if (status == LMP_OK) v->sides[i / METER_FAMILIES].lines[i % METER_FAMILIES] = memory;
        }
        for (int i = 0; i < METER_SIDES * SCAN_PARTS && status == LMP_OK; i++)
            status = take_doubles(p->budget, out->n_bins[i / SCAN_PARTS], &v->sides[i / SCAN_PARTS].power[i % SCAN_PARTS], err);
    }
    return status;
}

/* Median over epochs of what the channels' swings sum up to. */
static void sum_extents(pass *p)
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

static lmp_status tell_results(pass *p, lmp_error *err)
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

static lmp_status run_pass(pass *p, lmp_error *err)
{
    p->streams[STREAM_RESULT] = stream_of(p->in->result, p->in->result_start_s);
    p->streams[STREAM_BEFORE] = stream_of(p->in->before, 0);
    p->streams[STREAM_TRUTH] = stream_of(p->in->truth, 0);
    p->lock = os_mutex_new();
    if (p->lock == NULL) return no_memory(err);
    lmp_status status = open_sides(p, err);
    if (status == LMP_OK) status = open_filters(p, err);
    if (status == LMP_OK) status = take_results(p, err);
    if (status == LMP_OK) status = fit(p, err);
    p->meter.n_bands = p->meter.truth != NULL ? p->out->n_bands : 0;
    p->meter.n_tones = p->meter.truth != NULL ? p->out->n_tones : 0;
    p->out->n_bands = p->meter.n_bands;
    p->out->n_tones = p->meter.n_tones;
    if (status == LMP_OK) status = take_rooms(p, err);
    if (status == LMP_OK) status = run_groups(p, err);
    if (status == LMP_OK) status = tell_results(p, err);
    return status;
}

lmp_status measures_make(score_inputs *in, measures **made, lmp_error *err)
{
    measures *out = calloc(1, sizeof *out);
    if (out == NULL) return no_memory(err);
    lmp_status status = budget_new(in->engine->memory_limit, &out->budget, err);
    pass p = {.in = in, .out = out, .budget = out->budget, .n_workers = 1};
    if (status == LMP_OK) {
        status = run_pass(&p, err);
        give_rooms(&p);
        compare_close(p.meter.truth, p.budget);
        refilter_close(p.filters, p.budget);
        meter_close_sides(&p.meter, p.budget);
        os_mutex_free(p.lock);
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
        for (int i = 0; i < METER_SIDES * METER_FAMILIES; i++) lmp_give(m->budget, v->sides[i / METER_FAMILIES].lines[i % METER_FAMILIES]);
        for (int i = 0; i < METER_SIDES * SCAN_PARTS; i++) lmp_give(m->budget, v->sides[i / SCAN_PARTS].power[i % SCAN_PARTS]);
    }
    if (m->budget != NULL) lmp_give(m->budget, m->channels);
    budget_free(m->budget);
    free(m->truth_filters);
    free(m);
}
