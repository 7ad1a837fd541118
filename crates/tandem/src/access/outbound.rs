//! Calls to addresses that somebody configured. They must not reach what only this machine can reach.
//!
//! A name is looked up once, all of its addresses are looked at, and the connection goes to one of these: a name that
//! answers otherwise the next time gains nothing. Redirects are not followed, proxies of the environment not used.

use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;
use ureq::config::Config;
use ureq::http::{Request, Response, Uri};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, AsSendBody};

/// Time in which a call must be over.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Time in which a connection must be there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest answer that is read: key sets and discovery documents have a few KiB.
const MAX_ANSWER_BYTES: u64 = 1024 * 1024;

/// Why a call was not made or has no answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct OutboundError(String);

/// Makes calls.
#[derive(Clone, Debug)]
pub struct Outbound {
    agent: Agent,
    allow_private: bool,
}

impl Outbound {
    /// With addresses of one's own network allowed or not.
    pub fn new(allow_private: bool) -> Outbound {
        Self::resolving(allow_private, DefaultResolver::default())
    }

    fn resolving(allow_private: bool, names: impl Resolver) -> Outbound {
        let config = Config::builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_global(Some(TIMEOUT))
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .user_agent(concat!("tandem/", env!("CARGO_PKG_VERSION")))
            .build();
        let guarded = Guarded { names, allow_private };
        Outbound { agent: Agent::with_parts(config, DefaultConnector::default(), guarded), allow_private }
    }

    /// Sends a request and reads the whole answer. It blocks; run it where that may be.
    pub fn send(&self, request: Request<impl AsSendBody>) -> Result<Response<Vec<u8>>, OutboundError> {
        check(request.uri(), self.allow_private)?;
        let to = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let failed = |error: &dyn std::fmt::Display| OutboundError(format!("no answer from {to}: {error}"));
        let (parts, body) = self.agent.run(request).map_err(|error| failed(&error))?.into_parts();
        let mut bytes = Vec::new();
        let mut reader = body.into_reader().take(MAX_ANSWER_BYTES + 1);
        reader.read_to_end(&mut bytes).map_err(|error| failed(&error))?;
        if bytes.len() as u64 > MAX_ANSWER_BYTES {
            return Err(failed(&format!("it is longer than {MAX_ANSWER_BYTES} bytes")));
        }
        Ok(Response::from_parts(parts, bytes))
    }
}

impl Outbound {
    /// The status that an address answers within a time. Nothing of the answer is read.
    pub fn status(&self, uri: &Uri, within: Duration) -> Result<u16, OutboundError> {
        check(uri, self.allow_private)?;
        let failed = |error: &dyn std::fmt::Display| OutboundError(format!("no answer from {}: {error}", shown(uri)));
        let request = Request::get(uri.clone()).body(()).map_err(|error| failed(&error))?;
        let request = self.agent.configure_request(request).timeout_global(Some(within)).build();
        let answer = self.agent.run(request).map_err(|error| failed(&error))?;
        Ok(answer.status().as_u16())
    }
}

/// Refuses addresses that cannot be called safely whatever they resolve to.
pub fn check(uri: &Uri, allow_private: bool) -> Result<(), OutboundError> {
    let refuse = |why: &str| Err(OutboundError(format!("{} is not called: {why}", shown(uri))));
    match uri.scheme_str() {
        Some("https") => {}
        // Without TLS anybody on the way may answer; within one's own network that is one's own matter.
        Some("http") if allow_private => {}
        Some("http") => return refuse("it must begin with https://"),
        _ => return refuse("it must begin with https:// and name a host"),
    }
    if uri.authority().is_none_or(|authority| authority.as_str().contains('@')) {
        return refuse("it must name a host, and no user");
    }
    Ok(())
}

/// An address without what may be secret in it.
fn shown(uri: &Uri) -> String {
    format!("{}://{}", uri.scheme_str().unwrap_or(""), uri.host().unwrap_or(""))
}

/// Looks names up, and refuses those that lead inside.
#[derive(Debug)]
struct Guarded<R> {
    names: R,
    allow_private: bool,
}

impl<R: Resolver> Resolver for Guarded<R> {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.names.resolve(uri, config, timeout)?;
        // One address inside among others outside is no accident.
        match found.iter().find(|address| !self.allow_private && !is_public(address.ip())) {
            Some(inside) => {
                let host = uri.host().unwrap_or("");
                let why = format!(
                    "{host} leads to {}, which others cannot reach: allow private addresses if it is meant",
                    inside.ip()
                );
                Err(ureq::Error::Other(OutboundError(why).into()))
            }
            None => Ok(found),
        }
    }
}

/// Whether an address belongs to the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let inside = match a {
        0 | 10 | 127 => true,
        // Carriers share it among their customers.
        100 => (64..128).contains(&b),
        // Link-local: clouds hand out credentials there.
        169 => b == 254,
        172 => (16..32).contains(&b),
        192 => b == 168 || (b == 0 && (c == 0 || c == 2)) || (b == 88 && c == 99),
        // For measuring, and for documentation.
        198 => b == 18 || b == 19 || (b == 51 && c == 100),
        203 => b == 0 && c == 113,
        // Multicast, and what is reserved.
        224.. => true,
        _ => false,
    };
    !inside
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        // The same IPv4 address by other names: mapped, translated (NAT64), tunnelled (6to4).
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        [0x2002, high, low, ..] => embedded(high, low),
        // Tunnels, benchmarks, documentation.
        [0x2001, second, ..] if second < 0x200 || second == 0xdb8 => false,
        [0x3fff, second, ..] if second < 0x1000 => false,
        // Only this part of all addresses is given out.
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::net::{SocketAddr, TcpListener};

    #[test]
    fn inside_and_outside() {
        for inside in [
            "0.0.0.0",
            "10.1.2.3",
            "127.0.0.1",
            "127.9.9.9",
            "100.64.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "192.0.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "203.0.113.1",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "2002:7f00:1::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "5f00::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for outside in [
            "1.1.1.1",
            "100.63.0.1",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.1.0.1",
            "198.20.0.1",
            "223.255.255.1",
            "2606:4700::1111",
            "2001:4860:4860::8888",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
            "2002:101:101::1",
        ] {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }

    #[test]
    fn addresses_that_are_not_called() {
        let why = |uri: &str, allow| check(&uri.parse().unwrap(), allow).err().map(|error| error.to_string());
        assert_eq!(why("https://id.example/x", false), None);
        assert!(why("http://id.example/x", false).unwrap().contains("https://"));
        assert_eq!(why("http://id.example/x", true), None);
        for wrong in ["ftp://id.example/x", "https://user:secret@id.example/", "/x"] {
            let told = why(wrong, true).unwrap();
            assert!(!told.contains("secret"), "{told}");
        }
    }

    /// Names that all lead to these addresses.
    #[derive(Debug)]
    struct Lead(Vec<SocketAddr>);

    impl Resolver for Lead {
        fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
            let mut found = self.empty();
            self.0.iter().for_each(|address| found.push(*address));
            Ok(found)
        }
    }

    fn get(uri: &str) -> Request<()> {
        Request::get(uri).body(()).unwrap()
    }

    #[test]
    fn a_name_that_leads_inside_is_not_called() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let inside = listener.local_addr().unwrap();
        let outside: SocketAddr = "192.0.2.1:443".parse().unwrap();
        for leads in [vec![inside], vec!["1.1.1.1:443".parse().unwrap(), inside], vec![outside]] {
            let outbound = Outbound::resolving(false, Lead(leads));
            let error = outbound.send(get("https://id.example/")).unwrap_err().to_string();
            assert!(error.contains("id.example leads to"), "{error}");
        }
        for direct in ["https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://localhost/"] {
            let error = Outbound::new(false).send(get(direct)).unwrap_err().to_string();
            assert!(error.contains("leads to") || error.contains("no answer"), "{error}");
        }
        assert!(listener.accept().is_err(), "nobody came");
    }

    #[test]
    fn redirects_are_answers_and_long_answers_are_none() {
        let serve = |answer: Vec<u8>| {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            let thread = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut head = [0; 4096];
                let _ = stream.read(&mut head);
                let _ = stream.write_all(&answer);
            });
            (format!("http://{address}/"), thread)
        };
        let outbound = Outbound::new(true);
        let redirect = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 2\r\n\r\nhi".to_vec();
        let (address, thread) = serve(redirect);
        let answer = outbound.send(get(&address)).unwrap();
        assert_eq!((answer.status().as_u16(), answer.body().as_slice()), (302, &b"hi"[..]));
        thread.join().unwrap();
        let long = MAX_ANSWER_BYTES as usize + 1;
        let mut answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {long}\r\n\r\n").into_bytes();
        answer.resize(answer.len() + long, b'a');
        let (address, thread) = serve(answer);
        assert!(outbound.send(get(&address)).unwrap_err().to_string().contains("longer"));
        thread.join().unwrap();
    }
}
