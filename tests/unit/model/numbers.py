"""Doubles and the text ECMAScript gives them, for test_canon.c: random bit patterns, decimals as people write them,
every power of two and its neighbours. Usage: numbers.py COUNT"""

import random
import struct
import sys


def ecmascript(number):
    """Number::toString, ECMA-262, from the digits of Python's repr, which are the shortest too."""
    if number == 0:
        return "0"
    if number < 0:
        return "-" + ecmascript(-number)
    mantissa, _, exponent = repr(number).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0)
    if whole == "0":
        point -= len(fraction) - len(digits) + 1
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    sign = "+" if point > 0 else "-"
    tail = "." + digits[1:] if count > 1 else ""
    return f"{digits[0]}{tail}e{sign}{abs(point - 1)}"


def doubles(count):
    source = random.Random(20)
    for exponent in range(2047):
        for bits in (exponent << 52, (exponent << 52) + 1, max(1, exponent << 52) - 1):
            yield struct.unpack("<d", struct.pack("<Q", bits))[0]
    for _ in range(count // 2):
        number = struct.unpack("<d", struct.pack("<Q", source.getrandbits(64)))[0]
        if number - number == 0:
            yield number
    for _ in range(count // 2):
        yield source.choice((-1, 1)) * round(source.random() * 10 ** source.randint(0, 12), source.randint(0, 9))
        yield source.random() * 10 ** source.randint(-8, 24)
        yield float(source.getrandbits(source.randint(1, 80)))


for each in doubles(int(sys.argv[1])):
    print(struct.pack(">d", each).hex(), ecmascript(each))
