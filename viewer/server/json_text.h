/* SPDX-License-Identifier: BSD-3-Clause
 *
 * json_text.h: texts of files and of errors as JSON, whatever their bytes.
 */
#ifndef LIMPID_VIEWER_JSON_TEXT_H
#define LIMPID_VIEWER_JSON_TEXT_H

#include <jansson.h>

/* A text that is not UTF-8 (a name in an old encoding, a sentence that was cut) has a question mark for each odd byte.
 * NULL only if memory is out. */
json_t *json_text(const char *text);

#endif
