// As much of protobuf as records of logs need, by hand: a SDK makes some ten thousand a second, this a million.

const varint = (number) => {
  const bytes = [];
  for (let left = number; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left % 128) | 128);
  }
};

export const field = (number, bytes) => Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
const text = (number, string) => field(number, Buffer.from(string, "utf8"));

function value(given) {
  if (typeof given === "number" && Number.isInteger(given)) return Buffer.concat([varint(3 * 8), varint(given)]);
  if (typeof given === "number") {
    const bytes = Buffer.alloc(9, 4 * 8 + 1);
    bytes.writeDoubleLE(given, 1);
    return bytes;
  }
  if (Array.isArray(given)) return field(5, Buffer.concat(given.map((one) => field(1, value(one)))));
  return text(1, given);
}

const attributes = (number, given) => Object.entries(given).map(([key, one]) => field(number, Buffer.concat([text(1, key), field(2, value(one))])));

/** `Resource` of OpenTelemetry. */
export const resource = (given) => Buffer.concat(attributes(1, given));

/** `LogRecord` of OpenTelemetry, as a field of `ScopeLogs`; its time is the first eight bytes after `timeAt`. */
export function logRecord({ severity, level, body, attributes: given }) {
  const time = Buffer.alloc(9, 1 * 8 + 1);
  const record = Buffer.concat([time, varint(2 * 8), varint(severity), text(3, level), field(5, value(body)), ...attributes(6, given)]);
  const whole = field(2, record);
  return { bytes: whole, timeAt: whole.length - record.length + 1 };
}
