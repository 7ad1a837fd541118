//! One GET over a Unix socket, bounded in time and size.

use anyhow::{Context as _, Result, bail, ensure};
use httparse::{EMPTY_HEADER, Response, Status};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// Longest head of an answer.
const MAX_HEAD_BYTES: u64 = 16 * 1024;
/// Header lines of an answer; an engine sends ten.
const MAX_HEADERS: usize = 64;
/// Longest line before a chunk.
const MAX_CHUNK_LINE_BYTES: u64 = 256;
/// Longest text of an error that is shown.
const MAX_ERROR_BYTES: usize = 200;

/// A connection on which nothing waits longer than until `deadline`, however slowly the other side drips.
struct Timed {
    stream: UnixStream,
    deadline: Instant,
}

impl Timed {
    fn left(&self) -> io::Result<Duration> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::Error::from(ErrorKind::TimedOut)) } else { Ok(left) }
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(self.left()?))?;
        self.stream.read(buffer)
    }
}

/// The body of the answer to `GET target`, at most `most` bytes; an error for any other status than 200.
pub(super) fn get(socket: &Path, target: &str, most: usize, deadline: Instant) -> Result<Vec<u8>> {
    fetch(socket, target, most, deadline).with_context(|| format!("GET {target}"))
}

fn fetch(socket: &Path, target: &str, most: usize, deadline: Instant) -> Result<Vec<u8>> {
    let mut timed = Timed { stream: open(socket)?, deadline };
    timed.stream.set_write_timeout(Some(timed.left()?))?;
    // The path of a socket says nothing of a host, but the protocol asks for one.
    let request =
        format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nConnection: close\r\n\r\n");
    timed.stream.write_all(request.as_bytes())?;
    let mut reader = BufReader::new(timed);
    let head = head(&mut reader)?;
    let body = match head.length {
        Length::Chunked => chunks(&mut reader, most)?,
        Length::Known(length) => {
            ensure!(length <= most as u64, "the answer has {length} bytes, at most {most} are read");
            let mut body = Vec::new();
            reader.take(length).read_to_end(&mut body)?;
            ensure!(body.len() as u64 == length, "the answer ends after {} of {length} bytes", body.len());
            body
        }
        Length::ToTheEnd => {
            let mut body = Vec::new();
            reader.take(most as u64 + 1).read_to_end(&mut body)?;
            ensure!(body.len() <= most, "the answer has more than {most} bytes");
            body
        }
    };
    if head.status != 200 {
        let text = String::from_utf8_lossy(&body[..body.len().min(MAX_ERROR_BYTES)]).into_owned();
        bail!("status {}: {}", head.status, text.trim());
    }
    Ok(body)
}

/// Does not wait for an engine that takes no more connections, as connecting to a Unix socket else would.
fn open(socket: &Path) -> Result<UnixStream> {
    let handle =
        socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, None)?;
    connect(&handle, &SocketAddrUnix::new(socket)?).map_err(io::Error::from)?;
    let stream = UnixStream::from(handle);
    stream.set_nonblocking(false)?;
    Ok(stream)
}

struct Head {
    status: u16,
    length: Length,
}

enum Length {
    Chunked,
    Known(u64),
    ToTheEnd,
}

fn head(reader: &mut impl BufRead) -> Result<Head> {
    let mut bytes = Vec::new();
    let mut limited = reader.take(MAX_HEAD_BYTES);
    loop {
        let line = limited.read_until(b'\n', &mut bytes)?;
        ensure!(line > 0 && bytes.ends_with(b"\n"), "the answer has no whole head within {MAX_HEAD_BYTES} bytes");
        if bytes.ends_with(b"\n\r\n") || bytes.ends_with(b"\n\n") {
            break;
        }
    }
    let mut headers = [EMPTY_HEADER; MAX_HEADERS];
    let mut response = Response::new(&mut headers);
    ensure!(matches!(response.parse(&bytes)?, Status::Complete(_)), "the head of the answer is not whole");
    let find = |name: &str| {
        let header = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(header.value).ok()
    };
    let length = if find("transfer-encoding").is_some_and(|value| value.to_ascii_lowercase().contains("chunked")) {
        Length::Chunked
    } else if let Some(length) = find("content-length") {
        Length::Known(length.trim().parse().context("the length of the answer is no number")?)
    } else {
        Length::ToTheEnd
    };
    Ok(Head { status: response.code.unwrap_or(0), length })
}

fn chunks(reader: &mut impl BufRead, most: usize) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = Vec::new();
        reader.take(MAX_CHUNK_LINE_BYTES).read_until(b'\n', &mut line)?;
        let length = match httparse::parse_chunk_size(&line) {
            Ok(Status::Complete((_, length))) => length,
            _ => bail!("the answer has a broken chunk"),
        };
        if length == 0 {
            return Ok(body);
        }
        ensure!(length <= (most - body.len()) as u64, "the answer has more than {most} bytes");
        let before = body.len();
        reader.take(length).read_to_end(&mut body)?;
        ensure!((body.len() - before) as u64 == length, "the answer ends within a chunk");
        let mut end = [0; 2];
        reader.read_exact(&mut end)?;
        ensure!(end == *b"\r\n", "the answer has a broken chunk");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_put_together_and_bounded() {
        let whole = b"4\r\n[1,2\r\n3;x=y\r\n,3]\r\n0\r\n\r\n";
        assert_eq!(chunks(&mut &whole[..], 7).unwrap(), b"[1,2,3]");
        assert!(chunks(&mut &whole[..], 6).is_err());
        for broken in [&b"zz\r\n"[..], b"", b"5\r\nabc", b"3\r\nabcd\r\n0\r\n\r\n", b"ffffffffffffffffff\r\n"] {
            assert!(chunks(&mut &broken[..], 100).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn heads() {
        let read = |text: &str| head(&mut text.as_bytes());
        assert!(matches!(read("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n").unwrap().length, Length::Known(5)));
        assert!(matches!(read("HTTP/1.0 200 OK\r\n\r\n").unwrap().length, Length::ToTheEnd));
        let endless = format!("HTTP/1.1 200 OK\r\nx: {}", "a".repeat(20_000));
        for broken in
            ["", "hello\r\n\r\n", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", &endless]
        {
            assert!(read(broken).is_err(), "{broken:?}");
        }
    }
}
