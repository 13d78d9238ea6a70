#!/usr/bin/env python3
"""PIL on a folder of JPEG pictures, for the benchmark `images`; the ways to load are those of a peer's script.

  pil.py PEER_LOAD FOLDER     PEER_LOAD has ways(): name -> function(bytes)

Reads orders from its standard input, one a line, and answers each with a line:
  time WAY              processor seconds of one pass over all pictures
  pixels WAY FILE       writes each result's bytes to FILE, one after the other
  enlarge COUNT FOLDER  writes COUNT of the pictures, four times as large a side"""
import glob
import io
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(sys.argv[1])))
peer = __import__(os.path.splitext(os.path.basename(sys.argv[1]))[0])

from PIL import Image  # noqa: E402

SIDE = 224


def draft(data):
    """libjpeg decodes an eighth, a quarter or a half where that is not below the size asked for."""
    picture = Image.open(io.BytesIO(data))
    picture.draft("RGB", (SIDE, SIDE))
    return picture.convert("RGB").resize((SIDE, SIDE), Image.BICUBIC)


def ways():
    named = peer.ways()
    return {"bicubic": named["PIL decode + bicubic 224x224"], "floats": named["PIL decode + bicubic 224x224 + float CHW"], "draft": draft}


def read(folder):
    blobs = []
    for path in sorted(glob.glob(os.path.join(folder, "*.jpg"))):
        with open(path, "rb") as f:
            blobs.append(f.read())
    return blobs


def enlarge(blobs, folder):
    os.makedirs(folder, exist_ok=True)
    for i, data in enumerate(blobs):
        picture = Image.open(io.BytesIO(data))
        picture.resize((picture.width * 4, picture.height * 4), Image.BICUBIC).save(os.path.join(folder, f"{i:05d}.jpg"), quality=85)


def main():
    table, blobs = ways(), read(sys.argv[2])
    for line in sys.stdin:
        order, *arguments = line.split()
        start = time.process_time()
        if order == "time":
            for data in blobs:
                table[arguments[0]](data)
        elif order == "pixels":
            with open(arguments[1], "wb") as out:
                for data in blobs:
                    out.write(table[arguments[0]](data).tobytes())
        else:
            enlarge(blobs[:int(arguments[0])], arguments[1])
        print(time.process_time() - start, flush=True)


if __name__ == "__main__":
    main()
