//! The audit trail: a Merkle log as in RFC 6962, with a signed checkpoint for each transaction that adds to it.
//!
//! An entry is hashed as `[seq, known, action, commitment, object, detail]` in JSON; that digest is a leaf. A checkpoint
//! signs number and root of all leaves. The last one also lies in a file beside the database, so that entries cut off
//! at the end together with their checkpoints are missed.

use crate::db::{Ledger, Write};
use crate::error::{LedgerError, Result};
use crate::limits::AUDIT_PAGE;
use crate::personal::{Person, commitment, person};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use model::{Nanos, hex};
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use sqlx::{AnyConnection, AnyPool, Row as _};
use std::collections::HashMap;
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Names what is signed, so that no signature means something else.
const ORIGIN: &str = "tandem ledger";
/// The key, in PKCS #8, for its owner alone.
pub(crate) const KEY_FILE: &str = "audit.key";
/// The key that checks signatures, in Base64.
pub(crate) const PUBLIC_FILE: &str = "audit.pub";
/// The last checkpoint.
pub(crate) const CHECKPOINT_FILE: &str = "audit.checkpoint";
/// The checkpoint file of a start that did not fit the database: kept when the file is written over, so that what was
/// cut off while no server ran is told for good.
pub(crate) const BROKEN_FILE: &str = "audit.broken";
/// What stands in it when there was no file at all.
const MISSING: &str = "missing\n";
/// Problems that a verification tells; more say nothing new.
const MOST_PROBLEMS: usize = 100;

type Tree = MemoryBackedTree<Sha256, [u8; 32]>;

/// An entry as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct AuditEntry {
    /// Its place.
    pub seq: i64,
    /// When the ledger learnt it.
    pub known: Nanos,
    /// What was done.
    pub action: String,
    /// By whom, unless the name was erased.
    pub person: Option<String>,
    /// To what.
    pub object: String,
    /// What else there is to say, as JSON.
    pub detail: String,
}

/// Number and root of all entries, signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checkpoint {
    /// Entries.
    pub size: i64,
    /// Root of the tree, in Base64.
    pub root: String,
    /// Signature of both, in Base64.
    pub signature: String,
}

impl Checkpoint {
    fn text(size: i64, root: &str) -> String {
        format!("{ORIGIN}\n{size}\n{root}\n")
    }

    fn is_signed(&self, public: &[u8]) -> bool {
        let Ok(signature) = BASE64.decode(&self.signature) else { return false };
        let text = Checkpoint::text(self.size, &self.root);
        UnparsedPublicKey::new(&ED25519, public).verify(text.as_bytes(), &signature).is_ok()
    }

    fn to_file(&self) -> String {
        format!("{}\n{}\n", Checkpoint::text(self.size, &self.root), self.signature)
    }

    fn from_file(text: &str) -> Option<Checkpoint> {
        let lines: Vec<&str> = text.lines().collect();
        let [origin, size, root, "", signature] = lines[..] else { return None };
        (origin == ORIGIN).then_some(())?;
        Some(Checkpoint { size: size.parse().ok()?, root: root.to_owned(), signature: signature.to_owned() })
    }
}

/// What a verification found.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AuditVerified)]
pub struct Verified {
    /// Entries looked at.
    pub entries: i64,
    /// Checkpoints looked at.
    pub checkpoints: i64,
    /// The root of all entries, in Base64.
    pub root: String,
    /// What is wrong; nothing when the trail is whole.
    pub problems: Vec<String>,
}

/// The writing end of the trail.
pub(crate) struct Trail {
    tree: Tree,
    key: Ed25519KeyPair,
    pub(crate) folder: PathBuf,
    /// A transaction may have failed after the tree grew: it is read again.
    unsure: bool,
    /// The checkpoint file was compared with the database, since this process began to write.
    compared: bool,
    /// What that file said that the database does not know.
    broken: Option<String>,
}

impl Trail {
    /// Reads what there is.
    pub async fn load(pool: &AnyPool, folder: &Path) -> Result<Trail> {
        let key = key(folder).map_err(|error| LedgerError::Database(format!("the audit key: {error:#}")))?;
        let folder = folder.to_owned();
        let mut trail = Trail { tree: Tree::new(), key, folder, unsure: false, compared: false, broken: None };
        let mut tx = pool.begin().await?;
        trail.catch_up(&mut tx).await?;
        let path = trail.folder.join(CHECKPOINT_FILE);
        let signed = std::fs::read_to_string(&path).ok().and_then(|text| Checkpoint::from_file(&text));
        let public = trail.key.public_key().as_ref();
        if let Some(last) = signed.filter(|last| trail.tree.is_empty() && last.size > 0 && last.is_signed(public)) {
            return Err(LedgerError::Gone { signed: last.size, file: path.display().to_string() });
        }
        if trail.tree.is_empty() && !path.exists() {
            // From now on a file that is missing was removed.
            let checkpoint = trail.sign();
            replace(&path, &checkpoint.to_file())
                .map_err(|error| LedgerError::Database(format!("{}: {error:#}", path.display())))?;
        }
        Ok(trail)
    }

    /// Number and root of the entries so far, signed.
    fn sign(&self) -> Checkpoint {
        let (size, root) = (self.tree.len() as i64, BASE64.encode(self.tree.root().as_bytes()));
        let signature = BASE64.encode(self.key.sign(Checkpoint::text(size, &root).as_bytes()));
        Checkpoint { size, root, signature }
    }

    /// The checkpoint of the moment that a transaction sees, as it is written to a file.
    pub async fn checkpoint(&mut self, tx: &mut sqlx::Transaction<'_, sqlx::Any>) -> Result<String> {
        self.catch_up(tx).await?;
        Ok(self.sign().to_file())
    }

    /// The database was written around it.
    pub fn read_again(&mut self) {
        self.unsure = true;
    }

    /// Takes in what other processes added.
    async fn catch_up(&mut self, tx: &mut sqlx::Transaction<'_, sqlx::Any>) -> Result<()> {
        if std::mem::take(&mut self.unsure) {
            self.tree = Tree::new();
        }
        loop {
            let from = self.tree.len() as i64;
            let rows = sqlx::query("SELECT digest FROM audit WHERE seq >= $1 ORDER BY seq LIMIT $2")
                .bind(from)
                .bind(AUDIT_PAGE)
                .fetch_all(&mut **tx)
                .await?;
            for row in &rows {
                self.tree.push(hex::decode(&row.try_get::<String, _>(0)?).unwrap_or_default());
            }
            if (rows.len() as i64) < AUDIT_PAGE {
                return Ok(());
            }
        }
    }

    /// Compares the checkpoint file with the database, before it is written over for the first time. The file is never
    /// ahead: a checkpoint that the database does not know was cut off.
    async fn compare(&mut self, tx: &mut sqlx::Transaction<'_, sqlx::Any>) -> Result<()> {
        let path = self.folder.join(CHECKPOINT_FILE);
        let text = match std::fs::read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => MISSING.to_owned(),
            Err(error) => return Err(LedgerError::Database(format!("cannot read {}: {error}", path.display()))),
        };
        let last = Checkpoint::from_file(&text).filter(|last| last.is_signed(self.key.public_key().as_ref()));
        let known = match last {
            Some(last) if last.size > 0 => {
                let known = sqlx::query("SELECT 1 FROM checkpoints WHERE size = $1 AND root = $2");
                known.bind(last.size).bind(last.root).fetch_optional(&mut **tx).await?.is_some()
            }
            Some(_) => true,
            None => false,
        };
        self.broken = (!known).then_some(text);
        self.compared = true;
        Ok(())
    }

    /// Adds an entry; it takes one id, for a person who was not known.
    pub async fn append(
        &mut self,
        write: &mut Write<'_>,
        action: &str,
        by: Person<'_>,
        object: &str,
        detail: &str,
    ) -> Result<()> {
        if !self.compared {
            self.compare(&mut write.tx).await?;
        }
        self.catch_up(&mut write.tx).await?;
        let (id, commitment) = person(write, by).await?;
        let seq = self.tree.len() as i64;
        let digest = digest(seq, write.known, action, &commitment, object, detail);
        self.unsure = true;
        sqlx::query(
            "INSERT INTO audit (seq, known, action, person, object, detail, digest) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(seq)
        .bind(write.known)
        .bind(action)
        .bind(id)
        .bind(object)
        .bind(detail)
        .bind(hex::encode(&digest))
        .execute(&mut *write.tx)
        .await?;
        self.tree.push(digest);
        Ok(())
    }

    /// Signs where the trail stands and commits.
    pub async fn commit(&mut self, mut write: Write<'_>) -> Result<()> {
        let checkpoint = self.sign();
        sqlx::query("INSERT INTO checkpoints (size, root, known, signature) VALUES ($1, $2, $3, $4)")
            .bind(checkpoint.size)
            .bind(&checkpoint.root)
            .bind(write.known)
            .bind(&checkpoint.signature)
            .execute(&mut *write.tx)
            .await?;
        write.tx.commit().await?;
        self.unsure = false;
        // The database has it; the file may fall behind, never run ahead.
        let path = self.folder.join(CHECKPOINT_FILE);
        if let Err(error) = self.keep_broken().and_then(|()| replace(&path, &checkpoint.to_file())) {
            tracing::error!(path = %path.display(), error = format!("{error:#}"), "the last checkpoint cannot be written");
        }
        Ok(())
    }

    /// Puts a file aside that does not fit, once: the first one says most.
    fn keep_broken(&mut self) -> anyhow::Result<()> {
        let path = self.folder.join(BROKEN_FILE);
        if let Some(text) = self.broken.as_deref().filter(|_| !path.exists()) {
            replace(&path, text)?;
            tracing::error!(path = %path.display(), "the audit trail is not what was signed last; `tandem audit verify` says more");
        }
        self.broken = None;
        Ok(())
    }
}

fn digest(seq: i64, known: Nanos, action: &str, commitment: &str, object: &str, detail: &str) -> [u8; 32] {
    let entry = serde_json::json!([seq, known, action, commitment, object, detail]).to_string();
    Sha256::digest(entry.as_bytes()).into()
}

/// The key of this ledger, made at the first start.
fn key(folder: &Path) -> anyhow::Result<Ed25519KeyPair> {
    use anyhow::{Context as _, anyhow};
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let path = folder.join(KEY_FILE);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let new = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| anyhow!("no random numbers"))?;
            // Whole or not at all: a start that is killed here leaves no key that is none. Nobody's key is replaced.
            let whole = folder.join(format!("{KEY_FILE}.{}", std::process::id()));
            let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&whole)?;
            file.write_all(new.as_ref())?;
            file.sync_all()?;
            let made = std::fs::hard_link(&whole, &path);
            std::fs::remove_file(&whole)?;
            made.with_context(|| format!("cannot make {}", path.display()))?;
            new.as_ref().to_vec()
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let key = Ed25519KeyPair::from_pkcs8(&bytes).map_err(|error| anyhow!("{} is no key: {error}", path.display()))?;
    replace(&folder.join(PUBLIC_FILE), &format!("{}\n", BASE64.encode(key.public_key().as_ref())))?;
    Ok(key)
}

fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    let new = path.with_extension("new");
    let mut file = File::create(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&new, path)?;
    Ok(())
}

impl Ledger {
    /// Writes down a log-in, a change of the configuration, an administrative act.
    pub async fn audit(&self, action: &str, by: Person<'_>, object: &str, detail: &str, now: Nanos) -> Result<()> {
        let mut trail = self.inner.trail().await?;
        let mut write = self.inner.write(1, now).await?;
        trail.append(&mut write, action, by, object, detail).await?;
        trail.commit(write).await
    }

    /// What the newest entry of an action is about.
    pub async fn last_audited(&self, action: &str) -> Result<Option<String>> {
        let last = sqlx::query("SELECT object FROM audit WHERE action = $1 ORDER BY seq DESC LIMIT 1").bind(action);
        Ok(last.fetch_optional(&self.inner.pool).await?.map(|row| row.try_get(0)).transpose()?)
    }

    /// Entries from a place on.
    pub async fn audit_entries(&self, from: i64, limit: i64) -> Result<Vec<AuditEntry>> {
        let rows = sqlx::query(
            "SELECT a.seq, a.known, a.action, p.name, a.object, a.detail FROM audit a \
             LEFT JOIN persons p ON p.id = a.person WHERE a.seq >= $1 ORDER BY a.seq LIMIT $2",
        )
        .bind(from)
        .bind(limit)
        .fetch_all(&self.inner.pool)
        .await?;
        let entry = |row: sqlx::any::AnyRow| -> Result<AuditEntry> {
            Ok(AuditEntry {
                seq: row.try_get(0)?,
                known: row.try_get(1)?,
                action: row.try_get(2)?,
                person: row.try_get(3)?,
                object: row.try_get(4)?,
                detail: row.try_get(5)?,
            })
        };
        rows.into_iter().map(entry).collect()
    }

    /// Looks at every entry, checkpoint, commitment and decision, and says what does not fit.
    pub async fn verify(&self) -> Result<Verified> {
        let (folder, public) = {
            let trail = self.inner.trail().await?;
            (trail.folder.clone(), trail.key.public_key().as_ref().to_vec())
        };
        // The file first, then one moment of the database: what is signed while this looks is in neither.
        let path = folder.join(CHECKPOINT_FILE);
        let last = std::fs::read_to_string(&path);
        let begin = if self.inner.sqlite { "BEGIN" } else { "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" };
        let mut tx = self.inner.pool.begin_with(begin).await?;
        let (decisions, evidence) = (HashMap::new(), HashMap::new());
        let mut verifier = Verifier { problems: Vec::new(), tree: Tree::new(), decisions, evidence };
        let checkpoints = verifier.walk(&mut tx, &public).await?;
        verifier.file(&path, last, &public, &checkpoints);
        verifier.broken(&folder, &public);
        verifier.persons(&mut tx).await?;
        verifier.decisions(&mut tx).await?;
        let evidence = std::mem::take(&mut verifier.evidence);
        verifier.problems.extend(crate::alerts::verify_copies(&mut tx, evidence).await?);
        verifier.problems.extend(crate::alerts::verify_queue(&mut tx).await?);
        verifier.problems.truncate(MOST_PROBLEMS);
        Ok(Verified {
            entries: verifier.tree.len() as i64,
            checkpoints: checkpoints.len() as i64,
            root: BASE64.encode(verifier.tree.root().as_bytes()),
            problems: verifier.problems,
        })
    }
}

struct Verifier {
    problems: Vec<String>,
    tree: Tree,
    /// Hashes of decisions, by id, as the trail has them.
    decisions: HashMap<i64, String>,
    /// Digests of the evidence of alerts, by alert and when it was learnt, as the trail has them.
    evidence: HashMap<(i64, Nanos), String>,
}

impl Verifier {
    fn problem(&mut self, problem: String) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(problem);
        }
    }

    /// Entries in their order, and each checkpoint where it stands.
    async fn walk(&mut self, tx: &mut AnyConnection, public: &[u8]) -> Result<Vec<Checkpoint>> {
        let mut checkpoints = Vec::new();
        for row in
            sqlx::query("SELECT size, root, signature FROM checkpoints ORDER BY size").fetch_all(&mut *tx).await?
        {
            checkpoints.push(Checkpoint { size: row.try_get(0)?, root: row.try_get(1)?, signature: row.try_get(2)? });
        }
        let mut next = checkpoints.iter().peekable();
        let mut from = 0;
        loop {
            let rows = sqlx::query(
                "SELECT a.seq, a.known, a.action, p.commitment, a.object, a.detail, a.digest FROM audit a \
                 LEFT JOIN persons p ON p.id = a.person WHERE a.seq >= $1 ORDER BY a.seq LIMIT $2",
            )
            .bind(from)
            .bind(AUDIT_PAGE)
            .fetch_all(&mut *tx)
            .await?;
            for row in &rows {
                let (seq, known): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
                let (action, object): (String, String) = (row.try_get(2)?, row.try_get(4)?);
                let (commitment, detail): (Option<String>, String) = (row.try_get(3)?, row.try_get(5)?);
                if seq != self.tree.len() as i64 {
                    self.problem(format!("entry {} is missing: after it comes {seq}", self.tree.len()));
                }
                let digest = digest(seq, known, &action, &commitment.unwrap_or_default(), &object, &detail);
                if hex::encode(&digest) != row.try_get::<String, _>(6)? {
                    self.problem(format!("entry {seq} was changed"));
                }
                self.note_decision(&action, &object, &detail);
                self.note_raised(&action, known, &detail);
                self.tree.push(digest);
                if let Some(checkpoint) = next.next_if(|checkpoint| checkpoint.size <= self.tree.len() as i64) {
                    self.checkpoint(checkpoint, public);
                }
                from = seq + 1;
            }
            if (rows.len() as i64) < AUDIT_PAGE {
                break;
            }
        }
        let left: Vec<i64> = next.map(|checkpoint| checkpoint.size).collect();
        for size in left {
            self.problem(format!("the checkpoint of {size} entries was signed, but there are {}", self.tree.len()));
        }
        let signed = checkpoints.last().map_or(0, |checkpoint| checkpoint.size);
        if signed < self.tree.len() as i64 {
            self.problem(format!("there are {} entries, but only {signed} are signed", self.tree.len()));
        }
        Ok(checkpoints)
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint, public: &[u8]) {
        if checkpoint.size != self.tree.len() as i64 || checkpoint.root != BASE64.encode(self.tree.root().as_bytes()) {
            self.problem(format!("the first {} entries are not those that were signed", checkpoint.size));
        }
        if !checkpoint.is_signed(public) {
            self.problem(format!("the checkpoint of {} entries has a wrong signature", checkpoint.size));
        }
    }

    /// The checkpoint beside the database.
    fn file(&mut self, path: &Path, last: std::io::Result<String>, public: &[u8], checkpoints: &[Checkpoint]) {
        let text = match last {
            Ok(text) => text,
            Err(error) => return self.problem(format!("{} cannot be read: {error}", path.display())),
        };
        match Checkpoint::from_file(&text) {
            Some(last) if last.is_signed(public) => {
                if last.size > 0 && !checkpoints.iter().any(|known| known.size == last.size && known.root == last.root)
                {
                    self.problem(format!("{} entries were signed and are gone or others now", last.size));
                }
            }
            _ => self.problem(format!("{} is no checkpoint signed by this ledger", path.display())),
        }
    }

    /// What was found before the file was written over.
    fn broken(&mut self, folder: &Path, public: &[u8]) {
        let (path, file) = (folder.join(BROKEN_FILE), folder.join(CHECKPOINT_FILE));
        let text = match std::fs::read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
            Err(error) => return self.problem(format!("{} cannot be read: {error}", path.display())),
        };
        let told = match Checkpoint::from_file(&text).filter(|last| last.is_signed(public)) {
            Some(last) => format!("{} entries were signed and were gone or others at a start", last.size),
            None if text == MISSING => format!("{} was missing at a start", file.display()),
            None => format!("{} was no checkpoint signed by this ledger at a start", file.display()),
        };
        self.problem(format!("{told}; {} keeps what was there", path.display()));
    }

    async fn persons(&mut self, tx: &mut AnyConnection) -> Result<()> {
        for row in sqlx::query("SELECT id, commitment, salt, name FROM persons ORDER BY id").fetch_all(&mut *tx).await?
        {
            let (salt, name): (Option<String>, Option<String>) = (row.try_get(2)?, row.try_get(3)?);
            let sound = match (salt, name) {
                (Some(salt), Some(name)) => commitment(&salt, &name) == row.try_get::<String, _>(1)?,
                (None, None) => true,
                _ => false,
            };
            if !sound {
                self.problem(format!("the name of person {} was changed", row.try_get::<i64, _>(0)?));
            }
        }
        Ok(())
    }

    fn note_decision(&mut self, action: &str, object: &str, detail: &str) {
        let id = object.strip_prefix("decision:").and_then(|id| id.parse().ok());
        let hash = serde_json::from_str::<serde_json::Value>(detail).ok();
        let hash = hash.and_then(|detail| detail["sha256"].as_str().map(ToOwned::to_owned));
        if let ("decision", Some(id), Some(hash)) = (action, id, hash) {
            self.decisions.insert(id, hash);
        }
    }

    /// Many decisions of detection are one entry, with the evidence of alerts.
    fn note_raised(&mut self, action: &str, known: Nanos, detail: &str) {
        #[derive(serde::Deserialize)]
        struct Raised {
            decisions: Vec<(i64, String)>,
            evidence: Vec<(i64, String)>,
        }
        if action != "raised" {
            return;
        }
        if let Ok(raised) = serde_json::from_str::<Raised>(detail) {
            self.decisions.extend(raised.decisions);
            self.evidence.extend(raised.evidence.into_iter().map(|(about, digest)| ((about, known), digest)));
        }
    }

    async fn decisions(&mut self, tx: &mut AnyConnection) -> Result<()> {
        let mut from = 0;
        loop {
            let page = crate::decisions::hashes(tx, from, AUDIT_PAGE).await?;
            for (id, hash) in &page {
                match self.decisions.remove(id) {
                    Some(known) if known == *hash => {}
                    Some(_) => self.problem(format!("decision {id} was changed")),
                    None => self.problem(format!("decision {id} is not in the audit trail")),
                }
                from = id + 1;
            }
            if (page.len() as i64) < AUDIT_PAGE {
                break;
            }
        }
        let mut gone: Vec<i64> = self.decisions.keys().copied().collect();
        gone.sort_unstable();
        for id in gone {
            self.problem(format!("decision {id} is gone"));
        }
        Ok(())
    }
}
