/* SPDX-License-Identifier: BSD-3-Clause
 *
 * param.c: one parser and one printer for every parameter of every step, simulator and preset.
 *
 * Values live in the owner's own struct at the offsets of its table. Texts and lists are malloc'd and freed here.
 */
#include "core/param.h"

#include "core/time_range.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int64_t param_count(const lmp_param *table)
{
    int64_t n = 0;
    while (table != NULL && table[n].name != NULL) n++;
    return n;
}

const char *param_type_name(lmp_param_type type)
{
    static const char *const names[] = {"number", "integer",    "numbers",  "choice", "flag",
                                        "text",   "time-range", "channels", "file",   "frames"};
    return names[type];
}

/* ---- Nearest name ---- */

enum { LONGEST_NAME = 64 };

/* Levenshtein distance, counting case differences as nothing. */
static int edit_distance(const char *a, const char *b)
{
    int row[LONGEST_NAME + 1];
    const int n = (int)strnlen(b, LONGEST_NAME);
    for (int j = 0; j <= n; j++) row[j] = j;
    for (int i = 0; a[i] != '\0' && i < LONGEST_NAME; i++) {
        int diagonal = row[0];
        row[0] = i + 1;
        for (int j = 0; j < n; j++) {
            const int above = row[j + 1];
            int best = diagonal + (strncasecmp(&a[i], &b[j], 1) != 0);
            if (above + 1 < best) best = above + 1;
            if (row[j] + 1 < best) best = row[j] + 1;
            diagonal = above;
            row[j + 1] = best;
        }
    }
    return row[n];
}

const char *param_nearest(const char *name, const char *const *names)
{
    const char *best = NULL;
    int least = (int)strlen(name) / 2 + 1;
    for (; *names != NULL; names++) {
        const int distance =
            strncasecmp(*names, name, strlen(name)) == 0 && name[0] != '\0' ? 1 : edit_distance(name, *names);
        if (distance < least) {
            least = distance;
            best = *names;
        }
    }
    return best;
}

/* ---- Parsing ---- */

static void *field(const param_set *set, const lmp_param *row)
{
    return (char *)set->values + row->offset;
}

static lmp_status bad_value(const param_set *set, const lmp_param *row, const char *value, const char *wanted,
                            lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_USAGE, "%s: %s=%s is not %s", set->owner, row->name, value, wanted);
}

/* Some parameters take a unit by habit: hz=70Hz, period=2s. Exactly the row's own unit is accepted. */
static bool ends_number(const lmp_param *row, const char *end)
{
    return *end == '\0' || (row->unit[0] != '\0' && strcasecmp(end, row->unit) == 0);
}

static bool is_auto(const lmp_param *row, const char *value)
{
    return row->choices != NULL && strcmp(row->choices, "auto") == 0 && strcmp(value, "auto") == 0;
}

static lmp_status parse_number(const param_set *set, const lmp_param *row, const char *value, double *out,
                               lmp_error *err)
{
    char wanted[160];
    char *end;
    const double number = strtod(value, &end);
    if (end != value && ends_number(row, end) && number >= row->min && number <= row->max) {
        *out = number;
        return LMP_OK;
    }
    if (isinf(row->max))
        snprintf(wanted, sizeof wanted, "a number of at least %g%s%s%s", row->min, row->unit[0] ? " " : "", row->unit,
                 row->choices != NULL ? " or auto" : "");
    else
        snprintf(wanted, sizeof wanted, "a number from %g to %g%s%s%s", row->min, row->max, row->unit[0] ? " " : "",
                 row->unit, row->choices != NULL ? " or auto" : "");
    return bad_value(set, row, value, wanted, err);
}

static lmp_status parse_integer(const param_set *set, const lmp_param *row, const char *value, int64_t *out,
                                lmp_error *err)
{
    double number;
    const lmp_status status = parse_number(set, row, value, &number, err);
    if (status != LMP_OK) return status;
    if (number != floor(number) || fabs(number) > 9e15) return bad_value(set, row, value, "a whole number", err);
    *out = (int64_t)number;
    return LMP_OK;
}

static lmp_status parse_numbers(const param_set *set, const lmp_param *row, const char *value, lmp_numbers *out,
                                lmp_error *err)
{
    int64_t count = value[0] != '\0';
    for (const char *c = value; *c != '\0'; c++) count += *c == ',';
    double *values = calloc(count > 0 ? (size_t)count : 1, sizeof *values);
    char *copy = strdup(value);
    lmp_status status = values == NULL || copy == NULL
                            ? lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", row->name)
                            : LMP_OK;
    char *at = copy;
    for (int64_t i = 0; i < count && status == LMP_OK; i++) {
        char *next = strchr(at, ',');
        if (next != NULL) *next++ = '\0';
        status = parse_number(set, row, at, &values[i], err);
        at = next;
    }
    free(copy);
    if (status != LMP_OK) {
        free(values);
        return status;
    }
    free((double *)(uintptr_t)out->values);
    *out = (lmp_numbers){.values = values, .count = count};
    return LMP_OK;
}

static lmp_status parse_choice(const param_set *set, const lmp_param *row, const char *value, int64_t *out,
                               lmp_error *err)
{
    const size_t n = strlen(value);
    int64_t index = 0;
    for (const char *at = row->choices; n > 0; index++) {
        const size_t length = strcspn(at, "|");
        if (length == n && strncmp(at, value, n) == 0) {
            *out = index;
            return LMP_OK;
        }
        if (at[length] == '\0') break;
        at += length + 1;
    }
    return lmp_fail(err, LMP_ERR_USAGE, "%s: %s=%s is not one of %s", set->owner, row->name, value, row->choices);
}

static lmp_status parse_flag(const param_set *set, const lmp_param *row, const char *value, int64_t *out,
                             lmp_error *err)
{
    static const char *const yes[] = {"yes", "true", "on", "1"}, *const no[] = {"no", "false", "off", "0"};
    for (int i = 0; i < 4; i++) {
        if (strcasecmp(value, yes[i]) == 0) *out = 1;
        if (strcasecmp(value, no[i]) == 0) *out = 0;
        if (strcasecmp(value, yes[i]) == 0 || strcasecmp(value, no[i]) == 0) return LMP_OK;
    }
    return bad_value(set, row, value, "yes or no", err);
}

static lmp_status parse_time_range(const param_set *set, const lmp_param *row, const char *value, lmp_time_range *out,
                                   lmp_error *err)
{
    if (time_range_parse(value, row->unit, out)) return LMP_OK;
    return bad_value(set, row, value, "a stretch of time in seconds such as 10-20, 10- or -20", err);
}

/* One number of a slice; false if there is none. */
static bool slice_part(const char **at, int64_t *value)
{
    char *end;
    errno = 0;
    const long long number = strtoll(*at, &end, 10);
    if (end == *at || errno != 0) return false;
    *value = number;
    *at = end;
    return true;
}

static lmp_status parse_frames(const param_set *set, const lmp_param *row, const char *value, lmp_frame_range *out,
                               lmp_error *err)
{
    static const char *const wanted = "frames as in 10:20 (from 10 to 19), 10:, :20 or ::5 (every fifth)";
    lmp_frame_range range = {0, INT64_MAX, 1};
    const char *at = value;
    (void)slice_part(&at, &range.first);
    bool good = *at == ':';
    if (good) {
        at++;
        (void)slice_part(&at, &range.end);
        if (*at == ':') {
            at++;
            good = slice_part(&at, &range.step);
        }
    }
    if (!good || *at != '\0' || range.step < 1) return bad_value(set, row, value, wanted, err);
    *out = range;
    return LMP_OK;
}

static lmp_status copy_text(const char *value, char **out, lmp_error *err)
{
    char *copy = strdup(value);
    if (copy == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a text");
    free(*out);
    *out = copy;
    return LMP_OK;
}

static lmp_status set_row(param_set *set, const lmp_param *row, const char *value, lmp_error *err)
{
    void *out = field(set, row);
    switch (row->type) {
    case LMP_PARAM_NUMBER:
        if (is_auto(row, value)) {
            *(double *)out = (double)NAN;
            return LMP_OK;
        }
        return parse_number(set, row, value, out, err);
    case LMP_PARAM_INTEGER:
        if (is_auto(row, value)) {
            *(int64_t *)out = LMP_AUTO_INTEGER;
            return LMP_OK;
        }
        return parse_integer(set, row, value, out, err);
    case LMP_PARAM_NUMBERS:
        return parse_numbers(set, row, value, out, err);
    case LMP_PARAM_CHOICE:
        return parse_choice(set, row, value, out, err);
    case LMP_PARAM_FLAG:
        return parse_flag(set, row, value, out, err);
    case LMP_PARAM_TIME_RANGE:
        return parse_time_range(set, row, value, out, err);
    case LMP_PARAM_FRAMES:
        return parse_frames(set, row, value, out, err);
    case LMP_PARAM_TEXT:
    case LMP_PARAM_CHANNELS:
    case LMP_PARAM_FILE:
        return copy_text(value, out, err);
    }
    return lmp_fail(err, LMP_ERR_USAGE, "%s: %s has a type that this version does not know", set->owner, row->name);
}

/* ---- Sets ---- */

lmp_status param_set_new(const lmp_param *table, size_t size, const char *owner, param_set *set, lmp_error *err)
{
    const int64_t n = param_count(table);
    *set = (param_set){.table = table,
                       .owner = owner,
                       .values = calloc(1, size > 0 ? size : 1),
                       .given = calloc((size_t)n + 1, sizeof(bool))};
    lmp_status status =
        set->values == NULL || set->given == NULL
            ? lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the parameters of %s", owner)
            : LMP_OK;
    for (int64_t i = 0; i < n && status == LMP_OK; i++)
        if (table[i].fallback != NULL) status = set_row(set, &table[i], table[i].fallback, err);
    if (status != LMP_OK) param_set_clear(set);
    return status;
}

void param_set_clear(param_set *set)
{
    const int64_t n = set->values == NULL ? 0 : param_count(set->table);
    for (int64_t i = 0; i < n; i++) {
        void *value = field(set, &set->table[i]);
        switch (set->table[i].type) {
        case LMP_PARAM_TEXT:
        case LMP_PARAM_CHANNELS:
        case LMP_PARAM_FILE:
            free(*(char **)value);
            break;
        case LMP_PARAM_NUMBERS:
            free((double *)(uintptr_t)((lmp_numbers *)value)->values);
            break;
        default:
            break;
        }
    }
    free(set->values);
    free(set->given);
    *set = (param_set){0};
}

static lmp_status unknown_key(const param_set *set, const char *key, lmp_error *err)
{
    const int64_t n = param_count(set->table);
    const char **names = calloc((size_t)n + 1, sizeof *names);
    if (names == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left");
    for (int64_t i = 0; i < n; i++) names[i] = set->table[i].name;
    const char *nearest = param_nearest(key, names);
    lmp_status status;
    if (n == 0)
        status = lmp_fail(err, LMP_ERR_USAGE, "%s takes no parameters, \"%s\" was given", set->owner, key);
    else if (nearest != NULL)
        status =
            lmp_fail(err, LMP_ERR_USAGE, "%s has no parameter \"%s\": did you mean %s? (limpid help %s lists them)",
                     set->owner, key, nearest, set->owner);
    else
        status =
            lmp_fail(err, LMP_ERR_USAGE, "%s has no parameter \"%s\": see limpid help %s", set->owner, key, set->owner);
    free(names);
    return status;
}

lmp_status param_set_text(param_set *set, const char *key, const char *value, lmp_error *err)
{
    for (int64_t i = 0; set->table[i].name != NULL; i++) {
        if (strcmp(set->table[i].name, key) != 0) continue;
        const lmp_status status = set_row(set, &set->table[i], value, err);
        if (status == LMP_OK) set->given[i] = true;
        return status;
    }
    return unknown_key(set, key, err);
}

lmp_status param_set_word(param_set *set, const char *word, lmp_error *err)
{
    const char *equals = strchr(word, '=');
    const size_t n = equals == NULL ? 0 : (size_t)(equals - word);
    const bool is_key = n > 0 && strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-_") == n;
    if (!is_key) {
        if (set->table[0].name == NULL) return unknown_key(set, word, err);
        return param_set_text(set, set->table[0].name, word, err);
    }
    char key[LONGEST_NAME];
    snprintf(key, sizeof key, "%.*s", (int)n, word);
    for (char *c = key; *c != '\0'; c++)
        if (*c == '_') *c = '-';
    return param_set_text(set, key, equals + 1, err);
}

lmp_status param_set_check(const param_set *set, lmp_error *err)
{
    for (int64_t i = 0; set->table[i].name != NULL; i++)
        if (set->table[i].fallback == NULL && !set->given[i])
            return lmp_fail(err, LMP_ERR_USAGE, "%s needs %s=...: %s", set->owner, set->table[i].name,
                            set->table[i].help);
    return LMP_OK;
}

/* ---- Printing ---- */

/* The shortest decimal text that reads back as the same double. */
static void print_double(double value, char text[32])
{
    for (int digits = 15; digits <= 17; digits++) { /* %g drops trailing zeros itself */
        snprintf(text, 32, "%.*g", digits, value);
        if (strtod(text, NULL) == value) return;
    }
}

static char *print_numbers(const lmp_numbers *numbers)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) return NULL;
    for (int64_t i = 0; i < numbers->count; i++) {
        char one[32];
        print_double(numbers->values[i], one);
        fprintf(out, "%s%s", i > 0 ? "," : "", one);
    }
    fclose(out);
    return text;
}

static char *print_choice(const char *choices, int64_t index)
{
    while (index-- > 0) choices += strcspn(choices, "|") + 1;
    return strndup(choices, strcspn(choices, "|"));
}

static char *print_time_range(lmp_time_range range)
{
    char first[32], last[32] = "", *text = NULL;
    print_double(range.first_s, first);
    if (!isinf(range.last_s)) print_double(range.last_s, last);
    return asprintf(&text, "%s-%s", first, last) < 0 ? NULL : text;
}

static char *print_frames(lmp_frame_range range)
{
    char end[24] = "", step[24] = "", *text = NULL;
    if (range.end != INT64_MAX) snprintf(end, sizeof end, "%" PRId64, range.end);
    if (range.step != 1) snprintf(step, sizeof step, ":%" PRId64, range.step);
    return asprintf(&text, "%" PRId64 ":%s%s", range.first, end, step) < 0 ? NULL : text;
}

char *param_print(const param_set *set, int64_t i)
{
    const lmp_param *row = &set->table[i];
    const void *value = field(set, row);
    char text[32];
    switch (row->type) {
    case LMP_PARAM_NUMBER:
        if (isnan(*(const double *)value)) return strdup("auto");
        print_double(*(const double *)value, text);
        return strdup(text);
    case LMP_PARAM_INTEGER:
        if (*(const int64_t *)value == LMP_AUTO_INTEGER) return strdup("auto");
        snprintf(text, sizeof text, "%" PRId64, *(const int64_t *)value);
        return strdup(text);
    case LMP_PARAM_NUMBERS:
        return print_numbers(value);
    case LMP_PARAM_CHOICE:
        return print_choice(row->choices, *(const int64_t *)value);
    case LMP_PARAM_FLAG:
        return strdup(*(const int64_t *)value != 0 ? "yes" : "no");
    case LMP_PARAM_TIME_RANGE:
        return print_time_range(*(const lmp_time_range *)value);
    case LMP_PARAM_FRAMES:
        return print_frames(*(const lmp_frame_range *)value);
    case LMP_PARAM_TEXT:
    case LMP_PARAM_CHANNELS:
    case LMP_PARAM_FILE:
        return *(char *const *)value == NULL ? NULL : strdup(*(char *const *)value);
    }
    return NULL;
}
