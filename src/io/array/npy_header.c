/* SPDX-License-Identifier: BSD-3-Clause
 *
 * npy_header.c: the header of NumPy's .npy files.
 *
 * "\x93NUMPY", version, length, then a Python dictionary as text: {'descr': '<f8', 'fortran_order': False, 'shape':
 * (3, 4), } (numpy.lib.format, versions 1.0 to 3.0). It is read as data by a small strict parser, never evaluated:
 * three keys in any order, each once, of the one kind of value it may have. Numbers of Python 2 may end in L.
 */
#include "io/array/npy_header.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char magic[] = "\x93NUMPY";
enum { MAGIC_BYTES = 6 };

bool npy_is_headed(const uint8_t *bytes, size_t size)
{
    return size >= MAGIC_BYTES && memcmp(bytes, magic, MAGIC_BYTES) == 0;
}

lmp_status npy_header_measure(const uint8_t *bytes, size_t n, const char *path, size_t *first, size_t *size,
                              lmp_error *err)
{
    if (!npy_is_headed(bytes, n))
        return lmp_fail(err, LMP_ERR_INPUT, "%s does not start with \\x93NUMPY: it is no .npy file", path);
    const unsigned version = n > MAGIC_BYTES ? bytes[MAGIC_BYTES] : 0;
    if (n >= NPY_PRELUDE_BYTES && (version < 1 || version > 3))
        return lmp_fail(err, LMP_ERR_INPUT, "%s is of .npy version %u; limpid reads 1 to 3: save it with numpy.save",
                        path, version);
    *first = version == 1 ? 10 : 12;
    if (n < NPY_PRELUDE_BYTES)
        return lmp_fail(err, LMP_ERR_INPUT, "%s ends within its header; get the complete file again", path);
    size_t length = (size_t)bytes[8] | (size_t)bytes[9] << 8;
    if (version > 1) length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    if (length > NPY_MOST_HEADER_BYTES)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s announces a header of %zu bytes; that of an array of numbers has about 100", path, length);
    *size = *first + length;
    return LMP_OK;
}

/* ---- The dictionary --------------------------------------------------------------------------------------- */

typedef struct literal {
    const char *next, *end;
    const char *path;
    lmp_error *err;
} literal;

static void skip_blanks(literal *l)
{
    while (l->next < l->end && (*l->next == ' ' || *l->next == '\t' || *l->next == '\n' || *l->next == '\r')) l->next++;
}

/* Takes `c` behind blanks if it is next. */
static bool take(literal *l, char c)
{
    skip_blanks(l);
    if (l->next == l->end || *l->next != c) return false;
    l->next++;
    return true;
}

static bool take_word(literal *l, const char *word)
{
    const size_t n = strlen(word);
    skip_blanks(l);
    if ((size_t)(l->end - l->next) < n || memcmp(l->next, word, n) != 0) return false;
    l->next += n;
    return true;
}

static lmp_status fail_syntax(const literal *l, const char *what)
{
    return lmp_fail(l->err, LMP_ERR_INPUT, "%s has a damaged header (%s); save the array again with numpy.save",
                    l->path, what);
}

/* A quoted ASCII text without escapes, cut to the room. */
static lmp_status parse_text(literal *l, char *text, size_t room)
{
    size_t n = 0;
    skip_blanks(l);
    const char quote = l->next < l->end ? *l->next : '\0';
    if (quote != '\'' && quote != '"') return fail_syntax(l, "a quoted text is missing");
    for (l->next++; l->next < l->end && *l->next != quote; l->next++) {
        if (*l->next < ' ' || *l->next > '~' || *l->next == '\\') return fail_syntax(l, "a text is not plain");
        if (n < room - 1) text[n++] = *l->next;
    }
    if (l->next == l->end) return fail_syntax(l, "a text does not end");
    l->next++;
    text[n] = '\0';
    return LMP_OK;
}

static lmp_status parse_number(literal *l, int64_t *number)
{
    int64_t n = 0;
    skip_blanks(l);
    if (l->next < l->end && *l->next == '-') return fail_syntax(l, "the shape has a negative number");
    if (l->next == l->end || *l->next < '0' || *l->next > '9') return fail_syntax(l, "the shape has no number");
    for (; l->next < l->end && *l->next >= '0' && *l->next <= '9'; l->next++) {
        if (n > (INT64_MAX - 9) / 10) return fail_syntax(l, "the shape has a number beyond 2^63");
        n = 10 * n + (*l->next - '0');
    }
    if (l->next < l->end && *l->next == 'L') l->next++;
    *number = n;
    return LMP_OK;
}

/* (), (5,), (5, 2), (5, 2, ) but not (5), which is a number to Python. */
static lmp_status parse_shape(literal *l, npy_header *header)
{
    bool has_comma = true;
    if (!take(l, '(')) return fail_syntax(l, "the shape is no tuple");
    while (!take(l, ')')) {
        if (!has_comma) return fail_syntax(l, "the shape lacks a comma");
        if (header->n_dimensions == NPY_MOST_DIMENSIONS) return fail_syntax(l, "the shape has more than 64 numbers");
        const lmp_status status = parse_number(l, &header->shape[header->n_dimensions]);
        if (status != LMP_OK) return status;
        header->n_dimensions++;
        has_comma = take(l, ',');
    }
    return header->n_dimensions == 1 && !has_comma ? fail_syntax(l, "the shape is no tuple") : LMP_OK;
}

static const char *kind_of(char letter)
{
    switch (letter) {
    case 'O':
        return "Python objects";
    case 'c':
        return "complex numbers";
    case 'S':
    case 'a':
    case 'U':
        return "texts";
    case 'V':
        return "records";
    case 'M':
    case 'm':
        return "dates";
    default:
        return "an unknown type";
    }
}

static lmp_status parse_type(literal *l, npy_header *header)
{
    static const struct {
        const char *code;
        sample_type type;
    } known[] = {{"b1", SAMPLE_BOOL},   {"i1", SAMPLE_INT8},    {"u1", SAMPLE_UINT8},   {"i2", SAMPLE_INT16},
                 {"u2", SAMPLE_UINT16}, {"i4", SAMPLE_INT32},   {"u4", SAMPLE_UINT32},  {"i8", SAMPLE_INT64},
                 {"u8", SAMPLE_UINT64}, {"f2", SAMPLE_FLOAT16}, {"f4", SAMPLE_FLOAT32}, {"f8", SAMPLE_FLOAT64}};
    char text[24];
    skip_blanks(l);
    if (l->next < l->end && *l->next == '[')
        return lmp_fail(l->err, LMP_ERR_INPUT,
                        "%s holds records of several fields; limpid reads plain numbers: save one field of it",
                        l->path);
    const lmp_status status = parse_text(l, text, sizeof text);
    if (status != LMP_OK) return status;
    const char *code = text;
    const char order = strchr("<>|=", text[0]) != NULL && text[0] != '\0' ? *code++ : '=';
    const uint16_t one = 1;
    const bool is_big_machine = *(const uint8_t *)&one == 0;
    header->is_big_endian = order == '>' || (order != '<' && is_big_machine);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(code, known[i].code) != 0) continue;
        header->type = known[i].type;
        return LMP_OK;
    }
    return lmp_fail(l->err, LMP_ERR_INPUT,
                    "%s holds %s (%s); limpid reads booleans, integers of 1 to 8 bytes and floats of 2 to 8: convert "
                    "it with astype",
                    l->path, kind_of(*code), text);
}

static lmp_status parse_order(literal *l, npy_header *header)
{
    header->is_fortran_order = take_word(l, "True");
    return header->is_fortran_order || take_word(l, "False") ? LMP_OK
                                                             : fail_syntax(l, "fortran_order is not True or False");
}

lmp_status npy_header_parse(const uint8_t *bytes, size_t first, size_t size, const char *path, npy_header *header,
                            lmp_error *err)
{
    static const struct {
        const char *key;
        lmp_status (*parse)(literal *, npy_header *);
    } keys[3] = {{"descr", parse_type}, {"fortran_order", parse_order}, {"shape", parse_shape}};
    *header = (npy_header){.data_offset = (int64_t)size};
    literal l = {.next = (const char *)bytes + first, .end = (const char *)bytes + size, .path = path, .err = err};
    bool seen[3] = {false}, has_comma = true;
    if (!take(&l, '{')) return fail_syntax(&l, "no dictionary");
    while (!take(&l, '}')) {
        char key[24];
        if (!has_comma) return fail_syntax(&l, "a comma is missing");
        lmp_status status = parse_text(&l, key, sizeof key);
        if (status != LMP_OK) return status;
        int found = 0;
        while (found < 3 && strcmp(key, keys[found].key) != 0) found++;
        if (found == 3) return fail_syntax(&l, "an unknown key");
        if (seen[found]) return fail_syntax(&l, "a key is there twice");
        seen[found] = true;
        if (!take(&l, ':')) return fail_syntax(&l, "a colon is missing");
        status = keys[found].parse(&l, header);
        if (status != LMP_OK) return status;
        has_comma = take(&l, ',');
    }
    skip_blanks(&l);
    if (l.next != l.end) return fail_syntax(&l, "something follows the dictionary");
    if (!seen[0] || !seen[1] || !seen[2]) return fail_syntax(&l, "descr, fortran_order or shape is missing");
    return LMP_OK;
}

/* ---- Writing ---------------------------------------------------------------------------------------------- */

/* "<u2", "|i1" */
static void print_type(lmp_type type, char text[4])
{
    static const char codes[][3] = {
        [LMP_INT8] = "i1",   [LMP_UINT8] = "u1", [LMP_INT16] = "i2",  [LMP_UINT16] = "u2",  [LMP_INT32] = "i4",
        [LMP_UINT32] = "u4", [LMP_INT64] = "i8", [LMP_UINT64] = "u8", [LMP_FLOAT32] = "f4", [LMP_FLOAT64] = "f8"};
    const uint16_t one = 1;
    text[0] = codes[type][1] == '1' ? '|' : *(const uint8_t *)&one == 1 ? '<' : '>';
    memcpy(text + 1, codes[type], 3);
}

void npy_header_print(lmp_type type, int64_t n_dimensions, const int64_t *shape, uint8_t header[NPY_WRITTEN_BYTES])
{
    char text[NPY_WRITTEN_BYTES], code[4];
    print_type(type, code);
    memset(header, ' ', NPY_WRITTEN_BYTES);
    memcpy(header, magic, MAGIC_BYTES);
    header[6] = 1;
    header[7] = 0;
    header[8] = NPY_WRITTEN_BYTES - 10; /* the length behind it: so the data start at a multiple of 64 */
    header[9] = 0;
    int n = snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': (", code);
    for (int64_t i = 0; i < n_dimensions; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, "%s%" PRId64, i > 0 ? ", " : "", shape[i]);
    n += snprintf(text + n, sizeof text - (size_t)n, "), }");
    memcpy(header + 10, text, (size_t)n);
    header[NPY_WRITTEN_BYTES - 1] = '\n';
}
