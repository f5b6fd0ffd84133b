/* SPDX-License-Identifier: BSD-3-Clause
 *
 * source.h: what a file format (or simulator) gives the engine, and what the engine asks of a writer.
 *
 * A format is one `const lmp_io` in one file of src/io, and one line in list.c. Reading and writing are by stretches of
 * time and a choice of lanes, at any position, from several threads at once: the engine decides the order.
 */
#ifndef LIMPID_CORE_SOURCE_H
#define LIMPID_CORE_SOURCE_H

#include <limpid/step.h>

typedef struct json_t json_t; /* jansson's */

/* ---- Reading ---------------------------------------------------------------------------------------------- */

typedef struct lmp_read_request {
    int64_t first, count; /* inside [0, n_times) */
    int64_t n_lanes;
    const int64_t *lanes; /* ascending channel numbers */
    void *const *out;     /* out[i]: room for count values of lane lanes[i]; double (signals), float (movies) */
} lmp_read_request;

/* What the engine lets a source use. */
typedef struct lmp_limits {
    int64_t threads;
    uint64_t memory;         /* bytes, for what is read while opening */
    const char *scratch_dir; /* NULL: where such files usually are; the engine's, which outlives its recordings */
} lmp_limits;

typedef struct lmp_source {
    lmp_limits limits;       /* set before open: see source_limits() */
    lmp_stream stream;       /* format and events; filled with lmp_stream_set_...() */
    const char *format_name; /* "EDF+C"; static text */
    char *warnings;          /* oddities met and survived, one sentence a line; malloc'd or NULL */
    json_t *facts;           /* beyond the format: truth of a simulation; may be NULL */
    int64_t time_grain;      /* stretches that start at multiples of this are cheapest (record length); >= 1 */
    size_t bytes_per_time;   /* raw bytes of one instant of all lanes: what a stretch costs to read */
    void *state;
    /* Thread-safe. The source takes temporary memory for at most one stretch per call from `budget`. */
    lmp_status (*read)(void *state, const lmp_read_request *request, lmp_budget *budget, lmp_error *err);
    void (*close)(void *state); /* NULL if there is nothing to free */
    /* The raw file as bytes, for the provenance digest; NULL if there is none. Several files: the one with the data. */
    const char *(*data_path)(void *state);
    /* Recordings of many files: true if `path` is one of them. NULL: of one file. */
    bool (*is_member)(void *state, const char *path);

    /* Movies, instead of read: fills whole frames [out->first, out->first + out->count) of the stream's type, at
     * out->data with out->stride, in native byte order. Thread-safe; temporary memory from `budget`: at most
     * bytes_per_time for each call, not for each frame. Only where reads_rows is set may out hold a part of the rows. */
    lmp_status (*read_frames)(void *state, const lmp_frames *out, lmp_budget *budget, lmp_error *err);
    bool reads_rows;
    bool in_order; /* frames are cheapest one after the other by one reader (video): blocks are not sliced */
    bool is_cheap; /* reading again costs no decoding: never worth a scratch file */
    /* Movies whose frames lie in the file as they are in memory (NULL where they do not): lends frames [first, first +
     * count), counted against `budget`, until view_end. Fills data and stride of `frames`. Any thread. */
    lmp_status (*view)(void *state, int64_t first, int64_t count, lmp_budget *budget, lmp_frames *frames, void **lent,
                       lmp_error *err);
    void (*view_end)(void *state, void *lent);
    bool lends_file;     /* what is lent is the file of data_path itself, frame after frame without gaps, */
    int64_t lent_offset; /* from here on */
} lmp_source;

/* ---- Writing ---------------------------------------------------------------------------------------------- */

typedef struct lmp_write_options {
    int64_t type; /* signals: an lmp_type; 0: the format's own choice */
    int64_t overwrite;
    double quality; /* lossy formats: 1 to 100; 0: the format's own choice */
    int64_t compress; /* movies: 1: where the format can, without loss */
    int64_t threads;  /* set by the engine: codecs may use so many; 0: one per core */
    struct digest_written *digest; /* set by the engine: is told what gets into the file with the data; NULL: nobody asks */
} lmp_write_options;

typedef struct lmp_writer {
    /* Set by create: */
    bool needs_range;      /* set_range must be called before the first write: the engine spools the data first */
    bool needs_all_lanes;  /* a write must hold every lane: the engine spools if lanes are run in groups */
    int64_t time_grain;    /* stretches are cut at multiples of this (record length); >= 1 */
    size_t bytes_per_time; /* temporary memory a write takes per instant; movies: lmp_io.pack_bytes tells */
    void *state;

    /* Smallest and largest finite value of each lane over all times; NaN, NaN if a lane has none. */
    lmp_status (*set_range)(void *state, const double *lowest, const double *highest, lmp_error *err);
    /* Thread-safe for stretches that do not overlap. lanes: ascending channel numbers; data[i] of lane lanes[i].
     * LMP_ERR_RANGE if a value does not fit: the run starts again with needs_range. */
    lmp_status (*write)(void *state, int64_t first, int64_t count, int64_t n_lanes, const int64_t *lanes,
                        const void *const *data, lmp_budget *budget, lmp_error *err);
    /* Movies, instead of write: frames of the stream's type, whole or a band of their rows. Thread-safe for frames that
     * do not overlap, unless in_order: then whole frames come one stretch after the other. */
    lmp_status (*write_frames)(void *state, const lmp_frames *frames, lmp_budget *budget, lmp_error *err);
    bool in_order;
    /* Movies: all that write_frames does is to copy into one file. The system lets in one writer at a time, so others
     * would only wait for it: stretches are not cut, and the other workers compute meanwhile. */
    bool copies;
    /* Completes headers and events, syncs, and gives the file(s) their name. After a failure only `close` follows. */
    lmp_status (*finish)(void *state, lmp_error *err);
    /* Frees; removes what finish() has not named. */
    void (*close)(void *state);
    /* After finish: removes the files it has named. NULL: they are `path` and its companions. */
    void (*withdraw)(void *state);
    /* Writers of several files in one folder: name of the i-th, after finish; caller frees; NULL past the last. NULL: of
     * one file, or of a folder. */
    char *(*file_name)(void *state, int64_t i);
    /* Path of the file that holds the data (after finish), for the provenance digest. */
    const char *(*data_path)(void *state);
} lmp_writer;

typedef struct lmp_io {
    const char *name;    /* "EDF" */
    const char *summary; /* one sentence for `limpid formats` */
    lmp_kind kind; /* of what create() writes; reading may give either */
    const char *extensions; /* lower case, "edf|rec" */
    const char *companions; /* extensions of files that make up one recording beside `path`, "vmrk|eeg"; NULL: none */
    bool can_read, can_write;
    bool is_folder;   /* files of this format are folders (Zarr): detect gets n = 0 and looks at the path */
    bool has_datasets; /* several recordings in a file: open() looks at options->dataset, which is refused elsewhere */
    bool has_groups;   /* likewise options->group */
    bool is_sequence; /* create() makes many files from a path with a number field, "OUT_%05d.png" */
    /* How sure (0 to 100) that a file starting with these bytes is of this format. `path` only for its extension. */
    int (*detect)(const uint8_t *head, size_t n, const char *path);
    /* Fills `source`; on failure frees what it made. `path` is as given by the user. */
    lmp_status (*open)(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err);
    /* Starts writing `stream` under a temporary name beside `path`. force_range: set needs_range. */
    lmp_status (*create)(const char *path, const lmp_stream *stream, const lmp_write_options *options, bool force_range,
                         lmp_writer *writer, lmp_error *err);
    /* Movies: the most that one call of write_frames takes beyond the frames it is given, known before there is a
     * writer, for the plan. NULL: nothing. */
    size_t (*pack_bytes)(const lmp_format *format, bool compress);
} lmp_io;

#endif
