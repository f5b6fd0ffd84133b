/* SPDX-License-Identifier: BSD-3-Clause
 *
 * measure_open.c: preparing a pass: what is measured of each recording, how they are cut into blocks, and how much of
 * it fits into memory at once.
 */
#include "score/measure_pass.h"

#include "core/budget.h"
#include "score/metrics.h"

#include <stdlib.h>
#include <string.h>

#define LONGEST_BLOCK_S  8.0
#define SHORTEST_BLOCK_S 0.25

static lmp_status no_memory(lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to score a result");
}

/* ---- Opening ---- */

static measure_stream stream_of(lmp_recording *recording, double start_s)
{
    if (recording == NULL) return (measure_stream){0};
    const lmp_format *f = lmp_recording_get_format(recording);
    return (measure_stream){.recording = recording, .start_s = start_s, .rate_hz = f->rate_hz, .n_times = f->n_times};
}

static lmp_status open_side(measure_pass *p, meter_side side, lmp_error *err)
{
    const measure_stream *s = &p->streams[side];
    const side_options options = {.rate_hz = s->rate_hz,
                                  .start_s = s->start_s,
                                  .n_times = s->n_times,
                                  .times = p->in->has_times ? &p->in->times : NULL,
                                  .with_null = side == SIDE_RESULT};
    return meter_open_side(&p->meter, side, &options, p->budget, err);
}

/* The times of a scan that is not in the result are of no use. */
static lmp_status open_sides(measure_pass *p, lmp_error *err)
{
    lmp_error why = {0};
    lmp_status status = open_side(p, SIDE_RESULT, &why);
    if (status == LMP_ERR_INPUT && p->in->has_times) {
        score_warn(p->in, "The times of the scan do not fit the result (%s), so nothing is said about the scan.",
                   why.text);
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
            p->streams[STREAM_BEFORE] = (measure_stream){0};
            p->meter.sides[SIDE_BEFORE].is_there = false;
            status = LMP_OK;
        }
    }
    if (status != LMP_OK && err != NULL) *err = why;
    return status;
}

static void drop_truth(measure_pass *p)
{
    refilter_close(p->filters, p->budget);
    p->filters = NULL;
    free(p->streams[STREAM_TRUTH].cuts);
    p->streams[STREAM_TRUTH] = (measure_stream){0};
}

/* The truth through the result's own filters; where that is not possible there is no comparison. */
static lmp_status open_filters(measure_pass *p, lmp_error *err)
{
    const measure_stream *s = &p->streams[STREAM_RESULT];
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
        score_warn(p->in, "The result's filters cannot be repeated on the truth (%s), so the two are not compared.",
                   why.text);
        drop_truth(p);
        return LMP_OK;
    }
    if (p->in->record == NULL)
        score_warn(p->in, "Which filters the result went through is not known: the truth is compared as it is.");
    if (others[0] != '\0')
        score_warn(p->in,
                   "The truth did not go through these steps of the chain: %s. What they change counts as error.",
                   others);
    free(others);
    const double rate_hz = refilter_format(p->filters)->rate_hz;
    if (fabs(rate_hz - s->rate_hz) > 1e-9 * s->rate_hz) {
        score_warn(p->in,
                   "The truth has %g samples per second behind the filters, the result %g: the two are not compared.",
                   rate_hz, s->rate_hz);
        drop_truth(p);
    }
    return LMP_OK;
}

lmp_status measure_open(measure_pass *p, lmp_error *err)
{
    p->streams[STREAM_RESULT] = stream_of(p->in->result, p->in->result_start_s);
    p->streams[STREAM_BEFORE] = stream_of(p->in->before, 0);
    p->streams[STREAM_TRUTH] = stream_of(p->in->truth, 0);
    p->lock = os_mutex_new();
    if (p->lock == NULL) return no_memory(err);
    const lmp_status status = open_sides(p, err);
    return status == LMP_OK ? open_filters(p, err) : status;
}

/* ---- Blocks ---- */

static int64_t clamp(double sample, int64_t n_times)
{
    return sample <= 0 ? 0 : sample >= (double)n_times ? n_times : (int64_t)sample;
}

/* Without a truth, which must be filtered from its start, nothing before the result matters. */
static double begin_s(const measure_pass *p)
{
    return p->streams[STREAM_TRUTH].recording != NULL ? 0 : p->streams[STREAM_RESULT].start_s;
}

static double end_s(const measure_pass *p)
{
    double last_s = 0;
    for (int i = 0; i < STREAMS; i++) {
        const measure_stream *s = &p->streams[i];
        if (s->recording != NULL) last_s = fmax(last_s, s->start_s + (double)s->n_times / s->rate_hz);
    }
    return last_s;
}

static lmp_status cut_streams(measure_pass *p, double block_s, lmp_error *err)
{
    const double from_s = begin_s(p), length_s = end_s(p) - from_s;
    p->n_blocks = (int64_t)fmax(ceil(length_s / block_s), 1);
    for (int i = 0; i < STREAMS; i++) {
        measure_stream *s = &p->streams[i];
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

static lmp_status open_comparison(measure_pass *p, lmp_error *err)
{
    const measure_stream *result = &p->streams[STREAM_RESULT], *truth = &p->streams[STREAM_TRUTH];
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

static int64_t longest_room(const measure_pass *p)
{
    int64_t room = 1;
    for (int i = 0; i < STREAMS; i++)
        if (p->streams[i].room > room) room = p->streams[i].room;
    return room;
}

enum { OVERHEAD = 128 }; /* bytes that one allocation may cost beyond its size */

static uint64_t bytes_of_workers(const measure_pass *p)
{
    const size_t of_one = meter_scratch_bytes(&p->meter) + (size_t)longest_room(p) * sizeof(double) +
                          (size_t)p->in->n_channels * sizeof(void *) + 3 * OVERHEAD;
    return (uint64_t)p->n_workers * of_one;
}

/* What reading a block of every stream takes for a while. */
static uint64_t bytes_of_reading(const measure_pass *p)
{
    uint64_t bytes = 0;
    for (int i = 0; i < STREAMS; i++)
        if (p->streams[i].recording != NULL)
            bytes += (uint64_t)p->streams[i].room * p->streams[i].recording->source.bytes_per_time + OVERHEAD;
    return bytes;
}

/* Two blocks of every stream. */
static uint64_t bytes_of_blocks(const measure_pass *p, int64_t group)
{
    uint64_t bytes = 0;
    for (int i = 0; i < STREAMS; i++) bytes += 2 * ((uint64_t)(p->streams[i].room * group) * sizeof(double) + OVERHEAD);
    return bytes;
}

static uint64_t bytes_of_group(const measure_pass *p, int64_t group)
{
    enum { PIECES_OF_LANE = 32 };
    return (uint64_t)group * (meter_lane_bytes(&p->meter) + PIECES_OF_LANE * OVERHEAD) + bytes_of_blocks(p, group);
}

static uint64_t bytes_in_all(const measure_pass *p, int64_t group)
{
    const uint64_t used = budget_limit(p->budget) - budget_room(p->budget);
    return used + bytes_of_workers(p) + bytes_of_group(p, group) + bytes_of_reading(p);
}

/* Even groups, as large as fit; 0 if not even one channel does. */
static int64_t largest_group(const measure_pass *p)
{
    const int64_t n = p->in->n_channels;
    for (int64_t n_groups = 1; n_groups <= n; n_groups = n_groups < 8 ? n_groups + 1 : 2 * n_groups) {
        const int64_t group = (n + n_groups - 1) / n_groups;
        if (bytes_in_all(p, group) <= budget_limit(p->budget)) return group;
    }
    return bytes_in_all(p, 1) <= budget_limit(p->budget) ? 1 : 0;
}

static lmp_status try_block(measure_pass *p, double block_s, lmp_error *err)
{
    lmp_status status = cut_streams(p, block_s, err);
    if (status == LMP_OK) status = open_comparison(p, err);
    if (status == LMP_OK) p->group_size = largest_group(p);
    return status;
}

/* Shorter blocks first, then groups, then fewer workers. */
static lmp_status choose_limits(measure_pass *p, lmp_error *err)
{
    const int64_t asked = p->in->engine->block_length;
    const double given_s = asked > 0 ? (double)asked / p->streams[STREAM_RESULT].rate_hz : 0;
    for (p->n_workers = p->in->engine->threads; p->n_workers >= 1; p->n_workers /= 2) {
        for (double block_s = given_s > 0 ? given_s : LONGEST_BLOCK_S; block_s >= SHORTEST_BLOCK_S || given_s > 0;
             block_s /= 2) {
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
                    (unsigned long long)(bytes_in_all(p, 1) >> 20) + 1,
                    budget_print_size((double)budget_limit(p->budget), limit));
}

/* The budget keeps what was given back for reuse, even where it is larger than what is asked for next. The plan of
 * memory is exact only if it starts with nothing kept. */
lmp_status measure_let_kept_go(lmp_budget *budget, lmp_error *err)
{
    const uint64_t room = budget_room(budget);
    const lmp_status status = budget_reserve(budget, (size_t)room, err);
    if (status == LMP_OK) budget_release(budget, (size_t)room);
    return status;
}

lmp_status measure_take_doubles(lmp_budget *budget, int64_t count, double **made, lmp_error *err)
{
    void *memory = NULL;
    const lmp_status status = lmp_take(budget, (size_t)(count > 0 ? count : 1) * sizeof(double), &memory, err);
    if (status == LMP_OK) *made = memory;
    return status;
}

static lmp_status take_rooms(measure_pass *p, lmp_error *err)
{
    lmp_status status = measure_let_kept_go(p->budget, err);
    p->rooms = calloc((size_t)p->n_workers, sizeof *p->rooms);
    p->lanes = calloc((size_t)p->group_size, sizeof *p->lanes);
    if (p->rooms == NULL || p->lanes == NULL) return no_memory(err);
    for (int64_t w = 0; w < p->n_workers && status == LMP_OK; w++) {
        measure_room *r = &p->rooms[w];
        void *pointers = NULL;
        status = lmp_take(p->budget, meter_scratch_bytes(&p->meter) + 1, &r->scratch, err);
        if (status == LMP_OK) status = measure_take_doubles(p->budget, longest_room(p), &r->clean, err);
        if (status == LMP_OK) status = lmp_take(p->budget, (size_t)p->in->n_channels * sizeof(void *), &pointers, err);
        r->pointers = pointers;
    }
    for (int i = 0; i < STREAMS && status == LMP_OK; i++) {
        measure_stream *s = &p->streams[i];
        if (s->recording == NULL) continue;
        s->lanes = calloc((size_t)p->group_size, sizeof *s->lanes);
        s->slots = calloc((size_t)p->group_size, sizeof *s->slots);
        if (s->lanes == NULL || s->slots == NULL) return no_memory(err);
        for (int k = 0; k < 2 && status == LMP_OK; k++)
            status = measure_take_doubles(p->budget, p->group_size * s->room, &s->data[k], err);
    }
    return status;
}

static void give_rooms(measure_pass *p)
{
    for (int64_t w = 0; p->rooms != NULL && w < p->n_workers; w++) {
        lmp_give(p->budget, p->rooms[w].scratch);
        lmp_give(p->budget, p->rooms[w].clean);
        lmp_give(p->budget, p->rooms[w].pointers);
    }
    for (int i = 0; i < STREAMS; i++) {
        measure_stream *s = &p->streams[i];
        for (int k = 0; k < 2; k++) lmp_give(p->budget, s->data[k]);
        free(s->lanes);
        free(s->slots);
        free(s->cuts);
    }
    free(p->rooms);
    free(p->lanes);
}

lmp_status measure_fit(measure_pass *p, lmp_error *err)
{
    const lmp_status status = choose_limits(p, err);
    return status == LMP_OK ? take_rooms(p, err) : status;
}

void measure_close(measure_pass *p)
{
    give_rooms(p);
    compare_close(p->meter.truth, p->budget);
    refilter_close(p->filters, p->budget);
    meter_close_sides(&p->meter, p->budget);
    os_mutex_free(p->lock);
}
