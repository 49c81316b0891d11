"""Writes the files that the tests of newer formats read, with Pillow and with
Python's own modules as the oracle. Run it in this folder:

    python3 golden.py

It needs Pillow for the pictures and, for the tables of G.711, a Python with
audioop (3.12 or older); whichever is missing is left out.
"""
import json
import os
import struct
import wave

OUT = "golden"


def scene(w, h):
    """Smooth shades with edges, so that filters and chroma are put to the test."""
    from PIL import Image
    m = Image.new("RGB", (w, h))
    for y in range(h):
        for x in range(w):
            if (x // 5 + y // 7) % 4 == 0:
                m.putpixel((x, y), (255 - 3 * x % 256, 40, (11 * y) % 256))
            else:
                m.putpixel((x, y), ((7 * x) % 256, (5 * y + 2 * x) % 256, 255 * ((x + y) % 9 == 0)))
    return m


def pictures():
    from PIL import Image
    m, grey = scene(37, 29), scene(37, 29).convert("L")
    few, bit = m.quantize(16, dither=0), grey.convert("1")
    clear = m.convert("RGBA")
    clear.putalpha(grey)

    def both(name, picture, **options):
        path = os.path.join(OUT, name)
        picture.save(path, **options)
        Image.open(path).convert("RGB").save(os.path.join(OUT, name.replace(".", "_") + ".png"))

    both("rgb.bmp", m)
    both("grey.bmp", grey)
    both("few.bmp", few)
    both("bit.bmp", bit)
    both("rgb.tif", m)
    both("grey.tif", grey, compression="packbits")
    both("lzw.tif", m, compression="tiff_lzw")
    both("deflate.tif", m, compression="tiff_adobe_deflate")
    both("few.tif", few)
    both("fax.tif", bit, compression="group4")
    both("clear.tif", clear)
    both("lossless.webp", m, lossless=True)
    both("lossy.webp", m, quality=60)
    both("odd.webp", scene(1, 5), quality=90)
    both("clear.webp", clear, quality=80)
    both("one.gif", few)
    frames = []
    for i in range(4):
        f = scene(24, 18).quantize(16, dither=0)
        f.paste(i, (3 * i, 2 * i, 3 * i + 6, 2 * i + 5))
        frames.append(f)
    path = os.path.join(OUT, "four.gif")
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=[50, 60, 70, 80], loop=0)
    a = Image.open(path)
    for i in range(a.n_frames):
        a.seek(i)
        a.convert("RGB").save(os.path.join(OUT, "four_gif_%d.png" % i))
    source = Image.open("resize_source.png")
    for w, h in [(16, 16), (11, 40), (80, 61), (37, 7), (1, 1)]:
        source.resize((w, h), Image.LANCZOS).save("resize_lanczos_%dx%d.png" % (w, h))


def companding():
    import audioop
    every = bytes(range(256))
    table = {}
    for name, f in [("alaw", audioop.alaw2lin), ("ulaw", audioop.ulaw2lin)]:
        table[name] = list(struct.unpack("<256h", f(every, 2)))
    with open(os.path.join(OUT, "g711.json"), "w") as f:
        json.dump(table, f)


def sounds():
    samples = [0, 1, -1, 100, -100, 32767, -32768, 12345, -23456, 7]
    for bits, channels in [(8, 1), (16, 1), (16, 2), (24, 2), (32, 1)]:
        with wave.open(os.path.join(OUT, "pcm%d_%d.wav" % (bits, channels)), "wb") as w:
            w.setnchannels(channels)
            w.setsampwidth(bits // 8)
            w.setframerate(22050)
            for s in samples:
                if bits == 8:
                    w.writeframes(bytes([(s >> 8) + 128]))
                else:
                    v = s << (bits - 16)
                    w.writeframes((v & ((1 << bits) - 1)).to_bytes(bits // 8, "little"))


if __name__ == "__main__":
    os.makedirs(OUT, exist_ok=True)
    for part in (pictures, companding, sounds):
        try:
            part()
        except ImportError as missing:
            print(part.__name__, "left out:", missing)
