/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf_decimal.h: decimal numbers held exactly, as EDF writes them in header fields of 8 characters and in annotations.
 */
#ifndef LIMPID_IO_EDF_DECIMAL_H
#define LIMPID_IO_EDF_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* mantissa / 10^decimals; decimals in [0, EDF_MOST_DECIMALS]. */
typedef struct edf_decimal {
    int64_t mantissa;
    int decimals;
} edf_decimal;

enum { EDF_MOST_DECIMALS = 18, EDF_DECIMAL_ROOM = 32, EDF_FIELD = 8, EDF_FIELD_ROOM = EDF_FIELD + 1 };

/* Reads [+-]digits[.digits] (or a comma) at the start of `text`; gives the characters used, 0 if there is no number.
 * Digits beyond the 18th significant one are dropped if they are decimals; more before the point give 0. */
size_t edf_decimal_parse(const char *text, size_t size, edf_decimal *value);

/* Nearest double (exactly so up to 15 digits). */
double edf_decimal_value(edf_decimal value);

/* The decimal with the fewest decimals, at most `most`, that has the same value as `x`; if none has, the nearest with
 * `most` decimals (or fewer where a double has no more). False if |x| is 10^17 or more, or not a number. */
bool edf_decimal_from(double x, int most, edf_decimal *value);

/* False if the result does not fit. */
bool edf_decimal_add(edf_decimal a, edf_decimal b, edf_decimal *sum);
bool edf_decimal_times(edf_decimal a, int64_t factor, edf_decimal *product);
edf_decimal edf_decimal_negate(edf_decimal a);

/* The same value without zeros at the end. */
edf_decimal edf_decimal_trim(edf_decimal a);

/* Gives the number of characters; `plus`: with a sign in any case. */
int edf_decimal_print(edf_decimal value, bool plus, char text[EDF_DECIMAL_ROOM]);

/* A header field: false if it takes more than 8 characters. */
bool edf_field_print(edf_decimal value, char text[EDF_FIELD_ROOM]);

/* The nearest number that fits a header field and is not above x (up: not below x); what a reader makes of it in
 * `value`. Plain decimals; with `exponent` numbers such as -1.25E-9. False if there is none. */
bool edf_field_outward(double x, bool up, bool exponent, char text[EDF_FIELD_ROOM], double *value);

/* 10^n, n in [0, EDF_MOST_DECIMALS]. */
int64_t edf_decimal_power(int n);

/* Greatest common divisor, not negative. */
int64_t edf_decimal_gcd(int64_t a, int64_t b);

#endif
