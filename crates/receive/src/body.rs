//! Compressed request bodies, bounded so that a bomb never gets to explode.

use crate::error::DecodeError;
use model::limits::{MAX_COMPRESSION_RATIO, MAX_DECOMPRESSED_BYTES, MAX_REQUEST_BYTES, RATIO_FREE_BYTES};
use std::borrow::Cow;
use std::io::Read;

/// Bytes decompressed between two looks at the limits.
const STEP_BYTES: usize = 64 * 1024;

/// The body as it was before compression. `content_encoding` is the header's value.
pub fn decompress<'a>(body: &'a [u8], content_encoding: Option<&str>) -> Result<Cow<'a, [u8]>, DecodeError> {
    if body.len() > MAX_REQUEST_BYTES {
        return Err(too_large("MAX_REQUEST_BYTES", MAX_REQUEST_BYTES));
    }
    let encoding = content_encoding.unwrap_or("identity").trim().to_ascii_lowercase();
    match encoding.as_str() {
        "" | "identity" | "none" => Ok(Cow::Borrowed(body)),
        "gzip" | "x-gzip" => inflate(body, flate2::read::MultiGzDecoder::new(body), "gzip"),
        "deflate" => inflate(body, flate2::read::ZlibDecoder::new(body), "deflate"),
        "zstd" => {
            let decoder = zstd::stream::read::Decoder::with_buffer(body).map_err(|error| malformed("zstd", &error))?;
            inflate(body, decoder, "zstd")
        }
        other => Err(DecodeError::Unsupported {
            what: format!("content encoding {other:?}"),
            remedy: "send gzip, zstd, deflate or no compression",
        }),
    }
}

fn inflate<'a>(body: &[u8], mut decoder: impl Read, name: &str) -> Result<Cow<'a, [u8]>, DecodeError> {
    let mut out = Vec::with_capacity((body.len() * 4).min(RATIO_FREE_BYTES));
    loop {
        let read =
            (&mut decoder).take(STEP_BYTES as u64).read_to_end(&mut out).map_err(|error| malformed(name, &error))?;
        if read == 0 {
            return Ok(Cow::Owned(out));
        }
        if out.len() > MAX_DECOMPRESSED_BYTES {
            return Err(too_large("MAX_DECOMPRESSED_BYTES", MAX_DECOMPRESSED_BYTES));
        }
        if out.len() > RATIO_FREE_BYTES && out.len() / body.len().max(1) > MAX_COMPRESSION_RATIO {
            return Err(too_large("MAX_COMPRESSION_RATIO", MAX_COMPRESSION_RATIO));
        }
    }
}

fn malformed(name: &str, error: &std::io::Error) -> DecodeError {
    DecodeError::Malformed {
        what: format!("the body is not valid {name} ({error})"),
        at: None,
        remedy: "check the Content-Encoding header against what is sent",
    }
}

fn too_large(limit_name: &'static str, limit: usize) -> DecodeError {
    DecodeError::TooLarge { limit_name, limit, remedy: "send smaller batches" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn every_encoding_reads_back() {
        let text = b"hello hello hello".repeat(100);
        assert_eq!(*decompress(&text, None).unwrap(), *text);
        assert_eq!(*decompress(&gzip(&text), Some("gzip")).unwrap(), *text);
        assert_eq!(*decompress(&zstd::encode_all(&text[..], 3).unwrap(), Some("ZSTD")).unwrap(), *text);
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(&text).unwrap();
        assert_eq!(*decompress(&zlib.finish().unwrap(), Some("deflate")).unwrap(), *text);
    }

    #[test]
    fn bombs_and_damage_are_refused() {
        let zeros = vec![0; 80 * 1024 * 1024];
        for bomb in [(gzip(&zeros), "gzip"), (zstd::encode_all(&zeros[..], 3).unwrap(), "zstd")] {
            assert_eq!(decompress(&bomb.0, Some(bomb.1)).unwrap_err().http_status(), 413);
        }
        let mut damaged = gzip(b"hello");
        damaged.truncate(damaged.len() - 4);
        assert_eq!(decompress(&damaged, Some("gzip")).unwrap_err().http_status(), 400);
        assert_eq!(decompress(b"x", Some("br")).unwrap_err().http_status(), 415);
    }
}
