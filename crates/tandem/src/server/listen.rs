//! Addresses: which are allowed, and taking them.

use crate::config::Settings;
use anyhow::{Result, bail};
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::str::FromStr;

/// An address to listen on, or none.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(try_from = "String")]
pub struct Listen(pub Option<SocketAddr>);

impl Listen {
    /// This port on this machine alone.
    pub fn loopback(port: u16) -> Self {
        Listen(Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)))
    }
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Listen(None));
        }
        let given = if let Some(port) = text.strip_prefix(':') { format!("0.0.0.0:{port}") } else { text.to_owned() };
        let given = given.strip_prefix("localhost:").map_or(given.clone(), |port| format!("127.0.0.1:{port}"));
        let address = given.parse().map_err(|_| {
            "an address is an IP and a port, such as 127.0.0.1:7400 (port 0 takes a free one), or `off`".to_owned()
        })?;
        Ok(Listen(Some(address)))
    }
}

impl TryFrom<String> for Listen {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// Refuses to listen beyond this machine without TLS.
pub fn check(settings: &Settings) -> Result<()> {
    if settings.http.0.is_none() {
        bail!("--http-listen cannot be off: everything is asked through it");
    }
    if settings.insecure {
        return Ok(());
    }
    let doors = [("http", settings.http), ("otlp-grpc", settings.otlp_grpc), ("otlp-http", settings.otlp_http)];
    for (name, listen) in doors {
        let Some(address) = listen.0.filter(|address| !address.ip().is_loopback()) else { continue };
        // Who comes from elsewhere needs a token or a log-in in any case; TLS keeps them secret.
        if settings.tls.is_none() {
            bail!(
                "--{name}-listen {address} can be reached from other machines and needs TLS: give --tls-cert and \
                 --tls-key, or --tls-self-signed for a trial; or say --insecure if the network is yours alone"
            );
        }
    }
    if let Some(address) = settings.syslog.0.filter(|address| !address.ip().is_loopback()) {
        bail!(
            "--syslog-listen {address} can be reached from other machines, and syslog knows neither tokens nor TLS: \
             listen on 127.0.0.1, or say --insecure if the network is yours alone"
        );
    }
    Ok(())
}

/// The TCP port, taken.
pub fn tcp(name: &str, address: SocketAddr) -> Result<TcpListener> {
    match TcpListener::bind(address) {
        Ok(listener) => {
            listener.set_nonblocking(true)?;
            Ok(listener)
        }
        Err(error) => Err(taken(name, address, &error)),
    }
}

/// TCP and UDP on the same port, taken.
pub fn tcp_and_udp(name: &str, address: SocketAddr) -> Result<(TcpListener, UdpSocket)> {
    // A free TCP port may be taken in UDP; a few tries find one that is free in both.
    for _ in 0..16 {
        let listener = tcp(name, address)?;
        match UdpSocket::bind(listener.local_addr()?) {
            Ok(socket) => {
                socket.set_nonblocking(true)?;
                return Ok((listener, socket));
            }
            Err(error) if address.port() != 0 => return Err(taken(name, address, &error)),
            Err(_) => {}
        }
    }
    bail!("no port is free for both TCP and UDP on {}", address.ip())
}

fn taken(name: &str, address: SocketAddr, error: &std::io::Error) -> anyhow::Error {
    if error.kind() != std::io::ErrorKind::AddrInUse {
        return anyhow::anyhow!("cannot listen on {address} ({error}): choose another address with --{name}-listen");
    }
    let who = if is_tandem(address) { "another Tandem runs there" } else { "another program listens there" };
    anyhow::anyhow!(
        "{address} is taken: {who}; stop it, or choose another address with --{name}-listen (port 0 takes a free one)"
    )
}

/// Whether a Tandem answers at this address.
fn is_tandem(address: SocketAddr) -> bool {
    use std::io::{Read as _, Write as _};
    let wait = std::time::Duration::from_millis(300);
    let Ok(mut stream) = std::net::TcpStream::connect_timeout(&address, wait) else { return false };
    let _ = stream.set_read_timeout(Some(wait));
    if stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").is_err() {
        return false;
    }
    let mut answer = Vec::new();
    let _ = stream.take(4096).read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).to_ascii_lowercase().contains("server: tandem")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Options;

    #[test]
    fn addresses() {
        assert_eq!("127.0.0.1:7400".parse(), Ok(Listen::loopback(7400)));
        assert_eq!("localhost:7400".parse(), Ok(Listen::loopback(7400)));
        assert_eq!("off".parse(), Ok(Listen(None)));
        assert!(":7400".parse::<Listen>().is_ok_and(|listen| !listen.0.unwrap().ip().is_loopback()));
        assert!("example:1".parse::<Listen>().is_err());
    }

    #[test]
    fn beyond_loopback_needs_tls() {
        let open = Options { http_listen: Some(":7400".parse().unwrap()), ..Options::default() };
        let with_tls = Options { tls_cert: Some("c".into()), tls_key: Some("k".into()), ..open.clone() };
        let refused = open.clone().settle().unwrap_err().to_string();
        assert!(refused.contains("TLS") && refused.contains("--insecure"), "{refused}");
        with_tls.settle().unwrap();
        Options { insecure: Some(true), ..open }.settle().unwrap();
        let syslog = Options { syslog_listen: Some("0.0.0.0:5514".parse().unwrap()), ..Options::default() };
        assert!(syslog.settle().unwrap_err().to_string().contains("syslog"));
    }

    #[test]
    fn a_taken_port_says_so() {
        let (listener, _socket) = tcp_and_udp("syslog", Listen::loopback(0).0.unwrap()).unwrap();
        let error = tcp("http", listener.local_addr().unwrap()).unwrap_err().to_string();
        assert!(error.contains("is taken") && error.contains("--http-listen"), "{error}");
    }
}
