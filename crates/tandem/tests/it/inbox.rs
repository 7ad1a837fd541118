//! Somebody who takes notices.

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A webhook on this machine, until the test ends.
pub struct Inbox {
    pub url: String,
    /// What came, with its id.
    came: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Inbox {
    pub fn open() -> Inbox {
        Inbox::on(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    /// On an address that was kept free before.
    pub fn on(listener: TcpListener) -> Inbox {
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let came = Arc::new(Mutex::new(Vec::new()));
        let list = came.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                list.lock().unwrap().extend(take(stream));
            }
        });
        Inbox { url, came }
    }

    /// The settings of a server that tells everything here.
    pub fn settings(&self) -> String {
        settings(&self.url)
    }

    /// Notices that were taken, with their ids.
    pub fn taken(&self) -> Vec<(String, Value)> {
        self.came.lock().unwrap().clone()
    }
}

/// The settings of a server that tells everything to an address.
pub fn settings(url: &str) -> String {
    format!("[notify]\nallow_private = true\n[[notify.channels]]\nname = 'chat'\nkind = 'webhook'\nurl = '{url}'\n")
}

fn take(stream: TcpStream) -> Option<(String, Value)> {
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    let (mut length, mut id) = (0, String::new());
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let Some((name, value)) = line.trim_end().split_once(':') else {
            if line.trim_end().is_empty() {
                break;
            }
            continue;
        };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "idempotency-key" => id = value.trim().to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    writer.write_all(b"HTTP/1.1 204 Taken\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").ok()?;
    Some((id, serde_json::from_slice(&body).ok()?))
}
