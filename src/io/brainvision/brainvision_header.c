/* SPDX-License-Identifier: BSD-3-Clause
 *
 * brainvision_header.c: the two text files of a BrainVision recording, header (.vhdr) and markers (.vmrk).
 *
 * Both are INI files behind an identification line. The reader walks over the lines once and cuts the text in place:
 * names are pointers into it. After Brain Products, "Specification of BrainVision Core Data Format 1.0", with what
 * writers in the field do otherwise: letter case of sections and keys, missing sections, version 2.0, V-Amp.
 *
 * The free text of [Comment] may hold anything, also lines that look like sections: only the heading of a section that
 * the format knows and that has not been there yet ends it.
 */
#include "io/brainvision/brainvision_header.h"

#include "io/decimal.h"
#include "io/file.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- Lines ------------------------------------------------------------------------------------------------ */

static const char *const sections[] = {"Common Infos", "User Infos",    "Binary Infos",
                                       "ASCII Infos",  "Channel Infos", "Channel User Infos",
                                       "Coordinates",  "Marker Infos",  "Marker User Infos"};
enum {
    IN_COMMON,
    IN_BINARY = 2,
    IN_CHANNELS = 4,
    IN_MARKERS = 7,
    N_SECTIONS = sizeof sections / sizeof sections[0],
    IN_COMMENT = N_SECTIONS,
    IN_UNKNOWN
};

typedef struct ini_reader {
    char *next; /* NULL at the end */
    int section;
    bool seen[N_SECTIONS];
} ini_reader;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static char *trim(char *text)
{
    while (is_blank(*text)) text++;
    size_t n = strlen(text);
    while (n > 0 && is_blank(text[n - 1])) n--;
    text[n] = '\0';
    return text;
}

/* The next line without its end; lines end with LF, CR LF or CR. */
static char *next_line(ini_reader *r)
{
    char *line = r->next;
    if (line == NULL) return NULL;
    char *end = line;
    while (*end != '\0' && *end != '\r' && *end != '\n') end++;
    if (*end == '\0') {
        r->next = NULL;
        return line;
    }
    r->next = end[0] == '\r' && end[1] == '\n' ? end + 2 : end + 1;
    *end = '\0';
    return line;
}

/* True if the line is the heading of a section; then we are in it. */
static bool enter_section(ini_reader *r, const char *line)
{
    while (is_blank(*line)) line++;
    if (*line != '[') return false;
    const char *close = strrchr(line, ']');
    if (close == NULL) return false;
    for (const char *c = close + 1; *c != '\0'; c++)
        if (!is_blank(*c)) return false;
    const size_t n = (size_t)(close - line - 1);
    int found = strncasecmp(line + 1, "Comment", n) == 0 && n == strlen("Comment") ? IN_COMMENT : IN_UNKNOWN;
    for (int i = 0; i < N_SECTIONS; i++)
        if (strlen(sections[i]) == n && strncasecmp(line + 1, sections[i], n) == 0) found = i;
    if (r->section == IN_COMMENT && (found >= N_SECTIONS || r->seen[found])) return false;
    if (found < N_SECTIONS) r->seen[found] = true;
    r->section = found;
    return true;
}

/* The next "key=value" of a known section but [Comment]. Blanks around the key are gone, those of the value stay. */
static bool next_entry(ini_reader *r, char **key, char **value)
{
    for (char *line = next_line(r); line != NULL; line = next_line(r)) {
        if (enter_section(r, line) || r->section >= N_SECTIONS || line[strspn(line, " \t")] == ';') continue;
        char *equals = strchr(line, '=');
        if (equals == NULL) continue;
        *equals = '\0';
        *key = trim(line);
        *value = equals + 1;
        return true;
    }
    return false;
}

/* Number behind a prefix ("Ch12" -> 12); 0 if the key is of another kind. */
static int64_t numbered(const char *key, const char *prefix)
{
    const size_t n = strlen(prefix);
    int64_t number = 0;
    if (strncasecmp(key, prefix, n) != 0 || key[n] < '0' || key[n] > '9') return 0;
    return decimal_parse_integer(key + n, &number) && number > 0 ? number : 0;
}

/* Cuts at commas; fields that are not there become "". Returns how many are. */
static int split(char *value, char **fields, int n_fields)
{
    int n = 0;
    for (char *field = value; n < n_fields && field != NULL;) {
        fields[n++] = field;
        field = strchr(field, ',');
        if (field != NULL) *field++ = '\0';
    }
    for (int i = n; i < n_fields; i++) fields[i] = value + strlen(value);
    return n;
}

/* Puts back the commas that are coded as \1, in place. */
static char *restore_commas(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        const bool is_comma = from[0] == '\\' && from[1] == '1';
        *to++ = is_comma ? ',' : *from;
        if (is_comma) from++;
    }
    *to = '\0';
    return text;
}

bool brainvision_is_headed(const char *text, size_t size, const char *kind)
{
    static const char mark[] = "\xEF\xBB\xBF";
    char line[100] = "", wanted[32];
    if (size >= 3 && memcmp(text, mark, 3) == 0) {
        text += 3;
        size -= 3;
    }
    for (size_t i = 0; i < size && i < sizeof line - 1 && text[i] != '\0' && text[i] != '\n'; i++) line[i] = text[i];
    snprintf(wanted, sizeof wanted, "%s File", kind);
    return (strncasecmp(line, "Brain Vision", 12) == 0 || strncasecmp(line, "BrainVision", 11) == 0) &&
           strcasestr(line, wanted) != NULL;
}

/* Major number behind "Version" in the identification line; 0 if there is none. */
static int version_of(const char *line)
{
    const char *version = strcasestr(line, "Version");
    return version == NULL ? 0 : (int)strtol(version + strlen("Version"), NULL, 10);
}

/* ---- Header ----------------------------------------------------------------------------------------------- */

typedef struct header_parser {
    const char *path;
    bool salvage;
    brainvision_header *header;
    const char *format, *orientation, *domain, *channels, *interval, *points, *binary, *big_endian;
    const char *segmentation;
    int64_t n_described, highest, n_twice; /* channel lines; their highest number; repeated ones */
    lmp_error *err;
} header_parser;

static lmp_status no_memory(const char *path, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to read %s", path);
}

static void take_setting(header_parser *p, int section, const char *key, char *value)
{
    const struct {
        int section;
        const char *key;
        const char **place;
    } known[] = {{IN_COMMON, "DataFile", &p->header->data_file},
                 {IN_COMMON, "MarkerFile", &p->header->marker_file},
                 {IN_COMMON, "DataFormat", &p->format},
                 {IN_COMMON, "DataOrientation", &p->orientation},
                 {IN_COMMON, "DataType", &p->domain},
                 {IN_COMMON, "NumberOfChannels", &p->channels},
                 {IN_COMMON, "SamplingInterval", &p->interval},
                 {IN_COMMON, "DataPoints", &p->points},
                 {IN_COMMON, "SegmentationType", &p->segmentation},
                 {IN_BINARY, "BinaryFormat", &p->binary},
                 {IN_BINARY, "UseBigEndianOrder", &p->big_endian}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].section == section && strcasecmp(known[i].key, key) == 0) *known[i].place = trim(value);
}

/* Room for channel number `n`; the list doubles. */
static bool grow_channels(brainvision_header *header, int64_t n)
{
    if (n <= header->n_channels) return true;
    int64_t room = header->n_channels < 32 ? 32 : 2 * header->n_channels;
    if (room < n) room = n;
    brainvision_channel *more = realloc(header->channels, (size_t)room * sizeof *more);
    if (more == NULL) return false;
    memset(more + header->n_channels, 0, (size_t)(room - header->n_channels) * sizeof *more);
    header->channels = more;
    header->n_channels = room; /* until the number of channels is settled */
    return true;
}

static lmp_status take_channel(header_parser *p, int64_t number, char *value)
{
    char *fields[4];
    if (number > BRAINVISION_MOST_CHANNELS)
        return lmp_fail(p->err, LMP_ERR_INPUT, "%s describes channel %" PRId64 ", beyond the %d that limpid reads",
                        p->path, number, BRAINVISION_MOST_CHANNELS);
    if (!grow_channels(p->header, number)) return no_memory(p->path, p->err);
    brainvision_channel *channel = &p->header->channels[number - 1];
    if (channel->name != NULL) {
        p->n_twice++;
        return LMP_OK;
    }
    (void)split(value, fields, 4);
    channel->name = trim(restore_commas(fields[0]));
    channel->resolution = trim(fields[2]);
    channel->unit = trim(restore_commas(fields[3]));
    p->n_described++;
    if (number > p->highest) p->highest = number;
    return LMP_OK;
}

static lmp_status settle_encoding(header_parser *p)
{
    static const struct {
        const char *name;
        sample_type type;
    } known[] = {{"INT_16", SAMPLE_INT16},
                 {"UINT_16", SAMPLE_UINT16},
                 {"INT_32", SAMPLE_INT32},
                 {"IEEE_FLOAT_32", SAMPLE_FLOAT32},
                 {"IEEE_FLOAT_64", SAMPLE_FLOAT64}};
    enum { N_KNOWN = sizeof known / sizeof known[0] };
    brainvision_header *header = p->header;
    if (p->format != NULL && strcasecmp(p->format, "BINARY") != 0)
        return lmp_fail(p->err, LMP_ERR_INPUT,
                        "%s has DataFormat=%.40s; limpid reads BINARY: export the recording as binary", p->path,
                        p->format);
    if (p->binary == NULL)
        return lmp_fail(p->err, LMP_ERR_INPUT,
                        "%s does not say BinaryFormat under [Binary Infos]; add BinaryFormat=INT_16 or IEEE_FLOAT_32, "
                        "whichever its data are",
                        p->path);
    int found = 0;
    while (found < N_KNOWN && strcasecmp(p->binary, known[found].name) != 0) found++;
    if (found == N_KNOWN)
        return lmp_fail(p->err, LMP_ERR_INPUT,
                        "%s has BinaryFormat=%.40s; limpid reads INT_16, UINT_16, INT_32, IEEE_FLOAT_32 and "
                        "IEEE_FLOAT_64",
                        p->path, p->binary);
    header->type = known[found].type;
    header->is_big_endian = p->big_endian != NULL && strcasecmp(p->big_endian, "YES") == 0;
    if (p->orientation != NULL && strcasecmp(p->orientation, "MULTIPLEXED") != 0 &&
        strcasecmp(p->orientation, "VECTORIZED") != 0)
        return lmp_fail(p->err, LMP_ERR_INPUT, "%s has DataOrientation=%.40s; it must be MULTIPLEXED or VECTORIZED",
                        p->path, p->orientation);
    header->is_vectorized = p->orientation != NULL && strcasecmp(p->orientation, "VECTORIZED") == 0;
    return LMP_OK;
}

static lmp_status settle_times(header_parser *p)
{
    brainvision_header *header = p->header;
    if (p->domain != NULL && strcasecmp(p->domain, "TIMEDOMAIN") != 0)
        return lmp_fail(p->err, LMP_ERR_INPUT,
                        "%s has DataType=%.40s; limpid reads TIMEDOMAIN: export the signals over time", p->path,
                        p->domain);
    if (p->interval == NULL)
        return lmp_fail(p->err, LMP_ERR_INPUT,
                        "%s does not say SamplingInterval under [Common Infos]; add it, in microseconds", p->path);
    if (!decimal_parse(p->interval, 0, &header->interval_us) || !(header->interval_us > 0) ||
        !isfinite(1e6 / header->interval_us) || !(1e6 / header->interval_us > 0))
        return lmp_fail(p->err, LMP_ERR_INPUT,
                        "%s has SamplingInterval=%.40s; it must be a positive number of microseconds", p->path,
                        p->interval);
    if (p->points != NULL && (!decimal_parse_integer(p->points, &header->n_points) || header->n_points < 0))
        return lmp_fail(p->err, LMP_ERR_INPUT, "%s has DataPoints=%.40s; it must be a whole number", p->path,
                        p->points);
    header->is_segmented =
        p->segmentation != NULL && p->segmentation[0] != '\0' && strcasecmp(p->segmentation, "NOTSEGMENTED") != 0;
    return LMP_OK;
}

/* Channels 1 to n_channels must be described, no other. */
static lmp_status settle_channels(header_parser *p)
{
    brainvision_header *header = p->header;
    int64_t n = 0;
    if (p->channels == NULL)
        return lmp_fail(p->err, LMP_ERR_INPUT, "%s does not say NumberOfChannels under [Common Infos]; add it",
                        p->path);
    if (!decimal_parse_integer(p->channels, &n) || n < 1 || n > BRAINVISION_MOST_CHANNELS)
        return lmp_fail(p->err, LMP_ERR_INPUT, "%s has NumberOfChannels=%.40s; it must be a number from 1 to %d",
                        p->path, p->channels, BRAINVISION_MOST_CHANNELS);
    if (!grow_channels(header, n)) return no_memory(p->path, p->err);
    header->n_channels = n;
    if (p->n_described == n && p->highest == n) return LMP_OK;
    if (!p->salvage)
        return lmp_fail(p->err, LMP_ERR_INPUT,
                        "%s has NumberOfChannels=%" PRId64 ", but [Channel Infos] describes %" PRId64
                        " channels up to Ch%" PRId64 "; correct one of them, or salvage it (--salvage) to read %" PRId64
                        " channels",
                        p->path, n, p->n_described, p->highest, n);
    file_warn(&header->warnings,
              "%s has NumberOfChannels=%" PRId64 ", but [Channel Infos] describes %" PRId64
              " channels; channels without a line are taken as 1 uV per unit",
              p->path, n, p->n_described);
    return LMP_OK;
}

lmp_status brainvision_header_parse(char *text, const char *path, bool salvage, brainvision_header *header,
                                    lmp_error *err)
{
    *header = (brainvision_header){.data_file = "", .marker_file = "", .text = text};
    header_parser p = {.path = path, .salvage = salvage, .header = header, .err = err};
    ini_reader r = {.next = text, .section = IN_UNKNOWN};
    lmp_status status = LMP_OK;
    const bool is_headed = brainvision_is_headed(text, strlen(text), "Header");
    const int version = is_headed ? version_of(next_line(&r)) : 0;
    char *key, *value;
    while (status == LMP_OK && next_entry(&r, &key, &value)) {
        const int64_t number = r.section == IN_CHANNELS ? numbered(key, "Ch") : 0;
        if (number > 0)
            status = take_channel(&p, number, value);
        else
            take_setting(&p, r.section, key, value);
    }
    if (status == LMP_OK && !is_headed && !r.seen[IN_COMMON])
        status = lmp_fail(err, LMP_ERR_INPUT,
                          "%s is not a BrainVision header: it starts with no identification line and has no [Common "
                          "Infos]; give the .vhdr file",
                          path);
    if (status == LMP_OK) status = settle_encoding(&p);
    if (status == LMP_OK) status = settle_times(&p);
    if (status == LMP_OK) status = settle_channels(&p);
    if (status != LMP_OK) {
        brainvision_header_free(header);
        return status;
    }
    if (p.n_twice > 0)
        file_warn(&header->warnings, "%s has %" PRId64 " channel lines whose number was there before; the first counts",
                  path, p.n_twice);
    if (version != 1 && version != 2)
        file_warn(&header->warnings, "%s does not say that it is of version 1 or 2; it is read as version 1", path);
    return LMP_OK;
}

void brainvision_header_free(brainvision_header *header)
{
    free(header->channels);
    free(header->text);
    free(header->warnings);
    *header = (brainvision_header){0};
}

/* ---- Markers ---------------------------------------------------------------------------------------------- */

/* Mk1=type,description,position,size,channel,date: channel and what follows the date are not looked at. */
static bool parse_marker(char *value, brainvision_marker *marker)
{
    char *fields[7];
    if (split(value, fields, 7) < 3) return false;
    *marker = (brainvision_marker){
        .type = restore_commas(fields[0]), .description = restore_commas(fields[1]), .date = trim(fields[5])};
    if (!decimal_parse_integer(fields[2], &marker->position)) return false;
    if (!decimal_parse_integer(fields[3], &marker->size) || marker->size < 0) marker->size = 0;
    return true;
}

lmp_status brainvision_markers_parse(char *text, const char *path, brainvision_markers *markers, lmp_error *err)
{
    *markers = (brainvision_markers){.text = text};
    ini_reader r = {.next = text, .section = IN_UNKNOWN};
    int64_t room = 0;
    char *key, *value;
    while (next_entry(&r, &key, &value)) {
        if (r.section != IN_MARKERS || numbered(key, "Mk") == 0) continue;
        if (markers->count == room) {
            room = room == 0 ? 256 : 2 * room;
            brainvision_marker *more = realloc(markers->items, (size_t)room * sizeof *more);
            if (more == NULL) {
                brainvision_markers_free(markers);
                return no_memory(path, err);
            }
            markers->items = more;
        }
        if (parse_marker(value, &markers->items[markers->count]))
            markers->count++;
        else
            markers->n_unreadable++;
    }
    return LMP_OK;
}

void brainvision_markers_free(brainvision_markers *markers)
{
    free(markers->items);
    free(markers->text);
    *markers = (brainvision_markers){0};
}

/* ---- Dates ------------------------------------------------------------------------------------------------ */

/* Days from 1970-01-01 to a date of the Gregorian calendar. Years are counted from March, so that the leap day is the
 * last of its year: 365 y + y/4 - y/100 + y/400 whole days, and (153 m + 2)/5 for m months of 31, 30, 31, 30, 31. */
static int64_t days_to(int64_t year, int64_t month, int64_t day)
{
    const int64_t from_march = (month + 9) % 12;
    const int64_t y = year - (month <= 2 ? 1 : 0);
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * from_march + 2) / 5 + day - 1 - 719468;
}

static int64_t days_in_month(int64_t year, int64_t month)
{
    return month == 12 ? 31 : days_to(year, month + 1, 1) - days_to(year, month, 1);
}

double brainvision_date_to_unix(const char *date)
{
    /* Year, month, day, hour, minute, second, microsecond: digits and bounds. */
    static const int widths[7] = {4, 2, 2, 2, 2, 2, 6};
    static const int64_t lowest[7] = {1, 1, 1, 0, 0, 0, 0}, highest[7] = {9999, 12, 31, 23, 59, 60, 999999};
    int64_t parts[7] = {0};
    const size_t n = strlen(date);
    if ((n != 20 && n != 14) || strspn(date, "0123456789") != n) return (double)NAN;
    for (int i = 0; i < (n == 20 ? 7 : 6); i++) {
        for (int k = 0; k < widths[i]; k++) parts[i] = 10 * parts[i] + (*date++ - '0');
        if (parts[i] < lowest[i] || parts[i] > highest[i]) return (double)NAN;
    }
    if (parts[2] > days_in_month(parts[0], parts[1])) return (double)NAN;
    const int64_t seconds = 86400 * days_to(parts[0], parts[1], parts[2]) + 3600 * parts[3] + 60 * parts[4] + parts[5];
    return (double)seconds + (double)parts[6] / 1e6;
}

void brainvision_date_from_unix(double unix_s, char date[BRAINVISION_DATE_ROOM])
{
    const double first = -62135596800.0, past = 253402300800.0; /* years 1 and 10000 */
    date[0] = '\0';
    if (!(unix_s >= first && unix_s < past - 1)) return;
    int64_t seconds = (int64_t)floor(unix_s);
    int64_t microseconds = (int64_t)llrint((unix_s - floor(unix_s)) * 1e6);
    if (microseconds == 1000000) {
        seconds++;
        microseconds = 0;
    }
    const int64_t days = seconds >= 0 ? seconds / 86400 : -((86399 - seconds) / 86400);
    const int64_t rest = seconds - 86400 * days;
    /* A Gregorian year has 365.2425 days on average: the estimate is off by one at most. */
    int64_t year = 1970 + (int64_t)floor((double)days / 365.2425);
    while (days_to(year, 1, 1) > days) year--;
    while (days_to(year + 1, 1, 1) <= days) year++;
    int64_t month = 1;
    while (month < 12 && days_to(year, month + 1, 1) <= days) month++;
    snprintf(date, BRAINVISION_DATE_ROOM, "%04d%02d%02d%02d%02d%02d%06d", (int)year, (int)month,
             (int)(days - days_to(year, month, 1) + 1), (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60),
             (int)microseconds);
}
