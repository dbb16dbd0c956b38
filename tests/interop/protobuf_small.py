"""The encoding of Protocol Buffers, of varints and of what has a size: https://protobuf.dev/programming-guides/encoding"""


def varint(data):
    """The number at the beginning, and what is behind it."""
    value = size = 0
    while size == 0 or data[size - 1] > 127:
        value, size = value | (data[size] & 127) << 7 * size, size + 1
    return value, data[size:]


def sized(data):
    """The bytes at the beginning behind their size, and what is behind them."""
    size, data = varint(data)
    return data[:size], data[size:]


def put(value):
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + put(value >> 7)


def signed(value):
    """ZigZag: small numbers stay small, whichever sign they have."""
    return put(value << 1 if value >= 0 else (-value << 1) - 1)


def parts(data):
    """What stands one behind the other, each behind its size."""
    while data:
        part, data = sized(data)
        yield part


def unpack(data, kinds):
    """Numbers ("n") and what is behind its size ("s") at the beginning, and what is behind them."""
    values = []
    for kind in kinds:
        value, data = (sized if kind == "s" else varint)(data)
        values.append(value)
    return *values, data


class Schema:
    """Messages by lines of "ID NAME FIELD...": fields in the order of their numbers, "-" for one that does not matter,
    LIST:NAME for messages. What is no list and not among the names of texts is a number, or bytes if it has a size."""

    def __init__(self, lines, texts):
        rows = [line.split() for line in lines.splitlines()]
        self.fields = {name: [field.partition(":")[::2] for field in fields] for _, name, *fields in rows}
        self.ids, self.texts = {name: int(number) for number, name, *_ in rows}, texts
        self.names = {number: name for name, number in self.ids.items() if number}

    def decode(self, name, data):
        values = {field: [] if of else "" if field in self.texts else 0 for field, of in self.fields[name]}
        while data:
            tag, data = varint(data)
            value, data = sized(data) if tag & 7 == 2 else varint(data)
            if tag >> 3 <= len(self.fields[name]):
                field, of = self.fields[name][(tag >> 3) - 1]
                value = self.decode(of, value) if of else value.decode() if field in self.texts else value
                values[field] = values[field] + [value] if of else value
        return values

    def encode(self, name, values):
        """What is empty or 0 is left out."""
        message = b""
        for number, value in enumerate((values.get(field) for field, _ in self.fields[name]), 1):
            if isinstance(value, int) and value:
                message += put(number << 3) + put(value)
            elif value:
                message += put(number << 3 | 2) + put(len(value.encode())) + value.encode()
        return message
