/* SPDX-License-Identifier: BSD-3-Clause
 *
 * miniscope.h: a simulated movie of moving tissue: a canvas without edges that is displaced exactly, cells that fire,
 * what the sensor adds, and how each frame moved.
 *
 * Tissue coordinates are the pixel coordinates of a frame that has not moved; the canvas repeats in both directions.
 */
#ifndef LIMPID_SIMULATE_MINISCOPE_H
#define LIMPID_SIMULATE_MINISCOPE_H

#include "core/simulator.h"
#include "math/fft2.h"

typedef struct miniscope_params {
    int64_t frames, height, width, type, scene; /* indices into the choices */
    double rate_hz;
    double motion_px, step_px, jumps, jump_px, drift_px, bend_px;
    int64_t vessels, cells, dirt; /* vessels, cells: LMP_AUTO_INTEGER: MINISCOPE_USUAL_... in the usual frame */
    double vignette_percent, glow, bleaching_percent;         /* vignette: NaN: by scene */
    double gain, offset, photons_per_level, read_noise, full; /* photons: NaN: by scene */
    double blank, dropped, corrupted, saturated;
    int64_t seed;
} miniscope_params;

enum {
    PURPOSE_COARSE = 201,
    PURPOSE_MEDIUM,
    PURPOSE_VESSELS,
    PURPOSE_CELLS,
    PURPOSE_SPIKES,
    PURPOSE_DIRT,
    PURPOSE_WALK,
    PURPOSE_JUMPS,
    PURPOSE_BEND,
    PURPOSE_FAULTS,
    PURPOSE_BANDS,
    PURPOSE_STATIC,
    PURPOSE_PHOTONS,
    PURPOSE_READ_OUT
};

/* ---- How it moves, and what goes wrong: miniscope_motion.c ---- */

typedef enum miniscope_status {
    MINISCOPE_OK = 0,
    MINISCOPE_BLANK,
    MINISCOPE_REPEATED,
    MINISCOPE_CORRUPTED,
    MINISCOPE_SATURATED
} miniscope_status;

const char *miniscope_status_name(miniscope_status status);

/* Where the walk is, and how fast, in y and x. */
typedef struct miniscope_walk {
    double at_px[2], speed_px[2];
} miniscope_walk;

/* One component of the bend: sin(y_rad * y + x_rad * x + phase_rad) of a point of the tissue. */
typedef struct miniscope_wave {
    double y_rad, x_rad, phase_rad;
} miniscope_wave;

typedef struct miniscope_motion {
    const miniscope_params *p;
    miniscope_walk *stations;      /* the walk at every STATION-th frame */
    double drift_y_px, drift_x_px; /* at the last frame */
    miniscope_wave bend_y, bend_x;
    double sway_rad[2]; /* phases of the bend in time */
    uint64_t walk_key, jump_key, fault_key;
} miniscope_motion;

/* What a frame shows: frame `shown` (an earlier one if it is repeated), displaced by (dy, dx), and bent. */
typedef struct miniscope_moment {
    miniscope_status status;
    int64_t shown;
    double dy_px, dx_px, bend_px;
} miniscope_moment;

LMP_CHECKED lmp_status miniscope_motion_open(miniscope_motion *m, const miniscope_params *p, lmp_error *err);
void miniscope_motion_close(miniscope_motion *m);
miniscope_moment miniscope_at(const miniscope_motion *m, int64_t frame);
/* Pixels that content goes to and fro at most in y and x, all frames together. */
void miniscope_range(const miniscope_motion *m, double *y_px, double *x_px);
/* Where the tissue at (y, x) is seen, relative to (y, x). */
void miniscope_displacement(const miniscope_motion *m, const miniscope_moment *at, double y, double x, double *dy,
                            double *dx);
/* Longest wave of a bend, in pixels, and the largest bend that cannot fold. */
double miniscope_bend_wavelength(const miniscope_params *p);

/* ---- What is there: miniscope_scene.c, miniscope_cells.c ---- */

enum { MINISCOPE_USUAL_PIXELS = 480 * 752, MINISCOPE_USUAL_CELLS = 280, MINISCOPE_USUAL_VESSELS = 12 };

/* What differs from one kind of microscope to the other. */
typedef struct miniscope_kind {
    double level;                                  /* mean brightness of the tissue */
    double coarse, coarse_px, medium, medium_px;   /* texture: standard deviations relative to it, and sizes */
    double vessel_depth;                           /* how much darker a vessel is */
    double cell_level, cell_rest;                  /* median light of one spike; of a silent cell relative to it */
    double cell_least_px, cell_most_px, cell_ring; /* sigma; depth of the dark middle */
    double vignette_percent, photons_per_level;    /* where "auto" was asked for */
} miniscope_kind;

const miniscope_kind *miniscope_kind_of(const miniscope_params *p);

typedef struct miniscope_cell {
    double y_px, x_px, sigma_px, level, spikes_per_frame;
    uint64_t key;
} miniscope_cell;

typedef struct miniscope_scene {
    const miniscope_params *p;
    int64_t height, width; /* of the canvas */
    int64_t middle;        /* row of the frame that comes to row 0 of a displaced canvas */
    fft2_plan *plan;       /* inverse: rows of a frame only */
    float *spectrum;       /* of the canvas without cells, divided by its number of pixels */
    float *splines;        /* cubic B-spline coefficients of the same; NULL without a bend. See miniscope_bend.c */
    miniscope_cell *cells;
    int64_t n_cells;
    double spike_decay;   /* from a frame to the next */
    int64_t spike_memory; /* frames until a spike is forgotten */
} miniscope_scene;

/* An image whose row y begins at values + (y + first) % n_rows * stride. */
typedef struct miniscope_image {
    float *values;
    int64_t first, n_rows, stride;
} miniscope_image;

static inline float *miniscope_row(const miniscope_image *image, int64_t y)
{
    return image->values + (y + image->first) % image->n_rows * image->stride;
}

/* Bytes that opening needs at most, for frames that go to and fro by so many pixels. */
double miniscope_scene_bytes(const miniscope_params *p, double range_y_px, double range_x_px);
LMP_CHECKED lmp_status miniscope_scene_open(miniscope_scene *s, const miniscope_params *p, double range_y_px,
                                            double range_x_px, lmp_error *err);
void miniscope_scene_close(miniscope_scene *s);
/* Memory with room for the count of floats, aligned to 64 bytes; free(). NULL if there is none. */
float *miniscope_floats(int64_t count);

/* The repetitions of a point of the canvas that are less than `reach` from the frame: y = first_y, first_y + height ...
 * below end_y, and x likewise. */
typedef struct miniscope_places {
    double first_y, end_y, first_x, end_x;
} miniscope_places;

miniscope_places miniscope_places_of(const miniscope_scene *s, double y, double x, double reach);

/* The canvas without cells, moved by (dy, dx): exact, by its spectrum. `memory`: miniscope_shift_bytes(). */
size_t miniscope_shift_bytes(const miniscope_scene *s);
miniscope_image miniscope_shift(const miniscope_scene *s, double dy, double dx, void *memory);

enum { MINISCOPE_REACH = 64 }; /* most pixels from the middle of a cell to its end */

LMP_CHECKED lmp_status miniscope_cells_open(miniscope_scene *s, lmp_error *err);
/* Pixels from the middle of a cell to where it is cut off. */
int64_t miniscope_cell_reach(const miniscope_cell *c);
/* Height, 1 at most, at (y, x) from the middle; narrow: 1 / (2 sigma^2). */
float miniscope_cell_shape(double narrow, double ring, double y, double x);
/* Light of a cell in a frame; at rest it is cell_rest. */
double miniscope_activity(const miniscope_scene *s, int64_t cell, int64_t frame);
/* Adds the cells as they shine in `frame`, moved by (dy, dx). */
void miniscope_add_cells(const miniscope_scene *s, int64_t frame, double dy, double dx, const miniscope_image *image);

/* ---- Tissue that bends: miniscope_bend.c ---- */

/* The same, each pixel displaced by itself; cells too. */
size_t miniscope_bend_bytes(const miniscope_params *p);
miniscope_image miniscope_bend(const miniscope_scene *s, const miniscope_motion *m, const miniscope_moment *at,
                               void *memory);
/* Coefficients from the spectrum; `spectrum` is overwritten. `whole`: a plan of all rows. */
LMP_CHECKED lmp_status miniscope_splines(miniscope_scene *s, const fft2_plan *whole, float *spectrum, float *image,
                                         void *scratch, lmp_error *err);

/* ---- The movie ---- */

typedef struct miniscope {
    miniscope_params p;
    bool is_truth;
    lmp_type type;
    miniscope_motion motion;
    miniscope_scene scene;
    float *light, *haze; /* of the sensor: levels per unit of brightness, levels that are there anyway */
    uint64_t band_key, static_key, photon_key, read_key;
} miniscope;

/* miniscope_facts.c */
json_t *miniscope_describe(const miniscope *m);
void miniscope_tabulate(void *state, lmp_table *table);

/* miniscope_read.c */
size_t miniscope_read_bytes(const miniscope *m);
void miniscope_light_sensor(miniscope *m);
/* lmp_source.read_frames: whole frames. */
lmp_status miniscope_read_frames(void *state, const lmp_frames *out, lmp_budget *budget, lmp_error *err);

#endif
