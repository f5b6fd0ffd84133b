# SPDX-License-Identifier: BSD-3-Clause
"""The viewer's server: what it answers, and above all what it refuses. After every attack it must still be there."""
import concurrent.futures
import json
import os
import re
import shutil
import signal
import socket
import stat
import struct
import subprocess
import threading
import time
import urllib.parse

import check
from check import LIMPID, add, case, end, limpid, scratch, simulate
from view import Refused, Viewer, need_viewer

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def recording():
    os.makedirs(scratch("view"), exist_ok=True)
    return simulate("view/eeg.edf", "channels=2", "seconds=10", "lead-in=2")


def folders():
    """inside/ holds a recording and links; outside/ is no root."""
    inside, outside = scratch("view"), scratch("outside")
    if not os.path.exists(outside):
        os.makedirs(inside, exist_ok=True)
        os.makedirs(outside)
        shutil.copy(recording(), os.path.join(outside, "secret.edf"))
        os.symlink(os.path.join(outside, "secret.edf"), os.path.join(inside, "link.edf"))
        os.symlink(outside, os.path.join(inside, "linked"))
        os.mkdir(os.path.join(inside, "images"))
        os.symlink(os.path.join(outside, "secret.edf"), os.path.join(inside, "images", "a.png"))
        os.mkdir(os.path.join(inside, ".hidden"))
    return inside, outside


class Shared:
    """One server for all cases that leave it as it was."""
    viewer = None

    @classmethod
    def get(cls):
        if cls.viewer is None:
            os.makedirs(scratch("view"), exist_ok=True)
            recording(), folders()
            cls.viewer = Viewer(recording())
        return cls.viewer


def lives(viewer):
    assert viewer.process.poll() is None, "the server has ended: " + viewer.said()
    assert viewer.json("about")["version"]


# ---- Raw requests


def talk(viewer, data, seconds=120):
    """Sends bytes; everything that comes back until the server closes or a whole answer is here."""
    with socket.create_connection(("127.0.0.1", viewer.port), timeout=seconds) as s:
        try:
            s.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass # refused before everything was sent
        return read_answer(s)


def read_answer(s):
    got = b""
    try:
        while True:
            head, gap, body = got.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            if gap and length and len(body) >= int(length[1]):
                return got
            more = s.recv(65536)
            if not more:
                return got
            got += more
    except ConnectionResetError:
        return got


def raw(viewer, method="GET", target=None, headers=(), body=b"", host=None, path="api/v1/about"):
    target = viewer.path + path if target is None else target
    lines = ["%s %s HTTP/1.1" % (method, target)]
    if host != "":
        lines.append("Host: " + (host or "127.0.0.1:%d" % viewer.port))
    return talk(viewer, ("\r\n".join([*lines, *headers]) + "\r\n\r\n").encode("latin-1") + body)


def status_of(answer):
    found = re.match(rb"HTTP/1\.[01] (\d+)", answer)
    return int(found[1]) if found else 0


def body_of(answer):
    return answer.partition(b"\r\n\r\n")[2]


def attack(statuses, **request):
    viewer = Shared.get()
    statuses = statuses if isinstance(statuses, tuple) else (statuses,)
    request = {k: v(viewer) if callable(v) else v for k, v in request.items()}
    answer = raw(viewer, **request)
    assert status_of(answer) in statuses, answer[:300]
    if status_of(answer) == 403:
        assert json.loads(body_of(answer)) == {"error": "Forbidden."}, answer # without a hint
    assert b"Access-Control" not in answer
    lives(viewer)


def add_attack(name, statuses, **request):
    add(name, lambda: attack(statuses, **request))


JSON = "Content-Type: application/json"
WRONG = "0" * 48

for host in ("evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "0.0.0.0",
             "127.0.0.1:80:80", "127.0.0.1:port", "[::1", "[fe80::1]", "", "127.0.0.1@evil.example", "localhost/"):
    add_attack("refuses the Host %r" % host, (400, 403), host=host)
for host in ("localhost", "LOCALHOST:8888", "127.0.0.1:1", "127.8.9.1:9000", "[::1]:8080", "[::1]"):
    add_attack("accepts the Host %s, as through a tunnel" % host, 200, host=host)
add_attack("refuses two Hosts", (400, 403), headers=["Host: evil.example"])
for origin in ("http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1", ""):
    add_attack("refuses the Origin %r" % origin, 403, headers=["Origin: " + origin])
add_attack("accepts its own Origin", 200, headers=lambda v: ["Origin: http://127.0.0.1:%d" % v.port])
for site in ("cross-site", "same-site", "unknown"):
    add_attack("refuses Sec-Fetch-Site %s" % site, 403, headers=["Sec-Fetch-Site: " + site])
    add_attack("refuses Sec-Fetch-Site %s that navigates in the API" % site, 403,
        headers=["Sec-Fetch-Site: " + site, "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"])
    add_attack("refuses Sec-Fetch-Site %s for a script of the page" % site, 403, path="",
        headers=["Sec-Fetch-Site: " + site, "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: script"])
add_attack("accepts a link from a terminal in the browser", 200, path="",
    headers=["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"])
for site in ("same-origin", "none"):
    add_attack("accepts Sec-Fetch-Site %s" % site, 200, headers=["Sec-Fetch-Site: " + site])

for name, target in {
    "no token": "/", "no token for the API": "/api/v1/about", "a wrong token": "/%s/api/v1/about" % WRONG,
    "a wrong token of another length": "/00/api/v1/about", "the favicon without a token": "/favicon.ico",
    "a token behind dots": lambda v: "/x/.." + v.path + "api/v1/about",
    "half the token": lambda v: v.path[:24] + "/api/v1/about",
    "the token and more": lambda v: v.path[:-1] + "0/api/v1/about",
    "the token with its last digit changed": lambda v: v.path[:-2] + ("1" if v.path[-2] == "0" else "0") + "/api/v1/about",
    "the token in upper case": lambda v: v.path.upper() + "api/v1/about",
    "an empty first part": lambda v: "/" + v.path + "api/v1/about",
}.items():
    add_attack("refuses " + name, (400, 403), target=target)
add_attack("sends the token without a slash to the page", 308, target=lambda v: v.path[:-1])

for path in ("api/v1/../v1/about", "api/v1/%2e%2e/v1/about", "api/v1/%2E%2e/about", "api/v1/.%2e/about", "api/v1/./about",
             "api%2fv1/about", "api/v1%2fabout", "api/v1/about%00", "api/v1/%00about", "api/v1/recordings/..%2f..%2fetc",
             "api/v1/recordings/%5c", "api/v1/recordings/\\", "api/v1/recordings/%252e%252e", "api/v1/recordings/%25",
             "api/v1/recordings/%", "api/v1/recordings/%4", "api/v1/recordings/%zz", "api/v1//about", "api/v1/about/",
             "api/v1/recordings/%ff", "api/v1/recordings/%c0%ae", "api/v1/recordings/%ed%a0%80", "api/v1/recordings/%0a",
             "api/v1/about#x", "api/v1/recordings/a?", "../etc/passwd", "..%2f..%2fetc%2fpasswd", "assets/../index.html",
             "assets/..%2findex.html", "%2e%2e/index.html", "index.html%00.js", ".//index.html", "index.html/", "assets/",
             "api/v1", "api/", "API/v1/about", "api/v2/about", "api/v1/recordings/" + "a/" * 50):
    add_attack("refuses the path " + path[:60], (400, 403, 404), path=path)
add_attack("refuses a very long path", (400, 403, 414, 431, 0), path="api/v1/" + "a" * 20000)
add_attack("refuses a path that is too long", 414, path="api/v1/recordings/" + "a" * 9000)
add_attack("refuses headers that are too large", (400, 413, 431, 0), headers=["X: " + "a" * 100000])
add_attack("refuses too many headers", (400, 413, 431, 0), headers=["X%d: y" % i for i in range(10000)])

for method in ("PUT", "PATCH", "OPTIONS", "HEAD", "TRACE", "CONNECT", "DELETE", "POST", "get", "X"):
    add_attack("refuses the method %s where there is none" % method, (400, 405, 0), method=method, path="api/v1/about",
               headers=["Connection: close"])
    if method != "get":
        add_attack("refuses the method %s for the page" % method, (400, 405, 0), method=method, path="",
                   headers=["Connection: close"])

for query in ("x=1", "path", "path=", "path=/a&path=/b", "path=/a&", "&path=/a", "path=/a&&", "path=%00", "path=%ff", "path=%",
              "path=%2", "path=/a%0ab", "path=/%ed%a0%80", "path=/a&x=1", "=", "path=" + "a" * 5000, "PATH=/a", "pa%74h=/a"):
    add_attack("refuses the query " + query[:40], 400, path="api/v1/folder?" + query)


def post(statuses, body, headers=(JSON,), path="api/v1/recordings", length=None):
    length = len(body) if length is None else length
    attack(statuses, method="POST", path=path, body=body, headers=[*headers, "Content-Length: %d" % length])


for name, body in {
    "no JSON": b"path=/etc/passwd", "half a JSON": b'{"path":', "a JSON list": b"[]", "a JSON text": b'"x"', "an empty body": b"",
    "a key twice": b'{"path":"/a","path":"/b"}', "an unknown key": b'{"path":"/a","x":1}', "a number as path": b'{"path":1}',
    "no path": b"{}", "an empty path": b'{"path":""}', "a relative path": b'{"path":"eeg.edf"}',
    "a path with a zero byte": b'{"path":"/a\\u0000b"}', "a zero byte": b'{"path":"/a"}\0', "bytes that are no UTF-8": b'{"path":"\xff"}',
    "a deep nest": b'{"path":' + b"[" * 5000 + b"]" * 5000 + b"}", "a bottomless nest": b"[" * 10000,
    "a huge number": b'{"path":' + b"9" * 5000 + b"}", "more than one value": b"{} {}", "NaN": b'{"path":NaN}',
}.items():
    add("refuses a body of " + name, post, 400, body)
add("refuses a body that is too large", post, 413, b'{"path":"' + b"a" * 100000 + b'"}')
add("refuses a body that is announced as too large", post, 413, b"{}", (JSON,), "api/v1/recordings", 10 ** 18)
add("refuses a length that is no number", post, (400, 413), b"{}", (JSON,), "api/v1/recordings", -5)
add_attack("refuses a length beyond all numbers", (400, 413, 0), method="POST", path="api/v1/recordings", body=b"{}",
    headers=[JSON, "Content-Length: 99999999999999999999999"])
add_attack("refuses a body without a length", 411, method="POST", path="api/v1/recordings", body=b"2\r\n{}\r\n0\r\n\r\n",
    headers=[JSON, "Transfer-Encoding: chunked"])
add_attack("refuses both a length and chunks", (400, 411, 0), method="POST", path="api/v1/recordings", body=b"2\r\n{}\r\n0\r\n\r\n",
    headers=[JSON, "Transfer-Encoding: chunked", "Content-Length: 2"])
add_attack("refuses a body where none is taken", 413, body=b"{}", headers=[JSON, "Content-Length: 2"])
for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx",
             "application/json; charset=utf-16", ""):
    add("refuses a body of type %r, as other pages' forms may send" % kind, post, 415, b'{"path":"/a"}', ["Content-Type: " + kind])
add("refuses a body without a type", post, 415, b'{"path":"/a"}', [])
add("refuses a request that is none", lambda: garbage(b"\0\1\2\3\r\n\r\n"))
add("refuses TLS", lambda: garbage(bytes.fromhex("16030100c8010000c40303") + bytes(200)))
add("survives a request that breaks off", lambda: garbage(b"GET /"))


def garbage(data):
    viewer = Shared.get()
    with socket.create_connection(("127.0.0.1", viewer.port), timeout=120) as s:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        assert status_of(read_answer(s)) in (0, 400, 403)
    lives(viewer)


# ---- Paths


def refuse_path(name, *said):
    viewer, (inside, outside) = Shared.get(), folders()
    path = name.format(inside=inside, outside=outside)
    for ask in (lambda: viewer.post("recordings", {"path": path}), lambda: viewer.get("folder", path=path)):
        try:
            ask()
        except Refused as refused:
            assert refused.status in (400, 422, 500), refused
            for text in said:
                assert text in refused.sentence, refused.sentence
        else:
            raise AssertionError("%s was accepted" % path)
    lives(viewer)


for name, path in {
    "a file outside": "{outside}/secret.edf", "a link to a file outside": "{inside}/link.edf",
    "a path through a link outside": "{inside}/linked/secret.edf", "a climb": "{inside}/../outside/secret.edf",
    "the folder above": "{inside}/..", "the root of all": "/", "a link to a folder outside": "{inside}/linked",
    "a file of the system": "/etc/passwd", "a file of the system that is not there": "/etc/nothing-of-this-name",
    "a folder whose name only begins alike": "{inside}-other/x.edf", "memory of the process": "/proc/self/mem",
    "a climb out of a folder that is not there": "{inside}/none/../../outside/secret.edf",
    "a pattern outside": "{outside}/*.edf",
}.items():
    add("refuses " + name, refuse_path, path, "--root")


@case
def what_is_not_in_a_root_is_not_told_apart_by_its_existence():
    viewer, (_, outside) = Shared.get(), folders()
    there, not_there = (viewer.refuses(400, "recordings", {"path": os.path.join(outside, name)}) for name in ("secret.edf", "none.edf"))
    assert there.replace("secret", "none") == not_there, (there, not_there)


@case
def a_folder_whose_members_lead_out_is_refused():
    viewer, (inside, _) = Shared.get(), folders()
    assert "link" in viewer.refuses(400, "recordings", {"path": os.path.join(inside, "images")})
    assert "link" in viewer.refuses(400, "recordings", {"path": os.path.join(inside, "images", "*.png")})


@case
def a_missing_file_inside_says_so():
    viewer, (inside, _) = Shared.get(), folders()
    assert "does not exist" in viewer.refuses(500, "recordings", {"path": os.path.join(inside, "none.edf")})


@case
def a_device_or_a_text_is_no_recording():
    viewer, (inside, _) = Shared.get(), folders()
    os.mkfifo(os.path.join(inside, "pipe.edf"))
    with open(os.path.join(inside, "notes.txt"), "w") as file:
        file.write("nothing")
    for name in ("pipe.edf", "notes.txt"):
        assert name in viewer.refuses(422, "recordings", {"path": os.path.join(inside, name)})


@case
def folders_are_listed_without_hidden_names_and_ways_out():
    viewer, (inside, _) = Shared.get(), folders()
    listed = viewer.json("folder", path=inside)
    names = {e["name"]: e for e in listed["entries"]}
    assert names["images"]["is_folder"] and names["eeg.edf"]["bytes"] == os.path.getsize(recording())
    assert not {"link.edf", "linked", ".hidden", "pipe.edf"} & set(names), names
    assert listed["path"] == os.path.realpath(inside) and listed["parent"] is None


# ---- What it answers


@case
def every_answer_has_the_headers_of_safety():
    viewer = Shared.get()
    for request in ({}, {"path": ""}, {"path": "nothing"}, {"host": "evil.example"}, {"path": "api/v1/about?x=1"},
                    {"method": "DELETE"}, {"target": "/"}):
        answer = raw(viewer, **request)
        for name, value in HEADERS.items():
            assert re.search(("(?mi)^%s: %s" % (name, re.escape(value))).encode(), answer), (name, answer[:600])
        assert b"unsafe" not in answer and b"Server:" not in answer


@case
def the_page_is_served_packed_and_known_again():
    viewer = Shared.get()
    page = raw(viewer, path="")
    assert status_of(page) == 200 and b"text/html" in page and b"<!doctype html>" in page
    assert b"<style" not in page and b" style=" not in page and not re.search(rb"<script(?![^>]* src=)", page)
    script = re.search(rb'src="\./([^"]+)"', page)[1].decode()
    plain, packed = raw(viewer, path=script), raw(viewer, path=script, headers=["Accept-Encoding: gzip"])
    assert b"text/javascript" in plain and b"Content-Encoding: gzip" in packed and len(packed) < len(plain) / 2
    tag = re.search(rb"ETag: (\S+)", packed)[1].decode()
    again = raw(viewer, path=script, headers=["Accept-Encoding: gzip", "If-None-Match: " + tag])
    assert status_of(again) == 304 and body_of(again) == b""
    import gzip
    assert gzip.decompress(body_of(packed)) == body_of(plain)


@case
def about_and_recordings_say_what_is_open():
    viewer = Shared.get()
    about = viewer.json("about")
    assert about["roots"] == [os.path.realpath(scratch("view"))] and about["session"] is None
    assert about["memory"]["limit_bytes"] > 0
    one = viewer.recordings()[0]
    assert one["kind"] == "signals" and one["n_times"] == 50000 and one["rate_hz"] == 5000 and len(one["channels"]) == 2
    assert viewer.json("recordings/" + one["id"]) == one
    assert viewer.json("recordings/%s/facts" % one["id"]) is not None
    events = viewer.json("recordings/%s/events" % one["id"])["events"]
    assert len(events) == one["n_events"] > 0 and set(events[0]) == {"onset_s", "duration_s", "label", "code"}
    assert "movie" in viewer.refuses(400, "recordings/%s/times" % one["id"])


@case
def recordings_open_and_close_and_are_told_of():
    viewer = Shared.get()
    with viewer.news() as news:
        made = viewer.post_json("recordings", {"path": recording()})
        news.wait("recordings")
        assert made["id"] in [r["id"] for r in viewer.recordings()]
        viewer.delete("recordings/" + made["id"])
        news.wait("recordings")
    for path in ("", "/facts", "/events", "/times"):
        viewer.refuses(404, "recordings/" + made["id"] + path)
    viewer.refuses(404, "recordings/" + made["id"], None, "DELETE")
    again = viewer.post_json("recordings", {"path": recording()})
    assert again["id"] != made["id"], "ids are never used again"
    viewer.delete("recordings/" + again["id"])


@case
def steps_and_formats_are_those_of_the_command():
    viewer = Shared.get()
    for name in ("steps", "formats"):
        assert viewer.json(name) == json.loads(limpid(name, "--json").stdout)


@case
def times_of_a_movie():
    movie = os.path.join(folders()[0], "cells.npy")
    limpid("simulate", "series", movie, "frames=7", "height=16", "width=16")
    viewer = Shared.get()
    one = viewer.post_json("recordings", {"path": movie})
    import array
    times = array.array("d", viewer.get("recordings/%s/times" % one["id"])[1])
    expected = [i / one["rate_hz"] for i in range(7)] if one["rate_hz"] else None
    assert len(times) == 7 and (list(times) == expected if expected else all(t != t for t in times))
    viewer.delete("recordings/" + one["id"])


# ---- The description


def operations(viewer):
    for path, methods in viewer.json("openapi.json")["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def a_value(param):
    """Some value that is right for the schema."""
    schema = param["schema"]
    if param["name"] == "id":
        return Shared.get().recordings()[0]["id"]
    if "enum" in schema:
        return schema["enum"][0]
    return str(schema.get("default", max(0, schema.get("minimum", 0)) if schema["type"] != "string" else "0"))


def wrong_values(schema):
    if "enum" in schema:
        return ["no-such-choice", ""]
    if schema["type"] == "string":
        return ["a" * (schema["maxLength"] + 1)] if schema["maxLength"] < 4000 else []
    wrong = ["", "x", "1x", "0x10", "nan", "inf", "1e999", "--1", " 1", "9" * 30, "-" + "9" * 30]
    if schema["type"] == "integer":
        wrong += ["1.5", "1e3"]
    for bound, step in (("minimum", -1), ("maximum", 1)):
        if abs(schema[bound]) < 2 ** 52:
            wrong.append(str(schema[bound] + step))
    return wrong


@case
def the_description_is_openapi_3_1():
    viewer = Shared.get()
    api = viewer.json("openapi.json")
    assert api["openapi"] == "3.1.0" and api["info"]["title"] and api["components"]["schemas"]["Error"]
    ids = [o["operationId"] for _, _, o in operations(viewer)]
    assert len(ids) == len(set(ids)) > 10
    for path, method, o in operations(viewer):
        assert o["summary"].endswith("."), (path, o["summary"])
        names = [p["name"] for p in o["parameters"]]
        assert len(names) == len(set(names))
        assert set(re.findall(r"{(\w+)}", path)) == {p["name"] for p in o["parameters"] if p["in"] == "path"}, path
        for p in o["parameters"]:
            assert p["description"] and p["schema"]["type"] in ("integer", "number", "string"), (path, p)
            if "default" in p["schema"] and "minimum" in p["schema"]:
                assert p["schema"]["minimum"] <= p["schema"]["default"] <= p["schema"]["maximum"], (path, p)
        assert {"200", "400", "403"} <= set(o["responses"]), path
        if method == "POST":
            assert o["requestBody"]["content"]["application/json"]["schema"]["type"] == "object", path
    # the names of the addresses of OpenAPI: keys are methods, nothing refers to what is not there
    for found in re.findall(r'"\$ref": "([^"]+)"', json.dumps(api)):
        at = api
        for key in found[2:].split("/"):
            at = at[key]


@case
def the_description_is_the_one_in_the_documentation():
    with open(os.path.join(check.ROOT, "docs", "openapi.json")) as file:
        checked_in = json.load(file)
    assert checked_in == json.loads(limpid("schema", "--api").stdout) == Shared.get().json("openapi.json"), "run 'make docs'"


@case
def every_parameter_out_of_range_is_refused():
    viewer, n = Shared.get(), 0
    for path, method, o in operations(viewer):
        if method != "GET" or path.endswith("/news"):
            continue
        right = {p["name"]: a_value(p) for p in o["parameters"] if p["required"]}
        for p in o["parameters"]:
            if p["name"] == "id" or (p["in"] == "path" and p["schema"]["type"] == "string"):
                continue
            for value in wrong_values(p["schema"]):
                values = {**right, p["name"]: value}
                target = re.sub(r"{(\w+)}", lambda m: urllib.parse.quote(values.pop(m[1]), safe=""), path[len("/api/v1/"):])
                code = 400
                assert viewer.refuses(code, target, **values), (path, p["name"], value)
                n += 1
    assert n > 0
    lives(viewer)


@case
def every_parameter_given_twice_or_unknown_is_refused():
    viewer = Shared.get()
    for path, method, o in operations(viewer):
        if method != "GET" or path.endswith("/news"):
            continue
        values = {p["name"]: a_value(p) for p in o["parameters"] if p["required"]}
        target = re.sub(r"{(\w+)}", lambda m: urllib.parse.quote(values.pop(m[1]), safe=""), path[len("/api/v1/"):])
        assert "no parameter" in viewer.refuses(400, target, **values, nonsense="1")
        for name in values:
            query = urllib.parse.urlencode([*values.items(), (name, values[name])])
            assert "twice" in viewer.refuses(400, target + "?" + query)


# ---- Limits


@case
def news_has_a_limit_and_frees_its_places():
    viewer = Shared.get()
    streams = [viewer.news() for _ in range(8)]
    try:
        assert "8 pages" in viewer.refuses(429, "news")
    finally:
        for stream in streams:
            stream.close()
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            viewer.news().close()
            break
        except Refused:
            time.sleep(0.1)
    else:
        raise AssertionError("places of closed streams stay taken")
    lives(viewer)


@case
def a_client_that_drips_is_shut_out():
    """Slowloris: one byte now and then would be progress; all that must be said has a time."""
    viewer, began, ended = Shared.get(), time.monotonic(), {}

    def drip(kind, s, data):
        try:
            for byte in data:
                s.send(bytes([byte]))
                s.settimeout(2)
                try:
                    if s.recv(1000) == b"":
                        break
                except socket.timeout:
                    pass
                if time.monotonic() - began > 150:
                    return
        except (BrokenPipeError, ConnectionResetError):
            pass
        ended[kind] = time.monotonic() - began

    head = ("GET %sapi/v1/about HTTP/1.1\r\nHost: localhost\r\nX: " % viewer.path).encode()
    body = ("POST %sapi/v1/recordings HTTP/1.1\r\nHost: localhost\r\n%s\r\nContent-Length: 900\r\n\r\n" % (viewer.path, JSON)).encode()
    threads = []
    for kind, first, rest in (("headers", head, b"a" * 900), ("body", body, b" " * 900), ("silence", b"", b"")):
        s = socket.create_connection(("127.0.0.1", viewer.port))
        s.sendall(first)
        if kind == "silence":
            s.settimeout(150)
            threads.append(threading.Thread(target=lambda s=s: ended.update(silence=time.monotonic() - began) if s.recv(1) == b"" else None))
        else:
            threads.append(threading.Thread(target=drip, args=(kind, s, rest)))
        threads[-1].start()
    while any(t.is_alive() for t in threads):
        lives(viewer) # others are served meanwhile
        time.sleep(0.5)
    assert set(ended) == {"headers", "body", "silence"}, ended


@case
def a_crowd_is_kept_at_the_door_and_leaves():
    with Viewer(recording()) as viewer:
        crowd = [socket.create_connection(("127.0.0.1", viewer.port)) for _ in range(100)]
        time.sleep(0.3)
        threads = len(os.listdir("/proc/%d/task" % viewer.process.pid))
        assert threads < 60, "%d threads" % threads
        for s in crowd:
            s.close()
        until = time.monotonic() + 60
        while True:
            try:
                lives(viewer)
                break
            except (OSError, Refused):
                assert time.monotonic() < until
                time.sleep(0.2)


@case
def bodies_and_what_is_read_from_them_count_as_memory():
    """As many large ones at once as there is room for; the others are refused before anything is read."""
    limit, size = 48 << 20, 8 << 20
    with Viewer(recording(), "--memory", "48M") as viewer:
        before = viewer.json("about")["memory"]["used_bytes"]
        head = "POST %sapi/v1/plan HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\nContent-Length: %d\r\n\r\n" % (viewer.path, viewer.port, JSON, size)
        crowd = [socket.create_connection(("127.0.0.1", viewer.port), timeout=60) for _ in range(24)]
        for s in crowd:
            s.sendall(head.encode())
        time.sleep(0.5)
        refused = 0
        for s in crowd:
            s.setblocking(False)
            try:
                refused += s.recv(64).startswith(b"HTTP/1.1 507")
            except BlockingIOError:
                s.setblocking(True)
                s.sendall(b" " * (size - 1)) # all but the last byte
        assert 24 - limit // size <= refused < 24, "%d of 24 were refused" % refused
        assert viewer.json("about")["memory"]["used_bytes"] <= limit
        for s in crowd:
            s.close()
        until = time.monotonic() + 60
        while viewer.json("about")["memory"]["used_bytes"] > before:
            assert time.monotonic() < until, "bodies of clients that have gone are still counted"
            time.sleep(0.05)
        lists = ('{"recording": "a", "chain": [%s[]]}' % ("[]," * 500000)).encode() # a hundred times its text once it is read
        status, _, said = viewer.ask("POST", "plan", lists, {"Content-Type": "application/json"})
        assert status == 507 and b"--memory" in said, (status, said[:200])
        peak = viewer.resident_bytes(peak=True)
        assert "ASAN_OPTIONS" in os.environ or peak < 2 * limit, "%d MB were resident" % (peak / 1e6)
        print("# %d MB resident" % (peak / 1e6))
        lives(viewer)


@case
def a_thousand_rapid_requests_leave_nothing():
    with Viewer(recording()) as viewer:
        one = viewer.recordings()[0]["id"]
        lives(viewer)
        task, files = "/proc/%d/task" % viewer.process.pid, "/proc/%d/fd" % viewer.process.pid
        viewer.connection.close()
        viewer.connection = None
        time.sleep(0.3)
        before = len(os.listdir(task)), len(os.listdir(files))

        def one_round(k):
            answers = [raw(viewer, headers=["Connection: close"], path=path) for path in (
                "api/v1/recordings/%s/events" % one, "api/v1/about?x=%d" % k, "api/v1/steps", "nothing")]
            return [status_of(a) for a in answers]

        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            for statuses in pool.map(one_round, range(250)):
                assert statuses == [200, 400, 200, 404], statuses
        until = time.monotonic() + 60
        while (len(os.listdir(task)), len(os.listdir(files))) > before:
            assert time.monotonic() < until, "threads and files before %s, now %s" % (
                before, (len(os.listdir(task)), len(os.listdir(files))))
            time.sleep(0.1)
        lives(viewer)


@case
def recordings_are_closed_while_they_are_used():
    """Readers of a recording that is taken away get their answer or 404; nothing else, and nothing is leaked."""
    movie = os.path.join(folders()[0], "closing.npy")
    limpid("simulate", "series", movie, "frames=40", "height=64", "width=64")
    seen, is_over = set(), threading.Event()
    with Viewer(movie, recording()) as viewer:
        def read(k):
            while not is_over.is_set():
                for one in json.loads(body_of(raw(viewer, path="api/v1/recordings", headers=["Connection: close"])))["recordings"]:
                    what = (("scan", "frames/%d" % k, "frames/3/statistics", "times", "array", "frames/3/window?stat=median&count=9")
                            if one["kind"] == "movie" else
                            ("metrics", "traces?channels=0-1&first=0&count=50000&columns=100", "events",
                             "spectrum?channels=0-1&first=0&count=40000&segment=512", "samples?channel=1&first=0&count=9999"))
                    for path in what:
                        seen.add(status_of(raw(viewer, path="api/v1/recordings/%s/%s" % (one["id"], path), headers=["Connection: close"])))

        readers = [threading.Thread(target=read, args=(k,)) for k in range(4)]
        for reader in readers:
            reader.start()
        for _ in range(25):
            made = [viewer.post_json("recordings", {"path": path})["id"] for path in (movie, recording())]
            time.sleep(0.05)
            for one in made:
                viewer.delete("recordings/" + one)
        is_over.set()
        for reader in readers:
            reader.join()
        assert seen <= {200, 404} and 200 in seen, seen
        for one in viewer.recordings():
            viewer.delete("recordings/" + one["id"])
        until = time.monotonic() + 60
        while viewer.json("about")["memory"]["used_bytes"] > 0:
            assert time.monotonic() < until, "memory was not given back"
            time.sleep(0.05)
        lives(viewer)


@case
def recordings_have_a_limit():
    with Viewer(recording()) as viewer:
        for _ in range(199):
            viewer.post("recordings", {"path": recording()})
        assert "close" in viewer.refuses(400, "recordings", {"path": recording()})
        viewer.delete("recordings/" + viewer.recordings()[0]["id"])
        viewer.post("recordings", {"path": recording()})


# ---- Beginning and end


@case
def listens_on_the_loopback_alone():
    viewer = Shared.get()
    wanted = ":%04X" % viewer.port
    found = []
    for name in ("tcp", "tcp6"):
        with open("/proc/net/" + name) as file:
            found += [line.split()[1] for line in file if line.split()[3] == "0A" and line.split()[1].endswith(wanted)]
    assert found == ["0100007F" + wanted], found
    try:
        named = {a[4][0] for a in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    except socket.gaierror:
        named = set()  # a machine whose name nobody knows
    for address in named - {"127.0.0.1", "127.0.1.1"}:
        try:
            socket.create_connection((address, viewer.port), timeout=2).close()
        except OSError:
            continue
        raise AssertionError("answers at " + address)


@case
def the_token_is_long_and_new_each_time():
    need_viewer()
    tokens = set()
    for _ in range(3):
        with Viewer(recording()) as viewer:
            tokens.add(viewer.path)
    assert len(tokens) == 3 and all(re.fullmatch("/[0-9a-f]{48}/", t) for t in tokens), tokens


@case
def the_scratch_folder_is_private_and_goes():
    with Viewer(recording()) as viewer:
        name, = os.listdir(viewer.scratch)
        facts = os.stat(os.path.join(viewer.scratch, name))
        assert stat.S_IMODE(facts.st_mode) == 0o700 and facts.st_uid == os.geteuid()
        other = Viewer(recording())
        with other:
            pass
        assert os.listdir(viewer.scratch) == [name]


@case
def what_a_killed_server_left_is_tidied_up_by_the_next():
    need_viewer()
    folder = scratch("left")
    os.mkdir(folder)
    words = [LIMPID, "view", recording(), "--no-browser", "--scratch", folder]
    killed, living = (subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) for _ in range(2))
    killed.stdout.readline(), living.stdout.readline()
    killed.kill()
    killed.wait()
    assert len(os.listdir(folder)) == 2
    third = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    third.stdout.readline()
    assert len(os.listdir(folder)) == 2, "that of the killed one is gone, that of the living one stays"
    for server in (living, third):
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=120) == 0
    assert os.listdir(folder) == []
    for server in (killed, living, third):
        server.stdout.close()


def ends(number):
    viewer = Viewer(recording())
    news = viewer.news()
    held = socket.create_connection(("127.0.0.1", viewer.port)) # says nothing
    with viewer:
        print("# ended after %.2f s" % viewer.stop(number))
    held.close()
    news.close()


add("Ctrl-C ends it", ends, signal.SIGINT)
add("SIGTERM ends it", ends, signal.SIGTERM)


@case
def the_page_can_end_it():
    with Viewer(recording()) as viewer:
        viewer.refuses(415, "end", b"{}")
        assert viewer.post_json("end", {}) == {}
        assert viewer.process.wait(timeout=120) == 0


@case
def the_browser_gets_an_address_for_one_use():
    """The arguments of a program can be read by other users of the machine: the token is not among them."""
    folder = os.path.join(scratch(), "desktop")
    os.mkdir(folder)
    said, program = os.path.join(folder, "said"), os.path.join(folder, "xdg-open")
    with open(program, "w") as file:
        file.write('#!/bin/sh\nprintf %%s "$1" >"%s.tmp" && mv "%s.tmp" "%s"\n' % (said, said, said))
    os.chmod(program, 0o755)
    with Viewer(recording(), environment={"PATH": folder + ":" + os.environ["PATH"], "DISPLAY": ":0"}, browser=True) as viewer:
        until = time.monotonic() + 60
        while not os.path.exists(said):
            assert time.monotonic() < until, "no browser was started"
            time.sleep(0.02)
        with open(said) as file:
            ticket = urllib.parse.urlsplit(file.read()).path
        assert viewer.path.strip("/") not in ticket
        ask = lambda path: talk(viewer, ("GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % path).encode())
        assert status_of(ask(ticket[:-1])) == 403
        first, second = ask(ticket), ask(ticket)
        assert status_of(first) == 308 and ("location: " + viewer.path).encode() in first.lower() and status_of(second) == 403
        assert status_of(ask("/" + "0" * 48)) == 403


@case
def prints_one_line_and_hints_aside():
    need_viewer()
    with subprocess.Popen([LIMPID, "view", recording(), "--no-browser"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as p:
        line = p.stdout.readline()
        p.send_signal(signal.SIGINT)
        rest, hints = p.communicate(timeout=120)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/[0-9a-f]{48}/\n", line) and rest == "" and "ssh" in hints and "-L" in hints
    with subprocess.Popen([LIMPID, "view", recording(), "--no-browser", "--quiet"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as p:
        p.stdout.readline()
        p.send_signal(signal.SIGINT)
        assert p.communicate(timeout=120) == ("", "")


def refuse_start(code, words, *said):
    need_viewer()
    inside, _ = folders()
    names = {"in": recording(), "inside": inside}
    done = limpid("view", *[w.format(**names) for w in words], "--no-browser", code=code, timeout=120)
    assert done.stdout == "" and done.stderr.startswith("limpid: ") and done.stderr.count("\n") == 1, done.stderr
    for text in said:
        assert text in done.stderr, done.stderr


for name, *rest in (
    ("no recording", 2, [], "needs a recording"),
    ("a missing file", 4, ["{inside}/none.edf"], "none.edf"),
    ("a second file that is missing", 4, ["{in}", "{inside}/none.edf"], "none.edf"),
    ("a text", 3, [os.path.join(check.ROOT, "LICENSE")], "LICENSE"),
    ("a port that is none", 2, ["{in}", "--port", "70000"], "70000"),
    ("a root that is none", 4, ["{in}", "--root", "{in}"], "not a folder"),
    ("a root that is not there", 4, ["{in}", "--root", "{inside}/none"], "none"),
    ("a scratch folder that is not there", 4, ["{in}", "--scratch", "{inside}/none"], "none"),
    ("too little memory", 5, ["{in}", "--memory", "1K"], "4M"),
    ("an unknown option", 2, ["{in}", "--ports", "1"], "--port"),
    ("a plug-in that is not there", 4, ["{in}", "--plugin", "{inside}/no.so"], "no.so"),
):
    add("does not start with " + name, refuse_start, *rest)


@case
def a_port_in_use_is_refused_in_one_sentence():
    with Viewer(recording()) as viewer:
        refuse_start(4, ["{in}", "--port", str(viewer.port)], str(viewer.port), "--port")


@case
def the_port_can_be_chosen_again_at_once():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    for _ in range(2):
        with Viewer(recording(), "--port", port) as viewer:
            assert viewer.port == port
            lives(viewer)


@case
def a_root_may_be_listed_and_opened_from():
    inside, outside = folders()
    with Viewer(recording(), "--root", outside) as viewer:
        assert [e["name"] for e in viewer.json("folder", path=outside)["entries"]] == ["secret.edf"]
        for path in (os.path.join(outside, "secret.edf"), os.path.join(inside, "link.edf")):
            viewer.post("recordings", {"path": path})


@case
def a_session_opens_its_inputs():
    folders()
    session = {"limpid_session": 1, "inputs": ["eeg.edf", recording()], "current": 1, "chain": [], "zones": [], "view": {"a": [1]}}
    path = scratch("view/session.json")
    with open(path, "w") as file:
        json.dump(session, file)
    with Viewer(path) as viewer:
        assert viewer.json("about")["session"] == session
        assert [r["label"] for r in viewer.recordings()] == ["eeg.edf", "eeg.edf"]


def npy_signals():
    """Signals that say neither their rate nor their kind, with events beside them."""
    folder = scratch("view/npy")
    if not os.path.exists(folder):
        os.makedirs(folder)
        with open(os.path.join(folder, "events.tsv"), "w") as file:
            file.write("onset\tduration\ttrial_type\n" + "".join("%d.5\t0\tR\n" % k for k in range(4)))
        header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (5000, 2), }"
        with open(os.path.join(folder, "ecg.npy"), "wb") as file:
            file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", 118) + header.ljust(117) + b"\n")
            file.write(struct.pack("<10000f", *[k % 100 for k in range(10000)]))
    return os.path.join(folder, "ecg.npy"), os.path.join(folder, "events.tsv")


FACTS = ("path", "open", "kind", "rate_hz", "n_times", "n_events", "channels")


@case
def a_session_keeps_how_its_inputs_were_opened():
    path, events = npy_signals()
    with Viewer(path, "--rate", 1000, "--kind", "signals", "--events", events, "--scale-uv", 0.5) as viewer:
        first = viewer.recordings()[0]
        fetched = viewer.json("recordings/%s/events" % first["id"])
    assert first["open"] == {"rate": 1000, "scale-uv": 0.5, "kind": "signals", "events": os.path.realpath(events)}
    assert (first["rate_hz"], first["n_times"], first["n_events"]) == (1000, 5000, 4)
    beside = {"path": "npy/ecg.npy", "open": dict(first["open"], events="npy/events.tsv")}
    for entry, *words in ({"path": path, "open": first["open"]},), (beside,), (beside, "--rate", 7), ("npy/ecg.npy", "--rate", 1000):
        saved = scratch("view/npy.session.json")
        with open(saved, "w") as file:
            json.dump({"limpid_session": 1, "inputs": [entry, "eeg.edf"], "view": {}}, file)
        recording()
        with Viewer(saved, *words) as viewer:
            again, plain = viewer.recordings()
            if entry == "npy/ecg.npy":
                assert again["open"] == {"rate": 1000} == plain["open"]
                continue
            assert [again[f] for f in FACTS] == [first[f] for f in FACTS], again
            assert viewer.json("recordings/%s/events" % again["id"]) == fetched
            assert plain["open"] == ({"rate": 7} if words else {})


def refuse_open(code, entry, *said):
    npy_signals()
    refuse_session(code, {"limpid_session": 1, "inputs": [entry]}, *said)


for name, code, opened, *said in (
    ("an unknown option", 3, {"rat": 1}, '"rat"', "npy/ecg.npy", "bad.json"),
    ("a rate that is a text", 3, {"rate": "1000"}, '"rate"', "a number above 0"),
    ("a rate of 0", 3, {"rate": 0}, '"rate"', "a number above 0"),
    ("a kind that there is not", 3, {"kind": "refuse"}, '"kind"', "signals"),
    ("a flag that is a number", 3, {"grey": 1}, '"grey"', "true or false"),
    ("a dataset that is a number", 3, {"dataset": 1}, '"dataset"', "a text"),
    ("events that are a number", 3, {"rate": 1, "events": 1}, '"events"'),
    ("events that are missing", 4, {"rate": 1, "kind": "signals", "events": "none.tsv"}, "none.tsv"),
    ("options that are a list", 3, [1], '"open"'),
):
    add("a session with %s is refused" % name, refuse_open, code, {"path": "npy/ecg.npy", "open": opened}, *said)
add("an input without a path is refused", refuse_open, 3, {"open": {}}, "not a path")
add("an input with an unknown key is refused", refuse_open, 3, {"path": "npy/ecg.npy", "options": {}}, '"options"')


def refuse_broken(name, text):
    folders()
    with open(scratch("view/" + name), "w") as file:
        file.write(text)
    refuse_start(3, ["{inside}/" + name], name, "broken JSON", "line 3")


for name in ("cut.json", "cut.session"):
    add("a session that ends early is told as such: %s" % name, refuse_broken, name, '{\n "limpid_session": 1,\n "inputs": ["eeg.edf"')


def refuse_session(code, content, *said):
    path = scratch("view/bad.json")
    with open(path, "w") as file:
        json.dump(content, file)
    refuse_start(code, [path], *said)


add("a session of another version is refused", refuse_session, 3, {"limpid_session": 2, "inputs": ["x"]}, "version")
add("a session without inputs is refused", refuse_session, 3, {"limpid_session": 1, "inputs": []}, "no inputs")
add("a session with a number as input is refused", refuse_session, 3, {"limpid_session": 1, "inputs": [1]}, "not a path")
add("a session whose input is missing is refused", refuse_session, 4, {"limpid_session": 1, "inputs": ["none.edf"]}, "none.edf")
add("a JSON file that is no session is refused", refuse_session, 3, {"x": 1}, "bad.json")


@case
def the_lines_in_the_readme_serve():
    need_viewer()
    folder = scratch("readme")
    os.makedirs(os.path.join(folder, "demo"))
    limpid("simulate", "series", "demo/cells.tif", "frames=5", "height=32", "width=32", cwd=folder)
    for name in ("raw.edf", "raw-clean.bdf"):
        limpid("simulate", "eeg-fmri", "demo/" + name, "channels=2", "seconds=5", "lead-in=1", "--overwrite", cwd=folder)
    with open(os.path.join(check.ROOT, "README.md"), encoding="utf-8") as file:
        lines = [line.partition("#")[0].split() for line in file if line.startswith("limpid view ")]
    assert len(lines) >= 2, lines
    for line in lines:
        with subprocess.Popen([LIMPID, *line[1:], "--no-browser"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as p:
            assert p.stdout.readline().startswith("http://127.0.0.1:")
            p.send_signal(signal.SIGTERM)
            assert p.wait(timeout=120) == 0


@end
def the_shared_server_ends_well():
    if Shared.viewer is not None:
        with Shared.viewer as viewer:
            lives(viewer)


if __name__ == "__main__":
    check.main()
