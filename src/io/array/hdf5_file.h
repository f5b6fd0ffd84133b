/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hdf5_file.h: HDF5 files and the datasets in them, through libhdf5.
 */
#ifndef LIMPID_IO_HDF5_FILE_H
#define LIMPID_IO_HDF5_FILE_H

#include "io/array/array_axes.h"
#include "io/array/hdf5_library.h"
#include "io/samples.h"

enum { HDF5_NAME_ROOM = 32, HDF5_MOST_FILTERS = 8 };

typedef struct hdf5_array {
    array_dimensions dimensions; /* names point into `name` */
    char name[ARRAY_MOST_AXES][HDF5_NAME_ROOM];
    sample_type type;
    bool is_big_endian;
    H5D_layout_t layout;
    int64_t chunk[ARRAY_MOST_AXES];
    int64_t offset; /* of contiguous numbers in the file; -1: none */
    int64_t n_filters;
    H5Z_filter_t filters[HDF5_MOST_FILTERS];
    bool is_plain_at_edges;                          /* chunks that reach beyond the array are stored without filters */
    uint8_t fill[8];                                 /* as movies hold the numbers */
    double rate_hz, pixel_width_um, pixel_height_um; /* 0 if not said */
} hdf5_array;

/* libhdf5 prints what goes wrong, each thread for itself: to be called before anything else of it. */
void hdf5_be_quiet(void);

/* Opens a file read-only with the plain driver: no other file is touched. */
LMP_CHECKED lmp_status hdf5_file_open(const char *path, hid_t *file, lmp_error *err);

/* Opens the dataset that options->dataset names, else the largest that can be a movie, and describes it. */
LMP_CHECKED lmp_status hdf5_find_dataset(const char *path, hid_t file, const lmp_open_options *options, hid_t *dataset,
                                         hdf5_array *array, char **warnings, lmp_error *err);

/* What is in a dataset; `label` names it in sentences. Copies of the struct keep pointing to the names of the first:
 * hdf5_array_point_names(). */
LMP_CHECKED lmp_status hdf5_describe(const char *label, hid_t dataset, hdf5_array *array, lmp_error *err);
void hdf5_array_point_names(hdf5_array *array);

/* A number of an attribute; false if there is no such number. */
bool hdf5_read_number(hid_t object, const char *name, double *value);

#endif
