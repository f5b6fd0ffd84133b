/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_score.c: lmp_score_motion(): how well motion was found, and how much is left.
 */
#include "score/motion_score.h"

#include "core/engine.h"
#include "core/record.h"
#include "os/os.h"
#include "score/provenance.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void motion_score_warn(motion_score *s, const char *sentence, ...)
{
    va_list values;
    char *text = NULL;
    va_start(values, sentence);
    if (vasprintf(&text, sentence, values) < 0) text = NULL;
    va_end(values);
    if (text != NULL) json_array_append_new(s->warnings, json_string(text));
    free(text);
}

/* ---- Shifts and truth ---- */

static lmp_status compare_with_truth(motion_score *s, lmp_error *err)
{
    if (!s->has_truth) return LMP_OK;
    if (!s->has_shifts)
        return lmp_fail(err, LMP_ERR_USAGE, "the truth %s needs shifts to be compared with: give --shifts SHIFTS.csv",
                        s->truth_path);
    if (s->shifts.n != s->truth.n)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s has shifts of %lld frames, the truth %s of %lld: they must be of the "
                        "same movie",
                        s->shifts_path, (long long)s->shifts.n, s->truth_path, (long long)s->truth.n);
    lmp_status status = motion_errors_make(&s->shifts, &s->truth, false, &s->errors, err);
    if (status == LMP_OK) status = motion_errors_make(&s->shifts, &s->truth, true, &s->errors_of_all, err);
    if (status == LMP_OK && s->errors.n == 0)
        motion_score_warn(s, "All frames are flagged: there is no error to tell without them.");
    return status;
}

static lmp_status read_series(motion_score *s, lmp_error *err)
{
    lmp_status status = LMP_OK;
    if (s->shifts_path != NULL) status = motion_series_read(s->engine, s->shifts_path, &s->shifts, err);
    s->has_shifts = status == LMP_OK && s->shifts_path != NULL;
    if (status == LMP_OK && s->truth_path != NULL)
        status = motion_series_read(s->engine, s->truth_path, &s->truth, err);
    s->has_truth = status == LMP_OK && s->truth_path != NULL;
    if (status == LMP_OK && s->has_shifts) s->n_flagged = motion_series_flagged(&s->shifts);
    return status == LMP_OK ? compare_with_truth(s, err) : status;
}

/* ---- Movies ---- */

static lmp_status open_side(motion_score *s, const char *path, motion_side *side, lmp_error *err)
{
    if (path == NULL) return LMP_OK;
    return motion_movie_open(s->engine, path, s->budget, s->workers, &side->movie, err);
}

static lmp_status check_lengths(motion_score *s, lmp_error *err)
{
    const int64_t n = s->after.movie.n_frames;
    if (s->before_path != NULL && s->before.movie.n_frames != n)
        return lmp_fail(err, LMP_ERR_INPUT, "%s has %lld frames, %s has %lld: they must be one movie before and after",
                        s->before_path, (long long)s->before.movie.n_frames, s->after_path, (long long)n);
    if (s->has_shifts && s->shifts.n != n)
        return lmp_fail(err, LMP_ERR_INPUT, "%s has shifts of %lld frames, the movie %s has %lld", s->shifts_path,
                        (long long)s->shifts.n, s->after_path, (long long)n);
    s->n_frames = n;
    return LMP_OK;
}

/* The record beside the movie tells what was done; without it nothing is missing but that. */
static void load_record(motion_score *s)
{
    os_file_info info;
    char *path = record_path(s->after_path);
    if (path != NULL && os_path_stat(path, &info) == 0 && provenance_load(path, &s->record, NULL) != LMP_OK)
        motion_score_warn(s, "The provenance record beside the movie after correction cannot be read.");
    free(path);
}

static lmp_status make_groups(motion_score *s, uint8_t *wanted, lmp_error *err)
{
    const bool all_flagged = s->has_shifts && s->n_flagged == s->n_frames;
    s->groups = calloc((size_t)s->n_frames + 1, sizeof *s->groups);
    if (s->groups == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the score");
    for (int64_t i = 0; i < s->n_frames; i++)
        if (!s->has_shifts || all_flagged || !s->shifts.is_flagged[i]) s->groups[i] = (uint8_t)(1u << SUMS_COUNTS);
    if (all_flagged) motion_score_warn(s, "All frames are flagged: the movies are measured over all of them.");
    return motion_local_groups(s->has_shifts && !all_flagged ? &s->shifts : NULL, s->n_frames, s->groups, wanted,
                               &s->local, err);
}

static lmp_status measure_side(motion_score *s, motion_side *side, uint8_t wanted, lmp_error *err)
{
    const bool is_after = side == &s->after;
    if (side->movie.recording == NULL) return LMP_OK;
    lmp_status status = motion_side_measure(side, s->groups, wanted, is_after ? &s->local : NULL, err);
    budget_trim(s->budget);
    if (status == LMP_OK)
        status = motion_side_look_again(side, is_after ? "after correction" : "before correction", s->groups,
                                        s->warnings, err);
    return status;
}

static lmp_status measure_movies(motion_score *s, lmp_error *err)
{
    uint8_t wanted = 0;
    if (s->after_path == NULL) return LMP_OK;
    lmp_status status = open_side(s, s->after_path, &s->after, err);
    if (status == LMP_OK) status = open_side(s, s->before_path, &s->before, err);
    if (status == LMP_OK) status = check_lengths(s, err);
    if (status == LMP_OK) load_record(s);
    if (status == LMP_OK) status = motion_score_find_regions(s, err);
    if (status == LMP_OK) status = make_groups(s, &wanted, err);
    if (status == LMP_OK) status = measure_side(s, &s->before, 0, err);
    if (status == LMP_OK) status = measure_side(s, &s->after, wanted, err);
    return status;
}

/* ---- The whole ---- */

static lmp_status take_options(const lmp_motion_score_options *options, motion_score *s, lmp_error *err)
{
    lmp_motion_score_options o = {.struct_size = sizeof o};
    if (options == NULL || options->struct_size == 0)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "lmp_motion_score_options.struct_size is 0: start from LMP_OPTIONS(lmp_motion_score_options)");
    memcpy(&o, options, options->struct_size < sizeof o ? options->struct_size : sizeof o);
    s->before_path = o.after != NULL ? o.before : NULL;
    s->after_path = o.after != NULL ? o.after : o.before;
    s->shifts_path = o.shifts;
    s->truth_path = o.truth;
    if (s->after_path == NULL && (o.shifts == NULL || o.truth == NULL))
        return lmp_fail(err, LMP_ERR_USAGE,
                        "there is nothing to score: give a corrected movie, or shifts and the truth");
    return LMP_OK;
}

lmp_status motion_score_open(lmp_engine *engine, const lmp_motion_score_options *options, motion_score *made,
                             lmp_error *err)
{
    motion_score s = {.engine = engine, .warnings = json_array()};
    lmp_status status = take_options(options, &s, err);
    if (status == LMP_OK) status = budget_new(engine->memory_limit, &s.budget, err);
    if (status == LMP_OK) status = pool_new(engine->threads, &s.workers, err);
    if (status == LMP_OK) status = read_series(&s, err);
    if (status == LMP_OK && s.has_shifts) s.n_frames = s.shifts.n;
    if (status == LMP_OK) status = measure_movies(&s, err);
    if (status == LMP_OK)
        *made = s;
    else
        motion_score_close(&s);
    return status;
}

void motion_score_close(motion_score *s)
{
    motion_side_clear(&s->before);
    motion_side_clear(&s->after);
    motion_errors_clear(&s->errors);
    motion_errors_clear(&s->errors_of_all);
    motion_series_clear(&s->shifts);
    motion_series_clear(&s->truth);
    free(s->groups);
    json_decref(s->record);
    json_decref(s->warnings);
    if (s->workers != NULL) pool_free(s->workers);
    if (s->budget != NULL) budget_free(s->budget);
    *s = (motion_score){0};
}

lmp_status lmp_score_motion(lmp_engine *engine, const lmp_motion_score_options *options, char **json, lmp_error *err)
{
    motion_score s;
    const lmp_status status = motion_score_open(engine, options, &s, err);
    if (status != LMP_OK) return status;
    json_t *made = motion_score_to_json(&s);
    char *text = made == NULL ? NULL : json_dumps(made, JSON_INDENT(1) | JSON_REAL_PRECISION(10));
    json_decref(made);
    motion_score_close(&s);
    if (text == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the score");
    *json = text;
    return LMP_OK;
}
