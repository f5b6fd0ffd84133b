/* SPDX-License-Identifier: BSD-3-Clause
 *
 * param.h: values described by a table of lmp_param: defaults, parsing, printing, freeing.
 */
#ifndef LIMPID_CORE_PARAM_H
#define LIMPID_CORE_PARAM_H

#include <limpid/step.h>

typedef struct param_set {
    const lmp_param *table;
    const char *owner; /* the step's name, for messages */
    void *values;
    bool *given; /* per row: was set explicitly */
} param_set;

LMP_CHECKED lmp_status param_set_new(const lmp_param *table, size_t size, const char *owner, param_set *set,
                                     lmp_error *err);
void param_set_clear(param_set *set);

/* From text; an unknown key names the nearest one, a bad value what would do. */
LMP_CHECKED lmp_status param_set_text(param_set *set, const char *key, const char *value, lmp_error *err);

/* From n texts "key=value"; a bare word is the value of the first parameter. */
LMP_CHECKED lmp_status param_set_word(param_set *set, const char *word, lmp_error *err);

/* Fails naming the first parameter without a default that was not given. */
LMP_CHECKED lmp_status param_set_check(const param_set *set, lmp_error *err);

/* The value of row i as text that param_set_text() would take; caller frees; NULL if memory is out or none is set. */
char *param_print(const param_set *set, int64_t i);

int64_t param_count(const lmp_param *table);

/* The name among `names` (ended by NULL) nearest to `name` by edits; NULL if none is near. */
const char *param_nearest(const char *name, const char *const *names);

/* "number", "choice" ... for JSON and help. */
const char *param_type_name(lmp_param_type type);

#endif
