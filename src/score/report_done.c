/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_done.c: what a provenance record tells in a report: the command, the steps, where all comes from.
 */
#include "score/metrics.h"
#include "score/provenance.h"
#include "score/report_parts.h"
#include "score/svg.h"

#include <stdlib.h>
#include <string.h>

void page_chain(FILE *out, const json_t *record)
{
    const char *chain = provenance_text(record, "chain"), *input = provenance_text(record, "input.path");
    if (chain[0] == '\0') return;
    fputs("<p class=\"chain\">", out);
    html_text(out, page_name_of(input));
    fputs(" → ", out);
    html_text(out, chain);
    fputs("</p>\n", out);
}

/* The chain with a step in each line, ready for a shell. */
void page_command(FILE *out, const json_t *record)
{
    const char *chain = provenance_text(record, "chain"), *input = provenance_text(record, "input.path");
    if (chain[0] == '\0') return;
    fputs("<pre>limpid run ", out);
    if (strpbrk(input, " '\"\\$*?&;()<>|!#") != NULL) fputc('\'', out);
    html_text(out, input[0] != '\0' ? input : "INPUT");
    if (strpbrk(input, " '\"\\$*?&;()<>|!#") != NULL) fputc('\'', out);
    for (const char *at = chain;;) {
        const char *end = strstr(at, " ! ");
        char *step = end != NULL ? strndup(at, (size_t)(end - at)) : strdup(at);
        fputs(at == chain ? " \\\n    " : " ! \\\n    ", out);
        if (step != NULL) html_text(out, step);
        free(step);
        if (end == NULL) break;
        at = end + 3;
    }
    fputs("</pre>\n", out);
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

static void write_value(FILE *out, const json_t *value, const char *unit)
{
    char number[40];
    const double x = json_is_number(value) ? json_number_value(value) : UNKNOWN;
    if (json_is_string(value)) {
        html_text(out, json_string_value(value));
        return;
    }
    snprintf(number, sizeof number,
             x == floor(x) && fabs(x) < 1e15 ? "%.0f"
             : strcmp(unit, "s") == 0        ? "%.7g"
                                             : "%.4g",
             x);
    html_text(out, isfinite(x) ? number : "–");
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

static void write_fact(FILE *out, const char *key, const json_t *value)
{
    size_t stem;
    const char *unit = unit_of(key, &stem);
    char *name = strndup(key, stem);
    for (char *c = name; c != NULL && *c != '\0'; c++)
        if (*c == '_') *c = ' ';
    if (name != NULL) html_text(out, name);
    free(name);
    fputc(' ', out);
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (i > 0) fputs(", ", out);
        write_value(out, json_array_get(value, i), unit);
    }
    if (!json_is_array(value)) write_value(out, value, unit);
    if (unit[0] != '\0') fprintf(out, " %s", unit);
}

void page_steps(FILE *out, const json_t *record)
{
    const json_t *steps = json_object_get(record, "steps");
    if (json_array_size(steps) == 0) return;
    fputs("<table class=\"wide\"><thead><tr><th>step</th><th>what it found</th></tr></thead><tbody>\n", out);
    for (size_t i = 0; i < json_array_size(steps); i++) {
        json_t *step = json_array_get(steps, i), *value;
        const char *key;
        bool is_first = true;
        fputs("<tr><th>", out);
        html_text(out, provenance_text(step, "step"));
        fputs("</th><td class=\"facts\">", out);
        json_object_foreach(step, key, value)
        {
            if (!is_told(key, value)) continue;
            if (!is_first) fputs(" · ", out);
            is_first = false;
            write_fact(out, key, value);
        }
        fputs("</td></tr>\n", out);
    }
    fputs("</tbody></table>\n", out);
}

void page_provenance(FILE *out, const json_t *record)
{
    fputs("<h2>Provenance</h2>\n<table class=\"wide\"><tbody>\n", out);
    page_text_row(out, "command", provenance_text(record, "command"));
    page_text_row(out, "limpid that made the result", provenance_text(record, "limpid"));
    page_text_row(out, "limpid that made this report", lmp_version());
    page_text_row(out, "digest of the input", provenance_text(record, "input.digest"));
    page_text_row(out, "no digest of the input", provenance_text(record, "input.no_digest"));
    page_text_row(out, "digest of the result", provenance_text(record, "output.digest"));
    page_number_row(out, "time taken", provenance_number(record, "run.seconds"), "s");
    page_number_row(out, "processor time", provenance_number(record, "run.cpu_seconds"), "s");
    page_number_row(out, "threads", provenance_number(record, "run.threads"), "");
    page_bytes_row(out, "memory for data, at most", provenance_number(record, "run.memory_peak"));
    page_bytes_row(out, "memory limit", provenance_number(record, "run.memory_limit"));
    fputs("</tbody></table>\n", out);
}
