/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_residual.c: residual motion: the shifts of a movie, estimated anew.
 *
 * The step writes its shifts into a scratch folder, from which they are read back: what counts is the frames that are
 * flagged neither now nor then.
 */
#include "core/engine.h"
#include "os/os.h"
#include "score/metrics.h"
#include "score/motion_errors.h"
#include "score/motion_side.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void warn(json_t *warnings, const char *name, const char *why)
{
    char *text = NULL;
    if (asprintf(&text, "The motion left in the movie %s was not estimated anew: %s.", name, why) < 0) return;
    json_array_append_new(warnings, json_string(text));
    free(text);
}

/* ---- The estimate ---- */

/* Inside the valid region alone: a filled border would hold the estimate at the sensor's place. */
static lmp_status fill_chain(const motion_side *side, const char *table, lmp_chain *chain, lmp_error *err)
{
    char region[120];
    const image_region r = side->region;
    lmp_status status = lmp_chain_add(chain, "motion", err);
    if (status == LMP_OK) status = lmp_chain_set(chain, "apply", "no", err);
    if (status == LMP_OK) status = lmp_chain_set(chain, "shifts", table, err);
    if (r.height == side->movie.height && r.width == side->movie.width) return status;
    snprintf(region, sizeof region, "%lld,%lld,%lld,%lld", (long long)r.left, (long long)r.top, (long long)r.width,
             (long long)r.height);
    return status == LMP_OK ? lmp_chain_set(chain, "region", region, err) : status;
}

static lmp_status estimate(const motion_side *side, const char *table, lmp_error *err)
{
    lmp_engine *engine = side->movie.engine;
    lmp_chain *chain = NULL;
    lmp_run *run = NULL;
    const lmp_run_options options = {.struct_size = sizeof options, .no_provenance = 1};
    lmp_status status = lmp_chain_new(engine, &chain, err);
    if (status == LMP_OK) status = fill_chain(side, table, chain, err);
    if (status == LMP_OK) status = lmp_run_new(engine, side->movie.recording, chain, &options, &run, err);
    if (status == LMP_OK) status = lmp_run_go(run, NULL, NULL, err);
    lmp_run_free(run);
    lmp_chain_free(chain);
    return status;
}

/* A new folder; NULL if there can be none. */
static char *scratch_folder(const lmp_engine *engine)
{
    const char *temporary = getenv("TMPDIR");
    const char *base = engine->scratch_dir != NULL ? engine->scratch_dir : temporary != NULL ? temporary : "/tmp";
    char *beside = NULL, *made = NULL;
    if (asprintf(&beside, "%s/limpid-motion", base) < 0) return NULL;
    if (os_folder_create_beside(beside, &made) != 0) made = NULL;
    free(beside);
    return made;
}

static lmp_status estimate_series(motion_side *side, lmp_error *err)
{
    char *folder = scratch_folder(side->movie.engine), *table = NULL;
    if (folder == NULL || asprintf(&table, "%s/shifts.csv", folder) < 0) {
        if (folder != NULL) (void)os_folder_remove(folder);
        free(folder);
        return lmp_fail(err, LMP_ERR_USAGE, "no scratch folder could be made: give one with --scratch");
    }
    lmp_status status = estimate(side, table, err);
    if (status == LMP_OK) status = motion_series_read_csv(table, &side->residual.shifts, err);
    (void)os_folder_remove(folder);
    free(table);
    free(folder);
    return status;
}

/* ---- What it says ---- */

static void remove_mean(motion_series *s, const uint8_t *groups)
{
    for (int a = 0; a < MOTION_AXES; a++) {
        double sum = 0;
        int64_t n = 0;
        for (int64_t i = 0; i < s->n; i++) {
            if ((groups[i] >> SUMS_COUNTS & 1) == 0 || s->is_flagged[i]) continue;
            sum += s->px[a][i];
            n++;
        }
        for (int64_t i = 0; i < s->n && n > 0; i++) s->px[a][i] -= sum / (double)n;
    }
}

static lmp_status measure(motion_residual *r, const uint8_t *groups, lmp_error *err)
{
    const motion_series *s = &r->shifts;
    double *far = calloc((size_t)s->n + 1, sizeof *far);
    if (far == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the score");
    int64_t n = 0, n_flagged = 0;
    remove_mean(&r->shifts, groups);
    for (int64_t i = 0; i < s->n; i++) {
        if ((groups[i] >> SUMS_COUNTS & 1) == 0) continue;
        n_flagged += s->is_flagged[i];
        if (!s->is_flagged[i]) far[n++] = hypot(s->px[0][i], s->px[1][i]);
    }
    r->rms_px = metric_rms(far, n);
    (void)metric_median(far, n); /* sorts */
    r->p95_px = sorted_quantile(far, n, 0.95);
    r->max_px = sorted_quantile(far, n, 1);
    r->n_flagged = n_flagged;
    r->is_known = n > 0;
    free(far);
    return LMP_OK;
}

lmp_status motion_side_look_again(motion_side *side, const char *name, const uint8_t *groups, json_t *warnings,
                                  lmp_error *err)
{
    lmp_error why = {0};
    const lmp_step *step = NULL;
    if (engine_find_step(side->movie.engine, "motion", &step, &why) != LMP_OK) {
        warn(warnings, name, "this limpid has no step called motion");
        return LMP_OK;
    }
    const lmp_status status = estimate_series(side, &why);
    if (status == LMP_ERR_MEMORY || status == LMP_ERR_IO || status == LMP_CANCELLED)
        return lmp_fail(err, status, "%s", why.text);
    if (status != LMP_OK) {
        warn(warnings, name, why.text);
        return LMP_OK;
    }
    if (side->residual.shifts.n != side->movie.n_frames) {
        warn(warnings, name, "the step motion gave shifts of other frames");
        return LMP_OK;
    }
    return measure(&side->residual, groups, err);
}
