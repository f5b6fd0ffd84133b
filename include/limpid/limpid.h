/* SPDX-License-Identifier: BSD-3-Clause
 *
 * limpid.h: cleans and explores recordings that are bigger than memory.
 *
 * Five objects, used in this order:
 *
 *   lmp_engine      worker threads, a memory limit, the registry of steps and file formats
 *   lmp_recording   an open file (or a simulated recording): format, events, samples on demand
 *   lmp_chain       processing steps with their parameters, in order
 *   lmp_run         one execution of a chain over a recording: plan, progress, cancel, result
 *   lmp_error       what went wrong, in one sentence; owned by the caller
 *
 * Conventions, said once:
 *   - Functions that can fail return lmp_status (LMP_OK is 0) and take a caller-owned lmp_error as last
 *     argument; NULL is accepted. Outputs are untouched on failure unless stated.
 *   - `new` pairs with `free`, `open` with `close`; both accept NULL. `get` borrows from its parent.
 *     Text returned as char * belongs to the caller and is freed with lmp_text_free().
 *   - Options structs start with struct_size; set it with LMP_OPTIONS(type). Zero in a field is its default.
 *   - Samples and frames are int64_t, bytes size_t, time double seconds from the recording's start, frequency Hz,
 *     voltage microvolts.
 *   - An engine may be used from several threads; recordings, chains and runs from one thread at a time, except
 *     where a function says otherwise. There is no initialisation call, and no global but what
 *     lmp_survive_lost_inputs() sets up.
 */
#ifndef LIMPID_LIMPID_H
#define LIMPID_LIMPID_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define LMP_API                  __attribute__((visibility("default")))
#define LMP_CHECKED              __attribute__((warn_unused_result))
#define LMP_PRINTF(text, values) __attribute__((format(printf, text, values)))
#else
#define LMP_API
#define LMP_CHECKED
#define LMP_PRINTF(text, values)
#endif

/* ---- Status and errors --------------------------------------------------------------------------------- */

/* The negative of a status is the exit code of the limpid command. */
typedef enum lmp_status {
    LMP_OK = 0,
    LMP_ERR_USAGE = -2,  /* the request makes no sense: unknown step, key, value out of range */
    LMP_ERR_INPUT = -3,  /* the recording cannot be used: damaged, unknown, without triggers */
    LMP_ERR_IO = -4,     /* the system refused to open, read or write */
    LMP_ERR_MEMORY = -5, /* the memory limit is too small, or the system has no more */
    LMP_ERR_CHECK = -6,  /* a verification failed */
    LMP_ERR_RANGE = -7,  /* a value does not fit the output's number type */
    LMP_CANCELLED = -130 /* stopped on request */
} lmp_status;

typedef struct lmp_error {
    lmp_status status;
    int32_t step;   /* index of the step in the chain, -1 if none */
    int64_t block;  /* first sample or frame of the failing block, -1 if none */
    char text[496]; /* one sentence: who, what was given, what would do; UTF-8, no newline */
} lmp_error;

/* ---- What a recording is ------------------------------------------------------------------------------- */

typedef enum lmp_kind { LMP_SIGNALS = 1, LMP_MOVIE = 2 } lmp_kind;

/* Number type. Signals are computed in double whatever the file holds. Movies flow through a chain in the type of
 * their file, and as float32 behind a step that computes; int24 occurs in signals only. */
typedef enum lmp_type {
    LMP_INT8 = 1,
    LMP_UINT8,
    LMP_INT16,
    LMP_UINT16,
    LMP_INT24,
    LMP_INT32,
    LMP_UINT32,
    LMP_INT64,
    LMP_UINT64,
    LMP_FLOAT32,
    LMP_FLOAT64
} lmp_type;

/* What a channel measures. Steps leave LMP_ROLE_STIM and LMP_ROLE_SLOW channels alone unless named explicitly. */
typedef enum lmp_role {
    LMP_ROLE_EEG = 0,
    LMP_ROLE_EOG,
    LMP_ROLE_ECG,
    LMP_ROLE_EMG,
    LMP_ROLE_MISC,
    LMP_ROLE_STIM, /* codes, not a measurement */
    LMP_ROLE_SLOW  /* stored at a lower rate than the recording; each value is held until the next */
} lmp_role;

typedef struct lmp_channel {
    const char *name;
    const char *unit;       /* "uV" for every voltage, whatever the file says; else as in the file */
    const char *transducer; /* as in the file, "" if none */
    const char *filtering;  /* as in the file, "" if none */
    lmp_role role;
    double stored_rate_hz; /* rate in the file; below the recording's rate for LMP_ROLE_SLOW */
    /* Integer files: value = scale * (digital - digital_min) + physical_min, in `unit`. scale 0: stored as floats. */
    double scale;
    double physical_min, physical_max;
    double digital_min, digital_max;
} lmp_channel;

typedef struct lmp_format {
    lmp_kind kind;
    lmp_type type;                    /* in the file */
    int64_t n_times;                  /* samples per channel, or frames */
    double rate_hz;                   /* samples or frames per second; 0 if unknown */
    int64_t n_channels;               /* signals */
    const lmp_channel *channels;      /* signals: n_channels of them */
    int64_t height, width, n_colours; /* movies: rows, columns, 1 (grey) or 3 (red, green, blue), interleaved */
    double pixel_width_um, pixel_height_um; /* movies: 0 if unknown */
    const int64_t *frame_numbers;           /* movies, of each frame: its number in the source; NULL: 0 to n_times - 1 */
    const double *frame_times_s;      /* movies, of each frame, since the start of the recording, whose wall clock is
                                       * start_unix_s; chosen frames keep theirs, so that the first need not be 0; NULL:
                                       * number / rate_hz */
    double start_unix_s;              /* wall clock of the first sample, of movies that of time 0, NaN if the file does
                                       * not say */
    const char *subject; /* identification lines as the file has them, "" if none */
    const char *session;
} lmp_format;

/* Something that happened. Times are never rounded to samples. */
typedef struct lmp_event {
    double onset_s;
    double duration_s; /* 0 if instantaneous or unknown */
    const char *label;
    int64_t code; /* 0 if the file gives none */
} lmp_event;

/* ---- Engine -------------------------------------------------------------------------------------------- */

typedef struct lmp_engine lmp_engine;

typedef struct lmp_engine_options {
    size_t struct_size;
    int64_t threads;         /* 0: one per core. 1: everything in the calling thread */
    uint64_t memory_limit;   /* bytes for data; 0: half of the machine's memory */
    const char *scratch_dir; /* for spilled stages; NULL: beside the output */
    int64_t block_length;    /* samples or frames per block, for tests; 0: the plan decides */
} lmp_engine_options;

#define LMP_OPTIONS(type)                                                                                              \
    {                                                                                                                  \
        .struct_size = sizeof(type)                                                                                    \
    }

LMP_API LMP_CHECKED lmp_status lmp_engine_new(const lmp_engine_options *options, lmp_engine **engine, lmp_error *err);
LMP_API void lmp_engine_free(lmp_engine *engine);

/* Adds the steps of a shared object that exports `const lmp_step *const lmp_plugin_steps[]`, ended by NULL (see
 * step.h). The object stays loaded until the engine is freed; only load what you trust. */
LMP_API LMP_CHECKED lmp_status lmp_engine_load(lmp_engine *engine, const char *shared_object, lmp_error *err);

/* The registry as JSON: an array of steps with parameters, units, ranges, defaults and documentation; of file
 * formats; of simulators; of presets. Borrowed nothing; caller frees the text. NULL only if memory is out. */
LMP_API char *lmp_engine_steps(const lmp_engine *engine);
LMP_API char *lmp_engine_formats(const lmp_engine *engine);
LMP_API char *lmp_engine_simulators(const lmp_engine *engine);

/* JSON Schema for chains written as YAML or JSON. */
LMP_API char *lmp_engine_chain_schema(const lmp_engine *engine);

/* The help page of a step, simulator or preset in Markdown; fails naming the nearest name there is. */
LMP_API LMP_CHECKED lmp_status lmp_engine_help(const lmp_engine *engine, const char *name, char **markdown,
                                               lmp_error *err);

/* ---- Progress ------------------------------------------------------------------------------------------ */

typedef struct lmp_progress {
    double fraction;  /* 0 to 1 over all passes */
    const char *what; /* "learn align", "process" */
} lmp_progress;

/* Called on the thread that asked for the work, at most ten times a second; a non-zero return cancels. */
typedef int lmp_progress_fn(void *user, const lmp_progress *progress);

/* ---- Recordings ---------------------------------------------------------------------------------------- */

typedef struct lmp_recording lmp_recording;

typedef struct lmp_open_options {
    size_t struct_size;
    double rate_hz;  /* for files that do not say (.npy); 0: unknown, refused where a rate is needed */
    int64_t salvage; /* 1: read a damaged file as far as it is sound; 0: refuse it */
    double scale_uv; /* microvolts per unit of a file that does not say (.npy); 0: the numbers are microvolts */
    int64_t kind;    /* lmp_kind for files that may be either (.npy, .npz, HDF5, Zarr); 0: two dimensions and a rate_hz
                      * are signals, else a movie */
    const char *dataset;   /* array inside the file (.npz, HDF5, Zarr group); NULL: the only one, else the largest */
    const char *group;     /* folders: files to take, "*.tif"; NULL: the only group of images or movies there is */
    int64_t grey;          /* 1: colours become grey while loading, 0.299 R + 0.587 G + 0.114 B, rounded */
    double size_ratio;     /* images are made smaller while loading, by area average; in (0, 1]; 0: 1 */
    int64_t skip_broken;   /* folders: 1: files that cannot be decoded are left out, see frame_numbers; 0: refused */
    int64_t crop_to_least; /* folders: 1: the top left part that all images have; 0: mixed sizes are refused */
    int64_t n_channels;    /* arrays as signals: which of two dimensions is the channels; 0: the shorter */
} lmp_open_options;

/* Opens a file, a folder of images or movies, or a quoted glob ("msCam*.avi", in natural order one movie) read-only; the
 * format is found from the first bytes, then the name. Never modifies it. */
LMP_API LMP_CHECKED lmp_status lmp_recording_open(lmp_engine *engine, const char *path, const lmp_open_options *options,
                                                  lmp_recording **recording, lmp_error *err);

/* Opens a simulated recording: reads generate it. `settings` are n texts "key=value". */
LMP_API LMP_CHECKED lmp_status lmp_recording_simulate(lmp_engine *engine, const char *simulator,
                                                      const char *const *settings, int64_t n, lmp_recording **recording,
                                                      lmp_error *err);

/* The known truth of a simulated recording (same channels and times, without artifacts), as a recording of its own. */
LMP_API LMP_CHECKED lmp_status lmp_recording_truth(lmp_recording *simulated, lmp_recording **truth, lmp_error *err);

/* 1 if a simulated recording has a table of what is true of each frame (how far it is displaced), else 0; writes it. */
LMP_API int lmp_recording_has_truth_table(const lmp_recording *recording);
LMP_API LMP_CHECKED lmp_status lmp_recording_write_truth_table(lmp_recording *simulated, const char *csv_path,
                                                               int overwrite, lmp_error *err);

/* Adds the events of a BIDS events.tsv to those the file has, for formats that hold none (.npy). */
LMP_API LMP_CHECKED lmp_status lmp_recording_add_events(lmp_recording *recording, const char *events_tsv,
                                                        lmp_error *err);

/* For formats of bare numbers (.npy): the recording gets the rate, start, channels, events, pixel size, frame numbers
 * and frame times of another one of the same size. Before it is read or run. */
LMP_API LMP_CHECKED lmp_status lmp_recording_describe(lmp_recording *recording, const lmp_recording *like,
                                                      lmp_error *err);

LMP_API void lmp_recording_close(lmp_recording *recording);

LMP_API const lmp_format *lmp_recording_get_format(const lmp_recording *recording);
LMP_API const lmp_event *lmp_recording_get_events(const lmp_recording *recording, int64_t *n_events);

/* Name of the file format ("EDF+C"); path as given ("" if simulated); warnings about oddities, one a line. */
LMP_API const char *lmp_recording_get_format_name(const lmp_recording *recording);
LMP_API const char *lmp_recording_get_path(const lmp_recording *recording);
LMP_API const char *lmp_recording_get_warnings(const lmp_recording *recording);

/* Facts beyond the format as JSON: truth parameters of a simulation, oddities of a file. Caller frees. */
LMP_API char *lmp_recording_facts(const lmp_recording *recording);

/* Reads `count` samples of one channel from `first` on into `values`. [first, first+count) must lie inside.
 * Safe from several threads on one recording. */
LMP_API LMP_CHECKED lmp_status lmp_recording_read(lmp_recording *recording, int64_t channel, int64_t first,
                                                  int64_t count, double *values, lmp_error *err);

/* Reads whole frames [first, first+count) of a movie into `values`: count x height x width x n_colours numbers of the
 * format's type, decoded in place by all of the engine's threads. */
LMP_API LMP_CHECKED lmp_status lmp_recording_read_frames(lmp_recording *recording, int64_t first, int64_t count,
                                                         void *values, lmp_error *err);

/* Reads a rectangle of frames [first, first+count) of a movie: count x height x width x n_colours numbers of the
 * format's type, from column x and row y on. Touches the rectangle's rows alone where the file holds frames as they are
 * in memory. In the calling thread; safe from several threads on one recording. */
LMP_API LMP_CHECKED lmp_status lmp_recording_read_part(lmp_recording *recording, int64_t first, int64_t count,
                                                       int64_t x, int64_t y, int64_t width, int64_t height,
                                                       void *values, lmp_error *err);

/* 1 if frames of a movie must be decoded, so that those read are worth keeping; 0 if they lie in the file as they are.
 */
LMP_API int lmp_recording_is_decoded(const lmp_recording *recording);

/* Bytes of one number of a type. */
LMP_API size_t lmp_type_bytes(lmp_type type);

/* ---- Measuring ----------------------------------------------------------------------------------------- */

/* Regions of the images of a movie. */
typedef struct lmp_zones lmp_zones;

/* Columns x0 to x1 of row y, both included. */
typedef struct lmp_span {
    int32_t y, x0, x1;
} lmp_span;

/* From the text of a zones file (JSON, see `limpid help traces`). allow_empty: 1: zones may hold no pixel of the image;
 * 0: refused. */
LMP_API LMP_CHECKED lmp_status lmp_zones_new(const lmp_recording *recording, const char *json, int allow_empty,
                                             lmp_zones **zones, lmp_error *err);
LMP_API void lmp_zones_free(lmp_zones *zones);

LMP_API int64_t lmp_zones_count(const lmp_zones *zones);
LMP_API const char *lmp_zones_get_name(const lmp_zones *zones, int64_t zone);

/* Exactly the pixels of a zone that lie in the image, row by row, from left to right. */
LMP_API const lmp_span *lmp_zones_get_spans(const lmp_zones *zones, int64_t zone, int64_t *n_spans);

/* What step `traces` measures, of frames first, first + step, ... : `count` values for each zone and colour, zone after
 * zone. stat: "mean", "median", "min", "max", "std", "sum" or "count"; NaN of zones without a valid pixel. By all of
 * the engine's threads; safe from several threads on one recording. progress (may be NULL): as lmp_run_go() calls it. */
LMP_API LMP_CHECKED lmp_status lmp_recording_measure_zones(lmp_recording *recording, const lmp_zones *zones,
                                                           const char *stat, int64_t first, int64_t count, int64_t step,
                                                           double *values, lmp_progress_fn *progress, void *user,
                                                           lmp_error *err);

/* Power spectral density of one channel over [first, first+count), one-sided, in unit^2/Hz: segment / 2 + 1 values,
 * rate_hz / segment apart. Welch's method: segments that overlap by half, without their mean, Hann window. Segments
 * with missing samples are left out; NaN if none is left. Safe from several threads on one recording. progress (may be
 * NULL): as lmp_run_go() calls it, but after every few thousand samples. */
LMP_API LMP_CHECKED lmp_status lmp_recording_spectrum(lmp_recording *recording, int64_t channel, int64_t first,
                                                      int64_t count, int64_t segment, double *power,
                                                      lmp_progress_fn *progress, void *user, lmp_error *err);

/* ---- Chains -------------------------------------------------------------------------------------------- */

typedef struct lmp_chain lmp_chain;

LMP_API LMP_CHECKED lmp_status lmp_chain_new(lmp_engine *engine, lmp_chain **chain, lmp_error *err);
LMP_API void lmp_chain_free(lmp_chain *chain);

/* Appends a step with its default parameters. */
LMP_API LMP_CHECKED lmp_status lmp_chain_add(lmp_chain *chain, const char *step, lmp_error *err);

/* Sets a parameter of the step added last, from text as on the command line ("hz", "70"). */
LMP_API LMP_CHECKED lmp_status lmp_chain_set(lmp_chain *chain, const char *key, const char *value, lmp_error *err);

/* Appends what a command line says: STEP [key=value ...] ! STEP ...; a bare word is the value of the step's first
 * parameter. */
LMP_API LMP_CHECKED lmp_status lmp_chain_parse(lmp_chain *chain, int64_t n_words, const char *const *words,
                                               lmp_error *err);

/* Appends the steps of a YAML (or JSON) file: a list whose items are a step's name, or a map {step: name, key: value};
 * or an object with such a list as "chain", like a session that the viewer saved. */
LMP_API LMP_CHECKED lmp_status lmp_chain_load(lmp_chain *chain, const char *path, lmp_error *err);

LMP_API int64_t lmp_chain_count(const lmp_chain *chain);

/* The chain as a command line would say it, or as YAML: the parameters that were given, or all. */
LMP_API char *lmp_chain_to_text(const lmp_chain *chain);
LMP_API char *lmp_chain_to_yaml(const lmp_chain *chain, int all_parameters);

/* ---- Runs ---------------------------------------------------------------------------------------------- */

typedef struct lmp_run lmp_run;

typedef struct lmp_run_options {
    size_t struct_size;
    int64_t overwrite;     /* 1: outputs may replace existing files; the input never */
    int64_t no_provenance; /* 1: write no JSON record beside the outputs */
    const char *command;   /* how the run was asked for, kept in the provenance; NULL: the chain's text */
} lmp_run_options;

/* Checks the chain against the recording and the limits and plans it; touches no file. The run borrows engine,
 * recording and chain, which must outlive it. */
LMP_API LMP_CHECKED lmp_status lmp_run_new(lmp_engine *engine, lmp_recording *recording, const lmp_chain *chain,
                                           const lmp_run_options *options, lmp_run **run, lmp_error *err);
LMP_API void lmp_run_free(lmp_run *run);

/* The plan for people, or as JSON: stages, lanes in flight, block length, passes, memory, scratch. */
LMP_API char *lmp_run_plan_text(const lmp_run *run);
LMP_API char *lmp_run_plan_json(const lmp_run *run);

/* How many files the run makes: recordings, and tables and images of steps. */
LMP_API int64_t lmp_run_output_count(const lmp_run *run);

/* Executes the plan. On failure or cancel no output has appeared and no temporary is left. Once per run. */
LMP_API LMP_CHECKED lmp_status lmp_run_go(lmp_run *run, lmp_progress_fn *progress, void *user, lmp_error *err);

/* Asks a running lmp_run_go() to stop; seen within 100 ms. Safe from any thread and from signal handlers. */
LMP_API void lmp_run_cancel(lmp_run *run);

/* After lmp_run_go(): the same for a recording that was opened from one of the paths that the run has written to. */
LMP_API LMP_CHECKED lmp_status lmp_run_describe(const lmp_run *run, lmp_recording *written, lmp_error *err);

/* After lmp_run_go(): the provenance record as JSON (version, chain, events found and repaired, per-epoch status,
 * memory, digests). */
LMP_API char *lmp_run_record(const lmp_run *run);

/* Highest number of bytes that were counted against the memory limit at one time. */
LMP_API uint64_t lmp_run_peak_bytes(const lmp_run *run);

/* ---- Quality ------------------------------------------------------------------------------------------- */

typedef struct lmp_score_options {
    size_t struct_size;
    const char *before;  /* path of the recording as it was; NULL: none */
    const char *truth;   /* path of the known truth; NULL: none */
    const char *record;  /* provenance record of the result; NULL: the one beside it, if any */
    const char *pattern; /* label of the triggers; NULL: from the record, else as the preset finds them */
    const char *bands;   /* frequency bands for the error in Hz; NULL: "3-60,62-108" */
    const char *tones;   /* frequencies of injected tones in Hz, "3.3,11.9"; NULL: from the truth's facts */
    const char *page;    /* of lmp_report(): HTML that shows the data; NULL: a page that needs no script */
} lmp_score_options;

/* Where a report's page takes the data, as JSON without a "<". */
#define LMP_REPORT_PLACE "@LIMPID-REPORT@"

/* Scores a result for what was removed and what was kept; JSON. Reads in blocks, within the memory limit. */
LMP_API LMP_CHECKED lmp_status lmp_score(lmp_engine *engine, const char *result, const lmp_score_options *options,
                                         char **json, lmp_error *err);

/* Writes one self-contained HTML page about a result: what was done, triggers, spectra and traces before and after,
 * the template, a table per channel, warnings. If the name ends in .json, all that the page shows as data. */
LMP_API LMP_CHECKED lmp_status lmp_report(lmp_engine *engine, const char *result, const lmp_score_options *options,
                                          const char *path, int overwrite, lmp_error *err);

typedef struct lmp_motion_score_options {
    size_t struct_size;
    const char *before, *after; /* paths of the movie as it was and corrected; NULL: none */
    const char *shifts;         /* CSV with dy_px, dx_px, perhaps peak and flag, a row for each frame; NULL: none */
    const char *truth;          /* known displacement dy, dx of the content in pixels: .npy of frames x 2, or CSV */
    const char *page;           /* of lmp_report_motion(): see lmp_score_options */
} lmp_motion_score_options;

/* Scores motion correction: shifts against the truth, and a corrected movie without it (sharpness, correlation with the
 * mean image, motion that is left); JSON. Needs shifts and the truth, or a corrected movie. */
LMP_API LMP_CHECKED lmp_status lmp_score_motion(lmp_engine *engine, const lmp_motion_score_options *options,
                                                char **json, lmp_error *err);

/* The same as one self-contained HTML page, or its data where the name ends in .json. */
LMP_API LMP_CHECKED lmp_status lmp_report_motion(lmp_engine *engine, const lmp_motion_score_options *options,
                                                 const char *path, int overwrite, lmp_error *err);

/* Checks an output against its provenance record: LMP_ERR_CHECK if one bit differs. The JSON has "no_input_digest", the
 * reason, if the run made no fingerprint of what it read. */
LMP_API LMP_CHECKED lmp_status lmp_verify(lmp_engine *engine, const char *output, char **json, lmp_error *err);

/* ---- Presets ------------------------------------------------------------------------------------------- */

/* Appends the chain of a preset for this recording: looks at its events and channels and decides ("eeg-fmri": finds
 * the triggers, slices or volumes). `settings` are n texts "key=value". `why` (may be NULL) tells the decisions, one
 * sentence a line; caller frees. */
LMP_API LMP_CHECKED lmp_status lmp_chain_preset(lmp_chain *chain, const char *preset, lmp_recording *recording,
                                                const char *const *settings, int64_t n, char **why, lmp_error *err);

/* ---- Small things -------------------------------------------------------------------------------------- */

LMP_API const char *lmp_version(void); /* "0.1.0" */

/* Inputs are memory-mapped. If one is cut short by another program while it is read, or its disk fails, the system
 * sends SIGBUS, which ends the process. A program that calls this lives on: what was reading, or ran beside it at that
 * moment, fails with LMP_ERR_IO and names the file; the recording is to be opened again. It sets up a signal handler for
 * the whole process, so the library never does this by itself; a SIGBUS of another cause goes to the handler that was
 * there before. Call it before threads are started; further calls do no harm. */
LMP_API void lmp_survive_lost_inputs(void);

LMP_API void lmp_text_free(char *text);

#ifdef __cplusplus
}
#endif
#endif
