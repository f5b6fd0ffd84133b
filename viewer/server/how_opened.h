/* SPDX-License-Identifier: BSD-3-Clause
 *
 * how_opened.h: the options that a recording is opened with, as JSON: named as on the command line.
 */
#ifndef LIMPID_VIEWER_HOW_OPENED_H
#define LIMPID_VIEWER_HOW_OPENED_H

#include <jansson.h>
#include <limpid/step.h>

/* Only those that were given; {} if none was. events: a path; NULL: none were added. */
json_t *how_opened_json(const lmp_open_options *how, const char *events);
/* The reverse. Texts, *events too (NULL: none), are the JSON's. `who` names the recording in sentences of errors. */
LMP_CHECKED lmp_status how_opened_read(const json_t *json, const char *who, lmp_open_options *how, const char **events,
                                       lmp_error *err);

#endif
