# SPDX-License-Identifier: BSD-3-Clause
"""embed_page.py FOLDER OUT.c: the files of the viewer's page as C arrays, plain and packed (viewer/server/page.h)."""
import gzip
import hashlib
import os
import sys

MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml", ".png": "image/png", ".woff2": "font/woff2", ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
}


def array(name, data):
    lines = [",".join(map(str, data[i:i + 200])) for i in range(0, len(data), 200)]
    # One more: a zero ends each, so that a page can be read as a text.
    return "static const unsigned char %s[%d] = {\n%s};\n" % (name, len(data) + 1, ",\n".join(lines) or "0")


def etag(data):
    return '"\\"%s\\""' % hashlib.sha256(data).hexdigest()[:32]


def rows(folder):
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(parent, name)
            ending = os.path.splitext(name)[1]
            if ending not in MEDIA_TYPES:
                sys.exit("embed_page.py: %s is of no known media type" % path)
            with open(path, "rb") as file:
                yield "/" + os.path.relpath(path, folder), MEDIA_TYPES[ending], file.read()


def main():
    folder, out = sys.argv[1:]
    if not os.path.exists(os.path.join(folder, "index.html")):
        sys.exit("embed_page.py: %s holds no page (index.html)" % folder)
    arrays, table = [], []
    for i, (path, media_type, data) in enumerate(rows(folder)):
        packed = gzip.compress(data, 9, mtime=0)
        pays = len(packed) < 0.9 * len(data)
        arrays.append(array("plain_%d" % i, data))
        if pays:
            arrays.append(array("packed_%d" % i, packed))
        table.append('    {"%s", "%s", %s, %s, plain_%d, %s, %d, %d},\n' % (
            path, media_type, etag(data), etag(packed), i, "packed_%d" % i if pays else "NULL", len(data), len(packed)))
    with open(out, "w") as file:
        file.write('#include "page.h"\n\n' + "".join(arrays) + "\nconst page_file page_files[] = {\n" + "".join(table)
                   + "    {0},\n};\n")


main()
