/* SPDX-License-Identifier: BSD-3-Clause
 *
 * json_text.c: texts of files and of errors as JSON, whatever their bytes.
 */
#include "json_text.h"

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
