/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hdf5_library.h: libhdf5's functions and variables, loaded when the first HDF5 file is opened or written (see
 * on_demand.h). Include this header instead of hdf5.h; everything is used as ever, after hdf5_load().
 */
#ifndef LIMPID_IO_HDF5_LIBRARY_H
#define LIMPID_IO_HDF5_LIBRARY_H

#include "io/on_demand.h"

#define H5_USE_110_API
#include <hdf5.h>

/* Loads the library once and names the package to install if it is missing. Any thread. */
LMP_CHECKED lmp_status hdf5_load(lmp_error *err);

/* What is in use. */
#define HDF5_FUNCTIONS(X)                                                                                              \
    X(H5Aclose)                                                                                                        \
    X(H5Acreate2)                                                                                                      \
    X(H5Aexists)                                                                                                       \
    X(H5Aget_space)                                                                                                    \
    X(H5Aget_type)                                                                                                     \
    X(H5Aopen)                                                                                                         \
    X(H5Aread)                                                                                                         \
    X(H5Awrite)                                                                                                        \
    X(H5Dclose)                                                                                                        \
    X(H5Dcreate2)                                                                                                      \
    X(H5Dget_chunk_info_by_coord)                                                                                      \
    X(H5Dget_create_plist)                                                                                             \
    X(H5Dget_offset)                                                                                                   \
    X(H5Dget_space)                                                                                                    \
    X(H5Dget_type)                                                                                                     \
    X(H5Dopen2)                                                                                                        \
    X(H5Dread)                                                                                                         \
    X(H5Dread_chunk)                                                                                                   \
    X(H5Dvlen_reclaim)                                                                                                 \
    X(H5Dwrite_chunk)                                                                                                  \
    X(H5Eset_auto2)                                                                                                    \
    X(H5Fclose)                                                                                                        \
    X(H5Fcreate)                                                                                                       \
    X(H5Fopen)                                                                                                         \
    X(H5Lexists)                                                                                                       \
    X(H5Lget_info)                                                                                                     \
    X(H5Oget_info_by_name)                                                                                             \
    X(H5Ovisit)                                                                                                        \
    X(H5PLset_loading_state)                                                                                           \
    X(H5Pclose)                                                                                                        \
    X(H5Pcreate)                                                                                                       \
    X(H5Pget_chunk)                                                                                                    \
    X(H5Pget_chunk_opts)                                                                                               \
    X(H5Pget_external_count)                                                                                           \
    X(H5Pget_fill_value)                                                                                               \
    X(H5Pget_filter2)                                                                                                  \
    X(H5Pget_layout)                                                                                                   \
    X(H5Pget_nfilters)                                                                                                 \
    X(H5Pset_alloc_time)                                                                                               \
    X(H5Pset_chunk)                                                                                                    \
    X(H5Pset_deflate)                                                                                                  \
    X(H5Pset_fapl_sec2)                                                                                                \
    X(H5Pset_file_locking)                                                                                             \
    X(H5Pset_fill_time)                                                                                                \
    X(H5Pset_layout)                                                                                                   \
    X(H5Pset_obj_track_times)                                                                                          \
    X(H5Pset_shuffle)                                                                                                  \
    X(H5Sclose)                                                                                                        \
    X(H5Screate)                                                                                                       \
    X(H5Screate_simple)                                                                                                \
    X(H5Sget_simple_extent_dims)                                                                                       \
    X(H5Sget_simple_extent_npoints)                                                                                    \
    X(H5Sget_simple_extent_type)                                                                                       \
    X(H5Sselect_hyperslab)                                                                                             \
    X(H5Tclose)                                                                                                        \
    X(H5Tcopy)                                                                                                         \
    X(H5Tequal)                                                                                                        \
    X(H5Tget_class)                                                                                                    \
    X(H5Tget_ebias)                                                                                                    \
    X(H5Tget_fields)                                                                                                   \
    X(H5Tget_nmembers)                                                                                                 \
    X(H5Tget_order)                                                                                                    \
    X(H5Tget_precision)                                                                                                \
    X(H5Tget_size)                                                                                                     \
    X(H5Tis_variable_str)                                                                                              \
    X(H5Tset_size)                                                                                                     \
    X(H5Zfilter_avail)                                                                                                 \
    X(H5check_version)                                                                                                 \
    X(H5is_library_threadsafe)                                                                                         \
    X(H5open)
#define HDF5_VARIABLES(X)                                                                                              \
    X(H5P_CLS_DATASET_CREATE_ID_g)                                                                                     \
    X(H5P_CLS_FILE_ACCESS_ID_g)                                                                                        \
    X(H5T_C_S1_g)                                                                                                      \
    X(H5T_IEEE_F32BE_g)                                                                                                \
    X(H5T_IEEE_F32LE_g)                                                                                                \
    X(H5T_IEEE_F64BE_g)                                                                                                \
    X(H5T_IEEE_F64LE_g)                                                                                                \
    X(H5T_NATIVE_DOUBLE_g)                                                                                             \
    X(H5T_NATIVE_FLOAT_g)                                                                                              \
    X(H5T_NATIVE_INT16_g)                                                                                              \
    X(H5T_NATIVE_INT32_g)                                                                                              \
    X(H5T_NATIVE_INT64_g)                                                                                              \
    X(H5T_NATIVE_INT8_g)                                                                                               \
    X(H5T_NATIVE_UINT16_g)                                                                                             \
    X(H5T_NATIVE_UINT32_g)                                                                                             \
    X(H5T_NATIVE_UINT64_g)                                                                                             \
    X(H5T_NATIVE_UINT8_g)                                                                                              \
    X(H5T_STD_I16BE_g)                                                                                                 \
    X(H5T_STD_I16LE_g)                                                                                                 \
    X(H5T_STD_I32BE_g)                                                                                                 \
    X(H5T_STD_I32LE_g)                                                                                                 \
    X(H5T_STD_I64BE_g)                                                                                                 \
    X(H5T_STD_I64LE_g)                                                                                                 \
    X(H5T_STD_I8BE_g)                                                                                                  \
    X(H5T_STD_I8LE_g)                                                                                                  \
    X(H5T_STD_U16BE_g)                                                                                                 \
    X(H5T_STD_U16LE_g)                                                                                                 \
    X(H5T_STD_U32BE_g)                                                                                                 \
    X(H5T_STD_U32LE_g)                                                                                                 \
    X(H5T_STD_U64BE_g)                                                                                                 \
    X(H5T_STD_U64LE_g)                                                                                                 \
    X(H5T_STD_U8BE_g)                                                                                                  \
    X(H5T_STD_U8LE_g)

typedef struct hdf5_library {
    HDF5_FUNCTIONS(ON_DEMAND_POINTER)
    HDF5_VARIABLES(ON_DEMAND_POINTER)
} hdf5_library;

/* Written once, by hdf5_load(). */
extern hdf5_library hdf5;

#define H5Aclose                     hdf5.H5Aclose_at
#define H5Acreate2                   hdf5.H5Acreate2_at
#define H5Aexists                    hdf5.H5Aexists_at
#define H5Aget_space                 hdf5.H5Aget_space_at
#define H5Aget_type                  hdf5.H5Aget_type_at
#define H5Aopen                      hdf5.H5Aopen_at
#define H5Aread                      hdf5.H5Aread_at
#define H5Awrite                     hdf5.H5Awrite_at
#define H5Dclose                     hdf5.H5Dclose_at
#define H5Dcreate2                   hdf5.H5Dcreate2_at
#define H5Dget_chunk_info_by_coord   hdf5.H5Dget_chunk_info_by_coord_at
#define H5Dget_create_plist          hdf5.H5Dget_create_plist_at
#define H5Dget_offset                hdf5.H5Dget_offset_at
#define H5Dget_space                 hdf5.H5Dget_space_at
#define H5Dget_type                  hdf5.H5Dget_type_at
#define H5Dopen2                     hdf5.H5Dopen2_at
#define H5Dread                      hdf5.H5Dread_at
#define H5Dread_chunk                hdf5.H5Dread_chunk_at
#define H5Dvlen_reclaim              hdf5.H5Dvlen_reclaim_at
#define H5Dwrite_chunk               hdf5.H5Dwrite_chunk_at
#define H5Eset_auto2                 hdf5.H5Eset_auto2_at
#define H5Fclose                     hdf5.H5Fclose_at
#define H5Fcreate                    hdf5.H5Fcreate_at
#define H5Fopen                      hdf5.H5Fopen_at
#define H5Lexists                    hdf5.H5Lexists_at
#define H5Lget_info                  hdf5.H5Lget_info_at
#define H5Oget_info_by_name          hdf5.H5Oget_info_by_name_at
#define H5Ovisit                     hdf5.H5Ovisit_at
#define H5PLset_loading_state        hdf5.H5PLset_loading_state_at
#define H5Pclose                     hdf5.H5Pclose_at
#define H5Pcreate                    hdf5.H5Pcreate_at
#define H5Pget_chunk                 hdf5.H5Pget_chunk_at
#define H5Pget_chunk_opts            hdf5.H5Pget_chunk_opts_at
#define H5Pget_external_count        hdf5.H5Pget_external_count_at
#define H5Pget_fill_value            hdf5.H5Pget_fill_value_at
#define H5Pget_filter2               hdf5.H5Pget_filter2_at
#define H5Pget_layout                hdf5.H5Pget_layout_at
#define H5Pget_nfilters              hdf5.H5Pget_nfilters_at
#define H5Pset_alloc_time            hdf5.H5Pset_alloc_time_at
#define H5Pset_chunk                 hdf5.H5Pset_chunk_at
#define H5Pset_deflate               hdf5.H5Pset_deflate_at
#define H5Pset_fapl_sec2             hdf5.H5Pset_fapl_sec2_at
#define H5Pset_file_locking          hdf5.H5Pset_file_locking_at
#define H5Pset_fill_time             hdf5.H5Pset_fill_time_at
#define H5Pset_layout                hdf5.H5Pset_layout_at
#define H5Pset_obj_track_times       hdf5.H5Pset_obj_track_times_at
#define H5Pset_shuffle               hdf5.H5Pset_shuffle_at
#define H5Sclose                     hdf5.H5Sclose_at
#define H5Screate                    hdf5.H5Screate_at
#define H5Screate_simple             hdf5.H5Screate_simple_at
#define H5Sget_simple_extent_dims    hdf5.H5Sget_simple_extent_dims_at
#define H5Sget_simple_extent_npoints hdf5.H5Sget_simple_extent_npoints_at
#define H5Sget_simple_extent_type    hdf5.H5Sget_simple_extent_type_at
#define H5Sselect_hyperslab          hdf5.H5Sselect_hyperslab_at
#define H5Tclose                     hdf5.H5Tclose_at
#define H5Tcopy                      hdf5.H5Tcopy_at
#define H5Tequal                     hdf5.H5Tequal_at
#define H5Tget_class                 hdf5.H5Tget_class_at
#define H5Tget_ebias                 hdf5.H5Tget_ebias_at
#define H5Tget_fields                hdf5.H5Tget_fields_at
#define H5Tget_nmembers              hdf5.H5Tget_nmembers_at
#define H5Tget_order                 hdf5.H5Tget_order_at
#define H5Tget_precision             hdf5.H5Tget_precision_at
#define H5Tget_size                  hdf5.H5Tget_size_at
#define H5Tis_variable_str           hdf5.H5Tis_variable_str_at
#define H5Tset_size                  hdf5.H5Tset_size_at
#define H5Zfilter_avail              hdf5.H5Zfilter_avail_at
#define H5check_version              hdf5.H5check_version_at
#define H5is_library_threadsafe      hdf5.H5is_library_threadsafe_at
#define H5open                       hdf5.H5open_at
#define H5P_CLS_DATASET_CREATE_ID_g  (*hdf5.H5P_CLS_DATASET_CREATE_ID_g_at)
#define H5P_CLS_FILE_ACCESS_ID_g     (*hdf5.H5P_CLS_FILE_ACCESS_ID_g_at)
#define H5T_C_S1_g                   (*hdf5.H5T_C_S1_g_at)
#define H5T_IEEE_F32BE_g             (*hdf5.H5T_IEEE_F32BE_g_at)
#define H5T_IEEE_F32LE_g             (*hdf5.H5T_IEEE_F32LE_g_at)
#define H5T_IEEE_F64BE_g             (*hdf5.H5T_IEEE_F64BE_g_at)
#define H5T_IEEE_F64LE_g             (*hdf5.H5T_IEEE_F64LE_g_at)
#define H5T_NATIVE_DOUBLE_g          (*hdf5.H5T_NATIVE_DOUBLE_g_at)
#define H5T_NATIVE_FLOAT_g           (*hdf5.H5T_NATIVE_FLOAT_g_at)
#define H5T_NATIVE_INT16_g           (*hdf5.H5T_NATIVE_INT16_g_at)
#define H5T_NATIVE_INT32_g           (*hdf5.H5T_NATIVE_INT32_g_at)
#define H5T_NATIVE_INT64_g           (*hdf5.H5T_NATIVE_INT64_g_at)
#define H5T_NATIVE_INT8_g            (*hdf5.H5T_NATIVE_INT8_g_at)
#define H5T_NATIVE_UINT16_g          (*hdf5.H5T_NATIVE_UINT16_g_at)
#define H5T_NATIVE_UINT32_g          (*hdf5.H5T_NATIVE_UINT32_g_at)
#define H5T_NATIVE_UINT64_g          (*hdf5.H5T_NATIVE_UINT64_g_at)
#define H5T_NATIVE_UINT8_g           (*hdf5.H5T_NATIVE_UINT8_g_at)
#define H5T_STD_I16BE_g              (*hdf5.H5T_STD_I16BE_g_at)
#define H5T_STD_I16LE_g              (*hdf5.H5T_STD_I16LE_g_at)
#define H5T_STD_I32BE_g              (*hdf5.H5T_STD_I32BE_g_at)
#define H5T_STD_I32LE_g              (*hdf5.H5T_STD_I32LE_g_at)
#define H5T_STD_I64BE_g              (*hdf5.H5T_STD_I64BE_g_at)
#define H5T_STD_I64LE_g              (*hdf5.H5T_STD_I64LE_g_at)
#define H5T_STD_I8BE_g               (*hdf5.H5T_STD_I8BE_g_at)
#define H5T_STD_I8LE_g               (*hdf5.H5T_STD_I8LE_g_at)
#define H5T_STD_U16BE_g              (*hdf5.H5T_STD_U16BE_g_at)
#define H5T_STD_U16LE_g              (*hdf5.H5T_STD_U16LE_g_at)
#define H5T_STD_U32BE_g              (*hdf5.H5T_STD_U32BE_g_at)
#define H5T_STD_U32LE_g              (*hdf5.H5T_STD_U32LE_g_at)
#define H5T_STD_U64BE_g              (*hdf5.H5T_STD_U64BE_g_at)
#define H5T_STD_U64LE_g              (*hdf5.H5T_STD_U64LE_g_at)
#define H5T_STD_U8BE_g               (*hdf5.H5T_STD_U8BE_g_at)
#define H5T_STD_U8LE_g               (*hdf5.H5T_STD_U8LE_g_at)

#endif
