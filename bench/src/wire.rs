//! Writes protobuf without building messages first: generating must cost little beside receiving.

/// A message under construction.
pub struct Writer {
    bytes: Vec<u8>,
}

/// A nested message that is not closed yet.
#[must_use]
pub struct Open(usize);

/// Bytes kept free for the length of a nested message; enough for 2 MiB, and closed up afterwards.
const LENGTH_BYTES: usize = 3;

impl Writer {
    /// An empty message.
    pub fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes) }
    }

    /// The message.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    fn tag(&mut self, field: u32, kind: u32) {
        self.number(u64::from(field << 3 | kind));
    }

    /// A whole number.
    pub fn varint(&mut self, field: u32, number: u64) {
        self.tag(field, 0);
        self.number(number);
    }

    /// Eight bytes.
    pub fn fixed64(&mut self, field: u32, number: u64) {
        self.tag(field, 1);
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    /// Four bytes.
    pub fn fixed32(&mut self, field: u32, number: u32) {
        self.tag(field, 5);
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    /// Bytes.
    pub fn bytes(&mut self, field: u32, bytes: &[u8]) {
        self.tag(field, 2);
        self.number(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    /// Text.
    pub fn text(&mut self, field: u32, text: &str) {
        self.bytes(field, text.as_bytes());
    }

    /// A key and its text.
    pub fn text_attribute(&mut self, field: u32, key: &str, text: &str) {
        let attribute = self.open(field);
        self.text(1, key);
        let value = self.open(2);
        self.text(1, text);
        self.close(value);
        self.close(attribute);
    }

    /// Starts a nested message.
    pub fn open(&mut self, field: u32) -> Open {
        self.tag(field, 2);
        self.bytes.extend_from_slice(&[0; LENGTH_BYTES]);
        Open(self.bytes.len())
    }

    /// Ends it and writes its length in the shortest form.
    pub fn close(&mut self, open: Open) {
        let length = self.bytes.len() - open.0;
        let mut encoded = Writer::with_capacity(5);
        encoded.number(length as u64);
        self.bytes.splice(open.0 - LENGTH_BYTES..open.0, encoded.bytes);
    }
}
