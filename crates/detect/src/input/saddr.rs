//! Socket addresses as the audit system writes them: the bytes of the kernel's structure in hexadecimal.

use std::net::{Ipv4Addr, Ipv6Addr};

const INET: u16 = 2;
const INET6: u16 = 10;
const UNIX: u16 = 1;

/// The address, or the path of a local socket, and the port.
pub(super) fn read(hex: &str) -> Option<(String, Option<u16>)> {
    let bytes = bytes(hex);
    let family = u16::from_le_bytes([*bytes.first()?, *bytes.get(1)?]);
    let port = || Some(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]));
    match family {
        INET => {
            let address: [u8; 4] = bytes.get(4..8)?.try_into().ok()?;
            Some((Ipv4Addr::from(address).to_string(), port()))
        }
        INET6 => {
            let address: [u8; 16] = bytes.get(8..24)?.try_into().ok()?;
            Some((Ipv6Addr::from(address).to_string(), port()))
        }
        UNIX => {
            let path = bytes[2..].split(|byte| *byte == 0).find(|part| !part.is_empty())?;
            Some((String::from_utf8_lossy(path).into_owned(), None))
        }
        _ => None,
    }
}

/// The bytes that pairs of digits say; none where they do not.
pub(super) fn bytes(hex: &str) -> Vec<u8> {
    let digits: Option<Vec<u8>> = hex.chars().map(|letter| letter.to_digit(16).map(|digit| digit as u8)).collect();
    digits.unwrap_or_default().chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}
