/* SPDX-License-Identifier: BSD-3-Clause
 *
 * json_text.h: what JSON has no words for: texts that are not UTF-8, numbers that are none.
 */
#ifndef LIMPID_VIEWER_JSON_TEXT_H
#define LIMPID_VIEWER_JSON_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A text that is not UTF-8 (a name in an old encoding, a sentence that was cut) has a question mark for each odd byte.
 * NULL only if memory is out. */
json_t *json_text(const char *text);

/* null where a number is not known, NaN or infinite. */
json_t *json_number_or_null(double value, bool is_known);

/* Bytes that a text takes at most once it is parsed: lists of pairs of numbers take some thirty times their text. */
uint64_t json_parsed_bytes(const char *text, size_t size);

#endif
