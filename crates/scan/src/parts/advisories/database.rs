//! The one file of all advisories: sorted records in blocks with checksums, and an index of the blocks.
//!
//! `TANDEMDB`, version; blocks; the index; the head (sources and ecosystems); the foot, which says where index and head
//! are. A record is a key and a value, both with their lengths before them; keys are sorted and single, so that one is found
//! by its block alone, and no more of the file is read. Whatever is read is checked first (CRC-32C). The file is written
//! beside its place and then renamed, so that a reader sees the old one or the new one, whole.

use super::ecosystem;
use super::{Advisory, Affected, Exploited};
use crate::limits::{MAX_DATABASE_INDEX, MAX_RECORD_BYTES};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

const MAGIC: &[u8; 8] = b"TANDEMDB";
const VERSION: u32 = 2;
const HEAD_BYTES: u64 = 12;
const FOOT_BYTES: u64 = 48;
/// Bytes after which a block ends: large enough that the index is small, small enough that one costs little to read.
const BLOCK_BYTES: usize = 16 * 1024;

/// Why a file of advisories is not read.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// Reading or writing failed.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It is something else.
    #[error("this is no file of advisories: make one by `tandem db import`")]
    Other,
    /// It is of another version.
    #[error("this file of advisories is of version {0}, and this program reads {VERSION}: import it again")]
    Version(u32),
    /// It is damaged.
    #[error("the file of advisories is damaged at byte {at} ({what}): import it again")]
    Damaged {
        /// Where.
        at: u64,
        /// What does not fit.
        what: &'static str,
    },
    /// One record is larger than allowed.
    #[error("what is known of `{0}` is larger than {MAX_RECORD_BYTES} bytes (MAX_RECORD_BYTES)")]
    Large(String),
}

/// Where advisories came from, and how old they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its name: a second import by the same name replaces it.
    pub name: String,
    /// Its form: `osv`, `rustsec`, `kev`.
    pub form: String,
    /// How many advisories.
    pub count: usize,
    /// The newest change that any of them tells.
    pub newest: String,
    /// When it was imported, by the caller's clock.
    pub imported: String,
}

/// What is in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The sources, by name.
    pub sources: Vec<Source>,
    /// How many packages of which ecosystem.
    pub ecosystems: BTreeMap<String, usize>,
    /// How many advisories.
    pub advisories: usize,
}

/// An advisory as it is kept: with its source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The source's name.
    pub source: String,
    /// The advisory.
    pub advisory: Advisory,
}

/// What is known of one package: which advisory says it, and of which versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct About {
    pub id: String,
    pub affected: Affected,
}

/// What a file is made of.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    sources: BTreeMap<String, Source>,
    advisories: BTreeMap<String, Kept>,
    exploited: BTreeMap<String, (String, Exploited)>,
}

pub(crate) fn package_key(ecosystem: &str, name: &str) -> String {
    format!("p\0{}\0{}", ecosystem::key(ecosystem), ecosystem::name(ecosystem, name))
}

impl Builder {
    /// Begins a source, and forgets what an earlier one of that name held.
    pub fn source(&mut self, source: Source) {
        self.advisories.retain(|_, kept| kept.source != source.name);
        self.exploited.retain(|_, (from, _)| *from != source.name);
        self.sources.insert(source.name.clone(), source);
    }

    /// Says of what form a source is, once that is known.
    pub fn form(&mut self, source: &str, form: &str) {
        if let Some(of) = self.sources.get_mut(source) {
            form.clone_into(&mut of.form);
        }
    }

    /// Adds an advisory of a source. Of one identifier, the one that was changed last stays.
    pub fn add(&mut self, source: &str, advisory: Advisory) {
        if let Some(of) = self.sources.get_mut(source) {
            of.count += 1;
            // Go's repository tells no time, only its export does.
            let told = Some(&advisory.modified).filter(|modified| !modified.starts_with("0001-"));
            of.newest = std::mem::take(&mut of.newest).max(told.cloned().unwrap_or_default());
        }
        let older = self.advisories.get(&advisory.id).is_some_and(|kept| kept.advisory.modified > advisory.modified);
        if !older {
            self.advisories.insert(advisory.id.clone(), Kept { source: source.to_owned(), advisory });
        }
    }

    /// Adds what is known to be exploited.
    pub fn exploited(&mut self, source: &str, exploited: Exploited) {
        if let Some(of) = self.sources.get_mut(source) {
            of.count += 1;
            of.newest = std::mem::take(&mut of.newest).max(exploited.added.clone());
        }
        self.exploited.insert(exploited.cve.clone(), (source.to_owned(), exploited));
    }

    /// Takes over all of a file, to add to it. What withdrawn advisories affected is not in it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn take<R: Read + Seek>(&mut self, database: &mut Database<R>) -> Result<(), DatabaseError> {
        for source in database.head.sources.clone() {
            self.sources.insert(source.name.clone(), source);
        }
        for block in 0..database.index.len() {
            for (key, value) in database.block(block)? {
                match key.split_once('\0') {
                    Some(("a", id)) => {
                        self.advisories.insert(id.to_owned(), database.decode(&value)?);
                    }
                    Some(("k", cve)) => {
                        self.exploited.insert(cve.to_owned(), database.decode(&value)?);
                    }
                    // After the advisories, as keys are sorted.
                    Some(("p", _)) => {
                        let abouts: Vec<About> = database.decode(&value)?;
                        for about in abouts {
                            if let Some(kept) = self.advisories.get_mut(&about.id) {
                                kept.advisory.affected.push(about.affected);
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn records(&self) -> (BTreeMap<String, Vec<u8>>, Head) {
        let mut packages: BTreeMap<String, Vec<About>> = BTreeMap::new();
        let mut records = BTreeMap::new();
        for (id, kept) in &self.advisories {
            // What it affects is kept once, with the packages.
            let advisory = Advisory { affected: Vec::new(), ..kept.advisory.clone() };
            records.insert(format!("a\0{id}"), json(&Kept { source: kept.source.clone(), advisory }));
            for affected in kept.advisory.affected.iter().filter(|_| kept.advisory.withdrawn.is_none()) {
                let about = About { id: id.clone(), affected: affected.clone() };
                packages.entry(package_key(&affected.ecosystem, &affected.name)).or_default().push(about);
            }
        }
        let mut head = Head {
            sources: self.sources.values().cloned().collect(),
            advisories: self.advisories.len(),
            ..Head::default()
        };
        for (key, abouts) in packages {
            let ecosystem = key.split('\0').nth(1).unwrap_or_default().to_owned();
            *head.ecosystems.entry(ecosystem).or_default() += 1;
            records.insert(key, json(&abouts));
        }
        for (cve, exploited) in &self.exploited {
            records.insert(format!("k\0{cve}"), json(exploited));
        }
        (records, head)
    }

    /// Writes the file: beside its place, then renamed.
    ///
    /// # Errors
    /// When it cannot be written, or one record is too large.
    pub fn write(&self, path: &Path) -> Result<Head, DatabaseError> {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".new");
        let beside = Path::new(&beside);
        let head = {
            let mut file = io::BufWriter::new(File::create(beside)?);
            let head = self.write_to(&mut file)?;
            file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
            head
        };
        fs::rename(beside, path)?;
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            File::open(folder)?.sync_all()?;
        }
        Ok(head)
    }

    /// Writes what is in the file.
    ///
    /// # Errors
    /// When it cannot be written, or one record is too large.
    pub fn write_to(&self, out: &mut impl Write) -> Result<Head, DatabaseError> {
        let (records, head) = self.records();
        out.write_all(MAGIC)?;
        out.write_all(&VERSION.to_le_bytes())?;
        let (mut at, mut index, mut block, mut first) = (HEAD_BYTES, Vec::new(), Vec::new(), String::new());
        let mut flush = |block: &mut Vec<u8>, first: &str, out: &mut dyn Write| -> io::Result<()> {
            if !block.is_empty() {
                put(&mut index, first.as_bytes());
                index.extend(at.to_le_bytes());
                index.extend((block.len() as u32).to_le_bytes());
                index.extend(crc32c::crc32c(block).to_le_bytes());
                out.write_all(block)?;
                at += block.len() as u64;
                block.clear();
            }
            Ok(())
        };
        for (key, value) in &records {
            if value.len() > MAX_RECORD_BYTES || key.len() > MAX_RECORD_BYTES {
                return Err(DatabaseError::Large(key.replace('\0', " ")));
            }
            if block.is_empty() {
                first.clone_from(key);
            }
            put(&mut block, key.as_bytes());
            put(&mut block, value);
            if block.len() >= BLOCK_BYTES {
                flush(&mut block, &first, out)?;
            }
        }
        flush(&mut block, &first, out)?;
        let head_json = serde_json::to_vec(&head).map_err(io::Error::from)?;
        out.write_all(&index)?;
        out.write_all(&head_json)?;
        let mut foot = Vec::with_capacity(FOOT_BYTES as usize);
        let index_end = at + index.len() as u64;
        for (start, bytes) in [(at, &index), (index_end, &head_json)] {
            foot.extend(start.to_le_bytes());
            foot.extend((bytes.len() as u32).to_le_bytes());
            foot.extend(crc32c::crc32c(bytes).to_le_bytes());
        }
        foot.extend(VERSION.to_le_bytes());
        foot.extend(crc32c::crc32c(&foot).to_le_bytes());
        foot.extend(MAGIC);
        out.write_all(&foot)?;
        Ok(head)
    }
}

/// Maps of these types have texts as keys, so that this cannot fail.
fn json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

fn put(to: &mut Vec<u8>, bytes: &[u8]) {
    to.extend((bytes.len() as u32).to_le_bytes());
    to.extend(bytes);
}

/// Takes the next bytes with their length before them.
fn get<'b>(from: &mut &'b [u8]) -> Option<&'b [u8]> {
    let length = u32_at(from, 0)? as usize;
    let bytes = from.get(4..length.checked_add(4)?)?;
    *from = &from[4 + length..];
    Some(bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

/// A block: its first key, and where it is.
#[derive(Debug)]
struct Block {
    first: String,
    at: u64,
    length: u32,
    checksum: u32,
}

/// A record, in its block.
type Record = (String, Vec<u8>);

/// A file that is open. It is read as records are asked for.
#[derive(Debug)]
pub struct Database<R> {
    file: R,
    index: Vec<Block>,
    /// What is in it.
    pub head: Head,
    /// The number of the block that was read last, and where in it the last answer began: keys are mostly asked for in
    /// their order.
    last: Option<(usize, usize)>,
    /// That block; its memory is used again.
    bytes: Vec<u8>,
}

impl Database<File> {
    /// Opens a file.
    ///
    /// # Errors
    /// When it is absent, damaged or something else.
    pub fn open(path: &Path) -> Result<Database<File>, DatabaseError> {
        Database::read(File::open(path)?)
    }
}

impl<R: Read + Seek> Database<R> {
    /// Opens what can be read.
    ///
    /// # Errors
    /// When it is damaged or something else.
    pub fn read(mut file: R) -> Result<Database<R>, DatabaseError> {
        let length = file.seek(SeekFrom::End(0))?;
        if length < HEAD_BYTES + FOOT_BYTES {
            return Err(DatabaseError::Other);
        }
        let foot_at = length - FOOT_BYTES;
        let foot = bytes(&mut file, foot_at, FOOT_BYTES as usize)?;
        let mut start = [0; HEAD_BYTES as usize];
        file.seek(SeekFrom::Start(0))?;
        file.read_exact(&mut start)?;
        if !start.starts_with(MAGIC) {
            return Err(DatabaseError::Other);
        }
        match u32_at(&start, 8) {
            Some(VERSION) => {}
            version => return Err(DatabaseError::Version(version.unwrap_or_default())),
        }
        let damaged = |what| DatabaseError::Damaged { at: foot_at, what };
        if !foot.ends_with(MAGIC) || u32_at(&foot, 36) != Some(crc32c::crc32c(&foot[..36])) {
            return Err(damaged("the end"));
        }
        let mut part = |at: usize, what| -> Result<Vec<u8>, DatabaseError> {
            let (from, size) = (u64_at(&foot, at).unwrap_or_default(), u32_at(&foot, at + 8).unwrap_or_default());
            if size > MAX_DATABASE_INDEX || from.saturating_add(u64::from(size)) > foot_at {
                return Err(damaged(what));
            }
            let read = bytes(&mut file, from, size as usize)?;
            if u32_at(&foot, at + 12) != Some(crc32c::crc32c(&read)) {
                return Err(DatabaseError::Damaged { at: from, what });
            }
            Ok(read)
        };
        let index = part(0, "the index")?;
        let head = part(16, "the head")?;
        let head = serde_json::from_slice(&head).map_err(|_| damaged("the head"))?;
        let index = blocks(&index, foot_at).ok_or_else(|| damaged("the index"))?;
        Ok(Database { file, index, head, last: None, bytes: Vec::new() })
    }

    /// Reads a block, unless it is that of the last time. Where a search in it may begin is told by `last`.
    fn load(&mut self, number: usize) -> Result<(), DatabaseError> {
        if self.last.is_none_or(|(last, _)| last != number) {
            // What is read half is not taken for a block.
            self.last = None;
            let block = &self.index[number];
            self.bytes.resize(block.length as usize, 0);
            self.file.seek(SeekFrom::Start(block.at))?;
            self.file.read_exact(&mut self.bytes)?;
            if crc32c::crc32c(&self.bytes) != block.checksum {
                return Err(DatabaseError::Damaged { at: block.at, what: "a block" });
            }
            self.last = Some((number, 0));
        }
        Ok(())
    }

    fn block(&mut self, number: usize) -> Result<Vec<Record>, DatabaseError> {
        let at = self.index[number].at;
        self.load(number)?;
        let mut rest = self.bytes.as_slice();
        let mut records = Vec::new();
        while !rest.is_empty() {
            let damaged = || DatabaseError::Damaged { at, what: "a record" };
            let key = get(&mut rest).and_then(|key| std::str::from_utf8(key).ok()).ok_or_else(damaged)?.to_owned();
            records.push((key, get(&mut rest).ok_or_else(damaged)?.to_vec()));
        }
        Ok(records)
    }

    /// The value of a key.
    fn get<T: DeserializeOwned>(&mut self, key: &str) -> Result<Option<T>, DatabaseError> {
        let number = self.index.partition_point(|block| block.first.as_str() <= key);
        let Some(number) = number.checked_sub(1) else { return Ok(None) };
        let at = self.index[number].at;
        self.load(number)?;
        let from = self.last.map_or(0, |(_, from)| from);
        // What comes before the last answer is looked at only for a key that is before that.
        let is_after = get(&mut &self.bytes[from..]).is_some_and(|last| last <= key.as_bytes());
        let mut rest = if is_after { &self.bytes[from..] } else { self.bytes.as_slice() };
        while !rest.is_empty() {
            let start = self.bytes.len() - rest.len();
            let (Some(one), Some(value)) = (get(&mut rest), get(&mut rest)) else {
                return Err(DatabaseError::Damaged { at, what: "a record" });
            };
            match one.cmp(key.as_bytes()) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => {
                    self.last = Some((number, start));
                    return self.decode(value).map(Some);
                }
                std::cmp::Ordering::Greater => return Ok(None),
            }
        }
        Ok(None)
    }

    fn decode<T: DeserializeOwned>(&self, value: &[u8]) -> Result<T, DatabaseError> {
        let at = self.last.map_or(0, |(last, _)| self.index[last].at);
        serde_json::from_slice(value).map_err(|_| DatabaseError::Damaged { at, what: "a value" })
    }

    /// An advisory by its identifier, without what it affects.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn advisory(&mut self, id: &str) -> Result<Option<Kept>, DatabaseError> {
        self.get(&format!("a\0{id}"))
    }

    /// What is known of exploits of a CVE.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn exploited(&mut self, cve: &str) -> Result<Option<Exploited>, DatabaseError> {
        let kept: Option<(String, Exploited)> = self.get(&format!("k\0{cve}"))?;
        Ok(kept.map(|(_, exploited)| exploited))
    }

    /// What is known of a package.
    pub(crate) fn package(&mut self, key: &str) -> Result<Vec<About>, DatabaseError> {
        Ok(self.get(key)?.unwrap_or_default())
    }
}

fn bytes<R: Read + Seek>(file: &mut R, at: u64, length: usize) -> Result<Vec<u8>, DatabaseError> {
    file.seek(SeekFrom::Start(at))?;
    let mut read = vec![0; length];
    file.read_exact(&mut read)?;
    Ok(read)
}

fn blocks(mut index: &[u8], end: u64) -> Option<Vec<Block>> {
    let mut blocks: Vec<Block> = Vec::new();
    while !index.is_empty() {
        let first = std::str::from_utf8(get(&mut index)?).ok()?.to_owned();
        let (at, length, checksum) = (u64_at(index, 0)?, u32_at(index, 8)?, u32_at(index, 12)?);
        index = index.get(16..)?;
        let is_within = at.checked_add(u64::from(length)).is_some_and(|block_end| block_end <= end);
        let is_sorted = blocks.last().is_none_or(|last| last.first < first);
        if !is_within || !is_sorted || length as usize > 2 * MAX_RECORD_BYTES + 2 * BLOCK_BYTES {
            return None;
        }
        blocks.push(Block { first, at, length, checksum });
    }
    Some(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Cursor;

    fn advisory(id: &str, modified: &str, packages: &[(&str, &str)]) -> Advisory {
        let affected = packages.iter().map(|(ecosystem, name)| Affected {
            ecosystem: (*ecosystem).into(),
            name: (*name).into(),
            ..Affected::default()
        });
        Advisory { id: id.into(), modified: modified.into(), affected: affected.collect(), ..Advisory::default() }
    }

    fn source(name: &str) -> Source {
        Source { name: name.into(), form: "osv".into(), ..Source::default() }
    }

    fn written(builder: &Builder) -> Vec<u8> {
        let mut bytes = Vec::new();
        builder.write_to(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn what_is_written_is_found_and_can_be_added_to() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("advisories.db");
        let mut builder = Builder::default();
        builder.source(source("one"));
        for number in 0..2_000 {
            let name = format!("package-{}", number % 700);
            builder.add("one", advisory(&format!("A-{number}"), "2024", &[("npm", &name), ("PyPI", "Some_Name")]));
        }
        builder.add(
            "one",
            Advisory { withdrawn: Some("2024".into()), ..advisory("W-1", "2024", &[("npm", "withdrawn")]) },
        );
        builder.write(&path).unwrap();
        let mut database = Database::open(&path).unwrap();
        assert_eq!(database.package(&package_key("npm", "package-3")).unwrap().len(), 3);
        assert_eq!(database.package(&package_key("PyPI", "some.name")).unwrap().len(), 2_000);
        assert_eq!(database.package(&package_key("npm", "withdrawn")).unwrap(), []);
        assert!(database.advisory("W-1").unwrap().is_some());
        assert_eq!(database.package(&package_key("npm", "no")).unwrap(), []);
        assert_eq!(database.head.ecosystems, BTreeMap::from([("npm".to_owned(), 700), ("PyPI".to_owned(), 1)]));
        let mut more = Builder::default();
        more.take(&mut database).unwrap();
        assert_eq!(written(&more), fs::read(&path).unwrap());
        more.source(source("kev"));
        more.exploited("kev", Exploited { cve: "CVE-1".into(), added: "2023-01-01".into(), ..Exploited::default() });
        more.source(source("one"));
        more.add("one", advisory("A-1", "2025", &[("npm", "new")]));
        more.add("one", advisory("A-1", "2023", &[("npm", "old")]));
        let head = more.write(&path).unwrap();
        assert_eq!((head.advisories, head.sources.len()), (1, 2));
        let mut database = Database::open(&path).unwrap();
        assert!(database.exploited("CVE-1").unwrap().is_some());
        assert_eq!(database.package(&package_key("npm", "new")).unwrap().len(), 1);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    proptest! {
        /// A damaged byte is found, or was in a part that was not read; it never makes another answer.
        #[test]
        fn damage_is_found(at in any::<prop::sample::Index>(), bit in 0..8_u8, cut in any::<bool>()) {
            let mut builder = Builder::default();
            builder.source(source("one"));
            for number in 0..40 {
                builder.add("one", advisory(&format!("A-{number}"), "2024", &[("npm", &format!("p{number}"))]));
            }
            let whole = written(&builder);
            let mut bytes = whole.clone();
            let at = at.index(bytes.len());
            if cut { bytes.truncate(at) } else { bytes[at] ^= 1 << bit }
            if let Ok(mut database) = Database::read(Cursor::new(bytes)) {
                for number in 0..40 {
                    if let Ok(found) = database.package(&package_key("npm", &format!("p{number}"))) {
                        prop_assert_eq!(found.len(), 1);
                    }
                }
            }
        }

        #[test]
        fn it_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Database::read(Cursor::new([MAGIC.as_slice(), &VERSION.to_le_bytes(), &bytes, MAGIC].concat())).map(|_| ());
        }
    }
}
