/* SPDX-License-Identifier: BSD-3-Clause
 *
 * provenance.c: reading provenance records.
 *
 * A record may come from anywhere: nothing in it is trusted to be there, to be of the right type or in range.
 */
#include "score/provenance.h"
#include "score/metrics.h"

#include "core/text_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_MIB = 512 };

lmp_status provenance_load(const char *path, json_t **root, lmp_error *err)
{
    char *text = NULL;
    size_t size = 0;
    const lmp_status status = text_file_read(path, LARGEST_MIB, "provenance record", &text, &size, err);
    if (status != LMP_OK) return status;
    json_error_t why;
    json_t *made = json_loadb(text, size, JSON_REJECT_DUPLICATES, &why);
    free(text);
    if (json_is_object(made)) {
        *root = made;
        return LMP_OK;
    }
    const bool is_json = made != NULL;
    json_decref(made);
    return lmp_fail(err, LMP_ERR_INPUT, "%s is no provenance record: %s", path,
                    is_json ? "it holds no JSON object" : why.text);
}

const json_t *provenance_step(const json_t *record, const char *name)
{
    const json_t *steps = json_object_get(record, "steps");
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        if (strcmp(provenance_text(step, "step"), name) == 0) return step;
    }
    return NULL;
}

const json_t *provenance_member(const json_t *object, const char *key)
{
    char part[64];
    while (object != NULL) {
        const size_t n = strcspn(key, ".");
        if (n >= sizeof part) return NULL;
        memcpy(part, key, n);
        part[n] = '\0';
        object = json_object_get(object, part);
        if (key[n] == '\0') return object;
        key += n + 1;
    }
    return NULL;
}

double provenance_number(const json_t *object, const char *key)
{
    const json_t *value = provenance_member(object, key);
    return json_is_number(value) ? json_number_value(value) : UNKNOWN;
}

const char *provenance_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(provenance_member(object, key));
    return text != NULL ? text : "";
}

double *provenance_numbers(const json_t *object, const char *key, int64_t *n)
{
    const json_t *array = provenance_member(object, key);
    const size_t count = json_array_size(array);
    *n = 0;
    double *values = count > 0 ? malloc(count * sizeof *values) : NULL;
    if (values == NULL) return NULL;
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(array, i);
        values[i] = json_is_number(value) ? json_number_value(value) : UNKNOWN;
    }
    *n = (int64_t)count;
    return values;
}

/* ---- The chain ---- */

int64_t provenance_find(const json_t *record, const char *name)
{
    const json_t *chain = json_object_get(record, "parameters");
    for (size_t i = 0; i < json_array_size(chain); i++)
        if (strcmp(provenance_text(json_array_get(chain, i), "step"), name) == 0) return (int64_t)i;
    return -1;
}

double provenance_cropped_s(const json_t *record, int64_t until)
{
    const json_t *chain = json_object_get(record, "parameters");
    double sum_s = 0;
    for (size_t i = 0; i < json_array_size(chain) && (until < 0 || (int64_t)i < until); i++) {
        const json_t *step = json_array_get(chain, i);
        const char *range = provenance_text(step, "range"); /* "10-20" */
        if (strcmp(provenance_text(step, "step"), "crop") != 0 || range[0] == '-') continue;
        const double first_s = strtod(range, NULL);
        if (first_s > 0 && first_s < 1e12) sum_s += first_s;
    }
    return sum_s;
}
