/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf_identity.c: who and when in an EDF+ header (EDF+ specification, sections 2.1.3.3 and 2.1.3.4).
 *
 * The date field has two digits for the year: 85 to 99 are of the 20th century, the others of the 21st, and "yy" stands
 * for what lies outside; the recording identification then has the full date. Times are taken as UTC: files do not say.
 * In both identifications subfields are separated by blanks, an unknown one is "X", and blanks inside become "_".
 */
#include "io/edf/edf_identity.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char months[12][4] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};

/* ---- Calendar --------------------------------------------------------------------------------------------- */

typedef struct civil {
    int64_t year;
    int month, day; /* from 1 */
} civil;

/* Days since 1970-01-01 in the Gregorian calendar. Years are counted from March, so that the leap day comes last. */
static int64_t days_of(civil date)
{
    const int64_t year = date.year - (date.month <= 2);
    const int64_t era = (year >= 0 ? year : year - 399) / 400;
    const int64_t year_of_era = year - era * 400;
    const int64_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static civil civil_of(int64_t days)
{
    days += 719468;
    const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const int64_t day_of_era = days - era * 146097;
    const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t month = (5 * day_of_year + 2) / 153;
    const int civil_month = (int)(month < 10 ? month + 3 : month - 9);
    return (civil){year_of_era + era * 400 + (civil_month <= 2), civil_month,
                   (int)(day_of_year - (153 * month + 2) / 5 + 1)};
}

static bool is_date(civil date)
{
    if (date.month < 1 || date.month > 12 || date.day < 1) return false;
    const civil again = civil_of(days_of(date));
    return again.month == date.month && again.day == date.day;
}

/* ---- Reading ---------------------------------------------------------------------------------------------- */

/* "24-JAN-2020", with anything but a letter or digit behind it. */
static bool parse_long_date(const char *text, civil *date)
{
    int day, year, used = 0;
    char month[4];
    if (sscanf(text, "%2d-%3[A-Za-z]-%4d%n", &day, month, &year, &used) != 3) return false;
    if (text[used] != '\0' && text[used] != ' ') return false;
    for (int m = 0; m < 12; m++)
        if (strcasecmp(month, months[m]) == 0) {
            *date = (civil){year, m + 1, day};
            return is_date(*date);
        }
    return false;
}

/* Three numbers with any one character between them: writers use '.', ':', '-' and '/'. */
static bool parse_triple(const char *text, int numbers[3])
{
    return sscanf(text, "%2d%*1[^0-9]%2d%*1[^0-9]%2d", &numbers[0], &numbers[1], &numbers[2]) == 3 && numbers[0] >= 0 &&
           numbers[1] >= 0 && numbers[2] >= 0;
}

static bool starts_with(const char *text, const char *start)
{
    return strncasecmp(text, start, strlen(start)) == 0;
}

double edf_identity_start(const char *date, const char *time, const char *recording, bool *odd)
{
    int dmy[3], hms[3];
    civil day;
    *odd = false;
    const bool has_day = parse_triple(date, dmy);
    const bool has_time = parse_triple(time, hms) && hms[0] < 24 && hms[1] < 60 && hms[2] < 61;
    if (starts_with(recording, "Startdate ") && parse_long_date(recording + 10, &day)) {
        *odd = !has_time;
    } else if (has_day) {
        day = (civil){dmy[2] >= 85 ? 1900 + dmy[2] : 2000 + dmy[2], dmy[1], dmy[0]};
        /* Anonymised files start on the first day that EDF knows, and say X where EDF+ has the date. */
        if (starts_with(recording, "Startdate X") && dmy[0] == 1 && dmy[1] == 1 && dmy[2] == 85) return (double)NAN;
        *odd = !has_time || !is_date(day);
    } else {
        *odd = true;
    }
    if (*odd) return (double)NAN;
    return (double)(days_of(day) * 86400 + hms[0] * 3600 + hms[1] * 60 + hms[2]);
}

/* ---- Writing ---------------------------------------------------------------------------------------------- */

static bool has_start(double start_unix_s)
{
    return fabs(start_unix_s) < 9e10; /* years -882 to 4821: more than any recording's */
}

static civil day_of_start(double start_unix_s, int64_t *second)
{
    const int64_t whole = (int64_t)floor(start_unix_s);
    const int64_t days = (whole >= 0 ? whole : whole - 86399) / 86400;
    *second = whole - days * 86400;
    return civil_of(days);
}

void edf_identity_print_start(double start_unix_s, char date[EDF_DATE + 1], char time[EDF_DATE + 1])
{
    memcpy(date, "01.01.85", EDF_DATE + 1);
    memcpy(time, "00.00.00", EDF_DATE + 1);
    if (!has_start(start_unix_s)) return;
    int64_t second;
    const civil day = day_of_start(start_unix_s, &second);
    const bool in_range = day.year >= 1985 && day.year <= 2084;
    char year[4] = "yy";
    if (in_range) snprintf(year, sizeof year, "%02u", (unsigned)(day.year % 100) % 100u);
    snprintf(date, EDF_DATE + 1, "%02u.%02u.%.2s", (unsigned)day.day % 100u, (unsigned)day.month % 100u, year);
    snprintf(time, EDF_DATE + 1, "%02u.%02u.%02u", (unsigned)(second / 3600) % 100u, (unsigned)(second / 60) % 60u,
             (unsigned)(second % 60));
}

void edf_identity_to_ascii(const char *text, int width, char *out)
{
    int n = 0;
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0' && n < width; c++) {
        if (*c >= 0x20 && *c < 0x7F) {
            out[n++] = (char)*c;
        } else if ((*c == 0xC2 && c[1] == 0xB5) || (*c == 0xCE && c[1] == 0xBC)) { /* micro sign, small mu */
            out[n++] = 'u';
            c++;
        } else if (*c == 0xC2 && c[1] == 0xB0) { /* degree sign */
            for (const char *d = "deg"; *d != '\0' && n < width; d++) out[n++] = *d;
            c++;
        } else if ((*c & 0xC0) != 0x80) { /* one for each character, not for each byte of it */
            out[n++] = '_';
        }
    }
    out[n] = '\0';
}

static void fill_blanks(char *text)
{
    for (; *text != '\0'; text++)
        if (*text == ' ') *text = '_';
}

/* The text as one subfield of an identification: "X" if it is empty. */
static void to_subfield(const char *text, char out[EDF_ID + 1])
{
    while (*text == ' ') text++;
    edf_identity_to_ascii(text, EDF_ID, out);
    size_t n = strlen(out);
    while (n > 0 && out[n - 1] == ' ') out[--n] = '\0';
    fill_blanks(out);
    if (n == 0) memcpy(out, "X", 2);
}

/* Start of the n-th subfield (from 0) of texts whose subfields are separated by single blanks; NULL if there is none.
 */
static const char *find_subfield(const char *text, int n)
{
    for (; n > 0; n--) {
        text = strchr(text, ' ');
        if (text == NULL) return NULL;
        text++;
    }
    return *text == '\0' || *text == ' ' ? NULL : text;
}

static bool is_unknown(const char *subfield)
{
    return subfield[0] == 'X' && (subfield[1] == ' ' || subfield[1] == '\0');
}

static bool is_edf_patient(const char *text)
{
    const char *sex = find_subfield(text, 1), *birth = find_subfield(text, 2), *name = find_subfield(text, 3);
    if (find_subfield(text, 0) == NULL || sex == NULL || birth == NULL || name == NULL) return false;
    civil date;
    return strchr("FMX", sex[0]) != NULL && sex[1] == ' ' && (is_unknown(birth) || parse_long_date(birth, &date));
}

void edf_identity_print_patient(const char *subject, char text[EDF_ID + 1])
{
    char ascii[EDF_ID + 1];
    edf_identity_to_ascii(subject, EDF_ID, ascii);
    if (is_edf_patient(ascii)) {
        memcpy(text, ascii, sizeof ascii);
        return;
    }
    to_subfield(subject, ascii);
    snprintf(text, EDF_ID + 1, "X X X %.*s", EDF_ID - 6, ascii);
}

void edf_identity_print_recording(const char *session, double start_unix_s, char text[EDF_ID + 1])
{
    char ascii[EDF_ID + 1], date[16] = "X";
    if (has_start(start_unix_s)) {
        int64_t second;
        const civil day = day_of_start(start_unix_s, &second);
        if (day.year >= 1 && day.year <= 9999)
            snprintf(date, sizeof date, "%02u-%s-%04u", (unsigned)day.day % 100u, months[day.month - 1],
                     (unsigned)day.year % 10000u);
    }
    edf_identity_to_ascii(session, EDF_ID, ascii);
    const char *rest = starts_with(ascii, "Startdate ") ? find_subfield(ascii, 2) : NULL;
    if (rest != NULL && find_subfield(rest, 1) != NULL && find_subfield(rest, 2) != NULL) {
        snprintf(text, EDF_ID + 1, "Startdate %s %.*s", date, EDF_ID - 11 - (int)strlen(date), rest);
        return;
    }
    to_subfield(session, ascii);
    snprintf(text, EDF_ID + 1, "Startdate %s X X %.*s", date, EDF_ID - 15 - (int)strlen(date), ascii);
}
