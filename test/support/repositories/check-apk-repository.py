"""Checks a repository of apk version 2, sharing no code with what wrote it: gzip members, signatures by openssl, digests.

usage: check-apk-repository.py FOLDER KEY...    prints a line for each package; exits with 1 at the first thing that is wrong
"""

import base64
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import zlib


def members(data):
    """The gzip members of a file, each compressed and open."""
    found = []
    while data:
        stream = zlib.decompressobj(wbits=31)
        content = stream.decompress(data) + stream.flush()
        assert stream.eof, "a gzip member is cut short"
        found.append((data[: len(data) - len(stream.unused_data)], content))
        data = stream.unused_data
    return found


def files(tar):
    # members without an end are no whole archive for Python
    with tarfile.open(fileobj=io.BytesIO(tar + bytes(1024))) as archive:
        return [(entry, archive.extractfile(entry).read() if entry.isfile() else b"") for entry in archive]


def verified(signature_tar, signed, keys):
    """The names of the keys whose signatures fit."""
    names = []
    for entry, signature in files(signature_tar):
        prefix, digest = next((p, d) for p, d in ((".SIGN.RSA256.", "-sha256"), (".SIGN.RSA.", "-sha1")) if entry.name.startswith(p))
        name = entry.name[len(prefix) :]
        if name not in keys:
            continue
        with tempfile.TemporaryDirectory() as folder:
            for part, content in (("signature", signature), ("signed", signed)):
                with open(os.path.join(folder, part), "wb") as file:
                    file.write(content)
            command = ["openssl", "dgst", digest, "-verify", keys[name], "-signature", folder + "/signature", folder + "/signed"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        names.append(name)
    return names


def check_package(path, record):
    with open(path, "rb") as file:
        data = file.read()
    assert len(data) == int(record["S"]), "another size than the index says"
    parts = members(data)
    names = [entry.name for entry, _ in files(parts[0][1])]
    control, *rest = parts[1:] if names[0].startswith(".SIGN.") else parts
    checksum = "Q1" + base64.b64encode(hashlib.sha1(control[0]).digest()).decode()
    assert checksum == record["C"], "another control member than the index says"
    for entry, content in files(control[1]):
        if entry.name == ".PKGINFO":
            fields = dict(line.split(" = ", 1) for line in content.decode().splitlines() if " = " in line)
    assert fields["pkgname"] == record["P"] and fields["pkgver"] == record["V"], "another name or version"
    assert fields["arch"] in (record["A"], "noarch"), "another architecture"
    assert fields["size"] == record["I"], "another installed size"
    assert fields["datahash"] == hashlib.sha256(b"".join(part for part, _ in rest)).hexdigest(), "other data"
    for entry, content in files(b"".join(content for _, content in rest)):
        expected = entry.pax_headers.get("APK-TOOLS.checksum.SHA1")
        assert not entry.isfile() or expected == hashlib.sha1(content).hexdigest(), "another checksum of " + entry.name


def main(folder, *key_files):
    keys = {os.path.basename(path): path for path in key_files}
    with open(os.path.join(folder, "APKINDEX.tar.gz"), "rb") as file:
        index = file.read()
    (signature, signature_tar), (_, index_tar) = members(index)
    names = verified(signature_tar, index[len(signature) :], keys)
    assert set(names) == set(keys), "signed by " + ", ".join(names)
    text = next(content for entry, content in files(index_tar) if entry.name == "APKINDEX").decode()
    assert text == "" or text.endswith("\n\n"), "the last record does not end"
    for block in filter(None, text.split("\n\n")):
        record = dict(line.split(":", 1) for line in block.strip().splitlines())
        check_package(os.path.join(folder, record["P"] + "-" + record["V"] + ".apk"), record)
        print(record["P"], record["V"])


if __name__ == "__main__":
    main(*sys.argv[1:])
