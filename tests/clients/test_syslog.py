"""The machine's own `logger` sends syslog over UDP and TCP, in both formats and both framings."""

import socket
import subprocess

import harness


class Syslog(harness.TestCase):
    def logger(self, tag, *arguments, message):
        host, port = self.server.address("syslog")
        command = ["logger", "--server", host, "--port", str(port), "--tag", tag, "--priority", "daemon.warning"]
        subprocess.run([*command, *arguments, message], check=True, timeout=harness.ANSWER_SECONDS)

    def row(self, tag):
        return harness.eventually(lambda: self.server.sql(f"SELECT * FROM logs WHERE service_name = '{tag}'"))

    def check(self, tag, message):
        rows = self.row(tag)
        self.assertEqual(len(rows), 1, "one message is one row")
        row = rows[0]
        self.assertEqual(row["body"], message)
        self.assertEqual(row["source"], "syslog")
        self.assertEqual(row["severity_number"], 13)
        facility = self.server.sql(
            f"SELECT attributes['syslog.facility'] AS facility FROM logs WHERE service_name = '{tag}'"
        )
        self.assertEqual(facility, [{"facility": "daemon"}])
        # The year that RFC 3164 leaves out, and the zone, came out right.
        age = harness.nanoseconds(row["received_timestamp"]) - harness.nanoseconds(row["timestamp"])
        self.assertLess(abs(age), 3_600 * 10**9 * 15)

    def test_every_form(self):
        for transport in ("--udp", "--tcp"):
            for form in ("--rfc5424", "--rfc3164"):
                with self.subTest(transport=transport, form=form):
                    tag = f"lg{transport[2:]}{form[5:]}"
                    message = f"disk sda1 is 93% full, naïve {transport} {form}"
                    self.logger(tag, transport, form, message=message)
                    self.check(tag, message)

    def test_octet_counted(self):
        self.logger("lgcounted", "--tcp", "--rfc5424", "--octet-count", message="counted by octets")
        self.check("lgcounted", "counted by octets")

    def test_process_id_and_structured_data(self):
        self.logger(
            "lgdata", "--udp", "--rfc5424", "--id=4711", "--msgid", "ID47", "--sd-id", "example@32473",
            "--sd-param", 'iut="3"', "--sd-param", 'text="a b"', message="with data",
        )
        self.check("lgdata", "with data")
        names = ("process.pid", "syslog.msgid", "example@32473.iut", "example@32473.text")
        columns = ", ".join(f"attributes['{name}'] AS c{number}" for number, name in enumerate(names))
        found = self.server.sql(f"SELECT {columns} FROM logs WHERE service_name = 'lgdata'")
        self.assertEqual(list(found[0].values()), ["4711", "ID47", "3", "a b"])

    def test_a_stream_of_messages_on_one_connection(self):
        # Split at awkward places: framing must not depend on how the bytes arrive.
        messages = [f"<14>1 2024-05-06T07:08:09.123456Z box stream 1 - - message {number}" for number in range(200)]
        stream = "".join(f"{len(one)} {one}" if number % 2 else one + "\n" for number, one in enumerate(messages)).encode()
        with socket.create_connection(self.server.address("syslog")) as connection:
            for start in range(0, len(stream), 97):
                connection.sendall(stream[start : start + 97])
        count = "SELECT count(DISTINCT body) AS bodies, count(*) AS rows FROM logs WHERE service_name = 'stream'"
        harness.eventually(lambda: self.server.sql(count)[0]["rows"] >= len(messages))
        self.assertEqual(self.server.sql(count), [{"bodies": 200, "rows": 200}])

    def test_what_is_no_syslog_is_kept_as_it_is(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"neither of the two \xff formats", self.server.address("syslog"))
        sql = "SELECT body FROM logs WHERE source = 'syslog' AND body LIKE 'neither of the two%'"
        self.assertEqual(len(harness.eventually(lambda: self.server.sql(sql))), 1)


if __name__ == "__main__":
    harness.main()
