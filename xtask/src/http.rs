//! HTTP/1.1 over a plain loopback connection: just what the tools need from a server they started.

use anyhow::{Context as _, Result, bail};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longest answer read; a search of the benchmarks stays far below it.
const MAX_ANSWER_BYTES: usize = 1 << 30;
/// Longest status or header line.
const MAX_LINE_BYTES: u64 = 64 * 1024;

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Seconds of `Retry-After`, when the server named any.
    pub retry_after: Option<u64>,
    /// Name and value of the cookie that it sets.
    pub cookie: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A connection that is kept open between requests.
pub struct Client {
    address: SocketAddr,
    timeout: Duration,
    token: Option<&'static str>,
    connection: Option<BufReader<TcpStream>>,
}

impl Client {
    /// Connects on the first request.
    pub fn new(address: SocketAddr, timeout: Duration) -> Self {
        Self { address, timeout, token: None, connection: None }
    }

    /// With a token for the API.
    pub fn with_token(self, token: &'static str) -> Self {
        Self { token: Some(token), ..self }
    }

    /// `GET path`.
    pub fn get(&mut self, path: &str) -> Result<Answer> {
        self.request("GET", path, &[], &[])
    }

    /// `POST path` with a JSON body.
    pub fn post_json(&mut self, path: &str, body: &serde_json::Value) -> Result<Answer> {
        self.request("POST", path, &[("content-type", "application/json")], body.to_string().as_bytes())
    }

    /// Sends one request and reads its whole answer. After an error it is unknown whether the server
    /// took the request, so nothing is sent again here.
    pub fn request(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n", self.address, body.len());
        if let Some(token) = self.token {
            head.push_str(&format!("authorization: Bearer {token}\r\n"));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let stream = connection.get_mut();
        stream.write_all(head.as_bytes()).context("cannot send the request")?;
        // The server may refuse early and close; its answer is read all the same.
        let sent = stream.write_all(body);
        let (answer, keep) = match read_answer(&mut connection, method) {
            Ok(read) => read,
            Err(error) => {
                sent.context("cannot send the body")?;
                return Err(error);
            }
        };
        if keep && sent.is_ok() {
            self.connection = Some(connection);
        }
        Ok(answer)
    }

    fn connect(&self) -> Result<BufReader<TcpStream>> {
        let stream = TcpStream::connect_timeout(&self.address, self.timeout)
            .with_context(|| format!("cannot connect to {}", self.address))?;
        stream.set_read_timeout(Some(self.timeout))?;
        stream.set_write_timeout(Some(self.timeout))?;
        stream.set_nodelay(true)?;
        Ok(BufReader::with_capacity(64 * 1024, stream))
    }
}

fn read_answer(input: &mut impl BufRead, method: &str) -> Result<(Answer, bool)> {
    loop {
        let status_line = read_line(input).context("cannot read the answer")?;
        let status: u16 = status_line
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .with_context(|| format!("`{status_line}` is no HTTP status line"))?;
        let mut answer = Answer { status, retry_after: None, cookie: None, body: Vec::new() };
        let (mut length, mut chunked, mut keep) = (None, false, true);
        loop {
            let line = read_line(input)?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').with_context(|| format!("`{line}` is no HTTP header"))?;
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = Some(value.parse::<usize>().context("content-length is no number")?),
                "transfer-encoding" => chunked = value.eq_ignore_ascii_case("chunked"),
                "connection" => keep = !value.eq_ignore_ascii_case("close"),
                "retry-after" => answer.retry_after = value.parse().ok(),
                "set-cookie" => answer.cookie = value.split(';').next().map(str::to_owned),
                _ => {}
            }
        }
        if status == 100 {
            continue;
        }
        if method == "HEAD" || status == 204 || status == 304 {
            return Ok((answer, keep));
        }
        match (chunked, length) {
            (true, _) => read_chunks(input, &mut answer.body)?,
            (false, Some(length)) => read_exactly(input, length, &mut answer.body)?,
            (false, None) => {
                input.take(MAX_ANSWER_BYTES as u64).read_to_end(&mut answer.body)?;
                keep = false;
            }
        }
        return Ok((answer, keep));
    }
}

fn read_chunks(input: &mut impl BufRead, body: &mut Vec<u8>) -> Result<()> {
    loop {
        let line = read_line(input)?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).with_context(|| format!("`{line}` is no chunk size"))?;
        if size == 0 {
            while !read_line(input)?.is_empty() {}
            return Ok(());
        }
        read_exactly(input, size, body)?;
        if !read_line(input)?.is_empty() {
            bail!("a chunk does not end where it says");
        }
    }
}

fn read_exactly(input: &mut impl BufRead, length: usize, body: &mut Vec<u8>) -> Result<()> {
    if body.len().saturating_add(length) > MAX_ANSWER_BYTES {
        bail!("the answer is longer than {MAX_ANSWER_BYTES} bytes");
    }
    let start = body.len();
    input.take(length as u64).read_to_end(body)?;
    if body.len() - start < length {
        bail!("the answer ends after {} of {length} bytes", body.len() - start);
    }
    Ok(())
}

fn read_line(input: &mut impl BufRead) -> Result<String> {
    let mut line = Vec::new();
    input.take(MAX_LINE_BYTES).read_until(b'\n', &mut line)?;
    if line.pop() != Some(b'\n') {
        bail!("the connection was closed");
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    String::from_utf8(line).context("a header is not UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(Answer, bool)> {
        read_answer(&mut text.as_bytes(), "GET")
    }

    #[test]
    fn lengths_and_chunks() {
        let (answer, keep) = read("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd").unwrap();
        assert_eq!((answer.status, answer.text().as_str(), keep), (200, "abc", true));
        let set = "HTTP/1.1 204 Fine\r\nSet-Cookie: id=1a2b; HttpOnly; Path=/\r\n\r\n";
        assert_eq!(read(set).unwrap().0.cookie.as_deref(), Some("id=1a2b"));
        let chunks =
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=1\r\n0123456789\r\n0\r\n\r\n";
        assert_eq!(read(chunks).unwrap().0.text(), "abc0123456789");
        let (answer, keep) = read("HTTP/1.1 429 Slow\r\nRetry-After: 2\r\nConnection: close\r\n\r\nwait").unwrap();
        assert_eq!((answer.status, answer.retry_after, answer.text().as_str(), keep), (429, Some(2), "wait", false));
    }

    #[test]
    fn a_cut_answer_is_an_error() {
        for text in [
            "",
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabc",
            "nonsense\r\n\r\n",
        ] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }
}
