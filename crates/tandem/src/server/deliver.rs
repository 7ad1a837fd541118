//! Sends a notice over a channel. It blocks for as long as the other side may take.

use crate::access::outbound::Outbound;
use crate::config::notify::{Channel, Mail, MailTls, NotifySettings};
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{Message, SmtpTransport, Transport as _};
use respond::Failure;
use std::collections::BTreeMap;
use std::time::Duration;
use ureq::http::Request;
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};

/// Header with the id of a notice.
pub const ID_HEADER: &str = "idempotency-key";

/// Time that a mail server may take for each step.
const MAIL_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest pause that somebody's `Retry-After` may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

/// A notice as a channel wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The same in every attempt, and that of no other notice: a receiver who had it already can tell. A notice is sent
    /// again when the server ended before it wrote down that it was taken.
    pub id: String,
    /// One line; the subject of a mail.
    pub subject: String,
    /// `application/json`, `text/plain` ...
    pub content_type: String,
    /// The text.
    pub body: String,
}

/// Sends notices.
pub struct Deliverer {
    outbound: Outbound,
    mail: Option<(SmtpTransport, String)>,
    channels: BTreeMap<String, Channel>,
}

impl Deliverer {
    /// By these settings.
    pub fn new(settings: &NotifySettings) -> anyhow::Result<Deliverer> {
        let mail = settings.mail.as_ref().map(|mail| anyhow::Ok((transport(mail)?, mail.from.clone()))).transpose()?;
        let channels = settings.channels.iter().map(|channel| (channel.known.name.clone(), channel.clone()));
        Ok(Deliverer { outbound: Outbound::new(settings.allow_private), mail, channels: channels.collect() })
    }

    /// Sends a notice over the channel of this name.
    pub fn send(&self, channel: &str, content: Content) -> Result<(), Failure> {
        let Some(channel) = self.channels.get(channel) else {
            return Err(never(&format!("there is no channel {channel} any more")));
        };
        match &channel.url {
            Some(url) => self.post(url, channel.token.as_deref(), content),
            None => self.mail(&channel.to, content),
        }
    }

    fn post(&self, url: &ureq::http::Uri, token: Option<&str>, content: Content) -> Result<(), Failure> {
        let mut request = Request::post(url.clone()).header(CONTENT_TYPE, &content.content_type);
        request = request.header(ID_HEADER, &content.id);
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(content.body).map_err(|error| never(&error))?;
        let answer = self.outbound.send(request).map_err(|error| Failure::unreachable(error.to_string()))?;
        let status = answer.status();
        let said: String = String::from_utf8_lossy(answer.body()).chars().take(200).collect();
        if status.is_success() {
            return Ok(());
        }
        let after = answer.headers().get(RETRY_AFTER).and_then(|after| after.to_str().ok()?.parse().ok());
        let after = after.map(|after| Duration::from_secs(after).min(LONGEST_PAUSE));
        Err(Failure { why: format!("it answered {status}: {said}"), after, ..Failure::status(status.as_u16()) })
    }

    fn mail(&self, to: &[String], content: Content) -> Result<(), Failure> {
        let Some((transport, from)) = &self.mail else {
            return Err(never(&"no mail server is configured"));
        };
        let from: Mailbox = from.parse().map_err(|error| never(&error))?;
        let id = format!("<{}@{}>", content.id, from.email.domain());
        let mut message = Message::builder().message_id(Some(id)).from(from);
        for to in to {
            message = message.to(to.parse().map_err(|error| never(&error))?);
        }
        let message = message.subject(content.subject).header(ContentType::TEXT_PLAIN).body(content.body);
        let message = message.map_err(|error| never(&error))?;
        match transport.send(&message) {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(never(&error)),
            Err(error) => Err(Failure::unreachable(error.to_string())),
        }
    }
}

/// What trying again would not change.
fn never(why: &dyn std::fmt::Display) -> Failure {
    Failure { why: why.to_string(), permanent: true, after: None }
}

fn transport(mail: &Mail) -> anyhow::Result<SmtpTransport> {
    let mut builder = match mail.tls {
        MailTls::Starttls => SmtpTransport::starttls_relay(&mail.host)?,
        MailTls::Tls => SmtpTransport::relay(&mail.host)?,
        MailTls::None => SmtpTransport::builder_dangerous(&mail.host),
    };
    if let Some(port) = mail.port {
        builder = builder.port(port);
    }
    if let Some((user, password)) = &mail.login {
        builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
    }
    Ok(builder.timeout(Some(MAIL_TIMEOUT)).build())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::notify::NotifyOptions;
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::thread::JoinHandle;

    /// Somebody who takes one connection.
    fn serve<T: Send + 'static>(serve: impl FnOnce(TcpStream) -> T + Send + 'static) -> (String, JoinHandle<T>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        (address, std::thread::spawn(move || serve(listener.accept().unwrap().0)))
    }

    fn settings(text: &str) -> NotifySettings {
        toml::from_str::<NotifyOptions>(&format!("allow_private = true\n{text}")).unwrap().settle().unwrap()
    }

    fn content() -> Content {
        let body = "{\"text\":\"checkout is slow\"}".to_owned();
        let id = "tandem-0123".to_owned();
        Content { id, subject: "[high] checkout is slow".to_owned(), content_type: "application/json".to_owned(), body }
    }

    /// What came of a notice that was answered like this, and the request.
    fn posted(answer: &'static str) -> (Result<(), Failure>, String) {
        let (address, thread) = serve(move |mut stream| {
            let mut got = Vec::new();
            let mut buffer = [0; 4096];
            while !String::from_utf8_lossy(&got).ends_with("slow\"}") {
                let read = stream.read(&mut buffer).unwrap();
                got.extend_from_slice(&buffer[..read]);
            }
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8(got).unwrap()
        });
        let settings =
            settings(&format!("[[channels]]\nname = 'chat'\nkind = 'slack'\nurl = 'http://{address}/hook'\n"));
        let sent = Deliverer::new(&settings).unwrap().send(&settings.channels[0].known.name, content());
        (sent, thread.join().unwrap())
    }

    #[test]
    fn answers_say_whether_it_is_worth_another_try() {
        let (sent, request) = posted("HTTP/1.1 204 No Content\r\n\r\n");
        assert_eq!(sent, Ok(()));
        assert!(request.starts_with("POST /hook ") && request.contains("application/json"), "{request}");
        assert!(request.to_lowercase().contains("\r\nidempotency-key: tandem-0123\r\n"), "{request}");
        let (sent, _) = posted("HTTP/1.1 429 Slow\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n");
        assert!(
            matches!(&sent, Err(Failure { permanent: false, after: Some(after), .. }) if *after == Duration::from_secs(7)),
            "{sent:?}"
        );
        let (sent, _) = posted("HTTP/1.1 503 No\r\nretry-after: 999999\r\ncontent-length: 0\r\n\r\n");
        assert!(
            matches!(&sent, Err(Failure { permanent: false, after: Some(after), .. }) if *after == LONGEST_PAUSE),
            "{sent:?}"
        );
        let (sent, _) = posted("HTTP/1.1 404 No\r\ncontent-length: 4\r\n\r\nnope");
        assert!(
            matches!(&sent, Err(Failure { permanent: true, why, .. }) if why.contains("404") && why.contains("nope")),
            "{sent:?}"
        );
        let (sent, _) = posted("HTTP/1.1 302 There\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n");
        assert!(matches!(sent, Err(Failure { permanent: true, .. })), "{sent:?}");
    }

    #[test]
    fn nobody_there_is_worth_another_try() {
        let settings = settings("[[channels]]\nname = 'chat'\nkind = 'slack'\nurl = 'http://127.0.0.1:1/'\n");
        let sent = Deliverer::new(&settings).unwrap().send(&settings.channels[0].known.name, content());
        assert!(matches!(sent, Err(Failure { permanent: false, after: None, .. })), "{sent:?}");
    }

    /// A mail server that says yes to everything, or no to the first of one command.
    fn mail_server(stream: TcpStream, refused: &str, with: &str) -> String {
        let mut writer = stream.try_clone().unwrap();
        let mut reader = BufReader::new(stream);
        writer.write_all(b"220 here\r\n").unwrap();
        let (mut told, mut line, mut in_mail) = (String::new(), String::new(), false);
        while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
            told.push_str(&line);
            let said = std::mem::take(&mut line);
            let answer = match said.trim_end() {
                "." if in_mail => {
                    in_mail = false;
                    "250 kept\r\n"
                }
                _ if in_mail => continue,
                said if !refused.is_empty() && said.starts_with(refused) => with,
                "DATA" => {
                    in_mail = true;
                    "354 go on\r\n"
                }
                "QUIT" => "221 bye\r\n",
                _ => "250 yes\r\n",
            };
            writer.write_all(answer.as_bytes()).unwrap();
        }
        told
    }

    fn mailed(refused: &'static str, with: &'static str) -> (Result<(), Failure>, String) {
        let (address, thread) = serve(move |stream| mail_server(stream, refused, with));
        let settings = settings(&format!(
            "mail = {{ server = '{address}', from = 'Tandem <tandem@example.org>', tls = 'none' }}\n\
             [[channels]]\nname = 'mail'\nkind = 'email'\nto = ['ops@example.org', 'sec@example.org']\n"
        ));
        let deliverer = Deliverer::new(&settings).unwrap();
        let sent = deliverer.send(&settings.channels[0].known.name, content());
        drop(deliverer);
        (sent, thread.join().unwrap())
    }

    #[test]
    fn a_mail_goes_to_all_of_them() {
        let (sent, told) = mailed("", "");
        assert_eq!(sent, Ok(()));
        for said in ["<tandem@example.org>", "RCPT TO:<ops@example.org>", "RCPT TO:<sec@example.org>"] {
            assert!(told.contains(said), "{told}");
        }
        assert!(told.contains("Subject: [high] checkout is slow") && told.contains("checkout is slow\"}"), "{told}");
        assert!(told.contains("Message-ID: <tandem-0123@example.org>"), "{told}");
    }

    #[test]
    fn a_mail_server_says_later_or_never() {
        let (sent, _) = mailed("RCPT", "451 not now\r\n");
        assert!(matches!(sent, Err(Failure { permanent: false, after: None, .. })), "{sent:?}");
        let (sent, _) = mailed("RCPT", "550 nobody of that name\r\n");
        assert!(matches!(sent, Err(Failure { permanent: true, .. })), "{sent:?}");
    }
}
