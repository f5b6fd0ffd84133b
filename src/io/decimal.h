/* SPDX-License-Identifier: BSD-3-Clause
 *
 * decimal.h: decimal numbers in text files, whatever the program's locale.
 */
#ifndef LIMPID_IO_DECIMAL_H
#define LIMPID_IO_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

/* The number that the whole text is, times 10^power, correctly rounded; blanks around it are fine. False for anything
 * else, for infinities, NaN, hexadecimal, and what overflows a double. */
bool decimal_parse(const char *text, int power, double *value);

/* The same for whole numbers. */
bool decimal_parse_integer(const char *text, int64_t *value);

enum { DECIMAL_ROOM = 64 };

/* The shortest decimal text that reads back as the same (finite) double, without exponent where that stays short. */
void decimal_print(double value, char text[DECIMAL_ROOM]);

#endif
