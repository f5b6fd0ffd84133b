/* SPDX-License-Identifier: BSD-3-Clause
 *
 * json_text.c: what JSON has no words for.
 */
#include "json_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

json_t *json_text(const char *text)
{
    json_t *json = json_string(text != NULL ? text : "");
    char *copy = json == NULL ? strdup(text) : NULL;
    if (copy == NULL) return json;
    for (char *c = copy; *c != '\0'; c++)
        if ((unsigned char)*c > '~') *c = '?';
    json = json_string(copy);
    free(copy);
    return json;
}

json_t *json_number_or_null(double value, bool is_known)
{
    return is_known && isfinite(value) ? json_real(value) : json_null();
}
