/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_done.c: what a provenance record tells in a report: the command, the steps, where all comes from.
 */
#include "score/metrics.h"
#include "score/provenance.h"
#include "score/report_parts.h"

#include <stdlib.h>
#include <string.h>

void report_chain(report_data *d, const json_t *record)
{
    const char *chain = provenance_text(record, "chain"), *input = provenance_text(record, "input.path");
    if (chain[0] == '\0') return;
    data_text(d, "chain");
    say(d, "%s → %s", page_name_of(input), chain);
}

/* The chain with a step in each line, ready for a shell. */
static void print_command(FILE *out, const char *chain, const char *input)
{
    const char *quote = strpbrk(input, " '\"\\$*?&;()<>|!#") != NULL ? "'" : "";
    fprintf(out, "limpid run %s%s%s", quote, input[0] != '\0' ? input : "INPUT", quote);
    for (const char *at = chain;;) {
        const char *end = strstr(at, " ! ");
        fprintf(out, "%s%.*s", at == chain ? " \\\n    " : " ! \\\n    ",
                (int)(end != NULL ? end - at : (long)strlen(at)), at);
        if (end == NULL) break;
        at = end + 3;
    }
}

void report_command(report_data *d, const json_t *record)
{
    const char *chain = provenance_text(record, "chain");
    char *text = NULL;
    size_t size = 0;
    FILE *out = chain[0] != '\0' ? open_memstream(&text, &size) : NULL;
    if (out == NULL) return;
    print_command(out, chain, provenance_text(record, "input.path"));
    if (fclose(out) == 0) data_command(d, text);
    free(text);
}

/* "clock_ppm" is a clock in ppm. */
static const char *unit_of(const char *key, size_t *stem)
{
    static const char *const endings[][2] = {{"_s", "s"},   {"_hz", "Hz"}, {"_uv", "µV"},
                                             {"_us", "µs"}, {"_ms", "ms"}, {"_ppm", "ppm"},
                                             {"_mm", "mm"}, {"_px", "px"}, {"_percent", "%"}};
    const size_t n = strlen(key);
    *stem = n;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const size_t m = strlen(endings[i][0]);
        if (n <= m || strcmp(key + n - m, endings[i][0]) != 0) continue;
        *stem = n - m;
        return endings[i][1];
    }
    return "";
}

static void print_value(FILE *out, const json_t *value, const char *unit)
{
    char number[40];
    const double x = json_is_number(value) ? json_number_value(value) : UNKNOWN;
    if (json_is_string(value)) {
        fputs(json_string_value(value), out);
        return;
    }
    snprintf(number, sizeof number,
             x == floor(x) && fabs(x) < 1e15 ? "%.0f"
             : strcmp(unit, "s") == 0        ? "%.7g"
                                             : "%.4g",
             x);
    fputs(isfinite(x) ? number : "–", out);
}

/* Texts, numbers and lists of a few numbers; what a figure shows is left to it. */
static bool is_told(const char *key, const json_t *value)
{
    enum { LONGEST_LIST = 6 };
    if (strcmp(key, "step") == 0 || strncmp(key, "template_", 9) == 0 || strcmp(key, "status_names") == 0) return false;
    if (json_is_string(value)) return json_string_length(value) > 0;
    if (json_is_number(value)) return true;
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!json_is_number(json_array_get(value, i)) && !json_is_null(json_array_get(value, i))) return false;
    return json_array_size(value) > 0 && json_array_size(value) <= LONGEST_LIST;
}

static void print_fact(FILE *out, const char *key, const json_t *value)
{
    size_t stem;
    const char *unit = unit_of(key, &stem);
    for (size_t i = 0; i < stem; i++) fputc(key[i] == '_' ? ' ' : key[i], out);
    fputc(' ', out);
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (i > 0) fputs(", ", out);
        print_value(out, json_array_get(value, i), unit);
    }
    if (!json_is_array(value)) print_value(out, value, unit);
    if (unit[0] != '\0') fprintf(out, " %s", unit);
}

static void print_step(FILE *out, json_t *step)
{
    const char *key, *between = "";
    json_t *value;
    json_object_foreach(step, key, value)
    {
        if (!is_told(key, value)) continue;
        fputs(between, out);
        print_fact(out, key, value);
        between = " · ";
    }
}

void report_steps(report_data *d, const json_t *record)
{
    const json_t *steps = json_object_get(record, "steps");
    if (json_array_size(steps) == 0) return;
    json_t *table = data_table(d, "");
    table_column(table, "step", "", COLUMN_TEXT);
    table_column(table, "what it found", "", COLUMN_TEXT);
    for (size_t i = 0; i < json_array_size(steps); i++) {
        json_t *step = json_array_get(steps, i);
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        if (out == NULL) continue;
        print_step(out, step);
        json_t *row = fclose(out) == 0 ? table_row(table) : NULL;
        row_text(row, "%s", provenance_text(step, "step"));
        row_text(row, "%s", text);
        free(text);
    }
}

void report_provenance(report_data *d, const json_t *record)
{
    data_heading(d, 2, "Provenance");
    json_t *facts = data_facts(d);
    fact_text(facts, "command", provenance_text(record, "command"));
    fact_text(facts, "limpid that made the result", provenance_text(record, "limpid"));
    fact_text(facts, "limpid that made this report", lmp_version());
    fact_text(facts, "digest of the input", provenance_text(record, "input.digest"));
    fact_text(facts, "no digest of the input", provenance_text(record, "input.no_digest"));
    fact_text(facts, "digest of the result", provenance_text(record, "output.digest"));
    fact_number(facts, "time taken", provenance_number(record, "run.seconds"), "s");
    fact_number(facts, "processor time", provenance_number(record, "run.cpu_seconds"), "s");
    fact_number(facts, "threads", provenance_number(record, "run.threads"), "");
    fact_bytes(facts, "memory for data, at most", provenance_number(record, "run.memory_peak"));
    fact_bytes(facts, "memory limit", provenance_number(record, "run.memory_limit"));
}
