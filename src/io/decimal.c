/* SPDX-License-Identifier: BSD-3-Clause
 *
 * decimal.c: decimal numbers in text files, whatever the program's locale.
 *
 * The C library rounds correctly but reads and prints the decimal point of the locale, which belongs to the program
 * that uses the library. So numbers are handed to it as whole digits with an exponent ("1234e-2"): no point is needed.
 */
#include "io/decimal.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DIGITS = 200 };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads "e-06"; leaves `text` behind it. */
static bool parse_exponent(const char **text, int *exponent)
{
    const char *c = *text;
    if (*c != 'e' && *c != 'E') return true;
    c++;
    const bool negative = *c == '-';
    if (*c == '-' || *c == '+') c++;
    if (!is_digit(*c)) return false;
    int n = 0;
    for (; is_digit(*c); c++)
        if (n < 10000) n = 10 * n + (*c - '0');
    *exponent += negative ? -n : n;
    *text = c;
    return true;
}

/* Up to 15 digits and powers of ten up to 22 are doubles themselves, so one multiplication or division rounds once. */
static bool scale_exactly(int64_t digits, int exponent, double *value)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (exponent < -22 || exponent > 22) return false;
    *value = exponent < 0 ? (double)digits / powers[-exponent] : (double)digits * powers[exponent];
    return true;
}

bool decimal_parse(const char *text, int power, double *value)
{
    enum { MOST_EXACT = 15 };
    char whole[MOST_DIGITS + 16];
    size_t n = 0;
    int64_t digits = 0;
    int exponent = power;
    bool has_digits = false, after_point = false;
    while (is_blank(*text)) text++;
    const bool is_negative = *text == '-';
    if (*text == '-' || *text == '+') text++;
    for (;; text++) {
        if (*text == '.' && !after_point) {
            after_point = true;
        } else if (is_digit(*text) && n < MOST_DIGITS) {
            if (n < MOST_EXACT) digits = 10 * digits + (*text - '0');
            whole[n++] = *text;
            has_digits = true;
            if (after_point) exponent--;
        } else {
            break;
        }
    }
    if (!has_digits || !parse_exponent(&text, &exponent)) return false;
    while (is_blank(*text)) text++;
    if (*text != '\0') return false;
    double parsed;
    if (n > MOST_EXACT || !scale_exactly(digits, exponent, &parsed)) {
        snprintf(whole + n, sizeof whole - n, "e%d", exponent);
        parsed = strtod(whole, NULL);
    }
    if (!isfinite(parsed)) return false;
    *value = is_negative ? -parsed : parsed;
    return true;
}

bool decimal_parse_integer(const char *text, int64_t *value)
{
    while (is_blank(*text)) text++;
    const char *digits = *text == '-' || *text == '+' ? text + 1 : text;
    if (!is_digit(*digits)) return false;
    char *end = NULL;
    errno = 0;
    const long long parsed = strtoll(text, &end, 10);
    if (errno != 0) return false;
    while (is_blank(*end)) end++;
    if (*end != '\0') return false;
    *value = parsed;
    return true;
}

/* `value` in `n` digits, 0.DIGITS * 10^point; true if they read back as it. */
static bool print_digits(double value, int n, char digits[24], int *point)
{
    char printed[40];
    snprintf(printed, sizeof printed, "%.*e", n - 1, value);
    const char *c = printed;
    for (; *c != 'e' && *c != '\0'; c++) /* skips the locale's decimal point */
        if (is_digit(*c)) *digits++ = *c;
    int exponent = 0;
    (void)parse_exponent(&c, &exponent);
    *point = exponent + 1;
    return strtod(printed, NULL) == value;
}

/* Fewest digits of `value` that read back as it. Decimals of up to 15 digits survive a double, so if 15 do, the fewest
 * are those without the zeros at the end; not so for the subnormal, which hold less. */
static size_t shortest_digits(double value, char digits[24], int *point)
{
    const double size = fabs(value);
    int n = size < DBL_MIN ? 1 : 15;
    while (n < 17 && !print_digits(size, n, digits, point)) n++;
    if (n == 17) (void)print_digits(size, n, digits, point);
    while (n > 1 && digits[n - 1] == '0') n--;
    return (size_t)n;
}

void decimal_print(double value, char text[DECIMAL_ROOM])
{
    char digits[24];
    int point;
    const int n = (int)shortest_digits(value, digits, &point);
    const char *sign = signbit(value) ? "-" : "";
    if (value == 0)
        snprintf(text, DECIMAL_ROOM, "%s0", sign);
    else if (point > 18 || point < -12)
        snprintf(text, DECIMAL_ROOM, "%s%.1s%s%.*se%d", sign, digits, n > 1 ? "." : "", n - 1, digits + 1, point - 1);
    else if (point <= 0)
        snprintf(text, DECIMAL_ROOM, "%s0.%.*s%.*s", sign, -point, "000000000000", n, digits);
    else if (n > point)
        snprintf(text, DECIMAL_ROOM, "%s%.*s.%.*s", sign, point, digits, n - point, digits + point);
    else
        snprintf(text, DECIMAL_ROOM, "%s%.*s%.*s", sign, n, digits, point - n, "000000000000000000");
}
