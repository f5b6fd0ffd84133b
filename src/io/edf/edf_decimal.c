/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf_decimal.c: decimal numbers held exactly.
 *
 * Times of records and annotations are sums and multiples of short decimals: in integers they come out exactly, on
 * record ten million too. A double is made once, at the end, with one correctly rounded division: powers of ten up to
 * 10^22 and integers up to 2^53 are exact doubles.
 */
#include "io/edf/edf_decimal.h"

#include "io/decimal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t edf_decimal_power(int n)
{
    int64_t power = 1;
    for (int i = 0; i < n; i++) power *= 10;
    return power;
}

int64_t edf_decimal_gcd(int64_t a, int64_t b)
{
    while (b != 0) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return llabs(a);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

size_t edf_decimal_parse(const char *text, size_t size, edf_decimal *value)
{
    size_t i = 0;
    const bool negative = size > 0 && text[0] == '-';
    if (size > 0 && (text[0] == '-' || text[0] == '+')) i++;
    edf_decimal d = {0};
    bool has_digits = false, after_point = false;
    for (; i < size; i++) {
        if ((text[i] == '.' || text[i] == ',') && !after_point) {
            after_point = true;
            continue;
        }
        if (!is_digit(text[i])) break;
        has_digits = true;
        const bool full = d.mantissa >= INT64_C(100000000000000000) || d.decimals == EDF_MOST_DECIMALS;
        if (full && !after_point) return 0;
        if (full) continue;
        d.mantissa = 10 * d.mantissa + (text[i] - '0');
        d.decimals += after_point;
    }
    if (!has_digits) return 0;
    if (negative) d.mantissa = -d.mantissa;
    *value = d;
    return i;
}

double edf_decimal_value(edf_decimal value)
{
    return (double)value.mantissa / (double)edf_decimal_power(value.decimals);
}

bool edf_decimal_from(double x, int most, edf_decimal *value)
{
    if (!(fabs(x) < 1e17)) return false;
    edf_decimal best = {llrint(x), 0};
    for (int d = 1; d <= most && edf_decimal_value(best) != x; d++) {
        const double scaled = x * (double)edf_decimal_power(d);
        if (!(fabs(scaled) < 1e17)) break; /* a double has no more digits than that */
        best = (edf_decimal){llrint(scaled), d};
    }
    *value = edf_decimal_trim(best);
    return true;
}

/* Brings both to the larger number of decimals. */
static bool align(edf_decimal *a, edf_decimal *b)
{
    edf_decimal *shorter = a->decimals < b->decimals ? a : b;
    const int decimals = a->decimals < b->decimals ? b->decimals : a->decimals;
    const int64_t factor = edf_decimal_power(decimals - shorter->decimals);
    if (__builtin_mul_overflow(shorter->mantissa, factor, &shorter->mantissa)) return false;
    shorter->decimals = decimals;
    return true;
}

bool edf_decimal_add(edf_decimal a, edf_decimal b, edf_decimal *sum)
{
    edf_decimal s = {0};
    a = edf_decimal_trim(a);
    b = edf_decimal_trim(b);
    if (!align(&a, &b) || __builtin_add_overflow(a.mantissa, b.mantissa, &s.mantissa)) return false;
    s.decimals = a.decimals;
    *sum = edf_decimal_trim(s);
    return true;
}

bool edf_decimal_times(edf_decimal a, int64_t factor, edf_decimal *product)
{
    edf_decimal p = {.decimals = a.decimals};
    if (__builtin_mul_overflow(a.mantissa, factor, &p.mantissa)) return false;
    *product = edf_decimal_trim(p);
    return true;
}

edf_decimal edf_decimal_negate(edf_decimal a)
{
    return (edf_decimal){-a.mantissa, a.decimals};
}

edf_decimal edf_decimal_trim(edf_decimal a)
{
    while (a.decimals > 0 && a.mantissa % 10 == 0) {
        a.mantissa /= 10;
        a.decimals--;
    }
    return a;
}

int edf_decimal_print(edf_decimal value, bool plus, char text[EDF_DECIMAL_ROOM])
{
    const edf_decimal v = edf_decimal_trim(value);
    const char *sign = v.mantissa < 0 ? "-" : plus ? "+" : "";
    const uint64_t size = v.mantissa < 0 ? 0 - (uint64_t)v.mantissa : (uint64_t)v.mantissa;
    const uint64_t unit = (uint64_t)edf_decimal_power(v.decimals);
    if (v.decimals == 0) return snprintf(text, EDF_DECIMAL_ROOM, "%s%llu", sign, (unsigned long long)size);
    return snprintf(text, EDF_DECIMAL_ROOM, "%s%llu.%0*llu", sign, (unsigned long long)(size / unit), v.decimals,
                    (unsigned long long)(size % unit));
}

bool edf_field_print(edf_decimal value, char text[EDF_FIELD_ROOM])
{
    char all[EDF_DECIMAL_ROOM];
    const int length = edf_decimal_print(value, false, all);
    if (length > EDF_FIELD) return false;
    memcpy(text, all, (size_t)length + 1);
    return true;
}

static bool plain_outward(double x, bool up, char text[EDF_FIELD_ROOM], double *value)
{
    if (!(fabs(x) < 1e8)) return false;
    for (int d = 6; d >= 0; d--) {
        const double scaled = x * (double)edf_decimal_power(d);
        edf_decimal bound = {(int64_t)(up ? ceil(scaled) : floor(scaled)), d};
        /* The product was rounded: look again at what a reader will see. */
        if (up && edf_decimal_value(bound) < x) bound.mantissa++;
        if (!up && edf_decimal_value(bound) > x) bound.mantissa--;
        if (!edf_field_print(bound, text)) continue;
        *value = edf_decimal_value(bound);
        return true;
    }
    return false;
}

static bool exponent_outward(double x, bool up, char text[EDF_FIELD_ROOM], double *value)
{
    if (!isfinite(x) || x == 0 || fabs(x) < 1e-290) return false;
    const int power = (int)floor(log10(fabs(x)));
    for (int digits = 5; digits >= 0; digits--) {
        const int64_t unit = edf_decimal_power(digits);
        const double scaled = x / pow(10, power) * (double)unit;
        int64_t mantissa = (int64_t)(up ? ceil(scaled) : floor(scaled));
        for (int attempt = 0; attempt < 3; attempt++, mantissa += up ? 1 : -1) {
            char all[EDF_DECIMAL_ROOM + 8], number[EDF_DECIMAL_ROOM];
            edf_decimal_print((edf_decimal){mantissa, digits}, false, number);
            const int length = snprintf(all, sizeof all, "%sE%d", number, power);
            if (length > EDF_FIELD || !decimal_parse(all, 0, value)) break;
            if (up ? *value < x : *value > x) continue;
            memcpy(text, all, (size_t)length + 1);
            return true;
        }
    }
    return false;
}

bool edf_field_outward(double x, bool up, bool exponent, char text[EDF_FIELD_ROOM], double *value)
{
    return exponent ? exponent_outward(x, up, text, value) : plain_outward(x, up, text, value);
}
