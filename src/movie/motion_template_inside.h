/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_template_inside.h: what a template set holds, for the files that learn and use it.
 */
#ifndef LIMPID_MOVIE_MOTION_TEMPLATE_INSIDE_H
#define LIMPID_MOVIE_MOTION_TEMPLATE_INSIDE_H

#include "movie/motion_offsets.h"
#include "movie/motion_template.h"

typedef struct stretch {
    int64_t first_frame;
    float *sum; /* mean of the good frames, as a spectrum */
    match_target target;
    float *inverse_level; /* rows x columns */
    double offset_y, offset_x;
    double peak, weakest;    /* of its frames: median; lower ones do not belong to the movie */
    double power, saturated; /* of its frames: medians */
    double noisy_step;       /* neighbours in a row differ by more only in noise */
    int64_t n_good, n_sample;
} stretch;

/* What a worker needs for a frame. */
typedef struct template_worker {
    void *scratch;   /* of the matcher */
    float *spectrum; /* or an image */
    void *memory;    /* NULL: it has that of the set */
} template_worker;

struct template_set {
    matcher *m;
    match_spec spec;
    lmp_budget *budget;
    int64_t n_frames, n_values; /* of the movie; of a binned image */
    int64_t n_stretches;
    stretch stretches[MOTION_MOST_STRETCHES];
    const lmp_frame_list *lists;
    lmp_frame_list *own_lists;
    int64_t spectrum_floats;
    size_t match_scratch;     /* bytes */
    int64_t n_slots;          /* of samples */
    float *samples;           /* a slot for each frame of a pass: the binned image, then its spectrum */
    float *given;             /* a template from a file, binned; NULL: none */
    void *scratch;            /* of `learned` */
    template_worker *workers; /* during `learned`: on all of them */
    int64_t n_workers;
    float *work;           /* two spectra, or images */
    float *taper, *tapers; /* spectra: of the taper, of the mean of those that were moved along with frames */
    float *target_scratch;
    bool is_light;    /* the movie is of light: it is divided by its level */
    float *still;     /* three spectra and an image: what stands still; before, images while the level is found */
    float *portrait;  /* rows x columns: the template in the middle, in the movie's numbers */
    double worst_tie; /* largest residual of the offsets, px */
};

/* So many binned rows of noise make a frame corrupt. */
enum { TEMPLATE_NOISY_ROWS = 2 };

static inline float *template_slot(const template_set *set, int64_t i)
{
    return set->samples + i * set->spectrum_floats;
}

/* What is known of a sample's frames, one entry for each. */
typedef struct sample_notes {
    double *power, *saturated, *numbers;
    match *matches;
    bool *is_good, *is_noisy;
    float *low;
    void *memory;
} sample_notes;

/* Median displacement of the good frames. */
double template_middle(const sample_notes *notes, int64_t n, bool of_x);

/* Pixels that stand still are left out by the matcher and taken out of the slots; false if there are no more of them.
 * While the first stretch is learned: templates are made with the matcher's weights. motion_template_specks.c */
bool template_mask_specks(template_set *set, const stretch *s, int64_t n, bool has_begun, const sample_notes *notes);

/* What is done with each frame of a sample by itself, and sums over them in the order of the frames: on all workers,
 * with the same bits whatever their number. motion_template_sample.c */
LMP_CHECKED lmp_status template_take_workers(template_set *set, lmp_error *err);
void template_give_workers(template_set *set);
/* Mean of the images in the slots; missing pixels take no part. NaN: of those that no frame has. */
void template_mean(template_set *set, int64_t n, float *mean);
/* Broken transmission leaves rows of noise: neighbours differ there by many times what they do elsewhere. */
void template_find_noise(template_set *set, stretch *s, int64_t n, sample_notes *notes);
/* Images in the slots become spectra. */
void template_transform(template_set *set, stretch *s, int64_t n, sample_notes *notes);
void template_match(template_set *set, stretch *s, int64_t n, sample_notes *notes);
/* The mean of the good frames, moved to where the middle of them lies. */
void template_average(template_set *set, stretch *s, int64_t n, sample_notes *notes);

/* The template of a stretch from the frames in the slots. motion_template_learn.c */
LMP_CHECKED lmp_status template_learn_stretch(template_set *set, int64_t k, lmp_error *err);
/* Where the templates lie: after the last stretch. motion_template_tie.c */
LMP_CHECKED lmp_status template_tie(template_set *set, lmp_error *err);

#endif
