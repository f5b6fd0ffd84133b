/* SPDX-License-Identifier: BSD-3-Clause
 *
 * score.c: limpid score, report, verify: how good a result is, and whether it is still what was written.
 */
#include "cli.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static lmp_score_options score_options(const cli *c)
{
    lmp_score_options o = LMP_OPTIONS(lmp_score_options);
    o.before = c->before;
    o.truth = c->truth;
    o.record = c->record;
    o.pattern = c->pattern;
    o.bands = c->bands;
    o.tones = c->tones;
    o.page = cli_report_page();
    return o;
}

static double number(const json_t *o, const char *key)
{
    const json_t *value = json_object_get(o, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static void print_truth(const json_t *truth)
{
    size_t i;
    json_t *o;
    if (!json_is_object(truth)) return;
    printf("against the truth\n");
    json_array_foreach(json_object_get(truth, "bands"), i, o)
        printf("  %6.4g-%-6.4g Hz   error %.3f uV rms of %.2f uV\n", number(o, "low_hz"), number(o, "high_hz"),
               number(o, "error_uv"), number(o, "reference_uv"));
    printf("  correlation       %.4f\n", number(truth, "correlation"));
    json_array_foreach(json_object_get(truth, "tones"), i, o)
        printf("  tone %6.4g Hz     %.4f of its amplitude is left\n", number(o, "hz"), number(o, "transfer"));
}

static void print_suppression(const json_t *s)
{
    size_t i;
    json_t *o;
    if (!json_is_object(s)) return;
    printf("what was removed\n");
    json_array_foreach(json_object_get(s, "harmonics"), i, o)
    {
        if (json_is_true(json_object_get(o, "is_strongest")) && json_is_number(json_object_get(o, "suppression_db")))
            printf("  %8.4f Hz        %.1f dB down\n", number(o, "hz"), number(o, "suppression_db"));
    }
    printf("  residual ratio    %.3f (spread inside the scan over outside; 1 is ideal)\n", number(s, "residual_ratio"));
    printf("  locked to epochs  %.3f uV rms, by chance %.3f uV\n", number(s, "epoch_locked_residue_uv"),
           number(s, "epoch_locked_residue_null_uv"));
}

static void print_preservation(const json_t *p)
{
    size_t i;
    json_t *o;
    const json_t *bands = json_object_get(p, "band_power_vs_scan_free");
    if (!json_is_array(bands) || json_array_size(bands) == 0) return;
    printf("what was kept: power inside the scan over scan-free parts\n");
    json_array_foreach(bands, i, o)
    {
        printf("  %6.4g-%-6.4g Hz   %.3f", number(o, "low_hz"), number(o, "high_hz"), number(o, "ratio"));
        if (json_is_number(json_object_get(o, "spread_low")))
            printf(" (scan-free parts among themselves: %.2f to %.2f)", number(o, "spread_low"),
                   number(o, "spread_high"));
        printf("\n");
    }
}

static void print_warnings(const json_t *all)
{
    size_t i;
    json_t *o;
    json_array_foreach(json_object_get(all, "warnings"), i, o) printf("note: %s\n", json_string_value(o));
}

int cmd_score(cli *c)
{
    lmp_error err = {0};
    lmp_engine *engine = NULL;
    if (c->n_words > 0 && strcmp(c->words[0], "motion") == 0) return cmd_score_motion(c);
    if (c->shifts != NULL || c->report != NULL)
        return cli_usage("--%s belongs to limpid score motion%s", c->shifts != NULL ? "shifts" : "report",
                         c->shifts != NULL ? "" : "; of other results: limpid report RESULT FILE.html");
    if (c->n_words != 1)
        return cli_usage("limpid score takes one result: limpid score RESULT [--before FILE] [--truth FILE]");
    int code = cli_new_engine(c, &engine, &err);
    if (code != 0) return code;
    const lmp_score_options options = score_options(c);
    char *text = NULL;
    if (lmp_score(engine, c->words[0], &options, &text, &err) != LMP_OK) {
        code = cli_fail(&err);
    } else if (c->json) {
        puts(text);
    } else {
        json_t *json = json_loads(text, 0, NULL);
        print_truth(json_object_get(json, "with_truth"));
        print_suppression(json_object_get(json, "suppression"));
        print_preservation(json_object_get(json, "preservation"));
        print_warnings(json);
        json_decref(json);
    }
    lmp_text_free(text);
    lmp_engine_free(engine);
    return code;
}

int cmd_report(cli *c)
{
    lmp_error err = {0};
    lmp_engine *engine = NULL;
    if (c->n_words != 2) return cli_usage("limpid report takes a result and a page: limpid report RESULT FILE.html");
    int code = cli_new_engine(c, &engine, &err);
    if (code != 0) return code;
    const lmp_score_options options = score_options(c);
    if (lmp_report(engine, c->words[0], &options, c->words[1], c->overwrite, &err) != LMP_OK) code = cli_fail(&err);
    lmp_engine_free(engine);
    return code;
}

/* The output is sound; whether its input could be checked too depends on what the run has read of it. */
static void print_verified(const char *output, const char *text)
{
    json_t *json = json_loads(text, 0, NULL);
    const char *why = json_string_value(json_object_get(json, "no_input_digest"));
    printf("%s: as it was written\n", output);
    if (why != NULL) printf("%s: its input has no digest in the record: %s\n", output, why);
    json_decref(json);
}

int cmd_verify(cli *c)
{
    lmp_error err = {0};
    lmp_engine *engine = NULL;
    if (c->n_words < 1) return cli_usage("limpid verify needs the name of an output");
    int code = cli_new_engine(c, &engine, &err);
    if (code != 0) return code;
    for (int64_t i = 0; i < c->n_words; i++) {
        char *text = NULL;
        if (lmp_verify(engine, c->words[i], &text, &err) != LMP_OK)
            code = cli_fail(&err);
        else if (c->json)
            puts(text);
        else if (!c->quiet)
            print_verified(c->words[i], text);
        lmp_text_free(text);
    }
    lmp_engine_free(engine);
    return code;
}
