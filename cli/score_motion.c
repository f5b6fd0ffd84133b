/* SPDX-License-Identifier: BSD-3-Clause
 *
 * score_motion.c: limpid score motion: how well motion was found, and how much is left.
 */
#include "cli.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static double number(const json_t *o, const char *key)
{
    const json_t *value = json_object_get(o, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static void print_errors(const char *name, const json_t *o)
{
    if (number(o, "frames") == 0) return;
    printf("  %-17s mean %.4f  95 %% %.4f  max %.4f px  (%.0f frames)\n", name, number(o, "mean_px"),
           number(o, "p95_px"), number(o, "max_px"), number(o, "frames"));
}

static void print_axis(const char *name, const json_t *o)
{
    printf("  %-17s RMSE %.4f px  slope %.4f  step %.4f px\n", name, number(o, "rmse_px"), number(o, "slope"),
           number(o, "step_px"));
}

static void print_truth(const json_t *truth, double n_flagged)
{
    if (!json_is_object(truth)) return;
    printf("error of the shifts, its mean removed\n");
    print_errors(n_flagged > 0 ? "without flagged" : "all frames", truth);
    if (n_flagged > 0) print_errors("with flagged", json_object_get(truth, "with_flagged"));
    print_axis("dy", json_object_get(truth, "dy"));
    print_axis("dx", json_object_get(truth, "dx"));
}

/* A number before and after; the side that is not known is left out. */
static void print_both(const char *name, const json_t *before, const json_t *after, const char *key)
{
    const double a = number(before, key), b = number(after, key);
    if (isnan(a) && isnan(b)) return;
    printf("  %-34s", name);
    if (!isnan(a)) printf(" %10.4g ->", a);
    printf(" %10.4g\n", b);
}

static void print_movies(const json_t *before, const json_t *after)
{
    const json_t *left_before = json_object_get(before, "residual_motion"),
                 *left_after = json_object_get(after, "residual_motion");
    if (!json_is_object(after)) return;
    printf(json_is_object(before) ? "the movie before -> after\n" : "the movie\n");
    print_both("crispness of the mean image", before, after, "crispness");
    print_both("acutance of the mean image", before, after, "acutance");
    print_both("correlation with the mean image", before, after, "correlation_with_mean");
    print_both("least correlation with it", before, after, "correlation_with_mean_least");
    print_both("local correlation", before, after, "local_correlation");
    print_both("crispness of the local correlation", before, after, "local_correlation_crispness");
    print_both("motion estimated anew, RMS px", left_before, left_after, "rms_px");
    print_both("the same, 95 %", left_before, left_after, "p95_px");
    print_both("the same, largest", left_before, left_after, "max_px");
}

static void print_left(const json_t *left)
{
    size_t i;
    json_t *pair;
    if (!json_is_object(left)) return;
    printf("thirds of the frames against each other: whole, largest of %.0f x %.0f blocks\n", number(left, "rows"),
           number(left, "columns"));
    json_array_foreach(json_object_get(left, "pairs"), i, pair)
        printf("  by %-5s           %.3f px   %.3f px\n", json_string_value(json_object_get(pair, "by")),
               number(pair, "rigid_px"), number(pair, "local_max_px"));
}

static void print_score(const char *text)
{
    size_t i;
    json_t *json = json_loads(text, 0, NULL), *warning;
    const double n_flagged = number(json_object_get(json, "shifts"), "frames_flagged");
    if (n_flagged > 0) printf("%.0f of %.0f frames are flagged\n", n_flagged, number(json, "frames"));
    print_truth(json_object_get(json, "with_truth"), n_flagged);
    print_movies(json_object_get(json, "before"), json_object_get(json, "after"));
    print_left(json_object_get(json, "motion_left"));
    json_array_foreach(json_object_get(json, "warnings"), i, warning) printf("note: %s\n", json_string_value(warning));
    json_decref(json);
}

static int print_numbers(const cli *c, lmp_engine *engine, const lmp_motion_score_options *options)
{
    lmp_error err = {0};
    char *text = NULL;
    if (lmp_score_motion(engine, options, &text, &err) != LMP_OK) return cli_fail(&err);
    if (c->json)
        puts(text);
    else
        print_score(text);
    lmp_text_free(text);
    return 0;
}

static int write_report(const cli *c, lmp_engine *engine, const lmp_motion_score_options *options)
{
    lmp_error err = {0};
    if (lmp_report_motion(engine, options, c->report, c->overwrite, &err) != LMP_OK) return cli_fail(&err);
    if (!c->quiet && !c->json) printf("%s: the report\n", c->report);
    return 0;
}

int cmd_score_motion(cli *c)
{
    lmp_error err = {0};
    lmp_engine *engine = NULL;
    lmp_motion_score_options options = LMP_OPTIONS(lmp_motion_score_options);
    if (c->n_words > 3 || (c->n_words < 2 && (c->shifts == NULL || c->truth == NULL)))
        return cli_usage("limpid score motion takes a corrected movie, perhaps after the one before correction, or "
                         "--shifts and --truth: limpid score motion [[BEFORE] AFTER] [--shifts FILE] [--truth FILE]");
    options.before = c->n_words == 3 ? c->words[1] : c->before;
    options.after = c->n_words > 1 ? c->words[c->n_words - 1] : NULL;
    options.shifts = c->shifts;
    options.truth = c->truth;
    options.page = cli_report_page();
    int code = cli_new_engine(c, &engine, &err);
    if (code != 0) return code;
    /* With a report the numbers are in it; measuring twice is left to --json. */
    if (c->report != NULL) code = write_report(c, engine, &options);
    if (code == 0 && (c->report == NULL || c->json)) code = print_numbers(c, engine, &options);
    lmp_engine_free(engine);
    return code;
}
