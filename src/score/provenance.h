/* SPDX-License-Identifier: BSD-3-Clause
 *
 * provenance.h: reading provenance records. Every field may be missing or of another type: then it is unknown.
 */
#ifndef LIMPID_SCORE_PROVENANCE_H
#define LIMPID_SCORE_PROVENANCE_H

#include <jansson.h>
#include <limpid/step.h>

/* Any JSON file whose root is an object. */
LMP_CHECKED lmp_status provenance_load(const char *path, json_t **root, lmp_error *err);

/* What the step called `name` says about itself; the first one of that name; NULL if there is none. */
const json_t *provenance_step(const json_t *record, const char *name);

/* NaN, "" and NULL stand for unknown. Members of members are named "input.path". */
double provenance_number(const json_t *object, const char *key);
const char *provenance_text(const json_t *object, const char *key);
const json_t *provenance_member(const json_t *object, const char *key);

/* A list of numbers, null as NaN; malloc'd, NULL (and *n = 0) if there is none or memory is out. */
double *provenance_numbers(const json_t *object, const char *key, int64_t *n);

/* Seconds that the steps crop before step `until` cut off at the start; until: index in "parameters", -1: all. */
double provenance_cropped_s(const json_t *record, int64_t until);

/* Index of the first step of that name in "parameters"; -1 if there is none. */
int64_t provenance_find(const json_t *record, const char *name);

#endif
