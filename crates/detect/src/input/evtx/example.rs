//! A small Windows event log, for tests and for the seeds of fuzzing.

/// A file with one chunk of these records, each given as its XML.
pub fn file(records: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"ElfFile\0".to_vec();
    file.resize(4096, 0);
    file[40..42].copy_from_slice(&4096_u16.to_le_bytes());
    let mut chunk = b"ElfChnk\0".to_vec();
    chunk.resize(512, 0);
    for (id, xml) in records.iter().enumerate() {
        let size = (24 + xml.len() + 4) as u32;
        chunk.extend_from_slice(&[0x2a, 0x2a, 0, 0]);
        chunk.extend_from_slice(&size.to_le_bytes());
        chunk.extend_from_slice(&(id as u64 + 1).to_le_bytes());
        chunk.extend_from_slice(&(116_444_736_000_000_000_u64 + 17_000_000_000_000_000).to_le_bytes());
        chunk.extend_from_slice(xml);
        chunk.extend_from_slice(&size.to_le_bytes());
    }
    let free = (chunk.len() as u32).to_le_bytes();
    chunk[48..52].copy_from_slice(&free);
    chunk.resize(65536, 0);
    [file, chunk].concat()
}

const CHUNK_HEAD: usize = 512;

/// Writes binary XML whose first byte is at a place of the chunk.
struct Xml {
    at: usize,
    bytes: Vec<u8>,
}

impl Xml {
    fn name(&mut self, name: &str) {
        let place = (self.at + self.bytes.len() + 4) as u32;
        self.bytes.extend_from_slice(&place.to_le_bytes());
        self.bytes.extend_from_slice(&[0; 6]);
        self.bytes.extend_from_slice(&(name.encode_utf16().count() as u16).to_le_bytes());
        self.bytes.extend(name.encode_utf16().flat_map(u16::to_le_bytes));
        self.bytes.extend_from_slice(&[0; 2]);
    }

    /// `<name`, within a template with what it depends on.
    fn open(&mut self, name: &str, depends: Option<u16>, has_list: bool) {
        self.bytes.push(if has_list { 0x41 } else { 0x01 });
        if let Some(depends) = depends {
            self.bytes.extend_from_slice(&depends.to_le_bytes());
        }
        self.bytes.extend_from_slice(&[0; 4]);
        self.name(name);
        if has_list {
            self.bytes.extend_from_slice(&[0; 4]);
        }
    }

    fn attribute(&mut self, name: &str) {
        self.bytes.push(0x06);
        self.name(name);
    }

    fn text(&mut self, text: &str) {
        self.bytes.extend_from_slice(&[0x05, 0x01]);
        self.bytes.extend_from_slice(&(text.encode_utf16().count() as u16).to_le_bytes());
        self.bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    }

    fn value(&mut self, index: u16, kind: u8) {
        self.bytes.push(0x0e);
        self.bytes.extend_from_slice(&index.to_le_bytes());
        self.bytes.push(kind);
    }
}

/// The XML of a record with a template: an event with a number, a time, a named and a nameless datum, and one that is hidden.
pub fn templated() -> Vec<u8> {
    let start = CHUNK_HEAD + 24;
    let mut xml = Xml { at: start, bytes: vec![0x0f, 1, 1, 0, 0x0c, 1, 9, 9, 9, 9] };
    let definition = (start + xml.bytes.len() + 4) as u32;
    xml.bytes.extend_from_slice(&definition.to_le_bytes());
    xml.bytes.extend_from_slice(&[0; 20]);
    let length_at = xml.bytes.len();
    xml.bytes.extend_from_slice(&[0; 4]);
    let body = xml.bytes.len();
    let none = Some(0xffff);
    xml.open("Event", none, true);
    xml.attribute("xmlns");
    xml.text("http://example.org");
    xml.bytes.push(0x02);
    xml.open("System", none, false);
    xml.bytes.push(0x02);
    xml.open("EventID", none, true);
    xml.attribute("Qualifiers");
    xml.value(1, 0x06);
    xml.bytes.push(0x02);
    xml.value(0, 0x06);
    xml.bytes.push(0x04);
    xml.open("TimeCreated", none, true);
    xml.attribute("SystemTime");
    xml.value(2, 0x11);
    xml.bytes.push(0x03);
    xml.bytes.push(0x04);
    xml.open("EventData", none, false);
    xml.bytes.push(0x02);
    xml.open("Data", none, true);
    xml.attribute("Name");
    xml.text("Image");
    xml.bytes.push(0x02);
    xml.value(3, 0x01);
    xml.bytes.push(0x04);
    xml.open("Data", none, false);
    xml.bytes.push(0x02);
    xml.value(4, 0x81);
    xml.bytes.push(0x04);
    xml.open("Binary", Some(1), false);
    xml.bytes.push(0x02);
    xml.text("hidden");
    xml.bytes.push(0x04);
    xml.bytes.extend_from_slice(&[0x04, 0x04, 0x00]);
    let length = (xml.bytes.len() - body) as u32;
    xml.bytes[length_at..length_at + 4].copy_from_slice(&length.to_le_bytes());
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let ticks = (1_700_000_000_250_000_000_u64 / 100 + 116_444_736_000_000_000).to_le_bytes().to_vec();
    let values = [
        (0x06_u8, 4688_u16.to_le_bytes().to_vec()),
        (0x00, Vec::new()),
        (0x11, ticks),
        (0x01, utf16("C:\\a.exe")),
        (0x81, utf16("one\0two\0")),
    ];
    xml.bytes.extend_from_slice(&(values.len() as u32).to_le_bytes());
    for (kind, bytes) in &values {
        xml.bytes.extend_from_slice(&(bytes.len() as u16).to_le_bytes());
        xml.bytes.extend_from_slice(&[*kind, 0]);
    }
    values.iter().for_each(|(_, bytes)| xml.bytes.extend_from_slice(bytes));
    xml.bytes.push(0);
    xml.bytes
}
