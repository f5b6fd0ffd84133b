/* SPDX-License-Identifier: BSD-3-Clause
 *
 * step.h: what you need besides limpid.h to write a processing step.
 *
 * A step is one `const lmp_step`: name, documentation, a table of parameters, and callbacks. From the table come the
 * command line, YAML, help, docs and the tests that every step passes. The engine calls, in this order:
 *
 *   plan      (parameters, stream in) -> stream out, memory, learning passes. Pure; refuses the impossible.
 *   open      makes the shared state: read-only while data flow
 *   learn     sees the data that reach the step, lane by lane in time order    } only if plan asked for passes
 *             (movies: learn_rows, or learn_images for whole frames in any order)
 *   learned   ends a pass; may correct the stream out                          }
 *   lane_open / process / lane_close      grain time:  one lane in order, lanes in parallel (movies: process_rows)
 *   process_frames                        grain frame: any stretch of time, all lanes, on any worker (movies:
 *                                         process_images, or measure_images if signals leave)
 *   generate                              grain block: any stretch of the result, once everything has been learned
 *   record    tells the provenance record what happened
 *   close
 *
 * Three rules make "same bits for any threads, memory, block length" true; tests check them for every step:
 *   1. ready() depends on the number of values alone, never on their contents or on how they were cut into blocks.
 *   2. FFT segments and partial sums sit on a grid of absolute sample numbers, never on block edges.
 *   3. A lane does not look at its neighbours (grain time), a stretch not at its neighbours (grain frame).
 */
#ifndef LIMPID_STEP_H
#define LIMPID_STEP_H

#include <limpid/limpid.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Errors and memory --------------------------------------------------------------------------------- */

/* Fills `err` (may be NULL) with one sentence and returns `status`. */
LMP_API lmp_status lmp_fail(lmp_error *err, lmp_status status, const char *sentence, ...) LMP_PRINTF(3, 4);

typedef struct lmp_budget lmp_budget;

/* Zeroed memory aligned to 64 bytes and counted against the run's limit. Fails with LMP_ERR_MEMORY. Any thread. */
LMP_API LMP_CHECKED lmp_status lmp_take(lmp_budget *budget, size_t bytes, void **memory, lmp_error *err);

/* Gives back what lmp_take() gave; NULL is fine. */
LMP_API void lmp_give(lmp_budget *budget, void *memory);

/* Runs job(user, i, worker) once for each i in [0, count), worker in [0, lmp_worker_count()), and returns when all are
 * done. In `learned` on all workers of the run, each of which may have scratch_bytes for it; elsewhere on the caller's
 * thread alone. What is learned must not depend on which worker does what. */
LMP_API int64_t lmp_worker_count(const lmp_budget *budget);
LMP_API void lmp_run_jobs(lmp_budget *budget, int64_t count, void (*job)(void *user, int64_t i, int64_t worker),
                          void *user);

/* ---- Parameters ---------------------------------------------------------------------------------------- */

typedef struct lmp_numbers {
    const double *values;
    int64_t count;
} lmp_numbers;
typedef struct lmp_time_range {
    double first_s, last_s;
} lmp_time_range; /* last_s INFINITY: to the end */

typedef struct lmp_frame_range {
    int64_t first, end, step; /* end exclusive, INT64_MAX: to the end; negative first or end count from the end */
} lmp_frame_range;

typedef enum lmp_param_type {
    LMP_PARAM_NUMBER,     /* double; "auto" (where choices says so) is NaN */
    LMP_PARAM_INTEGER,    /* int64_t; "auto" is INT64_MIN */
    LMP_PARAM_NUMBERS,    /* lmp_numbers: comma-separated */
    LMP_PARAM_CHOICE,     /* int64_t: index into choices */
    LMP_PARAM_FLAG,       /* int64_t: yes/no */
    LMP_PARAM_TEXT,       /* const char * */
    LMP_PARAM_TIME_RANGE, /* lmp_time_range: "10-20", "10-", "-20" in seconds */
    LMP_PARAM_CHANNELS,   /* const char *: see lmp_channel_chosen() */
    LMP_PARAM_FILE,       /* const char *: a path */
    LMP_PARAM_FRAMES      /* lmp_frame_range: "10:20", "10:", ":20", ":100:5", as Python slices */
} lmp_param_type;

#define LMP_AUTO_INTEGER INT64_MIN

typedef struct lmp_param {
    const char *name; /* lower case words joined by '-' */
    lmp_param_type type;
    size_t offset;        /* of the field in the step's parameter struct */
    const char *fallback; /* the default as text; NULL: must be given */
    double min, max;      /* accepted range of numbers */
    const char *unit;     /* "Hz", "s", "uV", ...; "" if none */
    const char *choices;  /* "a|b|c" for LMP_PARAM_CHOICE; "auto" for numbers that may be automatic; else NULL */
    const char *help;     /* one sentence with a full stop */
} lmp_param;

/* ---- What flows between steps -------------------------------------------------------------------------- */

/* Format and events at one place of the chain. Steps change a stream only through the functions below. */
typedef struct lmp_stream {
    lmp_format format;
    const lmp_event *events; /* sorted by onset */
    int64_t n_events;
    bool events_pending; /* a step before will learn them from the data: plan with what there is and refuse
                          * nothing for lack of events; planned again once they are known */
    bool is_processed;   /* some step before has changed values: set by the engine */
    void *own;           /* the engine's */
} lmp_stream;

/* Replaces events (copied, sorted by onset) or channels (copied; sets format.n_channels too). */
LMP_API LMP_CHECKED lmp_status lmp_stream_set_events(lmp_stream *stream, const lmp_event *events, int64_t count,
                                                     lmp_error *err);
LMP_API LMP_CHECKED lmp_status lmp_stream_set_channels(lmp_stream *stream, const lmp_channel *channels, int64_t count,
                                                       lmp_error *err);

/* Gives each of the format's n_times frames its number in the source and its time (copied; NULL: none). Set n_times
 * before. The engine drops both behind a step that changes n_times without setting them. */
LMP_API LMP_CHECKED lmp_status lmp_stream_set_frames(lmp_stream *stream, const int64_t *numbers, const double *times_s,
                                                     lmp_error *err);

/* Lanes of a movie are bands of rows, of a height that depends on width and colours alone. */
LMP_API int64_t lmp_lane_count(const lmp_format *format);  /* signals: n_channels */
LMP_API int64_t lmp_lane_values(const lmp_format *format); /* most values of a lane at one instant; signals: 1 */
LMP_API int64_t lmp_lane_rows(const lmp_format *format, int64_t lane, int64_t *first_row); /* how many, from which on */

/* First and count of a range of a stream of n_times frames (count includes every step-th); LMP_ERR_USAGE with one
 * sentence if nothing is left. `what` names the step. */
LMP_API LMP_CHECKED lmp_status lmp_frame_range_fit(const lmp_frame_range *range, int64_t n_times, const char *what,
                                                   int64_t *first, int64_t *count, lmp_error *err);

/* True if `label` fits `pattern`: equal, or with * and ? as wildcards, or a POSIX extended regular expression written
 * /between slashes/. BrainVision labels "Stimulus/S  1" also match by what follows the slash, and
 * its comments, which come without a type, also by "Comment/..." */
LMP_API bool lmp_label_fits(const char *pattern, const char *label);

/* True if channel i of the format is in a list such as "Fz,C*,eog": names (wildcards allowed), roles in lower case, or
 * "all". "data" is every channel but stim and slow ones; a leading '-' takes away ("data,-ECG"). */
LMP_API bool lmp_channel_chosen(const char *list, const lmp_format *format, int64_t i);

/* ---- Steps --------------------------------------------------------------------------------------------- */

typedef enum lmp_grain {
    LMP_GRAIN_NONE,  /* touches format and events, not data */
    LMP_GRAIN_TIME,  /* a lane is a channel (or a band of rows) through all time */
    LMP_GRAIN_FRAME, /* a lane is an instant of all channels (or a frame) */
    LMP_GRAIN_BLOCK, /* learns from everything, then generates its result */
    LMP_GRAIN_SINK   /* writes the stream to a file and passes it on */
} lmp_grain;

typedef struct lmp_step lmp_step;

/* Some frames of a movie by their numbers in the stream, ascending. */
typedef struct lmp_frame_list {
    const int64_t *frames; /* NULL: all of them */
    int64_t count;
} lmp_frame_list;

typedef struct lmp_step_plan {
    lmp_stream out; /* starts as a copy of the stream in; of a movie in a type that the step does not take: float32 */

    /* Routing, done by the engine: which input lane each output lane is (NULL: the same), and which times go on.
     * Allocate lane_source with lmp_plan_lanes(). */
    int64_t *lane_source;
    int64_t first, count; /* of the input's times; starts as 0, n_times */

    /* Lanes the step works on, of the input; NULL: all. Other lanes pass unchanged, delayed like their neighbours. */
    bool *lane_active;
    /* With these parameters the data stay as they are: only learning, a table or an image is asked for. */
    bool is_identity;

    /* Memory in bytes: one lane's state, the shared state, scratch of one worker (handed to process), and the most
     * that learning holds. */
    size_t lane_bytes, shared_bytes, scratch_bytes, learn_bytes;
    /* Most values that are ever given at once beyond n_in * rate ratio: those held back till then. Where fewer leave
     * than come in at the same rate (one mean image of all frames, a window that begins late), n_in may be small or 0
     * when they do: then all that can leave at once, at most all that leave. */
    int64_t burst;

    int64_t learn_passes; /* how often `learn` must see the data before process may run */
    bool *learn_lane;     /* input lanes needed for learning; NULL: all */
    int64_t learn_first;  /* input times needed for learning: from here on */
    int64_t learn_count;  /* how many of them; 0: all */
    /* learn_images: the frames that it needs to see, one list for each pass; NULL: all of them. Only these are read
     * where every step before works on each frame by itself. The lists and the array live as long as the plan. */
    const lmp_frame_list *learn_frames;
    /* A step (of grain time) through which the input goes before `learn` sees it, on the chosen times alone: "reduce"
     * to learn from a mean image within any memory limit. NULL: none. Its parameters are borrowed. */
    const lmp_step *learn_through;
    const void *learn_through_params;

    /* Movies, of steps that compute in float32 and whose results have the range of their input: the result is
     * rounded to nearest in the type that came in. */
    bool keeps_type;

    const char *table_path; /* a CSV file that `tabulate` fills; NULL: none */
    bool table_is_array;    /* .npy instead, float64: one row for each of the table, which holds numbers alone */
    const char *image_path; /* an image that `paint` fills, of any format for movies; NULL: none */
    int64_t image_height, image_width; /* of it: one colour, float32 */

    /* Set by the engine if the step absorbs the one before it: that one's parameters, and, from open on, its shared
     * state. The stream in is then the one that reached the step before. */
    const void *absorbed_params, *absorbed_shared;

    const char *sink_path;    /* LMP_GRAIN_SINK: where to write */
    const void *sink_options; /* LMP_GRAIN_SINK: an lmp_write_options, borrowed from the parameters */
    void *own;                /* the engine's */
} lmp_step_plan;

/* Zeroed array of `count` flags or indices that lives as long as the plan. NULL if memory is out. */
LMP_API bool *lmp_plan_flags(lmp_step_plan *plan, int64_t count);
LMP_API int64_t *lmp_plan_lanes(lmp_step_plan *plan, int64_t count);
/* Zeroed memory that lives as long as the plan, for what a step derives from its parameters. NULL if memory is out. */
LMP_API void *lmp_plan_memory(lmp_step_plan *plan, size_t bytes);

/* One sentence for the user, shown at once and kept in the provenance record. */
LMP_API void lmp_plan_warn(lmp_step_plan *plan, const char *sentence, ...) LMP_PRINTF(2, 3);

typedef struct lmp_record lmp_record;
LMP_API void lmp_record_number(lmp_record *record, const char *key, double value);
LMP_API void lmp_record_text(lmp_record *record, const char *key, const char *text, ...) LMP_PRINTF(3, 4);
LMP_API void lmp_record_numbers(lmp_record *record, const char *key, const double *values, int64_t count);
LMP_API void lmp_record_warn(lmp_record *record, const char *sentence, ...) LMP_PRINTF(2, 3);

/* A stretch of all lanes: lanes[i] points at `count` instants (double for signals, float for movies). */
typedef struct lmp_block {
    int64_t first, count; /* absolute times in the stream */
    int64_t n_lanes;
    void *const *lanes;
} lmp_block;

/* A stretch of frames, or of a band of their rows. The values of the rows of a frame lie one behind the other:
 * rows x width x n_colours numbers of `type`, aligned to the type. */
typedef struct lmp_frames {
    int64_t first, count; /* absolute frame numbers in the stream */
    int64_t row, rows;    /* which rows of each frame */
    int64_t width, n_colours;
    lmp_type type;
    void *data;    /* of frame `first`; read only where frames come in */
    size_t stride; /* bytes from a frame to the next */
} lmp_frames;

/* A table for people and programs. Columns first, then rows; numbers print with 9 digits (integers whole), NaN as an
 * empty field. */
typedef struct lmp_table lmp_table;
LMP_API void lmp_table_columns(lmp_table *table, const char *names); /* "frame,dy_px,dx_px" */
LMP_API void lmp_table_number(lmp_table *table, double value);
LMP_API void lmp_table_text(lmp_table *table, const char *text);
LMP_API void lmp_table_end_row(lmp_table *table);

/* Opens another recording (a reference image, a template) from a step's plan or open; close it again. */
LMP_API LMP_CHECKED lmp_status lmp_plan_open_recording(const lmp_step_plan *plan, const char *path,
                                                       lmp_recording **recording, lmp_error *err);

/* The events of a BIDS events.tsv, in its order, as lmp_recording_add_events() takes them; they live as long as the
 * plan. */
LMP_API LMP_CHECKED lmp_status lmp_plan_read_events(lmp_step_plan *plan, const char *path, const lmp_event **events,
                                                    int64_t *count, lmp_error *err);

struct lmp_step {
    size_t struct_size;
    const char *name;     /* as on the command line */
    const char *summary;  /* one sentence */
    const char *doc;      /* Markdown: method, formula, source, limits */
    const char *known_as; /* names elsewhere, "AASCorrection (FACETpy), FASTR"; "" if none */
    lmp_kind kind;        /* recordings it works on; 0: any */
    lmp_grain grain;
    const lmp_param *params; /* ended by a row whose name is NULL */
    size_t params_size;

    lmp_status (*plan)(const void *params, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err);
    lmp_status (*open)(const void *params, const lmp_stream *in, const lmp_step_plan *plan, lmp_budget *budget,
                       void **shared, lmp_error *err);

    /* Grain time and none. Called for one lane in time order; different lanes at the same time on different workers. */
    lmp_status (*learn)(void *shared, int64_t lane, int64_t first, const void *in, int64_t n_in, lmp_error *err);
    /* After each pass, on one thread; `out` starts as planned. It may get other events (events_pending tells the steps
     * behind), and a movie less width or height than planned, never more: memory was reckoned with the plan. */
    lmp_status (*learned)(void *shared, int64_t pass, lmp_stream *out, lmp_error *err);

    /* How many values have been given out once n_in have come in (ended: no more will come). Monotonic; pure. NULL:
     * as many as came in. */
    int64_t (*ready)(const void *shared, int64_t n_in, bool ended);

    lmp_status (*lane_open)(const void *shared, int64_t lane, lmp_budget *budget, void **state, lmp_error *err);
    /* Takes the next n_in values and gives exactly the next n_out values that ready() promises. `in` and `out` never
     * overlap. */
    lmp_status (*process)(const void *shared, void *state, void *scratch, const void *in, int64_t n_in, void *out,
                          int64_t n_out, bool ended, lmp_error *err);
    /* Collects what the lane has to say for the record (may lock), frees the state. */
    void (*lane_close)(const void *shared, void *state, lmp_budget *budget);

    /* Grain frame. in and out cover the same times. */
    lmp_status (*process_frames)(const void *shared, void *scratch, const lmp_block *in, const lmp_block *out,
                                 lmp_error *err);

    void (*record)(const void *shared, lmp_record *record);
    void (*close)(void *shared, lmp_budget *budget);

    /* Name of a step of grain time whose work this one does too where it stands right before it: that one is opened and
     * learns as ever, but processes nothing. NULL: none. */
    const char *absorbs;

    /* Movies. Frames come as float32 unless takes_any_type: then in the type of the stream in. What goes out is of the
     * type planned in plan->out, or float32 with keeps_type. */
    bool takes_any_type;
    /* Grain time, instead of process: the next in->count frames of a band of rows come in, exactly the next out->count
     * that ready() promises go out; state is that of the band (lane). Width and rows never change. */
    lmp_status (*process_rows)(const void *shared, void *state, void *scratch, const lmp_frames *in,
                               const lmp_frames *out, bool ended, lmp_error *err);
    /* Grain frame, instead of process_frames: whole frames, each by itself, into whole frames; width, height, colours
     * may be others. in and out cover the same times. */
    lmp_status (*process_images)(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                 lmp_error *err);
    /* Grain frame, where plan->out is signals: whole frames into values[channel], a double for each frame. */
    lmp_status (*measure_images)(const void *shared, void *scratch, const lmp_frames *in, const lmp_block *out,
                                 lmp_error *err);
    /* Instead of learn: one band of rows in time order; bands at the same time on different workers. */
    lmp_status (*learn_rows)(void *shared, int64_t lane, const lmp_frames *in, lmp_error *err);
    /* Instead of learn: whole frames, each once in every pass, in any order, on any worker with its scratch: what is
     * learned must not depend on the order. */
    lmp_status (*learn_images)(void *shared, int64_t pass, void *scratch, const lmp_frames *in, lmp_error *err);
    /* Grain block: any stretch of the result, on any worker; the one of frames and signals that plan->out is. */
    lmp_status (*generate)(const void *shared, const lmp_frames *frames, const lmp_block *signals, lmp_error *err);
    /* Fills the table of plan->table_path, after the run. */
    lmp_status (*tabulate)(const void *shared, lmp_table *table, lmp_error *err);
    /* Fills the image of plan->image_path, after the run: one frame of float32. */
    lmp_status (*paint)(const void *shared, const lmp_frames *image, lmp_error *err);
};

/* What a shared object for --plugin exports: const lmp_step *const lmp_plugin_steps[] = { &my_step, NULL }; */

#ifdef __cplusplus
}
#endif
#endif
