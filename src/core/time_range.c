/* SPDX-License-Identifier: BSD-3-Clause
 *
 * time_range.c: see time_range.h.
 */
#include "core/time_range.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_SHOWN = 40 };

static bool take_number(const char **at, double *value)
{
    char *end;
    *value = strtod(*at, &end);
    if (end == *at) return false;
    *at = end;
    return true;
}

static bool ends_here(const char *at, const char *unit)
{
    return *at == '\0' || (unit[0] != '\0' && strcasecmp(at, unit) == 0);
}

bool time_range_parse(const char *text, const char *unit, lmp_time_range *range)
{
    lmp_time_range made = {0, (double)INFINITY};
    const char *at = text;
    if (*at != '-' && !take_number(&at, &made.first_s)) return false;
    if (*at++ != '-') return false;
    if (*at != '\0' && (!take_number(&at, &made.last_s) || !ends_here(at, unit))) return false;
    if (!(made.first_s >= 0) || !(made.last_s > made.first_s)) return false;
    *range = made;
    return true;
}

static bool parse_time(const char *text, lmp_time_range *range)
{
    double time_s;
    if (!take_number(&text, &time_s) || !ends_here(text, "s") || !isfinite(time_s) || time_s < 0) return false;
    *range = (lmp_time_range){time_s, time_s};
    return true;
}

/* Without the blanks around it. */
static char *trim(char *text)
{
    text += strspn(text, " \t");
    size_t n = strlen(text);
    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t')) n--;
    text[n] = '\0';
    return text;
}

lmp_status time_ranges_parse(const char *step, const char *key, const char *text, lmp_time_range **ranges,
                             int64_t *count, lmp_error *err)
{
    size_t most = 1;
    int64_t n = 0;
    for (const char *c = text; *c != '\0'; c++) most += *c == ',';
    lmp_time_range *made = calloc(most, sizeof *made);
    char *copy = strdup(text), *rest = copy;
    lmp_status status = made == NULL || copy == NULL
                            ? lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s of %s", key, step)
                            : LMP_OK;
    for (char *item = strsep(&rest, ","); item != NULL && status == LMP_OK; item = strsep(&rest, ",")) {
        item = trim(item);
        if (time_range_parse(item, "s", &made[n]) || parse_time(item, &made[n]))
            n++;
        else
            status = lmp_fail(err, LMP_ERR_USAGE,
                              "%s: \"%.*s\" in %s is no stretch of time: write seconds, as in 12.5-14,20-21.5", step,
                              MOST_SHOWN, item, key);
    }
    free(copy);
    if (status != LMP_OK) {
        free(made);
        return status;
    }
    *ranges = made;
    *count = n;
    return LMP_OK;
}
