/* SPDX-License-Identifier: BSD-3-Clause
 *
 * stream.c: shared lists of channels and events; matching of labels and channel lists.
 */
#include "core/stream.h"

#include <fnmatch.h>
#include <regex.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* One allocation: this head, the items, then their texts. */
typedef struct list {
    atomic_int refs;
    void *texts; /* one block */
    void *items;
} list;

typedef struct owned {
    list *events, *channels, *numbers, *times;
} owned;

static lmp_status no_memory(lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the list of events and channels");
}

static void list_drop(list *l)
{
    if (l == NULL || atomic_fetch_sub(&l->refs, 1) != 1) return;
    free(l->texts);
    free(l->items);
    free(l);
}

static list *list_new(size_t item_bytes, int64_t count, size_t text_bytes)
{
    list *l = calloc(1, sizeof *l);
    if (l == NULL) return NULL;
    atomic_init(&l->refs, 1);
    l->items = calloc(count > 0 ? (size_t)count : 1, item_bytes);
    l->texts = malloc(text_bytes > 0 ? text_bytes : 1);
    if (l->items == NULL || l->texts == NULL) {
        list_drop(l);
        return NULL;
    }
    return l;
}

static owned *own_of(lmp_stream *stream)
{
    if (stream->own == NULL) stream->own = calloc(1, sizeof(owned));
    return stream->own;
}

lmp_status stream_copy(lmp_stream *to, const lmp_stream *from, lmp_error *err)
{
    owned *mine = calloc(1, sizeof *mine);
    if (mine == NULL) return no_memory(err);
    const owned *theirs = from->own;
    *to = *from;
    if (theirs != NULL) *mine = *theirs;
    list *const shared[] = {mine->events, mine->channels, mine->numbers, mine->times};
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
        if (shared[i] != NULL) atomic_fetch_add(&shared[i]->refs, 1);
    to->own = mine;
    return LMP_OK;
}

void stream_clear(lmp_stream *stream)
{
    owned *mine = stream->own;
    if (mine != NULL) {
        list_drop(mine->events);
        list_drop(mine->channels);
        list_drop(mine->numbers);
        list_drop(mine->times);
        free(mine);
    }
    *stream = (lmp_stream){0};
}

/* ---- Lanes ---- */

size_t lmp_type_bytes(lmp_type type)
{
    static const size_t bytes[] = {0, 1, 1, 2, 2, 3, 4, 4, 8, 8, 4, 8};
    return bytes[type];
}

size_t stream_value_bytes(const lmp_stream *stream)
{
    return stream->format.kind == LMP_MOVIE ? lmp_type_bytes(stream->format.type) : sizeof(double);
}

size_t stream_instant_bytes(const lmp_stream *stream)
{
    const lmp_format *f = &stream->format;
    const int64_t values = f->kind == LMP_MOVIE ? f->height * f->width * f->n_colours : f->n_channels;
    return (size_t)values * stream_value_bytes(stream);
}

/* A band's values, and twice as many bytes of sums in double, stay in a core's own cache. */
enum { BAND_VALUES = 16384 };

static int64_t band_rows(const lmp_format *format)
{
    const int64_t row = format->width * format->n_colours;
    const int64_t rows = row > 0 ? BAND_VALUES / row : 1;
    return rows < 1 ? 1 : rows > format->height ? format->height : rows;
}

int64_t lmp_lane_count(const lmp_format *format)
{
    if (format->kind != LMP_MOVIE) return format->n_channels;
    const int64_t rows = band_rows(format);
    return rows < 1 ? 0 : (format->height + rows - 1) / rows;
}

int64_t lmp_lane_values(const lmp_format *format)
{
    return format->kind != LMP_MOVIE ? 1 : band_rows(format) * format->width * format->n_colours;
}

int64_t lmp_lane_rows(const lmp_format *format, int64_t lane, int64_t *first_row)
{
    const int64_t rows = band_rows(format);
    *first_row = lane * rows;
    return format->height - *first_row < rows ? format->height - *first_row : rows;
}

lmp_frames stream_frames(const lmp_format *format, int64_t first, int64_t count, void *data)
{
    return (lmp_frames){.first = first,
                        .count = count,
                        .rows = format->height,
                        .width = format->width,
                        .n_colours = format->n_colours,
                        .type = format->type,
                        .data = data,
                        .stride = (size_t)(format->height * format->width * format->n_colours) *
                                  lmp_type_bytes(format->type)};
}

int64_t stream_lane_count(const lmp_stream *stream)
{
    return lmp_lane_count(&stream->format);
}

/* ---- Frames ---- */

static lmp_status share_numbers(list **slot, const void *values, int64_t count, const void **items, lmp_error *err)
{
    _Static_assert(sizeof(int64_t) == sizeof(double), "one size for numbers and times");
    list *l = NULL;
    if (values != NULL) {
        l = list_new(sizeof(int64_t), count, 0);
        if (l == NULL) return no_memory(err);
        memcpy(l->items, values, (size_t)count * sizeof(int64_t));
    }
    list_drop(*slot);
    *slot = l;
    *items = l == NULL ? NULL : l->items;
    return LMP_OK;
}

lmp_status lmp_stream_set_frames(lmp_stream *stream, const int64_t *numbers, const double *times_s, lmp_error *err)
{
    owned *mine = own_of(stream);
    const void *items = NULL;
    if (mine == NULL) return no_memory(err);
    lmp_status status = share_numbers(&mine->numbers, numbers, stream->format.n_times, &items, err);
    if (status != LMP_OK) return status;
    stream->format.frame_numbers = items;
    status = share_numbers(&mine->times, times_s, stream->format.n_times, &items, err);
    if (status == LMP_OK) stream->format.frame_times_s = items;
    return status;
}

static int64_t from_end(int64_t at, int64_t n)
{
    const int64_t absolute = at < 0 ? at + n : at;
    return absolute < 0 ? 0 : absolute > n ? n : absolute;
}

lmp_status lmp_frame_range_fit(const lmp_frame_range *range, int64_t n_times, const char *what, int64_t *first,
                               int64_t *count, lmp_error *err)
{
    const int64_t from = from_end(range->first, n_times), end = from_end(range->end, n_times);
    if (from >= end)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: the range leaves no frame: there are %lld, numbered from 0", what,
                        (long long)n_times);
    *first = from;
    *count = (end - from - 1) / range->step + 1;
    return LMP_OK;
}

/* ---- Events ---- */

static bool is_sorted(const lmp_event *events, int64_t count)
{
    for (int64_t i = 1; i < count; i++)
        if (events[i].onset_s < events[i - 1].onset_s) return false;
    return true;
}

/* Merge sort: stable, so that events of one time keep the order in which they were given. */
static void sort_events(lmp_event *events, lmp_event *spare, int64_t count)
{
    if (count < 2 || is_sorted(events, count)) return;
    const int64_t half = count / 2;
    sort_events(events, spare, half);
    sort_events(events + half, spare, count - half);
    memcpy(spare, events, (size_t)count * sizeof *events);
    for (int64_t out = 0, a = 0, b = half; out < count; out++) {
        const bool take_a = b == count || (a < half && spare[a].onset_s <= spare[b].onset_s);
        events[out] = take_a ? spare[a++] : spare[b++];
    }
}

enum { RECENT = 16 };

/* Recordings have few distinct labels: the last ones are looked at before a label is stored again. */
typedef struct interner {
    char *next;
    const char *recent[RECENT];
    int n;
} interner;

static const char *intern(interner *in, const char *text)
{
    for (int i = 0; i < RECENT && i < in->n; i++)
        if (strcmp(in->recent[i], text) == 0) return in->recent[i];
    char *copy = in->next;
    const size_t size = strlen(text) + 1;
    memcpy(copy, text, size);
    in->next += size;
    in->recent[in->n++ % RECENT] = copy;
    return copy;
}

lmp_status lmp_stream_set_events(lmp_stream *stream, const lmp_event *events, int64_t count, lmp_error *err)
{
    size_t text_bytes = 0;
    for (int64_t i = 0; i < count; i++)
        if (i == 0 || strcmp(events[i].label, events[i - 1].label) != 0) text_bytes += strlen(events[i].label) + 1;
    owned *mine = own_of(stream);
    list *l = mine == NULL ? NULL : list_new(sizeof(lmp_event), count, text_bytes);
    lmp_event *spare = l == NULL ? NULL : malloc((size_t)(count > 0 ? count : 1) * sizeof *spare);
    if (spare == NULL) {
        list_drop(l);
        return no_memory(err);
    }
    lmp_event *items = l->items;
    interner in = {.next = l->texts};
    for (int64_t i = 0; i < count; i++) {
        items[i] = events[i];
        items[i].label = i > 0 && strcmp(events[i].label, events[i - 1].label) == 0 ? items[i - 1].label
                                                                                    : intern(&in, events[i].label);
    }
    sort_events(items, spare, count);
    free(spare);
    list_drop(mine->events);
    mine->events = l;
    stream->events = items;
    stream->n_events = count;
    return LMP_OK;
}

/* ---- Channels ---- */

static const char *copy_text(char **next, const char *text)
{
    if (text == NULL) text = "";
    const size_t size = strlen(text) + 1;
    char *copy = memcpy(*next, text, size);
    *next += size;
    return copy;
}

static size_t text_size(const char *text)
{
    return text == NULL ? 1 : strlen(text) + 1;
}

lmp_status lmp_stream_set_channels(lmp_stream *stream, const lmp_channel *channels, int64_t count, lmp_error *err)
{
    size_t bytes = 0;
    for (int64_t i = 0; i < count; i++)
        bytes += text_size(channels[i].name) + text_size(channels[i].unit) + text_size(channels[i].transducer) +
                 text_size(channels[i].filtering);
    owned *mine = own_of(stream);
    list *l = mine == NULL ? NULL : list_new(sizeof(lmp_channel), count, bytes);
    if (l == NULL) return no_memory(err);
    lmp_channel *items = l->items;
    char *next = l->texts;
    for (int64_t i = 0; i < count; i++) {
        items[i] = channels[i];
        items[i].name = copy_text(&next, channels[i].name);
        items[i].unit = copy_text(&next, channels[i].unit);
        items[i].transducer = copy_text(&next, channels[i].transducer);
        items[i].filtering = copy_text(&next, channels[i].filtering);
    }
    list_drop(mine->channels);
    mine->channels = l;
    stream->format.channels = items;
    stream->format.n_channels = count;
    return LMP_OK;
}

/* ---- Matching ---- */

static bool fits_regex(const char *pattern, size_t length, const char *label)
{
    char *source = strndup(pattern, length);
    regex_t regex;
    bool fits = false;
    if (source != NULL && regcomp(&regex, source, REG_EXTENDED | REG_NOSUB) == 0) {
        fits = regexec(&regex, label, 0, NULL, 0) == 0;
        regfree(&regex);
    }
    free(source);
    return fits;
}

bool lmp_label_fits(const char *pattern, const char *label)
{
    static const char comment[] = "Comment/"; /* the type that labels without one have in BrainVision files */
    const size_t n = strlen(pattern);
    if (n >= 2 && pattern[0] == '/' && pattern[n - 1] == '/') return fits_regex(pattern + 1, n - 2, label);
    if (strcmp(pattern, label) == 0 || fnmatch(pattern, label, FNM_NOESCAPE) == 0) return true;
    const char *slash = strchr(label, '/');
    if (slash == NULL)
        return strncmp(pattern, comment, sizeof comment - 1) == 0 &&
               lmp_label_fits(pattern + sizeof comment - 1, label);
    return strcmp(pattern, slash + 1) == 0 || fnmatch(pattern, slash + 1, FNM_NOESCAPE) == 0;
}

static bool role_fits(const char *word, lmp_role role)
{
    static const struct {
        const char *word;
        lmp_role role;
    } roles[] = {
        {"eeg", LMP_ROLE_EEG},   {"eog", LMP_ROLE_EOG},   {"ecg", LMP_ROLE_ECG},   {"emg", LMP_ROLE_EMG},
        {"misc", LMP_ROLE_MISC}, {"stim", LMP_ROLE_STIM}, {"slow", LMP_ROLE_SLOW},
    };
    if (strcmp(word, "all") == 0) return true;
    if (strcmp(word, "data") == 0) return role != LMP_ROLE_STIM && role != LMP_ROLE_SLOW;
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (strcmp(word, roles[i].word) == 0) return role == roles[i].role;
    return false;
}

/* A word of a channel list against one channel. A channel called "eeg" wins over the role of that name by also
 * matching. */
static bool word_fits(const char *word, const lmp_channel *channel)
{
    return strcmp(word, channel->name) == 0 || role_fits(word, channel->role) ||
           fnmatch(word, channel->name, FNM_NOESCAPE) == 0;
}

bool lmp_channel_chosen(const char *list_text, const lmp_format *format, int64_t i)
{
    const lmp_channel *channel = &format->channels[i];
    bool chosen = list_text[0] == '-' && role_fits("data", channel->role); /* "-ECG" alone: the data but ECG */
    char word[128];
    for (const char *at = list_text; *at != '\0';) {
        const size_t n = strcspn(at, ",");
        snprintf(word, sizeof word, "%.*s", (int)(n < sizeof word ? n : sizeof word - 1), at);
        const bool takes_away = word[0] == '-' && strcmp(word, channel->name) != 0;
        if (word_fits(takes_away ? word + 1 : word, channel)) chosen = !takes_away;
        at += n + (at[n] == ',');
    }
    return chosen;
}
