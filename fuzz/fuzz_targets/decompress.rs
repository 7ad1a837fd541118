//! Compressed bodies: the first byte picks the encoding; the limits hold, and what was packed is unpacked.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::limits::{MAX_COMPRESSION_RATIO, MAX_DECOMPRESSED_BYTES, RATIO_FREE_BYTES};
use receive::body::decompress;
use std::io::Write as _;

const ENCODINGS: [Option<&str>; 5] = [Some("gzip"), Some("deflate"), Some("zstd"), None, Some("br")];

fn packed(plain: &[u8], encoding: &str) -> Vec<u8> {
    let level = flate2::Compression::fast();
    match encoding {
        "gzip" => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
            encoder.write_all(plain).and_then(|()| encoder.finish())
        }
        "deflate" => {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
            encoder.write_all(plain).and_then(|()| encoder.finish())
        }
        _ => zstd::encode_all(plain, 1),
    }
    .expect("memory is written to")
}

fuzz_target!(|data: &[u8]| {
    let Some((first, body)) = data.split_first() else { return };
    let encoding = ENCODINGS[usize::from(*first) % ENCODINGS.len()];
    if let Ok(out) = decompress(body, encoding) {
        assert!(out.len() <= MAX_DECOMPRESSED_BYTES);
        assert!(out.len() <= RATIO_FREE_BYTES || out.len() / body.len() <= MAX_COMPRESSION_RATIO);
    }
    if let Some(encoding @ ("gzip" | "deflate" | "zstd")) = encoding {
        assert_eq!(*decompress(&packed(body, encoding), Some(encoding)).expect("was packed"), *body);
    }
});
